"""Draws a scene description straight at the model's size, as the harness's picture would look after the model's resizing.

The harness draws some 512 px and the model's processor shrinks the whole picture to a square (bicubic, Pillow's kernel). Here the
scene is drawn by Skia on a square canvas of twice the wanted side (512 px where more is wanted), spoiled there, and shrunk with
the same kernel. Blur and noise are scaled so that the finished picture is spoiled as much as the real one.
"""

from __future__ import annotations

import io
import math

import numpy as np
import skia
import torch
from PIL import Image, ImageFilter

from .faces import Faces
from .sprites import Sprites

PIXELS = skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType
SMOOTH = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
NOISE = 1 << 20  # numbers in the noise table
BICUBIC_NOISE = 0.815  # what bicubic shrinking leaves of noise, times the factor (measured)
WIDE_BLUR = 3.0  # pixels of the scene; a narrower blur may as well come after the shrinking
NO_BLUR = 0.2  # pixels of the finished picture that nobody sees
FULL_SIZE = 1.1  # a canvas shrunk by less than this from the scene is as good as the real picture


def canvas_side(size: int) -> int:
    """Twice the size for small pictures, the harness's own 512 px for larger ones."""
    return 2 * size if size <= 256 else max(512, size)


def noise_left(factor: float) -> float:
    """Standard deviation that is left of independent noise after shrinking by a factor."""
    return min(1.0, BICUBIC_NOISE / factor) if factor > 1 else 1.0


