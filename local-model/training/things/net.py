"""Finds things: pixels -> up to MOST of them with their kind, colour, place and size, all in operators that ONNX has.

The tower looks at 192 px, where two small things share a cell. This network looks at the fine picture at two thirds of its side,
through the same frozen stages, and says of every 8 px square whether something has its middle there, and what. What drawings
without named things are counted by (crossings of lines, rows, corners of squares, tips) are things to it too. Corners of squares
in squares stand closer: of them it says in which 4 px square they are. (Crossings are not so sharp: two squares claimed them.)
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pretrained import DEEP_CHANNELS, TAP_CHANNELS, FrozenStages
from printed.net import FINE, Mix, step

SIDE = FINE * 2 // 3  # px at which it looks
STRIDE, MARK_STRIDE = 8, 4
MOST = 32
MEASURES = 3  # right and down of the square's middle, in squares; log2 of the size over MIDDLE_SIZE
MIDDLE_SIZE = 48.0  # px
MARK_SIZE = 12.0  # px: of a mark, which has none
SURE = 0.5
LIKE = 0.45  # overlap of what two things may be from which they are taken to be of one kind
CLOSE = 0.3  # of the smaller one's size: two of a kind closer than this are one thing seen twice
FIELDS = 8  # of a thing found: its kind's number in DENSE_SHAPES (0: none) and that kind's share, the next kind, colour's number in DENSE_COLOURS (0: unknown), x, y and size as fractions of the picture's side, score


class ThingNet(nn.Module):
    """Normalised pixels [B, 3, SIDE, SIDE] and the frozen stages' maps of them -> logits and measures of every square, [B, h / 8, w / 8, ...], and of close marks [B, h / 4, w / 4]."""

    def __init__(self, kinds: int, colours: int, sharp: list[bool], width: int = 128, layers: int = 3):
        super().__init__()
        self.kinds, self.colours = kinds, colours
        self.register_buffer("sharp", torch.tensor(sharp), persistent=False)  # which kinds are found in the small squares
        self.stem = nn.Sequential(step(3, 24, 3, 2), nn.ReLU(), step(24, 48, 3, 2), nn.ReLU(), step(48, 64, 3, 2), nn.ReLU())
        self.finest = step(TAP_CHANNELS[0] * 4, 64, 1)
        self.fine = step(TAP_CHANNELS[1], 64, 1)
        self.middle = step(TAP_CHANNELS[2], 96, 1)
        self.deep = step(DEEP_CHANNELS, 160, 1)
        self.join = step(64 * 3 + 96 + 160, width, 1)
        self.body = nn.Sequential(*(Mix(width) for _ in range(layers)))
        self.place = nn.Conv2d(width, 1 + MEASURES, 1)
        self.place.bias.data[0] = -4.0  # most squares hold nothing
        # What a thing is rests on the maps themselves as much as on what was made of them for finding it.
        self.what = nn.Sequential(step(width + 64 * 3 + 96 + 160, 224, 1), nn.ReLU())
        self.kind = nn.Conv2d(224, kinds, 1)
        self.colour = nn.Conv2d(224, colours, 1)
        self.around = step(width, 128, 1)
        self.mark = nn.Sequential(step(32 + 48 + TAP_CHANNELS[0], 104, 5, groups=8), nn.ReLU(), step(104, 64, 1), nn.ReLU(), nn.Conv2d(64, 1, 1))
        self.mark[-1].bias.data[0] = -5.0

    def forward(self, pixels: Tensor, maps: list[Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Logit that there is something; measures; logits of kinds and of colours (the first of each stands for none); logit that there is a mark."""
        finest, fine, middle, deep = maps
        side = fine.shape[-2:]
        larger = [F.interpolate(m, size=side, mode="bilinear", align_corners=False) for m in (self.middle(middle), self.deep(deep))]
        close = self.stem[:4](pixels)
        seen = torch.cat((self.stem[4:](close), self.finest(F.pixel_unshuffle(finest, 2)), self.fine(fine), *larger), 1)
        x = self.body(F.relu(self.join(seen)))
        place = self.place(x).permute(0, 2, 3, 1)
        what = self.what(torch.cat((x, seen), 1))
        mark = self.mark(torch.cat((F.pixel_shuffle(F.relu(self.around(x)), 2), close, finest), 1))
        return place[..., 0], place[..., 1:], self.kind(what).permute(0, 2, 3, 1), self.colour(what).permute(0, 2, 3, 1), mark[:, 0]


def at_side(pixels: Tensor) -> Tensor:
    """The fine picture as this network sees it."""
    return F.interpolate(pixels, scale_factor=2 / 3, mode="bilinear", align_corners=False, recompute_scale_factor=False)


def agreed(kinds: Tensor, there: Tensor) -> Tensor:
    """What each thing may be [B, MOST, K], averaged over all things that may be about the same (Bhattacharyya coefficient).

    In a style that was never seen, the same drawing turned and shrunk is taken for several kinds. On 80 scenes of such a style, seed
    4321, all things of a picture of one kind were of one kind in 92.5 % (47.5 % without this), among others in 82.5 % (50 %).
    """
    root = kinds.sqrt()
    like = ((root @ root.transpose(1, 2)) > LIKE).float() * there[:, None] + torch.eye(MOST, device=kinds.device)
    return (like @ kinds) / like.sum(-1, keepdim=True)


def find(net: ThingNet, frozen: FrozenStages, pixels: Tensor) -> Tensor:
    """Normalised pixels [B, 3, h, w], sides multiples of 192 -> what is found [B, MOST, FIELDS], likeliest first."""
    pixels = at_side(pixels)
    there, measures, kinds, colours, mark = net(pixels, frozen(pixels))
    there, mark = there.float(), mark.float()
    columns, squares = there.shape[2], there.shape[1] * there.shape[2]
    is_sharp = net.sharp[kinds.argmax(-1)].float()
    peak = (there >= F.max_pool2d(there[:, None], 3, 1, 1)[:, 0]).float() * (1 - is_sharp)
    # Corners of squares in squares may stand diagonally beside each other; one that is seen twice is seen in squares that share a side.
    beside = torch.maximum(F.max_pool2d(mark[:, None], (3, 1), 1, (1, 0)), F.max_pool2d(mark[:, None], (1, 3), 1, (0, 1)))[:, 0]
    times = STRIDE // MARK_STRIDE
    alone = (mark >= beside).float() * F.interpolate(is_sharp[:, None], scale_factor=times, mode="nearest")[:, 0]
    chance = torch.cat(((torch.sigmoid(there) * peak).flatten(1), (torch.sigmoid(mark) * alone).flatten(1)), 1)
    score, at = chance.topk(MOST, 1)
    of_marks = (at >= squares).float()
    close = (at - squares).clamp(min=0)
    close_row = torch.div(close, columns * times, rounding_mode="floor")
    close_column = close - close_row * (columns * times)
    beneath = torch.div(close_row, times, rounding_mode="floor") * columns + torch.div(close_column, times, rounding_mode="floor")
    at = torch.where(at >= squares, beneath, at)
    gather = lambda part: part.flatten(1, 2).float().gather(1, at[..., None].expand(-1, -1, part.shape[-1]))
    measures, kinds, colours = gather(measures), gather(kinds), gather(colours)
    row = torch.div(at, columns, rounding_mode="floor")
    x = torch.lerp(((at - row * columns).float() + 0.5 + measures[..., 0]) * STRIDE, (close_column.float() + 0.5) * MARK_STRIDE, of_marks)
    y = torch.lerp((row.float() + 0.5 + measures[..., 1]) * STRIDE, (close_row.float() + 0.5) * MARK_STRIDE, of_marks)
    size = torch.lerp(torch.exp(measures[..., 2].clamp(-4, 4) * math.log(2.0)) * MIDDLE_SIZE, torch.full_like(score, MARK_SIZE), of_marks)
    share, number = agreed(kinds[..., 1:].softmax(-1), (score > SURE).float()).topk(2, -1)
    colour = colours.argmax(-1)
    distance = torch.sqrt((x[:, :, None] - x[:, None]).square() + (y[:, :, None] - y[:, None]).square())
    near = (distance < CLOSE * torch.minimum(size[:, :, None], size[:, None])) & (number[:, :, None, 0] == number[:, None, :, 0])
    earlier = torch.ones(MOST, MOST, device=pixels.device).tril(-1) > 0  # topk sorts: whatever stands before is likelier
    score = score * (1 - (near & earlier & (score[:, None] > SURE)).float().amax(-1))
    kept = (score > SURE).float()
    side = float(SIDE) if torch.onnx.is_in_onnx_export() else float(pixels.shape[-1])
    first, second = number[..., 0] + 1, number[..., 1] + 1
    sure = share[..., 0] / share.sum(-1)
    return torch.stack((first.float(), sure, second.float(), colour.float(), x / side, y / side, size / side, score), -1) * kept[..., None]
