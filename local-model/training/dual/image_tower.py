"""The picture's side: views of one picture through the frozen backbone, what each shows, and one vector of it all.

448 x 448 pixels. Halved they give the whole picture as the backbone was trained on it; at full size its map of 14 x 14 cells is
pooled over 9 large and 16 small windows, as if as many crops had been looked at, for the price of four. Each view says which of
ImageNet's classes and which drawn things it shows; the evidence is added up as directions of the common space.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from backbone import CLASSES, FEATURES, Backbone, imagenet_classifier

DRAWN = 211
DIMENSION = 256
SIDE = 448
# How much of a class's probability comes from the whole picture, the best large and the best small window.
WEIGHTS = (0.4, 0.35, 0.25)
FLOOR = 0.02  # probability below which a class counts for nothing


def evidence(probability: Tensor) -> Tensor:
    """0 at the floor, 1 at certainty, in between by the logarithm: several half-seen things are not drowned by one sure one."""
    return F.relu(1 + torch.log(probability.clamp_min(1e-6)) / -math.log(FLOOR))


class Concepts(nn.Module):
    """What is trained: drawn classes from features, drawing or photograph, and each concept's direction."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(FEATURES))
        self.register_buffer("spread", torch.ones(FEATURES))
        self.drawn = nn.Linear(FEATURES, DRAWN + 1)  # the last: no drawing, or nothing at all
        self.gate = nn.Linear(FEATURES, 1)
        self.directions = nn.Linear(CLASSES + DRAWN, DIMENSION)

    def scaled(self, peak: Tensor) -> Tensor:
        return (peak - self.centre) / self.spread

    def vector(self, imagenet: Tensor, drawn: Tensor) -> Tensor:
        """Evidence of each class -> a vector, not yet of length 1."""
        return self.directions(torch.cat([imagenet, drawn], -1))


class ImageTower(nn.Module):
    def __init__(self, concepts: Concepts) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.concepts = concepts
        weight, bias = imagenet_classifier()
        self.classifier = nn.Linear(FEATURES, CLASSES)
        with torch.no_grad():
            self.classifier.weight.copy_(weight)
            self.classifier.bias.copy_(bias)

    def forward(self, pixels: Tensor) -> Tensor:
        whole = self.backbone(F.avg_pool2d(pixels, 2))
        fine = self.backbone(pixels)
        means = [F.avg_pool2d(whole, 7), F.avg_pool2d(fine, 8, 3), F.avg_pool2d(fine, 5, 3)]
        peaks = [F.max_pool2d(whole, 7), F.max_pool2d(fine, 8, 3), F.max_pool2d(fine, 5, 3)]
        rows = [x.flatten(2).transpose(1, 2) for x in means]  # batch x views x features
        tops = [self.concepts.scaled(x.flatten(2).transpose(1, 2)) for x in peaks]
        imagenet = self.combine([self.classifier(row).softmax(-1) for row in rows])
        drawn = self.combine([self.concepts.drawn(top).softmax(-1)[..., :DRAWN] for top in tops])
        is_drawing = torch.sigmoid(self.concepts.gate(tops[0][:, 0]))
        vector = self.concepts.vector(evidence(imagenet), evidence(drawn) * is_drawing)
        return F.normalize(vector, dim=-1)

    def combine(self, views: list[Tensor]) -> Tensor:
        whole, large, small = views
        return WEIGHTS[0] * whole[:, 0] + WEIGHTS[1] * large.amax(1) + WEIGHTS[2] * small.amax(1)
