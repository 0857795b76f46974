"""What the site says of itself: how to cite it, pictures for links, an index for programs."""

import html
import json
import re
import tomllib
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image

from generator.publish.downloads import Download
from generator.publish.figures import svg
from generator.publish.figures.card import HEIGHT, WIDTH, card
from generator.publish.pages.data import dataset
from generator.publish.quantities.versions import program_version
from generator.publish.style.front_matter import field, with_fields
from generator.text.escaping import linked, quoted, script_json

ROOT = Path(__file__).parents[2]


def test_one_version_everywhere():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.M)[1] == told
    assert program_version() == told


def test_fields_of_front_matter_are_read_and_added():
    title = 'A: "b" <c>'
    page = f"---\ntitle: {quoted(title)}\ndescription: plain words\n---\n# Text\ntitle: no\n"
    assert field(page, "title") == title
    assert field(page, "description") == "plain words"
    assert field(page, "image") == ""
    more = with_fields(page, {"image": "cards/a.png", "none": "", "hostile": "x\n---\n<script>"})
    assert field(more, "image") == "cards/a.png"
    assert "none" not in more
    assert field(more, "hostile").startswith("x")
    assert more.count("\n---\n") == page.count("\n---\n")
    assert "<script>" not in more
    assert more.endswith(page.partition("\n---\n")[2])


def drawn(colour):
    bar = svg.element("rect", width="100%", height=40, fill=colour)
    return svg.drawing("bars", "Bars", "One bar", [bar], width="100%", height=50)


def pixels(content):
    return np.asarray(Image.open(BytesIO(content)).convert("RGB"))


def test_a_card_shows_the_title_and_the_drawing():
    plain = pixels(card("Title", "Words", drawn("#d55e00")))
    assert plain.shape == (HEIGHT, WIDTH, 3)
    orange = np.abs(plain.astype(int) - (0xD5, 0x5E, 0)).max(axis=2) < 16
    rows, columns = np.nonzero(orange)
    # The bar is as wide as the card without its margins.
    assert np.ptp(columns) > 0.85 * WIDTH
    assert rows.min() > 200
    untitled = pixels(card("", "Words", drawn("#d55e00")))
    assert (plain[:130] != untitled[:130]).any()


def test_hostile_texts_make_no_elements_in_a_card():
    hostile = '</text><rect width="1200" height="630" fill="#ff0000"/>\x00\ud800'
    red = pixels(card(hostile, hostile, drawn("#000000")))
    assert not (red == (255, 0, 0)).all(axis=2).any()


def test_the_first_of_two_drawings_is_shown():
    both = drawn("#d55e00") + drawn("#0000ff")
    assert card("a", "b", both) == card("a", "b", drawn("#d55e00"))


def test_addresses_in_texts_become_links_and_all_else_is_inert():
    text = linked('See https://a.org/b?c=<x>, or "https://d.org".')
    links = re.findall(r'<a href="([^"]*)">', text)
    assert list(map(html.unescape, links)) == ["https://a.org/b?c=", "https://d.org"]
    assert "<x>" not in text
    assert "<a" not in linked("javascript:alert(1) //x.org")


def test_the_index_lists_every_file_of_every_result(public_pages):
    index = json.loads((public_pages / "downloads" / "index.json").read_text())
    for result in index["results"]:
        assert (public_pages / result["page"]).with_suffix(".md").is_file()
        for file in result["files"]:
            content = (public_pages / file["path"]).read_bytes()
            assert (len(content), sha256(content).hexdigest()) == (file["size"], file["sha256"])
    listed = {file["path"] for result in index["results"] for file in result["files"]}
    kinds = {result["kind"] for result in index["results"]}
    folders = (public_pages / "downloads" / kind for kind in kinds)
    there = {
        path.relative_to(public_pages).as_posix()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert there - listed == {"downloads/checkpoints/refused.json"} & there


def test_pages_allow_no_code_made_of_text():
    theme = (ROOT / "templates" / "theme" / "main.html").read_text()
    (policy,) = re.findall(r'"Content-Security-Policy" content="([^"]+)"', theme)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert "unsafe-eval" not in policy
    assert all("http" not in sources for sources in rules.values())


def test_a_card_of_a_hostile_title_is_a_picture_like_others():
    for title in ("<script>&\"'", "a\u202eb\x00\ud800", "{{7*7}}", "x" * 10_000, ""):
        assert pixels(card(title, title, drawn("#d55e00"))).shape == (HEIGHT, WIDTH, 3)


def test_what_search_engines_read_cannot_end_its_script(committed_site):
    downloads = committed_site.downloads
    hostile = Download(path="a</script>.csv", label="</script><script>x\u2028\u202e", content=b"")
    told = dataset(msgspec.structs.replace(downloads, index=hostile))
    written = script_json(told)
    assert "<" not in written
    assert json.loads(written) == told
    assert hostile.label in {one["name"] for one in told["distribution"]}
