"""The table of tokens, each row partly what the token's letters say: "bread" in a question is then like b, r, e, a, d on a receipt, also where no lesson has the word."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import tokenizer as words

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
SIGNS = 3 * len(LETTERS) + len(DIGITS) + 1  # which letters, the first and the last one; which digits; anything else


def signs_of(vocabulary: int) -> Tensor:
    """[vocabulary, SIGNS]: what each token is written with, capitals as small letters."""
    text, signs = words.load(vocabulary), torch.zeros(vocabulary, SIGNS)
    for number in range(vocabulary):
        written = text.decode([number]).strip().lower()
        for character in written:
            at = LETTERS.find(character)
            at = at if at >= 0 else 3 * len(LETTERS) + (DIGITS.index(character) if character in DIGITS else len(DIGITS))
            signs[number, at] += len(written) ** -0.5
        for k, character in ((1, written[:1]), (2, written[-1:])):
            if character and character in LETTERS:
                signs[number, k * len(LETTERS) + LETTERS.index(character)] = 1
    return signs


class Spelled(nn.Embedding):
    """Token ids -> their rows of `weight` and the sum of their letters' rows of `letters`."""

    def __init__(self, vocabulary: int, width: int):
        super().__init__(vocabulary, width)
        self.letters = nn.Parameter(torch.zeros(SIGNS, width))
        self.register_buffer("signs", signs_of(vocabulary), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        if torch.onnx.is_in_onnx_export():  # settled before
            return F.embedding(ids, self.weight)
        return F.embedding(ids, self.weight + self.signs @ self.letters)

    @torch.no_grad()
    def settle(self) -> None:
        """Makes a plain table of it that says the same."""
        self.weight += self.signs @ self.letters
        self.letters.zero_()
