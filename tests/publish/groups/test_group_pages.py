"""Pages of groups: figures without scripts, true downloads, reasons, inert names, damage named."""

import csv
import io
import json
import re
import shutil
from html import unescape
from itertools import combinations
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest
import safetensors.numpy
from hostile import add_group, distances
from made_data import two_networks
from made_groups import make_group, published_group, write_group

from generator.errors import DamagedRecord
from generator.publish.figures.groups.prepared import prepare
from generator.publish.figures.runtime import runtime_file
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.loaded import read_all
from generator.publish.reading.pairs import PAIRS
from generator.publish.render import render
from generator.records import Group, store
from generator.records.distances import distance_matrix
from generator.text import numbers

# A page, its data and the runtime together, as people on slow lines get them.
HEAVIEST = 3_000_000


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = two_networks(tmp_path_factory.mktemp("groups") / "data", "Tiny")
    add_group(folder)
    return folder


@pytest.fixture
def own_data(data, tmp_path):
    """That of a test which changes it."""
    return shutil.copytree(data, tmp_path / "data")


@pytest.fixture(scope="module")
def source(data, templates):
    render(data, templates, data.parent / "site_src")
    return data.parent / "site_src"


def test_downloads_hold_the_distances(data, source):
    (measured,) = read_all(data, GROUPS)
    downloads = source / "downloads" / "groups"
    rows = list(csv.reader(io.StringIO((downloads / "hostile.denoiser.l2.csv").read_text("utf-8"))))
    expected = np.hypot(distances(5), distances(5, 2))
    assert np.array([row[1:] for row in rows[1:]], dtype=float) == pytest.approx(expected)
    # What a spreadsheet would take for a formula is text.
    assert rows[0][1].startswith("'=")
    vae = list(csv.reader(io.StringIO((downloads / "hostile.vae.l2.csv").read_text("utf-8"))))
    assert [row[1:] for row in vae[1:]][4] == ["", "", "", "", ""]
    matrix = json.loads((downloads / "hostile.matrix.json").read_bytes())
    report = distance_matrix(measured.beside, measured.record.metrics)
    assert matrix == json.loads(msgspec.json.encode(report))
    assert set(matrix) == {"members", "components", "blocks", "excluded"}
    for ending in ("json", "safetensors"):
        name = f"hostile.{ending}"
        assert (downloads / name).read_bytes() == (data / "groups" / name).read_bytes()
    safetensors.numpy.load((downloads / "hostile.safetensors").read_bytes())


def test_files_of_cosines_are_called_so(source):
    """A vector and itself: cosine 1, 1 - cosine 0."""
    downloads = source / "downloads" / "groups"
    rows = list(csv.reader(io.StringIO((downloads / "hostile.vae.cosine.csv").read_text("utf-8"))))
    assert float(rows[1][1]) == 1
    page = unescape((source / "groups" / "hostile.md").read_text(encoding="utf-8"))
    (label,) = re.findall(r'href="[^"]*hostile\.vae\.cosine\.csv"[^>]*>([^<]*)<', page)
    assert label == "VAE, cosine (CSV)"


def test_what_is_missing_has_its_reason_and_is_no_zero(source):
    page = (source / "groups" / "hostile.md").read_text(encoding="utf-8")
    rows = re.findall(r'<tr id="member-\d" data-member="(\d)">(.*?)</tr>', page)
    assert [number for number, _ in rows] == list("12345")
    cells = {number: re.findall(r"<td.*?</td>", row)[2] for number, row in rows}
    assert ">0<" in cells["1"]
    assert "is not in the archive" in cells["4"]
    assert "lacks the tensor &#60;script&#62;" in cells["5"]
    for number in "45":
        assert "data-value" not in cells[number]
        assert "–" in cells[number]
    # Told once for the two who have it.
    assert page.count("not a weight &#40;int64 buffer&#41;") == 1


