"""Drawings: every text fits its box, no two boxes meet, and hostile names stay text."""

from itertools import combinations, pairwise
from xml.etree import ElementTree

import pygraphviz
import pytest

from generator.architectures.diagrams.dot import lay_out, to_dot
from generator.architectures.diagrams.drawing import (
    GLYPH,
    Badge,
    Box,
    Link,
    fitted,
    marks_text,
    quantity,
    shapes_text,
    wrapped,
)
from generator.architectures.diagrams.making import draw_diagrams
from generator.architectures.diagrams.svg import to_svg
from generator.networks.blocks import block_of
from generator.networks.kinds import kind_of
from generator.records import ParameterRow

SVG = "{http://www.w3.org/2000/svg}"
IDENTITIES = ["sd1", "sd2", "sdxl", "sd3", "sd35", "hunyuan-dit", "auraflow", "flux"]

HOSTILE = [
    "<script>alert(1)</script>",
    '"]; x [URL="javascript:alert(1)"]; y [label="',
    "</text></svg><img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "{{7*7}} {% raw %} ${7*7}",
    "\\N \\G \\l <b>bold</b>",
    "a|b`c`",
    "\u202egnp.exe",
]


@pytest.fixture(scope="module")
def drawn(traced):
    made = {}

    def draw(identity):
        if identity not in made:
            network, _, blocks, trace = traced(identity)
            rows = [
                ParameterRow(
                    name=path,
                    block=block_of(path, blocks),
                    kind=kind_of(path),
                    shape="",
                    parameters=tensor.numel(),
                )
                for path, tensor in network.module.named_parameters()
            ]
            drawn = draw_diagrams(identity, identity, network, trace, blocks, rows)
            made[identity] = drawn.diagrams, drawn.files
        return made[identity]

    return draw


def boxes(svg):
    """Of every node: the rectangle of its shape, and its texts as (x, y, size, anchor, text)."""
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        if group.get("class") != "node":
            continue
        shape = [rect for rect in group.iter(f"{SVG}rect") if rect.get("class") != "badge"]
        frame = max(shape, key=lambda rect: float(rect.get("width")))
        x, y, width, height = (float(frame.get(key)) for key in ("x", "y", "width", "height"))
        texts = [
            (
                float(text.get("x")),
                float(text.get("y")),
                float(text.get("font-size", 12)),
                text.get("text-anchor", "start"),
                text.text,
            )
            for text in group.iter(f"{SVG}text")
        ]
        yield (x, y, x + width, y + height), texts


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("kind", ["schematic", "trace-depth1", "trace-depth2"])
def test_every_text_fits_its_box_and_no_boxes_overlap(drawn, identity, kind):
    svg = drawn(identity)[1][f"{identity}.{kind}.svg"]
    frames = []
    for (left, top, right, bottom), texts in boxes(svg):
        frames.append((left, top, right, bottom))
        for x, y, size, anchor, text in texts:
            width = len(text) * GLYPH * size
            start = x - width / 2 if anchor == "middle" else x
            assert left <= start, text
            assert start + width <= right + 0.5, text
            assert top <= y - 0.8 * size, text
            assert y + 0.2 * size <= bottom, text
    for a, b in combinations(frames, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_schematic_is_readable_at_1200_pixels(drawn, identity):
    diagrams, files = drawn(identity)
    svg = ElementTree.fromstring(files[f"{identity}.schematic.svg"])
    width = float(svg.get("viewBox").split()[2])
    assert next(d for d in diagrams if d.name == "schematic").nodes <= 45
    sizes = [float(text.get("font-size", svg.get("font-size"))) for text in svg.iter(f"{SVG}text")]
    assert min(sizes) * min(1, 1200 / width) >= 11


def test_a_stack_tells_the_parameters_of_one_block_and_of_all(drawn, traced):
    svg = ElementTree.fromstring(drawn("flux")[1]["flux.schematic.svg"])
    stacks = [text.text for text in svg.iter(f"{SVG}text") if "parameters each" in text.text]
    expected = []
    for name, count in (("transformer_blocks", 19), ("single_transformer_blocks", 38)):
        blocks = traced("flux").network.module.get_submodule(name)
        each = [sum(tensor.numel() for tensor in block.parameters()) for block in blocks]
        assert (len(each), len(set(each))) == (count, 1)
        # Three significant digits: 340 M and 6.46 B.
        figures = [f"{each[0] / 1e6:.3g} M", f"{sum(each) / 1e9:.3g} B"]
        expected.append(f"{figures[0]} parameters each, {figures[1]} together")
    assert sorted(stacks) == sorted(expected)


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_schematic_names_every_block(drawn, traced, identity):
    files = drawn(identity)[1]
    svg = ElementTree.fromstring(files[f"{identity}.schematic.svg"])
    marks = [text.text for text in svg.iter(f"{SVG}text") if text.get("font-weight")]
    named = set()
    for mark in marks:
        first, _, last = mark.partition("–")
        prefix, number = first.rstrip("0123456789"), first.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if last:
            named |= {f"{prefix}{n:02}" for n in range(int(number), int(last) + 1)}
        else:
            named.add(first)
    assert {mark for mark in named if not mark.startswith("CAT")} == set(
        traced(identity).blocks.values()
    )


@pytest.mark.parametrize("identity", ["sd1", "flux"])
def test_the_dot_file_has_the_nodes_and_edges_of_the_picture(drawn, identity):
    diagrams, files = drawn(identity)
    for diagram in diagrams:
        graph = pygraphviz.AGraph(string=files[f"{identity}.{diagram.name}.dot"].decode())
        svg = ElementTree.fromstring(files[f"{identity}.{diagram.name}.svg"])
        groups = [group.get("class") for group in svg.iter(f"{SVG}g")]
        assert graph.number_of_nodes() == groups.count("node") == diagram.nodes
        assert graph.number_of_edges() == groups.count("edge")


def test_every_picture_has_a_title_and_a_description(drawn):
    _, files = drawn("flux")
    for name, content in files.items():
        if name.endswith(".svg"):
            svg = ElementTree.fromstring(content)
            labels = svg.get("aria-labelledby").split()
            found = {child.get("id"): child.text for child in svg if child.get("id")}
            assert all(found[label] for label in labels)
            assert len(found[labels[1]]) > 50
            assert b"CAT00" in content


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    drawing = lay_out(
        text,
        text,
        text,
        [
            fitted(
                Box("a", text, (text, text), "#000000", badges=(Badge(text, "#fff"),), hint=text)
            ),
            fitted(Box("b", "", (text,), form="tensor")),
        ],
        [Link("a", "b", label=text)],
    )
    root = ElementTree.fromstring(to_svg(drawing))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "style",
        "g",
        "rect",
        "text",
        "path",
    }
    assert not any(key.startswith("on") or "href" in key for e in root.iter() for key in e.attrib)
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert texts.count(text) >= 4
    graph = pygraphviz.AGraph(string=to_dot(drawing).decode())
    assert sorted(graph.nodes()) == ["a", "b"]
    assert graph.edges() == [("a", "b")]
    for node in map(graph.get_node, "ab"):
        assert not node.attr["URL"]
        assert not node.attr["href"]


