"""ONNX graphs of a Llama decoder, its embedding table and a SigLIP tower, made node by node the way hub exports look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, INT32, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL
BLOCK = 32


@dataclass(frozen=True)
class Geometry:
    """Sizes of a Llama decoder."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_size: int
    feed_forward: int
    vocabulary: int
    context: int
    rope_theta: float
    norm_epsilon: float


@dataclass(frozen=True)
class FourBit:
    """A matrix [out, in] as `(q - 8) * scale` in blocks of 32 along `in`."""

    values: np.ndarray  # uint8 [out, blocks, 32], 0..15
    scales: np.ndarray  # float32 [out, blocks]

    def dense(self) -> np.ndarray:
        numbers = (self.values.astype(np.float32) - 8) * self.scales[..., None]
        return numbers.reshape(len(self.values), -1)


class Graph:
    """Collects nodes and weights; methods return names of values."""

    def __init__(self) -> None:
        self.nodes, self.weights, self.inputs, self.outputs, self.count = [], [], [], [], 0

    def name(self, hint: str = "value") -> str:
        self.count += 1
        return f"{hint}_{self.count}"

    def input(self, name: str, kind: int, shape: list) -> None:
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))

    def output(self, name: str, kind: int, shape: list) -> None:
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def weight(self, array: np.ndarray, hint: str = "weight") -> str:
        name = self.name(hint)
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind: str, inputs: list[str], outputs: list[str], domain: str = "", **attributes) -> list[str]:
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=self.name(kind), domain=domain, **attributes))
        return outputs

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes) -> str:
        return self.node(kind, list(inputs), [self.name()], domain, **attributes)[0]

    def linear(self, x: str, matrix: np.ndarray | FourBit, output: str | None = None) -> str:
        """`x` times the transpose of a matrix [out, in]."""
        made = output or self.name()
        if isinstance(matrix, np.ndarray):
            return self.node("MatMul", [x, self.weight(matrix.T)], [made])[0]
        out, blocks, _ = matrix.values.shape
        packed = matrix.values[..., 0::2] | (matrix.values[..., 1::2] << 4)
        inputs = [x, self.weight(packed), self.weight(matrix.scales.reshape(-1))]
        return self.node("MatMulNBits", inputs, [made], "com.microsoft", K=blocks * BLOCK, N=out, bits=4, block_size=BLOCK)[0]

    def save(self, path: Path) -> None:
        graph = helper.make_graph(self.nodes, "graph", self.inputs, self.outputs, self.weights)
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="real-weights"), str(path))


def write_decoder(path: Path, size: Geometry, weights: dict) -> None:
    """`decoder_model_merged`: GroupQueryAttention with rotary positions from the mask, as the hub's 4-bit decoders have it."""
    graph = Graph()
    graph.input("inputs_embeds", FLOAT, ["batch_size", "sequence_length", size.hidden])
    graph.input("attention_mask", INT64, ["batch_size", "total_sequence_length"])
    graph.output("logits", FLOAT, ["batch_size", "sequence_length", size.vocabulary])
    one = graph.weight(np.array([1], np.int64))
    seen = graph.op("Sub", graph.op("ReduceSum", "attention_mask", one, keepdims=0), one)
    total = graph.op("Gather", graph.op("Shape", "attention_mask"), graph.weight(np.array(1, np.int64)), axis=0)
    angles = np.outer(np.arange(size.context), size.rope_theta ** (-np.arange(0, size.head_size, 2) / size.head_size))
    shared = [graph.op("Cast", seen, to=INT32), graph.op("Cast", total, to=INT32)]
    shared += [graph.weight(np.cos(angles).astype(np.float32)), graph.weight(np.sin(angles).astype(np.float32))]
    norm = {"epsilon": size.norm_epsilon}
    total_x, added = "inputs_embeds", None
    for layer in range(size.layers):
        for kind in ("key", "value"):
            graph.input(f"past_key_values.{layer}.{kind}", FLOAT, ["batch_size", size.kv_heads, "past_sequence_length", size.head_size])
            graph.output(f"present.{layer}.{kind}", FLOAT, ["batch_size", size.kv_heads, "total_sequence_length", size.head_size])
        w = weights["layers"][layer]
        y, total_x = _normed(graph, total_x, added, w["attention_norm"], norm)
        query, key, value = (graph.linear(y, w[name]) for name in ("query", "key", "value"))
        past = [f"past_key_values.{layer}.key", f"past_key_values.{layer}.value"]
        present = [f"present.{layer}.key", f"present.{layer}.value"]
        attributes = {"num_heads": size.heads, "kv_num_heads": size.kv_heads, "do_rotary": 1}
        attended = graph.node("GroupQueryAttention", [query, key, value, *past, *shared], [graph.name(), *present], "com.microsoft", **attributes)[0]
        y, total_x = _normed(graph, total_x, graph.linear(attended, w["output"]), w["feed_forward_norm"], norm)
        gate = graph.linear(y, w["gate"])
        gated = graph.op("Mul", graph.op("Mul", gate, graph.op("Sigmoid", gate)), graph.linear(y, w["up"]))
        added = graph.linear(gated, w["down"])
    y, _ = _normed(graph, total_x, added, weights["norm"], norm)
    graph.linear(y, weights["head"], "logits")
    graph.save(path)


