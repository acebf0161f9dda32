"""Makes an exported graph smaller without changing what it computes: a runtime's time to load grows with the number of nodes.

The exporter writes every size down as nodes that look it up (Shape, Gather, Concat), also where it is known. Here sizes are worked out in
symbols: what is a number becomes a constant, and a Reshape that keeps its input's sizes says so. The rest is onnxruntime's own `basic` level,
which rewrites to standard operators only and does not look at the processor.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import NodeProto, numpy_helper
from onnxruntime.tools.symbolic_shape_infer import SymbolicShapeInference

LARGEST = 2**31 - 1
# What is known to be worked out right in symbols: lists of lists (Reshape, Transpose) and lists read backwards are not.
TRUSTED = ("Shape", "Gather", "Slice", "Concat", "Unsqueeze", "Squeeze", "Add", "Sub", "Mul", "Div", "Cast", "Floor")


def simplify(file: Path) -> None:
    """Rewrites the file in place."""
    before = onnx.load(str(file))
    model = optimise(before)
    fold_sizes(model)
    prune(model.graph)
    model = optimise(model)
    foreign = foreign_in(model.graph)
    if foreign:
        raise ValueError(f"not standard operators: {foreign}")
    del model.graph.value_info[:]
    onnx.checker.check_model(model)
    onnx.save(model, str(file))


def optimise(model: onnx.ModelProto, level: onnxruntime.GraphOptimizationLevel = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC, without: tuple[str, ...] = ()) -> onnx.ModelProto:
    """As the runtime rewrites it at a level, without some of its steps. At `basic`: constants folded, equal nodes merged, nodes without effect left out."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = f"{folder}/optimised.onnx"
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"], disabled_optimizers=list(without))
        made = onnx.load(options.optimized_model_filepath)
    del made.opset_import[:]
    made.opset_import.extend(model.opset_import)  # the optimiser adds all domains that it knows
    made.ir_version, made.producer_name = model.ir_version, model.producer_name
    return made


def graphs_of(node: NodeProto) -> list[onnx.GraphProto]:
    """A node's own graphs: branches, a loop's body."""
    return [attribute.g for attribute in node.attribute if attribute.type == onnx.AttributeProto.GRAPH]


def foreign_in(graph: onnx.GraphProto) -> set[str]:
    """Operators that are not standard ones, also in the graphs within."""
    found = {node.op_type for node in graph.node if node.domain not in ("", "ai.onnx") or not onnx.defs.has(node.op_type)}
    return found.union(*(foreign_in(inner) for node in graph.node for inner in graphs_of(node)))


class Sizes(SymbolicShapeInference):
    """Shapes of a graph's values, and the sizes that it computes, as symbols."""

    def __init__(self, model: onnx.ModelProto):
        super().__init__(LARGEST, auto_merge=True, guess_output_rank=False, verbose=0)
        self._preprocess(model)
        self.constants = {weight.name: numpy_helper.to_array(weight) for weight in model.graph.initializer}
        while self.run_:
            self._infer_impl()

    def values(self, name: str) -> list | None:
        """What a list of sizes, or one size, holds."""
        found = self.sympy_data_.get(name)
        return found if found is None or isinstance(found, list) else [found]

    def shape(self, name: str) -> list | None:
        info = self.known_vi_.get(name)
        if info is None or not info.type.tensor_type.HasField("shape"):
            return None
        return [d.dim_value if d.HasField("dim_value") else d.dim_param for d in info.type.tensor_type.shape.dim]

    def kind(self, name: str) -> int:
        return self.known_vi_[name].type.tensor_type.elem_type


def fold_sizes(model: onnx.ModelProto) -> None:
    """Sizes that are known become constants; a Reshape is told what it keeps."""
    sizes, graph = Sizes(model), model.graph
    kinds = {info.name: info.type.tensor_type.elem_type for info in sizes.out_mp_.graph.value_info}
    doubtful: set[str] = set()
    for node in list(graph.node):
        values = sizes.values(node.output[0])
        if values is not None and (not doubtful.isdisjoint(node.input) or not is_trusted(node, sizes)):
            doubtful.update(node.output)
        elif len(node.output) == 1 and values is not None and all(is_number(v) for v in values) and kinds.get(node.output[0]) == onnx.TensorProto.INT64:
            shape = () if not isinstance(sizes.sympy_data_[node.output[0]], list) else (len(values),)
            graph.initializer.append(numpy_helper.from_array(np.array([int(v) for v in values], np.int64).reshape(shape), node.output[0]))
            graph.node.remove(node)
        elif node.op_type == "Reshape":
            target = None if node.input[1] in doubtful else reshaped(sizes.values(node.input[1]), sizes.shape(node.input[0]))
            if target is not None:
                name = f"{node.output[0]}_target"
                graph.initializer.append(numpy_helper.from_array(np.array(target, np.int64), name))
                node.input[1] = name


def inputs_of(node: NodeProto) -> list[str]:
    """Values that a node takes, those included that its own graphs take from outside."""
    names = [name for name in node.input if name]
    for inner in graphs_of(node):
        own = {n for each in inner.node for n in each.output} | {i.name for i in inner.input} | {w.name for w in inner.initializer}
        taken = [n for each in inner.node for n in inputs_of(each)] + [o.name for o in inner.output]
        names += [n for n in taken if n not in own]
    return names


def prune(graph: onnx.GraphProto) -> None:
    """Leaves out what nobody asks for."""
    wanted = {output.name for output in graph.output}
    for node in reversed(list(graph.node)):
        if wanted.isdisjoint(node.output):
            graph.node.remove(node)
        else:
            wanted.update(inputs_of(node))
    for weight in list(graph.initializer):
        if weight.name not in wanted:
            graph.initializer.remove(weight)


def is_trusted(node: NodeProto, sizes: Sizes) -> bool:
    if node.op_type == "Slice" and len(node.input) > 4:
        step = sizes.constants.get(node.input[4])
        return step is not None and bool((step > 0).all())
    return node.op_type in TRUSTED


def is_number(value: object) -> bool:
    return isinstance(value, int) or bool(getattr(value, "is_Integer", False))


def reshaped(wanted: list | None, given: list | None) -> list[int] | None:
    """Sizes for Reshape in its own terms: 0 keeps the input's size at this place, -1 is what is left. `None` where that cannot say it."""
    if wanted is None or given is None:
        return None
    result = []
    for place, size in enumerate(wanted):
        if is_number(size):
            if int(size) == 0:
                return None
            result.append(int(size))
        elif place < len(given) and str(size) == str(given[place]):
            result.append(0)
        else:
            result.append(-1)
    return result if result.count(-1) <= 1 else None
