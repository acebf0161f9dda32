"""Measures a map on what it did not learn: a left-out training style, left-out words. Never on the held-out style or photographs."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from backbone import CLASSES, imagenet_classifier
from image_tower import DRAWN, Concepts, evidence


def area(scores: np.ndarray, truth: np.ndarray) -> float:
    """Under the ROC curve: how often a true one scores above a false one."""
    order = np.argsort(scores, kind="stable")
    values, first, counts = np.unique(scores[order], return_index=True, return_counts=True)
    ranks = np.repeat(first + (counts + 1) / 2, counts)
    positive = truth[order].astype(bool)
    n, m = positive.sum(), (~positive).sum()
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))


@torch.no_grad()
def report(concepts: Concepts, text, drawings, facts, vectors, held) -> None:
    from learn_map import Imagined, true_of

    weight, bias = imagenet_classifier()
    rows = torch.where(~drawings.train & (drawings.truth[:, :DRAWN].sum(1) == 1))[0]
    tops = concepts.scaled(drawings.peak[rows])
    probability = concepts.drawn(tops).softmax(1)[:, :DRAWN]
    truth = drawings.truth[rows, :DRAWN].argmax(1)
    print(f"drawn head alone, left-out style: {(probability.argmax(1) == truth).float().mean():.3f} of {len(rows)}")
    gate = torch.sigmoid(concepts.gate(tops))
    seen = evidence((drawings.mean[rows] @ weight.T + bias).softmax(1))
    image = F.normalize(concepts.vector(seen, evidence(probability) * gate), dim=-1)
    names = [facts.words.index(name.lower()) for name in facts.concepts[CLASSES:]]
    scores = image @ text(vectors[names]).T
    print(f"through the common space, of 211: {(scores.argmax(1) == truth).float().mean():.3f}; gate {gate.mean():.3f}")
    table = torch.from_numpy(facts.table)
    probability, present = Imagined(99).picture(2000)
    image = F.normalize(concepts.vector(evidence(probability), torch.zeros(2000, DRAWN)), dim=-1)
    for name, words in (("learned", torch.where(~held[: facts.known])[0]), ("held-out", torch.where(held[: facts.known])[0])):
        chance, sure = true_of(table[words], F.pad(present, (0, DRAWN)))
        scores = image @ text(vectors[words]).T
        keep = sure & ((chance > 0.5) | (chance == 0))
        print(f"imagined photographs, {name} words: area {area(scores[keep].numpy(), (chance > 0.5)[keep].numpy()):.3f}")
