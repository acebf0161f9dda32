"""A network that is trained by itself: its optimizer, its average, its clock and its checkpoint. things/fit.py and printed/fit.py use it."""

from __future__ import annotations

import argparse
import copy
import time
from pathlib import Path
from typing import Callable

import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset

import parameters
from train import save_whole


def options_of(description: str | None, minutes: float, batch: int) -> argparse.ArgumentParser:
    """What both scripts can be told."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--minutes", type=float, default=minutes)
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--parameters", type=Path, help="where a new run starts from: a file that parameters.py wrote")
    return parser


class Stream(IterableDataset):
    """An endless run of batches from a seed on, each of so many seeds."""

    def __init__(self, batch: Callable[[range], tuple], first: int, seeds: int):
        self.batch, self.first, self.seeds = batch, first, seeds

    def __iter__(self):
        torch.set_num_threads(1)
        seed = self.first
        while True:
            yield self.batch(range(seed, seed + self.seeds))
            seed += self.seeds


class Alone:
    """Steps of AdamW until so many minutes are spent in all, over runs; the rate falls over the last two fifths."""

    def __init__(self, net: nn.Module, path: Path, prefix: str, decay: float, options: argparse.Namespace):
        self.net = net.to(memory_format=torch.channels_last)
        self.path, self.minutes, self.rate, self.steps, self.spent = path, options.minutes, options.rate, 0, 0.0
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() and options.parameters:
            net.load_state_dict(parameters.part(prefix, options.parameters), strict=False)
        self.average = copy.deepcopy(net)
        self.optimizer = torch.optim.AdamW(net.parameters(), lr=self.rate, betas=(0.9, 0.98), weight_decay=decay)
        if path.exists():
            state = torch.load(path, weights_only=True)
            net.load_state_dict(state["net"]), self.average.load_state_dict(state["average"]), self.optimizer.load_state_dict(state["optimizer"])
            self.steps, self.spent = state["steps"], state["minutes"]
        self.begin = time.monotonic()
        print(f"{sum(p.numel() for p in net.parameters())} parameters, from step {self.steps}", flush=True)

    def batches(self, batch: Callable[[range], tuple], seeds: int) -> DataLoader:
        """What a process of its own draws, from where the last run ended."""
        return DataLoader(Stream(batch, self.steps * seeds, seeds), batch_size=None, num_workers=1, prefetch_factor=16)

    def now(self) -> float:
        """Minutes spent in all."""
        return self.spent + (time.monotonic() - self.begin) / 60

    def over(self) -> bool:
        """Whether the time is up; if not, the rate is set for the next step."""
        left = (self.minutes - self.now()) / self.minutes
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * min(1.0, (self.steps + 1) / 200) * min(1.0, left / 0.4)
        return left <= 0

    def step(self, loss: torch.Tensor) -> None:
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.steps += 1
        with torch.no_grad():
            keep = min(0.998, self.steps / (self.steps + 20))
            for mine, new in zip(self.average.state_dict().values(), self.net.state_dict().values()):
                mine.lerp_(new, 1 - keep) if mine.dtype.is_floating_point else mine.copy_(new)

    def save(self) -> None:
        save_whole({"net": self.net.state_dict(), "average": self.average.state_dict(), "optimizer": self.optimizer.state_dict(), "steps": self.steps, "minutes": self.now()}, self.path)
