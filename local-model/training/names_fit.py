"""Fits the drawn classes and the gate between drawings and photographs: `python names_fit.py`; writes state/names.pt.

Linear discriminants in closed form on the frozen network's features. Prints what they know of a training style that was left
out, and the gate's errors on photographs that were left out. About six minutes on one core.
"""

from __future__ import annotations

import argparse
import json
import subprocess

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

import scenes
from names import Names
from photographs import crop, photographs
from pretrained import FrozenStages
from suite import renderer
from train import normalise
from vocabulary import HERE, OBJECTS

STATE = HERE / "state"
SEED = 7100  # of the export: a block that no lesson takes
SHRINKAGE, GATE_SHRINKAGE = 1.0, 3.0
LOST = 0.002  # share of drawings that may be taken for photographs
OTHERS = ("counting", "spatial", "existence", "ocr", "geometric", "charts")


class Eye:
    def __init__(self) -> None:
        self.stages = FrozenStages(deep=True).load_imagenet().eval()
        self.head = Names(32, 2560, 6).load_published().frozen_head

    @torch.no_grad()
    def peaks(self, pictures: list[np.ndarray]) -> Tensor:
        found = []
        for start in range(0, len(pictures), 16):
            pixels = normalise(torch.from_numpy(np.stack(pictures[start: start + 16]).transpose(0, 3, 1, 2)))
            found.append(F.relu6(self.head(self.stages(pixels)[-1])).amax((2, 3)))
        return torch.cat(found)


def exported(wishes: list[tuple[str, int, int]]) -> list[dict]:
    path = STATE / "names.jsonl"
    subprocess.run(["node", str(HERE / "lessons.mjs"), str(SEED), json.dumps(wishes), str(path)], check=True)
    return [json.loads(line) for line in path.read_text().splitlines()]


def objects(eye: Eye, size: int, each: int) -> dict:
    """Features of pictures of one object each; kept in the state folder, since drawing and looking take minutes."""
    path = STATE / f"names-{size}-{each}.pt"
    if path.exists():
        return torch.load(path, weights_only=True)
    rng, draw = np.random.default_rng(1), renderer()
    items = [(item, [e for e in item["scene"]["elements"] if e["kind"] == "object"]) for item in exported([("naming", level, each) for level in range(1, 6)])]
    items = [(item, found[0]) for item, found in items if len(found) == 1]
    names, rows = list(OBJECTS), []
    for start in range(0, len(items), 160):
        rows.append(eye.peaks([draw.draw(item["scene"], size, rng) for item, _ in items[start: start + 160]]))
    found = {"rows": torch.cat(rows), "labels": torch.tensor([names.index(e["object"]) for _, e in items]), "styles": [e["style"] for _, e in items],
             "levels": torch.tensor([item["level"] for item, _ in items])}
    torch.save(found, path)
    return found


def others(eye: Eye, size: int) -> Tensor:
    """Features of all the other kinds of drawings."""
    rng, draw = np.random.default_rng(2), renderer()
    pictures = [draw.draw(item["scene"], size, rng) for item in exported([(suite, level, 40) for suite in OTHERS for level in range(1, 6)])]
    return eye.peaks(pictures + [scenes.render(seed, None, size, 0.0).picture for seed in range(600)])


def photos(eye: Eye, size: int, each: int = 48) -> tuple[Tensor, Tensor]:
    rng, pictures, sources = np.random.default_rng(3), [], []
    for number, photo in enumerate(photographs()):
        pictures += [np.asarray(Image.fromarray(crop(rng, photo)).resize((size, size), Image.Resampling.BICUBIC)) for _ in range(each)]
        sources += [number] * each
    return eye.peaks(pictures), torch.tensor(sources)


def discriminants(rows: Tensor, labels: Tensor, shrinkage: float) -> tuple[Tensor, Tensor]:
    """Weights and biases over standardised features, folded back onto the features as they are."""
    centre, spread = rows.mean(0), rows.std(0) + 0.05
    x = (rows - centre) / spread
    count = int(labels.max()) + 1
    middles = torch.zeros(count, x.shape[1]).index_add_(0, labels, x) / torch.bincount(labels, minlength=count).clamp_min(1)[:, None]
    inner = x - middles[labels]
    around = inner.T @ inner / len(inner)
    around += shrinkage * around.diagonal().mean() * torch.eye(len(around))
    weight = torch.linalg.solve(around, middles.T).T
    bias = -0.5 * (middles * weight).sum(1)
    return weight / spread, bias - (weight / spread) @ centre


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=192, help="side of the pictures")
    parser.add_argument("--each", type=int, default=1600, help="pictures of one object per level")
    options = parser.parse_args()
    torch.set_num_threads(1)
    eye = Eye()
    drawn = objects(eye, options.size, options.each)
    for style in sorted(set(drawn["styles"])):
        known = torch.tensor([s != style for s in drawn["styles"]])
        weight, bias = discriminants(drawn["rows"][known], drawn["labels"][known], SHRINKAGE)
        right = ((drawn["rows"][~known] @ weight.T + bias).argmax(1) == drawn["labels"][~known]).float()
        levels = [f"{100 * right[drawn['levels'][~known] == level].mean():.0f}" for level in range(1, 6)]
        print(f"{style} left out: {100 * right.mean():.1f} % of {len(right)} named; by level {' '.join(levels)}", flush=True)
    weight, bias = discriminants(drawn["rows"], drawn["labels"], SHRINKAGE)
    taken, sources = photos(eye, options.size)
    plain = torch.cat((drawn["rows"][::4], others(eye, options.size)))
    for fold in range(3):
        kept, left = (torch.arange(len(plain)) % 3 != fold, sources % 3 == fold)
        w, b = gate(plain[kept], taken[~left])
        print(f"gate, a third left out: {100 * (plain[~kept] @ w + b > 0).float().mean():.2f} % of drawings kept as drawings, {100 * (taken[left] @ w + b < 0).float().mean():.1f} % of photographs as photographs", flush=True)
    gate_weight, gate_bias = gate(plain, taken)
    torch.save({"drawn.weight": weight, "drawn.bias": bias, "gate.weight": gate_weight[None], "gate.bias": gate_bias[None]}, STATE / "names.pt")


def gate(plain: Tensor, taken: Tensor) -> tuple[Tensor, Tensor]:
    labels = torch.cat((torch.ones(len(plain), dtype=torch.long), torch.zeros(len(taken), dtype=torch.long)))
    weight, bias = discriminants(torch.cat((plain, taken)), labels, GATE_SHRINKAGE)
    direction, start = weight[1] - weight[0], bias[1] - bias[0]
    # Drawings of every kind were shown, photographs only eighteen: so the line lies close to the drawings.
    return direction, start - (plain @ direction + start).quantile(LOST)


if __name__ == "__main__":
    main()
