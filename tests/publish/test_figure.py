"""The engine of the figures: static drawings of specifications, and the scripts of pages."""

import base64
import json
import re
from xml.etree import ElementTree

import pytest
import vl_convert

from generator.publish.figures import figure as figures
from generator.publish.figures import runtime
from generator.publish.figures.figure import INK, Figure, figure, static_svg
from generator.publish.figures.page_script import page_script
from generator.publish.figures.runtime import RUNTIME_FILE, runtime_file
from generator.publish.figures.svg_files import svg_files
from generator.publish.pages.kinds import all_pages

PIXEL = "data:image/png;base64," + base64.b64encode(b"\x89PNG").decode()


def drawn_texts(*texts: str, **mark: object):
    """A specification with texts, a picture, and what is clipped; as wide as it is told."""

    def draw(width: int):
        place = {"type": "quantitative", "axis": None, "scale": {"domain": [0, width]}}
        rows = [{"x": n, "text": text} for n, text in enumerate(texts)]
        return {
            "width": width,
            "height": 50,
            "autosize": "none",
            "encoding": {"x": {"field": "x"} | place},
            "layer": [
                {
                    "data": {"values": rows},
                    "mark": {"type": "text", "aria": True} | mark,
                    "encoding": {"text": {"field": "text"}, "description": {"field": "text"}},
                },
                {
                    "data": {"values": [{"x": 3}]},
                    "mark": {"type": "image", "url": PIXEL, "width": 5, "clip": True},
                },
            ],
        }

    return draw


def roots(markup):
    return list(ElementTree.fromstring(f"<div>{markup}</div>"))


def test_there_is_a_drawing_for_each_width():
    wide, narrow = roots(static_svg(figure("f", "A title", "What it shows", drawn_texts("a"))))
    assert [one.get("viewBox").split()[2] for one in (wide, narrow)] == ["1160", "340"]
    assert [one.get("class").split("--")[1] for one in (wide, narrow)] == ["wide", "narrow"]
    for one in (wide, narrow):
        labels = [part for part in one if part.get("id") in one.get("aria-labelledby").split()]
        assert [label.text for label in labels] == ["A title", "What it shows"]
        assert one.get("role") == "img"
    ids = [part.get("id") for one in (wide, narrow) for part in one.iter() if part.get("id")]
    assert len(ids) == len(set(ids)) == 6


def test_one_figure_gives_the_same_bytes_each_time():
    one = figure("f", "t", "d", drawn_texts("a"))
    first = static_svg(one)
    static_svg(figure("g", "t", "d", drawn_texts("b")))
    assert static_svg(one) == first
    assert "url&#40;&#35;f&#45;0&#41;" in first


@pytest.mark.parametrize("angle", [0, -90, 30])
def test_text_is_drawn_as_if_it_were_measured(monkeypatch, angle):
    one = figure("f", "t", "d", drawn_texts("a", "long " * 9, dy=4, align="right", angle=angle))
    unmeasured = static_svg(one)
    monkeypatch.setattr(figures, "_STILL", figures.CONFIG)
    figures._drawn.cache_clear()
    assert static_svg(one) == unmeasured


def text_marks(part):
    """The marks of a specification, or of a part of it, that are texts."""
    if isinstance(part, list):
        return [mark for each in part for mark in text_marks(each)]
    if not isinstance(part, dict):
        return []
    mark = part.get("mark")
    own = [{"type": mark} if isinstance(mark, str) else mark] if mark else []
    inside = [found for each in part.values() for found in text_marks(each)]
    return [each for each in own if each["type"] == "text"] + inside


@pytest.mark.slow
def test_texts_of_the_site_need_not_be_measured(committed_site):
    """They have one size and stand on their base lines, wherever they are."""
    found = [
        mark
        for _, context in all_pages(committed_site)
        for one in context.figures()
        for mark in text_marks([one.wide, one.narrow])
    ]
    assert len(found) > 100
    assert not [mark for mark in found if {"baseline", "fontSize"} & mark.keys()]


def test_ink_is_the_colour_of_the_text_and_nothing_lies_behind():
    (root,) = roots(
        static_svg(Figure(name="f", title="", description="", wide=drawn_texts("a")(9)))
    )
    fills = {part.get("fill") for part in root.iter()} - {None}
    assert fills == {INK, "none"}


