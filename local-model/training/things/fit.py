"""Trains the network that finds things: `python -m things.fit --minutes 60`. Stop it at any time; the same command goes on where it was.

Writes state/things/latest.pt. The rate falls over the last two fifths of the minutes; measured are held-out lessons of the suites.
"""

from __future__ import annotations

import json
import math
import time

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

import scenes
import suite
from alone import Alone, options_of
from model import DENSE_COLOURS, DENSE_SHAPES, SHARP
from pretrained import FrozenStages
from printed.net import FINE
from train import STATE, normalise

from .net import MARK_STRIDE, MIDDLE_SIZE, SIDE, STRIDE, ThingNet, at_side, find
from .truth import Known, known

FOLDER = STATE / "things"
CELLS, CLOSE_CELLS = SIDE // STRIDE, SIDE // MARK_STRIDE
DOUBTFUL = 0.2  # of a mark's square: so near to the next square, either may claim it
NEVER = -100  # left out of the loss
HELD_OUT = 60_000_000
OLD = 4  # one picture in so many is of the first generator, whose shapes are shaded; with 7 their colours were learnt to 75-82 % only
KEPT = {"ocr": 0.15, "charts": 0.6, "touching-circles": 0.25}  # of these pictures: there is little to find in them
INSTEAD = ("nested-squares", "nested-squares", "nested-squares", "grid-blank", "overlapping-pentagons", "objects")  # one of these is shown instead


def shown(seed: int) -> tuple[np.ndarray, list[Known]]:
    """A fine picture (uint8) and everything in it."""
    rng = np.random.default_rng((seed, 61))
    if seed % OLD == 0:
        number = seed if seed < HELD_OUT else scenes.HELD_OUT_SEED + seed
        scene = scenes.render(number, None, FINE, 0.0)
        return scene.picture, known(scene)
    block = suite.HELD_OUT_BLOCK + 1 if seed >= HELD_OUT else seed // suite.LESSONS
    items = suite.block(block, 0.0)
    item = items[seed % suite.LESSONS]
    if rng.random() > KEPT.get(item["subtask"], KEPT.get(item["generator"]["name"], 1.0)):
        instead = INSTEAD[int(rng.integers(len(INSTEAD)))]
        item = next((i for k in range(1, suite.LESSONS) if (i := items[(seed + k) % suite.LESSONS])["subtask"] == instead), item)
    _, scene, _ = suite.drawn(item, FINE, rng)
    return scene.picture, known(scene)


