"""Static figures: what they show is what was measured, and no text covers another."""

import base64
import io
import re
from html import unescape
from xml.etree import ElementTree

import numpy as np
import pytest
from drawn_texts import FONT, overlapping, text_boxes, width_of
from made_groups import make_group
from PIL import Image
from scipy.spatial.distance import pdist, squareform

from generator.networks.palette import DISTANCE_COLOURS, distance_colour
from generator.publish.figures.figure import NARROW, WIDE, static_svg
from generator.publish.figures.groups.distances import axis_end, reach, ticks
from generator.publish.figures.groups.graph import graph
from generator.publish.figures.groups.graph_plan import edges_of, plan_graph
from generator.publish.figures.groups.heat_map import cell_size, heat_map
from generator.publish.figures.groups.labels import labels
from generator.publish.figures.groups.line import VALUE_WIDTH, from_base, line_plot
from generator.publish.figures.groups.pictures import sections
from generator.publish.figures.groups.prepared import prepare
from generator.publish.figures.groups.rows import LABELS_WIDTH, named_rows
from generator.publish.figures.groups.strip import block_strips
from generator.publish.figures.groups.thumbnails import small_map
from generator.publish.figures.text_width import cut, text_width
from generator.publish.reading.loaded import Loaded
from generator.text import numbers
from generator.text.captions import EVEN

HOSTILE = "<script>alert(1)</script>$x$ {{7*7}} \u202e\x00 日本語のモデル 🎨 " + "long" * 30


def figures(prepared):
    """Name, drawing and number of names of each figure, wide and narrow."""
    by_name = {one.name: one for one in prepared.differing}
    for section in sections(prepared):
        for one in section.still:
            drawn = by_name[one.choice["component"]]
            members = len(drawn.labels)
            rows = {
                "clusters": len(named_rows(members, cell_size(members))),
                "distances": members - 1,
                "blocks": len(drawn.profiled),
            }.get(section.key)
            wide, narrow = ElementTree.fromstring(f"<p>{static_svg(one)}</p>")
            yield one.name, wide, rows
            yield f"{one.name} narrow", narrow, None


@pytest.fixture(scope="module")
def drawings(prepared):
    return tuple(figures(prepared))


def layer_of(specification, kind):
    return [layer for layer in specification["layer"] if layer["mark"]["type"] == kind]


def pixels_of(specification, number=0):
    """The pixels of an image of a specification, and its sides as they are drawn."""
    layer = layer_of(specification, "image")[number]
    content = layer["data"]["values"][0]["url"].removeprefix("data:image/png;base64,")
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(content))).convert("RGBA"))
    x, y, x2, y2 = (layer["encoding"][place]["value"] for place in ("x", "y", "x2", "y2"))
    return pixels, (x2 - x, y2 - y)


def names_in(root):
    """The whole names of those whose name, and not only their number, is written."""
    return [
        text.findtext("title")
        for text in root.iter("text")
        if text.find("title") is not None and not (text.find("title").tail or "").isdigit()
    ]


def test_points_of_a_map_are_darker_the_farther_from_the_ring(prepared):
    for drawn in prepared.differing:
        far = drawn.distances[drawn.base]
        by_number = {label.number: each for label, each in zip(drawn.labels, far, strict=True)}
        points = layer_of(graph(drawn, plan_graph(drawn, "stress")), "circle")[0]
        rows = sorted(points["data"]["values"], key=lambda row: by_number[row["number"]])
        light = [
            float(np.dot([0.299, 0.587, 0.114], [*bytes.fromhex(row["colour"][1:])]))
            for row in rows
        ]
        assert rows[0]["colour"] == DISTANCE_COLOURS[0]
        assert rows[-1]["colour"] == DISTANCE_COLOURS[-1]
        # Channels are rounded.
        assert np.diff(light).max() < 1


def test_no_text_covers_another_or_leaves_the_figure(drawings):
    for name, root, rows in drawings:
        width, height = map(float, root.get("viewBox").split()[2:])
        assert width == (NARROW if name.endswith("narrow") else WIDE)
        boxes = text_boxes(root)
        assert boxes
        assert overlapping(boxes) == [], name
        for text, (left, top, right, bottom) in boxes:
            assert left >= -0.5, (name, text)
            assert right <= width + 0.5, (name, text)
            assert top >= -0.5, (name, text)
            assert bottom <= height + 0.5, (name, text)
        if rows is not None:
            assert len(names_in(root)) == rows, name


def test_the_check_above_can_fail():
    assert overlapping([("a", (0, 0, 10, 10)), ("b", (9, 9, 20, 20))]) == [("a", "b")]


