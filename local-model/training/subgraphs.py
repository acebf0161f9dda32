"""Puts parts of an exported graph into graphs of their own: what is done several times alike, and what is only wanted of a fine picture.

onnxruntime (1.30) compares each value that a graph computes with all that are free again, so that half as many values take a quarter of the
time to plan. And what is not wanted is not computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from simplify import Sizes, inputs_of, prune

LEAST_ROLLED = 20  # nodes of one copy


def divide(file: Path) -> None:
    """Rewrites the file in place."""
    model = onnx.load(str(file))
    sizes = Sizes(model)
    roll(model.graph, sizes)
    branch(model.graph, sizes)
    onnx.checker.check_model(model)
    onnx.save(model, str(file))


class Links:
    """Who makes each value of a graph, and who takes it."""

    def __init__(self, graph: onnx.GraphProto):
        self.graph = graph
        self.maker = {name: node for node in graph.node for name in node.output if name}
        self.takers: dict[str, list[NodeProto]] = {}
        for node in graph.node:
            for name in dict.fromkeys(inputs_of(node)):
                self.takers.setdefault(name, []).append(node)
        self.weights = {weight.name: weight for weight in graph.initializer}
        self.results = {output.name for output in graph.output}

    def only_for(self, inside: list[NodeProto], others: set[str] = frozenset()) -> list[NodeProto]:
        """The nodes that work for those inside alone, and these, in order. `others` are values that somebody else takes too."""
        chosen = {id(node) for node in inside}
        for node in reversed(self.graph.node):
            takers = [taker for name in node.output for taker in self.takers.get(name, [])]
            asked = self.results.isdisjoint(node.output) and others.isdisjoint(node.output)
            if takers and asked and all(id(taker) in chosen for taker in takers) and not self.shares_weights(node):
                chosen.add(id(node))
        return [node for node in self.graph.node if id(node) in chosen]

    def shares_weights(self, node: NodeProto) -> bool:
        """Convolutions whose weights are used elsewhere too: from within another graph these are not seen to be constant, and computed slowly."""
        return node.op_type == "Conv" and len(self.takers.get(node.input[1], [])) > 1

    def needed_for(self, values: list[str]) -> set[str]:
        """These values and all that they are made of."""
        known, waiting = set(), list(values)
        while waiting:
            name = waiting.pop()
            if name not in known:
                known.add(name)
                waiting += inputs_of(self.maker[name]) if name in self.maker else []
        return known

    def number(self, name: str) -> int | None:
        weight = self.weights.get(name)
        return None if weight is None or weight.data_type != TensorProto.INT64 or np.prod(weight.dims) != 1 else int(numpy_helper.to_array(weight).item())

    def fixed(self) -> set[str]:
        """Values that are the same for every picture."""
        known = set(self.weights) | {""}
        for node in self.graph.node:
            if known.issuperset(inputs_of(node)):
                known.update(node.output)
        return known


def moved_weights(graph: onnx.GraphProto, leaving: list[NodeProto]) -> list[TensorProto]:
    """Takes the nodes out of a graph, and those weights that nobody else takes, which are returned."""
    gone = {id(node) for node in leaving}
    stays = [node for node in graph.node if id(node) not in gone]
    needed = {name for node in leaving for name in inputs_of(node)} - {name for node in stays for name in inputs_of(node)}
    weights = [weight for weight in graph.initializer if weight.name in needed]
    for each in weights:
        graph.initializer.remove(each)
    for each in leaving:
        graph.node.remove(each)
    return weights


def value(name: str, kind: int) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, None)


def outer(nodes: list[NodeProto]) -> set[str]:
    """What these nodes take from elsewhere."""
    return {name for node in nodes for name in inputs_of(node)} - {name for node in nodes for name in node.output}


def list_of(graph: onnx.GraphProto, name: str, number: int) -> str:
    graph.initializer.append(numpy_helper.from_array(np.array([number], np.int64), name))
    return name


def put_in_order(graph: onnx.GraphProto) -> None:
    """Each node after what it needs, also where its own graphs need it."""
    waiting = {id(node): node for node in graph.node}
    made = {name for node in graph.node for name in node.output}
    ordered: list[NodeProto] = []
    while waiting:
        ready = [node for node in waiting.values() if made.isdisjoint(inputs_of(node))]
        if not ready:
            raise ValueError("the graph has a circle")
        ordered += ready
        for node in ready:
            del waiting[id(node)]
            made.difference_update(node.output)
    del graph.node[:]
    graph.node.extend(ordered)


# What is wanted of some pictures only.


@dataclass(frozen=True)
class Choice:
    """A value that a condition decides over: what `there` makes of it where that holds, another one elsewhere."""

    node: NodeProto
    there: NodeProto
    most: int | None  # of a cut; None: nothing is cut
    elsewhere: str  # the other value, or what has the sizes of the empty one but for the length


def branch(graph: onnx.GraphProto, sizes: Sizes) -> None:
    """Where a value is cut to nothing unless a condition holds (`x[:, : condition.long() * most]`), all that works for it alone becomes conditional.

    So does what is chosen from by the same condition, or by that and another one (`torch.where(other & condition, x, y)`).
    """
    links = Links(graph)
    found: dict[str, list[Choice]] = {}
    for node in graph.node:
        cut = condition_of(node, links)
        if cut is not None:
            condition, most, beside = cut
            there = helper.make_node("Slice", [node.input[0], "", "", node.input[3]], [""])
            found.setdefault(condition, []).append(Choice(node, there, most, beside))
    both = {node.output[0]: name for node in graph.node if node.op_type == "And" for name in node.input if name in found}
    for node in graph.node:
        alike = {str(sizes.shape(name)) for name in (node.output[0], *node.input[1:3])} if node.op_type == "Where" else set()
        if len(alike) != 1 or alike == {"None"}:
            continue
        if node.input[0] in found:
            found[node.input[0]].append(Choice(node, helper.make_node("Identity", [node.input[1]], [""]), None, node.input[2]))
        elif node.input[0] in both:
            there = NodeProto()
            there.CopyFrom(node)
            found[both[node.input[0]]].append(Choice(node, there, None, node.input[2]))
    for condition, choices in found.items():
        for number, group in enumerate(independent(choices, links)):
            make_conditional(graph, condition, group, f"{condition}_{number}", sizes)
    put_in_order(graph)


def independent(choices: list[Choice], links: Links) -> list[list[Choice]]:
    """In groups, of which no member needs another one's result: a group becomes one node."""
    groups: list[tuple[list[Choice], set[str]]] = []
    for choice in choices:
        needed = links.needed_for([*choice.node.input, choice.elsewhere])
        for group, theirs in groups:
            if choice.node.output[0] not in theirs and needed.isdisjoint(other.node.output[0] for other in group):
                group.append(choice)
                theirs |= needed
                break
        else:
            groups.append(([choice], needed))
    return [group for group, _ in groups]


