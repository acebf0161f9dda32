"""Checks the reading order without any training: `python -m printed.check`.

A stand-in for the network that knows the truth of the suites' scenes must make net.read find what simulate.py says would be found.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

import suite

from . import simulate as truth
from .net import ACROSS, DOWN, FINE, LEAST_SIZE, MIDDLE_SIZE, MOST, MOST_SIZE, NAMED, NEWLINE, PRINTABLE, read, written


class Knowing:
    """Says of each square what the scene's truth puts there, at whatever scale it is shown."""

    def __init__(self, printed: list[truth.Printed], slope: float):
        self.printed, self.slope = printed, slope

    def __call__(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        height, width = pixels.shape[-2:]
        logits, measures = torch.zeros(1, height // DOWN, width // ACROSS, NAMED), torch.zeros(1, height // DOWN, width // ACROSS, 4)
        logits[..., 0] = 12.0
        for character, x, y, em, _, _ in self.printed:
            x, y, em = x * width, y * width, em * width
            if not LEAST_SIZE <= em <= MOST_SIZE:
                continue
            row, column = int(y / DOWN), int(x / ACROSS)
            for beside in (column - 1, column, column + 1):  # a trained one is sure of the squares beside the middle too
                if 0 <= beside < width // ACROSS and (beside == column or logits[0, row, beside, 0] == 12.0):
                    logits[0, row, beside] = -12.0
                    logits[0, row, beside, 1 + PRINTABLE.index(character)] = 8.0 if beside == column else 4.0
                    measures[0, row, beside] = torch.tensor([(x - (beside + 0.5) * ACROSS) / em, (y - (row + 0.5) * DOWN) / em, math.log2(em / MIDDLE_SIZE), self.slope])
        return logits, measures


def expected(printed: list[truth.Printed]) -> str:
    cells = ["".join(entry[0] for entry in cell) for cell in truth.in_cells(printed)]
    return "".join(cell + "\n" for cell in cells)


def main() -> None:
    same = seen = 0
    for number in range(600):
        item = suite.block(suite.HELD_OUT_BLOCK, 0.0)[number]
        scene = suite.truth(item, suite.renderer().faces)
        if not scene.printed:
            continue
        one_scale = len({round(math.log2(entry[3]), 1) for entry in scene.printed}) == 1 and scene.printed[0][3] * FINE >= LEAST_SIZE
        if not one_scale or len(scene.printed) > MOST - 24:  # beyond that what is found first decides
            continue
        slope = math.tan(suite.turn_of(item["scene"]))
        found = read(Knowing(scene.printed, slope), torch.zeros(1, 3, FINE, FINE))[0]
        wanted, got = expected(scene.printed)[: int((found[:, 0] > 0).sum())], written(found)
        seen += 1
        same += got == wanted
        if got != wanted:
            print(f"{item['subtask']}: {wanted!r} was read as {got!r}")
    blank = read(Knowing([], 0.0), torch.zeros(1, 3, FINE, FINE))[0, :, 0]
    assert int(blank[0]) == NEWLINE and np.count_nonzero(blank.numpy()) == 1, "a blank picture's only token is the end"
    print(f"{same} of {seen} scenes were read in the right order")
    if same < 0.97 * seen:
        raise SystemExit("the reading order is wrong")


if __name__ == "__main__":
    main()
