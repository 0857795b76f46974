"""Texts and files of a map: whole, inert, in nobody's way; refused where they are damaged."""

import csv
import json
import re
from html.parser import HTMLParser
from io import StringIO

import msgspec
import pytest
from made_maps import N, lead_of, make_map

from generator.errors import DamagedRecord
from generator.publish.figures.maps.scripts import script_files
from generator.publish.reading.loaded import read_all
from generator.publish.reading.maps import EMBEDDINGS, farthest
from generator.records import MappedPrompt, store

HOSTILE = "</script><img src=x onerror=alert(1)> {{ 7*7 }} \"'\u2028\u202e=1+1"


@pytest.fixture
def rendered(render_map):
    return lambda text, **more: render_map(*make_map(text, **more)[:2])


def test_hostile_prompts_are_inert(rendered):
    site = rendered(HOSTILE)
    pages = [path for path in (site / "embeddings").rglob("*.*") if path.suffix != ".png"]
    assert len(pages) == 2 + 3
    for page in pages:
        written = page.read_text(encoding="utf-8")
        assert "<img" not in written, page
        assert "</script" not in written, page
        assert "{{" not in written or page.suffix == ".js", page
        assert "\u2028" not in written
        assert "\u202e" not in written or page.suffix == ".md"


class Unisolated(HTMLParser):
    """Collects the texts with a sign that turns what is read after it, and nothing to end that."""

    VOID = ("br", "img", "meta", "link", "input", "path", "rect", "line", "image", "hr")
    ENDS = ("bdi", "text", "title", "desc")

    def __init__(self):
        super().__init__()
        self.open, self.found = [], []

    def handle_starttag(self, tag, _attributes):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        while tag in self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if "\u202e" in data and not set(self.ENDS) & set(self.open):
            self.found.append(data)


def test_what_turns_the_text_turns_no_other(render_map):
    """Each prompt, category and name is read in a direction of its own."""
    turning = make_map("\u202eturned")[0]
    record, files, _ = make_map("plain")
    fields = ("name", "group_name", "description", "prompts", "categories")
    mixed = {field: getattr(turning, field) for field in fields}
    spaces = tuple(
        msgspec.structs.replace(space, silhouettes=turning.spaces[0].silhouettes)
        for space in record.spaces
    )
    record = msgspec.structs.replace(record, spaces=spaces, **mixed)
    for page in (render_map(record, files) / "embeddings").glob("*.md"):
        parser = Unisolated()
        parser.feed(page.read_text(encoding="utf-8").split("---", 2)[2])
        assert "\u202e" in page.read_text(encoding="utf-8")
        assert not parser.found, (page, parser.found[:3])


def test_long_prompts_are_cut_and_whole_on_hover(render_map):
    """In the lead, in cells and among neighbours; downloads and sorting have the whole."""
    record, files, _ = make_map("plain")
    long = "very " * 780 + "long prompt "
    prompts = tuple(
        MappedPrompt(text=f"{long}{row}", category="plain0", tokens=(78,)) for row in range(N)
    )
    record = msgspec.structs.replace(record, prompts=prompts)
    page, lead = lead_of(render_map(record, files))
    assert "very " * 20 not in re.sub(r"<[^>]*>", "", page)
    assert f'“<bdi title="{long}0">very very' in lead
    row = page.partition("## Prompts")[2].partition("<tbody>")[2].partition("</tr>")[0]
    heading, *_, nearest = re.split("<t(?=[hd])", row)[1:]
    assert f'data-value="{long}0"' in heading
    assert re.search(r"…[a-z ]*long prompt 0</bdi>", heading)
    assert nearest.count(f'<bdi title="{long}') == 2
    assert f'data-value="{long}1, {long}2"' in nearest


def test_scripts_are_one_call_with_the_very_prompts(rendered):
    """Each is JavaScript that hands over the text as it is."""
    head = (rendered(HOSTILE) / "embeddings" / "set_group" / "head.js").read_text()
    assert head.startswith("atlasMapPart(")
    assert head.endswith(");\n")
    name, part, content = json.loads(f"[{head.removeprefix('atlasMapPart(')[:-3]}]")
    assert (name, part) == ("set_group", "head")
    assert content["prompts"][1] == f"{HOSTILE}1"


def test_tables_hold_no_formulas(rendered):
    folder = rendered("=1+1") / "downloads" / "embeddings"
    for name in ("points", "distances.last"):
        rows = list(csv.reader(StringIO((folder / f"set_group.{name}.csv").read_text())))
        assert len(rows) == 1 + {"points": 2 * N, "distances.last": N * (N - 1) // 2}[name]
        assert not [cell for row in rows for cell in row if cell.startswith("=")]


def test_every_distance_is_in_the_table(rendered):
    _, _, apart = make_map("x")
    folder = rendered("x") / "downloads" / "embeddings"
    rows = list(csv.DictReader(StringIO((folder / "set_group.distances.last.csv").read_text())))
    assert rows[0]["a"] == ""
    assert float(rows[0]["cosine"]) == pytest.approx(apart[0, 1], rel=1e-4)
    assert float(rows[0]["euclidean"]) == pytest.approx((2 * apart[0, 1]) ** 0.5, rel=1e-4)
    assert float(rows[-1]["manhattan"]) == pytest.approx(apart[N - 2, N - 1], rel=1e-4)


def test_damage_is_refused(tmp_path):
    record, files, _ = make_map("x")
    _, other_files, _ = make_map("x", moves=(0.0, 0.25, 0.5))
    store.write_result(tmp_path / "embeddings", record, files | {}, "made")
    assert farthest(read_all(tmp_path, EMBEDDINGS)[0], 0, "last") == 1
    swapped = files | {"set_group.points.parquet": other_files["set_group.points.parquet"]}
    store.write_result(tmp_path / "embeddings", record, swapped, "made")
    with pytest.raises(DamagedRecord, match=r"points\.parquet"):
        read_all(tmp_path, EMBEDDINGS)
    store.write_result(
        tmp_path / "embeddings", record, files | {"set_group.points.parquet": b"x"}, "made"
    )
    with pytest.raises(DamagedRecord):
        read_all(tmp_path, EMBEDDINGS)
    renamed = msgspec.structs.replace(record, id="no-underscore")
    store.write_result(tmp_path / "other" / "embeddings", renamed, {}, "made")
    with pytest.raises(DamagedRecord, match="address"):
        read_all(tmp_path / "other", EMBEDDINGS)


def test_scripts_are_javascript(tmp_path):
    record, files, _ = make_map(HOSTILE)
    store.write_result(tmp_path / "embeddings", record, files, "made")
    (mapped,) = read_all(tmp_path, EMBEDDINGS)
    assert set(script_files(mapped)) == {
        f"embeddings/set_group/{part}.js" for part in ("head", "0.last", "1.last")
    }
