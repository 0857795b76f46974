"""Small schematics whose places and curves were worked out on paper, from the gaps and margins."""

import networkx as nx
import pytest

from generator.architectures.diagrams.drawing import Box
from generator.architectures.diagrams.layout import is_u, place_conditions, place_streams, place_u
from generator.architectures.diagrams.trace import Call


def box(name, width, height):
    return Box(name, "", ("",), width=width, height=height)


def graph_of(nodes, edges):
    """Of (name, block or "", side of the output), and edges with their number of tensors."""
    graph = nx.DiGraph()
    for name, block, side in nodes:
        marks = (block,) if block else ()
        graph.add_node(name, call=Call("module", "M", name, name, marks, (), ((1, 8, side, side),)))
    for source, target, *tensors in edges:
        graph.add_edge(source, target, tensors=tensors[0] if tensors else 1)
    return graph


def places(grid):
    return {name: (box.x, box.y) for name, box in grid.boxes.items()}


def curves(grid):
    return {(link.source, link.target): link.points for link in grid.links}


def test_conditions_fill_columns_and_columns_fill_shelves():
    sizes = {
        "a": (100, 60),
        "b": (60, 20),
        "c": (80, 30),
        "d": (50, 30),
        # As high as the shelf leaves room for, in the column of `d`.
        "below d": (40, 50),
        # Too wide for that column.
        "wider": (60, 10),
        # Exactly as wide as the column, and as high as the shelf.
        "fits": (60, 70),
        # Not on this shelf; the next begins below.
        "large": (100, 90),
        "beside": (60, 20),
    }
    boxes = {name: box(name, *size) for name, size in sizes.items()}
    names = [name for name in sizes if name != "below d"]
    graph = graph_of([(name, "", 1) for name in names], [("a", "c"), ("b", "c")])
    grid = place_conditions(graph, boxes, 406)
    assert places(grid) == {
        "a": (14 + 50, 14 + 30),
        "b": (14 + 30, 14 + 74 + 10),
        # Right of the wider of both, between them.
        "c": (14 + 100 + 34 + 40, 14 + (30 + 84) / 2),
        "d": (262 + 25, 14 + 15),
        "wider": (346 + 30, 14 + 5),
        "fits": (346 + 30, 38 + 35),
        "large": (14 + 50, 122 + 45),
        "beside": (14 + 100 + 34 + 30, 122 + 10),
    }
    assert (grid.width, grid.height) == (406 + 14, 122 + 104)
    assert curves(grid) == {
        ("a", "c"): ((114, 44), (131, 44), (131, 71), (148, 71)),
        ("b", "c"): ((74, 98), (111, 98), (111, 71), (148, 71)),
    }
    # One pixel less, and the third column is on a shelf of its own.
    narrower = places(place_conditions(graph, boxes, 405))
    assert narrower["d"] == (262 + 25, 14 + 15)
    assert narrower["wider"] == (14 + 30, 122 + 5)

    names = ["a", "b", "c", "d", "below d"]
    graph = graph_of([(name, "", 1) for name in names], [("a", "c"), ("b", "c")])
    assert places(place_conditions(graph, boxes, 406))["below d"] == (262 + 20, 58 + 25)


def test_an_input_of_a_late_step_is_right_before_it():
    names = ["a", "b", "late", "c", "d"]
    graph = graph_of(
        [(name, "", 1) for name in names], [("a", "b"), ("b", "c"), ("late", "c"), ("a", "d")]
    )
    boxes = {name: box(name, width, 20) for name, width in zip(names, range(10, 60, 10))}  # noqa: B905
    grid = place_conditions(graph, boxes, 1000)
    # Columns are 10, 50 (`d`, and `b`, `late`) and 40 wide.
    columns = [14, 14 + 10 + 34, 14 + 10 + 34 + 50 + 34]
    assert places(grid) == {
        "a": (columns[0] + 5, 14 + 10),
        "b": (columns[1] + 10, 14 + 10),
        "late": (columns[1] + 15, 14 + 34 + 10),
        "c": (columns[2] + 20, 14 + (10 + 44) / 2),
        # Its predecessor has its row already: a row of its own.
        "d": (columns[1] + 25, 14 + 68 + 10),
    }