def make_conditional(graph: onnx.GraphProto, condition: str, group: list[Choice], name: str, sizes: Sizes) -> None:
    there, empty, names = [], [], [choice.node.output[0] for choice in group]
    kinds = [sizes.kind(result) for result in names]
    start = list_of(graph, f"{name}_start", 0)
    for choice, result in zip(group, names):
        there.append(choice.there)
        choice.there.output[0] = f"{result}_there"
        if choice.most is None:
            empty.append(helper.make_node("Identity", [choice.elsewhere], [f"{result}_empty"]))
        else:
            choice.there.input[1], choice.there.input[2] = start, list_of(graph, f"{result}_most", choice.most)
            empty.append(helper.make_node("Slice", [choice.elsewhere, start, start, choice.there.input[3]], [f"{result}_empty"]))
        graph.node.remove(choice.node)
    graph.node.append(helper.make_node("If", [condition], names, name=name, then_branch=helper.make_graph(there, "there", [], [value(f"{n}_there", kind) for n, kind in zip(names, kinds)]),
                                       else_branch=helper.make_graph(empty, "elsewhere", [], [value(f"{n}_empty", kind) for n, kind in zip(names, kinds)])))
    put_in_order(graph)
    prune(graph)
    choosing = next(node for node in graph.node if node.name == name)
    for attribute in choosing.attribute:
        others = {n for other in choosing.attribute if other.name != attribute.name for n in outer(other.g.node)} | {condition}
        work = [node for node in Links(graph).only_for([choosing], others) if node is not choosing]
        weights = moved_weights(graph, work)
        nodes = [*work, *attribute.g.node]
        attribute.g.CopyFrom(helper.make_graph(nodes, attribute.g.name, [], list(attribute.g.output), weights))