def targets(things: list[Known]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per square: whether a middle lies there (NEVER beside one), and kind, colour and measures of the nearest middle beside it [h, w, 2 + 3]; per close square whether a close mark does."""
    marks = np.zeros((CLOSE_CELLS, CLOSE_CELLS), np.int64)
    for kind, _, x, y, _ in things:
        if SHARP[kind]:
            u, v = min(x, 0.9999) * CLOSE_CELLS, min(y, 0.9999) * CLOSE_CELLS
            for row, column in {(int(v + dv), int(u + du)) for dv in (-DOUBTFUL, DOUBTFUL) for du in (-DOUBTFUL, DOUBTFUL)}:
                if 0 <= row < CLOSE_CELLS and 0 <= column < CLOSE_CELLS and marks[row, column] != 1:
                    marks[row, column] = NEVER
            marks[int(v), int(u)] = 1
    there, beside = np.zeros((CELLS, CELLS), np.int64), np.zeros((CELLS, CELLS, 5), np.float32)
    nearest = np.full((CELLS, CELLS), 9.0)
    for kind, colour, x, y, size in things:
        u, v = x * CELLS, y * CELLS
        for row in range(max(0, int(v) - 1), min(CELLS, int(v) + 2)):
            for column in range(max(0, int(u) - 1), min(CELLS, int(u) + 2)):
                far = max(abs(column + 0.5 - u), abs(row + 0.5 - v))
                if far < nearest[row, column]:
                    nearest[row, column] = far
                    beside[row, column] = kind, colour or NEVER, u - column - 0.5, v - row - 0.5, np.log2(max(size, 0.01) * SIDE / MIDDLE_SIZE)
                if there[row, column] != 1:
                    there[row, column] = 1 if (row, column) == (int(v), int(u)) else NEVER
    return there, beside, marks


def batch(seeds: range) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Normalised pixels [B, 3, SIDE, SIDE], and targets of each."""
    pictures = [shown(seed) for seed in seeds]
    pixels = at_side(normalise(torch.from_numpy(np.stack([p.transpose(2, 0, 1) for p, _ in pictures]))))
    for k, (seed, (_, things)) in enumerate(zip(seeds, pictures)):
        if seed < HELD_OUT and things and all(colour == 0 for _, colour, *_ in things):
            pixels[k] = restyled_pixels(np.random.default_rng((seed, 62)), pixels[k])
    return pixels.half(), *(torch.from_numpy(np.stack(part)) for part in zip(*(targets(things) for _, things in pictures)))


def restyled_pixels(rng: np.random.Generator, pixels: Tensor) -> Tensor:
    """A picture without named colours in other colours: three styles of drawing are few to learn from for a fourth."""
    if rng.random() < 0.4:
        return pixels
    if rng.random() < 0.2:
        pixels = pixels[torch.from_numpy(rng.permutation(3))]
    pixels = torch.lerp(pixels, pixels.mean(0, keepdim=True).expand_as(pixels), float(rng.uniform(-0.4, 1.0)))
    gain, shift = torch.from_numpy(rng.uniform(0.7, 1.3, 3)).float(), torch.from_numpy(rng.uniform(-0.25, 0.25, 3)).float()
    pixels = pixels * gain[:, None, None] + shift[:, None, None]
    if rng.random() < 0.25:  # thinner or thicker outlines
        dark, wide = -pixels[None], F.max_pool2d(-pixels[None], 3, 1, 1)
        pixels = -torch.lerp(dark, wide, float(rng.uniform(0.2, 0.9)))[0] if rng.random() < 0.5 else F.max_pool2d(pixels[None], 3, 1, 1)[0]
    return pixels.clamp(-1, 1)


def focal(logits: Tensor, wanted: Tensor) -> Tensor:
    """Is something there? Most squares are clearly empty, and count for little."""
    truth = (wanted > 0).float()
    miss = (truth - torch.sigmoid(logits).detach()).abs() ** 1.5
    return (F.binary_cross_entropy_with_logits(logits, truth, reduction="none") * miss)[wanted != NEVER].sum() / truth.sum().clamp(min=1)


def loss_of(net: ThingNet, pixels: Tensor, maps: list[Tensor], there: Tensor, beside: Tensor, marks: Tensor) -> list[Tensor]:
    """Is something there, its measures, its kind and its colour; is a close mark there."""
    chance, measures, kinds, colours, mark = (part.float() for part in net(pixels, maps))
    present = focal(chance, there)
    near = beside[..., 0] > 0
    kind, hue, measured = beside[near][:, 0].long(), beside[near][:, 1].long(), beside[near][:, 2:]
    return [present, F.smooth_l1_loss(measures[near], measured, beta=0.1), F.cross_entropy(kinds[near], kind, label_smoothing=0.05),
            F.cross_entropy(colours[near], hue, ignore_index=NEVER, reduction="sum") / (hue != NEVER).sum().clamp(min=1), focal(mark, marks)]


@torch.no_grad()
def quality(net: ThingNet, frozen: FrozenStages, held_out: list[tuple[np.ndarray, list[Known]]]) -> dict[str, float]:
    """Of things and of marks: pictures in which exactly as many were found as there are; of things: found, kind right, among the first two, colour right; found where nothing is."""
    net.eval()
    exact, pictures, total, found, right, among, hued, coloured, invented = 0, 0, 0, 0, 0, 0, 0, 0, 0
    for picture, things in held_out:
        rows = find(net, frozen, normalise(torch.from_numpy(picture.transpose(2, 0, 1).copy())[None]))[0]
        rows = rows[rows[:, 0] > 0].tolist()
        exact, pictures = exact + (len(rows) == len(things)), pictures + 1
        left = list(range(len(rows)))
        for kind, colour, x, y, size in things:
            total += 1
            near = [k for k in left if math.hypot(rows[k][4] - x, rows[k][5] - y) < max(0.025, 0.35 * size)]
            if not near:
                continue
            k = min(near, key=lambda k: math.hypot(rows[k][4] - x, rows[k][5] - y))
            left.remove(k)
            found += 1
            right += int(rows[k][0]) == kind
            among += kind in (int(rows[k][0]), int(rows[k][2]))
            coloured += colour > 0
            hued += colour > 0 and int(rows[k][3]) == colour
        invented += len(left)
    net.train()
    share = lambda part, whole: round(100 * part / max(1, whole), 1)
    return {"exact": share(exact, pictures), "found": share(found, total), "kind": share(right, found), "among two": share(among, found), "colour": share(hued, coloured), "invented per 100": share(invented, total)}


def new_net() -> ThingNet:
    return ThingNet(len(DENSE_SHAPES), len(DENSE_COLOURS), SHARP)


def main() -> None:
    options = options_of(__doc__, minutes=60, batch=16).parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(5)
    held_out = [shown(HELD_OUT + k) for k in range(100)]
    run = Alone(new_net(), FOLDER / "latest.pt", "things.net.", 0.02, options)
    frozen = FrozenStages(True).load_imagenet().eval().to(memory_format=torch.channels_last)
    lost, cpu = [], time.process_time()
    for pixels, there, beside, marks in run.batches(batch, options.batch):
        if run.over():
            break
        pixels = pixels.float().contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                maps = frozen(pixels)
            parts = loss_of(run.net, pixels, maps, there, beside, marks)
        run.step(parts[0] + parts[1] * 2 + parts[2] * 0.5 + parts[3] * 0.5 + parts[4])
        lost.append([p.item() for p in parts])
        if run.steps % 50 == 0:
            present, measure, kind, colour, mark = np.mean(lost[-50:], 0)
            print(f"{run.now():6.1f} min {run.steps:6d} steps  present {present:.3f} measure {measure:.4f} kind {kind:.3f} colour {colour:.3f} mark {mark:.3f} ({(time.process_time() - cpu) / 50:.2f} CPU s a step)", flush=True)
            cpu = time.process_time()
        if run.steps % 200 == 0:
            run.save()
        if run.steps % 400 == 0:
            print(json.dumps({"steps": run.steps} | quality(run.average, frozen, held_out)), flush=True)
    run.save()
    print(json.dumps({"steps": run.steps} | quality(run.average, frozen, held_out)), flush=True)


if __name__ == "__main__":
    main()
