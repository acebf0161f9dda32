"""What the shipped model says of photographs, on sheets for people to judge: `python photo_sheet.py FOLDER --out SHEETS`.

Nothing is scored here: whether a name fits the main thing of a photograph is for somebody who looks.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from evaluate import WEIGHTS
from runtime import Runtime

QUESTION = "What is this a picture of?"
SIDE, COLUMNS, CAPTION = 220, 6, 34
KINDS = (".jpg", ".jpeg", ".png")


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
        pen.text((left, top + SIDE - 4), f"{number + 1}: {answer}", fill="black", font=font)
    return board


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    runtime = Runtime(options.weights)
    files = sorted(path for folder in options.folder for path in folder.iterdir() if path.suffix.lower() in KINDS)
    cells = [(path, said(runtime, path)) for path in files]
    options.out.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(cells), 30):
        sheet(cells[start: start + 30]).save(options.out / f"photos-{start // 30 + 1}.png")
    print(json.dumps({path.name: answer for path, answer in cells}, indent=1))


if __name__ == "__main__":
    main()