def condition_of(cut: NodeProto, links: Links) -> tuple[str, int, str] | None:
    """The condition of a cut, how much is kept where it holds, and a value of the same sizes but for the length."""
    if cut.op_type != "Slice" or len(cut.input) < 4 or cut.input[2] in links.weights or any(links.number(cut.input[k]) != wanted for k, wanted in ((1, 0), (3, 1))):
        return None
    beside = next((name for taker in links.takers.get(cut.output[0], []) if taker.op_type == "Concat" for name in taker.input if name != cut.output[0]), None)
    node, most = links.maker.get(cut.input[2]), 1
    while beside is not None and node is not None and node.op_type in ("Unsqueeze", "Reshape", "Mul", "Cast"):
        before = node.input[0]
        if node.op_type == "Mul":
            factors = [links.number(name) for name in node.input]
            if factors.count(None) != 1:
                return None
            before, factor = node.input[factors.index(None)], next(f for f in factors if f is not None)
            most *= factor
        node = links.maker.get(before)
        if node is not None and node.op_type in ("Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal", "And", "Or", "Not"):
            return before, most, beside
    return None


# What is done several times alike.


def roll(graph: onnx.GraphProto, sizes: Sizes) -> None:
    """A network that is called several times becomes the body of a Loop over its inputs, so that its nodes are there once."""
    seen: set[str] = set()
    while True:
        links, shared = Links(graph), {}
        for node in graph.node:
            if node.op_type == "Conv":
                shared.setdefault(node.input[1], []).append(node)
        seed = next((tuple(nodes) for weight, nodes in shared.items() if len(nodes) > 1 and weight not in seen), None)
        if seed is None:
            return
        rows = matching(links, seed)
        seen.update([seed[0].input[1], *(row[0].input[1] for row in rows if row[0].op_type == "Conv")])
        if len(rows) >= LEAST_ROLLED:
            roll_rows(graph, sizes, links, rows)


def roll_rows(graph: onnx.GraphProto, sizes: Sizes, links: Links, rows: list[tuple[NodeProto, ...]]) -> None:
    """Where what the copies make is of one size: only that can be handed out of a Loop."""
    copies = [{id(row[k]) for row in rows} for k in range(len(rows[0]))]
    made = {name: (at, slot) for at, row in enumerate(rows) for node in row for slot, name in enumerate(node.output)}
    inside = set().union(*copies)
    name, given = f"{rows[0][0].output[0]}_roll", {}
    for row in rows:
        for names in zip(*(node.input for node in row)):
            if len(set(names)) > 1 and names[0] not in made:
                given.setdefault(names, f"{name}_{names[0]}")
    results = [names for row in rows for names in zip(*(node.output for node in row)) if any(id(t) not in inside for n in names for t in links.takers.get(n, []))]
    if not links.results.isdisjoint(made) or any(len({str(sizes.shape(n)) for n in names}) > 1 or sizes.shape(names[0]) is None for names in results):
        return
    fixed = links.fixed()
    body = [node for node in links.only_for([node for row in rows for node in row]) if id(node) in copies[0] or (id(node) not in inside and fixed.issuperset(inputs_of(node)))]
    weights = moved_weights(graph, [node for node in graph.node if id(node) in inside or any(node is each for each in body)])
    renamed = {names[0]: inner for names, inner in given.items()}
    for node in body:
        node.input[:] = [renamed.get(taken, taken) for taken in node.input]
    number, going = f"{name}_number", f"{name}_going"
    pick = [helper.make_node("SequenceAt", [f"{inner}_all", number], [inner]) for inner in given.values()]
    ends = [helper.make_node("Identity", [names[0]], [f"{names[0]}_end"]) for names in results]
    body_graph = helper.make_graph(
        [*pick, *body, helper.make_node("Identity", [going], [f"{going}_on"]), *ends], "each",
        [helper.make_tensor_value_info(number, TensorProto.INT64, ()), helper.make_tensor_value_info(going, TensorProto.BOOL, ())],
        [helper.make_tensor_value_info(f"{going}_on", TensorProto.BOOL, ()), *(value(f"{names[0]}_end", sizes.kind(names[0])) for names in results)], weights)
    graph.initializer.append(numpy_helper.from_array(np.array(len(copies), np.int64), f"{name}_times"))
    graph.node.extend(helper.make_node("SequenceConstruct", list(names), [f"{inner}_all"]) for names, inner in given.items())
    graph.node.append(helper.make_node("Loop", [f"{name}_times", ""], [f"{names[0]}_every" for names in results], name=name, body=body_graph))
    for k in range(len(copies)):
        graph.initializer.append(numpy_helper.from_array(np.array(k, np.int64), f"{name}_{k}"))
        for names in results:
            graph.node.append(helper.make_node("Gather", [f"{names[0]}_every", f"{name}_{k}"], [f"{names[k]}_got"], axis=0))
    outside = {made: f"{made}_got" for names in results for made in names}
    for node in graph.node:
        node.input[:] = [outside.get(taken, taken) for taken in node.input]
    put_in_order(graph)


