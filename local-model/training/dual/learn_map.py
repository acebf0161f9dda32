"""Trains what lies between features and words: drawn classes, the gate, and the common space of concepts and MiniLM's texts.

    python learn_map.py     # -> ../state/dual/map.pt; a few minutes on one core

No photograph is needed for ImageNet's classes: what the classifier says about a picture of one is imitated from the likeness of
its weight rows, with noise. Drawings are real ones (drawings.py). Loss: the sigmoid of SigLIP over pictures x words.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from backbone import CLASSES, FEATURES, imagenet_classifier
from drawings import STATE, STYLES
from eye import SLICES
from image_tower import DIMENSION, DRAWN, WEIGHTS, Concepts, evidence
from relations import Relations, relations


SHRINKAGE, SHARPNESS = 1.0, 0.15  # by the loss on twemoji, left out


class Drawings:
    """Features of the drawn pictures and which classes are in them."""

    def __init__(self, leave_out: int | None = None) -> None:
        data = np.load(STATE / "drawings.npz")
        features = torch.from_numpy(data["features"].astype(np.float32))
        self.mean, self.peak = features[:, SLICES["mean"]], features[:, SLICES["peak"]]
        labels = torch.from_numpy(data["labels"].astype(np.int64))
        visible = torch.from_numpy(data["shares"].astype(np.float32)) > 0.45
        labels = torch.where(visible, labels, -1)
        self.truth = torch.zeros(len(labels), DRAWN + 1).scatter_(1, torch.where(labels < 0, DRAWN, labels), 1.0)
        self.truth[:, DRAWN] = (labels < 0).all(1).float()
        self.alone = (labels[:, 1:] < 0).all(1) & (labels[:, 0] >= 0)
        self.styles = torch.from_numpy(data["styles"].astype(np.int64))
        self.train = torch.ones(len(labels), dtype=torch.bool) if leave_out is None else self.styles != leave_out


@torch.no_grad()
def learn_drawn(concepts: Concepts, drawings: Drawings) -> None:
    """The drawn classes and, as one more, no drawing at all: linear discriminants, in closed form.

    On a style left out (twemoji) as good as a trained classifier (77 against 78 %) at a hundredth of the computing.
    """
    photos = torch.from_numpy(np.load(STATE / "photos.npz")["features"].astype(np.float32))[:, SLICES["peak"]]
    alone = drawings.train & drawings.alone
    concepts.centre.copy_(drawings.peak[alone].mean(0))
    concepts.spread.copy_(drawings.peak[alone].std(0) + 0.05)
    rows = concepts.scaled(torch.cat([drawings.peak[alone], photos]))
    labels = torch.cat([drawings.truth[alone].argmax(1), torch.full((len(photos),), DRAWN)])
    middles = torch.zeros(DRAWN + 1, FEATURES).index_add_(0, labels, rows) / torch.bincount(labels, minlength=DRAWN + 1)[:, None]
    weight = solve(rows - middles[labels], (middles - rows.mean(0)).T, SHRINKAGE).T * SHARPNESS
    concepts.drawn.weight.copy_(weight)
    concepts.drawn.bias.copy_(-0.5 * ((middles + rows.mean(0)) * weight).sum(1))


def solve(inner: Tensor, wanted: Tensor, shrinkage: float) -> Tensor:
    """Directions apart, by the rows' own spread, drawn towards equal spread in all directions."""
    spread = inner.T @ inner / len(inner)
    return torch.linalg.solve(spread + shrinkage * spread.diagonal().mean() * torch.eye(FEATURES), wanted)


@torch.no_grad()
def learn_gate(concepts: Concepts, drawings: Drawings) -> None:
    """Drawing or photograph, by Fisher's discriminant with much shrinkage: there are only eighteen photographs."""
    data = np.load(STATE / "photos.npz")
    photos = torch.from_numpy(data["features"][data["sources"] >= 0].astype(np.float32))[:, SLICES["peak"]]
    known = drawings.peak[drawings.train][:4000]
    photos, known = concepts.scaled(photos), concepts.scaled(known)
    inner = torch.cat([photos - photos.mean(0), known - known.mean(0)])
    apart = known.mean(0) - photos.mean(0)
    direction = solve(inner, apart[:, None], 3.0)[:, 0]
    direction *= 8 / (direction @ apart)  # the two middles at -4 and 4
    concepts.gate.weight.copy_(direction[None])
    concepts.gate.bias.copy_(-(direction @ (known.mean(0) + photos.mean(0)) / 2)[None])
    print(f"gate: drawings {(concepts.gate(known) > 0).float().mean():.3f}, photographs {(concepts.gate(photos) > 0).float().mean():.3f} taken for drawings", flush=True)


