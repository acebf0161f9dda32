"""Writes the facts of a run into the model card (`python card.py --checkpoint ...`) and renews the checksums.

Run last, after export.py, evaluate.py --card and examples.py. Every number here is read from the checkpoint, the log or the files.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from evaluate import into_card
from export import WEIGHTS, write_checksums
from model import Config, Ocelli

MARKS = ("<!-- facts:start -->", "<!-- facts:end -->")
WANTED_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16")


def processor() -> str:
    """Name and the vector extensions that decide the speed."""
    lines = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines() if ":" in line)
    lines = {k.strip(): v.strip() for k, v in lines.items()}
    return f"{lines.get('model name', 'unknown')} with {', '.join(f for f in WANTED_FLAGS if f in lines.get('flags', '').split())}"


def kinds(folder: Path) -> str:
    """Which graphs are stored how."""
    return ", ".join(f"{p.name.removesuffix('.onnx').removesuffix('_quantized')} {'with its weights in 8 bits' if p.stem.endswith('_quantized') else 'fp32'} ({p.stat().st_size / 1e6:.1f} MB)" for p in sorted((folder / "onnx").glob("*.onnx")))


def facts(checkpoint: Path, folder: Path) -> str:
    state = torch.load(checkpoint, weights_only=True)
    model = Ocelli(Config.of(state["config"]))
    size = lambda module: sum(p.numel() for p in module.parameters())
    counts = {"frozen picture stages": size(model.vision.frozen), "trained vision tower": size(model.vision) - size(model.vision.frozen), "projector": size(model.projector),
              **({"frozen and fitted classifiers": size(model.names.frozen_head) + size(model.names.frozen_classifier) + size(model.names.drawn) + size(model.names.gate),
                  "name tokens": size(model.names.before) + model.names.kind.numel() + model.names.slot.numel() + model.names.code.numel()} if model.names else {}),
              **({"network that finds print": size(model.printed.net), "print tokens": size(model.printed) - size(model.printed.net)} if model.printed else {}),
              **({"network that finds things": size(model.things.net), "thing tokens": size(model.things) - size(model.things.net)} if model.things else {}),
              "decoder with embeddings": size(model.embed) + size(model.blocks) + size(model.norm) + size(model.head)}
    megabytes = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6
    log = [json.loads(line) for line in (checkpoint.parent / "log.jsonl").read_text().splitlines()]
    curve = [entry for i, entry in enumerate(log) if i % max(1, len(log) // 10) == 0 or i == len(log) - 1]
    columns = ("count shape", "count shape in a suite scene", "count object in a suite scene", "relation in a suite scene", "exists in a suite scene", "read number", "read word")
    rows = ["| minutes | pictures | loss | " + " | ".join(columns) + " |", "|" + "---|" * (len(columns) + 3)]
    rows += [f"| {e['minutes']:.0f} | {e['pictures']} | {e['loss']:.3f} | " + " | ".join(f"{e[c]:.0f}" if c in e else "–" for c in columns) + " |" for e in curve]
    return "\n".join([
        "## How it was made",
        f"- **Training**: {state['pictures']:,} generated pictures with {state['questions']:,} questions, {state['minutes'] / 60:.1f} hours of wall time on 2 shared cores ({processor()}); no GPU. "
        "No scraped text, no output of another model. Eighteen freely licensed sample photographs told the gate what is no drawing (`dual/photos.py`) and were shown with random names (`photographs.py`), so that nothing was learnt of what is in them.",
        f"- **Parameters**: {sum(counts.values()) / 1e6:.2f} M: " + ", ".join(f"{k} {v / 1e6:.2f} M" for k, v in counts.items()) + ".",
        f"- **Shape**: {model.config.image_size} px input, {model.config.visual_tokens} visual tokens{f' (at detail high {model.config.fine_size} px, {model.config.visual_tokens + model.config.fine_tokens} tokens)' if model.config.fine_size else ''}, width {model.config.width}, {model.config.vision_layers} ViT and {model.config.layers} decoder blocks, vocabulary {model.config.vocabulary}.",
        f"- **Size**: {megabytes:.1f} MB, {kinds(folder)}. Checked on 200 held-out pictures at the model's own sizes: in fp32, PyTorch, onnxruntime, the engine and, at the size that it knows, transformers.js give the same greedy answers (`export.py`, `parity.mjs`).",
        "- **How to make it again**: `local-model/training/README.md`.",
        "", "Held-out accuracy over the last run (mixed scenes, %, under teacher forcing, 300 to 500 pictures; the mixture changed when the suites came in):", "", *rows,
    ])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    into_card(MARKS, facts(options.checkpoint, options.weights), options.weights)
    write_checksums(options.weights)


if __name__ == "__main__":
    main()
