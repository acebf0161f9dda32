"""Trains the print network: `python -m printed.fit --minutes 40`. Stop it at any time; the same command goes on where it was.

Writes state/print/latest.pt. The rate falls over the last two fifths of the minutes; measured are the squares of held-out crops. The defaults are what the shipped one was trained with.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, IterableDataset

import parameters
from train import STATE, normalise, save_whole

from .crops import NEVER, crops, targets
from .net import PRINTABLE, PrintNet

FOLDER = STATE / "print"
EMPTY = 0.5  # weight of a square with nothing in it
HELD_OUT = 50_000_000


def batch(seeds: range) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """uint8 pixels [B, 3, h, w], and crops.targets of each."""
    shown = [crop for seed in seeds for crop in crops(seed)]
    truth = [targets(characters) for _, characters in shown]
    pixels = torch.from_numpy(np.stack([picture for picture, _ in shown])).permute(0, 3, 1, 2)
    return pixels, *(torch.from_numpy(np.stack(part)) for part in zip(*truth))


class Stream(IterableDataset):
    def __init__(self, first: int, size: int):
        self.first, self.size = first, size

    def __iter__(self):
        torch.set_num_threads(1)
        seed = self.first
        while True:
            yield batch(range(seed, seed + self.size // 4))
            seed += self.size // 4


def loss_of(net: PrintNet, pixels: Tensor, named: Tensor, nearby: Tensor, measures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Is there a character (focal: most squares are clearly empty), which one (in the squares beside its middle too), and its measures."""
    logits, measured = net(normalise(pixels))
    logits, measured = logits.float(), measured.float()
    there = logits[..., 1:].logsumexp(-1) - logits[..., 0]
    asked, truth = named != NEVER, (named > 0).float()
    chance = torch.sigmoid(there).detach()
    miss = (truth - chance).abs() ** 1.5 * torch.where(truth > 0, 1.0, EMPTY)
    present = (F.binary_cross_entropy_with_logits(there, truth, reduction="none") * miss)[asked].sum() / truth.sum().clamp(min=1)
    name = F.cross_entropy(logits[..., 1:][nearby > 0], nearby[nearby > 0] - 1)
    return present, name, F.smooth_l1_loss(measured[nearby > 0], measures[nearby > 0], beta=0.1)


@torch.no_grad()
def quality(net: PrintNet, held_out: list) -> dict[str, float]:
    """Of squares with a character: found, and named rightly (case apart); of empty ones: taken for something."""
    found = right = folded = total = invented = empty = 0
    lower = torch.tensor([0] + [1 + PRINTABLE.index(c.lower()) for c in PRINTABLE])
    net.eval()
    for pixels, named, _, _ in held_out:
        logits, _ = net(normalise(pixels))
        is_there = logits[..., 1:].logsumexp(-1) > logits[..., 0]
        best = logits[..., 1:].argmax(-1) + 1
        print_ = named > 0
        total, empty = total + print_.sum().item(), empty + (named == 0).sum().item()
        found += (print_ & is_there).sum().item()
        right += (print_ & is_there & (best == named)).sum().item()
        folded += (print_ & is_there & (lower[best] == lower[named.clamp(min=0)])).sum().item()
        invented += ((named == 0) & is_there).sum().item()
    net.train()
    return {"found": round(100 * found / total, 2), "right": round(100 * right / total, 2), "right but for case": round(100 * folded / total, 2), "invented per 100": round(100 * invented / total, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--precision", choices=("bf16", "fp32"), default="fp32", help="bf16 was slower where it was tried: its depthwise convolutions are")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--parameters", type=Path, help="where a new run starts from: a file that parameters.py wrote")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(3)
    FOLDER.mkdir(parents=True, exist_ok=True)
    net = PrintNet().to(memory_format=torch.channels_last)
    average = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(net.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01)
    steps, spent, path = 0, 0.0, FOLDER / "latest.pt"
    if path.exists():
        state = torch.load(path, weights_only=True)
        net.load_state_dict(state["net"]), average.load_state_dict(state["average"]), optimizer.load_state_dict(state["optimizer"])
        steps, spent = state["steps"], state["minutes"]
    elif options.parameters:
        net.load_state_dict(parameters.part("printed.net.", options.parameters), strict=False), average.load_state_dict(net.state_dict())
    held_out = [batch(range(HELD_OUT + k, HELD_OUT + k + 8)) for k in range(0, 40, 8)]
    print(f"{sum(p.numel() for p in net.parameters())} parameters, from step {steps}", flush=True)
    begin, lost, cpu = time.monotonic(), [], time.process_time()
    for pixels, named, nearby, measures in DataLoader(Stream(steps * options.batch // 4, options.batch), batch_size=None, num_workers=1, prefetch_factor=16):
        minutes = spent + (time.monotonic() - begin) / 60
        if minutes >= options.minutes:
            break
        left = (options.minutes - minutes) / options.minutes
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1.0, (steps + 1) / 200) * min(1.0, left / 0.4)
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bf16"):
            parts = loss_of(net, pixels, named, nearby, measures)
        (parts[0] + parts[1] + parts[2] * 2).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        steps += 1
        with torch.no_grad():
            keep = min(0.998, steps / (steps + 20))
            for mine, new in zip(average.state_dict().values(), net.state_dict().values()):
                mine.lerp_(new, 1 - keep) if mine.dtype.is_floating_point else mine.copy_(new)
        lost.append([p.item() for p in parts])
        if steps % 50 == 0:
            present, name, measure = np.mean(lost[-50:], 0)
            print(f"{minutes:6.1f} min {steps:6d} steps  present {present:.3f} name {name:.3f} measure {measure:.4f} ({(time.process_time() - cpu) / 50:.2f} CPU s a step)", flush=True)
            cpu = time.process_time()
        if steps % 250 == 0:
            save(path, net, average, optimizer, steps, minutes)
        if steps % 500 == 0:
            print(json.dumps({"steps": steps} | quality(average, held_out)), flush=True)
    save(path, net, average, optimizer, steps, spent + (time.monotonic() - begin) / 60)
    print(json.dumps({"steps": steps} | quality(average, held_out)), flush=True)


def save(path: Path, net: PrintNet, average: PrintNet, optimizer: torch.optim.Optimizer, steps: int, minutes: float) -> None:
    save_whole({"net": net.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(), "steps": steps, "minutes": minutes}, path)


if __name__ == "__main__":
    main()
