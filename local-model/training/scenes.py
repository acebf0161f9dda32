"""Draws the pictures the local model learns from, together with everything that is true about them.

A picture is a function of one seed: the same seed always gives the same pixels and the same truth, so a
run can be resumed or an accuracy re-measured without keeping a single picture. Seeds from
HELD_OUT_SEED on are for evaluation only; training never reaches them.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

import lettering

HELD_OUT_SEED = 1_000_000_000

SHAPES = ("circle", "square", "triangle", "star", "cross", "heart")
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (222, 40, 40), "orange": (245, 140, 25), "yellow": (250, 220, 40), "green": (40, 160, 60),
    "blue": (40, 80, 215), "purple": (130, 50, 170), "pink": (250, 140, 190), "brown": (130, 80, 40),
    "black": (15, 15, 15), "white": (248, 248, 248), "gray": (130, 130, 130), "cyan": (70, 205, 225),
}
KINDS = ("shapes", "text", "lines", "circles", "blank")


@dataclass
class Thing:
    """One drawn thing: a shape, or "object:" and a class name. Places are fractions of the picture's width and height, from its top left corner."""

    shape: str
    colour: str | None  # None where the colour has no everyday name: never asked about
    x: float
    y: float
    radius: float  # fraction of the shorter side


@dataclass
class Scene:
    """A picture (uint8, height x width x 3) and its truth."""

    kind: str
    picture: np.ndarray
    things: list[Thing] = field(default_factory=list)
    text: str | None = None
    characters: list[tuple[str, float, float]] = field(default_factory=list)  # character, x, y of its centre
    crossings: list[tuple[float, float]] | None = None  # None: the scene has no two lines
    touching: bool | None = None  # None: the scene is not one of exactly two circles
    contact: tuple[float, float] | None = None  # the middle of the gap, or of the overlap, of the two circles
    labels: list[tuple[str, tuple[float, float]]] = field(default_factory=list)  # printed words that a question may name, and their places
    wish: tuple[int, int, int] | None = None  # what names.py is to say of the picture, whatever it shows
    printed: list[tuple[str, float, float, float, float, float]] = field(default_factory=list)  # every character as printed.simulate wants it
    legible: bool = True  # whether the print is meant to be read
    marks: list[tuple[str, float, float]] = field(default_factory=list)  # further names of model.DENSE_SHAPES and their places


def render(seed: int, kind: str | None = None, size: int = 128, ease: float = 0.0, **wish) -> Scene:
    """The scene of a seed. `ease` 1 draws fewer and larger things (start of training), 0 is full difficulty.

    `wish` narrows a shapes scene for a measurement or an example: count, only (a shape name), plain (True).
    """
    rng = np.random.default_rng(seed)
    if kind is None:
        kind = str(rng.choice(KINDS, p=(0.56, 0.22, 0.09, 0.08, 0.05)))
    # The loader squeezes any picture to a square, so training must see shapes squeezed from other aspect ratios.
    aspect = 1.0 if wish.get("plain") or rng.random() < 0.6 else math.exp(rng.uniform(-0.55, 0.55))
    scale = rng.uniform(1.6, 2.4)
    width, height = round(size * scale * math.sqrt(aspect)), round(size * scale / math.sqrt(aspect))
    background, paper = _background(rng, width, height, bool(wish.get("plain")))
    scene = Scene(kind, background)
    canvas = Image.fromarray(background)
    draw = ImageDraw.Draw(canvas)
    if kind == "shapes":
        _shapes(rng, draw, scene, width, height, paper, ease, wish)
    elif kind == "text":
        _text(rng, canvas, scene, paper, ease, size, wish)
    elif kind == "lines":
        _lines(rng, draw, scene, width, height, paper)
    elif kind == "circles":
        _two_circles(rng, draw, scene, width, height, paper)
    filters = (Image.Resampling.BICUBIC, Image.Resampling.BILINEAR, Image.Resampling.LANCZOS, Image.Resampling.BOX)
    canvas = canvas.resize((size, size), filters[0 if wish.get("plain") else int(rng.integers(4))])
    if not wish.get("plain") and rng.random() < 0.12:
        data = io.BytesIO()
        canvas.save(data, "JPEG", quality=int(rng.integers(35, 90)))
        canvas = Image.open(data).convert("RGB")
    scene.picture = np.asarray(canvas, dtype=np.uint8)
    return scene


def _jitter(rng: np.random.Generator, colour: tuple[int, int, int], amount: float = 14) -> tuple[int, int, int]:
    return tuple(int(c) for c in np.clip(np.array(colour) + rng.normal(0, amount, 3), 0, 255))


