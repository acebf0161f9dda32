"""Distils MiniLM and the learned text map into the small text tower.

    python learn_text.py --steps 3000        # -> ../state/dual/text.pt, tokenizer/; --resume goes on from there

A label in a template ("This is a photo of a dog.") is to mean what the label means. Every tenth text is held out and measured.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np
import torch
from torch.nn import functional as F

from drawings import STATE, classes
from learn_map import TextMap
from text_tower import PAD, POSITIONS, TextTower, prune, save_tokenizer
from texts import article
from wordnet import imagenet_names

TEMPLATES = ("This is a photo of {}.", "a photo of {a} {}", "a photo of {a} {}.", "a picture of {a} {}", "an image of {a} {}", "a drawing of {a} {}", "{a} {}", "the {}",
             "a photo of the {}", "there is {a} {} in the picture", "a photo of a small {}", "an icon of {a} {}", "a close-up photo of {a} {}", "this is {a} {}", "a {} emoji", "a photo of my {}")
HELD_TEMPLATES = ("an image showing {a} {}.", "a good photo of the {}", "a blurry picture of {a} {}")


def fill(template: str, label: str) -> str:
    return template.replace("{a}", article(label)).replace("{}", label)


class Words:
    """Texts as rows of ids, and what each is to become."""

    def __init__(self, texts: list[str], targets: torch.Tensor, tokenizer) -> None:
        self.texts, self.targets, self.tokenizer = texts, targets, tokenizer

    def batch(self, chosen: list[int], rng: np.random.Generator, templates: tuple[str, ...], share: float) -> tuple[torch.Tensor, torch.Tensor]:
        rows = []
        for i in chosen:
            text = self.texts[i]
            if len(text.split(" ")) <= 3 and rng.random() < share:
                text = fill(templates[int(rng.integers(len(templates)))], text)
            rows.append(text)
        ids = [encoded.ids[: POSITIONS - 1] + encoded.ids[-1:] if len(encoded.ids) > POSITIONS else encoded.ids for encoded in self.tokenizer.encode_batch(rows)]
        length = max(len(row) for row in ids)
        return torch.tensor([row + [PAD] * (length - len(row)) for row in ids]), self.targets[chosen]


def main() -> None:
    from tokenizers import Tokenizer

    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=192)
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="begin from text.pt instead of MiniLM's own numbers")
    options = parser.parse_args()
    torch.set_num_threads(1)
    texts, vectors = json.loads((STATE / "texts.json").read_text()), np.load(STATE / "minilm.npy")
    text_map = TextMap(vectors)
    text_map.load_state_dict(torch.load(STATE / "map.pt", weights_only=True)["text"])
    with torch.no_grad():
        targets = torch.cat([text_map(torch.from_numpy(part.astype(np.float32))) for part in np.array_split(vectors, 20)])
    names = {name.lower() for row in imagenet_names() for name in row}
    for entry in classes():
        names |= {name.lower() for name in (entry["name"], entry["plural"], *entry["aliases"])}
    weight = [3.0 if text in names else 1.0 for text in texts]
    table, kept = prune(texts, weight)
    save_tokenizer(table, STATE / "tokenizer")
    tokenizer = Tokenizer.from_file(str(STATE / "tokenizer" / "tokenizer.json"))
    words = Words(texts, targets, tokenizer)
    tower = TextTower(len(kept))
    tower.load_minilm(kept)
    with torch.no_grad():  # from the mean of MiniLM's last layer the map is known
        tower.projection.weight.copy_(text_map.linear.weight)
        tower.projection.bias.copy_(text_map.linear.bias - text_map.linear.weight @ text_map.centre)
    if options.resume:
        tower.load_state_dict(torch.load(STATE / "text.pt", weights_only=True)["tower"])
    held = np.array([i for i in range(len(texts)) if i % 10 == 3 and texts[i] not in names])
    seen = np.setdiff1d(np.arange(len(texts)), held)
    chance = np.array([weight[i] for i in seen])
    chance /= chance.sum()
    print(f"{len(kept)} pieces, {sum(p.numel() for p in tower.parameters()) / 1e6:.2f} M parameters, {len(seen)} texts", flush=True)
    slow = [p for n, p in tower.named_parameters() if not n.startswith("words")]
    optimizer = torch.optim.AdamW([{"params": slow}, {"params": tower.words.parameters()}], options.rate, weight_decay=0.0, betas=(0.9, 0.98))
    rng, begin, losses = np.random.default_rng(options.seed), time.monotonic(), []
    for step in range(options.steps):
        rate = options.rate * min(1, (step + 1) / 50) * (1 - step / options.steps)
        optimizer.param_groups[0]["lr"], optimizer.param_groups[1]["lr"] = rate, rate * 3
        ids, target = words.batch([int(i) for i in rng.choice(seen, options.batch, p=chance)], rng, TEMPLATES, 0.4)
        with torch.autocast("cpu", torch.bfloat16, enabled=options.bf16):
            out = tower(ids).float()
        loss = (1 - (out * target).sum(1)).mean() + 0.5 * F.cross_entropy(20 * out @ target.T, torch.arange(len(ids))) / 5
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if step % 50 == 49:
            print(f"{step + 1} steps, {time.monotonic() - begin:.0f} s, loss {np.mean(losses[-50:]):.4f}", flush=True)
            torch.save({"tower": tower.state_dict(), "kept": kept}, STATE / "text.pt")
    measure(tower, words, held, seen)
    torch.save({"tower": tower.state_dict(), "kept": kept}, STATE / "text.pt")


@torch.no_grad()
def measure(tower: TextTower, words: Words, held: np.ndarray, seen: np.ndarray) -> None:
    rng = np.random.default_rng(4)
    for name, pool, templates, share in (("seen", seen, TEMPLATES, 0.0), ("held-out", held, TEMPLATES, 0.0), ("held-out in unseen templates", held, HELD_TEMPLATES, 1.0)):
        short = [int(i) for i in rng.permutation(pool)[:3000] if share == 0 or len(words.texts[i].split(" ")) <= 3][:800]
        ids, target = words.batch(short, rng, templates, share)
        print(f"  {name}: cosine with the teacher {(tower(ids) * target).sum(1).mean():.4f}", flush=True)


if __name__ == "__main__":
    main()