@pytest.mark.parametrize(
    ("marks", "text"),
    [
        ((), ""),
        (("MID",), "MID"),
        (("IN01", "IN02"), "IN01 IN02"),
        (("IN01", "IN02", "IN03"), "IN01–03"),
        (("IN01", "IN03"), "IN01 IN03"),
        (("CAT00", "SINGLE00"), "CAT00 SINGLE00"),
        (("IN11", "OUT12", "OUT13", "OUT14"), "IN11 OUT12–14"),
        (("MID", "OUT00", "OUT01", "OUT02", "OUT03"), "MID OUT00–03"),
        (("IN09", "IN10", "IN11", "MID"), "IN09–11 MID"),
        (("IN02", "IN01", "IN00"), "IN02 IN01 IN00"),
    ],
)
def test_marks_in_sequence_become_a_range(marks, text):
    assert marks_text(marks) == text


def test_equal_shapes_are_counted():
    assert shapes_text([(1, 2), (1, 2), (3,), ()]) == "2 of 1×2, 3, scalar"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (999, "999"),
        (1000, "1.00 K"),
        (1001, "1.00 K"),
        (999_400, "999 K"),
        (999_500, "1.00 M"),
        (12_340_000_000, "12.3 B"),
        (11_840, "11.8 K"),
        (859_520_964, "860 M"),
        (999_960_000, "1.00 B"),
    ],
)
def test_quantities_have_three_significant_digits(number, text):
    assert quantity(number) == text


def test_wrapping_loses_nothing():
    text = ", ".join(f"1×{n}×64×64" for n in range(20))
    lines = wrapped(text, 40)
    assert " ".join(lines) == text
    assert max(map(len, lines)) <= 40
    # No line could have taken what the next one begins with, but for its comma.
    for line, after in pairwise(lines):
        assert len(f"{line} {after.partition(' ')[0]}") > 40
    assert wrapped("one, two, three", 9) == ["one, two,", "three"]
    assert wrapped("one, two, three", 8) == ["one,", "two,", "three"]
    assert wrapped("longer than that, too", 5) == ["longer than that,", "too"]
