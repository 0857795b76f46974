"""SVG and DOT of a small drawing, every element and number of them worked out on paper."""

import re
from xml.etree import ElementTree

import pygraphviz
import pytest

from generator.architectures.diagrams.dot import lay_out, to_dot
from generator.architectures.diagrams.drawing import Badge, Box, Drawing, Link, fitted
from generator.architectures.diagrams.svg import to_svg

SVG = "{http://www.w3.org/2000/svg}"
BLUE, RED = "#0072b2", "#d55e00"

BOXES = (
    Box(
        "n0",
        "IN00",
        ("ab", "", "cd"),
        BLUE,
        badges=(Badge("t", "#111111"), Badge("uv", "#222222")),
        hint="a.path",
        width=200,
        height=60,
        x=120,
        y=50,
    ),
    Box("n1", "", ("xyz",), RED, form="stack", width=72, height=36, x=336, y=50),
    Box("n2", "", ("f",), form="function", width=40, height=20, x=120, y=150),
    Box("n3", "", ("in",), form="tensor", width=50.5, height=30, x=336, y=150),
)
LINKS = (
    Link("n0", "n1", ((10, 0), (10, 20), (40, 30), (70, 70)), label="×2"),
    Link("n2", "n3", ((5, 5), (0.125, -0.004), (7.1, 8), (7.1, 8)), form="skip"),
    Link("n1", "n2", ((3, 9), (3, 9), (3, 9), (3, 9))),
)
DRAWING = Drawing('a"b', "Title", "What it shows.", 400.126, 200, BOXES, LINKS)


def elements(parent):
    """Tag, attributes and text of each element below, numbers as numbers."""
    for each in parent:
        yield each.tag.removeprefix(SVG), each.attrib, each.text
        yield from elements(each)


def rectangle(x, y, width, height, radius, **paint):
    numbers = {"x": x, "y": y, "width": width, "height": height, "rx": radius}
    given = {name.replace("_", "-"): value for name, value in paint.items()}
    return "rect", {name: f"{value:g}" for name, value in numbers.items()} | given, None


def text(x, y, content, **style):
    given = {name.replace("_", "-"): value for name, value in style.items()}
    return "text", {"x": x, "y": y, "fill": "currentColor", "stroke": "none"} | given, content


def painted(colour, opacity):
    return {"fill": colour, "fill_opacity": opacity, "stroke": colour}


def drawn(group):
    root = ElementTree.fromstring(to_svg(DRAWING))
    return [list(elements(each)) for each in root.iter(f"{SVG}g") if each.get("class") == group]


def test_the_frame_has_size_names_and_font():
    root = ElementTree.fromstring(to_svg(DRAWING))
    assert root.tag == f"{SVG}svg"
    fonts = root.attrib.pop("font-family")
    assert fonts.endswith("monospace")
    assert root.attrib == {
        "class": "atlas-diagram",
        "width": "400.13",
        "height": "200",
        "viewBox": "0 0 400.13 200",
        "role": "img",
        "aria-labelledby": 'a"b-title a"b-description',
        "fill": "none",
        "stroke": "currentColor",
        "font-size": "12",
    }
    title, description, style, *drawn = root
    assert {each.tail for each in root.iter()} <= {None, "\n"}
    assert (title.get("id"), title.text) == ('a"b-title', "Title")
    assert (description.get("id"), description.text) == ('a"b-description', "What it shows.")
    assert [each.tag.removeprefix(SVG) for each in (title, description, style)] == [
        "title",
        "desc",
        "style",
    ]
    # One pair of colours for each scheme.
    light, dark = style.text.split("@media (prefers-color-scheme:dark)")
    assert re.fullmatch(r"svg:root\{color:#[0-9a-f]{6};background:#fff\}", light)
    assert re.fullmatch(r"\{svg:root\{color:#[0-9a-f]{6};background:#[0-9a-f]{6}\}\}", dark)
    # Links are below boxes.
    assert [each.get("class") for each in drawn] == ["edge"] * 3 + ["node"] * 4
    assert [each.get("data-node") for each in drawn[3:]] == ["n0", "n1", "n2", "n3"]


