"""Where the tokens of things start: at what the tower says of such things already, so that the decoder knows them at once.

The visual tokens of the cells in which lone things lie are explained as a sum of what the thing is, its colour and its place, by
least squares; those sums are the new tokens' tables. What the decoder has learnt to look for it then finds in them too.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from train import normalise

from .tokens import BASIS, basis
from .truth import known

FIRST_LESSON = 7_000_000  # far from those that runs go through
RIDGE = 1.0


@torch.no_grad()
def samples(model, lessons: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Visual tokens [K, W] of lone things, and each one's kind, colour and basis."""
    import suite

    config, rows = model.config, []
    side = config.grid
    for start in range(0, lessons, 32):
        scenes = [suite.lesson(FIRST_LESSON + k, config.image_size, 0.0)[0] for k in range(start, start + 32)]
        pixels = normalise(torch.from_numpy(np.stack([s.picture.transpose(2, 0, 1) for s in scenes])))
        grid, _ = model.see(pixels)
        for b, scene in enumerate(scenes):
            cells: dict[int, list] = {}
            for entry in known(scene):
                cells.setdefault(min(side - 1, int(entry[3] * side)) * side + min(side - 1, int(entry[2] * side)), []).append(entry)
            rows += [(grid[b, cell], *entries[0]) for cell, entries in cells.items() if len(entries) == 1]
    tokens, kinds, colours, *places = zip(*rows)
    x, y, size = (torch.tensor(part, dtype=torch.float32) for part in places)
    sure = torch.ones_like(x)
    return torch.stack(tokens), torch.tensor(kinds), torch.tensor(colours), basis(x, y, size, sure, sure)


@torch.no_grad()
def fit(model, lessons: int = 2400) -> float:
    """Fills the tables; returns the share of the tokens' variance that they explain."""
    tokens, kinds, colours, places = samples(model, lessons)
    things = model.things
    first, second = things.kind.num_embeddings, things.colour.num_embeddings
    known_by = torch.zeros(len(tokens), first + second + BASIS - 2 + 1, dtype=torch.float64)
    index = torch.arange(len(tokens))
    known_by[index, kinds] = 1
    known_by[index, first + colours] = 1
    known_by[:, first + second: -1] = places[:, :-2].double()  # all are sure here
    known_by[:, -1] = 1
    wanted = tokens.double()
    ridge = torch.full((known_by.shape[1],), RIDGE, dtype=torch.float64)
    ridge[-1] = 1e-6
    solved = torch.linalg.solve(known_by.T @ known_by + torch.diag(ridge), known_by.T @ wanted)
    explained = 1 - ((known_by @ solved - wanted).square().sum() / (wanted - wanted.mean(0)).square().sum()).item()
    solved = solved.float()
    things.kind.weight.copy_(solved[:first])
    things.colour.weight.copy_(solved[first: first + second])
    things.place.weight.zero_()
    things.place.weight[:, : BASIS - 2] = solved[first + second: -1].T
    things.place.bias.copy_(solved[-1])
    return explained