def test_cells_have_the_colours_of_their_distances(prepared, drawings):
    for drawn in prepared.differing:
        order = list(drawn.arrangement.order)
        expected = drawn.distances[np.ix_(order, order)] / reach(drawn.distances)
        wanted = [tuple(bytes.fromhex(distance_colour(each)[1:])) for each in expected.flat]
        for width in (WIDE, NARROW):
            figure = heat_map(drawn, "l2", drawn.distances, width)
            pixels, _ = pixels_of(figure)
            shown = pixels.reshape(-1, 4).astype(int)
            assert np.abs(shown[:, :3] - wanted).max() <= 1  # 255 steps
            assert (shown[:, 3] == 255).all()
        names = [
            name
            for name, root, _ in drawings
            if name == f"clusters-{drawn.name}"
            for name in names_in(root)
        ]
        named = named_rows(len(order), cell_size(len(order)))
        assert names == [drawn.labels[order[row]].whole for row in named]


def test_cells_are_squares_and_every_row_tells_its_name(prepared):
    for drawn in prepared.differing:
        for width in (WIDE, NARROW):
            specification = heat_map(drawn, "l2", drawn.distances, width)
            _, (across, down) = pixels_of(specification)
            assert across == pytest.approx(down)
            assert across <= 640
            rows = next(
                layer["data"]["values"]
                for layer in layer_of(specification, "rect")
                if layer["mark"].get("fill") == "transparent"
            )
            assert len(rows) == len(drawn.labels)
            for member, row in zip(drawn.arrangement.order, rows, strict=True):
                assert row["whole"].startswith(drawn.labels[member].whole)


def test_a_cell_tells_its_distance(prepared):
    """`told` are those above the diagonal, row by row."""
    for drawn in prepared.differing:
        cells = heat_map(drawn, "l2", drawn.distances, WIDE)["usermeta"]["cells"]
        order = list(drawn.arrangement.order)
        expected = drawn.distances[np.ix_(order, order)][np.triu_indices(len(order), 1)]
        told = [
            f"{value:.2e}" if 0 < value < numbers.SMALLEST else numbers.small(value)
            for value in expected.tolist()
        ]
        assert cells["told"]["values"].split(" ") == told
        assert [row["name"] for row in cells["rows"]["values"]] == [
            drawn.labels[member].text for member in order
        ]


def test_forks_join_the_middles_of_their_parts_at_their_distance():
    count = 9
    distances = squareform(pdist(np.random.default_rng(4).standard_normal((count, 3))))
    group, sums = make_group("forks", list("abcdefghi"), {("denoiser", "REST"): distances})
    drawn = prepare(Loaded(group, sums, {}), ()).drawn[0]
    figure = heat_map(drawn, "l2", drawn.distances, WIDE)
    forks = [layer for layer in layer_of(figure, "rule") if "tooltip" in layer["encoding"]]
    lines = [row for layer in forks for row in layer["data"]["values"]]
    assert len(lines) == 3 * (count - 1)
    # The rows of the map, from top to bottom; a fork is between its parts.
    _, (_, down) = pixels_of(figure)
    top = layer_of(figure, "image")[0]["encoding"]["y"]["value"]
    rows = [top + down * (row + 0.5) / count for row in range(count)]
    middles = dict(zip(drawn.arrangement.order, rows, strict=True))
    start = min(line["x"] for line in lines)
    across, scales = dict.fromkeys(middles, start), []
    for number, merge in enumerate(drawn.arrangement.merges, start=count):
        ends = middles[merge.left], middles[merge.right]
        # Places are rounded to tenths of a pixel.
        (upright,) = [line for line in lines if line["x"] == line["x2"] and spans(line, ends)]
        for part, end in zip((merge.left, merge.right), ends, strict=True):
            level = [
                each for each in lines if each["x2"] == upright["x"] and spans(each, (end, end))
            ]
            assert [each["x"] for each in level] == [across[part]]
        middles[number], across[number] = sum(ends) / 2, upright["x"]
        scales.append((upright["x"] - start) / merge.height)
    assert scales == pytest.approx([scales[-1]] * (count - 1), rel=0.01)


def spans(line, ends):
    return (line["y"], line["y2"]) == pytest.approx(ends, abs=0.06)


def test_up_to_forty_five_all_rows_are_named():
    for members in range(2, 300):
        cell = cell_size(members)
        named = named_rows(members, cell)
        assert named.step * cell >= 14
        assert cell_size(members, NARROW) * members <= NARROW
        assert (len(named) == members) == (members <= 45)


