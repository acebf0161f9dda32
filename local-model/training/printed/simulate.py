"""What the print network would find in a scene, from the scene's truth: the decoder learns to use it without a fine picture being drawn."""

from __future__ import annotations

import numpy as np

from .net import APART, FIELDS, FINE, GAP, MOST, NEWLINE, PRINTABLE

LEAST = 11.5 / FINE  # em of the smallest print that is found, of the picture's width
WRONG, MISSED, IMAGINED = 0.02, 0.015, 0.08  # of characters; of pictures without print

Printed = tuple[str, float, float, float, float, float]  # character, x and y in the picture, em, and x and y as if nothing were turned; all of the picture's width


def in_cells(printed: list[Printed]) -> list[list[Printed]]:
    """The characters in reading order, cell by cell of each line, as net.read orders them."""
    mean = float(np.mean([p[3] for p in printed])) if printed else 0.0
    lines: list[list[Printed]] = []
    for entry in sorted(printed, key=lambda p: p[5]):
        if not lines or entry[5] - lines[-1][-1][5] > APART * mean:
            lines.append([])
        lines[-1].append(entry)
    cells: list[list[Printed]] = []
    for line in lines:
        for place, entry in enumerate(line := sorted(line, key=lambda p: p[4])):
            if place == 0 or entry[4] - line[place - 1][4] > GAP * mean:
                cells.append([])
            cells[-1].append(entry)
    return cells


def simulate(rng: np.random.Generator, printed: list[Printed], legible: bool = True) -> tuple[np.ndarray, dict[tuple[float, float], int]]:
    """What would be found [MOST, FIELDS], and which row holds the character that stands at a place."""
    seen = [p for p in printed if p[3] >= LEAST and p[0] in PRINTABLE]
    if not legible:  # hardly any of it, and what is found is wrong
        share = rng.random() * 0.5 if rng.random() < 0.4 else 0.0
        seen = [(letter(rng), *p[1:]) for p in seen if rng.random() < share]
    elif not printed and rng.random() < IMAGINED:
        seen = [(letter(rng), x := rng.random(), y := rng.random(), rng.uniform(0.02, 0.2), x, y) for _ in range(int(rng.integers(1, 4)))]
    found, places = np.zeros((MOST, FIELDS), np.float32), {}
    at = 0
    for cell in in_cells(seen) or [[]]:
        for character, x, y, em, _, _ in cell:
            if at >= MOST or (legible and rng.random() < MISSED):
                continue
            if legible and rng.random() < WRONG:
                character = letter(rng)
            places[x, y] = at
            jitter = rng.normal(0, 0.06 * em, 2)
            found[at] = 1 + PRINTABLE.index(character), x + jitter[0], y + jitter[1], em * float(np.exp2(rng.normal(0, 0.08))), rng.uniform(0.6, 1)
            at += 1
        if at < MOST:
            found[at] = NEWLINE, 0, 0, 0, 0
            at += 1
    return found, places


def letter(rng: np.random.Generator) -> str:
    return PRINTABLE[int(rng.integers(len(PRINTABLE)))]
