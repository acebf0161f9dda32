"""A small byte-level BPE tokenizer trained on our own questions: every text can be written, few tokens are needed.

Words to be read off pictures are left out of its training text, and answers that spell a picture's text are
encoded one character at a time, so each character of an answer is decided by its own step.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

import questions
import scenes

SPECIAL = ("<|pad|>", "<|bos|>", "<|end|>", "<image>", "<|system|>", "<|user|>", "<|assistant|>")
PAD, BOS, END, IMAGE, SYSTEM, USER, ASSISTANT = range(len(SPECIAL))
PATH = Path(__file__).parent / "state" / "tokenizer.json"

# Rendered by the engine and by evaluate.py alike. Pictures always stand before the words of their turn, as in training.
CHAT_TEMPLATE = (
    "{{- '<|bos|>' -}}"
    "{%- for message in messages -%}"
    "{{- '<|' + message['role'] + '|>' -}}"
    "{%- if message['content'] is string -%}{{- message['content'] -}}"
    "{%- else -%}"
    "{%- for part in message['content'] -%}{%- if part['type'] == 'image' -%}{{- '<image>' -}}{%- endif -%}{%- endfor -%}"
    "{%- for part in message['content'] -%}{%- if part['type'] == 'text' -%}{{- part['text'] -}}{%- endif -%}{%- endfor -%}"
    "{%- endif -%}"
    "{{- '<|end|>' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}"
)


def corpus(number: int = 6000):
    """Questions and answers of the first seeds (pictures kept tiny: only their truth matters)."""
    for seed in range(number):
        rng = np.random.default_rng(seed)
        scene = scenes.render(seed, size=16)
        for question in questions.ask(rng, scene):
            yield question.text
            if question.spelled is None and question.answer != questions.CANNOT_TELL:
                yield question.answer
        yield questions.without_picture(rng).text
        yield questions.system_text(rng) or ""


def train(vocabulary: int, path: Path = PATH) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary - len(questions.PHRASES), special_tokens=list(SPECIAL), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), min_frequency=3)
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.add_tokens([AddedToken(phrase, normalized=False) for phrase in questions.PHRASES])
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))
    return tokenizer


def load(vocabulary: int = 1024, path: Path = PATH) -> Tokenizer:
    """The tokenizer of this state folder, trained on first use."""
    return Tokenizer.from_file(str(path)) if path.exists() else train(vocabulary, path)


def spell(tokenizer: Tokenizer, text: str) -> list[int]:
    """Token ids of a text, one per character (ASCII letters and digits only)."""
    return [tokenizer.token_to_id(character) for character in text]


if __name__ == "__main__":
    made = train(1024)
    print(made.get_vocab_size(), "tokens;", made.encode("How many circles are there?").tokens)
