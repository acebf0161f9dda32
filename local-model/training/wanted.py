"""The model card's table of what was wanted, from runs of `ocelli bench`: `python wanted.py RUN... [--seen RUN...] [--model ID]`.

Items that several runs share count once; `--seen` are runs of the suite naming with `--look seen`.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Callable

from evaluate import into_card, wilson
from suites import records

MARKS = ("<!-- wanted:start -->", "<!-- wanted:end -->")


def of(suite: str, *subtasks: str) -> Callable[[dict], bool]:
    return lambda item: item["suite"] == suite and item["subtask"] in subtasks


def counted(low: int, high: int, *subtasks: str) -> Callable[[dict], bool]:
    return lambda item: of("counting", *subtasks)(item) and low <= item["answer"] <= high


def seen_word(item: dict) -> bool:
    """Whether training may show the word, as benchmarks/scenes/words.ts decides."""
    return int.from_bytes(hashlib.sha256(item["answer"].lower().encode()).digest()[:4], "big") % 2 == 0


def printed(least: float, *subtasks: str) -> Callable[[dict], bool]:
    """Print alone on the page with an x-height of `least` px and more: half of a font's size."""
    return lambda item: of("ocr", *subtasks)(item) and item["answer"] is not None and item["difficulty"]["xHeight"] >= 10 * least


def smaller(least: float, *subtasks: str) -> Callable[[dict], bool]:
    return lambda item: printed(0, *subtasks)(item) and not printed(least, *subtasks)(item)


SINGLE = ("word", "string", "number")
ROWS: list[tuple[str, str, Callable[[dict], bool]]] = [
    ("counting 0–9, exact: plain shapes, alone", "90 %", counted(0, 9, "shapes")),
    ("counting 0–9, exact: shapes by attribute", "", counted(0, 9, "attribute")),
    ("counting 0–9, exact: named objects, alone", "75 %", counted(0, 9, "objects")),
    ("counting 0–9, exact: named objects among others", "", counted(0, 9, "distractors")),
    ("counting 10–15, all these kinds together", "reported", counted(10, 15, "shapes", "objects", "attribute", "distractors", "prior")),
    ("left, right, above, below: shapes", "93 %", of("spatial", "relation-shapes")),
    ("left, right, above, below: named objects", "80 %", of("spatial", "relation-objects")),
    ("is there a …: shapes and colours", "95 %", of("existence", "binding")),
    ("is there a …: named objects, absent ones near", "80 %", of("existence", "adversarial")),
    ("naming one object of 211, unseen art style", "40 %", of("naming", "open")),
    ("reading a word, string or number of 20 px and more", "85 %", printed(10, *SINGLE)),
    ("reading one of 14 to 20 px (the suite has none smaller)", "50 % at 12 px", smaller(10, *SINGLE)),
    ("of both sizes, words that training may show", "", lambda item: printed(0, "word")(item) and seen_word(item)),
    ("of both sizes, words that it never shows", "", lambda item: printed(0, "word")(item) and not seen_word(item)),
    ("of both sizes, strings and numbers", "", printed(0, "string", "number")),
    ("a sign, a screen's value", "", of("ocr", "sign", "screen")),
    ("a chart's value", "reported", of("charts", "bar-value", "line-value", "pie-percent")),
    ("a table cell, a receipt total", "reported", of("ocr", "table", "receipt-total")),
]


def verdicts(runs: list[Path], model: str) -> list[tuple[dict, bool]]:
    """Every item asked, once, and whether it was answered rightly."""
    found: dict[str, tuple[dict, bool]] = {}
    for run in runs:
        items = {item["id"]: item for item in records(run, "items")}
        found |= {s["itemId"]: (items[s["itemId"]], s["outcome"] == "correct") for s in records(run, "scores") if s["model"] == model}
    return list(found.values())


def row(name: str, must: str, right: list[bool]) -> str:
    low, high = wilson(sum(right), len(right))
    return f"| {name} | {must} | {100 * sum(right) / len(right):.0f} % ({100 * low:.0f}–{100 * high:.0f}) | {len(right)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, nargs="+")
    parser.add_argument("--seen", type=Path, nargs="+")
    parser.add_argument("--model", default="local:tiny")
    options = parser.parse_args()
    lines = ["| the task | must | right of asked (95 %) | n |", "|---|---|---|---|"]
    whole = verdicts(options.run, options.model)
    lines += [row(name, must, [right for item, right in whole if chosen(item)]) for name, must, chosen in ROWS]
    if options.seen:
        at = 2 + next(k for k, (name, _, _) in enumerate(ROWS) if name.startswith("naming"))
        lines.insert(at + 1, row("naming one object of 211, art styles of training", "85 %", [right for item, right in verdicts(options.seen, options.model) if of("naming", "open")(item)]))
    into_card(MARKS, "\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
