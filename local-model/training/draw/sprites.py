"""Sprites of all training styles: drawn once by the real renderer (sprites.mjs), kept in one file, treated on demand."""

from __future__ import annotations

import subprocess
import tempfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import skia
from PIL import Image

HERE = Path(__file__).parent
FILE = HERE.parent / "state" / "sprites.npz"
STYLES = ("fluent-3d", "twemoji", "fxemoji")
KEPT = 900  # sprites held in memory, about 0.25 MB each
OPAQUE = 48  # opacity from which a pixel belongs to the object, as in benchmarks/scenes/art.ts


def build(path: Path = FILE) -> None:
    """Draws all sprites (some 20 s) and writes them as straight-alpha RGBA arrays named style/class."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["node", str(HERE / "sprites.mjs"), folder], check=True)
        sprites = {}
        for style in STYLES:
            for file in sorted((Path(folder) / style).glob("*.black.png")):
                name = file.name.removesuffix(".black.png")
                white = np.asarray(Image.open(file.with_name(f"{name}.white.png")).convert("RGB"), np.int16)
                sprites[f"{style}/{name}"] = matted(np.asarray(Image.open(file).convert("RGB"), np.int16), white)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **sprites)


def matted(black: np.ndarray, white: np.ndarray) -> np.ndarray:
    """Opacity and colour from the same thing on two grounds, cropped to what is opaque."""
    alpha = np.clip(255 - (white - black).mean(2), 0, 255)
    colour = np.where(alpha[..., None] > 0, black * 255.0 / np.maximum(alpha[..., None], 1), 0)
    rgba = np.dstack([np.clip(colour, 0, 255), alpha]).round().astype(np.uint8)
    rows, columns = np.nonzero((rgba[..., 3] >= OPAQUE).any(1))[0], np.nonzero((rgba[..., 3] >= OPAQUE).any(0))[0]
    return rgba[rows[0]: rows[-1] + 1, columns[0]: columns[-1] + 1]


def treated(rgba: np.ndarray, treatment: str) -> np.ndarray:
    """What benchmarks/scenes/art.ts does to a sprite for variety."""
    if treatment == "none":
        return rgba
    if treatment == "outline":
        return outlined(rgba)
    out = rgba.astype(np.float32)
    if treatment == "posterise":
        out[..., :3] = np.round(out[..., :3] / 51) * 51
    else:
        more, less = (0, 2) if treatment == "warm" else (2, 0)
        out[..., more] = np.minimum(255, np.round(out[..., more] * 1.1))
        out[..., less] = np.round(out[..., less] * 0.85)
    return out.astype(np.uint8)


def outlined(rgba: np.ndarray) -> np.ndarray:
    """A white contour of 3 % of the longer side."""
    height, width = rgba.shape[:2]
    edge = max(2, round(max(height, width) * 0.03))
    clear = np.zeros((height + 2 * edge, width + 2 * edge), np.float32)
    for step in range(16):
        angle = np.pi * step / 8
        x, y = edge + int(np.floor(edge * np.cos(angle) + 0.5)), edge + int(np.floor(edge * np.sin(angle) + 0.5))
        part = clear[y: y + height, x: x + width]
        part += (1 - part) * rgba[..., 3] / 255.0
    over = np.zeros((*clear.shape, 4), np.float32)
    over[edge: edge + height, edge: edge + width] = rgba
    own = over[..., 3:] / 255
    alpha = own + clear[..., None] * (1 - own)
    colour = (over[..., :3] * own + 255 * clear[..., None] * (1 - own)) / np.maximum(alpha, 1e-6)
    return np.dstack([np.clip(colour, 0, 255), alpha * 255]).round().astype(np.uint8)


class Sprites:
    """Skia images by style, class and treatment, with mipmaps, least lately used ones dropped."""

    def __init__(self, path: Path = FILE):
        if not path.exists():
            build(path)
        with np.load(path) as stored:
            self.plain = {name: stored[name] for name in stored.files}
        self.images: OrderedDict[tuple[str, str, str], skia.Image] = OrderedDict()

    def get(self, style: str, name: str, treatment: str) -> skia.Image:
        key = (style, name, treatment)
        image = self.images.get(key)
        if image is None:
            rgba = treated(self.plain[f"{style}/{name}"], treatment)
            premultiplied = rgba.copy()
            premultiplied[..., :3] = (rgba[..., :3].astype(np.uint16) * rgba[..., 3:] + 127) // 255
            image = skia.Image.fromarray(premultiplied, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType).withDefaultMipmaps()
            self.images[key] = image
            if len(self.images) > KEPT:
                self.images.popitem(last=False)
        else:
            self.images.move_to_end(key)
        return image


if __name__ == "__main__":
    build()
    print(FILE, f"{FILE.stat().st_size / 1e6:.1f} MB")
