"""How often the shipped model invents an answer where it should abstain, and abstains where it need not: `python abstain.py RUN... [--card]`.

Each RUN is a folder of `ocelli bench`, the first over the suites; items that several share count once. Absent things and illegible print come from there; questions without a picture are
asked here, and so are counts and places in photographs, where ../shared/data/coco is at hand (the row is left out elsewhere).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

import questions
from evaluate import WEIGHTS, into_card, wilson
from runtime import Runtime
from scenes import HELD_OUT_SEED
from suites import records

MARKS = ("<!-- abstain:start -->", "<!-- abstain:end -->")
COCO = Path(__file__).resolve().parents[3] / "shared" / "data" / "coco"
REFUSALS = ("cannot tell", "see no picture", "unreadable")
PLACES = ("Where is the {} relative to the {}?", "Is the {} left of, right of, above or below the {}? Answer with one of: left, right, above or below.")


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


def photographs(runtime: Runtime) -> dict[str, list[bool]]:
    """One count and one place asked of every photograph."""
    seen: dict[str, list[dict]] = {}
    for line in (COCO / "items.jsonl").read_text().splitlines():
        item = json.loads(line)
        seen.setdefault(item["image"], []).append(item)
    counts, places, rng = [], [], np.random.default_rng(4)
    for image, items in sorted(seen.items()):
        picture = np.asarray(Image.open(COCO / image).convert("RGB"))
        counting = [item["question"] for item in items if item["task"] == "count"]
        names = sorted({item["id"].split("-")[-1] for item in items})
        if counting:
            counts.append(not abstained(runtime.answer(questions.pick(rng, counting), picture)))
        first, second = questions.pick(rng, names), questions.pick(rng, names)
        places.append(not abstained(runtime.answer(questions.pick(rng, PLACES).format(first, second), picture)))
    return {"count in a photograph: answered": counts, "place in a photograph: answered": places}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--model", default="local:tiny")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--no-picture", type=int, default=500)
    parser.add_argument("--card", action="store_true")
    options = parser.parse_args()
    runtime = Runtime(options.weights)
    found = from_runs(options.runs, options.model)
    found["no picture: answered"] = without_picture(runtime, records(options.runs[0], "items"), options.no_picture)
    if COCO.exists():
        found |= photographs(runtime)
    lines = ["| asked for | wrong ÷ asked | 95 % | n |", "|---|---|---|---|"]
    for name, wrong in found.items():
        if wrong:
            low, high = wilson(sum(wrong), len(wrong))
            lines.append(f"| {name} | {100 * sum(wrong) / len(wrong):.1f} % | {100 * low:.1f}–{100 * high:.1f} | {len(wrong)} |")
    print("\n".join(lines))
    if options.card:
        into_card(MARKS, "\n".join(lines))


if __name__ == "__main__":
    main()
