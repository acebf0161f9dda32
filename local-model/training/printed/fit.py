"""Trains the print network: `python -m printed.fit --minutes 40`. Stop it at any time; the same command goes on where it was.

Writes state/print/latest.pt. The rate falls over the last two fifths of the minutes; measured are the squares of held-out crops. The defaults are what the shipped one was trained with.
"""

from __future__ import annotations

import json
import time

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from alone import Alone, options_of
from train import STATE, normalise

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
    parser = options_of(__doc__, minutes=40, batch=32)
    parser.add_argument("--precision", choices=("bf16", "fp32"), default="fp32", help="bf16 was slower where it was tried: its depthwise convolutions are")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(3)
    held_out = [batch(range(HELD_OUT + k, HELD_OUT + k + 8)) for k in range(0, 40, 8)]
    run = Alone(PrintNet(), FOLDER / "latest.pt", "printed.net.", 0.01, options)
    lost, cpu = [], time.process_time()
    for pixels, named, nearby, measures in run.batches(batch, options.batch // 4):
        if run.over():
            break
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bf16"):
            parts = loss_of(run.net, pixels, named, nearby, measures)
        run.step(parts[0] + parts[1] + parts[2] * 2)
        lost.append([p.item() for p in parts])
        if run.steps % 50 == 0:
            present, name, measure = np.mean(lost[-50:], 0)
            print(f"{run.now():6.1f} min {run.steps:6d} steps  present {present:.3f} name {name:.3f} measure {measure:.4f} ({(time.process_time() - cpu) / 50:.2f} CPU s a step)", flush=True)
            cpu = time.process_time()
        if run.steps % 250 == 0:
            run.save()
        if run.steps % 500 == 0:
            print(json.dumps({"steps": run.steps} | quality(run.average, held_out)), flush=True)
    run.save()
    print(json.dumps({"steps": run.steps} | quality(run.average, held_out)), flush=True)


if __name__ == "__main__":
    main()
