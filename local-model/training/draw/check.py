"""Checks the training renderer and its lessons: `python -m draw.check` prints all of it, one part by its name.

difference  mean absolute difference to the harness's own pictures after the same shrinking, by generator
sheets      pairs to be looked at (ours, the harness's, doubled difference) and lessons with their places, into --out
answers     the lessons' answers by the harness's scorer; anything but `correct` is a fault
speed       pictures and lessons a second of process time, by size and generator
near        how near the drawings in BlindTest's manner come to its pictures at 64 px (compared, never learnt from)
"""

from __future__ import annotations

import argparse
import collections
import itertools
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from .lesson import Lesson, Teacher
from .published import restyled
from .scene_source import EVEN, GENERATORS, SceneSource, check_item, training_fonts

HERE = Path(__file__).parent
SIZES = (128, 224, 448)
BLINDTEST = HERE.parents[2] / ".." / "shared" / "data" / "blindtest"


def difference(items: list[dict], teacher: Teacher, out: Path) -> None:
    """About nine items of every generator."""
    chosen = [item for name in GENERATORS for item in list(one_of_each(items, name))]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "items.jsonl"
        file.write_text("\n".join(json.dumps(item) for item in chosen))
        subprocess.run(["node", str(HERE / "real.mjs"), str(file), folder], check=True)
        real = [Image.open(Path(folder) / f"{number}.png").convert("RGB") for number in range(len(chosen))]
    for size in SIZES:
        clean, noisy = collections.defaultdict(list), collections.defaultdict(list)
        for item, picture in zip(chosen, real):
            ours = teacher.renderer.draw(item["scene"], size, np.random.default_rng(0)).astype(int)
            theirs = np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC)).astype(int)
            (noisy if item["scene"]["degradations"]["noise"] else clean)[item["generator"]["name"]].append(np.abs(ours - theirs).mean())
        row = [f"{name} {np.mean(clean[name]):.2f} / {np.mean(noisy[name] or [0]):.2f}" for name in GENERATORS]
        print(f"{size} px, levels of 255, without / with noise ({len(chosen)} items): " + ", ".join(row))
    strips = []
    for item, picture in zip(chosen, real):
        ours = teacher.renderer.draw(item["scene"], 224, np.random.default_rng(0)).astype(int)
        theirs = np.asarray(picture.resize((224, 224), Image.Resampling.BICUBIC)).astype(int)
        strips.append(np.hstack([ours, theirs, np.clip(128 + 2 * (ours - theirs), 0, 255)]).astype(np.uint8))
    sheet(strips, 2, 6, out / "pairs")


