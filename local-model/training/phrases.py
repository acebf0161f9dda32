"""Finds the things that a question names, so that the decoder can be taught to look at each of them as soon as it is named."""

from __future__ import annotations

import re
from dataclasses import dataclass

from questions import PLURALS, SINGULARS, Place
from scenes import COLOURS, SHAPES, Scene
from vocabulary import NEW_PLURALS, NEW_SINGULARS, OBJECTS

ANY = ("things", "thing", "shapes", "shape", "objects", "object", "figures", "figure")


def _nouns() -> dict[str, set[str]]:
    """Every noun, in the singular and the plural, with what it may mean; an empty set means anything."""
    found: dict[str, set[str]] = {word: set() for word in ANY}
    for table in (PLURALS, SINGULARS, NEW_PLURALS, NEW_SINGULARS):
        for shape, words in table.items():
            for word in words:
                found.setdefault(word, set()).add(shape)
    for name, plural in OBJECTS.items():
        for word in (name, plural):
            found.setdefault(word.lower(), set()).add(f"object:{name}")
    return found


NOUNS = _nouns()
_COLOUR_WORDS = (*COLOURS, "grey")
PATTERN = re.compile(
    r"(?<![\w-])(?:(" + "|".join(_COLOUR_WORDS) + r")\s+)?(" + "|".join(sorted(map(re.escape, NOUNS), key=len, reverse=True)) + r")(?![\w-])", re.IGNORECASE)


@dataclass
class Mention:
    """A phrase of a question: where it ends, and the places of everything it may mean."""

    end: int  # index just past its last character
    places: list[Place]


def mentions(text: str, scene: Scene) -> list[Mention]:
    """What the question names of the scene's things and printed labels; named things that are not there have no places."""
    found = []
    if scene.things:
        for match in PATTERN.finditer(text):
            colour, meant = match.group(1), NOUNS[match.group(2).lower()]
            colour = "gray" if colour and colour.lower() == "grey" else colour and colour.lower()
            if colour is None and not meant:
                continue
            things = [t for t in scene.things if (not meant or t.shape in meant) and (colour is None or t.colour == colour)]
            found.append(Mention(match.end(), [(t.x, t.y) for t in things]))
    for label, place in scene.labels:
        at = re.search(r"(?<!\w)" + re.escape(label) + r"(?!\w)", text)
        if at:
            found.append(Mention(at.end(), [place]))
    return found
