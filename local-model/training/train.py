"""Trains the local model: `python train.py`. Stop it at any time; the same command goes on where it was.

Loss = answers + pointing + dense. Times fp32 against bf16 for a few steps and takes the faster. Keeps an average
of the weights over recent steps (that is what gets exported) and appends one JSON line per evaluation to log.jsonl.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader

import tokenizer as words
from batches import Batch, Packer, Stream
from model import DENSE_SIZES, Config, Ocelli
from optimizer import MuonAdam
from scenes import HELD_OUT_SEED

STATE = Path(__file__).parent / "state"
POINTING_WEIGHT = 1.0
DENSE_WEIGHT = 1.0  # with a third of this, colours and characters were hardly seen after 20,000 pictures
EMPTY_WEIGHT = 0.03  # of a square that holds nothing, in the dense loss: most squares do


def normalise(pixels: Tensor) -> Tensor:
    """uint8 -> what EfficientNet-Lite expects; preprocessor_config.json says the same in 1/255 steps."""
    return ((pixels.float() - 127.0) / 128.0).contiguous(memory_format=torch.channels_last)


def dense_loss(prediction: Tensor, truth: Tensor) -> Tensor:
    """What lies where, asked of the projector's output: asked of the tower's, the projector dropped colours on the way."""
    total, parts = prediction.new_zeros(()), prediction.unflatten(-1, (-1, sum(DENSE_SIZES))).split(DENSE_SIZES, -1)
    for i, part in enumerate(parts):
        weight = torch.ones(part.shape[-1])
        weight[0] = EMPTY_WEIGHT
        total = total + F.cross_entropy(part.flatten(0, 2).float(), truth[..., i].flatten(), weight, ignore_index=-100)
    return total


def pointing_loss(query: Tensor, key: Tensor, mask: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy between where the first two heads look and where the asked things are.

    An even look over k things and the start token leaves 1 / (k + 1) on the start token: the count, ready to be read.
    """
    b, t = batch.points.T
    logits = torch.einsum("phd,phtd->pht", query[b, :2, t].float(), key[b, :2].float()) * query.shape[-1] ** -0.5 + mask[b, :, t]
    log = logits.log_softmax(-1)
    columns = batch.starts[b][:, None] + torch.arange(batch.looks.shape[-1] - 1)
    seen = torch.cat((log.gather(2, columns[:, None].expand(-1, 2, -1)), log[:, :, :1]), -1)
    wanted = batch.looks
    return -(wanted * seen).sum() / wanted.sum()


