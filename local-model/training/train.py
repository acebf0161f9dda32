"""Trains the local model: `python train.py`. Stop it at any time; the same command goes on where it was.

Loss = answers + pointing + dense. Times fp32 against bf16 for a few steps and takes the faster. Keeps an average
of the weights over recent steps (that is what gets exported) and appends one JSON line per evaluation to log.jsonl.
"""

from __future__ import annotations

import argparse
import collections
import json
import math
import os
import time
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader

import parameters
import tokenizer as words
from batches import Batch, Packer, Stream
from model import DENSE_SIZES, Config, Ocelli
from optimizer import MuonAdam
from scenes import HELD_OUT_SEED

STATE = Path(__file__).parent / "state"
COUNTERS = ("pictures", "steps", "questions", "minutes", "grown_at")
POINTING_WEIGHT = 1.0
GROUNDING_WEIGHT = 1.0
PLACE_WEIGHT = 4.0  # of the places asked of visual tokens and of named things, and of the offset between two
DENSE_WEIGHT = 1.0  # with a third of this, colours and characters were hardly seen after 20,000 pictures
EMPTY_WEIGHT = 0.03  # of a square that holds nothing, in the dense loss: most squares do


def normalise(pixels: Tensor) -> Tensor:
    """uint8 -> what EfficientNet-Lite expects; preprocessor_config.json says the same in 1/255 steps."""
    return ((pixels.float() - 127.0) / 128.0).contiguous(memory_format=torch.channels_last)


def dense_loss(prediction: Tensor, truth: Tensor) -> Tensor:
    """What lies where, asked of the projector's output: asked of the tower's, the projector dropped colours on the way."""
    total, parts = prediction.new_zeros(()), prediction.unflatten(-1, (-1, sum(DENSE_SIZES))).split(DENSE_SIZES, -1)
    for i, part in enumerate(parts):
        weight = torch.ones(part.shape[-1], device=part.device)
        weight[0] = EMPTY_WEIGHT
        total = total + F.cross_entropy(part.flatten(0, 2).float(), truth[..., i].flatten(), weight, ignore_index=-100)
    return total


def attention_of(query: Tensor, key: Tensor, mask: Tensor, rows: Tensor, starts: Tensor, heads: int, cells: int) -> Tensor:
    """Log attention [P, heads, cells + 1] of the first heads at some positions: over the picture's cells and the start token."""
    b, t = rows.T
    logits = torch.einsum("phd,phtd->pht", query[b, :heads, t].float(), key[b, :heads].float()) * query.shape[-1] ** -0.5 + mask[b, :, t]
    log = logits.log_softmax(-1)
    columns = starts[b][:, None] + torch.arange(cells, device=starts.device)
    return torch.cat((log.gather(2, columns[:, None].expand(-1, heads, -1)), log[:, :, :1]), -1)


def pointing_loss(query: Tensor, key: Tensor, mask: Tensor, batch: Batch, wanted: Tensor) -> Tensor:
    """Cross-entropy between where the first two heads look and where the asked things are.

    An even look over k things and the start token leaves 1 / (k + 1) on the start token: the count, ready to be read.
    """
    seen = attention_of(query, key, mask, batch.points, batch.starts, 2, wanted.shape[-1] - 1)
    return -(wanted * seen).sum() / wanted.sum()


def grounding_loss(query: Tensor, key: Tensor, mask: Tensor, batch: Batch) -> Tensor:
    """The same for one head at the last token of everything that is named: look at it, or at the start token where it is not there."""
    wanted = batch.ground_looks[:, None]
    seen = attention_of(query, key, mask, batch.grounds, batch.starts, 1, wanted.shape[-1] - 1)
    return -(wanted * seen).sum() / wanted.sum()