def test_without_conditions_there_is_only_the_margin():
    grid = place_conditions(nx.DiGraph(), {}, 1000)
    assert (grid.boxes, grid.links, grid.width, grid.height) == ({}, (), 14, 14)


U_SIZES = {
    "x": (100, 30),
    "first": (200, 60),
    "second": (180, 40),
    "mid": (150, 50),
    "third": (190, 60),
    "fourth": (170, 30),
    "out": (120, 30),
}
U_NODES = [
    ("x", "", 64),
    ("fourth", "OUT01", 64),
    ("second", "IN01", 32),
    ("first", "IN00", 64),
    ("mid", "MID", 32),
    ("third", "OUT00", 32),
    ("out", "", 64),
]
U_EDGES = [
    ("x", "first"),
    ("first", "second"),
    ("second", "mid"),
    ("mid", "third"),
    ("third", "fourth"),
    ("fourth", "out"),
    ("first", "fourth"),
    ("second", "third"),
]


@pytest.mark.parametrize(
    ("conditions", "shift"),
    [
        ({}, 0),
        # Both fit exactly between the margin and the output, 34 from it: 14 + 400 + 34 + 424 = 872.
        ({"one": (400, 30), "two": (424, 30)}, 44),
        ({"one": (400, 30), "two": (425, 30)}, 88),
    ],
)
def test_a_unet_is_a_u(conditions, shift):
    graph = graph_of(U_NODES, U_EDGES)
    assert is_u(graph)
    strip = graph_of([(name, "", 1) for name in conditions], [])
    boxes = {name: box(name, *size) for name, size in (U_SIZES | conditions).items()}
    grid = place_u(graph, boxes, strip)

    def down(points):
        return tuple((x, y + shift) for x, y in points)

    # Rows are 60 + 14 high and begin at 14 + 74; the left side is 14 from the edge, and half the
    # resolution 44 further in.
    expected = {
        "x": (114, 51),
        "first": (114, 125),
        "second": (158, 199),
        "mid": (540, 273),
        "third": (1080 - 158, 199),
        "fourth": (1080 - 114, 125),
        "out": (1080 - 114, 51),
    }
    found = places(grid)
    assert {name: found[name] for name in expected} == dict(
        zip(expected, down(expected.values()), strict=True)
    )
    blocks = ("first", "second", "third", "fourth")
    assert {name: grid.boxes[name].width for name in expected} == {
        name: 200 if name in blocks else U_SIZES[name][0] for name in expected
    }
    assert (grid.width, grid.height) == (1080, 310 + shift)
    assert curves(grid) == {
        ends: down(points)
        for ends, points in {
            ("x", "first"): ((114, 66), (114, 80.5), (114, 80.5), (114, 95)),
            ("first", "second"): ((114, 155), (114, 167), (158, 167), (158, 179)),
            ("second", "mid"): ((158, 219), (158, 246), (311.5, 273), (465, 273)),
            ("mid", "third"): ((615, 273), (768.5, 273), (922, 251), (922, 229)),
            ("third", "fourth"): ((922, 169), (922, 154.5), (966, 154.5), (966, 140)),
            ("fourth", "out"): ((966, 110), (966, 88), (966, 88), (966, 66)),
            ("first", "fourth"): ((214, 125), (540, 125), (540, 125), (866, 125)),
            ("second", "third"): ((258, 199), (540, 199), (540, 199), (822, 199)),
        }.items()
    }
    skips = {(link.source, link.target) for link in grid.links if link.form == "skip"}
    assert skips == {("first", "fourth"), ("second", "third")}


