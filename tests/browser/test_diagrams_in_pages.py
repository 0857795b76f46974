"""Diagrams as a reader sees them: nothing cut, nothing overlapping, large enough, and they zoom."""

import json

import pytest
from sites import REPOSITORY

# One of each class that had a page first; all of them are drawn by the same code.
NETWORKS = ("auraflow", "flux", "hunyuan-dit", "sd1", "sd3")
SMALLEST_TEXT = 11

# Boxes on the screen of all nodes and of their texts, in pixels.
MEASURE = """
svg => {
  const box = element => {
    const {x, y, right, bottom} = element.getBoundingClientRect();
    return [x, y, right, bottom];
  };
  const area = ([x, y, right, bottom]) => (right - x) * (bottom - y);
  return [...svg.querySelectorAll('g.node')].map(node => {
    const shapes = [...node.querySelectorAll('rect, path, polygon, ellipse, circle')].map(box);
    const texts = [...node.querySelectorAll('text')];
    return {
      name: texts.map(text => text.textContent).join(' | '),
      box: shapes.sort((a, b) => area(b) - area(a))[0],
      texts: texts.map(box),
      sizes: texts.map(text => parseFloat(getComputedStyle(text).fontSize)
        * text.getScreenCTM().a),
    };
  });
}
"""


def overlap(a, b, slack=0.5) -> bool:
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    return across > slack and down > slack


def inside(inner, outer, slack=1.0) -> bool:
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[2] <= outer[2] + slack
        and inner[3] <= outer[3] + slack
    )


@pytest.mark.parametrize("network", NETWORKS)
def test_nodes_hold_their_texts_and_keep_apart_and_the_schematic_is_whole(open_page, network):
    page = open_page(f"architectures/{network}.html")
    record = json.loads((REPOSITORY / "data" / "architectures" / f"{network}.json").read_bytes())
    diagrams = page.locator("svg.atlas-diagram").all()
    assert len(diagrams) == len(record["diagrams"])
    for svg, diagram in zip(diagrams, record["diagrams"], strict=True):
        nodes = svg.evaluate(MEASURE)
        frame = list(svg.evaluate("s => Object.values(s.getBoundingClientRect().toJSON())"))
        frame = [frame[0], frame[1], frame[0] + frame[2], frame[1] + frame[3]]
        assert len(nodes) == diagram["nodes"]
        for number, node in enumerate(nodes):
            assert node["texts"], node
            assert inside(node["box"], frame), node
            assert all(inside(text, node["box"]) for text in node["texts"]), node
            assert min(node["sizes"]) >= SMALLEST_TEXT, node
            for other in nodes[:number]:
                assert not overlap(node["box"], other["box"]), (node, other)
            for n, text in enumerate(node["texts"]):
                assert not any(overlap(text, one, 1) for one in node["texts"][:n]), node
    # The schematic is seen whole and is small enough to read.
    view = page.locator("#schematic-diagram .atlas-zoom__view")
    assert view.evaluate("v => v.scrollWidth - v.clientWidth") <= 0
    assert view.evaluate("v => v.scrollHeight - v.clientHeight") <= 0
    assert page.locator("#schematic-diagram g.node").count() <= 45


def width(page) -> float:
    return page.locator("svg.atlas-diagram").nth(1).bounding_box()["width"]


def test_zooming_by_buttons_keys_and_wheel(open_page):
    page = open_page("architectures/sd1.html")
    figure = page.locator("[data-atlas-zoom]").nth(1)
    view = figure.locator(".atlas-zoom__view")
    natural = width(page)
    figure.get_by_role("button", name="Zoom in").click()
    assert width(page) == pytest.approx(natural * 1.25, rel=0.01)
    figure.get_by_role("button", name="natural size").click()
    assert width(page) == pytest.approx(natural, rel=0.01)
    view.focus()
    page.keyboard.press("+")
    assert width(page) > natural
    page.keyboard.press("0")
    figure.get_by_role("button", name="Fit").click()
    assert view.evaluate("v => v.scrollWidth - v.clientWidth") <= 0
    assert view.evaluate("v => v.scrollHeight - v.clientHeight") <= 0
    before = width(page)
    view.hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_timeout(100)
    assert width(page) > before


def test_zooming_keeps_the_place_under_the_pointer(open_page):
    page = open_page("architectures/sd1.html")
    view = page.locator("[data-atlas-zoom]").nth(2).locator(".atlas-zoom__view")
    view.scroll_into_view_if_needed()
    view.evaluate("v => v.scrollTo(600, 900)")
    frame = view.bounding_box()
    x, y = frame["x"] + 300, frame["y"] + 200
    place = """([x, y]) => {
      const svg = document.querySelectorAll('svg.atlas-diagram')[2];
      const {x: left, y: top, width, height} = svg.getBoundingClientRect();
      return [(x - left) / width, (y - top) / height];
    }"""
    before = page.evaluate(place, [x, y])
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -40)
    page.keyboard.up("Control")
    page.wait_for_timeout(100)
    assert page.evaluate(place, [x, y]) == pytest.approx(before, abs=0.002)


def test_dragging_pans(open_page):
    page = open_page("architectures/sd1.html")
    view = page.locator("[data-atlas-zoom]").nth(2).locator(".atlas-zoom__view")
    view.scroll_into_view_if_needed()
    left = view.evaluate("v => v.scrollLeft")
    frame = view.bounding_box()
    page.mouse.move(frame["x"] + 400, frame["y"] + 200)
    page.mouse.down()
    page.mouse.move(frame["x"] + 300, frame["y"] + 150, steps=4)
    page.mouse.up()
    assert view.evaluate("v => v.scrollLeft") == pytest.approx(left + 100, abs=2)
    assert view.evaluate("v => v.scrollTop") == pytest.approx(50, abs=2)


def test_without_javascript_a_diagram_is_a_picture_that_scrolls(open_page):
    page = open_page("architectures/sd1.html", java_script_enabled=False)
    assert page.locator("svg.atlas-diagram").count() == 3
    assert page.locator(".atlas-zoom .atlas-bar").count() == 0
    view = page.locator(".atlas-zoom__view").nth(2)
    assert view.evaluate("v => getComputedStyle(v).overflowX") == "auto"