def look_at_names(batch: Batch, chosen: Tensor | None, each: int) -> Tensor:
    """Where to look, with the second head of answers that say a name turned to it, if the picture's name tokens hold it."""
    if chosen is None or not len(batch.named):
        return batch.looks
    wanted, (point, truth, k) = batch.looks.clone(), batch.named.T
    first = batch.dense.shape[1] + 1  # behind the grid's tokens and the kind of picture
    seen = chosen[batch.points[point, 0]]
    for which in (2, 1):  # the likeliest last: it wins where both are the same
        hit = seen[:, which] == truth
        wanted[point[hit], 1] = 0
        wanted[point[hit], 1, first + (which - 1) * each + k[hit]] = 1
    return wanted


def place_loss(model: Ocelli, visual: Tensor, named: Tensor, hidden: Tensor, batch: Batch) -> Tensor:
    """Places as numbers: of each visual token, of each thing where it is named, and how two related things lie."""
    side = round(visual.shape[1] ** 0.5)
    axis = (torch.arange(side, device=visual.device) + 0.5) / side
    cells = torch.stack((axis.repeat(side), axis.repeat_interleave(side)), -1)
    total = F.mse_loss(model.cell(visual).float(), cells.expand(visual.shape[0], -1, -1))
    known = batch.ground_places[:, 0] >= 0
    if known.any():
        b, t = batch.grounds[known].T
        total = total + F.mse_loss(model.where(named[b, t]).float(), batch.ground_places[known])
    if len(batch.offsets):
        b, t = batch.offsets.T
        total = total + F.mse_loss(model.offset(hidden[b, t]).float(), batch.offset_values)
    return total


def losses(model: Ocelli, batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
    """The parts of the loss, and the predicted token of every answer position."""
    mask = batch.mask()
    visual, chosen = model.see(normalise(batch.pixels), batch.wishes, batch.found, batch.things)
    grid = visual[:, : batch.dense.shape[1]]
    hidden, pointing, grounding = model.decode(batch.tokens, visual, words.IMAGE, batch.positions, mask)
    logits = model.head(hidden[batch.rows[:, 0], batch.rows[:, 1]]).float()
    parts = {"answer": (F.cross_entropy(logits, batch.labels, reduction="none") * batch.weights).sum() / batch.weights.sum(),
             "pointing": pointing_loss(*pointing, mask, batch, look_at_names(batch, chosen, model.config.name_tokens)), "dense": dense_loss(model.dense(grid), batch.dense)}
    if grounding and len(batch.grounds):
        parts |= {"grounding": grounding_loss(*grounding[:2], mask, batch), "place": place_loss(model, grid, grounding[2], hidden, batch)}
    return parts, logits.argmax(-1)


def total_of(parts: dict[str, Tensor]) -> Tensor:
    weights = {"answer": 1.0, "pointing": POINTING_WEIGHT, "dense": DENSE_WEIGHT, "grounding": GROUNDING_WEIGHT, "place": PLACE_WEIGHT}
    return sum(weights[name] * part for name, part in parts.items())


def judged(batch: Batch, predicted: Tensor) -> list[tuple[str, bool]]:
    """Task of every answer, and whether all its tokens are right."""
    wrong = torch.zeros(len(batch.tasks), dtype=torch.long, device=predicted.device).index_add_(0, batch.answers, (predicted != batch.labels).long())
    return [(task, misses == 0) for task, misses in zip(batch.tasks, wrong.tolist())]


def learn(model: Ocelli) -> None:
    """Training mode, but for what is frozen."""
    model.train()
    model.vision.frozen.eval()
    if not model.projector[0].weight.requires_grad:
        model.vision.eval()
    if model.printed is not None:
        model.printed.net.eval()
    if model.things is not None:
        model.things.net.eval()


def accuracy(model: Ocelli, held_out: list[Batch], bf16: bool) -> dict[str, float]:
    """Share of wholly right answers per task. All tokens right under teacher forcing is the same as greedy decoding right."""
    right: dict[str, list[int]] = {}
    total = 0.0
    model.eval()
    device = model.embed.weight.device
    with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, enabled=bf16):
        for batch in held_out:
            batch = batch.to(device)
            parts, predicted = losses(model, batch)
            total += parts["answer"].item()
            for task, is_right in judged(batch, predicted):
                right.setdefault(task, []).append(is_right)
    learn(model)
    return {"loss": round(total / len(held_out), 4)} | {task: round(100 * sum(v) / len(v), 1) for task, v in sorted(right.items())}