class Imagined:
    """What the classifier would say about photographs that nobody took."""

    def __init__(self, seed: int = 17) -> None:
        weight, _ = imagenet_classifier()
        rows = F.normalize(weight - weight.mean(0), dim=1)
        self.likeness = rows @ rows.T
        self.random = torch.Generator().manual_seed(seed)

    def views(self, classes: Tensor, lowest: float, highest: float) -> Tensor:
        """Probabilities in views of one class each, more or less sure."""
        sure = torch.rand(len(classes), 1, generator=self.random) * (highest - lowest) + lowest
        noise = torch.randn(len(classes), CLASSES, generator=self.random) * 1.5
        return (sure * self.likeness[classes] + noise).softmax(1)

    def picture(self, count: int) -> tuple[Tensor, Tensor]:
        """Combined probabilities (count x 1,000) and truth (count x 1,000): one to three things a picture, some of nothing known."""
        things = torch.randint(CLASSES, (count, 3), generator=self.random)
        number = torch.multinomial(torch.tensor([0.1, 0.5, 0.25, 0.15]), count, replacement=True, generator=self.random)
        share = torch.rand(count, 3, generator=self.random) + 0.15
        share = share * (torch.arange(3) < number[:, None])
        truth = torch.zeros(count, CLASSES)
        whole = self.views(things[:, 0], 0, 0) * (1 - share.sum(1, keepdim=True).clamp(0, 1))
        best = [self.views(things[:, 0], 0, 1) for _ in range(2)]
        for i in range(3):
            there = i < number
            truth[torch.arange(count)[there], things[there, i]] = 1
            whole = whole + self.views(things[:, i], 5, 14) * (share[:, i : i + 1] / share.sum(1, keepdim=True).clamp_min(1))
            best = [torch.where(there[:, None], torch.maximum(b, self.views(things[:, i], 5, 14)), b) for b in best]
        return WEIGHTS[0] * whole + WEIGHTS[1] * best[0] + WEIGHTS[2] * best[1], truth


class TextMap(nn.Module):
    """MiniLM's 384 numbers -> the common space; begins as the main directions of the words, evened out."""

    def __init__(self, vectors: np.ndarray) -> None:
        super().__init__()
        rows = torch.from_numpy(vectors.astype(np.float32))
        self.register_buffer("centre", rows.mean(0))
        _, strength, directions = torch.pca_lowrank(rows - self.centre, DIMENSION, center=False)
        self.linear = nn.Linear(384, DIMENSION)
        with torch.no_grad():
            self.linear.weight.copy_(directions.T * (strength[0] / strength[:, None]) ** 0.5)
            self.linear.bias.zero_()

    def forward(self, vectors: Tensor) -> Tensor:
        return F.normalize(self.linear(vectors - self.centre), dim=-1)


def true_of(words: Tensor, concepts: Tensor) -> tuple[Tensor, Tensor]:
    """Chance that a word is true of a picture with these concepts (pictures x words), and where that is known.

    `words`: words x concepts as in Relations.table; `concepts`: pictures x concepts, 0 or 1.
    """
    false = (1 - words.clamp_min(0)).clamp_min(0.02).log()
    chance = 1 - (concepts @ false.T).exp()
    unsure = concepts @ (words < 0).float().T
    return chance, ~((unsure > 0) & (chance < 0.5))


