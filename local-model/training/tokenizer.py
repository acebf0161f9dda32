"""A small byte-level BPE tokenizer trained on our own questions: every text can be written, few tokens are needed.

Words to be read off pictures are left out of its training text, and answers that spell a picture's text are
encoded one character at a time, so each character of an answer is decided by its own step.

A larger vocabulary is grown out of the first one (`grow`): every old token keeps its number, so weights trained with it stay good.
"""

from __future__ import annotations

import collections
import json
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

import questions
import scenes

SPECIAL = ("<|pad|>", "<|bos|>", "<|end|>", "<image>", "<|system|>", "<|user|>", "<|assistant|>")
PAD, BOS, END, IMAGE, SYSTEM, USER, ASSISTANT = range(len(SPECIAL))
STATE = Path(__file__).parent / "state"
PATH = STATE / "tokenizer.json"  # of the first 1,024 tokens
FIRST = 1024
# Requests for a form that the suites end their questions with: one token each, since every question has one.
FORMS = (" Answer with a single number.", " Answer yes or no.", " Answer with one of:", ' Answer with the text only; if it cannot be read, say "unreadable".', " Answer with the name of the thing only.")

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


def suite_corpus(lessons: int = 1500):
    """Questions and answers of the suites' lessons, and every class name as often as a common word."""
    import suite  # draws nothing here
    from vocabulary import OBJECTS

    for name, plural in OBJECTS.items():
        for text in (name, f" {name}", f" {plural}"):
            for _ in range(40):
                yield text
    for number in range(10, 21):
        for _ in range(40):
            yield str(number)
    faces = suite.renderer().faces
    rng = np.random.default_rng(5)
    for item in suite.block(8999, 0.0)[:lessons]:
        for question in suite.ask(rng, item, suite.truth(item, faces)):
            text = question.text
            for form in FORMS:
                text = text.replace(form, "")
            yield text
            if question.spelled is None:
                yield question.answer


def grow(vocabulary: int, path: Path) -> Tokenizer:
    """Goes on merging pairs where the first tokenizer stopped, on texts of the suites, and adds the forms as tokens of their own."""
    first = load(FIRST)
    written = json.loads(first.to_str())
    vocab, merges = written["model"]["vocab"], written["model"]["merges"]
    for token in written["added_tokens"]:
        vocab.setdefault(token["content"], token["id"])  # so that its number is taken for good
    split = pre_tokenizers.ByteLevel(add_prefix_space=False)
    counts = collections.Counter(piece for text in suite_corpus() for piece, _ in split.pre_tokenize_str(text))
    words = [([t.value for t in first.model.tokenize(piece)], number) for piece, number in counts.items()]
    free = iter(range(FIRST, vocabulary - len(FORMS)))
    for identity in free:
        pairs = collections.Counter()
        for tokens, number in words:
            for pair in zip(tokens, tokens[1:]):
                pairs[pair] += number
        while pairs:
            (left, right), number = max(pairs.items(), key=lambda entry: (entry[1], entry[0]))
            if left + right not in vocab:
                break
            del pairs[(left, right)]  # another way to a known token: not needed
        if not pairs or number < 3:
            vocab[f"<|unused-{identity}|>"] = identity  # no number may be missing
            break
        vocab[left + right] = identity
        merges.append([left, right])
        for tokens, _ in words:
            k = 0
            while k + 1 < len(tokens):
                if tokens[k] == left and tokens[k + 1] == right:
                    tokens[k: k + 2] = [left + right]
                k += 1
    for identity, form in zip(range(vocabulary - len(FORMS), vocabulary), FORMS):
        vocab[form] = identity
        written["added_tokens"].append({"id": identity, "content": form, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False})
    for identity in free:
        vocab[f"<|unused-{identity}|>"] = identity
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(written, ensure_ascii=False, indent=1))
    return Tokenizer.from_file(str(path))


def path_of(vocabulary: int) -> Path:
    return PATH if vocabulary == FIRST else STATE / f"tokenizer-{vocabulary}.json"


def load(vocabulary: int = FIRST) -> Tokenizer:
    """The tokenizer of this state folder, else the shipped one of that size, else made anew."""
    path, shipped = path_of(vocabulary), Path(__file__).parent.parent / "weights" / "tokenizer.json"
    if not path.exists() and shipped.exists() and (found := Tokenizer.from_file(str(shipped))).get_vocab_size() == vocabulary:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shipped.read_text())
        return found
    if path.exists():
        return Tokenizer.from_file(str(path))
    return train(vocabulary, path) if vocabulary == FIRST else grow(vocabulary, path)


def spell(tokenizer: Tokenizer, text: str) -> list[int]:
    """Token ids of a text, one per character (ASCII only)."""
    return [tokenizer.token_to_id("Ġ" if character == " " else character) for character in text]


if __name__ == "__main__":
    made = train(1024)
    print(made.get_vocab_size(), "tokens;", made.encode("How many circles are there?").tokens)
