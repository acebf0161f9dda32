"""Puts the networks that find print and things, as they are trained now, into a checkpoint: `python install.py --checkpoint state/ninth/annealed.pt --out state/ninth/final.pt`.

The decoder learns from the truth and not from these networks, so each may be trained on without the others. One that was not
trained on this machine stays as the checkpoint has it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from train import STATE, save_whole

NETWORKS = {"printed": STATE / "print" / "latest.pt", "things": STATE / "things" / "latest.pt"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    state = torch.load(options.checkpoint, weights_only=True, map_location="cpu")
    for part, path in NETWORKS.items():
        if not path.exists():
            continue
        net = torch.load(path, weights_only=True, map_location="cpu")
        for name, value in net["average"].items():
            for weights in ("model", "average"):
                state[weights][f"{part}.net.{name}"] = value.clone()
        print(f"{part}: the network after {net['steps']} steps and {net['minutes']:.0f} minutes")
    save_whole(state, options.out)


if __name__ == "__main__":
    main()