class Renderer:
    """Draws pictures; `header` is the first record of an export (shape outlines, font files)."""

    def __init__(self, header: dict, sprites: Sprites | None = None):
        self.outlines = {name: [(x / 1000, y / 1000) for x, y in points] for name, points in header["shapeOutlines"].items()}
        self.faces = Faces({font["name"]: font["file"] for font in header["fonts"]})
        self.sprites = sprites or Sprites()
        rng = np.random.default_rng(1)
        # As in benchmarks/scenes/degrade.ts: the sum of three uniform numbers, here with a standard deviation of 1.
        self.noise = ((rng.random((3, NOISE), np.float32).sum(0) - 1.5) * 2).astype(np.float32)
        self.canvases: dict[tuple[int, int], tuple[np.ndarray, skia.Surface]] = {}

    def draw(self, scene: dict, size: int, rng: np.random.Generator, canvas: int | None = None) -> np.ndarray:
        """The picture of a scene, uint8 [size, size, 3]. `canvas` is the side it is drawn at before it is shrunk."""
        side = canvas or canvas_side(size)
        pixels, surface = self._canvas(side, 0)
        if scene["background"]["kind"] == "gradient":
            pixels[:] = gradient(scene["background"], side)
        with surface as board:
            self._background(board, scene, side)
            board.save()
            board.scale(side / scene["width"], side / scene["height"])
            turn = scene["degradations"]["rotation"] / 10
            if turn:
                board.rotate(turn, scene["width"] / 2, scene["height"] / 2)
            for element in scene["elements"]:
                DRAWERS[element["kind"]](self, board, element)
            board.restore()
        return self._finish(pixels, scene, size, rng)

    def _canvas(self, side: int, number: int) -> tuple[np.ndarray, skia.Surface]:
        if (side, number) not in self.canvases:
            pixels = np.zeros((side, side, 4), np.uint8)
            self.canvases[side, number] = pixels, skia.Surface(pixels, *PIXELS)
        return self.canvases[side, number]

    def _background(self, board: skia.Canvas, scene: dict, side: int) -> None:
        ground = scene["background"]
        if ground["kind"] == "gradient":  # is there already
            return
        if ground["kind"] == "plain":
            return board.clear(colour(ground["colour"]))
        board.clear(colour(ground["from"]))
        paint = skia.Paint(Color=colour(ground["to"]), AntiAlias=True)
        cell, width, height = ground["cell"], scene["width"], scene["height"]
        path = skia.Path()
        for row in range(math.ceil(height / cell)):
            if ground["kind"] == "stripes":
                if row % 2:
                    path.addRect(skia.Rect.MakeXYWH(0, row * cell, width, cell))
                continue
            for column in range(1 - row % 2, math.ceil(width / cell), 2):
                path.addRect(skia.Rect.MakeXYWH(column * cell, row * cell, cell, cell))
        board.save()
        board.scale(side / width, side / height)
        board.drawPath(path, paint)
        board.restore()

    def _finish(self, pixels: np.ndarray, scene: dict, size: int, rng: np.random.Generator) -> np.ndarray:
        """Contrast, blur, noise, JPEG and shrinking, those that may change places after it, where there are fewer pixels."""
        spoil, side = scene["degradations"], pixels.shape[0]
        factors = scene["width"] / side, scene["height"] / side
        mean = math.sqrt(factors[0] * factors[1])
        blur, noise, jpeg = spoil["blur"] / 10, spoil["noise"], spoil["jpeg"]
        if jpeg is not None:
            pixels = dulled(pixels, spoil["contrast"])
            if blur > WIDE_BLUR:
                pixels[..., :3], blur = blurred(pixels[..., :3], blur / factors[0], blur / factors[1]), 0
            if noise and mean < FULL_SIZE:
                pixels[..., :3], noise = self._noisy(pixels[..., :3], noise * noise_left(mean), rng), 0
            pixels = compressed(pixels, jpeg)
        picture = shrunk(pixels, size)
        if jpeg is None:
            picture = dulled(picture, spoil["contrast"])
        if blur * size / scene["width"] > NO_BLUR:
            picture = blurred(picture, blur * size / scene["width"], blur * size / scene["height"])
        if noise:  # last: on a small canvas JPEG would swallow what it leaves of noise at full size
            picture = self._noisy(picture, noise * noise_left(mean * side / size), rng)
        return picture

    def _noisy(self, picture: np.ndarray, deviation: float, rng: np.random.Generator) -> np.ndarray:
        height, width = picture.shape[:2]
        start = int(rng.integers(NOISE - height * width))
        noise = np.rint(self.noise[start: start + height * width] * deviation).astype(np.int16).reshape(height, width, 1)
        return np.clip(picture + noise, 0, 255).astype(np.uint8)

    def _object(self, board: skia.Canvas, element: dict) -> None:
        image = self.sprites.get(element["style"], element["object"], element["treatment"])
        scale = element["size"] / max(image.width(), image.height())
        width, height = image.width() * scale, image.height() * scale
        board.save()
        board.translate(element["x"], element["y"])
        board.rotate(element["rotation"])
        if element["flip"]:
            board.scale(-1, 1)
        board.drawImageRect(image, skia.Rect.MakeXYWH(-width / 2, -height / 2, width, height), SMOOTH)
        board.restore()

    def _shape(self, board: skia.Canvas, element: dict) -> None:
        path, size = skia.Path(), element["size"]
        if element["shape"] == "circle":
            path.addCircle(0, 0, size / 2)
        else:
            path.addPoly([skia.Point(x * size, y * size) for x, y in self.outlines[element["shape"]]], True)
        board.save()
        board.translate(element["x"], element["y"])
        board.rotate(element["rotation"])
        painted(board, path, element)
        board.restore()

    def _text(self, board: skia.Canvas, element: dict) -> None:
        face, size = self.faces.get(element["font"]), element["size"]
        start = face.start(element)
        places = [start + offset * size for offset in face.offsets(element["text"])[:-1]]
        blob = skia.TextBlob.MakeFromPosTextH(element["text"], places, element["y"], face.sized(size))
        board.drawTextBlob(blob, 0, 0, skia.Paint(Color=colour(element["colour"]), AntiAlias=True))

    def _line(self, board: skia.Canvas, element: dict) -> None:
        path = skia.Path()
        path.addPoly([skia.Point(*point) for point in element["points"]], False)
        board.drawPath(path, skia.Paint(Color=colour(element["colour"]), AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=element["width"],
                                        StrokeCap=skia.Paint.kRound_Cap, StrokeJoin=skia.Paint.kRound_Join))

    def _polygon(self, board: skia.Canvas, element: dict) -> None:
        path = skia.Path()
        path.addPoly([skia.Point(*point) for point in element["points"]], True)
        painted(board, path, element)

    def _rectangle(self, board: skia.Canvas, element: dict) -> None:
        path = skia.Path()
        path.addRect(skia.Rect.MakeXYWH(element["x"], element["y"], element["width"], element["height"]))
        painted(board, path, element)

    def _sector(self, board: skia.Canvas, element: dict) -> None:
        path, radius = skia.Path(), element["radius"]
        path.moveTo(element["x"], element["y"])
        path.arcTo(skia.Rect.MakeXYWH(element["x"] - radius, element["y"] - radius, 2 * radius, 2 * radius), element["start"] / 10 - 90, (element["end"] - element["start"]) / 10, False)
        path.close()
        painted(board, path, element)


