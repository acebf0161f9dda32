"""The characters that were found, as tokens for the decoder: each with its place and its neighbours before it, and with the code that the copying head carries."""

from __future__ import annotations

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

import tokenizer as words

from .net import MOST, PRINTABLE, PrintNet, read


def table_of(text: Tokenizer) -> list[int]:
    """Token ids of nothing, of every printable character, and of the end of a line, which ends an answer."""
    return [words.PAD, *words.spell(text, PRINTABLE), words.END]


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
        for part in (self.before, self.earlier):
            nn.init.normal_(part.weight, std=0.5 * width**-0.5)
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
        tokens = tokens + F.pad(code[token], (tokens.shape[-1] - code.shape[-1], 0))
        return torch.where((number > 0)[..., None], tokens, self.none)

