"""What the print network learns from: crops of printed pages, drawn here in many typefaces, and of the suites' own scenes.

None of the benchmark's typefaces held out for testing is among them, and no word of its lists but those of the training half:
words here are made up or come out of the training scenes.
"""

from __future__ import annotations

import io
import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

import suite
from draw.faces import PACKAGES
from vocabulary import HERE, header

from .net import ACROSS, DOWN, FINE, LEAST_SIZE, MIDDLE_SIZE, MOST_SIZE, PRINTABLE, SCALES

HEIGHT, WIDTH = 128, 256
FONTS = HERE / "state" / "print-fonts"
VOWELS, CONSONANTS = "aaaeeeeiioou", "bcddfgghjklllmmnnnpqrrrsssttttvwxyz"
EDGE = 8  # px from the border where nothing is asked: characters are cut there
NEVER = -100  # left out of the loss


@lru_cache(maxsize=1)
def faces() -> tuple[str, ...]:
    fetched = list(FONTS.glob("*.ttf"))
    if not fetched:
        raise SystemExit("no typefaces: run fetch_fonts.sh first")
    suites = [PACKAGES / font["name"] / "400Regular" / f"{font['file']}.ttf" for font in header()["fonts"] if font["split"] == "train"]
    return tuple(str(path) for path in sorted([*fetched, *suites], key=lambda path: path.name))


@lru_cache(maxsize=1)
def typewriters() -> tuple[str, ...]:
    """Faces whose letters stand wide apart: between them nothing is to be taken for a space."""
    return tuple(path for path in faces() if any(part in path for part in ("Mono", "Code", "Cousine", "Cutive", "VT323", "AnonymousPro", "Inconsolata")))


def any_face(rng: np.random.Generator) -> str:
    chosen = typewriters() if rng.random() < 0.15 else faces()
    return chosen[int(rng.integers(len(chosen)))]


