"""Where things, marks and characters lie in the finished picture: fractions of its width and height from the top left."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .faces import Faces

Place = tuple[float, float]


@dataclass
class Thing:
    """Something drawn that has a name. `x` and `y` are its centre, `size` a fraction of the picture's shorter side."""

    id: str
    kind: str  # the element's kind: shape, object, polygon, rectangle, sector
    name: str  # what a question may call it: "red circle", "dog", "bar"
    category: str  # "circle", "dog", "bar": the name without its colour, one of categories()
    colour: str | None  # None where the name holds none
    x: float
    y: float
    size: float


SHAPES = ("circle", "square", "triangle", "star", "cross", "heart", "diamond", "pentagon", "hexagon", "crescent", "ring", "dot", "bar", "point", "slice")
MARKS = ("crossing", "contact", "corner", "tip", "cell", "end")
CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz%-."


def categories(header: dict) -> tuple[str, ...]:
    """Every category that a thing can have: shapes and parts of charts, then the classes of objects."""
    return SHAPES + tuple(entry["name"] for entry in header["objectClasses"])


@dataclass
class Mark:
    """A spot that matters and is no thing: one of MARKS."""

    kind: str
    x: float
    y: float


@dataclass
class Character:
    character: str
    x: float
    y: float
    element: str  # id of the text element


COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "gray", "cyan")


class Frame:
    """Turns scene pixels into fractions of the picture, the picture's turn included."""

    def __init__(self, scene: dict):
        self.width, self.height = scene["width"], scene["height"]
        angle = math.radians(scene["degradations"]["rotation"] / 10)
        self.cosine, self.sine = math.cos(angle), math.sin(angle)

    def place(self, x: float, y: float) -> Place:
        dx, dy = x - self.width / 2, y - self.height / 2
        u = float(self.width / 2 + dx * self.cosine - dy * self.sine) / self.width
        v = float(self.height / 2 + dx * self.sine + dy * self.cosine) / self.height
        return min(0.999, max(0.0, u)), min(0.999, max(0.0, v))


def spot(element: dict) -> Place:
    """The point of an element to look at, in scene pixels: mostly its centre."""
    kind = element["kind"]
    if kind in ("shape", "object"):
        return element["x"], element["y"]
    if kind == "rectangle":
        if element["name"] == "bar":  # the value is where the bar ends
            return element["x"] + element["width"] / 2, element["y"]
        if element["fill"] is None:  # nested squares share their middle, not their corners
            return element["x"], element["y"]
        return element["x"] + element["width"] / 2, element["y"] + element["height"] / 2
    if kind == "sector":
        angle = math.radians((element["start"] + element["end"]) / 20 - 90)
        return element["x"] + 0.6 * element["radius"] * math.cos(angle), element["y"] + 0.6 * element["radius"] * math.sin(angle)
    if kind == "text":
        return element["x"], element["y"] - element["size"] / 3
    points = element["points"]
    if element["name"] == "leg":
        return tuple(points[-1])
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def extent(element: dict) -> float:
    """Longer side in scene pixels."""
    kind = element["kind"]
    if kind in ("shape", "object", "text"):
        return element["size"]
    if kind == "sector":
        return element["radius"]
    if kind == "rectangle":
        return max(element["width"], element["height"])
    xs, ys = zip(*element["points"])
    return max(max(xs) - min(xs), max(ys) - min(ys))


def things(scene: dict, frame: Frame) -> list[Thing]:
    found = []
    for element in scene["elements"]:
        if element["name"] == "" or element["kind"] in ("text", "line") or (element["kind"] == "rectangle" and element["fill"] is None):
            continue  # lines and empty squares lie nowhere in particular: see marks
        first, _, rest = element["name"].partition(" ")
        colour, category = (first, rest) if first in COLOURS and rest and element["kind"] != "object" else (None, element["name"])
        x, y = frame.place(*spot(element))
        found.append(Thing(element["id"], element["kind"], element["name"], category, colour, x, y, extent(element) / min(frame.width, frame.height)))
    return found