def test_points_stand_at_their_distances_the_nearest_first(prepared, drawings):
    for drawn in prepared.differing:
        order = from_base(drawn, drawn.distances[drawn.base])
        distances = drawn.distances[drawn.base, order]
        assert (np.diff(distances) >= 0).all()
        figure = line_plot(drawn, "l2", drawn.distances[drawn.base], WIDE)
        (layer,) = [one for one in layer_of(figure, "point") if one["mark"].get("size") == 36]
        rows = layer["data"]["values"]
        assert [row["told"] for row in rows] == [numbers.small(value) for value in distances]
        assert [row["number"] for row in rows] == [drawn.labels[one].number for one in order]
        (wide,) = (root for name, root, _ in drawings if name == f"distances-{drawn.name}")
        marks = [(float(dot.get("cx")), float(dot.get("cy"))) for dot in wide.iter("circle")]
        for path in wide.iter("path"):
            if "transform" in path.attrib:
                marks.append(tuple(map(float, re.findall(r"[\d.]+", path.get("transform")))))
        x, y = np.array(sorted(marks, key=lambda mark: mark[1])).T
        assert len(x) == len(rows)
        assert (np.diff(y) > 0).all()
        assert x.max() < WIDE - VALUE_WIDTH + 1
        end = axis_end(distances)
        lengths = (x - LABELS_WIDTH) / (x.max() - LABELS_WIDTH)
        # Places are written to a hundredth of a pixel.
        assert lengths == pytest.approx(np.minimum(distances, end) / end, abs=2e-4)


def test_lengths_of_the_map_are_those_of_the_layout(prepared):
    for drawn in prepared.differing:
        layout = next(o for o in drawn.arrangement.layouts if o.name == "stress")
        positions = np.array(layout.positions)
        for panel in plan_graph(drawn, "stress").panels:
            shown = [(m, spot.x, spot.y) for spot in panel.spots for m in spot.members]
            members = [member for member, _, _ in shown]
            lengths = pdist(np.array([(x, y) for _, x, y in shown]))
            expected = pdist(positions[members])
            ruler = panel.ruler
            scale = (ruler.right - ruler.left) / float(ruler.text.removeprefix("L2 "))
            assert lengths == pytest.approx(scale * expected, abs=1e-6 * lengths.max() + 1e-6)


def test_every_member_is_on_the_map_and_the_edges_are_few(prepared):
    for drawn in prepared.differing:
        members = len(drawn.labels)
        for layout in drawn.arrangement.layouts:
            spots = plan_graph(drawn, layout.name).panels[0].spots
            assert sorted(m for spot in spots for m in spot.members) == list(range(members))
        assert len(edges_of(drawn)) < 2 * members


def test_members_of_equal_content_are_one_point_that_names_all(demo):
    drawn = demo.differing[0]
    plan = plan_graph(drawn, "stress")
    for spot in plan.panels[0].spots:
        first, *others = spot.members
        assert (drawn.distances[first, others] == 0).all()
        assert spot.more == (f" ({len(spot.members)} equal)" if others else "")


def test_one_who_is_far_from_all_gets_a_close_up_of_the_others(demo):
    names = [label.text for label in demo.differing[0].labels]
    stranger = names.index("demo-stranger")
    whole, close_up = plan_graph(demo.differing[0], "stress").panels
    assert stranger in [m for spot in whole.spots for m in spot.members]
    near = [m for spot in close_up.spots for m in spot.members]
    assert sorted(near) == [n for n in range(len(names)) if n != stranger]


def test_strips_tell_how_much_more_a_block_was_changed():
    """Two blocks of equal size: one carries all of the distance of b, and 4/5 of that of c."""
    base = np.zeros((3, 3))
    one, other = base.copy(), base.copy()
    one[0, 1] = one[1, 0] = 3
    one[0, 2] = one[2, 0] = 2
    one[1, 2] = one[2, 1] = 1
    other[0, 2] = other[2, 0] = 1
    other[1, 2] = other[2, 1] = 1
    parts = {("denoiser", "IN00"): one, ("denoiser", "MID"): other}
    group, sums = make_group("three", ["a", "b", "c"], parts, reference="a")
    drawn = prepare(Loaded(group, sums, {}), ()).drawn[0]
    assert drawn.blocks.names == ["IN00", "MID"]
    assert drawn.blocks.parameters.tolist() == [0.5, 0.5]
    assert np.isnan(drawn.blocks.shares[0]).all()
    assert drawn.blocks.shares[1:].tolist() == [[1, 0], [0.8, 0.2]]
    order = drawn.profiled
    colours, _ = pixels_of(block_strips(drawn, WIDE), 1)
    turned, _ = pixels_of(block_strips(drawn, NARROW), 1)
    assert (turned == colours.transpose(1, 0, 2)).all()
    for row, member in enumerate(order):
        more, less = colours[row]
        assert more.tolist()[:3] == [0xD5, 0x5E, 0x00]
        assert less.tolist()[:3] == [0x00, 0x72, 0xB2]
        doublings = np.log2(2 * drawn.blocks.shares[member, 0])
        # In 127 steps.
        assert more[3] == pytest.approx(255 * doublings / 2, abs=2)
    assert colours[order.index(1), 1, 3] == 255