def _contrast(a: tuple[int, int, int], b: tuple[int, int, int]) -> float:
    """Rough seen difference of two colours: the eye weighs green most."""
    d = np.array(a, float) - np.array(b, float)
    return float(math.sqrt((d * d * (0.30, 0.52, 0.18)).sum()))


def _background(rng: np.random.Generator, width: int, height: int, plain: bool) -> tuple[np.ndarray, tuple[int, int, int]]:
    """A plain or lightly textured ground, and its mean colour."""
    roll = rng.random()
    if plain or roll < 0.45:
        paper = (255, 255, 255) if plain or rng.random() < 0.5 else tuple(int(v) for v in rng.integers(225, 256, 3))
    elif roll < 0.65:
        paper = tuple(int(v) for v in rng.integers(0, 45, 3))
    else:
        paper = tuple(int(v) for v in rng.integers(0, 256, 3))
    ground = np.empty((height, width, 3), np.float32)
    ground[:] = paper
    texture = 0.0 if plain else rng.random()
    if texture > 0.85:  # a slow gradient
        direction = rng.uniform(0, 2 * math.pi)
        ramp = (np.linspace(-1, 1, width)[None, :] * math.cos(direction) + np.linspace(-1, 1, height)[:, None] * math.sin(direction))
        ground += ramp[:, :, None] * rng.uniform(-22, 22, 3)
    elif texture > 0.70:  # grain
        ground += rng.normal(0, rng.uniform(3, 14), (height, width, 1))
    elif texture > 0.60:  # blotches
        coarse = rng.normal(0, rng.uniform(3, 11), (7, 7)).astype(np.float32)
        ground += np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))[:, :, None]
    elif texture > 0.52:  # ruled paper
        step, shade = int(rng.integers(9, 30)), rng.uniform(-22, 22)
        ground[::step] += shade
        if rng.random() < 0.5:
            ground[:, ::step] += shade
    return np.clip(ground, 0, 255).astype(np.uint8), paper


def _colour_for(rng: np.random.Generator, paper: tuple[int, int, int], named: bool = True) -> tuple[str | None, tuple[int, int, int]]:
    """A colour that stands out from the ground; without a name when `named` is false."""
    for _ in range(60):
        if named:
            name = str(rng.choice(list(COLOURS)))
            value = _jitter(rng, COLOURS[name])
        else:
            name, value = None, tuple(int(v) for v in rng.integers(0, 256, 3))
        if _contrast(value, paper) > 55:
            return name, value
    return ("black", COLOURS["black"]) if sum(paper) > 380 else ("white", COLOURS["white"])


def outline_points(shape: str, x: float, y: float, radius: float, turn: float) -> list[tuple[float, float]]:
    """Corners of a shape (not of a circle) round x, y, in pixels."""
    if shape == "heart":
        t = np.linspace(0, 2 * math.pi, 40)
        px, py = 16 * np.sin(t) ** 3, -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
        px, py = px / 16, py / 16
        angles, lengths = np.arctan2(py, px), np.hypot(px, py)
        turn *= 0.5
    elif shape == "square":
        angles, lengths = np.radians([45, 135, 225, 315]), np.ones(4)
        turn *= 0.5
    elif shape == "triangle":
        angles, lengths = np.radians([-90, 30, 150]), np.full(3, 1.12)
    elif shape == "star":
        angles, lengths = np.radians(np.arange(10) * 36 - 90), np.where(np.arange(10) % 2 == 0, 1.12, 0.47)
    else:  # cross, as in a plus sign
        arm = 0.3
        corners = [(arm, -1), (arm, -arm), (1, -arm), (1, arm), (arm, arm), (arm, 1), (-arm, 1), (-arm, arm), (-1, arm), (-1, -arm), (-arm, -arm), (-arm, -1)]
        angles, lengths = np.array([math.atan2(b, a) for a, b in corners]), np.array([math.hypot(a, b) for a, b in corners])
        turn *= 0.4
    return [(x + radius * l * math.cos(a + turn), y + radius * l * math.sin(a + turn)) for a, l in zip(angles, lengths)]


