"""What is to be found in a scene, and what would be found, from its truth."""

from __future__ import annotations

import numpy as np

from model import DENSE_COLOURS, DENSE_SHAPES, FIRST_OBJECT
from questions import Place
from scenes import Scene
from vocabulary import CATEGORIES

from .net import FIELDS, MARK_SIZE, MOST, SIDE

Known = tuple[int, int, float, float, float]  # number in DENSE_SHAPES and in DENSE_COLOURS (0: no name), x, y and size as fractions of the picture's sides

KINDS = {name: number for number, name in enumerate(DENSE_SHAPES)}
HUES = {name: number for number, name in enumerate(DENSE_COLOURS)}
ALIKE = 0.6  # of mistaken kinds: another of the same category
MISTAKEN, DOUBTFUL, SCATTERED = 0.12, 0.25, 0.08  # of the kinds of objects in a picture: seen as another one; not quite certain; each thing seen as something else
IMAGINED = 0.04  # of pictures: something is found where nothing is


def known(scene: Scene) -> list[Known]:
    """Everything that has a place: things, then marks."""
    mark = MARK_SIZE / SIDE
    found = [(KINDS[t.shape], HUES[t.colour] if t.colour else 0, t.x, t.y, 2 * t.radius) for t in scene.things]
    found += [(KINDS["crossing"], 0, *place, mark) for place in scene.crossings or ()]
    return found + [(KINDS[kind], 0, x, y, mark) for kind, x, y in scene.marks]


def another(rng: np.random.Generator, kind: int) -> int:
    """A kind that this one may be taken for."""
    if kind < FIRST_OBJECT:
        return int(rng.integers(1, FIRST_OBJECT))
    if rng.random() < ALIKE:
        category = CATEGORIES[DENSE_SHAPES[kind].removeprefix("object:")]
        alike = [n for n in range(FIRST_OBJECT, len(DENSE_SHAPES)) if n != kind and CATEGORIES[DENSE_SHAPES[n].removeprefix("object:")] == category]
        if alike:
            return alike[int(rng.integers(len(alike)))]
    return int(rng.integers(FIRST_OBJECT, len(DENSE_SHAPES)))


def simulate(rng: np.random.Generator, scene: Scene) -> tuple[np.ndarray, dict[Place, int]]:
    """What would be found [MOST, FIELDS], and which row holds the thing at a place.

    All of it is found: of a thing that is missed the decoder knows nothing better than to count what is there. Kinds of objects are
    mistaken as they are in a style that was never seen: all things of a kind alike, the right kind often the second likeliest.
    """
    found, places = np.zeros((MOST, FIELDS), np.float32), {}
    shown = known(scene) if scene.wish is None else [stray(rng) for _ in range(int(rng.integers(0, 5)))]
    seen_as = {}
    for kind in {entry[0] for entry in shown}:
        roll, other = rng.random(), another(rng, kind)
        if kind >= FIRST_OBJECT and roll < MISTAKEN:
            seen_as[kind] = (other, rng.uniform(0.5, 1), kind if rng.random() < 0.6 else another(rng, kind))
        elif kind >= FIRST_OBJECT and roll < MISTAKEN + DOUBTFUL:
            seen_as[kind] = (kind, rng.uniform(0.5, 0.95), other)
        else:
            seen_as[kind] = (kind, rng.uniform(0.95, 1), other)
    scattered = {kind: (kind, another(rng, kind), another(rng, kind)) for kind in seen_as if kind >= FIRST_OBJECT and rng.random() < SCATTERED}
    if not shown and rng.random() < IMAGINED:
        shown = [stray(rng)]
        seen_as = {shown[0][0]: (shown[0][0], rng.uniform(0.5, 1), another(rng, shown[0][0]))}
    order = rng.permutation(len(shown))
    for row, k in enumerate(order[:MOST]):
        kind, colour, x, y, size = shown[k]
        first, share, second = seen_as[kind]
        share = float(np.clip(share + rng.normal(0, 0.04), 0.5, 1))
        if kind in scattered:
            (first, second), share = rng.choice(scattered[kind], 2, replace=False), rng.uniform(0.5, 0.9)
        jitter = rng.normal(0, 0.06 * size, 2)
        found[row] = first, share, second, colour or rng.integers(0, len(DENSE_COLOURS)), x + jitter[0], y + jitter[1], size * float(np.exp2(rng.normal(0, 0.1))), rng.uniform(0.6, 1)
        places.setdefault((x, y), row)
    return found, places


def stray(rng: np.random.Generator) -> Known:
    return int(rng.integers(1, len(DENSE_SHAPES))), int(rng.integers(0, len(DENSE_COLOURS))), rng.random(), rng.random(), float(rng.uniform(0.05, 0.5))