def test_a_change_that_is_spread_evenly_leaves_strips_blank():
    distances = squareform(pdist(np.random.default_rng(0).standard_normal((5, 3))))
    parts = {("denoiser", f"IN{n:02}"): distances for n in range(4)}
    group, sums = make_group("even", list("abcde"), parts, reference="a")
    prepared = prepare(Loaded(group, sums, {}), ())
    drawn = prepared.drawn[0]
    assert pixels_of(block_strips(drawn, WIDE), 1)[0][..., 3].max() == 0
    (one,) = [
        one for section in sections(prepared) for one in section.figures if section.key == "blocks"
    ]
    assert all(EVEN in caption for caption in one.captions)


@pytest.mark.parametrize("members", [2, 3, 4])
def test_few_members_are_told_of_in_sentences_not_drawn(members):
    distances = squareform(pdist(np.random.default_rng(0).standard_normal((members, 3))))
    group, sums = make_group("few", list("abcd"[:members]), {("denoiser", "REST"): distances})
    prepared = prepare(Loaded(group, sums, {}), ())
    keys = [section.key for section in sections(prepared)]
    assert keys == (["map", "clusters", "distances", "spectral"] if members == 4 else [])


def test_hostile_names_are_escaped_and_cut():
    distances = squareform(pdist(np.random.default_rng(0).standard_normal((6, 3))))
    names = [f"{HOSTILE}{n}" for n in range(6)]
    group, sums = make_group("hostile", names, {("denoiser", "REST"): distances})
    prepared = prepare(Loaded(group, sums, {}), ())
    found = [static_svg(one) for section in sections(prepared) for one in section.still]
    assert found
    for markup in found:
        assert "<script" not in markup
        assert "{{7" not in markup
        assert "&#60;script&#62;" in markup
        assert "日本語" in markup
    for _, root, _ in figures(prepared):
        assert overlapping(text_boxes(root)) == []


def test_figures_are_the_same_bytes_each_time(demo):
    first, second = (
        [static_svg(one) for section in sections(demo) for one in section.still] for _ in range(2)
    )
    assert first == second


def test_ink_is_the_colour_of_the_text_and_there_is_no_background(demo):
    for section in sections(demo):
        for one in section.still:
            markup = unescape(static_svg(one))
            assert "currentColor" in markup
            assert "#000" not in markup
            assert "#fff" not in markup
            assert 'aria-labelledby="' in markup


def test_images_hold_one_pixel_a_cell(large):
    drawn = large.differing[0]
    for section in sections(large):
        if section.key == "clusters":
            markup = static_svg(section.figures[0])
    content = re.search(r'href="data(?:&#58;|:)image/png(?:&#59;|;)base64,\s*([^"]+)"', markup)
    encoded = re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), content[1])
    image = Image.open(io.BytesIO(base64.b64decode(encoded)))
    assert image.size == (len(drawn.labels), len(drawn.labels))


@pytest.mark.parametrize("end", [0.0123, 0.99, 1.0, 4.5, 5.0, 7, 11.3, 104.2, 999, 2.5e6])
def test_ticks_are_round_few_and_reach_the_end(end):
    found = ticks(end)
    step = found[1]
    assert 2 <= len(found) <= 5
    assert found == pytest.approx([step * place for place in range(len(found))])
    assert end - step < found[-1] <= end * 1.000002
    assert f"{step:e}"[:3] in ("1.0", "2.0", "2.5", "5.0")


def test_scales_end_before_what_is_far():
    near = np.linspace(1, 3, 50)
    assert reach(near) == 3
    assert reach(np.array([*near, 40])) == 3
    assert reach(np.array([0, 0.0])) == 1
    assert reach(np.array([np.nan, 0, 2])) == 2