def losses(model: Ocelli, batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Answer, pointing and dense loss, and the predicted token of every answer position."""
    mask = batch.mask()
    visual = model.see(normalise(batch.pixels))
    hidden, query, key = model.decode(batch.tokens, visual, words.IMAGE, batch.positions, mask)
    logits = model.head(hidden[batch.rows[:, 0], batch.rows[:, 1]]).float()
    answer = (F.cross_entropy(logits, batch.labels, reduction="none") * batch.weights).sum() / batch.weights.sum()
    return answer, pointing_loss(query, key, mask, batch), dense_loss(model.dense(visual), batch.dense), logits.argmax(-1)


def accuracy(model: Ocelli, held_out: list[Batch], bf16: bool) -> dict[str, float]:
    """Share of wholly right answers per task. All tokens right under teacher forcing is the same as greedy decoding right."""
    right: dict[str, list[int]] = {}
    total = 0.0
    model.eval()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        for batch in held_out:
            answer, _, _, predicted = losses(model, batch)
            total += answer.item()
            wrong = torch.zeros(len(batch.tasks), dtype=torch.long).index_add_(0, batch.answers, (predicted != batch.labels).long())
            for task, misses in zip(batch.tasks, wrong.tolist()):
                right.setdefault(task, []).append(int(misses == 0))
    model.train()
    model.vision.frozen.eval()
    return {"loss": round(total / len(held_out), 4)} | {task: round(100 * sum(v) / len(v), 1) for task, v in sorted(right.items())}


def faster_in_bf16(model: Ocelli, batch: Batch) -> bool:
    """Whether bf16 autocast trains faster here: it depends on the CPU, by a factor of 3 one way to 12 the other."""
    seconds = []
    for bf16 in (False, True):
        for _ in range(3):
            begin = time.process_time()  # not wall time: neighbours would decide
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                sum(losses(model, batch)[:3]).backward()
            took = time.process_time() - begin
            model.zero_grad(set_to_none=True)
            if bf16 and took > 5 * seconds[0]:
                break
        seconds.append(took)
    print(f"one step: fp32 {seconds[0]:.2f} s, bf16 {seconds[1]:.2f} s of CPU", flush=True)
    return seconds[1] < seconds[0]


class Run:
    """A run's whole state: what a checkpoint holds."""

    def __init__(self, config: Config, keep: float):
        self.model = Ocelli(config)
        self.model.vision.frozen.load_imagenet()
        self.average = Ocelli(config)
        self.average.load_state_dict(self.model.state_dict())
        moving = [(mine, new) for (name, mine), new in zip(self.average.state_dict().items(), self.model.state_dict().values())
                  if mine.dtype.is_floating_point and "frozen" not in name]  # batch norm's running values too
        self.averaged = [mine for mine, _ in moving], [new for _, new in moving]
        self.optimizer = MuonAdam(self.model)
        self.keep, self.pictures, self.steps, self.questions, self.minutes = keep, 0, 0, 0, 0.0

    @torch.no_grad()
    def update_average(self) -> None:
        keep = min(self.keep, self.steps / (self.steps + 20))
        torch._foreach_lerp_(self.averaged[0], self.averaged[1], 1 - keep)

    def save(self, path: Path) -> None:
        counters = {k: getattr(self, k) for k in ("pictures", "steps", "questions", "minutes")}
        part = path.with_suffix(".part")
        torch.save({"config": self.model.config.as_dict(), "model": self.model.state_dict(), "average": self.average.state_dict(),
                    "optimizer": self.optimizer.state_dict(), **counters}, part)
        os.replace(part, path)

    def load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        for k in ("pictures", "steps", "questions", "minutes"):
            setattr(self, k, state[k])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="first", help="folder of this run under state/")
    parser.add_argument("--batch", type=int, default=16, help="pictures per step")
    parser.add_argument("--pictures", type=int, default=10**8, help="stop after so many pictures in all")
    parser.add_argument("--anneal", type=int, default=0, help="let the learning rate fall to zero over so many pictures from here, then stop; written to annealed.pt")
    parser.add_argument("--compile", action="store_true", help="compile the blocks (needs a C++ compiler; some seconds at the start)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    parser.add_argument("--average", type=float, default=0.999, help="share the weight average keeps at each step")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    folder = STATE / options.name
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint, target = folder / "latest.pt", folder / ("annealed.pt" if options.anneal else "latest.pt")

    config = Config()
    run = Run(config, options.average)
    if checkpoint.exists():
        run.load(checkpoint)
    packer = Packer(config)
    held_out = [packer.batch(list(range(HELD_OUT_SEED + i, HELD_OUT_SEED + i + 50)), 0.0) for i in range(0, 500, 50)]
    model = run.model.to(memory_format=torch.channels_last)
    model.train()
    model.vision.frozen.eval()
    if options.compile:
        for block in [*model.vision.blocks, *model.blocks]:
            block.compile(dynamic=False)
    bf16 = faster_in_bf16(model, packer.batch(list(range(options.batch)), 1.0)) if options.precision == "auto" else options.precision == "bf16"
    run.optimizer.precision = torch.bfloat16 if bf16 else torch.float32
    first = run.pictures
    end = first + options.anneal if options.anneal else options.pictures
    loader = DataLoader(Stream(config, options.batch, run.pictures), batch_size=None, num_workers=1, prefetch_factor=8)
    sums, count = torch.zeros(3), 0
    begin = saved = evaluated = time.monotonic()
    spent, processor = run.minutes, time.process_time()

    for batch in loader:
        warm = min(1.0, (run.steps + 1) / 100)
        scale = warm * ((end - run.pictures) / options.anneal if options.anneal else 1.0)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            answer, pointing, dense, _ = losses(model, batch)
            loss = answer + POINTING_WEIGHT * pointing + DENSE_WEIGHT * dense
        run.optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if math.isfinite(norm.item()):
            run.optimizer.step(max(0.0, scale))
        run.steps += 1
        run.pictures += options.batch
        run.questions += len(batch.tasks)
        run.update_average()
        run.minutes = spent + (time.monotonic() - begin) / 60
        sums += torch.tensor([answer.item(), pointing.item(), dense.item()])
        count += 1
        if run.steps % 100 == 0:
            work, processor = (time.process_time() - processor) / 100, time.process_time()
            speed = (run.pictures - first) / (time.monotonic() - begin)
            print(f"{run.minutes:7.1f} min {run.pictures:8d} pictures {speed:5.1f}/s answer {sums[0] / count:.3f} pointing {sums[1] / count:.3f} dense {sums[2] / count:.3f} ({work:.2f} CPU s a step)", flush=True)
            sums, count = torch.zeros(3), 0
        now, done = time.monotonic(), run.pictures >= end
        if now - saved > 120 or done:
            run.save(target)
            saved = now
        if now - evaluated > 400 or done:
            entry = {"minutes": round(run.minutes, 1), "pictures": run.pictures, "questions": run.questions, **accuracy(run.average, held_out, bf16)}
            print(json.dumps(entry), flush=True)
            with open(folder / "log.jsonl", "a") as log:
                log.write(json.dumps(entry) + "\n")
            evaluated = time.monotonic()
        if done:
            break


if __name__ == "__main__":
    main()
