"""What a reader takes away from a figure: its address, a picture, a drawing, its numbers."""

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from sites import REPOSITORY

SVG = "{http://www.w3.org/2000/svg}"
NETWORK = "architectures/sdxl.html"
# Stands for a browser that gives its clipboard to a page.
CLIPBOARD = """
Object.defineProperty(navigator, "clipboard", {
  value: { writeText: async text => { window.copied = text; } },
})
"""


def saved(page, figure, name):
    """What is saved by the button `name` below the figure with the id `figure`: name and bytes."""
    bar = page.locator(f"#{figure} + .atlas-share")
    with page.expect_download() as waiting:
        bar.get_by_role("button", name=name, exact=True).click()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


def rows(content):
    return list(csv.reader(io.StringIO(content.decode())))


def test_the_numbers_of_a_figure_are_those_of_its_record(open_page):
    page = open_page(NETWORK)
    name, content = saved(page, "figure-profile", "CSV")
    assert name == "sdxl-figure-profile.csv"
    head, *found = rows(content)
    record = json.loads((REPOSITORY / "data" / "architectures" / "sdxl.json").read_bytes())
    blocks = {each["name"]: each["parameters"] for each in record["mbw"]["blocks"]}
    assert head[:2] == ["block", "value"]
    assert {row[0]: int(row[1]) for row in found} == blocks


def test_the_numbers_of_a_scatter_have_the_titles_of_its_axes(open_page):
    page = open_page("compare.html")
    head, *found = rows(saved(page, "figure-size-and-cost-chart", "CSV")[1])
    record = json.loads((REPOSITORY / "data" / "architectures" / "sdxl.json").read_bytes())
    told = head.index("text")
    (row,) = (row for row in found if row[told].startswith(f"{record['name']}:"))
    assert row[-2] == str(record["parameters"]["diffusers"])
    assert "Parameters" in head[-2]
    assert not {"x", "y", "dx", "dy", "colour"} & set(head)


def test_the_numbers_of_a_matrix_are_square_and_symmetric(open_page):
    page = open_page("groups/aobp.html")
    head, *found = rows(saved(page, "figure-clusters", "CSV")[1])
    assert [row[0] for row in found] == head[1:]
    values = np.array([[float(value) for value in row[1:]] for row in found])
    assert (values == values.T).all()
    assert (values.diagonal() == 0).all()
    record = json.loads((REPOSITORY / "data" / "groups" / "aobp.json").read_bytes())
    assert len(values) == len(record["members"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_has_the_colours_of_the_page(open_page, scheme):
    page = open_page(NETWORK, color_scheme=scheme)
    name, content = saved(page, "figure-profile", "PNG")
    assert name == "sdxl-figure-profile.png"
    colours = np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).reshape(-1, 3)
    wanted = {
        element: page.evaluate(f"getComputedStyle(document.body).{element}")
        for element in ("backgroundColor", "color")
    }
    paper, ink = (
        np.array([int(part) for part in wanted[name][4:-1].split(",")[:3]])
        for name in ("backgroundColor", "color")
    )
    assert (colours[0] == paper).all()
    assert (np.abs(colours.astype(int) - paper).max(axis=1) == 0).mean() > 0.5
    # Titles are in the ink of the page, bars in their own colour.
    assert (np.abs(colours.astype(int) - ink).max(axis=1) < 8).sum() > 500
    assert (np.abs(colours.astype(int) - (0, 0x72, 0xB2)).max(axis=1) < 8).sum() > 500


def test_a_drawing_says_what_it_is_and_where_it_is_from(open_page):
    page = open_page("groups/mbw.html")
    _, content = saved(page, "figure-map", "SVG")
    drawing = ElementTree.fromstring(content)
    assert drawing.find(f"{SVG}title").text.startswith("Map of ")
    source = drawing.find(f"{SVG}desc").text
    assert "6DammK9" in source
    assert source.endswith("groups/mbw.html#figure-map")
    assert "currentColor" not in drawing.get("style")


def test_the_address_of_a_figure_keeps_what_was_chosen_and_opens_what_is_closed(open_page):
    page = open_page("compare.html")
    page.evaluate(CLIPBOARD)
    page.evaluate("window.atlasAddress.set('modality', 'video')")
    bar = page.locator("#figure-size-and-cost-chart + .atlas-share")
    bar.get_by_role("button", name="Copy link").click()
    bar.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("window.copied")
    assert copied.endswith("compare.html?modality=video#figure-size-and-cost-chart")
    page = open_page("groups/demo.html")
    closed = page.locator("details:not([open]) [data-atlas-place]")
    if closed.count():
        name = closed.first.get_attribute("id")
        page.evaluate(f"location.hash = {json.dumps(name)}")
        page.locator(f"#{name}").wait_for(state="visible")


def test_from_disk_no_folder_of_this_machine_is_printed(open_page, public_site):
    page = open_page(NETWORK, base=public_site.as_uri() + "/")
    _, content = saved(page, "figure-profile", "SVG")
    assert b"architectures/sdxl.html#figure-profile" in content
    assert b"file:" not in content


def test_an_unknown_state_in_the_address_is_left_alone(open_page):
    hostile = quote("\u202e<img src=x onerror=alert(1)>=1+1")
    state = "&".join(f"{name}={hostile}" for name in ("modality", "sort", "columns", "component"))
    page = open_page(f"compare.html?{state}#{hostile}")
    assert page.locator("tbody tr:visible").count() == len(
        list((REPOSITORY / "data" / "architectures").glob("*.json"))
    )
    assert page.locator("img[src=x]").count() == 0


def test_formulas_are_texts_in_a_spreadsheet(open_page):
    page = open_page("cite.html")
    written = page.evaluate(
        "window.atlasCsv([['=1+1', '+x', '-y', '@z', '\\t=1', -5, 'a,b', 'c\"d', null]])"
    )
    (row,) = csv.reader(io.StringIO(written))
    assert row == ["'=1+1", "'+x", "'-y", "'@z", "'\t=1", "-5", "a,b", 'c"d', ""]


# Keeps what is written onto pictures.
WRITTEN = """
() => {
  window.written = [];
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...more) {
    window.written.push(text);
    fillText.call(this, text, ...more);
  };
}
"""


def test_a_hostile_title_turns_nothing_around_in_what_is_saved(open_page):
    hostile = "a\u202egnp.<img src=x onerror=alert(1)>\u2066"
    page = open_page(NETWORK)
    page.evaluate(WRITTEN)
    page.evaluate("title => document.querySelector('h1').textContent = title", hostile)
    _, picture = saved(page, "figure-profile", "PNG")
    assert Image.open(io.BytesIO(picture)).size > (0, 0)
    written = " ".join(page.evaluate("window.written"))
    _, content = saved(page, "figure-profile", "SVG")
    drawing = ElementTree.fromstring(content)
    for text in (written, drawing.find(f"{SVG}desc").text):
        assert "a[U+202E]gnp.<img src=x onerror=alert(1)>[U+2066]" in text
        assert not {"\u202e", "\u2066"} & set(text)
    assert not [one for one in drawing.iter() if one.tag.endswith("img")]
