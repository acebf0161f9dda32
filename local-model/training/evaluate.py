"""Measures an exported folder on held-out seeds: `python evaluate.py` prints the table and writes it into the model card.

Answers are decoded greedily by onnxruntime from the files that ship and must equal the truth exactly. Beside every
share stand its Wilson 95 % interval and the share of the commonest truth: what a model that never looks could get.
"""

from __future__ import annotations

import argparse
import collections
import functools
import json
import math
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import lettering
import questions
import scenes
from questions import Question
from runtime import Runtime

WEIGHTS = Path(__file__).parent.parent / "weights"
MARKS = ("<!-- accuracy:start -->", "<!-- accuracy:end -->")

# Not one of these nouns and requests is among those the model was trained to refuse (questions.py).
UNSEEN_NOUNS = ("umbrellas", "guitars", "pumpkins", "tractors", "penguins", "sandwiches", "lanterns", "barrels", "carrots", "statues", "volcanoes", "helmets", "pillows", "ladders", "mushrooms")
UNSEEN_REQUESTS = ("Who won the match?", "What is the speed limit?", "Which brand made this car?", "Is the soup hot?", "What is the nurse wearing?", "Where is the exit?", "What does the graph tell us?",
                   "Compute the average of the numbers.", "What year was this built?", "Recommend a restaurant.", "What is the plot of the film?", "Is this plant healthy?", "Who is the author?", "Give me the recipe.",
                   "What kind of cloud is that?")

SIDE = 192  # the pictures' size: the model's own
render = functools.partial(scenes.render, size=SIDE)
Sample = tuple[np.ndarray | None, Question]


@dataclass
class Task:
    name: str
    make: Callable[[int], Sample | None]  # None: this seed has no such question


def into_card(marks: tuple[str, str], text: str, weights: Path = WEIGHTS) -> None:
    """Puts a text between two marks of the model card."""
    into_page(weights / "README.md", marks, text)


def into_page(page: Path, marks: tuple[str, str], text: str) -> None:
    written = page.read_text()
    start, end = (written.index(mark) for mark in marks)
    page.write_text(written[: start + len(marks[0])] + "\n" + text + "\n" + written[end:])


def wilson(right: int, total: int, z: float = 1.96) -> tuple[float, float]:
    share, spread = right / total, z * z / total
    middle, half = share + spread / 2, z * math.sqrt(share * (1 - share) / total + spread / (4 * total))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng((seed, 2))


def count_only(shape: str, **wish) -> Callable[[int], Sample | None]:
    """1-5 things of one shape, alone in the picture, answers evenly spread."""

    def make(seed: int) -> Sample | None:
        wanted = 1 + seed % 5
        scene = render(seed, "shapes", only=shape, count=wanted, **wish)
        return (scene.picture, questions.count(generator(seed), scene, shape, None)) if len(scene.things) == wanted else None

    return make


def blanked(seed: int) -> Sample | None:
    """The question of a circles picture, asked about a blank picture instead."""
    sample = count_only("circle")(seed)
    question = sample[1] if sample else None
    return (render(seed, "blank").picture, Question("", question.text, "0")) if question else None


def of_kind(kind: str, ask: Callable[[np.random.Generator, scenes.Scene], Question | None]) -> Callable[[int], Sample | None]:
    def make(seed: int) -> Sample | None:
        scene = render(seed, kind)
        question = ask(generator(seed), scene)
        return (scene.picture, question) if question else None

    return make


def printed(kind: str) -> Callable[[int], Sample | None]:
    """Reading: a common word, random letters, or a number."""

    def make(seed: int) -> Sample | None:
        scene, rng = render(seed, "text"), generator(seed)
        actual = "number" if scene.text.isdigit() else "word" if scene.text.lower() in lettering.WORDS else "letters"
        return (scene.picture, questions.read(rng, scene)) if actual == kind else None

    return make


def unseen_request(seed: int) -> Sample:
    rng = generator(seed)
    text = questions.pick(rng, questions.HOW_MANY).format(questions.pick(rng, UNSEEN_NOUNS)) if seed % 2 else questions.pick(rng, UNSEEN_REQUESTS)
    return render(seed).picture, Question("", text, questions.CANNOT_TELL)


