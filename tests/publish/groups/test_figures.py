"""Static figures: what they show is what was measured, and no text covers another."""

import base64
import io
import re
from html import unescape
from itertools import combinations
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from made_groups import make_group
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from PIL import Image
from scipy.spatial.distance import pdist, squareform

from generator.networks.palette import distance_colour
from generator.publish.figures.groups import canvas
from generator.publish.figures.groups.canvas import Name
from generator.publish.figures.groups.graph import graph
from generator.publish.figures.groups.graph_plan import edges_of
from generator.publish.figures.groups.heat_map import cell_size, heat_map, named_rows, row_titles
from generator.publish.figures.groups.labels import labels
from generator.publish.figures.groups.line import VALUE_WIDTH, from_base, line_plot
from generator.publish.figures.groups.pictures import sections
from generator.publish.figures.groups.scales import axis_end, reach
from generator.publish.figures.groups.strip import EVEN, block_strips, profiled
from generator.publish.figures.groups.thumbnails import small_map
from generator.publish.pages.groups.prepared import prepare
from generator.publish.reading.groups import Measured
from generator.text import numbers

HOSTILE = "<script>alert(1)</script>$x$ {{7*7}} \u202e\x00 日本語のモデル 🎨 " + "long" * 30


def figures(prepared):
    for one in prepared.planned:
        members = len(one.drawn.labels)
        rows = len(named_rows(members, cell_size(members)))
        yield f"{one.drawn.name} clusters", heat_map(one.drawn), rows
        yield f"{one.drawn.name} distances", line_plot(one.drawn), len(one.drawn.labels) - 1
        if one.has_blocks:
            yield f"{one.drawn.name} blocks", block_strips(one.drawn), len(profiled(one.drawn))
        for name, plan in one.plans.items():
            yield f"{one.drawn.name} {name}", graph(one.drawn, plan), None


def overlapping(boxes, slack=0.5):
    """Pairs of names whose boxes (left, top, right, bottom) cover one another."""
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes, 2)
        if min(a[2], b[2]) - max(a[0], b[0]) > slack and min(a[3], b[3]) - max(a[1], b[1]) > slack
    ]


def text_boxes(figure):
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = []
    for text in figure.findobj(Text):
        if text.get_text():
            box = text.get_window_extent(renderer)
            boxes.append((text.get_text(), (box.x0, box.y0, box.x1, box.y1)))
    return boxes


def test_no_text_covers_another_or_leaves_the_figure(prepared):
    for name, figure, rows in figures(prepared):
        width, height = figure.get_size_inches() * 72
        boxes = text_boxes(figure)
        assert boxes
        assert overlapping(boxes) == [], name
        for text, (left, bottom, right, top) in boxes:
            assert left >= -0.5, (name, text)
            assert right <= width + 0.5, (name, text)
            assert bottom >= -0.5, (name, text)
            assert top <= height + 0.5, (name, text)
        if rows is not None:
            assert len(figure.findobj(Name)) == rows, name


def test_the_check_above_can_fail():
    assert overlapping([("a", (0, 0, 10, 10)), ("b", (9, 9, 20, 20))]) == [("a", "b")]


def image_of(figure, number):
    """The values of an image of a figure, as it stands in the SVG."""
    return np.asarray(figure.axes[number].images[0].get_array())


def test_cells_have_the_colours_of_their_distances(prepared):
    for one in prepared.planned:
        drawn, figure = one.drawn, heat_map(one.drawn)
        order = list(drawn.arrangement.order)
        expected = drawn.distances[np.ix_(order, order)] / reach(drawn.distances)
        colours = [[distance_colour(value) for value in row] for row in np.clip(expected, 0, 1)]
        wanted = np.array([[mpl.colors.to_rgb(colour) for colour in row] for row in colours])
        # matplotlib keeps 256 steps of a scale.
        assert np.abs(image_of(figure, 1)[..., :3] - 255 * wanted).max() <= 3
        names = [text.whole for text in figure.findobj(Name)]
        named = named_rows(len(order), cell_size(len(order)))
        assert names == [drawn.labels[order[row]].whole for row in named]


