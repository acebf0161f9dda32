"""The article's question, answered small: which projector, and which way into the decoder? `python study.py --minutes 40`.

Five models of about two million trained parameters at 112 px, the same pictures and questions (scenes.py) and nothing but the answers' loss:
projectors `linear`, `mlp` and `resampler` (a Perceiver's sixteen latents) between one hybrid tower and one decoder; `patches` straight into
the decoder, as in Fuyu; and `cross`, gated cross-attention beside the decoder's blocks, as in Flamingo. Every run has the same
minutes of CPU time; seeds are taken in turn, so that a study broken off is a smaller one and not a lopsided one. Finished runs are kept in
logs/study.jsonl and not run again; `--table` prints mean and spread over seeds, `--card` writes them down.
"""

from __future__ import annotations

import argparse
import collections
import json
import statistics
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import scenes
import tokenizer as words
from batches import Batch, Packer
from evaluate import into_page
from model import Attention, Block, Config, Norm, VisionTower, rotary
from optimizer import MuonAdam
from train import judged, normalise

HERE = Path(__file__).parent
PAGES = (HERE.parent / "weights" / "README.md", HERE.parent.parent / "docs" / "projectors.md")
MARKS = ("<!-- study:start -->", "<!-- study:end -->")
RESULTS = HERE / "logs" / "study.jsonl"  # committed: another machine goes on with it
VARIANTS = ("linear", "mlp", "resampler", "patches", "cross")
LATENTS = 16
SIDE = 112
TASKS = ("count shape", "count colour", "count all", "exists", "colour", "where", "crossings", "touch", "read number")


