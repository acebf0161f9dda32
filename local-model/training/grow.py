"""Turns a checkpoint into a larger model that answers exactly as the smaller one did: `python grow.py --from state/first/latest.pt --name second`.

New channels of the residual stream start at zero (whatever writes into them is zero, whatever reads them is random), new heads
and feed-forward units and new layers add nothing yet, new tokens start as the mean of the pieces they replace. The sizes to grow
to are the options; what is not given stays. The optimizer starts anew.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

import parameters
import questions
import scenes
import tokenizer as words
from model import DENSE_SIZES, DENSE_SPLIT, Config, Ocelli
from names import CODE
from things.start import fit as fit_things
from train import STATE, Run, normalise

SIZES = ("width", "vision_width", "feed_forward", "vocabulary", "image_size", "fine_size", "name_tokens")  # what can grow
WRITERS = ("attention.output.weight", "feed_forward.down.weight", "vision.join.weight", "vision.join.bias", "projector.2.weight", "projector.2.bias", "embed.weight", "vision.place", "spot")
OLD_DENSE = (9, 13, 63)  # shapes, colours and characters that the first model's dense head named


def old_name(name: str, layers: list[int | None]) -> str | None:
    """The name that a parameter had before layers were put between; None: it is new."""
    if not name.startswith("blocks."):
        return name
    _, number, rest = name.split(".", 2)
    before = layers[int(number)]
    return None if before is None else f"blocks.{before}.{rest}"


def widened(name: str, old: Tensor, new: Tensor) -> Tensor:
    """`new` (freshly initialised) with `old` in its first corner and so filled up that nothing changes."""
    corner = tuple(slice(0, n) for n in old.shape)
    if old.ndim == 1 and name.endswith("norm.weight") and "join_norm" not in name:
        new.fill_(1.0)
        new[corner] = old * (old.numel() / new.numel()) ** 0.5  # the mean square falls as empty channels come in
        return new
    if name.endswith(WRITERS):
        new.zero_()
    if name.endswith(("projector.0.weight", "projector.0.bias", "gate.weight", "up.weight", "query.weight", "key.weight", "value.weight", "head.weight", "dense.weight")):
        new.mul_(0.5)
    new[corner] = old
    return new


def dense_rows(old: Tensor, new: Tensor) -> Tensor:
    """The dense head names more things now: its rows are regrouped by square and kind."""
    result = new.clone()
    at = before = 0
    for _ in range(DENSE_SPLIT**2):
        for size, known in zip(DENSE_SIZES, OLD_DENSE):
            part = old[before: before + known]
            result[(slice(at, at + known), *(slice(0, n) for n in part.shape[1:]))] = part
            if known < size and old.ndim == 1:
                result[at + known: at + size] = -2.0
            at, before = at + size, before + known
    return result


def token_means(old: Tensor, new: Tensor, vocabulary: int) -> Tensor:
    """Rows for the new tokens: the mean of the rows of what the old tokenizer writes instead."""
    before, now = words.load(old.shape[0]), words.load(vocabulary)
    for identity in range(old.shape[0], vocabulary):
        text = now.decode([identity])
        ids = before.encode(text).ids
        if ids:
            new[identity, : old.shape[1]] = old[ids].mean(0)
    return new


def grow(state: dict, config: Config, layers: list[int | None]) -> Ocelli:
    model = Ocelli(config)
    model.load_published()
    source = state["average"]
    fitted = torch.load(STATE / "names.pt", weights_only=True) if config.name_tokens and "names.slot" not in source else {}
    if config.fine_size and "printed.slot" not in source:
        fitted |= {f"printed.net.{name}": value for name, value in torch.load(STATE / "print" / "latest.pt", weights_only=True)["average"].items()}
    grown = model.state_dict()
    for name, new in grown.items():
        before = old_name(name, layers)
        old = source.get(before) if before else None
        if old is None:
            if name.removeprefix("names.") in fitted:
                new.copy_(fitted[name.removeprefix("names.")])
            if before is None and name.endswith(("attention.output.weight", "feed_forward.down.weight")):
                new.zero_()
            continue
        if name.startswith("dense.") and old.shape[0] != new.shape[0]:
            new.copy_(dense_rows(old, new * 0.5))
        elif old.shape == new.shape:
            new.copy_(old)
        else:
            new.copy_(widened(name, old, new.clone()))
        if name in ("embed.weight", "head.weight") and old.shape[0] < new.shape[0]:
            new.copy_(token_means(old, new, config.vocabulary))
    model.load_state_dict(grown)
    if config.name_tokens and "names.code" not in source:
        if config.width - Config.of(state["config"]).width < CODE:
            raise SystemExit(f"name tokens need {CODE} channels of their own: let --width grow by as many")
        install_copying(model)
    if config.things and "things.none" not in source:
        model.eval()
        print(f"what the tower says of things: {fit_things(model):.0%} explained by kind, colour and place")
        install_counting(model)
    return model


@torch.no_grad()
def install_copying(model: Ocelli, carried: float = 12.0, spelt: float = 20.0) -> None:
    """Lets the decoder copy name tokens at once, by construction.

    A further head of the pointing layer looks where the second taught head looks, takes only the code of what stands there and leaves it
    in the same channels; the last layer has each token's code as weights. The two strengths name 77 % of held-out names' tokens before
    any training (40 instead of 20: 92 %), and leave the other answers as they were.
    """
    carry_codes(model, 1, model.config.heads - 1, carried)
    model.head.weight[:, -CODE:] = spelt * model.names.code / model.names.code.norm(dim=-1, keepdim=True)


@torch.no_grad()
def install_counting(model: Ocelli, head: int = 4, carried: float = 32.0) -> None:
    """Lets the decoder say at once how many there are: a further head looks where the first taught head looks, at the asked things, and carries over their number's code.

    The head that is given up is the one whose loss changed nothing (0.282 to 0.284 on 224 held-out answers; heads 2 and 3: 0.32 and
    0.40). Without a step of training counts of objects in suite scenes rose from 41 to 66 % on these answers (carried 48).
    """
    carry_codes(model, 0, head, carried)


@torch.no_grad()
def carry_codes(model: Ocelli, taught: int, head: int, carried: float) -> None:
    """Makes a head of the pointing layer look where a taught one looks, and leave the code of what stands there in the same channels."""
    size = model.config.head_size
    old, new = (slice(k * size, (k + 1) * size) for k in (taught, head))
    codes = slice(model.config.width - CODE, model.config.width)
    attention = model.blocks[model.config.pointing_layer].attention
    for part in (attention.query, attention.key):
        part.weight[new] = part.weight[old]
        part.weight[new, codes] = 0
    attention.value.weight[new] = 0
    attention.value.weight[new, codes] = torch.eye(size)
    attention.output.weight[:, new] = 0
    attention.output.weight[codes, new] = carried * torch.eye(size)


@torch.no_grad()
def difference(old: Ocelli, new: Ocelli, pictures: int = 24) -> tuple[float, int]:
    """Largest difference of the next-token scores of both models, and how many first tokens differ."""
    text, largest, differ = words.load(old.config.vocabulary), 0.0, 0
    for seed in range(scenes.HELD_OUT_SEED, scenes.HELD_OUT_SEED + pictures):
        scene = scenes.render(seed)
        question = questions.count(np.random.default_rng(seed), scene, "circle", None)
        asked = text.encode(question.text).ids
        pixels = normalise(torch.from_numpy(scene.picture.transpose(2, 0, 1).copy())[None])
        logits = [first_scores(model, pixels, asked) for model in (old, new)]
        known = old.config.vocabulary
        largest = max(largest, (logits[0] - logits[1][:known]).abs().max().item())
        differ += int(logits[0].argmax() != logits[1][:known].argmax())
    return largest, differ


def first_scores(model: Ocelli, pixels: Tensor, asked: list[int]) -> Tensor:
    visual, _ = model.see(pixels)
    ids = [words.BOS, words.USER] + [words.IMAGE] * visual.shape[1] + asked + [words.END, words.ASSISTANT]
    return model.next_scores(ids, visual, words.IMAGE)


def checkpoint(path: Path) -> dict:
    """What a run saved, or what parameters.py wrote of one."""
    if path.suffix != ".safetensors":
        return torch.load(path, weights_only=True)
    config, counters, tensors = parameters.read(path)
    return {"config": config, "average": tensors, **counters}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="source", type=Path, required=True)
    parser.add_argument("--name", required=True, help="the new run")
    for option in SIZES:
        parser.add_argument(f"--{option.replace('_', '-')}", type=int)
    parser.add_argument("--deep", action="store_true", help="the tower sees the last frozen stages too")
    parser.add_argument("--things", action="store_true", help="things are found in the fine picture (things/); their tokens start as what the tower says of such things")
    parser.add_argument("--layers", default="0,1,new,2,3,new", help="the decoder's layers: numbers of old ones and `new`")
    parser.add_argument("--grounding-layer", type=int, default=2)
    parser.add_argument("--pointing-layer", type=int, default=3)
    options = parser.parse_args()
    state = checkpoint(options.source)
    before = Config.of(state["config"])
    layers = [None if part == "new" else int(part) for part in options.layers.split(",")]
    wishes = {k: getattr(options, k) for k in SIZES if getattr(options, k)}
    config = Config(**{**before.as_dict(), "layers": len(layers), "grounding_layer": options.grounding_layer, "pointing_layer": options.pointing_layer, "deep": before.deep or options.deep, "things": before.things or options.things, **wishes})
    torch.manual_seed(1)
    model = grow(state, config, layers)
    model.eval()
    small = Ocelli(before)
    small.load_published()
    sizes = {name: value.shape for name, value in small.state_dict().items()}  # the number of print tokens is no option but printed.net.MOST
    small.load_state_dict({k: v for k, v in state["average"].items() if not k.startswith("dense.") and v.shape == sizes.get(k)}, strict=False)
    small.eval()
    largest, differ = difference(small, model)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters; largest difference of a score {largest:.4f}; {differ} of 24 answers differ")
    if differ and config.said_tokens == before.said_tokens:  # further visual tokens take some attention at once
        raise SystemExit("the grown model does not answer as the small one did")
    run = Run(config, 0.999)
    run.model.load_state_dict(model.state_dict())
    run.average.load_state_dict(model.state_dict())
    for counter in ("pictures", "questions", "minutes"):  # the steps start anew, and with them the warm-up
        setattr(run, counter, state[counter])
    run.grown_at = state["pictures"]
    (STATE / options.name).mkdir(parents=True, exist_ok=True)
    run.save(STATE / options.name / "latest.pt")


if __name__ == "__main__":
    main()
