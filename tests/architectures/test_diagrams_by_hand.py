"""Two networks of a few layers: their calls, outlines and pictures as one reads off the code."""

from xml.etree import ElementTree

import pytest
import torch
from torch import nn

from generator.architectures.diagrams import making
from generator.architectures.diagrams.drawing import Badge
from generator.architectures.diagrams.fold import fold_inner, fold_outer, runs
from generator.architectures.diagrams.making import draw_diagrams
from generator.architectures.diagrams.outline import outline
from generator.architectures.diagrams.schematic import BlockFacts, block_facts, draw_schematic
from generator.architectures.diagrams.structure import draw_structure
from generator.architectures.diagrams.trace import Call, trace
from generator.architectures.diagrams.trace_diagram import draw_trace
from generator.architectures.network import BuiltNetwork
from generator.networks.blocks import block_of
from generator.networks.kinds import kind_of
from generator.records import ParameterRow
from generator.records.reasons import TraceTooLarge

SVG = "{http://www.w3.org/2000/svg}"


class Stage(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        return torch.relu(self.linear(x))


class Joining(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Stage()
        self.second = nn.Linear(4, 4)
        self.third = nn.Linear(8, 4)
        self.fourth = nn.Linear(8, 4)

    def forward(self, x, t):
        once = self.first(x)
        twice = self.second(once)
        down = self.third(torch.cat([once, twice], -1))
        return self.fourth(torch.cat([down, down * 2], -1)) + t


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn1 = nn.Linear(8, 8)
        self.ff = nn.Sequential(nn.Linear(8, 24), nn.Linear(24, 8))

    def forward(self, x, temb):
        return x + self.ff(self.attn1(x) + temb)


class Repeating(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(4, 8)
        self.time = nn.Linear(1, 8)
        self.blocks = nn.ModuleList(Block() for _ in range(5))
        self.unused = nn.Identity()
        self.out = nn.Linear(8, 4)

    def forward(self, hidden_states, timestep):
        hidden, temb = self.embed(hidden_states), self.time(timestep)
        for block in self.blocks:
            hidden = block(hidden, temb)
        return self.out(hidden)


# Of a block: 8 * 8 + 8 of attention, 8 * 24 + 24 + 24 * 8 + 8 of the feed-forward.
ATTENTION, FEED_FORWARD = 72, 416
RUN = ("Block ×5", "488 parameters each, 2.44 K together", "ff 85 %, attn1 15 %")
BLOCKS = {f"blocks.{n}": f"BLOCK0{n}" for n in range(5)}


def built(module):
    return BuiltNetwork(module.to("meta"), None, {}, ())


@pytest.fixture(scope="module")
def joining():
    arguments = {"x": torch.empty(2, 4, device="meta"), "t": torch.empty(2, 4, device="meta")}
    blocks = {"first": "IN00", "second": "IN01", "third": "OUT00", "fourth": "OUT01"}
    return trace(built(Joining()), arguments, blocks)


@pytest.fixture(scope="module")
def repeating():
    arguments = {
        "hidden_states": torch.empty(1, 6, 4, device="meta"),
        "timestep": torch.empty(1, 1, device="meta"),
    }
    network = built(Repeating())
    return network, trace(network, arguments, BLOCKS)


def rows_of(module):
    return [
        ParameterRow(
            name=path,
            block=block_of(path, BLOCKS),
            kind=kind_of(path),
            shape="",
            parameters=tensor.numel(),
        )
        for path, tensor in module.named_parameters()
    ]


def sizes_of(module):
    return {
        path: sum(p.numel() for p in each.parameters()) for path, each in module.named_modules()
    }


def by_name(graph):
    """Calls by path and name, and edges between these."""
    names = {
        node: " ".join(filter(None, (call.path, call.name)))
        for node, call in graph.nodes(data="call")
    }
    calls = {names[node]: call for node, call in graph.nodes(data="call")}
    assert len(calls) == len(graph)
    return calls, {(names[a], names[b]): tensors for a, b, tensors in graph.edges(data="tensors")}


NARROW, WIDE = (2, 4), (2, 8)


def test_calls_inside_modules_are_those_of_the_code(joining):
    names = {node: (call.path, call.name) for node, call in joining.inner.nodes(data="call")}
    assert list(names) == list(range(len(names)))
    calls = [call for _, call in joining.inner.nodes(data="call")]
    expected = [
        Call("input", "x", "", "", (), (NARROW,), (NARROW,)),
        Call("module", "Linear", "first.linear", "first", ("IN00",), (NARROW,), (NARROW,)),
        Call("function", "relu", "first", "first", ("IN00",), (NARROW,), (NARROW,)),
        Call("module", "Linear", "second", "second", ("IN01",), (NARROW,), (NARROW,)),
        # Between the two kinds of blocks; the other one is between blocks of one kind.
        Call("function", "cat", "", "", ("CAT00",), (NARROW, NARROW), (WIDE,)),
        Call("module", "Linear", "third", "third", ("OUT00",), (WIDE,), (NARROW,)),
        Call("function", "mul", "", "", (), (NARROW,), (NARROW,)),
        Call("function", "cat", "", "", (), (NARROW, NARROW), (WIDE,)),
        Call("module", "Linear", "fourth", "fourth", ("OUT01",), (WIDE,), (NARROW,)),
        Call("input", "t", "", "", (), (NARROW,), (NARROW,)),
        Call("function", "add", "", "", (), (NARROW, NARROW), (NARROW,)),
        Call("output", "output", "", "", (), (NARROW,), (NARROW,)),
    ]
    assert sorted(calls, key=str) == sorted(expected, key=str)
    edges = {(names[a], names[b], tensors) for a, b, tensors in joining.inner.edges(data="tensors")}
    cat, mul, add = ("", "cat"), ("", "mul"), ("", "add")
    linear, relu = ("first.linear", "Linear"), ("first", "relu")
    second, third, fourth = ((path, "Linear") for path in ("second", "third", "fourth"))
    assert edges == {
        (("", "x"), linear, 1),
        (linear, relu, 1),
        (relu, second, 1),
        (relu, cat, 1),
        (second, cat, 1),
        (cat, third, 1),
        (third, mul, 1),
        (third, cat, 1),
        (mul, cat, 1),
        (cat, fourth, 1),
        (fourth, add, 1),
        (("", "t"), add, 1),
        (add, ("", "output"), 1),
    }


def test_calls_of_the_network_have_the_modules_as_one(joining):
    calls = dict(joining.outer.nodes(data="call"))
    modules = {node: call for node, call in calls.items() if call.role == "module"}
    assert modules == {
        "first": Call("module", "Stage", "first", "first", ("IN00",), (NARROW,), (NARROW,)),
        "second": Call("module", "Linear", "second", "second", ("IN01",), (NARROW,), (NARROW,)),
        "third": Call("module", "Linear", "third", "third", ("OUT00",), (WIDE,), (NARROW,)),
        "fourth": Call("module", "Linear", "fourth", "fourth", ("OUT01",), (WIDE,), (NARROW,)),
    }
    assert len(calls) == len(modules) + 7
    assert joining.outer.has_edge("first", "second")
    assert list(joining.outer.predecessors("second")) == ["first"]


def test_blocks_in_sequence_are_folded(repeating):
    _, traced = repeating
    assert runs(traced.outer) == [list(BLOCKS)]
    assert [len(run) for run in runs(traced.outer.subgraph(list(BLOCKS)[:4]))] == [4]
    assert runs(traced.outer.subgraph(list(BLOCKS)[:3])) == []
    calls, edges = by_name(fold_outer(traced))
    wide, short = (1, 6, 8), (1, 8)
    # The last ones of these have no own record: the middle three are one node.
    assert calls["blocks.1 Block"] == Call(
        "module",
        "Block",
        "blocks.1",
        "blocks.1",
        ("BLOCK01", "BLOCK02", "BLOCK03"),
        (wide, short),
        (wide,),
        repeats=3,
    )
    assert calls["blocks.0 Block"].repeats == calls["blocks.4 Block"].repeats == 1
    assert edges == {
        ("hidden_states", "embed Linear"): 1,
        ("timestep", "time Linear"): 1,
        # A block takes it for its layers and for its sum.
        ("embed Linear", "blocks.0 Block"): 2,
        ("time Linear", "blocks.0 Block"): 1,
        ("blocks.0 Block", "blocks.1 Block"): 2,
        ("time Linear", "blocks.1 Block"): 3,
        ("blocks.1 Block", "blocks.4 Block"): 2,
        ("time Linear", "blocks.4 Block"): 1,
        ("blocks.4 Block", "out Linear"): 1,
        ("out Linear", "output"): 1,
    }
    folded = [call for _, call in fold_inner(traced).nodes(data="call")]
    (rest,) = [call for call in folded if call.repeats > 1]
    assert (rest.path, rest.repeats, rest.marks) == ("blocks.1", 4, tuple(BLOCKS.values())[1:])
    first = sorted((call.path, call.name) for call in folded if call.top == "blocks.0")
    assert first == [
        ("blocks.0", "add"),
        ("blocks.0", "add"),
        ("blocks.0.attn1", "Linear"),
        ("blocks.0.ff", "Sequential"),
    ]


def test_an_outline_has_a_run_as_one_node_and_what_all_blocks_take_apart(repeating):
    network, traced = repeating
    graph, conditions = outline(traced, sizes_of(network.module))
    assert conditions == ("time",)
    calls, edges = by_name(graph)
    assert set(edges) == {
        ("hidden_states", "embed Linear"),
        ("timestep", "time Linear"),
        ("embed Linear", "blocks.0 Block"),
        ("time Linear", "blocks.0 Block"),
        ("blocks.0 Block", "out Linear"),
        ("out Linear", "output"),
    }
    assert calls["blocks.0 Block"].repeats == 5
    assert calls["blocks.0 Block"].marks == tuple(BLOCKS.values())


def test_functions_are_absorbed_and_concatenations_between_blocks_are_not(joining):
    sizes = {"first": 20, "first.linear": 20, "second": 20, "third": 36, "fourth": 36}
    graph, conditions = outline(joining, sizes)
    assert conditions == ()
    calls, edges = by_name(graph)
    assert calls["cat"].marks == ("CAT00",)
    assert {(" ".join(calls[a].marks) or a, " ".join(calls[b].marks) or b) for a, b in edges} == {
        ("x", "IN00"),
        ("IN00", "IN01"),
        ("IN00", "CAT00"),
        ("IN01", "CAT00"),
        ("CAT00", "OUT00"),
        ("OUT00", "OUT01"),
        # A sum of two has no single neighbour to join.
        ("OUT01", "add"),
        ("t", "add"),
        ("add", "output"),
    }


def test_facts_of_a_block_are_its_classes_and_parameters(repeating):
    module = repeating[0].module
    facts = block_facts(module, BLOCKS, rows_of(module))
    fact = BlockFacts(("Block",), {"attn1": ATTENTION, "ff": FEED_FORWARD})
    assert facts == dict.fromkeys(BLOCKS.values(), fact)


def test_the_schematic_of_a_transformer(repeating):
    network, traced = repeating
    outlined = outline(traced, sizes_of(network.module))
    facts = block_facts(network.module, BLOCKS, rows_of(network.module))
    drawing = draw_schematic("id", "title", outlined, facts)
    assert drawing[:3] == (
        "id",
        "title",
        "In order: hidden_states, embed, BLOCK00–04 (Block ×5), out, output. "
        "The condition 'temb' goes to BLOCK00–04.",
    )
    temb = (Badge("temb", "#56b4e9"),)
    grey, green = "#8a8a8a", "#009e73"
    found = {(box.mark, *box.lines): (box.colour, box.form, box.badges) for box in drawing.boxes}
    assert found == {
        ("", "hidden_states", "1×6×4"): ("", "tensor", ()),
        ("", "timestep", "1×1"): ("", "tensor", ()),
        ("", "embed", "Linear 1×6×8"): (grey, "module", ()),
        ("", "time", "Linear 1×8"): (grey, "module", temb),
        ("BLOCK00–04", *RUN, "out 1×6×8"): (green, "stack", temb),
        ("", "out", "Linear 1×6×4"): (grey, "module", ()),
        ("", "output", "1×6×4"): ("", "tensor", ()),
    }
    assert [box.id for box in drawing.boxes] == [f"n{n}" for n in range(7)]
    assert {box.hint for box in drawing.boxes} == {"", "embed", "time", "blocks.0", "out"}
    lines = {box.id: box.lines[0] for box in drawing.boxes}
    # A block has a badge in place of a line from its condition.
    assert {(lines[link.source], lines[link.target]) for link in drawing.links} == {
        ("hidden_states", "embed"),
        ("timestep", "time"),
        ("embed", RUN[0]),
        (RUN[0], "out"),
        ("out", "output"),
    }


def test_the_structure_of_a_network_that_is_not_traced(repeating):
    module = repeating[0].module
    facts = block_facts(module, BLOCKS, rows_of(module))
    drawing = draw_structure("id", "title", module, BLOCKS, facts)
    assert drawing[:3] == (
        "id",
        "title",
        "The parts of the network: embed, time, BLOCK00–04, out. They are in the order in which "
        "the class makes them; its forward pass was not traced.",
    )
    # 4 * 8 + 8, 1 * 8 + 8 and 8 * 4 + 4 parameters; what has none is no part.
    assert [(box.mark, box.lines, box.form, box.hint) for box in drawing.boxes] == [
        ("", ("embed", "Linear · 40"), "module", "embed"),
        ("", ("time", "Linear · 16"), "module", "time"),
        ("BLOCK00–04", RUN, "stack", "blocks"),
        ("", ("out", "Linear · 36"), "module", "out"),
    ]
    # Lines of 17 and 15 around them, 14 between boxes and around all; 36 glyphs in the widest.
    width = round(36 * 7.224 + 20)
    assert [(box.id, box.x, box.y, box.width, box.height) for box in drawing.boxes] == [
        ("n0", 14 + width / 2, 14 + 24.5, width, 49),
        ("n1", 14 + width / 2, 77 + 24.5, width, 49),
        ("n2", 14 + width / 2, 140 + 33, width, 66),
        ("n3", 14 + width / 2, 220 + 24.5, width, 49),
    ]
    assert (drawing.width, drawing.height, drawing.links) == (width + 28, 220 + 49 + 14, ())


def test_equal_blocks_are_one_part_and_others_are_not(repeating):
    module = repeating[0].module
    fact = BlockFacts(("Block",), {"ff": 500, "attn1": 495, "norm": 5})
    facts = dict.fromkeys(BLOCKS.values(), fact) | {"BLOCK02": BlockFacts(("Other",), {"ff": 1})}
    parts = draw_structure("id", "title", module, BLOCKS, facts).boxes[2:5]
    # Kinds with less than 1 % are left out.
    shares = "ff 50 %, attn1 50 %"
    pair = ("Block ×2", "1.00 K parameters each, 2.00 K together", shares)
    assert [(part.mark, part.lines, part.form) for part in parts] == [
        ("BLOCK00 BLOCK01", pair, "stack"),
        ("BLOCK02", ("Other", "1 parameters", "ff 100 %"), "module"),
        ("BLOCK03 BLOCK04", pair, "stack"),
    ]


def test_a_trace_has_a_box_per_call_and_counts_tensors(repeating):
    graph = fold_outer(repeating[1])
    drawing = draw_trace("id", "title", "description", graph)
    assert drawing[:3] == ("id", "title", "description")
    boxes = {box.id: box for box in drawing.boxes}
    assert list(boxes) == [f"n{n}" for n in range(9)]
    found = {(box.mark, *box.lines): (box.form, box.colour, box.hint) for box in drawing.boxes}
    green, grey = "#009e73", "#8a8a8a"
    shapes = ("in  1×6×8, 1×8", "out 1×6×8")
    assert found == {
        ("", "hidden_states", "1×6×4"): ("tensor", grey, ""),
        ("", "timestep", "1×1"): ("tensor", grey, ""),
        ("", "Linear", "in  1×6×4", "out 1×6×8"): ("module", grey, "embed"),
        ("", "Linear", "in  1×1", "out 1×8"): ("module", grey, "time"),
        ("BLOCK00", "Block", *shapes): ("module", green, "blocks.0"),
        ("BLOCK01–03", "Block ×3", *shapes): ("stack", green, "blocks.1"),
        ("BLOCK04", "Block", *shapes): ("module", green, "blocks.4"),
        ("", "Linear", "in  1×6×8", "out 1×6×4"): ("module", grey, "out"),
        ("", "output", "1×6×4"): ("tensor", grey, ""),
    }
    labels = {
        (boxes[link.source].hint, boxes[link.target].hint): link.label for link in drawing.links
    }
    assert labels["time", "blocks.1"] == "×3"
    assert labels["time", "blocks.4"] == ""


@pytest.mark.parametrize("is_traced", [True, False])
def test_files_of_a_network(repeating, is_traced):
    network, traced = repeating
    drawn = draw_diagrams(
        "id", "Name", network, traced if is_traced else None, BLOCKS, rows_of(network.module)
    )
    assert drawn.no_trace is None
    depths = {"schematic": 7, "trace-depth1": 9, "trace-depth2": 11} if is_traced else {}
    nodes = depths or {"schematic": 4}
    assert {each.name: each.nodes for each in drawn.diagrams} == nodes
    assert set(drawn.files) == {f"id.{name}.{kind}" for name in nodes for kind in ("svg", "dot")}
    told = {}
    for name in nodes:
        root = ElementTree.fromstring(drawn.files[f"id.{name}.svg"])
        assert root[0].get("id") == f"id-{name}-title"
        told[name] = root[0].text, root[1].text
    assert told["schematic"][0] == "Name: schematic"
    if is_traced:
        assert told["schematic"][1].startswith("In order: hidden_states, embed")
        assert told["trace-depth1"] == (
            "Name: trace, depth 1",
            "One forward pass in 9 nodes: 8 calls of modules and 0 of functions, as made by the "
            "network's own forward, equal blocks folded, and inputs and outputs. Marked: BLOCK00 "
            "Block, BLOCK01–03 Block, BLOCK04 Block.",
        )
        title, text = told["trace-depth2"]
        assert title == "Name: trace, depth 2"
        # The first block has two modules and two sums; the other four are one node.
        assert text.startswith(
            "One forward pass in 11 nodes: 9 calls of modules and 2 of functions, as made by the "
            "modules that it calls, equal blocks folded, and inputs and outputs. Marked: BLOCK00 "
        )
        assert text.endswith("BLOCK01–04 Block.")


def test_a_trace_with_too_many_nodes_is_left_out_with_its_number(repeating, monkeypatch):
    monkeypatch.setattr(making, "MOST_NODES", 9)
    network, traced = repeating
    drawn = draw_diagrams("id", "Name", network, traced, BLOCKS, rows_of(network.module))
    assert [each.name for each in drawn.diagrams] == ["schematic", "trace-depth1"]
    assert drawn.no_trace == TraceTooLarge(nodes=11, most=9)
