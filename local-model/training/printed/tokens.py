"""The characters that were found, as tokens for the decoder: each with its place and its neighbours before it, and with the code that the copying head carries.

Where a value stands is what its label says: each token also tells its line and its cell in it, what the whole cell reads, and what
stands first in its line and at the top of its column, so that "the price of bread" is one look and not a search.
"""

from __future__ import annotations

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

import tokenizer as words
from names import CODE

from .net import MOST, NEWLINE, PRINTABLE, PrintNet, read

LINES, COLUMNS = 32, 8  # that have a table row of their own; the rest share the last
BESIDE = 0.05  # of the picture's width: how far from the middle of a column its header may stand


def table_of(text: Tokenizer) -> list[int]:
    """Token ids of nothing, of every printable character, and of the end of a line, which ends an answer."""
    return [words.PAD, *words.spell(text, PRINTABLE), words.END]


class Layout:
    """Lines and cells of what was found [B, MOST, FIELDS] in reading order: who stands with whom."""

    def __init__(self, found: Tensor):
        number, x = found[..., 0].round(), found[..., 1]
        letter = ((number > 0) & (number != NEWLINE)).float()
        begins = letter * (1 - F.pad(letter[:, :-1], (1, 0)))
        # Between two cells stands an end. Where a cell begins further left than the one before it ended, a line begins.
        line_begins = begins * (x < F.pad(x[:, :-2], (2, 0), value=2.0)).float()
        self.line, cell = line_begins.cumsum(1), begins.cumsum(1)
        pair = letter[:, :, None] * letter[:, None]
        same_line = (self.line[:, :, None] == self.line[:, None]).float() * pair
        self.same_cell = (cell[:, :, None] == cell[:, None]).float() * pair
        earlier = torch.ones(x.shape[1], x.shape[1], device=x.device).tril()
        self.column = ((same_line * begins[:, None] * earlier).sum(2) - 1).clamp(min=0)
        self.first = same_line * (self.column == 0).float()[:, None]
        middle = self.mean(self.same_cell, x[..., None])
        apart = (middle - middle.transpose(1, 2)) / BESIDE
        self.top = torch.exp(-apart * apart) * pair * (self.line == 1).float()[:, None]

    @staticmethod
    def mean(weights: Tensor, values: Tensor) -> Tensor:
        """Of the values [B, M, C], with weights [B, M, M]; nearly nothing where there are none."""
        return weights @ values / (weights.sum(2, keepdim=True) + 0.05)


class PrintTokens(nn.Module):
    """The fine picture [B, 3, h, w] -> MOST tokens [B, MOST, W]."""

    def __init__(self, width: int, vocabulary: int):
        super().__init__()
        self.net = PrintNet()
        self.net.requires_grad_(False)
        self.register_buffer("table", torch.tensor(table_of(words.load(vocabulary)), dtype=torch.long))
        self.none = nn.Parameter(torch.zeros(width))
        self.slot = nn.Parameter(torch.randn(MOST, width) * 0.2)
        self.before = nn.Linear(width, width, bias=False)
        self.earlier = nn.Linear(width, width, bias=False)
        self.place = nn.Linear(3, width)
        self.line, self.column = nn.Embedding(LINES, width), nn.Embedding(COLUMNS, width)
        self.cell, self.first, self.top = (nn.Linear(width, width, bias=False) for _ in range(3))
        for part in (self.before, self.earlier, self.cell, self.first, self.top):
            nn.init.normal_(part.weight, std=0.5 * width**-0.5)
        for table in (self.line, self.column):
            nn.init.normal_(table.weight, std=0.15)
            table.weight.data[:, -CODE:] = 0
        for part in (self.cell, self.first, self.top):  # the last channels hold codes to be copied
            part.weight.data[-CODE:] = 0
        nn.init.normal_(self.place.weight, std=0.3)
        nn.init.zeros_(self.place.bias)

    def read(self, pixels: Tensor) -> Tensor:
        return read(self.net, pixels)

    def forward(self, found: Tensor, embed: nn.Embedding, code: Tensor) -> Tensor:
        """`found` [B, MOST, FIELDS] as net.read gives it; `code` [vocabulary, C] goes into the last channels."""
        number = found[..., 0].round().long()
        token = self.table[number]
        said = embed(token)
        x, y, em = found[..., 1], found[..., 2], found[..., 3]
        at = self.place(torch.stack((x * 2 - 1, y * 2 - 1, torch.log2(em.clamp(min=1 / 256) * 24)), -1))
        tokens = said + self.slot + self.before(F.pad(said[:, :-1], (0, 0, 1, 0))) + self.earlier(F.pad(said[:, :-2], (0, 0, 2, 0))) + at
        layout = Layout(found)
        read_there = layout.mean(layout.same_cell, said)
        tokens = tokens + self.line(layout.line.long().clamp(0, LINES - 1)) + self.column(layout.column.long().clamp(0, COLUMNS - 1)) + self.cell(read_there)
        tokens = tokens + self.first(layout.mean(layout.first, said)) + self.top(layout.mean(layout.top, said))
        tokens = tokens + F.pad(code[token], (tokens.shape[-1] - code.shape[-1], 0))
        return torch.where((number > 0)[..., None], tokens, self.none)