def one_of_each(items: list[dict], name: str):
    """Items of a generator, all its sub-tasks, levels 1, 3 and 5 in turn."""
    seen = collections.Counter()
    for item in items:
        key = item["subtask"]
        if item["generator"]["name"] == name and seen[key] < max(1, 9 // 6) + (name in ("charts", "naming", "existence")) and item["level"] in (1, 3, 5):
            seen[key] += 1
            yield item


def sheet(strips: list[np.ndarray], columns: int, rows: int, path: Path) -> None:
    for page, start in enumerate(range(0, len(strips), columns * rows)):
        part = strips[start: start + columns * rows]
        part += [np.full_like(strips[0], 255)] * (-len(part) % columns)
        lines = [np.hstack(part[k: k + columns]) for k in range(0, len(part), columns)]
        Image.fromarray(np.vstack(lines)).save(f"{path}-{page}.png")


def annotated(lesson: Lesson, scale: int = 2) -> np.ndarray:
    """The picture with places: things green, marks blue, characters orange, the first question's looks red and magenta."""
    size = lesson.picture.shape[0] * scale
    image = Image.fromarray(lesson.picture).resize((size, size), Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(image)

    def dot(x: float, y: float, colour: str, radius: int) -> None:
        draw.ellipse((x * size - radius, y * size - radius, x * size + radius, y * size + radius), outline=colour, width=2)

    for thing in lesson.things:
        dot(thing.x, thing.y, "green", 6)
    for mark in lesson.marks:
        dot(mark.x, mark.y, "blue", 4)
    for character in lesson.characters:
        dot(character.x, character.y, "orange", 1)
    board = Image.new("RGB", (size, size + 64), "white")
    board.paste(image, (0, 0))
    writer = ImageDraw.Draw(board)
    if lesson.questions:
        question = lesson.questions[0]
        draw = writer
        for x, y in question.look_first or question.spelled or []:
            dot(x, y, "red", 9)
        for x, y in question.look_second or []:
            dot(x, y, "magenta", 11)
        for line, text in enumerate([question.text[:70], question.text[70:140], f"-> {question.answer[:70]}   ({len(lesson.questions)} questions)"]):
            writer.text((4, size + 2 + 18 * line), text, fill="black")
    return np.asarray(board)


def sheets(items: list[dict], teacher: Teacher, out: Path) -> None:
    rng = np.random.default_rng(5)
    chosen = [item for name in GENERATORS for item in one_of_each(items, name)]
    sheet([annotated(teacher.lesson(item, 224, rng)) for item in chosen], 4, 3, out / "lessons")
    blind = [item for item in items if item["generator"]["name"] == "geometric"]
    lessons = (teacher.lesson(item, 224, rng, published=1.0) for item in blind)
    sheet([annotated(lesson) for lesson in itertools.islice((one for one in lessons if one.questions[0].wording == "published"), 24)], 4, 3, out / "published")


def answers(items: list[dict], teacher: Teacher, out: Path) -> None:
    rng, records = np.random.default_rng(3), []
    for item in items:
        for illegible in ("drop", "abstain"):
            for question in teacher.lesson(item, 128, rng, illegible).questions:
                assert question.spelled is None or len(question.spelled) == len(question.answer), question
                assert question.look_first is not None or question.spelled is not None, question
                truth = dict(question.truth)
                if not question.legible:  # right is then what the harness counts as abstained
                    truth = {"answerSpec": {"type": "text", "accept": [], "caseSensitive": False, "abstain": "right"}, "answer": None}
                task = question.task if question.task in ("counting", "spatial", "existence", "ocr") else "existence"
                records.append({"task": task, "text": question.text, **truth, "said": question.answer, "wording": question.wording})
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write("\n".join(json.dumps(record) for record in records))
        file.flush()
        done = subprocess.run(["node", str(HERE / "score-answers.mjs"), file.name], check=True, stdout=subprocess.PIPE, text=True)
    outcomes = done.stdout.split()
    faults = [(outcome, record) for outcome, record in zip(outcomes, records) if outcome != "correct"]
    for outcome, record in faults[:10]:
        print(outcome, record)
    wordings = collections.Counter(record["wording"] for record in records)
    print(f"{len(outcomes)} answers scored, {len(outcomes) - len(faults)} correct; {sum(record['answer'] is None for record in records)} abstentions; {dict(wordings)}")
    assert not faults and len(outcomes) == len(records)


def speed(items: list[dict], teacher: Teacher, out: Path) -> None:
    """Process time, warm: the second pass over the items counts."""
    for size in SIZES:
        for what in ("draw", "lesson"):
            spent, made, rng = collections.Counter(), collections.Counter(), np.random.default_rng(0)
            for turn in (0, 1):
                for item in items[:700]:
                    name, begin = item["generator"]["name"], time.process_time()
                    teacher.renderer.draw(item["scene"], size, rng) if what == "draw" else teacher.lesson(item, size, rng)
                    if turn:
                        spent[name] += time.process_time() - begin
                        made[name] += 1
            row = ", ".join(f"{name} {1000 * spent[name] / made[name]:.1f} ms" for name in GENERATORS)
            print(f"{size} px, {what}: {sum(made.values()) / sum(spent.values()):.0f} a second ({row})")


def near(items: list[dict], teacher: Teacher, out: Path) -> None:
    """Ink that differs over all ink, at 64 px, of every drawing and the nearest published picture: 0 equal, 1 nothing in common."""
    def ink(picture: Image.Image) -> np.ndarray:
        return 255 - np.asarray(picture.convert("L").resize((64, 64), Image.Resampling.BOX), np.float32).ravel()

    published = {json.loads(line)["image"] for line in (BLINDTEST / "items.jsonl").read_text().splitlines()}
    theirs = np.stack([ink(Image.open(BLINDTEST / path)) for path in sorted(published)])
    rng, least = np.random.default_rng(9), collections.defaultdict(list)
    for item in [item for item in items if item["generator"]["name"] == "geometric"] * 5:
        ours = ink(Image.fromarray(teacher.renderer.draw(restyled(item, rng)[0]["scene"], 128, rng)))
        least[item["subtask"]].append((np.abs(theirs - ours).sum(1) / (theirs.sum(1) + ours.sum())).min())
    for subtask, values in least.items():
        print(f"{subtask}: {len(values)} drawings against {len(theirs)} pictures, least {min(values):.2f}, median {np.median(values):.2f}, share under 0.15: {np.mean(np.array(values) < 0.15):.3f}")


PARTS = {"difference": difference, "sheets": sheets, "answers": answers, "speed": speed, "near": near}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["difference", "sheets", "answers", "speed"], choices=[*PARTS, []])
    parser.add_argument("--items", type=int, default=1400)
    parser.add_argument("--out", type=Path, default=HERE.parent / "state" / "checks")
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    source = SceneSource({name: 1.0 for name in GENERATORS}, EVEN, first=2048 * 9000)
    items = [item for _, item in itertools.islice(source, options.items)]
    fonts = training_fonts(source.header)
    for item in items:
        check_item(item, fonts)
    teacher = Teacher(source.header)
    for part in options.parts or PARTS:
        PARTS[part](items, teacher, options.out)
    source.pool.shutdown(wait=False, cancel_futures=True)


if __name__ == "__main__":
    main()
    os._exit(0)  # a chunk being made ahead need not be waited for