def test_pictures_are_there_without_scripts(source):
    page = (source / "groups" / "hostile.md").read_text(encoding="utf-8")
    for key in ("map", "clusters", "distances", "blocks"):
        section = page.partition(f'data-atlas-place="{key}"')[2].partition("data-atlas-place")[0]
        names = re.findall(r'<title id="([^"]*)-title"', unescape(section))
        # Of the VAE, three can be compared: too few to draw.
        assert names == [f"{key}-denoiser", f"{key}-denoiser-narrow"]
        assert section.count("<svg") == len(names)
    # The spectral layout is secondary: a file.
    assert 'href="hostile.spectral-denoiser.svg"' in unescape(page)
    drawing = ElementTree.parse(source / "groups" / "hostile.spectral-denoiser.svg").getroot()
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    links = [each.get("href") for each in drawing.iter() if each.get("href")]
    assert all(link.startswith("data:") or "html" in link for link in links)


def test_identical_members_need_no_figures(make_data, templates, tmp_path):
    data = make_data("Tiny")
    parts = {("denoiser", "MID"): distances(3), ("vae", "REST"): np.zeros((3, 3))}
    write_group(data, *make_group("same", ["a", "b", "c"], parts))
    render(data, templates, tmp_path / "site")
    page = (tmp_path / "site" / "groups" / "same.md").read_text(encoding="utf-8")
    assert "All 3 checkpoints hold the same VAE" in page
    assert "<svg" not in page
    assert "3 denoisers and 1 VAE" in re.sub(r"</?abbr[^>]*>", "", page)


def test_without_groups_the_index_says_how_to_make_one(make_data, templates, tmp_path):
    render(make_data("Tiny"), templates, tmp_path / "site")
    page = (tmp_path / "site" / "groups" / "index.md").read_text(encoding="utf-8")
    assert "atlas add --group" in page
    assert not (tmp_path / "site" / "runtime" / "groups").exists()


@pytest.mark.parametrize("name", ["hostile.json", "hostile.safetensors"])
def test_damaged_results_are_named(own_data, templates, tmp_path, name):
    path = own_data / "groups" / name
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DamagedRecord, match=name.replace(".", r"\.")):
        render(own_data, templates, tmp_path / "site_src")
    assert not (tmp_path / "site_src").exists()


@pytest.mark.parametrize("change", ["members", "id", "arrangement", "reference"])
def test_records_that_do_not_fit_their_sums_are_named(own_data, change):
    folder = own_data / "groups"
    group = store.read_result(folder / "hostile.json", Group)
    arrangement = group.components[0].arrangement
    changed = {
        "members": {"members": group.members[::-1]},
        "id": {"id": "a b"},
        "arrangement": {
            "components": (
                msgspec.structs.replace(
                    group.components[1],
                    arrangement=msgspec.structs.replace(arrangement, members=(0, 1, 2, 3, 4)),
                ),
            )
        },
        "reference": {"reference": "nobody"},
    }[change]
    content = (folder / "hostile.safetensors").read_bytes()
    (folder / "hostile.json").unlink()
    other = msgspec.structs.replace(group, **changed)
    store.write_result(folder, other, {f"{other.id}.safetensors": content}, "made")
    with pytest.raises(DamagedRecord):
        read_all(own_data, GROUPS)


def test_the_data_of_interactive_figures_are_the_distances(source, data):
    script = (source / "runtime" / "groups" / "hostile.js").read_text(encoding="utf-8")
    found = json.loads(script.removeprefix("window.atlasFigures=").removesuffix(";\n"))
    (measured,) = read_all(data, GROUPS)
    prepared = prepare(measured, ())
    (distances_l2,) = (
        one
        for one in found["figures"]
        if one["place"] == "distances" and one["choice"]["metric"] == "l2"
    )
    rows = {
        row["number"]: row["told"]
        for layer in distances_l2["wide"]["layer"]
        if layer["mark"]["type"] == "point"
        for row in found["datasets"][layer["data"]["name"]]
    }
    square = np.hypot(distances(5), distances(5, 2))
    expected = {n + 1: numbers.small(square[0, n]) for n in range(1, 5)}
    assert rows == expected
    chosen = [one["choice"] for one in found["figures"] if one["place"] == "clusters"]
    assert chosen == [{"component": "denoiser", "metric": metric} for metric in ("l2", "cosine")]
    assert {label.number for label in prepared.labels} == {1, *rows}


