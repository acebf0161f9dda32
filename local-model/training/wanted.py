"""The model card's table of what was wanted, from a run of `ocelli bench` over all suites: `python wanted.py RUN [--model ID]`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Callable

from evaluate import WEIGHTS, wilson
from suites import records

MARKS = ("<!-- wanted:start -->", "<!-- wanted:end -->")


def of(suite: str, *subtasks: str) -> Callable[[dict], bool]:
    return lambda item: item["suite"] == suite and item["subtask"] in subtasks


def counted(low: int, high: int, *subtasks: str) -> Callable[[dict], bool]:
    return lambda item: of("counting", *subtasks)(item) and low <= item["answer"] <= high


ROWS: list[tuple[str, str, Callable[[dict], bool]]] = [
    ("counting 0–9, exact: plain shapes, alone", "90 %", counted(0, 9, "shapes")),
    ("counting 0–9, exact: shapes by attribute", "", counted(0, 9, "attribute")),
    ("counting 0–9, exact: named objects, alone", "75 %", counted(0, 9, "objects")),
    ("counting 0–9, exact: named objects among others", "", counted(0, 9, "distractors")),
    ("counting 10–15", "reported", counted(10, 15, "shapes", "objects", "attribute", "distractors", "prior")),
    ("left, right, above, below: shapes", "93 %", of("spatial", "relation-shapes")),
    ("left, right, above, below: named objects", "80 %", of("spatial", "relation-objects")),
    ("is there a …: shapes and colours", "95 %", of("existence", "binding")),
    ("is there a …: named objects, absent ones near", "80 %", of("existence", "adversarial")),
    ("naming one object of 211, unseen art style", "40 %", of("naming", "open")),
    ("reading a word, string or number, all sizes", "85 / 50 %", of("ocr", "word", "string", "number")),
    ("a chart's value", "reported", of("charts", "bar-value", "line-value", "pie-percent")),
    ("a table cell, a receipt total", "reported", of("ocr", "table", "receipt-total")),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--model", default="local:tiny")
    options = parser.parse_args()
    items = {item["id"]: item for item in records(options.run, "items")}
    scores = [s for s in records(options.run, "scores") if s["model"] == options.model]
    lines = ["| the task | must | right of asked (95 %) | n |", "|---|---|---|---|"]
    for name, must, chosen in ROWS:
        right = [score["outcome"] == "correct" for score in scores if chosen(items[score["itemId"]])]
        low, high = wilson(sum(right), len(right))
        lines.append(f"| {name} | {must} | {100 * sum(right) / len(right):.0f} % ({100 * low:.0f}–{100 * high:.0f}) | {len(right)} |")
    card = WEIGHTS / "README.md"
    written = card.read_text()
    start, end = written.index(MARKS[0]), written.index(MARKS[1])
    card.write_text(written[: start + len(MARKS[0])] + "\n" + "\n".join(lines) + "\n" + written[end:])
    print("\n".join(lines))


if __name__ == "__main__":
    main()
