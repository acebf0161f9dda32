"""Finds printed characters: pixels -> up to MOST characters in reading order, all in operators that ONNX has.

A fully convolutional network says of every 8 x 2 px square which character has its middle there, how far off that middle is, how
large the print is and how much it is turned. It knows print of 12 to 48 px only; larger print is found in the picture shrunk to a
half and to a quarter, and of the three readings the one that found most is taken.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PRINTABLE = "".join(chr(code) for code in range(33, 127)) + " "
NAMED = 1 + len(PRINTABLE)  # "nothing" first
SPACE = len(PRINTABLE)
DOWN, ACROSS = 8, 2  # px of a square
MEASURES = 4  # of the middle: right and down in em; log2 of the em over MIDDLE_SIZE; slope of the line
MIDDLE_SIZE = 22.0
LEAST_SIZE, MOST_SIZE = 12.0, 48.0  # px of an em that is to be found at one scale
SCALES = (1, 2, 4)
FINE = 576  # side of the pictures that it is made for, px
CANDIDATES, MOST = 256, 192  # a receipt of the suites has up to 110 characters, a table up to 150, and each cell an end
SURE = 0.5
# Mean advances of PRINTABLE in hundredths of an em, over the typefaces of crops.py.
WIDTHS = tuple(int(width) / 100 for width in (
    "30 39 62 55 78 67 24 35 35 46 54 27 41 27 41 58 43 54 54 56 54 55 52 55 55 28 28 53 55 53 48 85 64 62 63 67 57 54 67 69 "
    "32 45 63 53 81 69 70 59 70 62 56 57 67 63 90 63 60 58 35 42 35 52 54 37 53 56 49 56 51 36 55 56 29 29 52 29 82 56 54 56 "
    "56 40 46 37 56 51 73 51 51 48 37 30 37 55 27 "
).split())
APART_BY_WIDTH = 0.5  # of the narrower one's advance: what stands closer is the same character seen twice
APART, GAP = 0.45, 1.5  # of the mean em: how far lines lie apart, and characters of one cell of a line at most
NOWHERE = 900.0  # the line of what was not found
NEWLINE = NAMED  # stands behind the last character of each cell of a line
FIELDS = 5  # of a character found: its number in PRINTABLE + 1 (0: none), x, y and em as fractions of the picture's width, score


def step(inputs: int, outputs: int, kernel: int, stride: int | tuple[int, int] = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs))


class Mix(nn.Module):
    """Filters each channel, mixes the channels, and adds the result."""

    def __init__(self, width: int):
        super().__init__()
        self.depth = step(width, width, 5, groups=width)
        self.point = step(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + F.relu(self.point(F.relu(self.depth(x))))


class PrintNet(nn.Module):
    """Normalised pixels [B, 3, h, w] -> logits [B, h / 8, w / 2, NAMED] and measures [B, h / 8, w / 2, 4]."""

    def __init__(self, fine: int = 64, width: int = 160, layers: int = 6):
        super().__init__()
        self.body = nn.Sequential(
            step(3, 24, 3, 2), nn.ReLU(), step(24, fine, 3, 2), nn.ReLU(), Mix(fine), Mix(fine),
            step(fine, fine, 3, (2, 1), groups=fine), step(fine, width, 1), nn.ReLU(), *(Mix(width) for _ in range(layers)))
        self.out = nn.Conv2d(width, 2 * (NAMED + MEASURES), 1)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        x = self.out(self.body(pixels))  # [B, 2 * n, h / 8, w / 4]
        b, _, height, across = x.shape
        x = x.reshape(b, 2, NAMED + MEASURES, height, across).permute(0, 3, 4, 1, 2).reshape(b, height, across * 2, NAMED + MEASURES)
        return x[..., :NAMED], x[..., NAMED:]


def candidates(net: PrintNet, pixels: Tensor, scale: int) -> tuple[Tensor, Tensor]:
    """The likeliest characters at one scale [B, CANDIDATES, 6] (number, x, y and em in px of `pixels`, slope, score) and how much was found [B]."""
    if scale > 1:
        pixels = F.avg_pool2d(pixels, scale)
    logits, measures = net(pixels)
    columns = logits.shape[2]
    flat, measures = logits.flatten(1, 2).float(), measures.flatten(1, 2).float()
    best, number = flat[..., 1:].max(-1)
    # Softmax over all would let two likely characters outvote neither: what counts is whether there is any.
    score = torch.sigmoid(flat[..., 1:].logsumexp(-1) - flat[..., 0])
    score = F.pad(score, (0, CANDIDATES))
    number, measures = F.pad(number + 1, (0, CANDIDATES)), F.pad(measures, (0, 0, 0, CANDIDATES))
    score, at = score.topk(CANDIDATES, 1)
    number = number.gather(1, at).float()
    measures = measures.gather(1, at[..., None].expand(-1, -1, MEASURES))
    em = torch.exp(measures[..., 2] * math.log(2.0)) * MIDDLE_SIZE
    row = torch.div(at, columns, rounding_mode="floor")
    x = ((at - row * columns).float() + 0.5) * ACROSS + measures[..., 0] * em
    y = (row.float() + 0.5) * DOWN + measures[..., 1] * em
    width = width_of(number, em) * APART_BY_WIDTH
    near = ((x[:, :, None] - x[:, None]).abs() < torch.minimum(width[:, :, None], width[:, None])) & ((y[:, :, None] - y[:, None]).abs() < 0.5 * em[:, :, None])
    earlier = torch.ones(CANDIDATES, CANDIDATES, device=pixels.device).tril(-1) > 0  # topk sorts: whatever stands before is likelier
    score = score * (1 - (near & earlier & (score[:, None] > SURE)).float().amax(-1))
    score = score * (score > SURE).float()
    found = torch.stack((number, x * scale, y * scale, em * scale, measures[..., 3], score), -1)
    return found, score.sum(-1)


def read(net: PrintNet, pixels: Tensor) -> Tensor:
    """Normalised pixels [B, 3, h, w], sides multiples of 32 -> the characters in reading order [B, MOST, FIELDS]."""
    side = pixels.shape[-1]
    tried = [candidates(net, pixels, scale) for scale in SCALES]
    most = torch.stack([found * (1.05 if k == 0 else 1.0) for k, (_, found) in enumerate(tried)], 1).argmax(1)
    found = torch.stack([t[0] for t in tried], 1).gather(1, most[:, None, None, None].expand(-1, 1, CANDIDATES, 6))[:, 0]
    number, x, y, em, slope, score = found.unbind(-1)
    kept = (score > 0).float()
    total = kept.sum(1, keepdim=True).clamp(min=1.0)
    mean = (em * kept).sum(1, keepdim=True) / total
    level = y - x * ((slope * kept).sum(1, keepdim=True) / total)  # as if the print were not turned
    level, order = torch.where(kept > 0, level, torch.full_like(level, 1e5)).topk(CANDIDATES, 1, largest=False)
    number, x, y, em, score, kept = (part.gather(1, order) for part in (number, x, y, em, score, kept))
    line = torch.where(kept > 0, (step_of(level, -1e5) > APART * mean).float().cumsum(1), torch.full_like(x, NOWHERE))
    line, order = (line * 1e4 + x).topk(CANDIDATES, 1, largest=False)
    number, x, y, em, score, kept = (part.gather(1, order) for part in (number, x, y, em, score, kept))
    # A new cell begins with every line and behind every wide gap: `line` holds both, x being small beside 1e4.
    begins = (step_of(line, -1e5) > GAP * mean).float() * kept
    cell = torch.where(kept > 0, begins.cumsum(1), torch.full_like(x, NOWHERE))
    # Ends of cells are further entries: one before each cell but the first, and one behind the last.
    last = (cell * kept).amax(1, keepdim=True)
    first = begins * (cell > 1).float()
    kept = kept * (1 - no_space(number, line, em, kept, GAP * mean))
    cell = torch.where(kept > 0, cell, torch.full_like(x, NOWHERE))
    breaks = torch.cat((torch.where(first > 0, begins.cumsum(1), torch.full_like(cell, 2 * NOWHERE)), last + 1), 1)
    key, order = torch.cat((cell * 1e4 + x, breaks * 1e4 - 5e3), 1).topk(MOST, 1, largest=False)
    empty = torch.zeros_like(breaks)
    number = torch.cat((number, empty + NEWLINE), 1).gather(1, order) * (key < 1e4 * (NOWHERE - 1)).float()
    kept = torch.cat((kept, empty), 1).gather(1, order)
    parts = [torch.cat((part, empty), 1).gather(1, order) * kept for part in (x / side, y / side, em / side, score)]
    return torch.stack((number, *parts), -1)


def no_space(number: Tensor, along: Tensor, em: Tensor, kept: Tensor, most: Tensor) -> Tensor:
    """1 for every space that is none: at the end of a cell, or where letters merely stand wide apart, as a typewriter's do."""
    width = width_of(number, em)
    letter = kept * (number != SPACE).float()
    before, after = F.pad(letter[:, :-1], (1, 0)), F.pad(letter[:, 1:], (0, 1))
    apart = step_of(along, -1e5)
    pair = letter * before * (apart < most).float()
    usual = (width + F.pad(width[:, :-1], (1, 0))) / 2
    # How wide this typeface is beside the mean of all, from the letters that follow one another.
    wide = ((apart * pair).sum(1, keepdim=True) / (usual * pair).sum(1, keepdim=True).clamp(min=1e-3)).clamp(0.6, 1.4)
    wide = torch.where(pair.sum(1, keepdim=True) > 0, wide, torch.ones_like(wide))
    over = apart + F.pad(apart[:, 1:], (0, 1), value=1e5)
    expected = (F.pad(width[:, :-1], (1, 0)) + F.pad(width[:, 1:], (0, 1))) / 2 + 0.65 * WIDTHS[-1] * em
    there = before * after * (over < 2 * most).float() * (over > wide * expected).float()
    return kept * (number == SPACE).float() * (1 - there)


def width_of(number: Tensor, em: Tensor) -> Tensor:
    """Usual advances of characters of an em of so many px."""
    return torch.tensor((0.0, *WIDTHS), device=em.device)[number.long()] * em


def step_of(values: Tensor, before: float) -> Tensor:
    """How much larger each value of a row is than the one before it."""
    return values - F.pad(values[:, :-1], (1, 0), value=before)


def written(found: Tensor) -> str:
    """What was read of one picture [MOST, FIELDS]."""
    numbers = (int(number) for number in found[:, 0].tolist())
    return "".join("\n" if number == NEWLINE else PRINTABLE[number - 1] for number in numbers if number > 0)
