"""What the frozen network says a picture shows, in the decoder's own words: name tokens behind the grid's visual tokens.

The frozen network ends in a classifier over ImageNet's 1,000 classes; a linear one over the 211 drawn classes and one that tells
drawings from photographs are fitted beside it (names_fit.py). A decoder this small cannot learn 1,211 directions by heart, but it
can copy: so the tower appends one token for the kind of picture and, twice, the token ids of the likeliest names as rows of the
decoder's own embedding table. To any LLaVA runtime they are a few more visual tokens.
"""

from __future__ import annotations

import functools

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

import tokenizer as words
from pretrained import CLASSES, DEEP_CHANNELS, FEATURES, Convolution, fold, imagenet_classifier, imagenet_names, published_state
from vocabulary import OBJECTS

CODE, CODE_SIZE = 32, 3.0  # channels of a token's code, and the length of a code
DRAWING, SURE, PERHAPS, UNSURE = range(4)
# Probabilities from which a photograph's name is said plainly, and as a guess: from the sample photographs of dual/PHOTOS.md; nothing of COCO was looked at.
PLAINLY, AS_A_GUESS = 0.7, 0.35


def name_ids(text: Tokenizer, names: list[str], most: int) -> list[int]:
    """Token ids of the first name that is short enough; else of the last word of the first one, else of its beginning."""
    for name in [*names, names[0].split(" ")[-1]]:
        ids = text.encode(name).ids
        if len(ids) <= most:
            return ids
    return text.encode(names[0]).ids[:most]


@functools.cache
def table_of(vocabulary: int, most: int) -> list[list[int]]:
    """Token ids of ImageNet's names, then of the drawn classes'."""
    text = words.load(vocabulary)
    return [name_ids(text, names, most) for names in [*imagenet_names(), *([name] for name in OBJECTS)]]


class Names(nn.Module):
    """The last frozen map [B, 320, h, w] -> 1 + 2 * `most` tokens for the decoder."""

    def __init__(self, width: int, vocabulary: int, most: int):
        super().__init__()
        self.most, self.vocabulary = most, vocabulary
        self.frozen_head = Convolution(DEEP_CHANNELS, FEATURES, 1)
        self.frozen_classifier = nn.Linear(FEATURES, CLASSES)
        self.drawn = nn.Linear(FEATURES, len(OBJECTS))
        self.gate = nn.Linear(FEATURES, 1)  # above 0: a drawing
        self.requires_grad_(False)
        self.register_buffer("table", torch.zeros(CLASSES + len(OBJECTS), most, dtype=torch.long))
        self.kind = nn.Parameter(torch.randn(4, width) * 0.5)
        self.slot = nn.Parameter(torch.randn(2 * most, width) * 0.2)
        # Each name token also tells which one stood before it: whoever wrote that one finds the next by it.
        self.before = nn.Linear(width, width, bias=False)
        # A code for every token in the last channels, which nothing else writes to: one head carries it over and the last layer spells it out.
        self.code = nn.Parameter(F.normalize(torch.randn(vocabulary, CODE), dim=-1) * CODE_SIZE)
        nn.init.normal_(self.before.weight, std=0.5 * width**-0.5)

    def load_published(self) -> "Names":
        fold(published_state(), self.frozen_head, "_conv_head", "_bn1")
        with torch.no_grad():
            weight, bias = imagenet_classifier()
            self.frozen_classifier.weight.copy_(weight)
            self.frozen_classifier.bias.copy_(bias)
        rows = table_of(self.vocabulary, self.most)
        self.table.copy_(torch.tensor([row + [words.END] * (self.most - len(row)) for row in rows]))
        return self

    @torch.no_grad()
    def choose(self, deep: Tensor) -> Tensor:
        """[B, 3]: the kind of picture, the likeliest class and the next one (drawn classes behind ImageNet's)."""
        features = F.relu6(self.frozen_head(deep))
        peak, mean = features.amax((2, 3)), features.mean((2, 3))
        photo = self.gate(peak) < 0
        probability, seen = self.frozen_classifier(mean).softmax(-1).topk(2)
        drawn = self.drawn(peak).topk(2).indices + CLASSES
        first = probability[:, :1]
        kind = torch.where(photo, SURE + (first < PLAINLY).long() + (first < AS_A_GUESS).long(), torch.zeros_like(seen[:, :1]))
        return torch.cat((kind, torch.where(photo, seen, drawn)), 1)

    def forward(self, chosen: Tensor, embed: nn.Embedding) -> Tensor:
        kind = self.kind[chosen[:, 0]][:, None]
        said = embed(self.table[chosen[:, 1:]])  # [B, 2, most, W]
        earlier = torch.cat((kind[:, None].expand(-1, 2, -1, -1), said[:, :, :-1]), 2)
        tokens = said.flatten(1, 2) + self.slot + self.before(earlier).flatten(1, 2)
        tokens = tokens + F.pad(self.code[self.table[chosen[:, 1:]]].flatten(1, 2), (tokens.shape[-1] - CODE, 0))
        return torch.cat((kind, tokens), 1)