@lru_cache(maxsize=3000)
def face(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def word(rng: np.random.Generator) -> str:
    """A made-up word, in one of the usual cases."""
    text, vowel = "", rng.random() < 0.3
    for _ in range(int(rng.integers(1, 10))):
        text += (VOWELS if vowel else CONSONANTS)[int(rng.integers(len(VOWELS if vowel else CONSONANTS)))]
        vowel = not vowel if rng.random() < 0.8 else vowel
    form = rng.random()
    return text if form < 0.5 else text.title() if form < 0.7 else text.upper()


def token(rng: np.random.Generator) -> str:
    """A word, a number, an amount, a code, or any characters at all."""
    roll = rng.random()
    if roll < 0.5:
        return word(rng)
    if roll < 0.68:
        return str(int(rng.integers(0, 10 ** int(rng.integers(1, 7)))))
    if roll < 0.76:
        return f"{'$' if rng.random() < 0.3 else ''}{rng.integers(0, 300)}.{rng.integers(0, 100):02d}"
    if roll < 0.8:
        return f"{rng.integers(1, 100)}%"
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" if roll < 0.9 else "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" if roll < 0.96 else PRINTABLE[:-1]
    return "".join(letters[int(i)] for i in rng.integers(0, len(letters), int(rng.integers(1, 9))))


def inks(rng: np.random.Generator) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Paper and ink that differ well in brightness."""
    if rng.random() < 0.4:
        paper, ink = rng.integers(235, 256, 3), rng.integers(0, 60, 3)
    else:
        while True:
            paper, ink = rng.integers(0, 256, 3), rng.integers(0, 256, 3)
            if abs(int(paper @ (3, 6, 1)) - int(ink @ (3, 6, 1))) > 900:
                break
    if rng.random() < 0.3:
        paper, ink = ink, paper
    return tuple(int(v) for v in paper), tuple(int(v) for v in ink)


def decor(rng: np.random.Generator, pen: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    """Lines, boxes, rings and curves that are no print."""
    def spot() -> tuple[float, float]:
        return rng.random() * size[0], rng.random() * size[1]

    for _ in range(int(rng.integers(1, 6))):
        colour, thick = tuple(int(v) for v in rng.integers(0, 256, 3)), int(rng.integers(1, 5))
        (x, y), length = spot(), float(rng.uniform(4, 120))
        kind = rng.random()
        if kind < 0.3:
            pen.line((x, y, x + length, y) if rng.random() < 0.5 else (x, y, x, y + length), colour, thick)
        elif kind < 0.45:
            pen.line((*spot(), *spot()), colour, thick)
        elif kind < 0.7:
            pen.rectangle((x, y, x + length, y + float(rng.uniform(4, 90))), colour if rng.random() < 0.5 else None, colour, thick)
        else:
            pen.ellipse((x, y, x + length, y + length * (1 if rng.random() < 0.7 else 0.6)), colour if rng.random() < 0.4 else None, colour, thick)


def spoiled(rng: np.random.Generator, picture: Image.Image) -> np.ndarray:
    """Blur, contrast, noise and JPEG, as far as print stays readable."""
    if rng.random() < 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.2, 1.2))))
    pixels = np.asarray(picture).astype(np.float32)
    if rng.random() < 0.3:
        pixels = 127.5 + (pixels - 127.5) * rng.uniform(0.6, 1.0)
    if rng.random() < 0.3:
        pixels += rng.normal(0, rng.uniform(1, 11), (*pixels.shape[:2], 1 if rng.random() < 0.5 else 3))
    pixels = np.clip(pixels, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        held = io.BytesIO()
        Image.fromarray(pixels).save(held, "JPEG", quality=int(rng.integers(45, 95)))
        pixels = np.asarray(Image.open(held))
    return pixels


def page(rng: np.random.Generator) -> tuple[np.ndarray, list[tuple[str, float, float, float, float]]]:
    """A crop of a page, and its characters: character, x, y (0.3 em over the baseline) and em in px, slope."""
    factor = 0.889 if rng.random() < 0.5 else float(rng.choice([1.0, 1.25, 1.6, 2.0]))  # what is printed at 512 px is seen at 576
    across, down = round(WIDTH * factor), round(HEIGHT * factor)
    paper, ink = inks(rng)
    picture = Image.new("RGB", (across, down), paper)
    pen = ImageDraw.Draw(picture)
    if rng.random() < 0.35:
        decor(rng, pen, (across, down))
    characters = []
    angle = math.radians(rng.uniform(-16, 16)) if rng.random() < 0.25 else 0.0
    base = float(np.exp(rng.uniform(math.log(11), math.log(52))))
    path = any_face(rng)
    middle = (across / 2, down / 2)
    mask = None
    if angle:
        mask = Image.new("L", (across, down), 0)
        pen = ImageDraw.Draw(mask)
    y = float(rng.uniform(0, 40)) if rng.random() < 0.5 else float(rng.uniform(-5, 15))
    while y < HEIGHT and rng.random() < 0.93:
        em = base if rng.random() < 0.75 else float(np.clip(base * rng.uniform(0.6, 1.5), 11, 52))
        if rng.random() < 0.15:
            path = any_face(rng)
        size = max(6, round(em * factor))
        font = face(path, size)
        x = float(rng.uniform(-20, WIDTH * 0.5))
        baseline = round((y + em) * factor)
        colour = ink if mask is None else 255
        if mask is None and rng.random() < 0.12:
            paper_, colour = inks(rng)
            pen.rectangle((0 if rng.random() < 0.5 else x * factor - 6, baseline - size * 1.1, across, baseline + size * 0.4), paper_)
        while x < WIDTH:
            at = round(x * factor)
            text = " ".join(token(rng) for _ in range(int(rng.integers(1, 5))))
            pen.text((at, baseline), text, colour, font, anchor="ls")
            for character in text:
                step = font.getlength(character)
                characters.append((character, at + step / 2, baseline - 0.3 * size, size))
                at += step
            x = at / factor + float(rng.uniform(1.2, 8)) * em
            if rng.random() < 0.5:
                break
        y += em * float(rng.uniform(1.05, 2.2))
    if mask is not None:
        mask = mask.rotate(-math.degrees(angle), Image.Resampling.BICUBIC)
        picture.paste(Image.new("RGB", picture.size, ink), (0, 0), mask)
        cos, sin = math.cos(angle), math.sin(angle)
        characters = [(c, (x - middle[0]) * cos - (y - middle[1]) * sin + middle[0], (x - middle[0]) * sin + (y - middle[1]) * cos + middle[1], em) for c, x, y, em in characters]
    picture = picture.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC if rng.random() < 0.7 else Image.Resampling.LANCZOS)
    return spoiled(rng, picture), [(c, x / factor, y / factor, em / factor, math.tan(angle)) for c, x, y, em in characters]


def scene_crops(rng: np.random.Generator, number: int, count: int) -> list[tuple[np.ndarray, list]]:
    """Crops of one of the suites' scenes, at the scales at which the network looks."""
    item = suite.block(number // suite.LESSONS, 0.0)[number % suite.LESSONS]
    described = item["scene"]
    renderer = suite.renderer()
    scene = suite.truth(item, renderer.faces)
    picture = renderer.draw(described, FINE, rng)
    slope = math.tan(suite.turn_of(described))
    characters = [(c, x * FINE, y * FINE, em * FINE, slope) for c, x, y, em, _, _ in scene.printed]
    found = []
    for _ in range(count):
        # Mostly the scale at which the print is to be found; now and then one of the others.
        fit = [s for s in SCALES if characters and LEAST_SIZE <= characters[0][3] / s <= MOST_SIZE]
        scale = int(rng.choice(fit)) if fit and rng.random() < 0.8 else int(rng.choice(SCALES))
        side = FINE // scale
        small = np.asarray(Image.fromarray(picture).reduce(scale)) if scale > 1 else picture
        if side < WIDTH:
            small = np.pad(small, ((0, 0), (0, WIDTH - side), (0, 0)), mode="edge")
        if characters:
            _, x, y, _, _ = characters[int(rng.integers(len(characters)))]
            left, top = int(x / scale - rng.uniform(20, WIDTH - 20)), int(y / scale - rng.uniform(20, HEIGHT - 20))
        else:
            left, top = int(rng.integers(0, max(1, side - WIDTH))), int(rng.integers(0, max(1, side - HEIGHT)))
        left, top = min(max(0, left), max(0, side - WIDTH)), min(max(0, top), max(0, side - HEIGHT))
        if rng.random() < 0.5:  # the grid lies the same in the whole picture
            left, top = left // 8 * 8, top // 8 * 8
        found.append((small[top: top + HEIGHT, left: left + WIDTH], [(c, x / scale - left, y / scale - top, em / scale, t) for c, x, y, em, t in characters]))
    return found


def targets(characters: list) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What stands in each square [rows, columns]; which character has its middle there or beside it (0: none); measures [rows, columns, 4]."""
    rows, columns = HEIGHT // DOWN, WIDTH // ACROSS
    named, nearby, measures = np.zeros((rows, columns), np.int64), np.zeros((rows, columns), np.int64), np.zeros((rows, columns, 4), np.float32)
    for character, x, y, em, slope in characters:
        if not (0 <= x < WIDTH and 0 <= y < HEIGHT):
            continue
        row, column = int(y / DOWN), int(x / ACROSS)
        over, beside = y / DOWN - row, x / ACROSS - column
        if em < LEAST_SIZE * 0.8 or em > MOST_SIZE * 1.18:
            continue  # nothing, at this scale
        fits = LEAST_SIZE <= em <= MOST_SIZE and character in PRINTABLE
        number = 1 + PRINTABLE.index(character) if fits else 0
        for r in {row, row - 1 if over < 0.3 else row, row + 1 if over > 0.7 else row}:
            for c in (column - 1, column, column + 1):
                if not (0 <= r < rows and 0 <= c < columns):
                    continue
                own = r == row and c == column
                if own and fits:
                    named[r, c] = number
                elif named[r, c] == 0:
                    named[r, c] = NEVER
                if fits and (own or not nearby[r, c]):
                    nearby[r, c] = number
                    measures[r, c] = ((x - (c + 0.5) * ACROSS) / em, (y - (r + 0.5) * DOWN) / em, math.log2(em / MIDDLE_SIZE), slope)
    rim = EDGE // DOWN
    for part in (named[:rim], named[-rim:], named[:, : EDGE // ACROSS], named[:, -(EDGE // ACROSS):]):
        part[...] = NEVER
    return named, nearby, measures


def crops(seed: int) -> list[tuple[np.ndarray, list]]:
    """Four crops: of a scene of the suites every fourth time."""
    rng = np.random.default_rng((seed, 91))
    return scene_crops(rng, seed // 4, 4) if seed % 4 == 0 else [page(rng) for _ in range(4)]