TASKS = (
    Task("count 1-5 circles, alone", count_only("circle")),
    Task("count 1-5 circles, alone, solid on white", count_only("circle", plain=True)),
    Task("count 1-5 squares, alone", count_only("square")),
    Task("count 1-5 triangles, alone", count_only("triangle")),
    Task("count 1-5 stars, alone", count_only("star")),
    Task("a blank picture instead of the circles: \"0\"", blanked),
    Task("count a shape, mixed scenes, 0-9", of_kind("shapes", lambda r, s: questions.count(r, s, questions.pick(r, scenes.SHAPES), None) if r.random() < 0.4 else questions.count(r, s, questions.pick(r, s.things).shape, None))),
    Task("count a coloured shape, mixed scenes, 0-9", of_kind("shapes", lambda r, s: questions.count(r, s, t.shape, t.colour) if (t := questions.pick(r, s.things)).colour else None)),
    Task("count all things, 1-9", of_kind("shapes", lambda r, s: questions.count(r, s, None, None))),
    Task("is there a ...", of_kind("shapes", lambda r, s: questions.exists(r, s, *questions.wanted(r, s, 0.5)))),
    Task("what colour is ...", of_kind("shapes", questions.colour_of)),
    Task("left, right, above, below", of_kind("shapes", lambda r, s: q if (q := questions.place_of(r, s)) and q.task == "where" else None)),
    Task("is it left of ... (yes/no)", of_kind("shapes", lambda r, s: q if (q := questions.place_of(r, s)) and q.task != "where" else None)),
    Task("read a common word", printed("word")),
    Task("read random letters (2-7)", printed("letters")),
    Task("read a number (1-5 digits)", printed("number")),
    Task("crossings of two lines, 0-3", of_kind("lines", questions.crossings)),
    Task("do two circles touch", of_kind("circles", questions.touch)),
    Task("out of reach: refuses (wordings seen in training)", lambda seed: (render(seed).picture, questions.out_of_reach(generator(seed)))),
    Task("out of reach: refuses (nouns and requests never seen)", unseen_request),
    Task("no picture: says so", lambda seed: (None, questions.without_picture(generator(seed)))),
)


def measure(runtime: Runtime, task: Task, number: int) -> dict:
    right, truths, seed, total = 0, collections.Counter(), scenes.HELD_OUT_SEED + 1_000_000, 0
    wrong: list[str] = []
    while total < number:
        sample = task.make(seed)
        seed += 1
        if sample is None:
            continue
        picture, question = sample
        answer = runtime.answer(question.text, picture)
        right += answer == question.answer
        truths[question.answer] += 1
        total += 1
        if answer != question.answer and len(wrong) < 5:
            wrong.append(f"seed {seed - 1}: {question.text!r} is {question.answer!r}, answered {answer!r}")
    low, high = wilson(right, total)
    return {"task": task.name, "right": right, "n": total, "share": right / total, "low": low, "high": high, "majority": truths.most_common(1)[0][1] / total, "wrong": wrong}


def measure_one(job: tuple[Path, int, int]) -> dict:
    """One task in a process of its own."""
    folder, index, number = job
    return measure(Runtime(folder), TASKS[index], number)


def table(results: list[dict]) -> str:
    lines = ["| task | right | Wilson 95 % | commonest answer | n |", "|---|---|---|---|---|"]
    for r in results:
        lines.append(f"| {r['task']} | {100 * r['share']:.1f} % | {100 * r['low']:.1f}–{100 * r['high']:.1f} | {100 * r['majority']:.1f} % | {r['n']} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--number", type=int, default=300, help="questions a task")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--card", action="store_true", help="write the table into README.md and the numbers into accuracy.json")
    options = parser.parse_args()
    begin, results = time.monotonic(), []
    with multiprocessing.Pool(options.jobs) as pool:
        for r in pool.imap(measure_one, [(options.weights, i, options.number) for i in range(len(TASKS))]):
            results.append(r)
            print(f"{100 * r['share']:5.1f} % [{100 * r['low']:.1f}, {100 * r['high']:.1f}] commonest {100 * r['majority']:.1f} %  {r['task']}", flush=True)
    print(f"{time.monotonic() - begin:.0f} s")
    if options.card:
        into_card(MARKS, table(results), options.weights)
        (options.weights / "accuracy.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