def config_of(variant: str) -> Config:
    """Between 2.0 and 2.2 million trained parameters each: what has no tower has more decoder."""
    layers = {"patches": 9, "resampler": 5, "cross": 4}.get(variant, 6)
    return Config(image_size=SIDE, place_grid=SIDE // 16, vision_width=128, vision_layers=2, width=128, layers=layers, feed_forward=344, vocabulary=1024)


class Resampler(nn.Module):
    """[B, N, vision width] -> [B, LATENTS, width]: learnt queries look at the tower's tokens, twice."""

    def __init__(self, config: Config):
        super().__init__()
        self.inward = nn.Linear(config.vision_width, config.width)
        self.latents = nn.Parameter(torch.randn(1, LATENTS, config.width) * 0.5)
        self.looks = nn.ModuleList(Cross(config) for _ in range(2))

    def forward(self, seen: Tensor) -> Tensor:
        seen = self.inward(seen)
        x = self.latents.expand(seen.shape[0], -1, -1)
        for look in self.looks:
            x = look(x, seen)
        return x


class Cross(nn.Module):
    """Attention from one sequence to another, and a feed-forward part; `gated` starts as nothing and opens (Flamingo's tanh)."""

    def __init__(self, config: Config, gated: bool = False):
        super().__init__()
        self.norm, self.other = Norm(config.width, config.norm_epsilon), Norm(config.width, config.norm_epsilon)
        self.attention = Attention(config.width, config.head_size)
        self.after = nn.Sequential(Norm(config.width, config.norm_epsilon), nn.Linear(config.width, 2 * config.width), nn.GELU(), nn.Linear(2 * config.width, config.width))
        self.gates = nn.Parameter(torch.zeros(2) if gated else torch.full((2,), 20.0))

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        a, seen = self.attention, self.other(seen)
        query, key, value = a.split(a.query(self.norm(x))), a.split(a.key(seen)), a.split(a.value(seen))
        mixed = F.scaled_dot_product_attention(query, key.to(query.dtype), value.to(query.dtype))
        x = x + torch.tanh(self.gates[0]) * a.output(mixed.transpose(1, 2).flatten(2))
        return x + torch.tanh(self.gates[1]) * self.after(x)


class Studied(nn.Module):
    def __init__(self, variant: str):
        super().__init__()
        config = self.config = config_of(variant)
        self.variant = variant
        cells = config.grid**2
        if variant == "patches":
            self.patch = nn.Conv2d(3, config.width, config.patch_size, config.patch_size)
            self.spot = nn.Parameter(torch.randn(1, cells, config.width) * 0.05)
        else:
            self.vision = VisionTower(config)
            self.vision.frozen.load_imagenet()
        if variant == "resampler":
            self.projector: nn.Module = Resampler(config)
        elif variant in ("linear", "cross"):
            self.projector = nn.Linear(config.vision_width, config.width)
        elif variant == "mlp":
            self.projector = nn.Sequential(nn.Linear(config.vision_width, 2 * config.width), nn.GELU(), nn.Linear(2 * config.width, config.width))
        self.embed = nn.Embedding(config.vocabulary, config.width)
        nn.init.normal_(self.embed.weight, std=0.5)
        self.blocks = nn.ModuleList(Block(config.width, config.head_size, config.feed_forward, config.norm_epsilon) for _ in range(config.layers))
        self.crosses = nn.ModuleList(Cross(config, gated=True) for _ in range((config.layers + 1) // 2)) if variant == "cross" else None
        self.norm = Norm(config.width, config.norm_epsilon)
        self.head = nn.Linear(config.width, config.vocabulary, bias=False)
        self.image_tokens = {"resampler": LATENTS, "cross": 0}.get(variant, cells)

    def see(self, pixels: Tensor) -> Tensor:
        if self.variant == "patches":
            return self.patch(pixels).flatten(2).transpose(1, 2) + self.spot
        return self.projector(self.vision(pixels)[0])

    def forward(self, batch) -> tuple[Tensor, Tensor]:
        """Loss over the answers, and the predicted tokens."""
        visual = self.see(normalise(batch.pixels))
        x = self.embed(batch.tokens)
        if self.image_tokens:
            x = x.masked_scatter((batch.tokens == words.IMAGE)[..., None], visual.to(x.dtype))
        turn, mask = rotary(batch.positions, self.config.head_size, self.config.rope_theta), batch.mask()
        for i, block in enumerate(self.blocks):
            if self.crosses is not None and i % 2 == 0:
                x = self.crosses[i // 2](x, visual)
            x, _, _ = block(x, turn, mask)
        logits = self.head(self.norm(x)[batch.rows[:, 0], batch.rows[:, 1]]).float()
        loss = (F.cross_entropy(logits, batch.labels, reduction="none") * batch.weights).sum() / batch.weights.sum()
        return loss, logits.argmax(-1)


class OldScenes(Packer):
    """Only the first generator's pictures, with as many image tokens as the variant has."""

    def __init__(self, config: Config, image_tokens: int):
        super().__init__(config)
        self.number = image_tokens

    def image_tokens(self, grid: int) -> int:
        return self.number

    def scene(self, seed: int, size: int, ease: float) -> tuple[scenes.Scene, None]:
        return scenes.render(seed, None, size, ease), None


def accuracy(model: Studied, held_out: list) -> dict[str, float]:
    right = collections.defaultdict(list)
    model.eval()
    with torch.no_grad():
        for batch in held_out:
            _, predicted = model(batch)
            for task, is_right in judged(batch, predicted):
                right[task].append(is_right)
    model.train()
    return {task: round(100 * sum(right[task]) / len(right[task]), 1) for task in TASKS if right[task]}


def held_out_batches(packer: Packer, pictures: int) -> list[Batch]:
    return [packer.batch(list(range(scenes.HELD_OUT_SEED + i, scenes.HELD_OUT_SEED + i + 25)), 0.0) for i in range(0, pictures, 25)]


def answers(pictures: int) -> dict[str, collections.Counter]:
    """How often each answer is the right one, by task: what the commonest one gets is no sight."""
    found: dict = collections.defaultdict(collections.Counter)
    for batch in held_out_batches(OldScenes(config_of("linear"), (SIDE // 16) ** 2), pictures):
        said: dict = collections.defaultdict(tuple)
        for token, answer in zip(batch.labels.tolist(), batch.answers.tolist()):
            said[answer] += (token,)
        for answer, task in enumerate(batch.tasks):
            found[task][said[answer]] += 1
    return found


def run(variant: str, seed: int, minutes: float, batch: int, pictures: int, bf16: bool) -> dict:
    """Trains for so many minutes of CPU time; the last fifth with a falling rate."""
    torch.manual_seed(seed)
    model = Studied(variant)
    size = sum(p.numel() for p in model.parameters() if p.requires_grad)
    optimizer, packer = MuonAdam(model), OldScenes(model.config, model.image_tokens)
    model.train()
    if variant != "patches":
        model.vision.frozen.eval()
    spent, step, number = 0.0, 0, seed * 10_000_000
    while spent < 60 * minutes:
        easy = max(0.0, 1 - step * batch / 16_000)
        data = packer.batch(list(range(number, number + batch)), easy)
        number += batch
        begin = time.process_time()  # of the model alone: all draw the same pictures
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss, _ = model(data)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step(min(1.0, (step + 1) / 100, 5 * (1 - spent / (60 * minutes)) + 0.01))
        spent += time.process_time() - begin
        step += 1
    return {"variant": variant, "seed": seed, "minutes": minutes, "precision": "bf16" if bf16 else "fp32", "parameters": size, "image_tokens": model.image_tokens, "pictures": step * batch, "right": accuracy(model, held_out_batches(packer, pictures))}


def finished(minutes: float, precision: str) -> list[dict]:
    """The runs of one budget: how many pictures it is worth depends on the precision."""
    results = map(json.loads, RESULTS.read_text().splitlines()) if RESULTS.exists() else ()
    return [result for result in results if (result["minutes"], result["precision"]) == (minutes, precision)]


def table(minutes: float, precision: str, pictures: int) -> str:
    """Mean over seeds and, in brackets, the least and the most; then what the commonest answer gets, and how many questions there were."""
    rows = finished(minutes, precision)
    if not rows:
        raise SystemExit(f"no run of {minutes:g} minutes in {precision} is finished")
    lines = ["| variant | parameters | image tokens | pictures, thousands | all tasks | " + " | ".join(TASKS) + " | seeds |", "|---" * (len(TASKS) + 6) + "|"]
    for variant in VARIANTS:
        mine = [result for result in rows if result["variant"] == variant]
        if not mine:
            continue
        tasks = [[result["right"][task] for result in mine] for task in TASKS]
        cells = [spread([result["pictures"] / 1000 for result in mine]), spread(list(map(statistics.mean, zip(*tasks))), 1), *map(spread, tasks)]
        lines.append(f"| {variant} | {mine[0]['parameters'] / 1e6:.2f} M | {mine[0]['image_tokens'] or '–'} | " + " | ".join(cells) + f" | {len(mine)} |")
    right = answers(pictures)
    commonest = [100 * right[task].most_common(1)[0][1] / right[task].total() for task in TASKS]
    lines.append("| commonest answer |" + " – |" * 3 + f" {statistics.mean(commonest):.1f} | " + " | ".join(f"{share:.0f}" for share in commonest) + " | – |")
    lines.append("| questions |" + " – |" * 4 + " " + " | ".join(str(right[task].total()) for task in TASKS) + " | – |")
    return "\n".join(lines)


def spread(values: list[float], digits: int = 0) -> str:
    return f"{statistics.mean(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=40, help="of CPU time, for the model alone, per run")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--variants", default=",".join(VARIANTS), help="which of them: two processes with different ones share the work")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32", help="bf16 is faster on CPUs with AVX-512 BF16 and far slower on others")
    parser.add_argument("--threads", type=int, default=1, help="CPU time is what counts, and one thread wastes none of it")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--held-out", type=int, default=500, help="pictures measured on")
    parser.add_argument("--table", action="store_true", help="only print what is finished")
    parser.add_argument("--card", action="store_true", help="write the table into the model card and docs/ (then `npm run format`)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for seed in range(1, options.seeds + 1) if not (options.table or options.card) else ():
        for variant in options.variants.split(","):
            if any((r["variant"], r["seed"]) == (variant, seed) for r in finished(options.minutes, options.precision)):
                continue
            result = run(variant, seed, options.minutes, options.batch, options.held_out, options.precision == "bf16")
            with open(RESULTS, "a") as file:
                file.write(json.dumps(result) + "\n")
            print(json.dumps(result), flush=True)
    text = table(options.minutes, options.precision, options.held_out)
    print(text)
    for page in PAGES if options.card else ():
        into_page(page, MARKS, text)


if __name__ == "__main__":
    main()