def test_cells_are_squares_and_every_row_is_named_or_tells_its_name(prepared):
    for one in prepared.planned:
        box = heat_map(one.drawn).axes[1].get_window_extent()
        assert box.width == pytest.approx(box.height)
        assert box.width <= 640
        titles = [str(title) for title in row_titles(one.drawn)]
        assert len(titles) == len(one.drawn.labels)
        for member, title in zip(one.drawn.arrangement.order, titles, strict=True):
            assert unescape(f">{one.drawn.labels[member].whole}, ") in unescape(title)


def test_up_to_forty_five_all_rows_are_named():
    for members in range(2, 300):
        cell = cell_size(members)
        named = named_rows(members, cell)
        assert named.step * cell >= 14
        assert (len(named) == members) == (members <= 45)


def test_points_stand_at_their_distances_the_nearest_first(prepared):
    for one in prepared.planned:
        drawn = one.drawn
        order = from_base(drawn)
        distances = drawn.distances[drawn.base, order]
        assert (np.diff(distances) >= 0).all()
        figure = line_plot(drawn)
        points = np.vstack([line.get_xydata() for line in figure.axes[0].lines])
        points = points[np.argsort(points[:, 1])]
        shown = [text.get_text() for text in figure.axes[0].texts if text.get_position()[0] > 1100]
        assert shown == [numbers.significant(distance) for distance in distances]
        assert points[:, 0].max() < 1160 - VALUE_WIDTH + 1
        end = axis_end(distances)
        lengths = (points[:, 0] - 260) / (points[:, 0].max() - 260)
        assert lengths == pytest.approx(np.minimum(distances, end) / end, abs=1e-9)


def test_lengths_of_the_map_are_those_of_the_layout(prepared):
    for one in prepared.planned:
        layout = next(o for o in one.drawn.arrangement.layouts if o.name == "stress")
        positions = np.array(layout.positions)
        for panel in one.plans["stress"].panels:
            shown = [(m, spot.x, spot.y) for spot in panel.spots for m in spot.members]
            members = [member for member, _, _ in shown]
            lengths = pdist(np.array([(x, y) for _, x, y in shown]))
            expected = pdist(positions[members])
            ruler = panel.ruler
            scale = (ruler.right - ruler.left) / float(ruler.text.removeprefix("L2 "))
            assert lengths == pytest.approx(scale * expected, abs=1e-6 * lengths.max() + 1e-6)


def test_every_member_is_on_the_map_and_the_edges_are_few(prepared):
    for one in prepared.planned:
        members = len(one.drawn.labels)
        for plan in one.plans.values():
            spots = plan.panels[0].spots
            assert sorted(m for spot in spots for m in spot.members) == list(range(members))
        assert len(edges_of(one.drawn)) < 2 * members


def test_members_of_equal_content_are_one_point_that_names_all(demo):
    drawn = demo.planned[0].drawn
    plan = demo.planned[0].plans["stress"]
    for spot in plan.panels[0].spots:
        first, *others = spot.members
        assert (drawn.distances[first, others] == 0).all()
        assert spot.more == (f" ({len(spot.members)} equal)" if others else "")


def test_one_who_is_far_from_all_gets_a_close_up_of_the_others(demo):
    names = [label.text for label in demo.labels]
    stranger = names.index("demo-stranger")
    whole, close_up = demo.planned[0].plans["stress"].panels
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
    drawn = prepare(Measured(group=group, sums=sums), ()).drawn[0]
    assert drawn.blocks.names == ["IN00", "MID"]
    assert drawn.blocks.parameters.tolist() == [0.5, 0.5]
    assert np.isnan(drawn.blocks.shares[0]).all()
    assert drawn.blocks.shares[1:].tolist() == [[1, 0], [0.8, 0.2]]
    order = profiled(drawn)
    colours = image_of(block_strips(drawn), 2)
    for row, member in enumerate(order):
        more, less = colours[row]
        assert more.tolist()[:3] == [0xD5, 0x5E, 0x00]
        assert less.tolist()[:3] == [0x00, 0x72, 0xB2]
        doublings = np.log2(2 * drawn.blocks.shares[member, 0])
        assert more[3] == pytest.approx(255 * doublings / 2, abs=1)
    assert colours[order.index(1), 1, 3] == 255


