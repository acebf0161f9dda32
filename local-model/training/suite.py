"""Lessons from the suites' own generators: scenes exported with training seeds, drawn by draw/, with all their truth.

A lesson is a function of its number: block n of LESSONS lessons comes from export seed n. Only the art, fonts and words of the
training split are in them, and seeds from 9,000 up are for the held-out questions of train.py.
"""

from __future__ import annotations

import functools
import json
import lzma
import math
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from draw.published import restyled
from pretrained import CLASSES
from questions import Place, Question, pick, unread
from scenes import COLOURS, Scene, Thing
from suite_charts import chart_questions
from suite_questions import NUMBER_FORMS, about_things
from vocabulary import HERE, OBJECTS, header

LESSONS = 2000  # lessons in one block
HELD_OUT_BLOCK = 9000
# Shares of the suites, and of their levels at the beginning and at the end.
SHARES = {"counting": 0.22, "spatial": 0.13, "existence": 0.08, "ocr": 0.30, "geometric": 0.09, "naming": 0.05, "charts": 0.13}
EASY, EVEN = (0.46, 0.28, 0.14, 0.08, 0.04), (0.23, 0.22, 0.20, 0.19, 0.16)
# How often items of these sub-tasks come: most of a paragraph's print is not found; a table's cell is named by two things, which takes longest to learn.
OFTEN = {"paragraph": 0.05, "table": 4.0}
# The prompts of "Vision language models are blind" ask for the same things in other words.
PUBLISHED = {
    "crossings": ("How many times do the blue and red lines touch each other? Answer with a number in curly brackets, e.g., {5}.",
                  "Count the intersection points where the blue and red lines meet. Put your answer in curly brackets, e.g., {2}."),
    "touching-circles": ("Are the two circles touching each other? Answer with Yes/No.", "Are the two circles overlapping? Answer with Yes/No."),
    "nested-squares": ("How many squares are in the image? Please answer with a number in curly brackets e.g., {10}.",
                       "Count total number of squares in the image. Answer with only the number in numerical format in curly brackets e.g. {3}."),
    "grid": ("Count the number of rows and columns and answer with numbers in curly brackets. For example, rows={5} columns={6}",
             "How many rows and columns are in the table? Answer with only the numbers in a pair (row, column), e.g., (5,6)"),
    "overlapping-rings": ("Count the circles in the image. Answer with a number in curly brackets e.g. {3}.", "How many circles are in the image? Answer with only the number in numerical format."),
    "overlapping-pentagons": ("Count the pentagons in the image. Answer with a number in curly brackets e.g. {3}.", "How many pentagons are in the image? Answer with only the number in numerical format."),
}
READ = ' Answer with the text only; if it cannot be read, say "unreadable".'


@functools.lru_cache(maxsize=1)
def renderer():
    from draw.renderer import Renderer  # needs skia: only when pictures are drawn

    return Renderer(header())