def learn_space(concepts: Concepts, drawings: Drawings, facts: Relations, vectors: Tensor, held: Tensor, steps: int, text: TextMap) -> tuple[float, float]:
    """`vectors`: of the facts' words; `held`: words that are not learned, to measure with."""
    weight, bias = imagenet_classifier()
    table = torch.from_numpy(facts.table)
    imagined = Imagined()
    with torch.no_grad():
        tops = concepts.scaled(drawings.peak)
        gate = torch.sigmoid(concepts.gate(tops))
        drawn = evidence(concepts.drawn(tops).softmax(1)[:, :DRAWN]) * gate
        seen = evidence((drawings.mean @ weight.T + bias).softmax(1))
    scale, shift = nn.Parameter(torch.tensor(2.3)), nn.Parameter(torch.tensor(-4.0))
    groups = ([concepts.directions.weight], [p for p in text.parameters() if p.requires_grad], [scale, shift, concepts.directions.bias])
    optimizer = torch.optim.AdamW([{"params": group} for group in groups], 1e-3, weight_decay=0.0)
    learnable = torch.where(~held)[0]
    popular = (table[: facts.known] > 0).float()
    popular[held[: facts.known]] = 0
    pool = torch.where(drawings.train)[0]
    random = torch.Generator().manual_seed(3)
    start = text.linear.weight.detach().clone()
    for step in range(steps):
        for group, rate in zip(optimizer.param_groups, (2e-3, 5e-4, 1e-2)):
            group["lr"] = rate * (1 - step / steps)
        probability, truth = imagined.picture(128)
        some = pool[torch.randint(len(pool), (96,), generator=random)]
        images = torch.cat([evidence(probability), seen[some]])
        drawings_part = torch.cat([torch.zeros(128, DRAWN), drawn[some]])
        present = torch.cat([F.pad(truth, (0, DRAWN)), F.pad(drawings.truth[some, :DRAWN], (CLASSES, 0))])
        wanted = present @ popular.T
        positive = torch.multinomial(wanted + 1e-9, 2, generator=random).flatten().unique()
        others = learnable[torch.randint(len(learnable), (500,), generator=random)]
        words = torch.cat([positive, others]).unique()
        chance, sure = true_of(table[words], present)
        image = F.normalize(concepts.vector(images, drawings_part), dim=-1)
        logits = scale.exp() * image @ text(vectors[words]).T + shift
        loss = F.binary_cross_entropy_with_logits(logits, chance, reduction="none")
        loss = (loss * sure * torch.where(chance > 0.3, 4.0, 1.0)).sum() / sure.sum()
        optimizer.zero_grad()
        (loss + 0.02 * (text.linear.weight - start).square().mean()).backward()
        optimizer.step()
        if step % 200 == 0 or step == steps - 1:
            print(f"{step}: loss {loss.item():.4f}, scale {scale.exp().item():.1f}, shift {shift.item():.1f}", flush=True)
    return scale.exp().item(), shift.item()


def start_directions(concepts: Concepts, facts: Relations, texts: list[str], vectors: np.ndarray, text: TextMap) -> None:
    place = {one: i for i, one in enumerate(texts)}
    rows = torch.from_numpy(vectors[[place[name.lower()] for name in facts.concepts]].astype(np.float32))
    with torch.no_grad():
        concepts.directions.weight.copy_(text(rows).T)
        concepts.directions.bias.zero_()


def replace_drawn(concepts: Concepts) -> None:
    """Put fresh drawn classes and a fresh gate into map.pt; the concepts' directions stay."""
    learned = torch.load(STATE / "map.pt", weights_only=True)
    fresh = concepts.state_dict()
    learned["concepts"] |= {name: value for name, value in fresh.items() if not name.startswith("directions")}
    torch.save(learned, STATE / "map.pt")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--leave-out", choices=STYLES, help="do not learn this style, and measure on it")
    parser.add_argument("--keep-text", action="store_true", help="go on with map.pt, the pictures' side only")
    parser.add_argument("--steps", type=int, default=900, help="of the common space; 0: only the drawn classes and the gate anew, in closed form")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    drawings = Drawings(STYLES.index(options.leave_out) if options.leave_out else None)
    concepts = Concepts()
    learn_drawn(concepts, drawings)
    learn_gate(concepts, drawings)
    if options.steps == 0:
        replace_drawn(concepts)
        return
    texts, vectors = json.loads((STATE / "texts.json").read_text()), np.load(STATE / "minilm.npy")
    facts = relations(texts, vectors)
    place = {one: i for i, one in enumerate(texts)}
    word_vectors = torch.from_numpy(vectors[[place[word] for word in facts.words]].astype(np.float32))
    text = TextMap(vectors)
    if options.keep_text:
        learned = torch.load(STATE / "map.pt", weights_only=True)
        text.load_state_dict(learned["text"])
    start_directions(concepts, facts, texts, vectors, text)
    if options.keep_text:
        concepts.directions.load_state_dict({name: learned["concepts"][f"directions.{name}"] for name in ("weight", "bias")})
    held = torch.zeros(len(facts.words), dtype=torch.bool)
    if options.leave_out:
        held[torch.randperm(len(facts.words), generator=torch.Generator().manual_seed(1))[::10]] = True
    text.requires_grad_(not options.keep_text)
    scale, shift = learn_space(concepts, drawings, facts, word_vectors, held, options.steps, text)
    if options.leave_out:
        from measure_map import report

        report(concepts, text, drawings, facts, word_vectors, held)
        return
    torch.save({"concepts": concepts.state_dict(), "text": text.state_dict(), "scale": scale, "shift": shift}, STATE / "map.pt")


if __name__ == "__main__":
    main()