def test_a_change_that_is_spread_evenly_leaves_strips_blank():
    distances = squareform(pdist(np.random.default_rng(0).standard_normal((5, 3))))
    parts = {("denoiser", f"IN{n:02}"): distances for n in range(4)}
    group, sums = make_group("even", list("abcde"), parts, reference="a")
    prepared = prepare(Measured(group=group, sums=sums), ())
    drawn = prepared.drawn[0]
    assert image_of(block_strips(drawn), 2)[..., 3].max() == 0
    (caption,) = [
        one.caption
        for section in sections(prepared.planned)
        for one in section.pictures
        if section.key == "blocks"
    ]
    assert EVEN in caption


@pytest.mark.parametrize("members", [2, 3, 4])
def test_few_members_are_told_of_in_sentences_not_drawn(members):
    distances = squareform(pdist(np.random.default_rng(0).standard_normal((members, 3))))
    group, sums = make_group("few", list("abcd"[:members]), {("denoiser", "BASE"): distances})
    prepared = prepare(Measured(group=group, sums=sums), ())
    keys = [section.key for section in sections(prepared.planned)]
    assert keys == (["map", "spectral", "clusters", "distances"] if members == 4 else [])


def test_hostile_names_are_escaped_and_cut():
    distances = squareform(pdist(np.random.default_rng(0).standard_normal((6, 3))))
    names = [f"{HOSTILE}{n}" for n in range(6)]
    group, sums = make_group("hostile", names, {("denoiser", "BASE"): distances})
    prepared = prepare(Measured(group=group, sums=sums), ())
    for section in sections(prepared.planned):
        for picture in section.pictures:
            assert "<script" not in picture.svg
            assert "{{7" not in picture.svg
            assert "&#60;script&#62;" in picture.svg
            assert "日本語" in picture.svg
    for _, figure, _ in figures(prepared):
        assert overlapping(text_boxes(figure)) == []


def test_figures_are_the_same_bytes_each_time(demo):
    first, second = (list(sections(demo.planned)) for _ in range(2))
    assert first == second


def test_ink_is_the_colour_of_the_text_and_there_is_no_background(demo):
    for section in sections(demo.planned):
        for picture in section.pictures:
            assert "currentColor" in picture.svg
            assert "#000000" not in picture.svg
            assert "#ffffff" not in picture.svg
            assert 'aria-labelledby="' in picture.svg


def test_images_hold_one_pixel_a_cell(large):
    drawn = large.planned[0].drawn
    markup = canvas.drawn(heat_map(drawn), "x", "x", "x")
    content = re.search(r'href="data(?:&#58;|:)image/png(?:&#59;|;)base64,\s*([^"]+)"', markup)
    encoded = re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), content[1])
    image = Image.open(io.BytesIO(base64.b64decode(encoded)))
    assert image.size == (len(drawn.labels), len(drawn.labels))


def test_scales_end_before_what_is_far():
    near = np.linspace(1, 3, 50)
    assert reach(near) == 3
    assert reach(np.array([*near, 40])) == 3
    assert reach(np.array([0, 0.0])) == 1
    assert reach(np.array([np.nan, 0, 2])) == 2


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
    shown = canvas.cut(text, width)
    assert canvas.text_width(shown) <= width
    head, _, tail = shown.partition("…")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head) - len(tail) in (0, 1)


def test_labels_lose_their_endings_unless_two_are_then_the_same():
    short = labels(["a.safetensors", "b.ckpt"], {})
    assert [label.text for label in short] == ["a", "b"]
    same = labels(["a.safetensors", "a.ckpt"], {})
    assert [label.text for label in same] == ["a.safetensors", "a.ckpt"]
    named = labels(["one", "two"], {"one": "x.safetensors", "two": "x.safetensors"})
    assert [label.text for label in named] == ["one", "two"]
    assert [label.number for label in named] == [1, 2]


def test_a_small_map_has_a_point_for_each_content_that_is_not_far(prepared):
    panel = prepared.planned[0].plans["stress"].panels[-1]
    root = ElementTree.fromstring(small_map(prepared))
    points = [(circle.get("cx"), circle.get("cy")) for circle in root.iter("circle")]
    assert len(points) == len(panel.spots)
    x, y = np.array(points, dtype=float).T
    assert (min(x), min(y)) >= (0, 0)
    assert max(x) <= 300
    assert max(y) <= 130
    assert str(len([m for spot in panel.spots for m in spot.members])) in root.find("desc").text