def test_a_module_has_an_edge_a_mark_lines_and_badges_from_the_right():
    assert drawn("node")[0] == [
        ("title", {}, "a.path"),
        rectangle(20, 20, 200, 60, 6, **painted(BLUE, "0.18")),
        rectangle(20, 20, 5, 60, 2, fill=BLUE, stroke="none"),
        # Five glyphs of 0.602 * 12 after the mark's start.
        text("30", "39.5", "IN00", font_weight="700"),
        text("66.12", "39.5", "ab"),
        text("30", "73.5", "cd"),
        # Two glyphs of 0.602 * 11 and 10: 23.244 wide, to 6 before the right edge.
        rectangle(190.76, 26, 23.24, 17, 8.5, **painted("#222222", "0.35"), **{"class": "badge"}),
        text("202.38", "38.5", "uv", font_size="11", text_anchor="middle"),
        rectangle(170.13, 26, 16.62, 17, 8.5, **painted("#111111", "0.35"), **{"class": "badge"}),
        text("178.45", "38.5", "t", font_size="11", text_anchor="middle"),
    ]


def test_a_stack_has_two_sheets_behind_it():
    sheets = [rectangle(300 + n, 32 + n, 72, 36, 6, **painted(RED, "0.10")) for n in (6, 3)]
    assert drawn("node")[1] == [
        *sheets,
        rectangle(300, 32, 72, 36, 6, **painted(RED, "0.18")),
        rectangle(300, 32, 5, 36, 2, fill=RED, stroke="none"),
        text("310", "51.5", "xyz"),
    ]


def test_functions_are_dashed_and_tensors_are_round():
    assert drawn("node")[2:] == [
        [
            rectangle(100, 140, 40, 20, 4, stroke_opacity="0.6", stroke_dasharray="4 3"),
            text("110", "159.5", "f"),
        ],
        [
            rectangle(310.75, 135, 50.5, 30, 15, stroke_opacity="0.7"),
            text("320.75", "154.5", "in"),
        ],
    ]


def test_a_link_is_a_curve_with_its_arrow_along_the_end():
    def edge(path, arrow, *, label=(), **dash):
        dashes = {name.replace("_", "-"): value for name, value in dash.items()}
        return [
            ("path", {"d": path, "stroke-opacity": "0.55"} | dashes, None),
            (
                "path",
                {"d": arrow, "fill": "currentColor", "fill-opacity": "0.7", "stroke": "none"},
                None,
            ),
            *label,
        ]

    assert drawn("edge") == [
        # The end runs along (0.6, 0.8): 8 back and 3.5 to each side.
        edge(
            "M10 0C10 20 40 30 70 70",
            "M70 70L62.4 65.7L68 61.5Z",
            label=[text("45", "34", "×2", font_size="11")],
        ),
        # The last point stands twice, and no number is written as -0 or with more than two digits.
        edge(
            "M5 5C0.12 0 7.1 8 7.1 8",
            arrow_after((0.125, -0.004), (7.1, 8)),
            stroke_dasharray="5 4",
        ),
        # A curve without a direction points down.
        edge("M3 9C3 9 3 9 3 9", "M3 9L-0.5 1L6.5 1Z"),
    ]


def arrow_after(before, tip):
    """The same with complex numbers."""
    start, end = complex(*before), complex(*tip)
    along = (end - start) / abs(end - start)
    corners = [end - 8 * along + side * 3.5j * along for side in (1, -1)]
    points = (f"{round(each.real, 2):g} {round(each.imag, 2):g}" for each in (end, *corners))
    return f"M{'L'.join(points)}Z"


