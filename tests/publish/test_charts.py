"""Charts: lengths in proportion to the numbers, text as text, large enough, with an alternative."""

import re
from xml.etree import ElementTree

import pytest

from generator.networks.palette import block_colour
from generator.publish.figures import charts, scatter
from generator.publish.pages import quantities

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def networks(atlas):
    return atlas.networks


def parse_all(markup) -> list[ElementTree.Element]:
    """A drawing, or those for wide and for narrow screens."""
    text = str(markup).replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ')
    return list(ElementTree.fromstring(f"<both>{text}</both>"))


def parse(markup) -> ElementTree.Element:
    return parse_all(markup)[0]


def all_charts(networks):
    runs = [quantities.runs(network) for network in networks]
    bars = [charts.Bar(label="n", value="v", link="l", runs=one) for one in runs]
    yield charts.parameter_bars("bars", bars)
    points = [scatter.Point(label="n", x=network.parameters, y=2.0) for network in networks]
    yield scatter.scatter("scatter", "Title", ("x", "y"), points)
    for one in runs:
        yield charts.profile("profile", "n", one)
        yield charts.composition_bar("bar", "n", one)


def test_every_chart_says_what_it_shows(networks):
    for markup in all_charts(networks):
        root = parse(markup)
        names = root.get("aria-labelledby").split()
        texts = {e.get("id"): e.text for e in root if e.tag in (f"{SVG}title", f"{SVG}desc")}
        links = list(root.iter(f"{SVG}a"))
        assert root.get("role") == ("group" if links else "img")
        assert list(texts) == names
        assert all(texts.values())


def test_no_text_is_shown_below_11_px(networks):
    for markup in all_charts(networks):
        root = parse(markup)
        size = float(root.get("font-size"))
        if root.get("viewBox"):
            width = float(root.get("viewBox").split()[2])
            size *= float(re.search(r"min-width:([\d.]+)px", root.get("style"))[1]) / width
        assert size >= 11
        assert not [e for e in root.iter() if e.get("font-size") and e is not root]


def test_bars_are_as_high_as_their_blocks(networks):
    for network in networks:
        runs = quantities.runs(network)
        rects = list(parse(charts.profile("p", "n", runs)).iter(f"{SVG}rect"))
        blocks = [block for run in runs for block in run.blocks]
        assert len(rects) == len(blocks)
        tallest = max(blocks, key=lambda block: block.parameters)
        unit = float(rects[blocks.index(tallest)].get("height")) / tallest.parameters
        for rect, block in zip(rects, blocks, strict=True):
            assert float(rect.get("height")) == pytest.approx(block.parameters * unit, abs=1.01)
            assert rect.get("fill") == block_colour(block.name)
            assert f"{block.parameters:,}" in rect.find(f"{SVG}title").text


def test_segments_fill_their_bar(networks):
    for network in networks:
        runs = quantities.runs(network)
        rects = list(parse(charts.composition_bar("b", "n", runs)).iter(f"{SVG}rect"))
        widths = [float(rect.get("width").rstrip("%")) for rect in rects]
        assert sum(widths) == pytest.approx(100, abs=0.2)
        largest = max(runs, key=lambda run: run.parameters)
        share = 100 * largest.parameters / network.parameters
        assert max(widths) == pytest.approx(share, abs=0.001)


def test_labels_of_points_do_not_overlap(networks):
    points = [
        scatter.Point(
            label=network.architecture.name,
            x=network.parameters,
            y=quantities.flops_per_sample(network),
        )
        for network in networks
    ]
    root = parse(scatter.scatter("s", "t", ("x", "y"), points))
    boxes = []
    for text in root.iter(f"{SVG}text"):
        if text.get("class") == "atlas-chart__name":
            x, y, length = float(text.get("x")), float(text.get("y")), 6.7 * len(text.text)
            shift = {"start": 0, "middle": length / 2, "end": length}[text.get("text-anchor")]
            boxes.append((x - shift, y - 11, x - shift + length, y + 2))
    assert len(boxes) == len(points)
    for n, a in enumerate(boxes):
        for b in boxes[:n]:
            assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])
