"""Muon for the weight matrices of blocks and projector, Adam for everything else.

Muon (K. Jordan, 2024) follows the orthogonalised momentum; on this task it learnt markedly more per picture than
AdamW (shared/reference/tiny-model-study.md). Query, key and value are separate matrices here, as it wants them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def orthogonalise(stack: Tensor, precision: torch.dtype, steps: int = 5) -> Tensor:
    """The nearest matrices with all singular values near 1, for a stack [K, rows, columns]."""
    a, b, c = 3.4445, -4.7750, 2.0315  # quintic Newton-Schulz coefficients of the reference implementation
    turned = stack.size(-2) > stack.size(-1)
    x = stack.mT if turned else stack
    x = (x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)).to(precision)
    for _ in range(steps):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return (x.mT if turned else x).float()


def is_block_matrix(name: str, parameter: Tensor) -> bool:
    return parameter.ndim == 2 and (".blocks." in f".{name}" or name.startswith("projector."))


class MuonAdam:
    """Two rules under one roof. `scale` in step() multiplies both learning rates."""

    def __init__(self, model: nn.Module, muon_rate: float = 0.01, adam_rate: float = 2e-3, momentum: float = 0.95, decay: float = 0.02):
        named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
        self.muon_rate, self.momentum, self.decay = muon_rate, momentum, decay
        shapes: dict[tuple[int, ...], list[nn.Parameter]] = {}
        for name, parameter in named:
            if is_block_matrix(name, parameter):
                shapes.setdefault(tuple(parameter.shape), []).append(parameter)
        # Matrices of one shape share a batched product: dozens of small ones would cost more in overhead than in work.
        self.groups = list(shapes.values())
        self.buffers = [torch.zeros(len(group), *group[0].shape, device=group[0].device) for group in self.groups]
        self.precision = torch.float32  # train.py sets bfloat16 where that is the faster one; it is precise enough
        self.adam_rate = adam_rate
        self.adam = torch.optim.Adam([p for n, p in named if not is_block_matrix(n, p)], lr=adam_rate, betas=(0.9, 0.98), eps=1e-8)

    @torch.no_grad()
    def step(self, scale: float) -> None:
        for group, buffer in zip(self.groups, self.buffers):
            gradient = torch.stack([p.grad for p in group])
            buffer.mul_(self.momentum).add_(gradient)
            update = orthogonalise(gradient + self.momentum * buffer, self.precision)
            rate = self.muon_rate * scale
            update *= rate * max(1.0, buffer.shape[-2] / buffer.shape[-1]) ** 0.5
            for parameter, change in zip(group, update):
                parameter.mul_(1 - rate * self.decay).sub_(change)
        for entry in self.adam.param_groups:
            entry["lr"] = self.adam_rate * scale
        self.adam.step()

    def zero_grad(self) -> None:
        for group in self.groups:
            for parameter in group:
                parameter.grad = None
        self.adam.zero_grad(set_to_none=True)

    def state_dict(self) -> dict:
        return {"buffers": self.buffers, "adam": self.adam.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        for mine, theirs in zip(self.buffers, state["buffers"]):
            mine.copy_(theirs)
        self.adam.load_state_dict(state["adam"])
