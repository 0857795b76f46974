"""Charts: lengths in proportion to the numbers, text as text, large enough, with an alternative."""

import re
from xml.etree import ElementTree

import msgspec
import pytest
from drawings import drawings, marks, place, size, texts

from generator.networks.palette import block_colour
from generator.publish.figures import block_bars, miniature, scatter, stacked_bars
from generator.publish.figures.figure import static_svg
from generator.publish.quantities import networks as quantities

LOOK = {"colour": "#0072b2", "shape": "circle", "link": "x.html"}


@pytest.fixture(scope="module")
def networks(atlas):
    return atlas.networks


def all_charts(networks):
    block_groups = [quantities.block_groups(network) for network in networks]
    bars = [
        stacked_bars.Bar(label="n", value="v", link="l", block_groups=one) for one in block_groups
    ]
    yield ElementTree.fromstring(stacked_bars.parameter_bars("bars", bars))
    points = [
        scatter.Point(label="n", x=quantities.parameters(network), y=2.0, **LOOK)
        for network in networks
    ]
    yield from drawings(scatter.scatter("scatter", "Title", ("x", "y"), points, points))
    for network, one in zip(networks, block_groups, strict=True):
        widest = miniature.widest_block(one)
        yield ElementTree.fromstring(miniature.miniature("m", network.record.name, one, widest))
    for one in block_groups:
        yield from drawings(block_bars.profile("profile", "n", one))
        yield ElementTree.fromstring(stacked_bars.composition_bar("bar", "n", one))


def test_components_are_as_long_as_they_have_parameters(atlas):
    records = [one.record for one in atlas.components]
    bars = [(one, f"said {one.id}", f"{one.id}.html") for one in records]
    root = ElementTree.fromstring(stacked_bars.component_bars("c", "Title", bars))
    longest = max(one.parameters for one in records)
    widths = [float(bar.get("width").rstrip("%")) for bar in root.iter("rect")]
    expected = [100 * one.parameters / longest for one in records]
    assert widths == pytest.approx(expected, abs=stacked_bars.NARROWEST)
    assert [link.get("href") for link in root.iter("a")] == [link for _, _, link in bars]
    # What is said of a bar is beside it, where names are not.
    said = [text for text in root.iter("text") if text.text.startswith("said ")]
    named = {text.get("y") for link in root.iter("a") for text in link}
    assert len(said) == len(records)
    assert not named & {text.get("y") for text in said}


@pytest.mark.slow
def test_every_chart_says_what_it_shows(networks):
    for root in all_charts(networks):
        names = root.get("aria-labelledby").split()
        said = {e.get("id"): e.text for e in root if e.tag in ("title", "desc")}
        links = list(root.iter("a"))
        assert root.get("role") == ("group" if links else "img")
        assert list(said) == names
        assert all(said.values())


def test_no_text_is_shown_below_11_px(networks):
    for root in all_charts(networks):
        smallest = float(root.get("font-size"))
        if root.get("viewBox") and list(root.iter("text")):
            width = float(root.get("viewBox").split()[2])
            smallest *= float(re.search(r"min-width:([\d.]+)px", root.get("style"))[1]) / width
        assert smallest >= 11
        assert not [e for e in root.iter() if e.get("font-size") and e is not root]


def test_bars_are_as_long_as_their_blocks_are_large(networks):
    """Upwards on a wide screen, to the right on a narrow one."""
    for network in networks:
        block_groups = quantities.block_groups(network)
        blocks = [block for group in block_groups for block in group.blocks]
        largest = max(blocks, key=lambda block: block.parameters)
        for side, root in zip(
            (1, 0), drawings(block_bars.profile("p", "n", block_groups)), strict=True
        ):
            bars = marks(root)
            assert len(bars) == len(blocks)
            unit = size(bars[blocks.index(largest)][1])[side] / largest.parameters
            for (said, bar), block in zip(bars, blocks, strict=True):
                assert size(bar)[side] == pytest.approx(block.parameters * unit, abs=0.02)
                assert bar.get("fill") == bar.get("stroke") == block_colour(block.name)
                assert f"{block.parameters:,}" in said
            assert {block.name for block in blocks} <= set(texts(root))


def test_segments_fill_their_bar(networks):
    for network in networks:
        block_groups = quantities.block_groups(network)
        bar = ElementTree.fromstring(stacked_bars.composition_bar("b", "n", block_groups))
        widths = [float(rect.get("width").rstrip("%")) for rect in bar.iter("rect")]
        assert sum(widths) == pytest.approx(100, abs=0.2)
        largest = max(block_groups, key=lambda group: group.parameters)
        share = 100 * largest.parameters / quantities.parameters(network)
        assert max(widths) == pytest.approx(share, abs=0.001)


def test_labels_of_points_do_not_overlap(networks):
    points = [
        scatter.Point(
            label=network.record.name,
            x=quantities.parameters(network),
            y=quantities.flops_per_sample(network),
            **LOOK,
        )
        for network in networks
        if quantities.flops_per_sample(network)
    ][::10]
    # Many points in one place have no room for all labels.
    crowd = [msgspec.structs.replace(points[0], x=points[0].x * 1.01**n) for n in range(40)]
    for root in drawings(scatter.scatter("s", "t", ("x", "y"), [*points, *crowd], points)):
        boxes = []
        for text in root.iter("text"):
            if text.get("font-weight") == "600":
                x, y = place(text)
                length = 6.7 * len(text.text)
                shift = {"start": 0, "middle": length / 2, "end": length}[text.get("text-anchor")]
                boxes.append((x - shift, y - 11, x - shift + length, y + 2))
        assert len(points) / 2 <= len(boxes) < len(crowd)
        for n, a in enumerate(boxes):
            for b in boxes[:n]:
                assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])


@pytest.mark.slow
def test_bars_whose_text_is_not_measured_are_drawn_as_if_it_were(networks):
    for network in networks:
        one = block_bars.profile("p", "n", quantities.block_groups(network))
        screens = {
            screen: {key: part for key, part in getattr(one, screen).items() if key != "usermeta"}
            for screen in ("wide", "narrow")
        }
        assert static_svg(one) == static_svg(msgspec.structs.replace(one, **screens))


def test_the_bars_of_a_miniature_are_as_wide_as_their_blocks_are_large(networks):
    """On one scale for several networks; a group of blocks is one path."""
    groups = {network.id: quantities.block_groups(network) for network in networks}
    widest = max(map(miniature.widest_block, groups.values()))
    for name, one in groups.items():
        root = ElementTree.fromstring(miniature.miniature("m", name, one, widest))
        right = float(root.get("viewBox").split()[2])
        for path, group in zip(root.iter("path"), one, strict=True):
            bars = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v", path.get("d"))
            assert len(bars) == len(group.blocks)
            for (left, _, width), block in zip(bars, group.blocks, strict=True):
                expected = max(right * block.parameters / widest, miniature.NARROWEST)
                assert float(width) == pytest.approx(expected, abs=0.051)
                assert float(left) >= 0
                assert float(left) + float(width) <= right + 0.1
