"""Crops of the few freely licensed photographs inside Python packages, and empty grounds, as features: what "no drawing" looks like.

    python photos.py       # -> ../state/dual/photos.npz

They only teach the gate between drawings and everything else; what is in them is not taught. Sources: scikit-image 0.26 and
scikit-learn 1.9 sample pictures and matplotlib's grace_hopper.jpg (public domain, CC0 or CC BY, see each package's README).
"""

from __future__ import annotations

import importlib
import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

STATE = Path(__file__).resolve().parent.parent / "state" / "dual"
SIDE = 224
SOURCES = {
    "skimage": ("data", ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "motorcycle_left.png", "camera.png", "brick.png", "grass.png",
                         "gravel.png", "hubble_deep_field.jpg", "coins.png", "moon.png", "retina.jpg", "ihc.png", "clock_motion.png")),
    "sklearn": ("datasets/images", ("china.jpg", "flower.jpg")),
    "matplotlib": ("mpl-data/sample_data", ("grace_hopper.jpg",)),
}


def photographs() -> dict[str, Image.Image]:
    found = {}
    for package, (folder, names) in SOURCES.items():
        root = Path(importlib.import_module(package).__file__).parent / folder
        for name in names:
            found[name.partition(".")[0]] = Image.open(root / name).convert("RGB")
    return found


def crop(rng: np.random.Generator, photo: Image.Image) -> np.ndarray:
    share = rng.uniform(0.25, 1.0)
    width, height = max(40, int(photo.width * share)), max(40, int(photo.height * share * rng.uniform(0.8, 1)))
    left, top = int(rng.integers(0, max(1, photo.width - width))), int(rng.integers(0, max(1, photo.height - height)))
    piece = photo.crop((left, top, min(photo.width, left + width), min(photo.height, top + height)))
    if rng.random() < 0.5:
        piece = piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    piece = piece.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    if rng.random() < 0.3:
        piece = piece.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 2)))
    if rng.random() < 0.4:
        pixels = np.asarray(piece).astype(np.float32) * rng.uniform(0.7, 1.3, 3) + rng.normal(0, 15)
        piece = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if rng.random() < 0.4:
        data = io.BytesIO()
        piece.save(data, "JPEG", quality=int(rng.integers(25, 90)))
        piece = Image.open(data).convert("RGB")
    return np.asarray(piece, dtype=np.uint8)


def empty(number: int) -> np.ndarray:
    """A picture of nothing but ground."""
    from drawings import _degrade, _ground

    rng = np.random.default_rng(900_000_000 + number)
    picture = _ground(rng, int(rng.choice((96, 192, 224))))
    return np.asarray((_degrade(rng, picture) if rng.random() < 0.5 else picture).resize((SIDE, SIDE)), dtype=np.uint8)


def main(each: int = 48) -> None:
    from eye import Eye

    rng, eye = np.random.default_rng(3), Eye()
    features, sources = [], []
    for number, photo in enumerate(photographs().values()):
        for _ in range(0, each, 16):
            features.append(eye.see(np.stack([crop(rng, photo) for _ in range(16)])).astype(np.float16))
            sources += [number] * 16
    for start in range(0, 640, 16):
        grounds = [empty(number) for number in range(start, start + 16)]
        features.append(eye.see(np.stack(grounds)).astype(np.float16))
        sources += [-1] * 16
    np.savez(STATE / "photos.npz", features=np.concatenate(features), sources=np.array(sources, np.int16))


if __name__ == "__main__":
    main()
