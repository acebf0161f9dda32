"""All that a chart can be asked: the value of each label, and which label has most and least.

Each answer that is printed somewhere is taught as reading: the label under a bar, the number beside the line that a bar ends at. As an answer to be known
by heart, with one question a chart, charts were answered with words from other pictures (18 % of highest and lowest labels right by chance, 1 % said).
"""

from __future__ import annotations

import math

import numpy as np

from questions import Place, Question, pick
from scenes import Scene
from suite_questions import NUMBER_FORMS, one_of

AXIS_VALUE = ('What is the value of the {1} for "{0}"?', 'Read the value of "{0}" from the chart.', "What value does {0} have in the chart?", "How high is {0}?")
PIE_VALUE = ('What percentage does the pie chart show for "{0}"?', 'Read the percentage of "{0}" from the pie chart.', "How many percent is {0}?")
EXTREME = ("Which label has the {0} {1} in the chart?", "Name the label with the {0} {1}.", "Which one has the {0} {1}?")
LEAST_APART = 6  # percentage points between the outermost slice and the next
BEST = 5  # questions of a chart beside its own

Label = tuple[str, float, Place, list[Place], list[Place]]  # its text, its value, where to look, its characters' places, its printed value's


def chart_questions(rng: np.random.Generator, own: Question, item: dict, scene: Scene, frame) -> list[Question]:
    """Its own question first, as reading where it can be read."""
    pie = item["subtask"].startswith("pie")
    labels = slices(item, scene, frame) if pie else marks(item, scene, frame)
    asked = own.text.split('"')[1] if item["answerSpec"]["type"] == "integer" else item["answer"]
    its = next(label for label in labels if label[0] == asked)
    first = value(own.task, own.text, its) if item["answerSpec"]["type"] == "integer" else named(own.task, own.text, its)
    others: list[Question] = []
    kind = "point" if item["subtask"].startswith("line") else "bar"
    if not pie or labels[0][4]:
        others += [value("chart value", pick(rng, PIE_VALUE if pie else AXIS_VALUE).format(label[0], kind) + pick(rng, NUMBER_FORMS), label) for label in labels if label is not its]
    others = [others[k] for k in rng.permutation(len(others))[: BEST - 2]]
    apart = LEAST_APART if pie else step(item)
    for words, sign in ((("largest", "slice") if pie else ("highest", "value"), -1), (("smallest", "slice") if pie else ("lowest", "value"), 1)):
        order = sorted(labels, key=lambda label: sign * label[1])
        if abs(order[0][1] - order[1][1]) >= apart:
            listed = one_of([label[0] for label in labels]) if rng.random() < 0.8 else ""
            others.append(named("chart extreme", pick(rng, EXTREME).format(*words) + listed, order[0]))
    return [first, *(others[k] for k in rng.permutation(len(others)))]


def value(task: str, text: str, label: Label) -> Question:
    """What a label is worth: read where it is printed, else said."""
    _, number, place, _, printed = label
    answer = str(int(number))
    return Question(task, text, answer, [place], spelled=printed) if printed else Question(task, text, answer, [place], single=True, weight=1.0)


def named(task: str, text: str, label: Label) -> Question:
    """A label as the answer."""
    word, _, place, characters, _ = label
    return Question(task, text, word, [place], spelled=characters)


def printed(item: dict) -> list[dict]:
    return [e for e in item["scene"]["elements"] if e["kind"] == "text"]


def step(item: dict) -> float:
    """Between two lines of the scale."""
    ticks = sorted(int(e["text"]) for e in printed(item) if e["align"] == "right")
    return ticks[1] - ticks[0]


def marks(item: dict, scene: Scene, frame) -> list[Label]:
    """Bars or points over their labels; a value has a printed one where it lies on a line of the scale."""
    elements = item["scene"]["elements"]
    ticks = sorted((int(e["text"]), e["id"]) for e in printed(item) if e["align"] == "right")
    lines = sorted((e["points"][0][1] for e in elements if e["kind"] == "line" and e["role"] == "decor" and len(e["points"]) == 2 and e["points"][0][1] == e["points"][1][1]), reverse=True)
    low, high = lines[0], lines[len(ticks) - 1]
    names = {e["x"]: e for e in printed(item) if e["align"] == "center"}
    found = []
    for e in elements:
        bar = e["kind"] == "rectangle" and e["name"] == "bar"
        if not bar and not (e["kind"] == "shape" and e["name"] == "point"):
            continue
        x = e["x"] + e["width"] / 2 if bar else e["x"]
        name = names[min(names, key=lambda at: abs(at - x))]
        halves = round((low - e["y"]) / (low - high) * 2 * (len(ticks) - 1))
        on_line = scene.spelt[ticks[halves // 2][1]] if halves % 2 == 0 else []
        found.append((name["text"], halves * (ticks[1][0] - ticks[0][0]) / 2, frame(x, e["y"]), scene.spelt[name["id"]], on_line))
    return found


def slices(item: dict, scene: Scene, frame) -> list[Label]:
    """Slices, each with the text that follows it in the drawing: its label, and its percentage where that is printed."""
    found = []
    for e, text in zip(item["scene"]["elements"][::2], item["scene"]["elements"][1::2]):
        turn = math.radians((e["start"] + e["end"]) / 20 - 90)
        place = frame(e["x"] + e["radius"] * 0.6 * math.cos(turn), e["y"] + e["radius"] * 0.6 * math.sin(turn))
        name, _, share = text["text"].partition(" ")
        spelt = scene.spelt[text["id"]]
        found.append((name, (e["end"] - e["start"]) / 36, place, spelt[: len(name)], spelt[len(name) + 1 : -1] if share else []))
    return found
