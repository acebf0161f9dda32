"""Writes a graph as onnxruntime would rewrite it when it loads it, under short names: what is done here is not done at each load.

After each rewriting that changes something the runtime checks the whole graph again. Weights are not made into floats, which would make
the file four times as large; so neither is what can only be done to constants. The operators of the domain com.microsoft that come in are
those of every processor (level `extended`). And names are hashed, compared and copied so often that long ones show in the time.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Iterator

import numpy as np
import onnx
from onnxruntime import GraphOptimizationLevel

from simplify import foreign_in, graphs_of, optimise

# Known to onnxruntime 1.20 and later, in node and in browsers.
FUSED = {"BiasGelu", "FusedConv", "FusedMatMul", "Gelu", "QuickGelu", "SimplifiedLayerNormalization"}


def fuse(file: Path) -> None:
    """Rewrites the file in place."""
    model = onnx.load(str(file))
    square(model.graph)
    model = optimise(model, GraphOptimizationLevel.ORT_ENABLE_EXTENDED, without=("ConstantFolding",))
    foreign = foreign_in(model.graph) - FUSED
    if foreign:
        raise ValueError(f"operators that older runtimes may not know: {foreign}")
    shorten(model.graph, {value.name for value in (*model.graph.input, *model.graph.output)})
    model.opset_import.append(onnx.helper.make_opsetid("com.microsoft", 1))
    onnx.save(model, str(file))


def square(graph: onnx.GraphProto, number: str = "two") -> None:
    """Writes a number times itself as its square, by which the runtime knows a normalisation."""
    for node in graph.node:
        if node.op_type == "Mul" and node.input[0] == node.input[1]:
            node.op_type, node.input[1] = "Pow", number
        for inner in graphs_of(node):
            square(inner, f"{number}o")
    if any(number in node.input for node in graph.node):
        graph.initializer.append(onnx.numpy_helper.from_array(np.array(2, np.float32), number))


def shorten(graph: onnx.GraphProto, kept: set[str], around: dict[str, str] | None = None, fresh: Iterator[str] | None = None) -> None:
    """Every value but those kept gets a short name that no other has (onnxruntime gives some twice, in graphs within one another); nodes have none."""
    fresh = fresh or (name for name in map("{:x}".format, itertools.count()) if name not in kept)
    names = dict(around or {})
    own: set[str] = set()

    def define(name: str) -> str:
        if name and name not in own:
            own.add(name)
            names[name] = name if name in kept else next(fresh)
        return names[name] if name else name

    graph.name = "graph"
    del graph.value_info[:]
    for known in (*graph.input, *graph.initializer):
        known.name = define(known.name)
    for node in graph.node:
        node.name = node.doc_string = ""
        node.input[:] = [names[name] if name else name for name in node.input]
        for inner in graphs_of(node):
            shorten(inner, set(), names, fresh)
        node.output[:] = [define(name) for name in node.output]
    for output in graph.output:
        output.name = names[output.name]