@pytest.mark.parametrize("seed", range(20))
def test_what_is_not_beyond_the_axis_is_drawn_on_it(seed):
    """Values are rounded for the drawing, half of them upwards."""
    points = np.random.default_rng(seed).uniform(1, 2, (9, 3))
    group, sums = make_group(
        "even", list("abcdefghi"), {("vae", "REST"): squareform(pdist(points))}
    )
    (drawn,) = prepare(Loaded(group, sums, {}), ()).drawn
    distances = drawn.distances[drawn.base]
    assert axis_end(distances) == distances.max()
    figure = line_plot(drawn, "l2", distances, WIDE)
    (line,) = (layer for layer in figure["layer"] if layer["mark"]["type"] == "line")
    shown, bound = line["transform"][0]["filter"].split(" <= ")
    assert shown == "datum.value"
    assert all(row["value"] <= float(bound) for row in line["data"]["values"])


def test_an_axis_ends_only_before_what_is_much_farther():
    near = np.linspace(100, 160, 20)
    # Beyond four times the third quartile, 580: the first is hardly farther than the second.
    assert reach(np.array([*near, 575, 600])) == 575
    assert axis_end(np.array([*near, 575, 600])) == 600
    assert axis_end(np.array([*near, 575, 600, 800])) == 800
    assert axis_end(np.array([*near, 575, 600, 901])) == 600
    assert axis_end(np.array([0, np.nan, *near])) == 160


@pytest.mark.parametrize("width", [20, 60, 150])
def test_names_are_cut_to_the_width_that_there_is(width):
    text = "08a-vcbpmt_d8cwlbd_aweb5-and-more-of-it"
    shown = cut(text, width)
    assert width_of(shown) <= text_width(shown) <= width
    head, _, tail = shown.partition("…")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head) - len(tail) in (0, 1)


def test_widths_are_those_of_the_font_or_a_little_more():
    FONT.set_size(1200, 72)
    for code in range(32, 127):
        exact = FONT.load_char(code).linearHoriAdvance / 65536 / 100
        assert exact <= text_width(chr(code)) <= 1.2 * exact, chr(code)
    assert text_width("é") == text_width("e")
    assert text_width("日本") == 24


def test_labels_lose_their_endings_unless_two_are_then_the_same():
    short = labels(["a.safetensors", "b.ckpt"], {})
    assert [label.text for label in short] == ["a", "b"]
    same = labels(["a.safetensors", "a.ckpt"], {})
    assert [label.text for label in same] == ["a.safetensors", "a.ckpt"]
    named = labels(["one", "two"], {"one": "x.safetensors", "two": "x.safetensors"})
    assert [label.text for label in named] == ["one", "two"]
    assert [label.number for label in named] == [1, 2]


def test_running_numbers_are_left_out_where_the_rest_is_unique():
    numbered = labels(["_x001-a.safetensors", "_x002-b.safetensors", "_x017-b.safetensors"], {})
    assert [(one.prefix, one.text) for one in numbered] == [
        ("_x001-", "a"),
        ("", "_x002-b"),
        ("", "_x017-b"),
    ]
    # Other letters or lengths are part of a name.
    for names in (["01-a", "02b-b"], ["1-a", "10-b"], ["01-a", "b"], ["512-inpainting"]):
        assert [one.text for one in labels(names, {})] == names


def test_titles_of_members_replace_their_names():
    titled = labels(["x.ckpt", "y.ckpt"], {"x.ckpt": "The base, of 2022"})
    assert [one.text for one in titled] == ["The base, of 2022", "y"]


def test_a_small_map_has_a_point_for_each_content_that_is_not_far(prepared):
    panel = plan_graph(prepared.differing[0], "stress").panels[-1]
    figure = small_map(prepared)
    root = ElementTree.fromstring(static_svg(figure))
    (dots,) = layer_of(figure.wide, "circle")
    points = [(row["x"], row["y"]) for row in dots["data"]["values"]]
    assert len(points) == len(panel.spots)
    x, y = np.array(points, dtype=float).T
    assert (min(x), min(y)) >= (0, 0)
    assert max(x) <= 300
    assert max(y) <= 130
    assert str(len([m for spot in panel.spots for m in spot.members])) in root.find("desc").text


def test_a_ring_is_around_the_point_of_a_member(prepared):
    drawn, group = prepared.differing[0], prepared.group
    places = set()
    for member, label in zip(group.members, prepared.labels, strict=True):
        figure = small_map(prepared, ringed=member)
        if label not in drawn.labels:
            assert figure is None
            continue
        ((ring,),) = (layer["data"]["values"] for layer in layer_of(figure.wide, "point"))
        (dots,) = layer_of(figure.wide, "circle")
        assert (ring["x"], ring["y"]) in {(dot["x"], dot["y"]) for dot in dots["data"]["values"]}
        places.add((ring["x"], ring["y"]))
    # Not all rings are around one point.
    assert len(places) > 1
    assert layer_of(small_map(prepared).wide, "point") == []
