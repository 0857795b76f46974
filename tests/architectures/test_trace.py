"""Traces against the networks they were recorded from."""

import networkx as nx
import pytest

from generator.architectures.diagrams.fold import fold_inner, fold_outer, fold_run, runs
from generator.architectures.diagrams.outline import outline
from generator.architectures.diagrams.trace import Call, contract, induced
from generator.networks.blocks import REST, block_of

IDENTITIES = ["sd1", "sd2", "sdxl", "sd3", "sd35", "hunyuan-dit", "auraflow", "flux"]


def calls(graph):
    return [call for _, call in graph.nodes(data="call")]


@pytest.mark.parametrize("identity", IDENTITIES)
def test_marks_are_those_of_the_module_paths(traced, identity):
    _, _, blocks, trace = traced(identity)
    for call in calls(trace.inner):
        if call.marks and call.marks[0].startswith("CAT"):
            assert call.name in ("cat", "concat")
            continue
        block = block_of(call.path, blocks)
        assert call.marks == (() if block == REST else (block,))
    everything = {mark for call in calls(trace.outer) for mark in call.marks}
    assert {mark for mark in everything if not mark.startswith("CAT")} == set(blocks.values())


@pytest.mark.parametrize("identity", IDENTITIES)
def test_shapes_agree_with_the_inputs_and_flow_forward(traced, identity):
    _, arguments, _, trace = traced(identity)
    inputs = {call.name: call.outputs[0] for call in calls(trace.outer) if call.role == "input"}
    for name, argument in arguments.items():
        if hasattr(argument, "shape"):
            assert inputs[name] == tuple(argument.shape)
    assert nx.is_directed_acyclic_graph(trace.inner)
    assert sum(call.role == "output" for call in calls(trace.outer)) == 1


def test_sd1_depth_one_is_the_published_drawing(traced):
    """The marks of the published diagram, typed by hand there."""
    marks = {call.path: call.marks for call in calls(traced("sd1").trace.outer) if call.marks}
    assert marks == {
        "conv_in": ("IN00",),
        "down_blocks.0": ("IN01", "IN02", "IN03"),
        "down_blocks.1": ("IN04", "IN05", "IN06"),
        "down_blocks.2": ("IN07", "IN08", "IN09"),
        "down_blocks.3": ("IN10", "IN11"),
        "mid_block": ("MID",),
        "up_blocks.0": ("OUT00", "OUT01", "OUT02"),
        "up_blocks.1": ("OUT03", "OUT04", "OUT05"),
        "up_blocks.2": ("OUT06", "OUT07", "OUT08"),
        "up_blocks.3": ("OUT09", "OUT10", "OUT11"),
    }


def test_flux_has_one_concatenation_between_its_two_kinds_of_blocks(traced):
    graph = traced("flux").trace.inner
    (cat,) = [node for node, call in graph.nodes(data="call") if call.marks == ("CAT00",)]
    assert graph.nodes[cat]["call"].outputs == ((1, 256 + 4096, 3072),)
    before = {graph.nodes[n]["call"].marks for n in graph.predecessors(cat)}
    after = {graph.nodes[n]["call"].marks for n in graph.successors(cat)}
    assert before == {("DOUBLE18",)}
    assert after == {("SINGLE00",)}


@pytest.mark.parametrize(
    ("identity", "lengths"),
    [
        ("flux", [19, 38]),
        ("auraflow", [4, 32]),
        # The last block of these has no text stream to hand on.
        ("sd3", [23]),
        ("sd35", [37]),
        # The second half takes the skip connections.
        ("hunyuan-dit", [21, 19]),
        ("sd1", []),
    ],
)
def test_runs_of_equal_blocks(traced, identity, lengths):
    assert [len(run) for run in runs(traced(identity).trace.outer)] == lengths


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("fold", [fold_outer, fold_inner])
def test_folding_keeps_every_mark_and_every_input(traced, identity, fold):
    trace = traced(identity).trace
    folded = fold(trace)
    assert len(folded) <= 90
    for role in ("input", "output"):
        assert sum(c.role == role for c in calls(folded)) == sum(
            c.role == role for c in calls(trace.inner)
        )
    marks = {mark for call in calls(folded) for mark in call.marks}
    assert marks == {mark for call in calls(trace.inner) for mark in call.marks}
    assert nx.is_directed_acyclic_graph(folded)


@pytest.mark.parametrize(("identity", "blocks"), [("sd1", 12), ("sd2", 12), ("sdxl", 9)])
def test_the_outline_of_a_unet_has_its_skip_connections(traced, identity, blocks):
    network, _, _, trace = traced(identity)
    sizes = {p: sum(q.numel() for q in m.parameters()) for p, m in network.module.named_modules()}
    graph = outline(trace, sizes).graph
    for number in range(blocks):
        assert graph.has_edge(f"IN{number:02}", f"OUT{blocks - 1 - number:02}")
    assert sum(1 for s, t in graph.edges if f"{s}"[:2] == "IN" and f"{t}"[:3] == "OUT") == blocks


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("sd1", {"timestep", "encoder_hidden_states"}),
        ("flux", {"timestep", "guidance", "pooled_projections", "img_ids", "txt_ids"}),
        ("sd3", {"timestep", "pooled_projections"}),
    ],
)
def test_conditions_are_what_many_blocks_take(traced, identity, expected):
    network, _, _, trace = traced(identity)
    sizes = {p: sum(q.numel() for q in m.parameters()) for p, m in network.module.named_modules()}
    graph, conditions = outline(trace, sizes)
    sources = {
        graph.nodes[node]["call"].name
        for condition in conditions
        for node in {condition, *nx.ancestors(graph, condition)}
        if graph.nodes[node]["call"].role == "input"
    }
    assert sources == expected


def test_a_run_takes_what_its_first_block_takes_and_gives_what_its_last_gives():
    graph = nx.DiGraph()
    for number, name in enumerate("abc"):
        shapes = ((number, number),), ((number + 1, number + 1),)
        graph.add_node(name, call=Call("module", "M", name, name, (name,), *shapes))
    assert fold_run(graph, ["a", "b", "c"]) == Call(
        "module", "M", "a", "a", ("a",), ((0, 0),), ((3, 3),), repeats=3
    )


def test_contraction_adds_flows_and_keeps_marks():
    def call(mark):
        return Call("module", "M", "p", "p", (mark,), (), ())

    graph = nx.DiGraph()
    for node in "abc":
        graph.add_node(node, call=call(node))
    graph.add_edge("a", "b", tensors=1)
    graph.add_edge("a", "c", tensors=2)
    graph.add_edge("b", "c", tensors=5)
    merged = contract(graph, {"b": "g", "c": "g"}, {})
    assert list(merged.edges(data="tensors")) == [("a", "g", 3)]
    assert merged.nodes["g"]["call"].marks == ("b", "c")


def test_an_induced_graph_keeps_the_order():
    graph = nx.DiGraph()
    graph.add_edges_from((n, n + 1) for n in range(200, 0, -1))
    part = induced(graph, set(range(1, 200, 2)) | {2})
    assert list(part) == [n for n in graph if (n % 2 and n < 200) or n == 2]
    assert list(part.edges) == [(2, 3), (1, 2)]