def characters(scene: dict, frame: Frame, faces: Faces, ids: set[str] | None = None) -> list[Character]:
    """Every character of the text elements (or of those named), spaces included, in the order of reading."""
    found = []
    for element in scene["elements"]:
        if element["kind"] != "text" or (ids is not None and element["id"] not in ids):
            continue
        face = faces.get(element["font"])
        start, offsets, size = face.start(element), face.offsets(element["text"]), element["size"]
        middle = element["y"] - size * face.capital_height / 2
        for character, left, right in zip(element["text"], offsets, offsets[1:]):
            found.append(Character(character, *frame.place(start + (left + right) / 2 * size, middle), element["id"]))
    return found


def seen_x_height(element: dict, faces: Faces, scene: dict, size: int) -> float:
    """Height of a text element's small letters in the finished picture, in its pixels."""
    return faces.get(element["font"]).x_height * element["size"] * size / max(scene["width"], scene["height"])


def crossing_points(first: list, second: list) -> list[Place]:
    """Where two polylines cross, in scene pixels."""
    found = []
    for (ax, ay), (bx, by) in zip(first, first[1:]):
        for (cx, cy), (dx, dy) in zip(second, second[1:]):
            across = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
            if across == 0:
                continue
            t = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / across
            u = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / across
            if 0 <= t <= 1 and 0 <= u <= 1:
                found.append((ax + t * (bx - ax), ay + t * (by - ay)))
    return found


def contact_point(one: dict, other: dict) -> Place:
    """The middle of the gap, or of the overlap, of two circles, in scene pixels."""
    dx, dy = other["x"] - one["x"], other["y"] - one["y"]
    distance = math.hypot(dx, dy) or 1.0
    along = (one["size"] / 2 + distance - other["size"] / 2) / 2
    return one["x"] + dx / distance * along, one["y"] + dy / distance * along


def grid_cells(scene: dict) -> tuple[list[Place], list[Place]]:
    """Middles of the first column's cells (one a row) and of the first row's cells, in scene pixels."""
    rules = [element["points"] for element in scene["elements"] if element["name"] == "grid line"]
    ys = sorted({a[1] for a, b in rules if a[1] == b[1]})
    xs = sorted({a[0] for a, b in rules if a[0] == b[0]})
    across, down = [(a + b) / 2 for a, b in zip(xs, xs[1:])], [(a + b) / 2 for a, b in zip(ys, ys[1:])]
    return [(across[0], y) for y in down], [(x, down[0]) for x in across]


def marks(item: dict) -> list[tuple[str, float, float]]:
    """Spots of an item's drawing that its count or verdict rests on, in scene pixels, by kind."""
    scene, subtask = item["scene"], item["subtask"]
    elements = scene["elements"]
    named = [element for element in elements if element["id"] in set(item["evidence"])]
    if subtask == "crossings":
        return [("crossing", *place) for place in crossing_points(named[0]["points"], named[1]["points"])]
    if subtask == "touching-circles":
        return [("contact", *contact_point(named[0], named[1]))]
    if subtask == "nested-squares":
        return [("corner", *spot(element)) for element in named]
    if subtask.startswith("grid-"):
        rows, columns = grid_cells(scene)
        return [("cell", *place) for place in rows + columns[1:]]
    if subtask == "prior" and item["task"] == "counting":
        if named and named[0]["kind"] == "polygon":
            return [("tip", x, y) for x, y in named[0]["points"][::2]]
        if named and named[0]["name"] == "square":  # a chessboard's rows: the first square of each
            left = min(element["x"] for element in named)
            return [("cell", *spot(element)) for element in named if element["x"] == left]
        return [("end" if element["name"] == "leg" else "thing", *spot(element)) for element in named]
    return []
