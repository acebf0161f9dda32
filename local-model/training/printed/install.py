"""Puts the print network as it is trained now into a checkpoint: `python -m printed.install --checkpoint state/eighth/annealed.pt --out state/eighth/final.pt`.

The decoder learns from the truth and not from this network, so either may be trained on without the other.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from .fit import FOLDER


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--print", type=Path, default=FOLDER / "latest.pt")
    options = parser.parse_args()
    state = torch.load(options.checkpoint, weights_only=True, map_location="cpu")
    net = torch.load(options.print, weights_only=True, map_location="cpu")
    for name, value in net["average"].items():
        for part in ("model", "average"):
            state[part][f"printed.net.{name}"] = value.clone()
    torch.save(state, options.out)
    print(f"{options.out}: the print network after {net['steps']} steps and {net['minutes']:.0f} minutes")


if __name__ == "__main__":
    main()
