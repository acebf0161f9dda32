"""Typefaces of the scenes: where each character of a line of text stands, and its print as a Skia text blob."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import skia
from PIL import ImageFont

PACKAGES = Path(__file__).parents[3] / "node_modules" / "@expo-google-fonts"
UNIT = 1000  # advances are measured at this size


class Face:
    """One family in its regular weight. Lengths are fractions of the font size."""

    def __init__(self, path: Path):
        self.typeface = skia.Typeface.MakeFromFile(str(path))
        if self.typeface is None:
            raise FileNotFoundError(path)
        self.ruler = ImageFont.truetype(str(path), UNIT, layout_engine=ImageFont.Layout.BASIC)
        self.advances: dict[str, float] = {}
        metrics = self.sized(100.0).getMetrics()
        self.x_height, self.capital_height = metrics.fXHeight / 100, metrics.fCapHeight / 100

    @lru_cache(maxsize=256)
    def sized(self, size: float) -> skia.Font:
        font = skia.Font(self.typeface, size)
        font.setSubpixel(True)
        font.setBaselineSnap(False)
        font.setEdging(skia.Font.Edging.kAntiAlias)
        font.setHinting(skia.FontHinting.kNone)
        font.setLinearMetrics(True)
        return font

    def advance(self, text: str) -> float:
        """Of one character, or of two with their kerning."""
        known = self.advances.get(text)
        if known is None:
            known = self.advances[text] = self.ruler.getlength(text) / UNIT
        return known

    @lru_cache(maxsize=20_000)
    def offsets(self, text: str) -> tuple[float, ...]:
        """Where every character starts, and where the last one ends, in font sizes from the text's left end."""
        at, found = 0.0, [0.0]
        for place, character in enumerate(text):
            if place + 1 < len(text):
                at += self.advance(text[place: place + 2]) - self.advance(text[place + 1])
            else:
                at += self.advance(character)
            found.append(at)
        return tuple(found)

    def start(self, element: dict) -> float:
        """The x of a text element's left end."""
        width = self.offsets(element["text"])[-1] * element["size"]
        return element["x"] - {"left": 0.0, "center": width / 2, "right": width}[element["align"]]


class Faces:
    """Faces by family name, read from the font packages when first needed."""

    def __init__(self, files: dict[str, str], packages: Path = PACKAGES):
        self.files, self.packages = files, packages
        self.known: dict[str, Face] = {}

    def get(self, name: str) -> Face:
        face = self.known.get(name)
        if face is None:
            face = self.known[name] = Face(self.packages / name / "400Regular" / f"{self.files[name]}.ttf")
        return face