def _normed(graph: Graph, x: str, added: str | None, scale: np.ndarray, attributes: dict) -> tuple[str, str]:
    """The norm of `x + added`, and that sum."""
    if added is None:
        return graph.op("SimplifiedLayerNormalization", x, graph.weight(scale), axis=-1, stash_type=1, **attributes), x
    y, total = graph.name(), graph.name()
    graph.node("SkipSimplifiedLayerNormalization", [x, added, graph.weight(scale)], [y, "", "", total], "com.microsoft", **attributes)
    return y, total


def write_embedding(path: Path, table: np.ndarray) -> None:
    graph = Graph()
    graph.input("input_ids", INT64, ["batch_size", "sequence_length"])
    graph.output("inputs_embeds", FLOAT, ["batch_size", "sequence_length", table.shape[1]])
    graph.node("Gather", [graph.weight(table), "input_ids"], ["inputs_embeds"])
    graph.save(path)


def write_tower(path: Path, hidden: int, seed: int = 1) -> None:
    """SigLIP-B/16 at 512 pixels and the connector of Idefics3 (16 patches to one of 64 tokens), with random weights: for timings only."""
    image, patch, width, layers, heads, feed_forward, scale = 512, 16, 768, 12, 12, 3072, 4
    random, side = np.random.default_rng(seed), 512 // 16
    draw = lambda *shape: (random.standard_normal(shape) * 0.02).astype(np.float32)
    graph = Graph()
    graph.input("pixel_values", FLOAT, ["batch_size", "num_images", 3, image, image])
    graph.input("pixel_attention_mask", BOOL, ["batch_size", "num_images", image, image])
    graph.output("image_features", FLOAT, ["num_tiles", side * side // scale**2, hidden])
    shape = lambda *sizes: graph.weight(np.array(sizes, np.int64))
    pixels = graph.op("Reshape", "pixel_values", shape(-1, 3, image, image))
    x = graph.op("Conv", pixels, graph.weight(draw(width, 3, patch, patch)), kernel_shape=[patch, patch], strides=[patch, patch])
    x = graph.op("Transpose", graph.op("Reshape", x, shape(0, width, side * side)), perm=[0, 2, 1])
    x = graph.op("Add", x, graph.weight(draw(side * side, width)))
    ones, zeros = graph.weight(np.ones(width, np.float32)), graph.weight(np.zeros(width, np.float32))
    half = graph.weight(np.float32(0.5))
    for _ in range(layers):
        y = graph.op("LayerNormalization", x, ones, zeros, axis=-1, epsilon=1e-6)
        query, key, value = (graph.op("Reshape", graph.linear(y, draw(width, width)), shape(0, 0, heads, width // heads)) for _ in range(3))
        query, key, value = (graph.op("Transpose", part, perm=perm) for part, perm in ((query, [0, 2, 1, 3]), (key, [0, 2, 3, 1]), (value, [0, 2, 1, 3])))
        scores = graph.op("Softmax", graph.op("Mul", graph.op("MatMul", query, key), graph.weight(np.float32((width // heads) ** -0.5))), axis=-1)
        y = graph.op("Reshape", graph.op("Transpose", graph.op("MatMul", scores, value), perm=[0, 2, 1, 3]), shape(0, 0, width))
        x = graph.op("Add", x, graph.linear(y, draw(width, width)))
        y = graph.op("LayerNormalization", x, ones, zeros, axis=-1, epsilon=1e-6)
        y = graph.linear(y, draw(feed_forward, width))
        # The tanh form of gelu, as SigLIP has it.
        cubed = graph.op("Mul", graph.op("Mul", y, y), y)
        inner = graph.op("Mul", graph.op("Add", y, graph.op("Mul", cubed, graph.weight(np.float32(0.044715)))), graph.weight(np.float32(0.7978845608)))
        y = graph.op("Mul", graph.op("Mul", y, half), graph.op("Add", graph.op("Tanh", inner), graph.weight(np.float32(1))))
        x = graph.op("Add", x, graph.linear(y, draw(width, feed_forward)))
    x = graph.op("LayerNormalization", x, ones, zeros, axis=-1, epsilon=1e-6)
    rows = side // scale
    x = graph.op("Reshape", x, shape(0, rows, scale, rows, scale * width))
    x = graph.op("Reshape", graph.op("Transpose", x, perm=[0, 1, 3, 2, 4]), shape(0, rows * rows, scale * scale * width))
    graph.linear(x, draw(hidden, scale * scale * width), "image_features")
    graph.save(path)