def faster_in_bf16(model: Ocelli, batch: Batch) -> bool:
    """Whether bf16 autocast trains faster here: it depends on the CPU, by a factor of 3 one way to 12 the other."""
    seconds = []
    for bf16 in (False, True):
        for _ in range(3):
            begin = time.process_time()  # not wall time: neighbours would decide
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                total_of(losses(model, batch)[0]).backward()
            took = time.process_time() - begin
            model.zero_grad(set_to_none=True)
            if bf16 and took > 5 * seconds[0]:
                break
        seconds.append(took)
    print(f"one step: fp32 {seconds[0]:.2f} s, bf16 {seconds[1]:.2f} s of CPU", flush=True)
    return seconds[1] < seconds[0]


def save_whole(state: dict, path: Path) -> None:
    """All or nothing: whoever is killed while writing leaves the file that was there."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


class Run:
    """A run's whole state: what a checkpoint holds."""

    def __init__(self, config: Config, keep: float, device: str = "cpu", decoder_only: bool = False):
        self.model = Ocelli(config).to(device)
        self.model.load_published()
        self.decoder_only = decoder_only
        if decoder_only:
            for part in (self.model.vision, self.model.projector, self.model.dense, self.model.cell):
                part.requires_grad_(False)
            self.model.spot.requires_grad_(False)
        self.average = Ocelli(config).to(device)
        self.average.load_state_dict(self.model.state_dict())
        moving = [(mine, new) for (name, mine), new in zip(self.average.state_dict().items(), self.model.state_dict().values())
                  if mine.dtype.is_floating_point and "frozen" not in name]  # batch norm's running values too
        self.averaged = [mine for mine, _ in moving], [new for _, new in moving]
        self.optimizer = MuonAdam(self.model)
        self.keep, self.pictures, self.steps, self.questions, self.minutes, self.grown_at = keep, 0, 0, 0, 0.0, 0

    @torch.no_grad()
    def update_average(self) -> None:
        keep = min(self.keep, self.steps / (self.steps + 20))
        torch._foreach_lerp_(self.averaged[0], self.averaged[1], 1 - keep)

    def save(self, path: Path) -> None:
        counters = {k: getattr(self, k) for k in COUNTERS}
        save_whole({"config": self.model.config.as_dict(), "model": self.model.state_dict(), "average": self.average.state_dict(),
                    "optimizer": self.optimizer.state_dict(), "decoder_only": self.decoder_only, **counters}, path)

    def load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True, map_location=self.model.embed.weight.device)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        if state.get("decoder_only", False) == self.decoder_only:  # else other parameters were trained: it starts anew
            self.optimizer.load_state_dict(state["optimizer"])
        for k in COUNTERS:
            setattr(self, k, state.get(k, 0))


    def start_from(self, path: Path) -> None:
        """Weights and counters of another machine's run; the optimizer and its warm-up start anew."""
        _, counters, tensors = parameters.read(path)
        for model in (self.model, self.average):
            model.load_state_dict(tensors, strict=False)  # the frozen stages are there already
        for name, value in counters.items():
            setattr(self, name, value)


