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
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from backbone import MEAN, STD
from drawings import STATE
from image_tower import SIDE, Concepts, ImageTower
from text_tower import POSITIONS, WIDTH, TextTower

TARGET = Path(__file__).resolve().parent.parent.parent / "dual-encoder"
SMALLEST = 2048  # shorter tensors stay floats


def shrink(graph_file: Path, target: Path) -> None:
    """Large weights as int8 and scales; a table that is looked up is scaled after the look-up."""
    model = onnx.load(str(graph_file))
    graph = model.graph
    merge(graph)
    uses: dict[str, list[tuple[onnx.NodeProto, int]]] = {}
    for node in graph.node:
        for place, name in enumerate(node.input):
            uses.setdefault(name, []).append((node, place))
    added: list[onnx.NodeProto] = []
    for weight in list(graph.initializer):
        if weight.data_type != TensorProto.FLOAT or math.prod(weight.dims) < SMALLEST or weight.name not in uses:
            continue
        # The exporter hands a layer's weight on to its later calls through Identity.
        node, place = next((use for use in uses[weight.name] if use[0].op_type != "Identity"), uses[weight.name][0])
        values = numpy_helper.to_array(weight).astype(np.float64)
        looked_up = node.op_type == "Gather" and place == 0
        if not looked_up and node.op_type not in ("Conv", "MatMul", "Gemm") and not weight.name.startswith("onnx::MatMul"):
            continue
        rows_first = looked_up or node.op_type == "Conv" or any(a.name == "transB" and a.i == 1 for a in node.attribute)
        axes = tuple(range(1, values.ndim)) if rows_first else tuple(range(values.ndim - 1))
        scale = np.maximum(np.abs(values).max(axes, keepdims=True), 1e-12) / 127
        small = np.clip(np.round(values / scale), -127, 127).astype(np.int8)
        graph.initializer.remove(weight)
        graph.initializer.append(numpy_helper.from_array(small, f"{weight.name}_int8"))
        graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), f"{weight.name}_scale"))
        if looked_up:
            out = node.output[0]
            node.input[0] = f"{weight.name}_int8"
            node.output[0] = f"{out}_int8"
            added.append(helper.make_node("Cast", [f"{out}_int8"], [f"{out}_float"], to=TensorProto.FLOAT))
            added.append(helper.make_node("Gather", [f"{weight.name}_scale", node.input[1]], [f"{out}_scale"], axis=0))
            added.append(helper.make_node("Mul", [f"{out}_float", f"{out}_scale"], [out]))
        else:
            added.append(helper.make_node("Cast", [f"{weight.name}_int8"], [f"{weight.name}_float"], to=TensorProto.FLOAT))
            added.append(helper.make_node("Mul", [f"{weight.name}_float", f"{weight.name}_scale"], [weight.name]))
    nodes = sort(added + list(graph.node), {t.name for t in graph.initializer} | {i.name for i in graph.input})
    del graph.node[:]
    graph.node.extend(nodes)
    model.producer_name, model.doc_string = "ocelli", ""
    for node in graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def merge(graph: onnx.GraphProto) -> None:
    """Equal weights are kept once: the exporter writes a layer's as often as it is called."""
    first: dict[tuple, str] = {}
    renamed: dict[str, str] = {}
    for weight in list(graph.initializer):
        key = (weight.data_type, tuple(weight.dims), numpy_helper.to_array(weight).tobytes())
        renamed[weight.name] = first.setdefault(key, weight.name)
        if renamed[weight.name] != weight.name:
            graph.initializer.remove(weight)
    for node in graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = renamed.get(name, name)


def sort(nodes: list[onnx.NodeProto], known: set[str]) -> list[onnx.NodeProto]:
    """Each node after what it needs."""
    result, waiting, known = [], list(nodes), known | {""}
    while waiting:
        ready = [node for node in waiting if all(name in known for name in node.input)]
        if not ready:
            raise ValueError("the graph has a circle")
        result += ready
        known |= {name for node in ready for name in node.output}
        waiting = [node for node in waiting if node not in ready] if len(ready) < 50 else [n for n in waiting if not set(n.output) <= known]
    return result


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