def test_the_runtime_carries_its_licences_and_fetches_nothing(tmp_path):
    (script,) = runtime_file(["runtime/index.js"], tmp_path).values()
    script = script.decode()
    assert script.startswith("/*!")
    for word in ("University of Washington", "Mike Bostock", "Redistribution", "AS IS"):
        assert word in script.partition("*/")[0]
    code = script.partition("*/")[2]
    addresses = set(re.findall(r"https?://([\w.]+)/", code))
    # Names of XML vocabularies and of a schema, an editor that is not offered, and an error's text.
    assert addresses <= {"www.w3.org", "vega.github.io", "github.com"}


@pytest.mark.slow
def test_a_page_of_118_is_light(published, make_data, templates, tmp_path):
    data = make_data("Tiny")
    write_group(data, *published_group(published / "matrices", "pony1"))
    source = tmp_path / "site_src"
    render(data, templates, source)
    names = ("groups/pony1.md", "runtime/groups/pony1.js", "runtime/vega.js")
    assert sum((source / name).stat().st_size for name in names) < HEAVIEST


def test_members_of_the_catalogue_have_their_pages(committed, public_pages):
    page = unescape((public_pages / "groups" / "demo.md").read_text(encoding="utf-8"))
    links = re.findall(r'data-member="\d+"><th [^>]*><a href="../(checkpoints/[\w-]+).html"', page)
    demo = next(one.record for one in read_all(committed, GROUPS) if one.id == "demo")
    assert len(links) == len(demo.members)
    assert all((public_pages / f"{link}.md").is_file() for link in links)


def test_cells_lead_to_the_pages_of_their_pairs(committed, public_pages):
    """Those of two members: in each drawing of a heat map, in its specifications, in the table."""
    page = unescape((public_pages / "groups" / "demo.md").read_text(encoding="utf-8"))
    script = (public_pages / "runtime" / "groups" / "demo.js").read_text(encoding="utf-8")
    demo = next(one.record for one in read_all(committed, GROUPS) if one.id == "demo")
    maps = page.partition('data-atlas-place="clusters"')[2].partition("data-atlas-place")[0]
    drawings = re.findall(r"<svg.*?</svg>", maps, re.DOTALL)
    assert drawings
    pairs = [one.record for one in read_all(committed, PAIRS)]
    assert any(demo.reference in (pair.a, pair.b) for pair in pairs)
    for pair in pairs:
        link = f'href="../pairs/{pair.id}.html"'
        assert (public_pages / "pairs" / f"{pair.id}.md").is_file()
        assert [drawing.count(link) for drawing in drawings] == [2] * len(drawings)
        assert f'"../pairs/{pair.id}.html"' in script
        other = {pair.a, pair.b} - {demo.reference}
        row = page.partition(f'data-member="{demo.members.index(min(other)) + 1}"')[2]
        cells = re.findall("<td.*?</td>", row.partition("</tr>")[0])
        assert any(link in cell for cell in cells) == (len(other) == 1)


@pytest.mark.parametrize("members", [2, 3])
def test_a_group_of_few_has_its_distances_in_a_sentence(make_data, templates, tmp_path, members):
    data = make_data("Tiny")
    names = list("abc"[:members])
    write_group(data, *make_group("few", names, {("denoiser", "REST"): distances(members)}))
    render(data, templates, tmp_path)
    page = unescape((tmp_path / "groups" / "few.md").read_text(encoding="utf-8"))
    text = re.sub("<[^>]*>", "", page)
    for a, b in combinations(range(members), 2):
        far = numbers.significant(distances(members)[a, b])
        assert f"{names[a]} and {names[b]} are L2 {far} apart" in text
    assert not (tmp_path / "runtime" / "groups").exists()
    assert ("are the nearest" in text) == (members == 3)


def test_each_finding_has_an_anchor_of_its_own(public_pages):
    page = unescape((public_pages / "groups" / "demo.md").read_text(encoding="utf-8"))
    anchors = re.findall(r'<li id="(finding-[0-9a-f]{8})">', page)
    assert len(anchors) > 3
    assert len(set(anchors)) == len(anchors)
    assert re.findall(r'href="#(finding-[0-9a-f]{8})"', page) == anchors
