"""Draws the geometric items anew in the manner of BlindTest's paper: white ground, plain inks, its ranges and layouts.

Made from the paper's description and the ranges of its published notebooks (github.com/anguyen8/vision-llms-are-blind, src/); none of its
pictures was used. What it has and the generator has not: lines of blue and red,
circles that just touch, grids that reach the border. `python -m draw.check near` measures that no drawing nearly equals one of its pictures.
"""

from __future__ import annotations

import math

import numpy as np

from .places import crossing_points

SIDE = 512
CLEAN = {"rotation": 0, "contrast": 100, "blur": 0, "noise": 0, "jpeg": None}
WHITE = {"kind": "plain", "colour": "#ffffff"}
INKS = ("#000000", "#ff0000", "#0000ff", "#008000", "#800080", "#ffa500", "#a52a2a", "#00008b")


def restyled(item: dict, rng: np.random.Generator) -> tuple[dict, bool]:
    """The item drawn anew, its truth changed with it, and whether its two circles just touch."""
    make = {"crossings": lines, "touching-circles": circles, "nested-squares": squares, "grid-blank": grid, "grid-text": grid}.get(item["subtask"], rings)
    elements, answer, tangent = make(item, rng)
    scene = {**item["scene"], "background": WHITE, "elements": elements, "degradations": CLEAN}
    return {**item, "scene": scene, "answer": answer, "evidence": [element["id"] for element in elements if element["role"] == "target"]}, tangent


def lines(item: dict, rng: np.random.Generator):
    """A blue and a red line of two straight pieces each; 0, 1 or 2 crossings, none of them at a bend."""
    wanted = int(rng.integers(3))
    width = float(rng.choice((2, 3, 4, 5, 6)))
    for _ in range(400):
        middle = SIDE * rng.uniform(0.38, 0.62)
        xs = (SIDE * rng.uniform(0.02, 0.2), middle, SIDE * rng.uniform(0.8, 0.98))
        ys = rng.uniform(0.02, 0.98, (2, 3)) * SIDE
        first, second = [[x, y] for x, y in zip(xs, ys[0])], [[x, y] for x, y in zip(xs, ys[1])]
        gaps = np.abs(ys[0] - ys[1])
        if len(crossing_points(first, second)) == wanted and gaps.min() > 3 * width + 4:
            break
    else:
        wanted = len(crossing_points(first, second))
    inks = (("blue line", "#0000ff"), ("red line", "#ff0000"))
    elements = [{"kind": "line", "id": f"e{k + 1}", "role": "target", "name": name, "points": points, "colour": ink, "width": width}
                for k, ((name, ink), points) in enumerate(zip(inks, (first, second)))]
    return elements, wanted, False


def circle(number: int, x: float, y: float, diameter: float, ink: str, stroke: float, filled: bool = False, shape: str = "circle") -> dict:
    return {"kind": "shape", "id": f"e{number}", "role": "target", "name": shape, "shape": shape, "x": x, "y": y, "size": diameter, "rotation": 0,
            "fill": ink if filled else None, "stroke": None if filled else ink, "strokeWidth": 0 if filled else stroke}


def circles(item: dict, rng: np.random.Generator):
    """Two circles of one size: overlapping, just touching, or apart by as little as a tenth of a radius."""
    roll = rng.random()
    diameter = SIDE * rng.uniform(0.12, 0.36)
    stroke, filled = float(rng.choice((1.5, 2, 3, 4))), rng.random() < 0.35
    edge = 0.0 if filled else stroke
    kind = "overlap" if roll < 0.3 else "tangent" if roll < 0.5 else "apart"
    gap = {"overlap": -rng.uniform(0.04, 0.2) * diameter, "tangent": -0.5 * edge, "apart": rng.uniform(0.05, 0.4) * diameter + edge + 2}[kind]
    angle = rng.choice((0, 45, 90, 135)) if rng.random() < 0.7 else rng.uniform(0, 180)
    dx, dy = math.cos(math.radians(angle)) * (diameter + gap), math.sin(math.radians(angle)) * (diameter + gap)
    room = [(SIDE - abs(step) - diameter) / 2 - edge - 4 for step in (dx, dy)]
    x, y = (SIDE / 2 + rng.uniform(-max(0, r), max(0, r)) for r in room)
    inks = rng.choice(INKS, 2, replace=False)
    elements = [circle(1, x - dx / 2, y - dy / 2, diameter, str(inks[0]), stroke, filled), circle(2, x + dx / 2, y + dy / 2, diameter, str(inks[1]), stroke, filled)]
    return elements, "no" if kind == "apart" else "yes", kind == "tangent"