def test_hostile_text_is_text():
    hostile = "<script>alert(1)</script>{{7*7}}\x00\x1b\ufffe 日本語 **b**"
    title = hostile.replace("\ufffe", "")
    one = Figure(name="f", title=title, description=title, wide=drawn_texts(hostile)(500))
    markup = static_svg(one)
    assert "<script" not in markup
    assert "{{" not in markup
    assert "**" not in markup
    (root,) = roots(markup)
    (text,) = root.iter("text")
    shown = hostile.translate({0: "\ufffd", 0x1B: "\ufffd", 0xFFFE: "\ufffd"})
    assert text[0].text == shown
    assert text[0].tail == shown


def test_links_stay_relative():
    one = Figure(
        name="f",
        title="",
        description="",
        wide=drawn_texts("a", href="../checkpoints/a.html")(500),
        links=True,
    )
    (root,) = roots(static_svg(one))
    assert root.get("role") == "group"
    assert [link.get("href") for link in root.iter("a")] == ["../checkpoints/a.html"]


def test_nothing_is_fetched():
    remote = drawn_texts("a")(500) | {"data": {"url": "https://example.org/x.json"}}
    remote["layer"][0].pop("data")
    with pytest.raises(ValueError, match="External data"):
        static_svg(Figure(name="f", title="", description="", wide=remote))


def test_a_page_has_one_script_with_each_data_set_once():
    one, other = (figure(name, "t", "d", drawn_texts("a" * 9)) for name in "fg")
    ((path, content),) = page_script("groups/demo.md", [one, other]).items()
    assert path == "runtime/groups/demo.js"
    found = json.loads(content.decode().removeprefix("window.atlasFigures=").removesuffix(";\n"))
    assert content.count(b"aaaaaaaaa") == 1
    assert [each["place"] for each in found["figures"]] == ["f", "g"]
    for each in found["figures"]:
        for screen in ("wide", "narrow"):
            name = each[screen]["layer"][0]["data"]["name"]
            assert found["datasets"][name] == [{"x": 0, "text": "aaaaaaaaa"}]


def test_without_figures_there_is_no_script_and_no_runtime(tmp_path):
    assert page_script("index.md", []) == {}
    assert runtime_file(["index.md"], tmp_path) == {}
    assert set(runtime_file(["runtime/index.js"], tmp_path)) == {RUNTIME_FILE}


def test_the_runtime_is_bundled_anew_only_where_it_differs(tmp_path, monkeypatch):
    bundled = []

    def bundle(code: str, vl_version: str) -> str:
        bundled.append(vl_version)
        return f"// {code}"

    # As it is outside these tests, which keep one bundle for all renderings.
    monkeypatch.setattr(runtime, "_bundled", runtime._bundled.__wrapped__)
    monkeypatch.setattr(vl_convert, "javascript_bundle", bundle)
    written = tmp_path / RUNTIME_FILE
    written.parent.mkdir()

    def render() -> bytes:
        (content,) = runtime_file(["runtime/index.js"], tmp_path).values()
        written.write_bytes(content)
        return content

    first = render()
    assert render() == first
    assert len(bundled) == 1
    for damaged in (first[:-1], first + b" ", first.replace(b"AS IS", b"as is"), b""):
        written.write_bytes(damaged)
        assert render() == first
    assert len(bundled) == 5
    monkeypatch.setattr(runtime, "version", lambda _: "0.0.0")
    assert render().startswith(b"/*! vl-convert 0.0.0,")
    assert len(bundled) == 6


def test_lines_behind_letters_are_covered_in_a_file_of_its_own():
    one = figure("f", "A title", "What it shows", drawn_texts("a"))
    (content,) = svg_files("groups/g.md", [one]).values()
    style = ElementTree.fromstring(content).find("{http://www.w3.org/2000/svg}style").text
    schemes = re.findall(r"background:(#\w+)\}.*?stroke:(#\w+)", style)
    assert len(schemes) == 2
    assert all(paper == around for paper, around in schemes)
    assert "paint-order:stroke" in style
