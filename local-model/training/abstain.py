"""How often the shipped model invents an answer where it should abstain, and abstains where it need not: `python abstain.py [RUN...] [--photos FOLDER] [--card]`.

Each RUN is a folder of `ocelli bench`, the first over the suites; items that several share count once. Absent things and illegible print come from there; questions without a picture are
asked here, and so are counts and places in photographs: of ../shared/data/coco where it is at hand, and of `--photos`, a folder in YOLO's layout (names of classes in
`object_detection/config.yaml`), for instance github.com/lightly-ai/coco128_yolo. Where neither is there, those rows are left out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from itertools import chain
from pathlib import Path
from typing import Iterable, Iterator, NamedTuple

import numpy as np
from PIL import Image

import questions
from evaluate import WEIGHTS, into_card, wilson
from runtime import Runtime
from scenes import HELD_OUT_SEED
from suites import records

MARKS = ("<!-- abstain:start -->", "<!-- abstain:end -->")
HEAD = ("| asked for | wrong ÷ asked | 95 % | n |", "|---|---|---|---|")
COCO = Path(__file__).resolve().parents[3] / "shared" / "data" / "coco"
REFUSALS = ("cannot tell", "see no picture", "unreadable")
PLACES = ("Where is the {} relative to the {}?", "Is the {} left of, right of, above or below the {}? Answer with one of: left, right, above or below.")


COMMON = ("dog", "chair")  # the second thing of a place may be one of them, shown or not
COUNT = 'How many objects of the class "{}" are in the image? Answer with a number.'


class Photograph(NamedTuple):
    file: Path
    names: list[str]
    """What it shows."""
    counting: list[str]
    """Questions about how many there are; none for some of the COCO items."""


def abstained(text: str) -> bool:
    return any(phrase in text.lower() for phrase in REFUSALS)


def from_runs(runs: list[Path], model: str) -> dict[str, list[bool]]:
    """True where the model did what it should not have done."""
    items = {item["id"]: item for run in runs for item in records(run, "items")}
    scores = {score["itemId"]: score for run in runs for score in records(run, "scores") if score["model"] == model}
    found: dict[str, list[bool]] = {"absent things: said to be there": [], "illegible print: read all the same": [],
                                    "answerable drawings but print: abstained": [], "print that can be read at full size: abstained": []}
    for score in scores.values():
        item = items[score["itemId"]]
        gave_up = score["outcome"] in ("abstained", "refused")
        if item["answer"] is None:
            found["illegible print: read all the same"].append(score["outcome"] != "correct" and not gave_up)
        elif item["suite"] == "ocr":
            found["print that can be read at full size: abstained"].append(gave_up)
        else:
            found["answerable drawings but print: abstained"].append(gave_up)
        if item["suite"] == "existence" and item["answer"] == "no":
            found["absent things: said to be there"].append(score["outcome"] != "correct" and not gave_up)
    return found


def without_picture(runtime: Runtime, items: list[dict], number: int) -> list[bool]:
    """The suites' own questions and those of questions.py, with no picture sent."""
    rng = np.random.default_rng(HELD_OUT_SEED)
    asked = [items[int(k)]["questions"][0] for k in rng.permutation(len(items))[: number // 2]]
    asked += [questions.without_picture(np.random.default_rng(HELD_OUT_SEED + k)).text for k in range(number - len(asked))]
    return [not abstained(runtime.answer(text, None)) for text in asked]


def coco_items() -> Iterator[Photograph]:
    seen: dict[str, list[dict]] = {}
    for line in (COCO / "items.jsonl").read_text().splitlines():
        item = json.loads(line)
        seen.setdefault(item["image"], []).append(item)
    for image, items in sorted(seen.items()):
        counting = [item["question"] for item in items if item["task"] == "count"]
        yield Photograph(COCO / image, sorted({item["id"].split("-")[-1] for item in items}), counting)


def yolo_folder(folder: Path) -> Iterator[Photograph]:
    config = (folder / "object_detection" / "config.yaml").read_text()
    classes = dict(re.findall(r"^ +(\d+): (.+)$", config, re.MULTILINE))
    for image in sorted((folder / "images").glob("*/*.jpg")):
        labels = folder / "object_detection" / "labels" / image.parent.name / f"{image.stem}.txt"
        lines = labels.read_text().splitlines() if labels.exists() else []
        # A photograph without a labelled thing is asked about what it does not show.
        names = sorted({classes[line.split()[0]] for line in lines}) or list(COMMON)
        yield Photograph(image, names, [COUNT.format(name) for name in names])


def photographs(runtime: Runtime, shown: Iterable[Photograph]) -> dict[str, list[bool]]:
    """One count and one place asked of every photograph; the same bytes are asked about once."""
    counts, places, rng, known = [], [], np.random.default_rng(4), set[str]()
    for photograph in shown:
        picture = np.asarray(Image.open(photograph.file).convert("RGB"))
        content = hashlib.sha256(picture.tobytes()).hexdigest()
        if content in known:
            continue
        known.add(content)
        if photograph.counting:
            counts.append(not abstained(runtime.answer(questions.pick(rng, photograph.counting), picture)))
        first = questions.pick(rng, photograph.names)
        second = questions.pick(rng, [name for name in (*photograph.names, *COMMON) if name != first])
        places.append(not abstained(runtime.answer(questions.pick(rng, PLACES).format(first, second), picture)))
    return {"count in a photograph: answered": counts, "place in a photograph: answered": places}


def row(name: str, wrong: list[bool]) -> str:
    low, high = wilson(sum(wrong), len(wrong))
    return f"| {name} | {100 * sum(wrong) / len(wrong):.1f} % | {100 * low:.1f}–{100 * high:.1f} | {len(wrong)} |"


def kept_rows() -> dict[str, str]:
    """Rows that the card has; of the same weights, so those that were not measured now stay. Whoever has other weights names all the runs."""
    written = (WEIGHTS / "README.md").read_text()
    start, end = (written.index(mark) for mark in MARKS)
    return {line.split("|")[1].strip(): line for line in written[start:end].splitlines()[3:]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="*")
    parser.add_argument("--model", default="local:tiny")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--no-picture", type=int, default=500)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--card", action="store_true")
    options = parser.parse_args()
    if options.card and options.weights.resolve() != WEIGHTS.resolve():
        parser.error("--card is about the weights in the package; leave --weights out.")
    if options.card and options.photos is None:
        parser.error("With --card name --photos too, which the card's rows about photographs are about.")
    runtime = Runtime(options.weights)
    found: dict[str, list[bool]] = {}
    if options.runs:
        found = from_runs(options.runs, options.model)
        found["no picture: answered"] = without_picture(runtime, records(options.runs[0], "items"), options.no_picture)
    shown = chain(coco_items() if COCO.exists() else (), yolo_folder(options.photos) if options.photos else ())
    found |= photographs(runtime, shown)
    lines = {name: row(name, wrong) for name, wrong in found.items() if wrong}
    print("\n".join((*HEAD, *lines.values())))
    if options.card:
        print(f"Kept as they were: {', '.join(kept_rows().keys() - lines.keys()) or 'none'}")
        into_card(MARKS, "\n".join((*HEAD, *(kept_rows() | lines).values())))


if __name__ == "__main__":
    main()
