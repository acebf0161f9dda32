"""Cuts a large graph into pieces that onnxruntime loads one by one: planning the memory of a graph takes a time that grows with the square of its nodes (1.30).

A piece is a branch of an `If` that is always taken. Cuts lie where few values cross. What only fine pictures need is cut up so: in pieces of
up to 120 nodes the tower loads in 255 ms instead of 355 and answers in the same time. The rest is not: its stages' weights would be handed
from piece to piece, are not constants there, and an answer takes 20 ms more (medians of three, AMD EPYC with AVX-512, 2026-11-30).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from simplify import inputs_of
from subgraphs import value

LEAST, MOST = 40, 120  # nodes of a piece
LARGE = 200  # nodes of a branch that is cut up
CROSSING = 25.0  # what a value that crosses a cut weighs beside one pair of nodes of a piece, in hundreds


def cut_branches(file: Path) -> None:
    """Rewrites the file in place: the large branches of its conditions in pieces."""
    model = onnx.load(str(file))
    kinds = kinds_in(onnx.shape_inference.infer_shapes(model).graph)
    for node in model.graph.node:
        for attribute in node.attribute if node.op_type == "If" else ():
            if len(attribute.g.node) > LARGE:
                cut_up(attribute.g, kinds, node.input[0], f"{node.name}_piece")
    onnx.checker.check_model(model)
    onnx.save(model, str(file))


def depth_first(graph: onnx.GraphProto) -> list[NodeProto]:
    """The nodes in an order that finishes one thing before it begins another."""
    maker = {name: node for node in graph.node for name in node.output if name}
    done: set[int] = set()
    order: list[NodeProto] = []
    for result in [o.name for o in graph.output]:
        stack = [(maker[result], False)] if result in maker else []
        while stack:
            node, ready = stack.pop()
            if id(node) in done:
                continue
            if ready:
                done.add(id(node))
                order.append(node)
                continue
            stack.append((node, True))
            stack += [(maker[name], False) for name in reversed(inputs_of(node)) if name in maker and id(maker[name]) not in done]
    return order


def spans(order: list[NodeProto], results: set[str]) -> dict[str, tuple[int, int]]:
    """Who takes each value first and last; behind the last node stands whoever takes the results."""
    found = {name: (len(order), len(order)) for name in results}
    for at, node in enumerate(order):
        for name in inputs_of(node):
            first, last = found.get(name, (at, at))
            found[name] = min(first, at), max(last, at)
    return found


def cuts(order: list[NodeProto], taken: dict[str, tuple[int, int]], kinds: dict[str, int]) -> list[int]:
    """Where to cut: the ends of the pieces. What is no tensor does not cross."""
    crossing = np.zeros(len(order) + 1)
    for at, node in enumerate(order):
        for name in node.output:
            if name in taken:
                crossing[at + 1: taken[name][1] + 1] += 1 if kinds.get(name) else float("inf")
    best = [0.0] + [float("inf")] * len(order)
    came = [0] * (len(order) + 1)
    for end in range(1, len(order) + 1):
        for start in range(max(0, end - MOST), end):
            if end - start < LEAST and end < len(order) and start > 0:
                continue
            cost = best[start] + CROSSING * crossing[end] + (end - start) ** 2 / 100
            if cost < best[end]:
                best[end], came[end] = cost, start
    found, at = [], len(order)
    while at:
        found.append(at)
        at = came[at]
    return found[::-1]


def cut_up(graph: onnx.GraphProto, kinds: dict[str, int], condition: str, name: str) -> None:
    """Puts the pieces of a graph into graphs of their own."""
    order = depth_first(graph)
    taken = spans(order, {o.name for o in graph.output})
    for node in order:
        if node.op_type == "Resize":  # whose sizes shape inference may not know, and then not its type either
            kinds.setdefault(node.output[0], kinds.get(node.input[0], TensorProto.FLOAT))
    ends = cuts(order, taken, kinds)
    weights, pieces = {weight.name: weight for weight in graph.initializer}, []
    for number, (start, end) in enumerate(zip([0, *ends], ends)):
        piece = order[start:end]
        handed = [o for node in piece for o in node.output if o in taken and taken[o][1] >= end]
        used = dict.fromkeys(name for node in piece for name in inputs_of(node))
        own = [weights[name] for name in used if name in weights and start <= taken[name][0] and taken[name][1] < end]
        made = {o: f"{o}_made" for o in handed}
        for node in piece:
            node.output[:] = [made.get(o, o) for o in node.output]
            rename(node, made)
        there = [*piece, *(helper.make_node("Identity", [made[o]], [f"{o}_within"]) for o in handed)]
        nothing = [helper.make_node("Constant", [], [f"{o}_not"], value=numpy_helper.from_array(np.zeros(1, helper.tensor_dtype_to_np_dtype(kinds[o])))) for o in handed]
        pieces.append(helper.make_node("If", [condition], handed, name=f"{name}_{number}",
                                       then_branch=helper.make_graph(there, "piece", [], [value(f"{o}_within", kinds[o]) for o in handed], own),
                                       else_branch=helper.make_graph(nothing, "nothing", [], [value(f"{o}_not", kinds[o]) for o in handed])))
        for weight in own:
            graph.initializer.remove(weight)
    del graph.node[:]
    graph.node.extend(pieces)


def rename(node: NodeProto, names: dict[str, str]) -> None:
    """What a node takes, and what its own graphs take from around them."""
    node.input[:] = [names.get(n, n) for n in node.input]
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.GRAPH:
            for inner in attribute.g.node:
                rename(inner, names)
            for output in attribute.g.output:
                output.name = names.get(output.name, output.name)


def kinds_in(graph: onnx.GraphProto) -> dict[str, int]:
    """The types of all values that shape inference knows, in this graph and those within."""
    known = {v.name: v.type.tensor_type.elem_type for v in [*graph.value_info, *graph.input, *graph.output] if v.type.HasField("tensor_type")}
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                known |= kinds_in(attribute.g)
    return known