@functools.lru_cache(maxsize=2)
def block(number: int, ease: float) -> list[dict]:
    """The items of one block in their order. `ease` is rounded by the caller, so that a resumed run draws the same ones."""
    carried = HERE / "state" / "lessons" / f"{number}-{ease}.jsonl.xz"  # brought by stage.sh to a machine without node
    if carried.exists():
        with lzma.open(carried, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    rng = np.random.default_rng((number, 77))
    levels = np.array(EASY) * ease + np.array(EVEN) * (1 - ease)
    wishes = [(suite, level + 1, round(share * part * LESSONS * 1.1) + 1) for suite, share in SHARES.items() for level, part in enumerate(levels)]
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        subprocess.run(["node", str(HERE / "lessons.mjs"), str(number), json.dumps(wishes), file.name], check=True, capture_output=True)
        items = [json.loads(line) for line in Path(file.name).read_text().splitlines()]
    often = (OFTEN.get(item["subtask"], 1.0) for item in items)
    chosen = [item for item, times in zip(items, often) for _ in range(int(times + rng.random()) if times % 1 else int(times))]
    return [chosen[k % len(chosen)] for k in rng.permutation(max(len(chosen), LESSONS))[:LESSONS]]


def lesson(number: int, size: int, ease: float, first_block: int = 0) -> tuple[Scene, list[Question]]:
    """Picture, truth and questions number `number`."""
    item = block(first_block + number // LESSONS, round(ease * 4) / 4)[number % LESSONS]
    rng = np.random.default_rng((number, first_block, 78))
    item, scene, tangent = drawn(item, size, rng)
    return scene, ask(rng, item, scene, tangent)


def drawn(item: dict, size: int, rng: np.random.Generator) -> tuple[dict, Scene, bool]:
    """The item and its drawing; half of the geometric ones anew in BlindTest's manner, and whether its two circles then just touch."""
    tangent = False
    if item["generator"]["name"] == "geometric" and rng.random() < 0.5:
        item, tangent = restyled(item, rng)
    scene = truth(item, renderer().faces)
    scene.picture = renderer().draw(item["scene"], size, rng)
    return item, scene, tangent


def turn_of(scene: dict) -> float:
    """How far the whole drawing is turned, in radians."""
    return math.radians(scene["degradations"]["rotation"] / 10)


class Frame:
    """Places in the finished picture: fractions of its sides, after the turn of the whole drawing."""

    def __init__(self, scene: dict):
        self.width, self.height = scene["width"], scene["height"]
        turn = turn_of(scene)
        self.cos, self.sin = math.cos(turn), math.sin(turn)

    def __call__(self, x: float, y: float) -> Place:
        dx, dy = x - self.width / 2, y - self.height / 2
        at = (dx * self.cos - dy * self.sin) / self.width + 0.5, (dx * self.sin + dy * self.cos) / self.height + 0.5
        return min(0.999, max(0.0, at[0])), min(0.999, max(0.0, at[1]))


def truth(item: dict, faces) -> Scene:
    """All that the picture shows, without the picture. `scene.spelt` has the place of every printed character by element."""
    described = item["scene"]
    frame = Frame(described)
    scene = Scene(item["generator"]["name"], np.zeros((1, 1, 3), np.uint8))
    scene.spelt = {}
    for element in described["elements"]:
        if element["kind"] == "shape":
            words = element["name"].split(" ")
            at = frame(element["x"], element["y"])
            scene.things.append(Thing(element["shape"], words[0] if words[0] in COLOURS else None, *at, element["size"] / 2 / min(frame.width, frame.height)))
        elif element["kind"] == "object":
            scene.things.append(Thing(f"object:{element['object']}", None, *frame(element["x"], element["y"]), element["size"] / 2 / min(frame.width, frame.height)))
        elif element["kind"] == "text":
            face, size, text = faces.get(element["font"]), element["size"], element["text"]
            start, offsets, middle = face.start(element), face.offsets(text), element["y"] - 0.3 * size
            places = [frame(start + size * (offsets[k] + offsets[k + 1]) / 2, middle) for k in range(len(text))]
            scene.spelt[element["id"]] = places
            scene.characters += [(c, *p) for c, p in zip(text, places) if c != " "]
            wide = described["width"]
            scene.printed += [(c, *p, size / wide, (start + size * (offsets[k] + offsets[k + 1]) / 2) / wide, middle / wide) for k, (c, p) in enumerate(zip(text, places))]
            if item["generator"]["name"] != "ocr" or len(text) < 16:
                label = text.split(" ")[0] if item["generator"]["name"] == "charts" else text
                scene.labels.append((label, places[len(label) - 1]))  # where it ends: there its whole cell is known
    scene.legible = not (item["generator"]["name"] == "ocr" and item["answer"] is None)
    _marks(item, scene, frame)
    return scene


def _marks(item: dict, scene: Scene, frame: Frame) -> None:
    """What the drawings without named things show: crossings, corners of squares, rows and columns, tops of bars."""
    elements, subtask = item["scene"]["elements"], item["subtask"]
    if subtask == "crossings":
        first, second = (e["points"] for e in elements[:2])
        scene.crossings = [frame(*p) for p in intersections(first, second)]
    elif subtask == "touching-circles":
        a, b = elements[:2]
        length = math.hypot(b["x"] - a["x"], b["y"] - a["y"]) or 1.0
        reach, other = a["size"] / 2, b["size"] / 2
        middle = (reach + (length - other)) / 2 / length
        scene.contact = frame(a["x"] + middle * (b["x"] - a["x"]), a["y"] + middle * (b["y"] - a["y"]))
        scene.touching = item["answer"] == "yes"
    elif subtask == "nested-squares":
        scene.marks = [("corner", *frame(e["x"], e["y"])) for e in elements if e["kind"] == "rectangle"]
    elif subtask.startswith("grid"):
        lines = [e["points"] for e in elements if e["kind"] == "line"]
        ys, xs = sorted({p[0][1] for p in lines if p[0][1] == p[1][1]}), sorted({p[0][0] for p in lines if p[0][0] == p[1][0]})
        scene.marks = [("row", *frame(xs[0] + 3, (a + b) / 2)) for a, b in zip(ys, ys[1:])] + [("column", *frame((a + b) / 2, ys[0] + 3)) for a, b in zip(xs, xs[1:])]
    elif subtask == "prior" and item["generator"]["name"] == "counting":
        polygons = [e for e in elements if e["kind"] == "polygon"]
        if polygons:
            points = polygons[0]["points"]
            x, y = np.mean(points, 0)
            far = [math.hypot(a - x, b - y) for a, b in points]
            scene.marks = [("tip", *frame(*p)) for p, f in zip(points, far) if f > (max(far) + min(far)) / 2]
        legs = [e["points"][-1] for e in elements if e["kind"] == "line"]
        scene.marks += [("tip", *frame(*p)) for p in legs]
        squares = [e for e in elements if e["kind"] == "rectangle" and e["role"] == "target"]
        if len(squares) > 8:
            left = min(e["x"] for e in squares)
            scene.marks += [("row", *frame(left + 4, e["y"] + e["height"] / 2)) for e in squares if e["x"] <= left + 2]
    elif item["generator"]["name"] == "charts":
        scene.marks = [("top", *frame(e["x"] + e["width"] / 2, e["y"])) for e in elements if e["kind"] == "rectangle" and e["name"] == "bar"]
        scene.things = []  # the points of a line chart are no circles to count
        scene.marks += [("top", *frame(e["x"], e["y"])) for e in elements if e["kind"] == "shape"]


def intersections(first: list, second: list) -> list[tuple[float, float]]:
    """Where two polylines cross."""
    found = []
    for (ax, ay), (bx, by) in zip(first, first[1:]):
        for (cx, cy), (dx, dy) in zip(second, second[1:]):
            down = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
            if down == 0:
                continue
            t, u = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / down, ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / down
            if 0 <= t < 1 and 0 <= u < 1:
                found.append((ax + t * (bx - ax), ay + t * (by - ay)))
    return found


def ask(rng: np.random.Generator, item: dict, scene: Scene, tangent: bool = False) -> list[Question]:
    """The item's own question first, then as many more as its kind of picture allows."""
    own = own_question(rng, item, scene)
    generator, subtask = item["generator"]["name"], item["subtask"]
    if generator == "geometric" or (generator == "counting" and subtask == "prior"):
        published = PUBLISHED.get("grid" if subtask.startswith("grid") else subtask)
        more = [own_question(rng, item, scene, text) for text in published] if published else []
        if tangent:  # they touch and do not overlap
            more[1].answer = "no"
        return [own, *more]
    if generator == "ocr":
        return [own, *printed_pairs(rng, item, scene)]
    if generator == "charts":
        return chart_questions(rng, own, item, scene, Frame(item["scene"]))
    asked = [own] + [from_more(rng, more, scene) for more in item.get("more") or [] if rng.random() < 0.5]
    return asked + about_things(rng, scene, generator)


def own_question(rng: np.random.Generator, item: dict, scene: Scene, text: str | None = None) -> Question:
    subtask, answer = item["subtask"], item["answer"]
    text = text or pick(rng, item["questions"])
    task = f"{item['generator']['name']} {subtask}"
    if answer is None:
        return Question(task, text, unread(text), [])
    if item["answerSpec"]["type"] == "pair":
        rows, columns = ([m[1:] for m in scene.marks if m[0] == kind] for kind in ("row", "column"))
        return Question(task, text, f"{answer[0]}, {answer[1]}", rows, columns, pair=True, weight=2.0)
    evidence = evidence_places(item, scene)
    if item["answerSpec"]["type"] == "text" and item["generator"]["name"] == "ocr":
        return Question(task, text, answer, spelled=spelt_places(item, scene, answer))
    if item["answerSpec"]["type"] == "integer" and item["generator"]["name"] == "ocr":
        return Question(task, text, str(answer), spelled=spelt_places(item, scene, str(answer)))
    if item["generator"]["name"] == "spatial":
        return spatial_question(task, text, answer, item, evidence)
    if item["generator"]["name"] == "naming":
        return Question(task, text, answer, evidence, single=True, weight=2.0, written=said(answer))
    if subtask == "touching-circles":
        return Question(task, text, answer, [scene.contact], single=True)
    counted = evidence if item["answerSpec"]["type"] != "integer" or len(evidence) == answer else None
    if subtask == "crossings":
        counted = list(scene.crossings)
    elif subtask == "nested-squares" or (subtask == "prior" and len(evidence) != answer):
        counted = [m[1:] for m in scene.marks]
    return Question(task, text, str(answer), counted if counted is not None and (not isinstance(answer, int) or len(counted) == answer) else None)


def spatial_question(task: str, text: str, answer: str, item: dict, evidence: list[Place]) -> Question:
    """Relations look at the first thing with one head and at the second with the other."""
    relation = item["subtask"] in ("relation-shapes", "relation-objects", "relation-yesno", "prior")
    if relation and len(evidence) == 2:
        (x, y), (u, v) = evidence
        return Question(task, text, answer, [evidence[0]], [evidence[1]], single=True, offset=(x - u, y - v))
    return Question(task, text, answer, evidence[:1], single=True)


def said(answer: str) -> list[str | int]:
    """An answer that is a drawn class's name, as that class."""
    return [CLASSES + list(OBJECTS).index(answer)] if answer in OBJECTS else [answer]


def evidence_places(item: dict, scene: Scene) -> list[Place]:
    frame, found = Frame(item["scene"]), []
    by_id = {e["id"]: e for e in item["scene"]["elements"]}
    for name in item["evidence"]:
        e = by_id[name]
        if e["kind"] in ("shape", "object", "sector"):
            turn = math.radians((e["start"] + e["end"]) / 20 - 90) if e["kind"] == "sector" else 0
            out = e["radius"] * 0.6 if e["kind"] == "sector" else 0
            found.append(frame(e["x"] + out * math.cos(turn), e["y"] + out * math.sin(turn)))
        elif e["kind"] == "rectangle":
            found.append(frame(e["x"] + e["width"] / 2, e["y"]))
        elif e["kind"] == "text" and scene.spelt.get(name):
            found.append(scene.spelt[name][0])
    return found


def spelt_places(item: dict, scene: Scene, answer: str) -> list[Place]:
    """Where each character of the answer is printed; none where the print does not hold the answer as it stands."""
    texts = {e["id"]: e["text"] for e in item["scene"]["elements"] if e["kind"] == "text"}
    for name in [*item["evidence"], *texts]:
        at = texts.get(name, "").rfind(answer) if item["subtask"] == "paragraph-word" else texts.get(name, "").find(answer)
        if at >= 0:
            return scene.spelt[name][at: at + len(answer)]
    return []


def printed_pairs(rng: np.random.Generator, item: dict, scene: Scene) -> list[Question]:
    """Screens and receipts print a label on the left and its value on the right of each line, tables have headers: anything may be asked for."""
    if item["subtask"] == "table":
        return table_cells(rng, item, scene)
    if item["subtask"] not in ("screen", "receipt-total", "receipt-item") or item["answer"] is None:
        return []
    texts = [e for e in item["scene"]["elements"] if e["kind"] == "text"]
    right = {e["y"]: e for e in texts if e["align"] == "right"}
    found = []
    for label in texts:
        value = right.get(label["y"])
        if label["align"] != "left" or value is None or len(value["text"]) > 8:
            continue
        if item["subtask"] == "screen":
            text = pick(rng, ("What value does the screen show for {}?", "Read the value next to {}.", "What is written beside {}?")).format(label["text"])
        elif label["text"] == "TOTAL":
            text = pick(rng, ("What is the total on the receipt?", "Read the total amount that is printed.", "Which total does the receipt show?", "How much is the total?"))
        else:
            text = pick(rng, ("What is the price of {} on the receipt?", "How much does the receipt show for {}?")).format(label["text"])
        found.append(Question(f"ocr {item['subtask']} line", text + (READ if rng.random() < 0.7 else ""), value["text"], spelled=scene.spelt[value["id"]]))
    return [found[k] for k in rng.permutation(len(found))[:6]]


def table_cells(rng: np.random.Generator, item: dict, scene: Scene) -> list[Question]:
    """Some cells of a table, by the names of their row and column."""
    texts = [e for e in item["scene"]["elements"] if e["kind"] == "text"]
    top = min(e["y"] for e in texts)
    columns = {e["x"]: e["text"] for e in texts if e["y"] == top}
    rows = {e["y"]: e["text"] for e in texts if e["x"] not in columns}
    cells = [e for e in texts if e["y"] in rows and e["x"] in columns]
    wordings = ('In the table, what is the value in row "{}" and column "{}"?', 'Read the number where the row "{}" meets the column "{}".', "Which number stands in row {} under {}?", "What does the table show for {} in the column {}?")
    return [Question("ocr table cell", pick(rng, wordings).format(rows[e["y"]], columns[e["x"]]) + pick(rng, NUMBER_FORMS), e["text"], spelled=scene.spelt[e["id"]])
            for e in (cells[k] for k in rng.permutation(len(cells))[:7])]


def from_more(rng: np.random.Generator, more: dict, scene: Scene) -> Question:
    """The exporter's further questions; where to look follows from the phrases themselves (phrases.py)."""
    answer = str(more["answer"])
    return Question(f"more {more['task']}", pick(rng, more["questions"]), answer)
