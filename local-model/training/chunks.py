"""Cuts a large graph into pieces that onnxruntime plans one by one: planning takes a time that grows with the square of the nodes (1.30).

A piece is a branch of an `If` that is always taken. Cuts lie where few values cross, and seldom between the takers of one weight: a piece
has its weights itself, because those of a graph around it are not seen to be constant, and a convolution with such is computed slowly. Two
walks through the same layers (a coarse and a fine picture) are therefore put beside one another.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from simplify import graphs_of, inputs_of
from subgraphs import value

LEAST, MOST = 40, 250  # nodes of a piece
LARGE = 200  # nodes of a branch that is cut up
CROSSING = 25.0  # what a value that crosses a cut weighs beside one pair of nodes of a piece, in hundreds
TWICE = 2.0  # what a kilobyte of weights weighs that two pieces then have
HEAVY = 2048  # bytes of a weight whose takers are put beside one another


def cut_graphs(file: Path) -> None:
    """Rewrites the file in place: the large branches of its conditions in pieces, then all of it."""
    model = onnx.load(str(file))
    graph = model.graph
    kinds = kinds_in(onnx.shape_inference.infer_shapes(model).graph)
    for node in graph.node:
        for attribute in node.attribute if node.op_type == "If" else ():
            # In the other branch the condition is false, and would be for its pieces.
            if attribute.name == "then_branch" and len(attribute.g.node) > LARGE:
                cut_up(attribute.g, kinds, node.input[0], f"{node.name}_piece")
    cut_up(graph, kinds, "always", "piece")
    # That a picture has a height: true, and not known to be so before there is one, or onnxruntime would undo the pieces.
    graph.initializer.append(numpy_helper.from_array(np.array(0, np.int64), "nothing"))
    graph.node.insert(0, helper.make_node("Shape", ["pixel_values"], ["sizes"], start=2, end=3))
    graph.node.insert(1, helper.make_node("GreaterOrEqual", ["sizes", "nothing"], ["always"]))
    onnx.checker.check_model(model)
    onnx.save(model, str(file))


@dataclass(frozen=True)
class Constants:
    """The weights of a graph, and the nodes that work on these alone, in order."""

    weights: dict[str, TensorProto]
    nodes: list[NodeProto]
    makers: dict[str, NodeProto]

    @staticmethod
    def of(graph: onnx.GraphProto) -> Constants:
        """Takes both out of the graph."""
        found = Constants({weight.name: weight for weight in graph.initializer}, [], {})
        for node in list(graph.node):
            taken = inputs_of(node)
            if taken and not graphs_of(node) and all(n in found for n in taken):
                found.nodes.append(node)
                found.makers.update(dict.fromkeys(node.output, node))
                graph.node.remove(node)
        del graph.initializer[:]
        return found

    def __contains__(self, name: str) -> bool:
        return name in self.weights or name in self.makers

    def size(self, name: str) -> int:
        """Bytes of the weights that a value is made of; 0 for what is no constant."""
        if name in self.weights:
            return numpy_helper.to_array(self.weights[name]).nbytes
        return sum(map(self.size, self.makers[name].input)) if name in self.makers else 0

    def copies(self, nodes: list[NodeProto], suffix: str) -> tuple[list[NodeProto], list[TensorProto]]:
        """What these nodes take, under names of their own, which the nodes are told."""
        names: dict[str, str] = {}
        waiting = [name for node in nodes for name in inputs_of(node)]
        while waiting:
            name = waiting.pop()
            if name in self and name not in names:
                names[name] = f"{name}{suffix}"
                waiting += self.makers[name].input if name in self.makers else []
        made = [deepcopy(node) for node in self.nodes if not names.keys().isdisjoint(node.output)]
        weights = [deepcopy(weight) for name, weight in self.weights.items() if name in names]
        for weight in weights:
            weight.name = names[weight.name]
        for node in made:
            node.output[:] = [f"{name}{suffix}" for name in node.output]
        for node in [*made, *nodes]:
            rename(node, names)
        return made, weights


def in_order(graph: onnx.GraphProto, constants: Constants) -> list[NodeProto]:
    """The nodes in an order that finishes one thing before it begins another, and has all takers of a heavy weight beside one another."""
    maker = {name: node for node in graph.node for name in node.output if name}
    takers: dict[str, list[NodeProto]] = {}
    for node in graph.node:
        for name in inputs_of(node):
            if constants.size(name) > HEAVY:
                takers.setdefault(name, []).append(node)
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
                stack += [(other, False) for name in inputs_of(node) for other in takers.get(name, ())]
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


def cuts(order: list[NodeProto], taken: dict[str, tuple[int, int]], kinds: dict[str, int], constants: Constants) -> list[int]:
    """Where to cut: the ends of the pieces. What is no tensor, or of a type that is not known, does not cross."""
    crossing = np.zeros(len(order) + 1)
    for at, node in enumerate(order):
        for name in node.output:
            if name in taken:
                crossing[at + 1: taken[name][1] + 1] += CROSSING if kinds.get(name) else float("inf")
    for name, (first, last) in taken.items():
        crossing[first + 1: last + 1] += TWICE * constants.size(name) / 1024
    best = [0.0] + [float("inf")] * len(order)
    came = [0] * (len(order) + 1)
    for end in range(1, len(order) + 1):
        for start in range(max(0, end - MOST), end):
            if end - start < LEAST and end < len(order) and start > 0:
                continue
            cost = best[start] + crossing[end] + (end - start) ** 2 / 100
            if cost < best[end]:
                best[end], came[end] = cost, start
    found, at = [], len(order)
    while at:
        found.append(at)
        at = came[at]
    return found[::-1]


def cut_up(graph: onnx.GraphProto, kinds: dict[str, int], condition: str, name: str) -> None:
    """Puts the pieces of a graph into graphs of their own."""
    constants = Constants.of(graph)
    order = in_order(graph, constants)
    taken = spans(order, {o.name for o in graph.output})
    for node in order:
        if node.op_type == "Resize":  # whose sizes shape inference may not know, and then not its type either
            kinds.setdefault(node.output[0], kinds.get(node.input[0], TensorProto.FLOAT))
    ends = cuts(order, taken, kinds, constants)
    del graph.node[:]
    for number, (start, end) in enumerate(zip([0, *ends], ends)):
        piece = order[start:end]
        handed = [o for node in piece for o in node.output if o in taken and taken[o][1] >= end]
        own, weights = constants.copies(piece, f"_{name}_{number}")
        made = {o: f"{o}_made" for o in handed}
        for node in piece:
            node.output[:] = [made.get(o, o) for o in node.output]
            rename(node, made)
        nothing = [helper.make_node("Constant", [], [f"{o}_not"], value=numpy_helper.from_array(np.zeros(1, helper.tensor_dtype_to_np_dtype(kinds[o])))) for o in handed]
        graph.node.append(helper.make_node("If", [condition], handed, name=f"{name}_{number}",
                                           then_branch=helper.make_graph([*own, *piece], "piece", [], [value(made[o], kinds[o]) for o in handed], weights),
                                           else_branch=helper.make_graph(nothing, "nothing", [], [value(f"{o}_not", kinds[o]) for o in handed])))


def rename(node: NodeProto, names: dict[str, str]) -> None:
    """What a node takes, and what its own graphs take from around them."""
    node.input[:] = [names.get(n, n) for n in node.input]
    for graph in graphs_of(node):
        for inner in graph.node:
            rename(inner, names)
        for output in graph.output:
            output.name = names.get(output.name, output.name)


def kinds_in(graph: onnx.GraphProto) -> dict[str, int]:
    """The types of all values that shape inference knows, in this graph and those within."""
    known = {v.name: v.type.tensor_type.elem_type for v in [*graph.value_info, *graph.input, *graph.output] if v.type.HasField("tensor_type")}
    for node in graph.node:
        for inner in graphs_of(node):
            known |= kinds_in(inner)
    return known
