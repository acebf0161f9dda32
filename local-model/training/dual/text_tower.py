"""The words' side: two of MiniLM's six layers over a pruned vocabulary, and one matrix into the common space."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from image_tower import DIMENSION
from texts import minilm_folder

WIDTH, HEADS, WIDE = 384, 12, 1536
POSITIONS = 32
KEPT_LAYERS = (0, 5)
VOCABULARY = 13_000
PAD, UNKNOWN, START, END = 0, 1, 2, 3
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.norm, self.last_norm = nn.LayerNorm(WIDTH, 1e-12), nn.LayerNorm(WIDTH, 1e-12)
        self.widen, self.narrow = nn.Linear(WIDTH, WIDE), nn.Linear(WIDE, WIDTH)

    def forward(self, x: Tensor, hidden: Tensor) -> Tensor:
        batch, length, _ = x.shape
        q, k, v = (f(x).view(batch, length, HEADS, -1).transpose(1, 2) for f in (self.query, self.key, self.value))
        weights = (q @ k.transpose(2, 3) / (WIDTH / HEADS) ** 0.5 + hidden).softmax(-1)
        mixed = (weights @ v).transpose(1, 2).reshape(batch, length, WIDTH)
        x = self.norm(x + self.output(mixed))
        return self.last_norm(x + self.narrow(F.gelu(self.widen(x))))


class TextTower(nn.Module):
    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, WIDTH)
        self.positions = nn.Parameter(torch.zeros(POSITIONS, WIDTH))
        self.norm = nn.LayerNorm(WIDTH, 1e-12)
        self.layers = nn.ModuleList([Layer() for _ in KEPT_LAYERS])
        self.projection = nn.Linear(WIDTH, DIMENSION)

    def forward(self, input_ids: Tensor) -> Tensor:
        """Token ids, padded with 0 -> unit vectors. Padding is told from the ids, as SigLIP's graphs get no mask."""
        there = (input_ids != PAD).to(self.positions.dtype)
        x = self.norm(self.words(input_ids) + self.positions[: input_ids.shape[1]])
        hidden = (1 - there)[:, None, None, :] * -1e4
        for layer in self.layers:
            x = layer(x, hidden)
        mean = (x * there[..., None]).sum(1) / there.sum(1, keepdim=True)
        return F.normalize(self.projection(mean), dim=-1)

    def load_minilm(self, kept: list[int]) -> None:
        """Start from MiniLM's own numbers; `kept`: its token ids in our order."""
        from safetensors.torch import load_file

        state = load_file(str(minilm_folder() / "model.safetensors"))

        def copy(target: nn.Module, name: str) -> None:
            target.load_state_dict({"weight": state[f"{name}.weight"], "bias": state[f"{name}.bias"]})

        with torch.no_grad():
            self.words.weight.copy_(state["embeddings.word_embeddings.weight"][kept])
            self.positions.copy_(state["embeddings.position_embeddings.weight"][:POSITIONS] + state["embeddings.token_type_embeddings.weight"][0])
        copy(self.norm, "embeddings.LayerNorm")
        for layer, number in zip(self.layers, KEPT_LAYERS):
            name = f"encoder.layer.{number}"
            for part in ("query", "key", "value"):
                copy(getattr(layer, part), f"{name}.attention.self.{part}")
            copy(layer.output, f"{name}.attention.output.dense")
            copy(layer.norm, f"{name}.attention.output.LayerNorm")
            copy(layer.widen, f"{name}.intermediate.dense")
            copy(layer.narrow, f"{name}.output.dense")
            copy(layer.last_norm, f"{name}.output.LayerNorm")


def prune(texts: list[str], weight: list[float]) -> tuple[dict, list[int]]:
    """A tokenizer.json with the pieces these texts need most, and their ids in MiniLM's."""
    from tokenizers import Tokenizer

    path = minilm_folder() / "tokenizer.json"
    full = Tokenizer.from_file(str(path))
    full.no_padding()
    full.no_truncation()
    counts: Counter[str] = Counter()
    for encoded, much in zip(full.encode_batch(texts, add_special_tokens=False), weight):
        for token in encoded.tokens:
            counts[token] += much
    table = json.loads(path.read_text())
    old: dict[str, int] = table["model"]["vocab"]
    letters = [t for t in old if len(t.removeprefix("##")) == 1 and t.isascii()]
    # Letters, so that everything can be spelt; what the texts need; then, MiniLM's vocabulary being ordered by frequency, the commonest.
    wanted = [*SPECIAL, *letters, *(token for token, _ in counts.most_common()), *sorted(old, key=old.__getitem__)]
    kept = list(dict.fromkeys(token for token in wanted if token in SPECIAL or (token.isascii() and not token.startswith("["))))[:VOCABULARY]
    table["model"]["vocab"] = {token: i for i, token in enumerate(kept)}
    table["added_tokens"] = [entry | {"id": SPECIAL.index(entry["content"])} for entry in table["added_tokens"] if entry["content"] in SPECIAL]
    table["padding"] = table["truncation"] = None
    for name in ("[CLS]", "[SEP]"):
        table["post_processor"]["special_tokens"][name]["ids"] = [SPECIAL.index(name)]
    return table, [old[token] for token in kept]


def save_tokenizer(table: dict, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(table, ensure_ascii=False, separators=(",", ":")))
    settings = {
        "tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": POSITIONS, "padding_side": "right",
        "pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")
