"""Only drawings become part of a page."""

import json
import re
from pathlib import Path

import pytest

from generator.errors import DamagedRecord
from generator.publish.figures.block_links import with_block_links
from generator.publish.reading.diagrams import read_diagram

PATH = Path("data/architectures/one.schematic.svg")
OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(content: str, attributes: str = 'class="atlas-diagram"') -> str:
    return f"<?xml version='1.0'?>\n{OPEN} {attributes}>{content}</svg>\n"


def test_a_drawing_is_taken_without_its_prolog():
    text = svg('<g class="node"><rect width="3"/><text>IN00</text></g>')
    assert str(read_diagram(PATH, text)) == text[text.index("<svg") :].strip()


def test_all_committed_diagrams_are_drawings(committed):
    folder = committed / "architectures"
    paths = sorted(folder.glob("*.svg"))
    told = {
        f"{path.stem}.{diagram['name']}.svg"
        for path in folder.glob("*.json")
        for diagram in json.loads(path.read_bytes())["diagrams"]
    }
    assert {path.name for path in paths} == told
    for path in paths:
        assert read_diagram(path, path.read_text(encoding="utf-8")).startswith("<svg")


@pytest.mark.parametrize(
    "text",
    [
        svg("<script>alert(1)</script>"),
        svg("<foreignObject/>"),
        svg('<image href="https://evil.example/x.png"/>'),
        svg('<a href="javascript:alert(1)"><text>x</text></a>'),
        svg('<rect onclick="alert(1)"/>'),
        svg('<rect fill="url(https://evil.example/x)"/>'),
        svg('<path xlink:href="https://evil.example/x"/>'),
        svg("<style>@import 'https://evil.example/x.css'</style>"),
        svg("<g>"),
        svg("<g/>", 'class="other"'),
        "<html></html>",
        "",
        "<!DOCTYPE svg [<!ENTITY a 'b'>]>" + svg("<text>&a;</text>"),
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(DamagedRecord, match=r"one\.schematic\.svg"):
        read_diagram(PATH, text)


def test_blocks_that_a_drawing_names_lead_to_their_rows():
    mark = '<text x="1" font-weight="700">{}</text>'
    drawn = read_diagram(PATH, svg("".join(map(mark.format, ("IN00", "SINGLE01–37", "CAT00")))))
    linked = str(with_block_links(drawn, ["IN00", "SINGLE01", "SINGLE37"]))
    assert f'<a href="#block-IN00">{mark.format("IN00")}</a>' in linked
    assert f'<a href="#block-SINGLE01">{mark.format("SINGLE01–37")}</a>' in linked
    assert linked.count("<a ") == 2
    assert re.sub("</?a[^>]*>", "", linked) == drawn