def likeness(node: NodeProto, links: Links) -> tuple:
    """Equal for nodes that do the same, but perhaps with other values."""
    constant = tuple(links.weights[n].raw_data if n in links.weights and links.weights[n].ByteSize() < 1000 else None for n in node.input)
    return node.op_type, tuple(sorted(a.SerializeToString() for a in node.attribute)), len(node.input), len(node.output), constant


def matching(links: Links, seed: tuple[NodeProto, ...]) -> list[tuple[NodeProto, ...]]:
    """From one node of each copy to all that are alike around them, in order of the first copy."""
    rows: dict[int, tuple[NodeProto, ...]] = {}
    owner: dict[int, tuple[int, int]] = {}
    waiting = [seed]
    while waiting:
        row = waiting.pop()
        ids = [id(node) for node in row]
        if len(set(ids)) < len(ids) or len({likeness(node, links) for node in row}) > 1 or any(i in owner for i in ids):
            continue
        rows[ids[0]] = row
        owner.update({i: (k, ids[0]) for k, i in enumerate(ids)})
        for names in zip(*(node.input for node in row)):
            makers = tuple(links.maker.get(name) for name in names)
            if len(set(names)) == len(names) and None not in makers:
                waiting.append(makers)
        for names in zip(*(node.output for node in row)):
            takers = [links.takers.get(name, []) for name in names]
            kinds = [[(likeness(t, links), list(t.input).index(name) if name in t.input else -1) for t in each] for each, name in zip(takers, names)]
            for kind in dict.fromkeys(kinds[0]):
                alike = [[t for t, has in zip(each, has_kinds) if has == kind] for each, has_kinds in zip(takers, kinds)]
                if len({len(each) for each in alike}) == 1:
                    waiting.extend(zip(*alike))
    # Whoever takes something of one copy in another way than the others do is not part of it, nor is what is behind it.
    while True:
        made = {name: (owner[id(node)], slot) for row in rows.values() for node in row for slot, name in enumerate(node.output)}
        back = led_back(links, set(owner))
        wrong = [first for first, row in rows.items() if any(id(node) in back for node in row) or not all(agree(names, made) for names in zip(*(node.input for node in row)))]
        if not wrong:
            return [rows[id(node)] for node in links.graph.node if id(node) in rows]
        for first in wrong:
            for node in rows.pop(first):
                del owner[id(node)]


def agree(names: tuple[str, ...], made: dict) -> bool:
    """Whether an input is the same value for all copies, comes from outside for all, or from the same place of each one's own."""
    if not any(name in made for name in names):
        return True
    if not all(name in made for name in names):
        return False
    return len({(made[n][0][1], made[n][1]) for n in names}) == 1 and [made[n][0][0] for n in names] == list(range(len(names)))


def led_back(links: Links, inside: set[int]) -> set[int]:
    """Nodes inside that take a value which left and was changed outside."""
    touched: set[str] = set()
    back: set[int] = set()
    for node in links.graph.node:
        taken = not touched.isdisjoint(inputs_of(node))
        if id(node) in inside and not taken:
            continue
        if id(node) in inside:
            back.add(id(node))
        if taken or any(id(links.maker[n]) in inside for n in inputs_of(node) if n in links.maker):
            touched.update(node.output)
    return back