def squares(item: dict, rng: np.random.Generator):
    """2 to 5 squares one inside the other, each placed at will in the one around it; the published ones fill a fifth to a half of the picture's width."""
    count, stroke = int(rng.integers(2, 6)), float(rng.choice((1.4, 2, 3, 4)))
    size = SIDE * (rng.uniform(0.2, 0.5) if rng.random() < 0.6 else rng.uniform(0.45, 0.92))
    x, y = rng.uniform(8, SIDE - size - 8), rng.uniform(8, SIDE - size - 8)
    ink, elements = str(rng.choice(INKS)), []
    for number in range(1, count + 1):
        elements.append({"kind": "rectangle", "id": f"e{number}", "role": "target", "name": "square", "x": x, "y": y, "width": size, "height": size, "fill": None, "stroke": ink, "strokeWidth": stroke})
        clear = stroke + 3
        inner = min(size * rng.uniform(0.6, 0.82) - SIDE * rng.uniform(0, 0.02), size - 2 * clear - 2)
        if inner < 6:
            count = number
            break
        x, y = x + rng.uniform(clear, max(clear, size - inner - clear)), y + rng.uniform(clear, max(clear, size - inner - clear))
        size = inner
    return elements, count, False


def grid(item: dict, rng: np.random.Generator):
    """3 to 9 rows and columns of ruled lines; the words of the item's cells are moved along.

    An even grid that fills the picture has no freedom but its numbers and would equal BlindTest's: one that reaches the border on both axes is uneven.
    """
    rows, columns = int(rng.integers(3, 10)), int(rng.integers(3, 10))
    to_border = str(rng.choice(("none", "across", "down", "uneven"), p=(0.4, 0.15, 0.15, 0.3)))
    left, right = (float(rng.choice((1, 2, 4, 10))) if to_border in ("across", "uneven") else rng.uniform(18, 70) for _ in range(2))
    top, bottom = (float(rng.choice((1, 2, 4, 10))) if to_border in ("down", "uneven") else rng.uniform(18, 70) for _ in range(2))
    width = float(rng.choice((2, 3, 4, 6)))
    ink = "#000000" if rng.random() < 0.6 else str(rng.choice(INKS))
    xs, ys = (edges(rng, start, SIDE - end, number, to_border == "uneven") for start, end, number in ((left, right, columns), (top, bottom, rows)))
    rules = [((left, y), (SIDE - right, y)) for y in ys] + [((x, top), (x, SIDE - bottom)) for x in xs]
    elements = [{"kind": "line", "id": f"e{k + 1}", "role": "target", "name": "grid line", "points": [list(a), list(b)], "colour": ink, "width": width} for k, (a, b) in enumerate(rules)]
    words = [element for element in item["scene"]["elements"] if element["kind"] == "text"]
    if words:
        narrowest, shortest = (min(b - a for a, b in zip(places, places[1:])) for places in (xs, ys))
        for cell in range(rows * columns):
            word, column, row = words[cell % len(words)], cell % columns, cell // columns
            size = max(6, round(min(min(narrowest, shortest) * 0.4, narrowest / max(1, len(word["text"])) * 1.4, 26)))
            elements.append({**word, "id": f"e{len(elements) + 1}", "size": size, "align": "center", "colour": "#000000",
                             "x": (xs[column] + xs[column + 1]) / 2, "y": (ys[row] + ys[row + 1]) / 2 + size / 3})
    return elements, [rows, columns], False


def edges(rng: np.random.Generator, start: float, end: float, number: int, uneven: bool) -> list[float]:
    """Where the lines of a grid lie along one axis; uneven ones differ by up to twice."""
    parts = rng.uniform(0.5, 1.0, number) if uneven else np.ones(number)
    return [start + (end - start) * float(share) for share in np.concatenate(([0.0], np.cumsum(parts) / parts.sum()))]


def rings(item: dict, rng: np.random.Generator):
    """5 to 9 circles or pentagons in two staggered rows, as on the Olympic flag."""
    shape = "circle" if item["subtask"] == "overlapping-rings" else "pentagon"
    count = int(rng.integers(5, 10))
    step_share = rng.uniform(0.53, 0.64)  # of the size, between neighbours of different rows
    most = (SIDE - 30) / (1 + step_share * (count - 1))
    size = most * rng.uniform(0.3, 1.0)
    step, drop = size * step_share, size * rng.uniform(0.2, 0.3)
    reach = size + step * (count - 1)
    left = rng.uniform(10, SIDE - 10 - reach) + size / 2
    middle = rng.uniform(size / 2 + drop + 8, SIDE - size / 2 - drop - 8)
    stroke = float(rng.choice((0.8, 1.2, 1.5, 2, 3, 4)))
    single = "#000000" if rng.random() < 0.5 else None
    # The longer row is above with an odd number, as on the flag.
    elements = [circle(k + 1, left + k * step, middle + (-drop if k % 2 == 0 else drop), size, single or str(rng.choice(INKS)), stroke, shape=shape) for k in range(count)]
    return elements, count, False
