"""Runs the frozen backbone in onnxruntime, several times faster than PyTorch on one thread: pictures in, features out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from backbone import MEAN, STD, Backbone

FILE = Path(__file__).resolve().parent.parent / "state" / "dual" / "eye.onnx"
SLICES = {"mean": slice(0, 1280), "peak": slice(1280, 2560), "middle_mean": slice(2560, 2672), "middle_peak": slice(2672, 2784)}


class Looking(nn.Module):
    """Mean and peak of the last map and of the stride-16 map in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone().eval()

    def forward(self, pixels: Tensor) -> Tensor:
        x = F.relu6(self.backbone.stem(pixels))
        for i, block in enumerate(self.backbone.blocks):
            x = block(x)
            if i == 10:
                middle = x
        x = F.relu6(self.backbone.head(x))
        return torch.cat([x.mean((2, 3)), x.amax((2, 3)), middle.mean((2, 3)), middle.amax((2, 3))], 1)


class Eye:
    def __init__(self, threads: int = 1) -> None:
        import onnxruntime

        if not FILE.exists():
            FILE.parent.mkdir(parents=True, exist_ok=True)
            axes = {"pixels": {0: "batch", 2: "height", 3: "width"}}
            torch.onnx.export(
                Looking(), (torch.zeros(1, 3, 224, 224),), str(FILE), input_names=["pixels"], output_names=["features"],
                dynamic_axes=axes, opset_version=17, dynamo=False,
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(FILE), options, providers=["CPUExecutionProvider"])

    def see(self, pictures: np.ndarray) -> np.ndarray:
        """uint8, batch x height x width x 3 -> float32, batch x 2,784."""
        pixels = (pictures.astype(np.float32) / 255 - MEAN) / STD
        return self.session.run(None, {"pixels": np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))})[0]
