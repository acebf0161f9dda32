"""What PyTorch answers with the same weights: greedy tokens of 20 prompts at fp32, and text to measure perplexity on.

    python scripts/real-weights/reference.py       # after make.py; writes .cache/real-weights/reference.json
"""

from __future__ import annotations

import json

import torch
from tokenizers import Tokenizer

from make import GGUF, ROOT, perplexity, read, torch_model, windows

PROMPTS = [
    "What is the capital of France?", "Name three fruits.", "Write a haiku about rain.", "What is 12 plus 30?", "Why is the sky blue?",
    "Translate 'good morning' into Spanish.", "Give me a recipe for pancakes.", "Who wrote Romeo and Juliet?", "List the planets of the solar system.", "What do bees make?",
    "Explain gravity to a child.", "Write one sentence about the sea.", "What is the opposite of hot?", "How many days are in a leap year?", "Suggest a name for a cat.",
    "What does a compiler do?", "Describe a sunset in the mountains.", "Is water wet?", "Count from one to ten.", "What is the largest animal on Earth?",
]  # fmt: skip
LENGTH = 24


@torch.inference_mode()
def greedy(model, ids: list[int]) -> tuple[list[int], list[float]]:
    """Tokens, and how far the best two logits lie apart at each, as a part of the largest."""
    answer, gaps, past, fed = [], [], None, torch.tensor([ids])
    while len(answer) < LENGTH:
        out = model(fed, past_key_values=past, use_cache=True)
        past, logits = out.past_key_values, out.logits[0, -1]
        best, second = logits.topk(2).values.tolist()
        answer.append(int(logits.argmax()))
        gaps.append((best - second) / float(logits.abs().max()))
        if answer[-1] == 2:
            break
        fed = torch.tensor([[answer[-1]]])
    return answer, gaps


def main() -> None:
    folder = ROOT / ".cache/real-weights"
    size, weights, _ = read(folder / GGUF)
    tokenizer = Tokenizer.from_file(str(folder / "fp32/tokenizer.json"))
    model = torch_model(size, weights)
    system = "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    cases = []
    for prompt in PROMPTS:
        ids = tokenizer.encode(f"{system}<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n", add_special_tokens=False).ids
        answer, gaps = greedy(model, ids)
        cases.append({"prompt": prompt, "ids": ids, "answer": answer, "gaps": gaps, "text": tokenizer.decode(answer)})
        print(f"{prompt} -> {cases[-1]['text']!r}", flush=True)
    batches = windows(tokenizer, most=3)
    reference = {"cases": cases, "windows": batches, "perplexity": perplexity(model, batches)}
    (folder / "reference.json").write_text(json.dumps(reference))


if __name__ == "__main__":
    main()