DRAWERS = {"object": Renderer._object, "shape": Renderer._shape, "text": Renderer._text, "line": Renderer._line,
           "polygon": Renderer._polygon, "rectangle": Renderer._rectangle, "sector": Renderer._sector}


def shrunk(pixels: np.ndarray, size: int) -> np.ndarray:
    """Bicubic with a widened kernel, as Pillow and the engine do it (torch differs by one level at most and is faster)."""
    if pixels.shape[0] == size:
        return pixels[..., :3].copy()
    image = torch.from_numpy(pixels if pixels.flags.writeable else pixels.copy()).permute(2, 0, 1)[None]
    small = torch.nn.functional.interpolate(image, size=(size, size), mode="bicubic", antialias=True)[0]
    return np.ascontiguousarray(small[:3].permute(1, 2, 0).numpy())


def dulled(pixels: np.ndarray, contrast: int) -> np.ndarray:
    """Less contrast; an opacity of 255 comes out lower and is not looked at."""
    if contrast == 100:
        return pixels
    return np.clip(np.rint(128 + (np.arange(256) - 128) * contrast / 100), 0, 255).astype(np.uint8)[pixels]


def blurred(picture: np.ndarray, across: float, down: float) -> np.ndarray:
    return np.asarray(Image.fromarray(np.ascontiguousarray(picture)).filter(ImageFilter.GaussianBlur((across, down))))


def compressed(pixels: np.ndarray, quality: int) -> np.ndarray:
    data = io.BytesIO()
    Image.frombuffer("RGBX", (pixels.shape[1], pixels.shape[0]), np.ascontiguousarray(pixels), "raw", "RGBX", 0, 1).save(data, "JPEG", quality=quality)
    return np.asarray(Image.open(data))


def gradient(ground: dict, side: int) -> np.ndarray:
    """A row or a column of RGBA pixels from one colour to the other."""
    ends = [np.array([int(ground[end][k: k + 2], 16) for k in (1, 3, 5)] + [255], np.float32) for end in ("from", "to")]
    at = ((np.arange(side, dtype=np.float32) + 0.5) / side)[:, None]
    ramp = np.rint(ends[0] * (1 - at) + ends[1] * at).astype(np.uint8)
    return ramp[:, None] if ground["direction"] == "down" else ramp[None]


def colour(text: str) -> int:
    return 0xFF000000 | int(text[1:], 16)


def painted(board: skia.Canvas, path: skia.Path, element: dict) -> None:
    """Fills, then strokes, with mitred corners as on a web canvas (limit 10)."""
    if element["fill"] is not None:
        board.drawPath(path, skia.Paint(Color=colour(element["fill"]), AntiAlias=True))
    if element["stroke"] is not None:
        board.drawPath(path, skia.Paint(Color=colour(element["stroke"]), AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=element["strokeWidth"],
                                        StrokeJoin=skia.Paint.kMiter_Join, StrokeMiter=10))
