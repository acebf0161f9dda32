"""Stores a graph's weights in 8 bits: one scale a channel, turned into floats when the model is loaded or, the largest classifiers', when they are used.

Every CPU computes the same sums then, nothing has to be calibrated, and a prompt may be cut anywhere; the arithmetic is fp32.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SMALLEST = 2048  # shorter tensors stay floats


def shrink(graph_file: Path, target: Path, in_halves: int | None = None, late: int | None = None, late_convolutions: int | None = None) -> None:
    """Large weights as int8 and scales; a table that is looked up is scaled after the look-up.

    Weights with so many outputs as `in_halves` become 16-bit floats instead: where a few of a channel's weights are much
    larger than the others, one scale is too coarse for these. Gemm layers (of inputs with two dimensions, here
    one row a picture) that have `late` weights or more make them floats when they are used, which takes less than it takes to load so many;
    so do convolutions of single pixels with `late_convolutions` or more, which are those that see a map of a few cells.
    """
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
        node, place = uses[weight.name][0]
        values = numpy_helper.to_array(weight).astype(np.float64)
        looked_up = node.op_type == "Gather" and place == 0
        if not looked_up and node.op_type not in ("Conv", "MatMul", "Gemm") and not weight.name.startswith("onnx::MatMul"):
            continue
        if not looked_up and in_halves is not None and in_halves in weight.dims:
            graph.initializer.remove(weight)
            graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), f"{weight.name}_half"))
            added.append(helper.make_node("Cast", [f"{weight.name}_half"], [weight.name], to=TensorProto.FLOAT))
            continue
        rows_first = looked_up or node.op_type == "Conv" or any(a.name == "transB" and a.i == 1 for a in node.attribute)
        axes = tuple(range(1, values.ndim)) if rows_first else tuple(range(values.ndim - 1))
        scale = np.maximum(np.abs(values).max(axes, keepdims=True), 1e-12) / 127
        small = np.clip(np.round(values / scale), -127, 127).astype(np.int8)
        graph.initializer.remove(weight)
        graph.initializer.append(numpy_helper.from_array(small, f"{weight.name}_int8"))
        graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), f"{weight.name}_scale"))
        if late is not None and is_plain_gemm(node) and place == 1 and values.size >= late and len(uses[weight.name]) == 1:
            added += late_product(node, weight.name, graph)
        elif late_convolutions is not None and node.op_type == "Conv" and tuple(weight.dims[2:]) == (1, 1) and values.size >= late_convolutions:
            added += [*late_bytes(node.input[0], weight.name, graph), *floats(f"{weight.name}_cut", weight.name)]
        elif looked_up:
            for look, _ in uses[weight.name]:  # a table may be looked up at several places
                out = look.output[0]
                look.input[0] = f"{weight.name}_int8"
                look.output[0] = f"{out}_int8"
                added.append(helper.make_node("Cast", [f"{out}_int8"], [f"{out}_float"], to=TensorProto.FLOAT))
                added.append(helper.make_node("Gather", [f"{weight.name}_scale", look.input[1]], [f"{out}_scale"], axis=0))
                added.append(helper.make_node("Mul", [f"{out}_float", f"{out}_scale"], [out]))
        else:
            added += floats(f"{weight.name}_int8", weight.name)
    nodes = sort(added + list(graph.node), {t.name for t in graph.initializer} | {i.name for i in graph.input})
    del graph.node[:]
    graph.node.extend(nodes)
    model.producer_name, model.doc_string = "ocelli", ""
    for node in graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def is_plain_gemm(node: onnx.NodeProto) -> bool:
    """As torch writes a linear layer: x Wᵀ + b."""
    said = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    return node.op_type == "Gemm" and said.get("transB") == 1 and said.get("transA", 0) == 0 and said.get("alpha", 1) == said.get("beta", 1) == 1


def floats(small: str, weight: str) -> list[onnx.NodeProto]:
    """A weight from its bytes and its scales."""
    return [
        helper.make_node("Cast", [small], [f"{weight}_float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{weight}_float", f"{weight}_scale"], [weight]),
    ]


def late_bytes(given: str, weight: str, graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """A weight's bytes through a Slice that takes all and whose start (0) comes from what is `given`: otherwise they would be constant to the runtime,
    which would make them floats once, while loading."""
    graph.initializer.append(numpy_helper.from_array(np.array([2**31 - 1], np.int64), f"{weight}_end"))
    return [
        helper.make_node("Shape", [given], [f"{weight}_rows"], start=0, end=1),
        helper.make_node("Sub", [f"{weight}_rows", f"{weight}_rows"], [f"{weight}_start"]),
        helper.make_node("Slice", [f"{weight}_int8", f"{weight}_start", f"{weight}_end"], [f"{weight}_cut"]),
    ]


def late_product(node: onnx.NodeProto, weight: str, graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """A Gemm whose int8 weights become floats at each call."""
    out, (rows, _, *bias) = node.output[0], list(node.input)
    scale = next(each for each in graph.initializer if each.name == f"{weight}_scale")
    scale.dims[:] = [1, math.prod(scale.dims)]
    node.input[:], node.output[0] = [rows, weight], f"{out}_unscaled"
    return [
        *late_bytes(rows, weight, graph),
        helper.make_node("Cast", [f"{weight}_cut"], [weight], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{out}_unscaled", f"{weight}_scale"], [f"{out}_scaled" if bias else out]),
        *([helper.make_node("Add", [f"{out}_scaled", *bias], [out])] if bias else []),
    ]


def merge(graph: onnx.GraphProto) -> None:
    """Equal weights are kept once: the exporter writes a layer's as often as it is called."""
    first: dict[tuple, str] = {}
    renamed: dict[str, str] = {}
    for weight in list(graph.initializer):
        key = (weight.data_type, tuple(weight.dims), numpy_helper.to_array(weight).tobytes())
        renamed[weight.name] = first.setdefault(key, weight.name)
        if renamed[weight.name] != weight.name:
            graph.initializer.remove(weight)
    for node in list(graph.node):
        for place, name in enumerate(node.input):
            node.input[place] = renamed.get(name, name)
        # The exporter hands a layer's weight on to its later calls through Identity.
        if node.op_type == "Identity" and node.input[0] in first.values():
            renamed[node.output[0]] = node.input[0]
            graph.node.remove(node)


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
