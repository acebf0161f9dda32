"""What the shipped model says of photographs, on sheets for somebody to judge: `python photo_sheet.py FOLDER --out SHEETS`.

Whether a name fits the main thing of a photograph is for somebody who looks; `photo_verdicts.json` keeps what was said and how it was judged. `--judged` asks
again about the photographs of that file, which FOLDER must hold and nothing else, counts the verdicts where the answers are still the same (others are to be judged
anew) and, with `--card`, writes the counts into the model card.
"""

from __future__ import annotations

import argparse
import json
import textwrap
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from evaluate import WEIGHTS, into_card, wilson
from runtime import Runtime

QUESTION = "What is this a picture of?"
SIDE, COLUMNS, CAPTION, LETTERS = 220, 6, 44, 30
KINDS = (".jpg", ".jpeg", ".png")
VERDICTS = Path(__file__).with_name("photo_verdicts.json")
MARKS = ("<!-- photos:start -->", "<!-- photos:end -->")


def said(runtime: Runtime, path: Path) -> str:
    answer = runtime.answer(QUESTION, np.asarray(Image.open(path).convert("RGB")))
    return answer.split(".")[0] if answer.startswith("I cannot tell") else answer


def sheet(cells: list[tuple[Path, str]]) -> Image.Image:
    rows = -(-len(cells) // COLUMNS)
    board = Image.new("RGB", (COLUMNS * SIDE, rows * (SIDE + CAPTION)), "white")
    pen, font = ImageDraw.Draw(board), ImageFont.load_default(13)
    for number, (path, answer) in enumerate(cells):
        left, top = number % COLUMNS * SIDE, number // COLUMNS * (SIDE + CAPTION)
        photo = Image.open(path).convert("RGB")
        photo.thumbnail((SIDE - 6, SIDE - 6))
        board.paste(photo, (left, top))
        pen.text((left, top + SIDE - 4), textwrap.fill(f"{path.stem.lstrip('0')}: {answer}", LETTERS), fill="black", font=font)
    return board


def counted(cells: list[tuple[Path, str]], verdicts: dict[str, dict]) -> str:
    """A table of the verdicts, judge by judge."""
    missing = verdicts.keys() ^ {path.name for path, _ in cells}
    if missing:
        raise SystemExit(f"Not both in the folder and in {VERDICTS.name}: {', '.join(sorted(missing)[:5])}")
    changed = [path.name for path, answer in cells if verdicts[path.name]["said"] != answer]
    if changed:
        raise SystemExit(f"To be judged anew, since the answer is another one than in {VERDICTS.name}: {', '.join(changed)}")
    judged = [verdicts[path.name]["judged"] for path, _ in cells]
    lines = ["| judge | named rightly | honestly unsure | wrong | right or unsure | 95 % | n |", "|---|---|---|---|---|---|---|"]
    for judge, all_verdicts in enumerate(zip(*judged, strict=True), 1):
        number, total = Counter(all_verdicts), len(all_verdicts)
        good = number["right"] + number["unsure"]
        low, high = wilson(good, total)
        lines.append(f"| {judge} | {number['right']} | {number['unsure']} | {number['wrong']} | {100 * good / total:.0f} % | {100 * low:.0f}–{100 * high:.0f} | {total} |")
    named = [verdict for verdict in judged if set(verdict) != {"unsure"}]
    same = lambda some: sum(len(set(verdict)) == 1 for verdict in some)
    return "\n".join([*lines, "", f"The judges agree on {same(judged)} of {len(judged)}; of the {len(named)} that it names, on {same(named)}."])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--judged", action="store_true")
    parser.add_argument("--card", action="store_true")
    options = parser.parse_args()
    runtime = Runtime(options.weights)
    files = sorted(path for folder in options.folder for path in folder.iterdir() if path.suffix.lower() in KINDS)
    cells = [(path, said(runtime, path)) for path in files]
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for start in range(0, len(cells), 30):
            sheet(cells[start: start + 30]).save(options.out / f"photos-{start // 30 + 1}.png")
    if options.judged or options.card:
        table = counted(cells, json.loads(VERDICTS.read_text())["verdicts"])
        print(table)
        if options.card:
            into_card(MARKS, table)
    else:
        print(json.dumps({path.name: answer for path, answer in cells}, indent=1))


if __name__ == "__main__":
    main()
