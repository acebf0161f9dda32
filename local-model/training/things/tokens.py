"""The things that were found, as tokens for the decoder: each says its kind, its colour, its place and its size."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import tokenizer as words
from names import CODE, DRAWING
from pretrained import CLASSES, FrozenStages

from .net import MIDDLE_SIZE, MOST, SIDE, ThingNet, find

PLAINLY = 0.7  # share of a kind from which it names the picture
ALIKE = 0.5  # of what two things may be that they must share to be of one kind
BASIS = 9  # of a place: both coordinates and their squares and product, size, and how sure the kind and the thing are


def basis(x: Tensor, y: Tensor, size: Tensor, share: Tensor, score: Tensor) -> Tensor:
    """[..., BASIS], each about -1 to 1."""
    u, v = x * 2 - 1, y * 2 - 1
    large = torch.log2(size.clamp(min=1e-3) * (SIDE / MIDDLE_SIZE)) / 2
    return torch.stack((u, v, u * u, v * v, u * v, large, large * large, share * 2 - 1, score * 2 - 1), -1)


def counts(found: Tensor) -> Tensor:
    """How many things are of the kind of each one, of its kind and colour, of its colour, and in all: [B, MOST, 4], whole numbers."""
    first, share, second, colour = found[..., 0], found[..., 1], found[..., 2], found[..., 3]
    there = (first > 0).float()
    both = there[:, :, None] * there[:, None]
    common = torch.zeros_like(both)
    for kind, part in ((first, share), (second, 1 - share)):
        for other, others in ((first, share), (second, 1 - share)):
            common = common + (kind[:, :, None] == other[:, None]).float() * torch.minimum(part[:, :, None], others[:, None])
    same = (common > ALIKE).float() * both
    hue = (colour[:, :, None] == colour[:, None]).float() * both
    return torch.stack((same.sum(2), (same * hue).sum(2), hue.sum(2), both.sum(2)), -1)


def outermost(found: Tensor, marks: Tensor) -> Tensor:
    """Which things lie furthest left, right, up and down: [B, MOST, 4]."""
    x, y = found[..., 4], found[..., 5]
    apart = torch.stack((x, -x, y, -y), -1) + 9.0 * ((found[..., :1] == 0) | marks[found[..., 0].long()][..., None]).float()
    return (apart <= apart.amin(1, keepdim=True)).float() * (apart < 5).float()


class ThingTokens(nn.Module):
    """The fine picture [B, 3, h, w] -> MOST tokens [B, MOST, W]."""

    def __init__(self, width: int, kinds: int, colours: int, colourless: list[bool], marks: list[bool], sharp: list[bool], first_object: int, vocabulary: int):
        super().__init__()
        self.register_buffer("marks", torch.tensor(marks), persistent=False)
        self.register_buffer("colourless", torch.tensor(colourless), persistent=False)
        self.first_object = first_object
        text = words.load(vocabulary)
        ids = [text.encode(str(n)).ids for n in range(MOST + 1)]
        self.register_buffer("numbers", torch.tensor([i[0] if len(i) == 1 else words.PAD for i in ids]), persistent=False)
        self.net = ThingNet(kinds, colours, sharp)
        self.net.requires_grad_(False)
        self.none = nn.Parameter(torch.zeros(width))
        self.kind = nn.Embedding(kinds, width)
        self.colour = nn.Embedding(colours, width)
        self.place = nn.Linear(BASIS, width)
        # Counting by looking evenly over things tells nine from ten by a hundredth; so each token says how many there are like it.
        self.count = nn.Embedding(4 * (MOST + 1), width)
        nn.init.normal_(self.count.weight, std=0.15)
        self.carries = nn.Embedding(2, width)
        self.outermost = nn.Linear(4, width, bias=False)
        nn.init.normal_(self.outermost.weight, std=0.2)
        self.outermost.weight.data[-CODE:] = 0
        for table in (self.kind, self.colour, self.carries):
            nn.init.normal_(table.weight, std=0.2)

    def find(self, frozen: FrozenStages, pixels: Tensor) -> Tensor:
        return find(self.net, frozen, pixels)

    def name(self, found: Tensor, chosen: Tensor, fine: Tensor) -> Tensor:
        """What names.choose said of a drawing, with the kind of the largest object that was found before it, if that is fairly sure.

        The frozen network's last features know a large single thing better, this network a small or turned one: of 200 drawings of an
        unseen style both together named 74 % (64.5 % without this one), of 150 of the training styles 96 % (86.7 %).
        """
        large = (found[..., 0] >= self.first_object).float() * found[..., 6]
        largest = large.argmax(1, keepdim=True)
        kind, share = found[..., 0].gather(1, largest).long() - self.first_object + CLASSES, found[..., 1].gather(1, largest)
        known = (large.amax(1, keepdim=True) > 0) & (share > PLAINLY) & (chosen[:, :1] == DRAWING) & fine
        second = torch.where(chosen[:, 1:2] == kind, chosen[:, 2:], chosen[:, 1:2])
        return torch.where(known, torch.cat((chosen[:, :1], kind, second), 1), chosen)

    def forward(self, found: Tensor, code: Tensor) -> Tensor:
        """`found` [B, MOST, FIELDS] as net.find gives it; `code` [vocabulary, C] goes into the last channels."""
        first, share, second, colour, x, y, size, score = found.unbind(-1)
        named = share[..., None] * self.kind(first.long()) + (1 - share[..., None]) * self.kind(second.long())
        many = counts(found).round().long()
        # Whoever looks at the asked things may simply say the number that they carry: of their kind, or of their kind and colour where
        # the picture holds several of both; which of the two it is, the token says too.
        by_kind = self.colourless[first.long()] | (many[..., 0] == many[..., 1]) | (many[..., 0] == many[..., 3])
        copied = code[self.numbers[torch.where(by_kind, many[..., 0], many[..., 1])]]
        many = many + torch.arange(4, device=found.device) * (MOST + 1)
        tokens = named + self.colour(colour.long()) + self.place(basis(x, y, size, share, score)) + self.count(many).sum(2) + self.carries(by_kind.long()) + self.outermost(outermost(found, self.marks))
        tokens = tokens + F.pad(copied, (tokens.shape[-1] - code.shape[-1], 0))
        return torch.where((first > 0)[..., None], tokens, self.none)
