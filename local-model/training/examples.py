"""Draws the example pictures of the package from held-out seeds, plain and clear ones that the written model answers rightly.

The first seed that qualifies is taken for each, so nothing is picked by eye; examples.json beside them says which seed it was,
the question and the answer. They show what the model is for, not how often it is right (evaluate.py does).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

import questions
import scenes
from runtime import Runtime

WEIGHTS = Path(__file__).parent.parent / "weights"
SIZE = 256


def example(runtime: Runtime, name: str, make) -> dict:
    """The first held-out picture on which all the questions of `make` are answered rightly."""
    for seed in range(scenes.HELD_OUT_SEED + 2_000_000, scenes.HELD_OUT_SEED + 2_000_500):
        made = make(seed)
        if made is None:
            continue
        scene, asked = made
        answers = [(text, truth, runtime.answer(text, scene.picture)) for text, truth in asked]
        if all(truth == answer for _, truth, answer in answers):
            return {"file": name, "seed": seed, "picture": scene.picture, "answers": {text: answer for text, _, answer in answers}}
    raise SystemExit(f"no held-out seed of the first 500 gives a {name} that is answered rightly")


def circles(seed: int):
    scene = scenes.render(seed, "shapes", SIZE, only="circle", count=3 + seed % 3, plain=True)
    number = len(scene.things)
    # Large enough to be plain also to people.
    clear = number == 3 + seed % 3 and min(t.radius for t in scene.things) > 0.09
    return (scene, [("How many circles are there?", str(number)), ("How many circles?", str(number)), ("How many squares are there?", "0")]) if clear else None


def shapes(seed: int):
    scene = scenes.render(seed, "shapes", SIZE, count=4, plain=True)
    kinds = {t.shape for t in scene.things}
    if len(scene.things) != 4 or len(kinds) < 3 or not all(t.colour for t in scene.things) or "circle" not in kinds or min(t.radius for t in scene.things) < 0.08:
        return None
    thing = scene.things[0]
    rng = np.random.default_rng(seed)
    return scene, [("How many shapes are there?", "4"), (f"How many {questions.PLURALS[thing.shape][0]} are there?", str(sum(t.shape == thing.shape for t in scene.things))),
                   (f"Is there a {thing.colour} {thing.shape}?".replace("a orange", "an orange"), "yes"), ((q := questions.count(rng, scene, "circle", None)).text, q.answer)]


def word(seed: int):
    scene = scenes.render(seed, "text", SIZE, text="HELLO", plain=True)
    return scene, [("What does it say?", "HELLO"), ("Read the word.", "HELLO")]


def number(seed: int):
    scene = scenes.render(seed, "text", SIZE, text="42", plain=True)
    return scene, [("What number is this?", "42")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    runtime, folder, notes = Runtime(options.weights), options.weights / "examples", []
    folder.mkdir(exist_ok=True)
    for name, make in (("circles.png", circles), ("shapes.png", shapes), ("word.png", word), ("number.png", number)):
        try:
            found = example(runtime, name, make)
        except SystemExit as missing:
            print(missing)
            continue
        Image.fromarray(found.pop("picture")).save(folder / name, optimize=True)
        notes.append(found)
        print(json.dumps(found))
    (folder / "examples.json").write_text(json.dumps(notes, indent=1) + "\n")


if __name__ == "__main__":
    main()
