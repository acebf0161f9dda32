"""Writes the dual encoder in the hub's SigLIP layout, 8-bit weights, and checks PyTorch against onnxruntime.

    python export.py        # -> ../../dual-encoder/{config,preprocessor_config,tokenizer,tokenizer_config}.json, onnx/*.onnx

Weights are stored as int8 with one scale a channel, turned into floats when the model is loaded, so that every CPU computes the
same sums and nothing has to be calibrated; the arithmetic is fp32.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
from pathlib import Path

import numpy as np
import torch

from backbone import MEAN, STD
from drawings import STATE
from eight_bits import shrink
from image_tower import SIDE, Concepts, ImageTower
from text_tower import POSITIONS, WIDTH, TextTower

TARGET = Path(__file__).resolve().parent.parent.parent / "dual-encoder"


def write_settings(folder: Path, vocabulary: int, scale: float, shift: float) -> None:
    config = {
        "architectures": ["SiglipModel"], "model_type": "siglip", "logit_scale": round(math.log(scale), 5), "logit_bias": round(shift, 4),
        "text_config": {"model_type": "siglip_text_model", "hidden_size": WIDTH, "max_position_embeddings": POSITIONS, "vocab_size": vocabulary},
        "vision_config": {"model_type": "siglip_vision_model", "image_size": SIDE},
    }
    processor = {
        "image_processor_type": "SiglipImageProcessor", "do_convert_rgb": True, "do_resize": True, "size": {"height": SIDE, "width": SIDE}, "resample": 3,
        "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": [MEAN] * 3, "image_std": [STD] * 3,
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "preprocessor_config.json").write_text(json.dumps(processor, indent=2) + "\n")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(STATE / "tokenizer" / name, folder / name)


def main() -> None:
    import onnxruntime

    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=str(TARGET))
    options = parser.parse_args()
    torch.set_num_threads(1)
    learned = torch.load(STATE / "map.pt", weights_only=True)
    text_state = torch.load(STATE / "text.pt", weights_only=True)
    concepts = Concepts()
    concepts.load_state_dict(learned["concepts"])
    image, text = ImageTower(concepts).eval(), TextTower(len(text_state["kept"])).eval()
    text.load_state_dict(text_state["tower"])
    folder = Path(options.out)
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    scratch = STATE / "fp32.onnx"
    coarse = np.random.default_rng(2).integers(0, 256, (2, 28, 28, 3)).astype(np.float32) / 255
    pixels = np.kron(coarse, np.ones((1, 16, 16, 1), np.float32))
    ids = torch.tensor([[2, 10, 11, 3] + [0] * (POSITIONS - 4), [2, *range(100, 109), 3] + [0] * (POSITIONS - 11)])
    jobs = (
        ("vision_model", image, torch.from_numpy(((pixels - MEAN) / STD).transpose(0, 3, 1, 2).astype(np.float32).copy()), "pixel_values"),
        ("text_model", text, ids, "input_ids"),
    )
    for name, tower, sample, given in jobs:
        axes = {given: {0: "batch"}, "pooler_output": {0: "batch"}} | ({given: {0: "batch", 1: "length"}} if given == "input_ids" else {})
        torch.onnx.export(tower, (sample,), str(scratch), input_names=[given], output_names=["pooler_output"], dynamic_axes=axes, opset_version=17, dynamo=False)
        target = folder / "onnx" / f"{name}_quantized.onnx"
        shrink(scratch, target)
        with torch.no_grad():
            exact = tower(sample).numpy()
        session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
        written = session.run(None, {given: sample.numpy()})[0]
        print(f"{name}: {target.stat().st_size / 1e6:.2f} MB, cosine with the floats {(exact * written).sum(1).min():.5f}")
    write_settings(folder, len(text_state["kept"]), learned["scale"], learned["shift"])
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{folder}: {size / 1e6:.2f} MB in all")


if __name__ == "__main__":
    main()
