"""Lessons about photographs without photographs: what the name tokens say is to be said, and nothing is to be counted or placed.

The picture is a crop of one of the freely licensed photographs inside scikit-image, scikit-learn and matplotlib, so that the
grid looks like a photograph's; what names.py would say of it is replaced by random classes, so that nothing can be learned
by heart but copying. A tenth of ImageNet's classes is never named in training, for measuring.
"""

from __future__ import annotations

import functools
import sys

import numpy as np
from PIL import Image

import loose
from names import PERHAPS, SURE, UNSURE
from pretrained import CLASSES
from questions import CANNOT_TELL, IS_THERE, HOW_MANY, READ, THINGS_UNKNOWN, WHAT_COLOUR, WHAT_IS, WHERE, Question, different, pick
from scenes import Scene
from suite_questions import CORNER, NAME, NAME_FORM, NUMBER, SUITE_COUNT, SUITE_EXISTS, SUITE_WHERE, YES_NO, ALL_SHAPES, article, ending, plural, singular
from vocabulary import HERE, OBJECTS

sys.path.append(str(HERE / "dual"))
from photos import crop, photographs as samples  # noqa: E402

PICTURE_OF = (*WHAT_IS, *NAME, "What is this a picture of?", "What is this a photo of?", "What does this photo show?", "What is in this photo?", "What is the main thing in this picture?", "What is this photo of?")
KINDS = ((SURE, 0.5), (PERHAPS, 0.25), (UNSURE, 0.25))


def kept_back(number: int) -> bool:
    """Classes that training never names."""
    return number % 10 == 3


@functools.cache
def photographs() -> list[Image.Image]:
    return list(samples().values())


def lesson(seed: int, size: int, held_out: bool) -> tuple[Scene, list[Question]]:
    rng = np.random.default_rng((seed, 79))
    picture = Image.fromarray(crop(rng, pick(rng, photographs()))).resize((size, size), Image.Resampling.BICUBIC)
    scene = Scene("photo", np.asarray(picture, dtype=np.uint8))
    kind = int(rng.choice([k for k, _ in KINDS], p=[share for _, share in KINDS]))
    known = [number for number in range(CLASSES) if kept_back(number) == held_out]
    first, second = (int(n) for n in rng.choice(known, 2, replace=False))
    scene.wish = (kind, first, second)
    asked = [naming(rng, kind, first, second)] + [refused(rng) for _ in range(5)]
    return scene, different(rng, asked)


def naming(rng: np.random.Generator, kind: int, first: int, second: int) -> Question:
    text = pick(rng, PICTURE_OF) + (NAME_FORM if rng.random() < 0.2 else "")
    if kind == SURE:
        return Question("photo name", text, "", written=[first], weight=2.0)
    if kind == PERHAPS:
        return Question("photo guess", text, "", written=["perhaps ", first, " or ", second], weight=2.0)
    return Question("photo unsure", text, CANNOT_TELL)


def refused(rng: np.random.Generator) -> Question:
    """Counts, places and the like, of things of all kinds."""
    roll = rng.random()
    if roll < 0.4:
        many, one = (str(pick(rng, THINGS_UNKNOWN)),) * 2
        one = one[:-1]
    else:
        shape = pick(rng, ALL_SHAPES) if roll < 0.6 else f"object:{pick(rng, tuple(OBJECTS))}"
        many, one = plural(shape, rng), singular(shape, rng)
    form, other = rng.random(), singular(f"object:{pick(rng, tuple(OBJECTS))}", rng)
    if form < 0.4:
        text = pick(rng, HOW_MANY if rng.random() < 0.5 else SUITE_COUNT).format(many) + ending(rng, NUMBER) if rng.random() < 0.7 else loose.count(rng, many)
    elif form < 0.6:
        text = pick(rng, WHERE if rng.random() < 0.5 else SUITE_WHERE).format(one, other) if rng.random() < 0.7 else loose.where(rng, one, other)
    elif form < 0.75:
        text = pick(rng, IS_THERE if rng.random() < 0.5 else SUITE_EXISTS).format(article(one, None)) + ending(rng, YES_NO)
    elif form < 0.85:
        text = pick(rng, CORNER).format(one)
    elif form < 0.95:
        text = pick(rng, WHAT_COLOUR).format(one)
    else:
        text = pick(rng, READ)
    return Question("photo refused", text, CANNOT_TELL)