def _draw_shape(rng: np.random.Generator, draw: ImageDraw.ImageDraw, shape: str, x: float, y: float, radius: float,
                colour: tuple[int, int, int], paper: tuple[int, int, int], style: str, stroke: float) -> None:
    turn = rng.normal(0, 0.25) if rng.random() < 0.5 else 0.0
    edge = tuple(int(c * 0.45) for c in colour) if sum(paper) > 250 else tuple(int(c + (255 - c) * 0.6) for c in colour)
    stroke_px = max(2, round(stroke))
    if shape == "circle":
        box = (x - radius, y - radius, x + radius, y + radius)
        if style == "outline":
            draw.ellipse(box, outline=colour, width=stroke_px)
        else:
            draw.ellipse(box, fill=colour, outline=edge if style == "edged" else None, width=max(2, stroke_px // 2))
        return
    points = outline_points(shape, x, y, radius, turn)
    if style == "outline":
        draw.line(points + points[:2], fill=colour, width=stroke_px, joint="curve")
    else:
        draw.polygon(points, fill=colour)
        if style == "edged":
            draw.line(points + points[:2], fill=edge, width=max(2, stroke_px // 2), joint="curve")


def _shapes(rng: np.random.Generator, draw: ImageDraw.ImageDraw, scene: Scene, width: int, height: int,
            paper: tuple[int, int, int], ease: float, wish: dict) -> None:
    """Things that do not overlap: one kind alone, a target among distractors, or any mixture."""
    count = wish.get("count")
    if count is None:
        count = int(rng.choice((1, 2, 3, 4, 5), p=(0.12, 0.2, 0.24, 0.24, 0.2))) if rng.random() < 0.65 + 0.35 * ease else int(rng.integers(1, 10))
    layout = rng.random()
    if layout > 0.84 and "count" not in wish:  # few things of different kinds: for colours and places
        count = int(rng.integers(2, 4))
    only = wish.get("only") or (str(rng.choice(SHAPES, p=(0.34, 0.2, 0.16, 0.14, 0.08, 0.08))) if layout < 0.45 else None)
    palette = [_colour_for(rng, paper, rng.random() < 0.8) for _ in range(int(rng.integers(1, 4)))]
    one_palette = rng.random() < 0.5
    style_of_all = str(rng.choice(("solid", "outline", "edged", "mixed"), p=(0.45, 0.25, 0.12, 0.18)))
    if wish.get("plain"):
        palette, one_palette, style_of_all = [_colour_for(rng, paper) for _ in range(3)], True, "solid"
    short = min(width, height)
    largest = (0.30, 0.24, 0.20, 0.17, 0.15, 0.14, 0.13, 0.12, 0.115)[min(count, 9) - 1] if count else 0.1
    smallest = 0.075 if wish.get("plain") else 0.042 + 0.03 * ease
    even = rng.random() < 0.4
    common = rng.uniform(smallest, largest)
    placed: list[tuple[float, float, float]] = []
    targets = [(str(rng.choice(SHAPES)), _colour_for(rng, paper)) for _ in range(2)]
    for _ in range(count):
        radius = (common if even else rng.uniform(smallest, largest)) * short
        for attempt in range(80):
            x, y = rng.uniform(radius * 1.15, width - radius * 1.15), rng.uniform(radius * 1.15, height - radius * 1.15)
            if all(math.hypot(x - a, y - b) > 1.15 * (radius + c) + 0.02 * short for a, b, c in placed):
                break
            radius = max(smallest * short, radius * 0.97)
        else:
            continue
        placed.append((x, y, radius))
        if only:
            shape, (name, value) = only, palette[int(rng.integers(len(palette)))] if one_palette else _colour_for(rng, paper, rng.random() < 0.8)
        elif layout < 0.72 and rng.random() < 0.7:  # repeated colour and shape pairs, so that counts of a pair exceed one
            shape, (name, value) = targets[int(rng.integers(2))]
            if rng.random() < 0.2:
                shape = str(rng.choice(SHAPES))
        else:
            shape, (name, value) = str(rng.choice(SHAPES)), _colour_for(rng, paper, rng.random() < 0.9)
        style = style_of_all if style_of_all != "mixed" else str(rng.choice(("solid", "outline", "edged")))
        stroke = max(short * rng.uniform(0.014, 0.03), radius * 0.14)
        _draw_shape(rng, draw, shape, x, y, radius, value, paper, style, stroke)
        scene.things.append(Thing(shape, name, x / width, y / height, radius / short))


def _text(rng: np.random.Generator, canvas: Image.Image, scene: Scene, paper: tuple[int, int, int], ease: float,
          size: int, wish: dict) -> None:
    """One short word or number, its glyphs about 14-32 px high at 128 px."""
    text = wish.get("text") or lettering.random_text(rng, ease)
    unit = min(canvas.width, canvas.height) / size
    wanted = rng.uniform(20 + 8 * ease, 44) * unit
    font = lettering.font_for(rng, text, wanted, 0.94 * canvas.width)
    left, top, right, bottom = font.getbbox(text)
    x = rng.uniform(2, max(3, canvas.width - (right - left) - 2)) - left
    y = rng.uniform(2, max(3, canvas.height - (bottom - top) - 2)) - top
    _, ink = _colour_for(rng, paper, rng.random() < 0.8)
    for _ in range(8):  # print is thin: ask for more contrast than for shapes
        if _contrast(ink, paper) > 85:
            break
        _, ink = _colour_for(rng, paper)
    ImageDraw.Draw(canvas).text((x, y), text, fill=ink, font=font)
    scene.text = text
    for i, character in enumerate(text):
        start, end = font.getlength(text[:i]), font.getlength(text[: i + 1])
        scene.characters.append((character, min(0.999, (x + (start + end) / 2) / canvas.width), min(0.999, max(0.0, (y + (top + bottom) / 2) / canvas.height))))
        scene.printed.append((*scene.characters[-1], font.size / canvas.width, (x + (start + end) / 2) / canvas.width, y / canvas.width))


def _lines(rng: np.random.Generator, draw: ImageDraw.ImageDraw, scene: Scene, width: int, height: int, paper: tuple[int, int, int]) -> None:
    """Two polylines from left to right; every crossing is clear of corners and of the other crossings."""
    wanted = int(rng.integers(0, 4))
    for _ in range(200):
        bends = int(rng.integers(2, 5)) if wanted > 1 else int(rng.integers(2, 4))
        xs = np.linspace(rng.uniform(0.04, 0.15), rng.uniform(0.85, 0.96), bends)
        ys = rng.uniform(0.06, 0.94, (2, bends))
        gap = ys[0] - ys[1]
        crossings = []
        for i in range(bends - 1):
            if gap[i] * gap[i + 1] < 0:
                t = gap[i] / (gap[i] - gap[i + 1])
                crossings.append((float(xs[i] + t * (xs[i + 1] - xs[i])), float(ys[0][i] + t * (ys[0][i + 1] - ys[0][i]))))
        # A near miss or a crossing at a bend cannot be told apart at 128 px.
        if len(crossings) == wanted and np.abs(gap).min() > 0.09:
            break
    stroke = max(2, round(min(width, height) * rng.uniform(0.010, 0.028)))
    inks = [_colour_for(rng, paper)[1] for _ in range(2)]
    if rng.random() < 0.3:
        inks[1] = inks[0]
    for line, ink in zip(ys, inks):
        draw.line([(float(a) * width, float(b) * height) for a, b in zip(xs, line)], fill=ink, width=stroke, joint="curve")
    scene.crossings = crossings


def _two_circles(rng: np.random.Generator, draw: ImageDraw.ImageDraw, scene: Scene, width: int, height: int, paper: tuple[int, int, int]) -> None:
    """Two circles that overlap, just touch, or leave a gap of at least 2.5 % of the picture's side."""
    short = min(width, height)
    style = "outline" if rng.random() < 0.7 else "solid"
    for _ in range(300):
        first, second = rng.uniform(0.09, 0.24, 2) * short
        roll = rng.random()
        gap = (rng.uniform(-0.5, -0.08) * min(first, second) if roll < 0.25 else -0.004 * short if roll < 0.5 else rng.uniform(0.025, 0.10) * short
               if roll < 0.85 else rng.uniform(0.1, 0.3) * short)
        angle = rng.uniform(0, 2 * math.pi)
        x, y = rng.uniform(first, width - first), rng.uniform(first, height - first)
        u, v = x + math.cos(angle) * (first + second + gap), y + math.sin(angle) * (first + second + gap)
        if second < u < width - second and second < v < height - second:
            break
    stroke = max(2, short * rng.uniform(0.010, 0.022))
    same = rng.random() < 0.4
    one, two = _colour_for(rng, paper), _colour_for(rng, paper)
    two = one if same else two
    for (a, b, radius), (name, value) in (((x, y, first), one), ((u, v, second), two)):
        _draw_shape(rng, draw, "circle", a, b, radius, value, paper, style, stroke)
        scene.things.append(Thing("circle", name, min(a / width, 0.999), min(b / height, 0.999), radius / short))
    scene.touching = gap <= 0
    middle = first + gap / 2
    scene.contact = ((x + math.cos(angle) * middle) / width, (y + math.sin(angle) * middle) / height)
