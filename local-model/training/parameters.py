"""One small file that a run can go on from on another machine: `python parameters.py --checkpoint state/second/latest.pt`.

It holds the averaged weights as fp16 in the safetensors layout, without the frozen stages (they come with their package), and the
run's sizes and counters. `train.py --parameters parameters.fp16.safetensors --name third` starts from it with a new optimizer.
"""

from __future__ import annotations

import argparse
import json
import struct
from pathlib import Path

import numpy as np
import torch

FILE = Path(__file__).parent / "parameters.fp16.safetensors"
COUNTED = ("pictures", "questions", "minutes", "grown_at")


def write(checkpoint: Path, path: Path = FILE) -> int:
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    tensors = {name: value.half().contiguous().numpy() for name, value in state["average"].items() if "frozen" not in name and value.dtype.is_floating_point}
    header: dict = {"__metadata__": {"config": json.dumps(state["config"]), "counters": json.dumps({k: state.get(k, 0) for k in COUNTED})}}
    at = 0
    for name, value in tensors.items():
        header[name] = {"dtype": "F16", "shape": list(value.shape), "data_offsets": [at, at + value.nbytes]}
        at += value.nbytes
    written = json.dumps(header).encode()
    written += b" " * (-len(written) % 8)
    path.write_bytes(struct.pack("<Q", len(written)) + written + b"".join(v.tobytes() for v in tensors.values()))
    return path.stat().st_size


def read(path: Path = FILE) -> tuple[dict, dict, dict[str, torch.Tensor]]:
    """Sizes, counters, and the weights as fp32."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8: 8 + length])
    notes, tensors = header.pop("__metadata__"), {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        values = np.frombuffer(data, np.float16, (end - start) // 2, 8 + length + start)
        tensors[name] = torch.from_numpy(values.astype(np.float32).reshape(entry["shape"]))
    return json.loads(notes["config"]), json.loads(notes["counters"]), tensors


def part(prefix: str, path: Path = FILE) -> dict[str, torch.Tensor]:
    """The weights whose names begin so, without that beginning: one of the networks that are trained alone."""
    return {name.removeprefix(prefix): value for name, value in read(path)[2].items() if name.startswith(prefix)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FILE)
    options = parser.parse_args()
    print(f"{options.out}: {write(options.checkpoint, options.out) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