def test_dot_has_the_sizes_places_and_forms():
    graph = pygraphviz.AGraph(string=to_dot(DRAWING).decode())

    def told(attributes):
        return {name: value for name, value in attributes.items() if value}

    font = {"fontname": "monospace", "fontsize": "12", "fixedsize": "true"}
    assert told(graph.graph_attr) == {"label": "Title", "labelloc": "t", "rankdir": "TB"}
    # Graphviz may add the label that a node has by default: its name.
    assert told(graph.node_attr) | {"label": r"\N"} == font | {"label": r"\N"}
    assert told(graph.edge_attr) == {"fontname": "monospace", "fontsize": "11"}

    def attributes(name):
        return told(graph.get_node(name).attr)

    assert attributes("n0") == {
        "label": r"IN00 ab\l\lcd\l",
        "shape": "box",
        "style": "filled,rounded",
        "fillcolor": f"{BLUE}30",
        "color": BLUE,
        "tooltip": "conditioning: t, uv",
        "width": "2.7778",
        "height": "0.8333",
        "pos": "120.0,-50.0!",
    }
    assert attributes("n1")["label"] == r"xyz\l"
    assert attributes("n1")["peripheries"] == "2"
    assert (attributes("n1")["width"], attributes("n1")["height"]) == ("1.0000", "0.5000")
    styles = {name: attributes(name)["style"] for name in graph.nodes()}
    assert styles == {
        "n0": "filled,rounded",
        "n1": "filled,rounded",
        "n2": "dashed",
        "n3": "rounded",
    }
    for plain in ("n2", "n3"):
        assert not {"fillcolor", "color", "tooltip", "peripheries"} & attributes(plain).keys()
    edges = {(e[0], e[1]): (e.attr["label"] or "", e.attr["style"] or "") for e in graph.edges()}
    assert edges == {
        ("n0", "n1"): ("×2", ""),
        ("n2", "n3"): ("", "dashed"),
        ("n1", "n2"): ("", ""),
    }


def test_graphviz_places_boxes_in_ranks():
    boxes = [
        Box("a", "", ("",), width=144, height=72),
        Box("b", "", ("",), width=72, height=36),
        Box("c", "", ("",), width=72, height=36),
    ]
    links = [Link("a", "b", label="×2"), Link("a", "c")]
    drawing = lay_out("identity", "title", "description", boxes, links)
    assert drawing[:3] == ("identity", "title", "description")
    a, b, c = drawing.boxes
    # 12 around; 0.35 inches between ranks and 0.3 between neighbours, to a pixel.
    assert (a.y, b.y, c.y) == pytest.approx((48, 127, 127), abs=1.5)
    assert c.x - b.x == pytest.approx(72 + 21.6, abs=1.5)
    assert a.x == pytest.approx((b.x + c.x) / 2, abs=1.5)
    assert b.x == pytest.approx(12 + 36, abs=1.5)
    assert drawing.width == pytest.approx(24 + 2 * 72 + 21.6, abs=1.5)
    assert drawing.height == pytest.approx(24 + 72 + 25.2 + 36, abs=1.5)
    assert [(link.source, link.target, link.label) for link in drawing.links] == [
        ("a", "b", "×2"),
        ("a", "c", ""),
    ]
    for link, target in zip(drawing.links, (b, c), strict=True):
        assert len(link.points) % 3 == 1
        (_, first), (_, last) = link.points[0], link.points[-1]
        assert first == pytest.approx(a.y + 36, abs=1.5)
        # The arrow's tip touches the box.
        assert last == pytest.approx(target.y - 18, abs=1.5)
        assert all(0 <= x <= drawing.width for x, _ in link.points)


@pytest.mark.parametrize(
    ("box", "width", "height"),
    [
        # Glyphs are 0.602 * 12 = 7.224 wide, lines 17 high, and 10 are around, less 5 below.
        (Box("", "", ("abc",)), round(3 * 7.224 + 20), 17 + 15),
        (Box("", "IN00", ("abc", "d")), round(8 * 7.224 + 20), 2 * 17 + 15),
        (Box("", "", ("a", "longest line")), round(12 * 7.224 + 20), 2 * 17 + 15),
        # 0.602 * 11 = 6.622 per glyph of a badge, 10 inside, 4 between.
        (
            Box("", "", ("abc", "d"), badges=(Badge("t", ""), Badge("uv", ""))),
            round(3 * 7.224 + 16.622 + 23.244 + 8 + 20),
            2 * 17 + 15,
        ),
        (Box("", "", ("",)), 20, 17 + 15),
    ],
)
def test_a_box_fits_its_text(box, width, height):
    assert fitted(box)[-4:-2] == (width, height)
    assert fitted(box, 500)[-4:-2] == (500, height)
    assert fitted(box, 1)[-4:-2] == (width, height)
