"""Draws pictures of the 211 drawn classes in the training styles and keeps their features: the dual encoder's only pictures.

    python drawings.py --count 16000          # -> ../state/dual/drawings.npz, some 25 ms a picture

A picture is a function of its number. Most show one thing, some two to four, whole or cut by the border, on plain, shaded,
chequered or noisy ground, turned, mirrored, recoloured, blurred, noisy, small before it is enlarged, or JPEG-compressed.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

HERE = Path(__file__).resolve().parent
STATE = HERE.parent / "state" / "dual"
SPRITES = STATE / "sprites"
STYLES = ("fluent-3d", "twemoji", "fxemoji", "emojione", "fluent-flat")
SIDE = 224
MOST = 4


def classes() -> list[dict]:
    return json.loads((SPRITES / "classes.json").read_text())


class Drawer:
    """Keeps the sprites in memory."""

    def __init__(self) -> None:
        self.names = [entry["name"] for entry in classes()]
        self.sprites: dict[tuple[int, int], Image.Image] = {}
        for s, style in enumerate(STYLES):
            for c, name in enumerate(self.names):
                path = SPRITES / style / f"{name}.png"
                if path.exists():
                    self.sprites[s, c] = Image.open(path).convert("RGBA")
        self.keys = sorted(self.sprites)

    def draw(self, number: int) -> tuple[np.ndarray, list[tuple[int, int, float]]]:
        """Pixels, and (class, style, share of it that is in the picture) of each thing, the main one first."""
        rng = np.random.default_rng(number)
        side = int(rng.choice((96, 128, 192, 224, 320), p=(0.1, 0.15, 0.2, 0.4, 0.15)))
        canvas = _ground(rng, side)
        several = rng.random() < 0.3
        count = int(rng.integers(2, MOST + 1)) if several else 1
        style, main = self.keys[number % len(self.keys)]
        things = [(main, style)]
        while len(things) < count:  # a picture is in one style
            other = int(rng.integers(len(self.names)))
            if (style, other) in self.sprites and all(other != c for c, _ in things):
                things.append((other, style))
        slots = rng.permutation(4)
        truth = []
        for i, (c, s) in enumerate(things):
            if several:
                size = side * rng.uniform(0.3, 0.48)
                x = (0.25 + 0.5 * (slots[i] % 2) + rng.uniform(-0.06, 0.06)) * side
                y = (0.25 + 0.5 * (slots[i] // 2) + rng.uniform(-0.06, 0.06)) * side
            else:
                size = side * rng.choice((rng.uniform(0.22, 0.6), rng.uniform(0.6, 0.95), rng.uniform(0.95, 1.5)), p=(0.35, 0.5, 0.15))
                spread = abs(side - size) / 2 + 0.08 * side
                x, y = side / 2 + rng.uniform(-spread, spread), side / 2 + rng.uniform(-spread, spread)
            truth.append((c, s, self._paste(rng, canvas, self.sprites[s, c], size, x, y)))
        if rng.random() < 0.5:
            truth_picture = _degrade(rng, canvas)
        else:
            truth_picture = canvas
        picture = truth_picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        return np.asarray(picture, dtype=np.uint8), truth

    def _paste(self, rng: np.random.Generator, canvas: Image.Image, sprite: Image.Image, size: float, x: float, y: float) -> float:
        scale = size / max(sprite.size)
        thing = sprite.resize((max(2, round(sprite.width * scale)), max(2, round(sprite.height * scale))), Image.Resampling.BICUBIC)
        if rng.random() < 0.5:
            thing = thing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if rng.random() < 0.5:
            thing = thing.rotate(rng.normal(0, 14), Image.Resampling.BICUBIC, expand=True)
        if rng.random() < 0.35:
            pixels = np.asarray(thing).astype(np.float32)
            pixels[..., :3] *= rng.uniform(0.75, 1.25, 3)
            if rng.random() < 0.3:
                pixels[..., :3] = pixels[..., :3].mean(-1, keepdims=True) * 0.7 + pixels[..., :3] * 0.3
            if rng.random() < 0.3:
                pixels[..., :3] = np.round(pixels[..., :3] / 51) * 51
            thing = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        left, top = round(x - thing.width / 2), round(y - thing.height / 2)
        canvas.paste(thing, (left, top), thing)
        across = max(0, min(canvas.width, left + thing.width) - max(0, left)) / thing.width
        down = max(0, min(canvas.height, top + thing.height) - max(0, top)) / thing.height
        return across * down


def _ground(rng: np.random.Generator, side: int) -> Image.Image:
    kind = rng.choice(("plain", "pale", "shaded", "checks", "stripes", "noise"), p=(0.2, 0.3, 0.2, 0.1, 0.1, 0.1))
    first = rng.integers(0, 256, 3).astype(np.float32)
    if kind == "pale":
        first = 255 - rng.uniform(0, 40, 3) * rng.random()
    second = np.clip(first + rng.normal(0, 40, 3), 0, 255)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    if kind == "shaded":
        part = np.clip(x * rng.random() + y * rng.random(), 0, side) / side
    elif kind == "checks":
        cell = rng.uniform(0.05, 0.2) * side
        part = ((x // cell + y // cell) % 2).astype(np.float32)
    elif kind == "stripes":
        part = ((y if rng.random() < 0.5 else x) // (rng.uniform(0.04, 0.2) * side) % 2).astype(np.float32)
    elif kind == "noise":
        coarse = Image.fromarray(rng.integers(0, 256, (int(rng.integers(3, 40)),) * 2).astype(np.uint8))
        part = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC)).astype(np.float32) / 255
    else:
        part = np.zeros((side, side), np.float32)
    pixels = first + (second - first) * part[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _degrade(rng: np.random.Generator, canvas: Image.Image) -> Image.Image:
    if rng.random() < 0.35:
        canvas = canvas.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 2.2) * canvas.width / 224))
    if rng.random() < 0.35:
        noise = rng.normal(0, rng.uniform(2, 18), (canvas.height, canvas.width, 1))
        canvas = Image.fromarray(np.clip(np.asarray(canvas) + noise, 0, 255).astype(np.uint8))
    if rng.random() < 0.35:
        pixels = (np.asarray(canvas).astype(np.float32) - 128) * rng.uniform(0.5, 1.2) + 128 + rng.normal(0, 12)
        canvas = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if rng.random() < 0.35:
        data = io.BytesIO()
        canvas.save(data, "JPEG", quality=int(rng.integers(20, 90)))
        canvas = Image.open(data).convert("RGB")
    return canvas


def main() -> None:
    from eye import Eye

    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=16_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--out", default=str(STATE / "drawings.npz"))
    options = parser.parse_args()
    drawer, eye = Drawer(), Eye()
    features, labels, styles, shares = [], [], [], []
    for start in range(options.first, options.first + options.count, 16):
        drawn = [drawer.draw(number) for number in range(start, start + 16)]
        features.append(eye.see(np.stack([picture for picture, _ in drawn])).astype(np.float16))
        for _, truth in drawn:
            row = truth + [(-1, -1, 0.0)] * (MOST - len(truth))
            labels.append([c for c, _, _ in row])
            styles.append(row[0][1])
            shares.append([share for _, _, share in row])
        done = start + 16 - options.first
        if done % 2000 < 16 or done >= options.count:
            np.savez(
                options.out,
                features=np.concatenate(features),
                labels=np.array(labels, np.int16),
                styles=np.array(styles, np.int8),
                shares=np.array(shares, np.float16),
            )
            print(f"{done} pictures", flush=True)


if __name__ == "__main__":
    main()