def sizes_of(text: str) -> dict[int, float]:
    """"128" or "128:0.3,224:0.7": sides of the training pictures and their shares."""
    return {int(size): float(share or 1) for size, _, share in (part.partition(":") for part in text.split(","))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="first", help="folder of this run under state/")
    parser.add_argument("--parameters", type=Path, help="where a new run starts from: a file that parameters.py wrote")
    parser.add_argument("--batch", type=int, default=16, help="pictures per step")
    parser.add_argument("--sizes", type=sizes_of, default={128: 1.0}, help='sides of the pictures with shares, such as "128:0.3,224:0.7"')
    parser.add_argument("--pictures", type=int, default=10**8, help="stop after so many pictures in all")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop, with the state saved, after so many minutes: stages on a lent machine")
    parser.add_argument("--anneal", type=int, default=0, help="let the learning rate fall to zero over so many pictures from here, then stop; written to annealed.pt")
    parser.add_argument("--anneal-minutes", type=float, default=0, help="the same over so many minutes of wall time, where a deadline decides")
    parser.add_argument("--rate", type=float, default=1.0, help="multiplies both learning rates")
    parser.add_argument("--compile", action="store_true", help="compile the blocks (needs a C++ compiler; some seconds at the start)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1, help="processes that draw pictures")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    parser.add_argument("--decoder-only", action="store_true", help="the tower and the projector stay as they are: a fifth less work a step, where only the decoder has to learn")
    parser.add_argument("--average", type=float, default=0.999, help="share the weight average keeps at each step")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    torch._dynamo.config.recompile_limit = 64
    folder = STATE / options.name
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint, target = folder / "latest.pt", folder / ("annealed.pt" if options.anneal or options.anneal_minutes else "latest.pt")
    device = torch.device(options.device)

    if checkpoint.exists():
        config = Config.of(torch.load(checkpoint, weights_only=True, map_location="cpu")["config"])
    else:
        config = Config.of(parameters.read(options.parameters)[0]) if options.parameters else Config()
    run = Run(config, options.average, options.device, options.decoder_only)
    if checkpoint.exists():
        run.load(checkpoint)
    elif options.parameters:
        run.start_from(options.parameters)
    packer = Packer(config)
    largest = max(options.sizes)
    held_out = [packer.batch(list(range(HELD_OUT_SEED + i, HELD_OUT_SEED + i + 25)), 0.0, largest, config.print_tokens > 0) for i in range(0, 300, 25)]
    model = run.model.to(memory_format=torch.channels_last)
    learn(model)
    if options.compile:
        for block in [*model.vision.blocks, *model.blocks]:
            block.compile(dynamic=False)
    bf16 = options.precision == "bf16"
    if options.precision == "auto":
        bf16 = device.type == "cuda" or faster_in_bf16(model, packer.batch(list(range(options.batch)), 1.0))
    run.optimizer.precision = torch.bfloat16 if bf16 else torch.float32
    first = run.pictures
    end = first + options.anneal if options.anneal else options.pictures
    loader = DataLoader(Stream(config, options.batch, run.pictures, run.grown_at, options.sizes), batch_size=None, num_workers=options.workers, prefetch_factor=24)
    sums, count = collections.Counter(), 0
    begin = saved = evaluated = time.monotonic()
    spent, processor = run.minutes, time.process_time()

    for batch in loader:
        warm = min(1.0, (run.steps + 1) / 100)
        scale = options.rate * warm * ((end - run.pictures) / options.anneal if options.anneal else 1.0)
        if options.anneal_minutes:
            scale *= max(0.0, 1 - (time.monotonic() - begin) / (60 * options.anneal_minutes))
        batch = batch.to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            parts, _ = losses(model, batch)
            loss = total_of(parts)
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
        sums.update({name: part.item() for name, part in parts.items()})
        count += 1
        if run.steps % 100 == 0:
            work, processor = (time.process_time() - processor) / 100, time.process_time()
            speed = (run.pictures - first) / (time.monotonic() - begin)
            means = " ".join(f"{name} {value / count:.3f}" for name, value in sums.items())
            print(f"{time.strftime('%H:%M')} {run.minutes:7.1f} min {run.pictures:8d} pictures {speed:5.1f}/s {means} ({work:.2f} CPU s a step)", flush=True)
            sums, count = collections.Counter(), 0
        now = time.monotonic()
        done = run.pictures >= end or now - begin > 60 * (options.anneal_minutes or options.minutes)
        if now - saved > 120 or done:
            run.save(target)
            saved = now
        if now - evaluated > 900 or done:
            entry = {"minutes": round(run.minutes, 1), "pictures": run.pictures, "questions": run.questions, "size": largest, **accuracy(run.average, held_out, bf16)}
            print(json.dumps(entry), flush=True)
            with open(folder / "log.jsonl", "a") as log:
                log.write(json.dumps(entry) + "\n")
            evaluated = time.monotonic()
        if done:
            break


if __name__ == "__main__":
    main()
