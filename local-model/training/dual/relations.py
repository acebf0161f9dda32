"""Which words are true of which concepts (ImageNet's 1,000 classes, then the drawn ones): from WordNet and `context.py`."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import numpy as np

from context import associations
from drawings import STATE, classes
from texts import plural
from wordnet import FOLDER, VAGUE, VISIBLE, ancestors, imagenet_names, imagenet_synsets, nouns, tagged

ALIKE = 0.6  # cosine from which a word that is not known to be true of a concept is not taught to be false either


@cache
def senses() -> dict[str, list[int]]:
    """A noun's synsets, the commonest sense first."""
    found = {}
    for line in (FOLDER / "index.noun").read_text().splitlines():
        if not line.startswith(" "):
            parts = line.split()
            found[parts[0].replace("_", " ")] = [int(part) for part in parts[-int(parts[2]) :]]
    return found


def drawn_synset(name: str) -> int | None:
    """The first visible sense of the name, or of its last word ("rice ball" is some ball)."""
    for word in (name.lower(), name.lower().split(" ")[-1]):
        for offset in senses().get(word, []):
            if nouns()[offset].file in VISIBLE and nouns()[offset].file not in (4, 14, 18):
                return offset
    return None


@dataclass
class Relations:
    words: list[str]
    table: np.ndarray  # words x concepts: true (a chance), false (0) or left open (-1)
    known: int  # so many words, from the first, are true of some concept; the rest of none
    concepts: list[str]


def relations(texts: list[str], vectors: np.ndarray, strangers: int = 6000) -> Relations:
    """`vectors`: MiniLM's unit vectors of `texts`, which hold every word asked for here."""
    true: dict[str, dict[int, float]] = defaultdict(dict)
    names = imagenet_names()
    drawn = classes()
    concepts = [row[0] for row in names] + [entry["name"] for entry in drawn]

    def say(word: str, concept: int, chance: float) -> None:
        word = word.lower()
        true[word][concept] = max(chance, true[word].get(concept, 0))

    synsets = [*imagenet_synsets(), *(drawn_synset(entry["name"]) for entry in drawn)]
    for concept, offset in enumerate(synsets):
        for above in ancestors(offset) if offset is not None else ():
            for word in nouns()[above].words:
                if word not in VAGUE:
                    say(word, concept, 1.0)
    for concept, row in enumerate(names):
        for name in row:
            say(name, concept, 1.0)
    for number, entry in enumerate(drawn):
        for name in (entry["name"], entry["plural"], *entry["aliases"]):
            say(name, 1000 + number, 1.0)
    for what, chance, found in associations(names):
        for concept in found:
            say(what, concept, chance)
    place = {text: i for i, text in enumerate(texts)}
    for word in list(true):
        if (many := plural(word)) in place:
            for concept, chance in list(true[word].items()):
                say(many, concept, chance)
    words = sorted(word for word in true if word in place)
    rng = np.random.default_rng(11)
    rest = [t for t in texts if t not in true and len(t.split(" ")) <= 2 and tagged().get(t, 0) >= 1]
    words_all = words + [str(w) for w in rng.permutation(rest)[:strangers]]
    rows = vectors[[place[word] for word in words_all]].astype(np.float32)
    own = vectors[[place[name.lower()] for name in concepts]].astype(np.float32)
    table = np.where(rows @ own.T > ALIKE, -1.0, 0.0).astype(np.float32)
    for i, word in enumerate(words):
        for concept, chance in true[word].items():
            table[i, concept] = chance
    return Relations(words_all, table, len(words), concepts)


if __name__ == "__main__":
    texts = json.loads((STATE / "texts.json").read_text())
    found = relations(texts, np.load(STATE / "minilm.npy"))
    print(len(found.words), found.known, (found.table > 0).sum(), (found.table < 0).sum())
    for word in ("dog", "person", "vehicle", "cup", "chair", "furniture", "kitchen", "dogs"):
        if word in found.words[: found.known]:
            row = found.table[found.words.index(word)]
            print(word, [found.concepts[i] for i in np.argsort(-row)[:8]], (row > 0).sum(), [found.concepts[i] for i in np.where(row < 0)[0][:6]])