def test_the_shorter_side_of_a_u_ends_where_the_longer_does():
    nodes = [("in", "", 8), ("a", "IN00", 8), ("b", "IN01", 8), ("c", "OUT00", 8)]
    nodes += [("d", "", 8), ("e", "", 8)]
    edges = [("in", "a"), ("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")]
    boxes = {name: box(name, 100, 26) for name, _, _ in nodes}
    grid = place_u(graph_of(nodes, edges), boxes, nx.DiGraph())
    # Two outputs need more room above than one input: rows begin at 14 + 2 * 40.
    assert places(grid) == {
        "in": (64, 94 - 20),
        "a": (64, 94 + 20),
        "b": (64, 94 + 60),
        "c": (1080 - 64, 94 + 60),
        "d": (1080 - 64, 94 - 20),
        "e": (1080 - 64, 94 - 60),
    }
    assert grid.height == 94 + 2 * 40

    # A right side that is longer begins higher than nothing: both end in the last row.
    nodes = [("a", "IN00", 8), ("b", "OUT00", 8), ("c", "OUT01", 8)]
    boxes = {name: box(name, 100, 26) for name, _, _ in nodes}
    grid = place_u(graph_of(nodes, [("a", "b"), ("b", "c")]), boxes, nx.DiGraph())
    assert places(grid) == {"a": (64, 34), "b": (1016, 74), "c": (1016, 34)}


@pytest.mark.parametrize(
    ("more", "edges"),
    [
        # Two steps take the output; a step of no block is between two blocks; one is apart.
        ([("y", "", 8), ("z", "", 8)], [("c", "y"), ("c", "z")]),
        ([("y", "", 8)], [("a", "y"), ("y", "c")]),
        ([("y", "", 8)], []),
    ],
)
def test_what_has_a_node_beside_its_sides_is_not_a_u(more, edges):
    nodes = [("in", "", 8), ("a", "IN00", 8), ("c", "OUT00", 8)]
    whole = [("in", "a"), ("a", "c")]
    assert is_u(graph_of(nodes, whole))
    assert not is_u(graph_of([*nodes, *more], [*whole, *edges]))


@pytest.mark.parametrize("blocks", [("IN00", "MID"), ("MID", "OUT00"), ("BLOCK00", "BLOCK01")])
def test_a_u_has_two_sides(blocks):
    graph = graph_of([("a", blocks[0], 8), ("b", blocks[1], 8)], [("a", "b")])
    assert not is_u(graph)


@pytest.mark.parametrize(
    ("wide", "width", "shift"), [({}, 1080, 0), ({"condition": (1100, 30)}, 14 + 1100 + 14, 44)]
)
def test_a_transformer_is_streams_until_they_meet(wide, width, shift):
    sizes = {"a": (90, 30), "b": (90, 40), "c": (90, 50), "d": (90, 20), "e": (90, 60)}
    edges = [("a", "c", 1), ("b", "d", 2), ("c", "e", 4), ("d", "e", 3)]
    graph = graph_of([(name, "", 1) for name in sizes], edges)
    boxes = {name: box(name, *size) for name, size in (sizes | wide).items()}
    strip = graph_of([(name, "", 1) for name in wide], [])
    grid = place_streams(graph, boxes, strip)
    # Rows of 40, 50 and 60, 38 apart, the first 38 below the conditions.
    left, right = width / 4, width * 3 / 4
    expected = {
        "a": (left, 72),
        "b": (right, 72),
        "c": (left, 155),
        "d": (right, 155),
        "e": (width / 2, 248),
    }
    found = places(grid)
    assert {name: found[name] for name in expected} == {
        name: (x, y + shift) for name, (x, y) in expected.items()
    }
    assert set(found) == {*expected, *wide}
    assert (grid.width, grid.height) == (width, 292 + shift)
    labels = {(link.source, link.target): link.label for link in grid.links}
    assert labels == {("a", "c"): "", ("b", "d"): "", ("c", "e"): "×4", ("d", "e"): ""}
    assert curves(grid)["a", "c"] == (
        (left, 87 + shift),
        (left, 108.5 + shift),
        (left, 108.5 + shift),
        (left, 130 + shift),
    )
