"""Pages of checkpoints: equal components are found, hostile text is inert, refusals listed."""

import base64
import csv
import gzip
import hashlib
import io
import json
import math
import re
import shutil
import zlib
from html import unescape
from itertools import cycle, islice
from typing import get_args
from urllib.parse import unquote
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest
import torch
from drawings import drawings, marks, size, texts
from hostile import IN_CONV, VAE, add_checkpoints, add_measured, weights
from made_data import two_networks
from safetensors.numpy import save_file

from generator.checkpoints.inventory.file_hashes import FileHash
from generator.errors import DamagedRecord
from generator.publish.figures.block_bars import changes, norms
from generator.publish.figures.stacked_bars import sharing_bars
from generator.publish.files_of_results import FILES_OF, MOST_PLAIN_TENSORS
from generator.publish.pages.checkpoints import pages as checkpoint_pages
from generator.publish.quantities.lineage import is_telling
from generator.publish.reading.atlas import read_atlas
from generator.publish.reading.checkpoints import shared_components
from generator.publish.render import render
from generator.publish.tables.families import families
from generator.publish.tables.table import LONGEST_WHOLE, WINDOW
from generator.records import (
    Anomaly,
    Checkpoint,
    CheckpointBlock,
    Omission,
    Reason,
    WeightFileRecord,
)
from generator.records.checkpoints import AUTOV1_SIZE, AUTOV1_START, autov1_bytes
from generator.text import coded, reasons
from generator.text.anomalies import ANOMALIES
from generator.text.coded import anomaly_text
from generator.text.numbers import shortened


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    add_checkpoints(two_networks(folder / "data", "Tiny"), folder)
    return folder / "data"


@pytest.fixture(scope="module")
def pages(data, templates):
    render(data, templates, data.parent / "site_src")
    return data.parent / "site_src"


@pytest.fixture(scope="module")
def odd_pages(data, templates, tmp_path_factory):
    """Pages of a checkpoint with values that have no figures, too, and of one of many tensors."""
    folder = tmp_path_factory.mktemp("odd")
    shutil.copytree(data, folder / "data")
    tensors = {name: torch.from_numpy(values) for name, values in weights(1, vae=7).items()}
    tensors[f"{IN_CONV}bias"][0] = math.nan
    tensors[f"{VAE}empty"] = torch.zeros(0)
    torch.save(tensors, folder / "broken.ckpt")
    add_measured(folder / "data", folder / "broken.ckpt", "broken")
    many = {
        f"{IN_CONV}{number}.weight": np.ones(1, np.float32) for number in range(LONGEST_WHOLE + 5)
    }
    save_file(many, folder / "many.safetensors")
    add_measured(folder / "data", folder / "many.safetensors", "many")
    render(folder / "data", templates, folder / "site_src")
    return folder / "site_src"


def test_equal_components_are_found_by_their_values(data):
    (shared,) = shared_components(read_atlas(data).checkpoints)
    assert shared.component == "vae"
    assert [holder.id for holder in shared.holders] == ["first", "second"]
    assert shared.parameters == 8 * 8 + 8


def test_segments_are_as_wide_as_their_holders_are_many(data):
    checkpoints = [held.record for held in read_atlas(data).checkpoints]
    root = ElementTree.fromstring(sharing_bars("bars", checkpoints))
    widths = [float(rect.get("width").rstrip("%")) for rect in root.iter("rect")]
    # Three denoisers; one VAE that two hold, and another.
    assert widths == pytest.approx([100 / 3] * 3 + [200 / 3, 100 / 3], abs=0.001)
    assert "VAE: 2 different in 3 checkpoints" in root.find("desc").text
    assert sharing_bars("bars", checkpoints[1:]) == ""


def test_the_tables_hold_every_figure(pages):
    downloads = pages / "downloads"
    table = (downloads / "checkpoints" / "second.tensors.csv").read_text()
    rows = {row["source"]: row for row in csv.DictReader(io.StringIO(table))}
    expected = weights(2, vae=7)
    assert rows.keys() == expected.keys()
    for name, values in expected.items():
        exact = values.astype(np.float64)
        assert float(rows[name]["norm"]) == pytest.approx(np.linalg.norm(exact), rel=1e-6)
        assert float(rows[name]["mean"]) == pytest.approx(exact.mean(), rel=1e-5, abs=1e-9)
        assert rows[name]["shape"] == "x".join(map(str, values.shape))
    index = list(csv.DictReader(io.StringIO((downloads / "checkpoints.csv").read_text())))
    assert [row["id"] for row in index] == ["first", "second", "third"]
    record = json.loads((downloads / "checkpoints" / "second.json").read_text())
    assert index[1]["sha256"] == record["sources"][0]["sha256"]


def test_the_index_is_there_as_json_too(pages):
    downloads = pages / "downloads"
    table = json.loads((downloads / "checkpoints.json").read_text(encoding="utf-8"))
    rows = list(csv.DictReader(io.StringIO((downloads / "checkpoints.csv").read_text("utf-8"))))
    assert [row["id"] for row in table["rows"]] == [row["id"] for row in rows]
    assert [str(row["size"]) for row in table["rows"]] == [row["size [bytes]"] for row in rows]
    index = (pages / "checkpoints" / "index.md").read_text(encoding="utf-8")
    assert "downloads/checkpoints.json" in index


def test_anomalies_are_grouped_by_kind_with_their_meaning(data, pages):
    page = unescape((pages / "checkpoints" / "first.md").read_text(encoding="utf-8"))
    record = json.loads((data / "checkpoints" / "first.json").read_text(encoding="utf-8"))
    codes = {one["code"] for one in record["anomalies"]}
    assert codes
    for code in ANOMALIES:
        assert page.count(f'id="anomaly-{code}"') == (code in codes)
        assert (f"{ANOMALIES[code].meaning}." in page) == (code in codes)
    checkpoint = msgspec.convert(record, Checkpoint)
    for one in checkpoint.anomalies:
        section = page.partition(f'id="anomaly-{one.code}"')[2].partition("</section>")[0]
        assert anomaly_text(one) in section


@pytest.mark.parametrize(
    ("size", "note"),
    [
        (0, "of 0 bytes"),
        (0x100000, "of 0 bytes"),
        (0x100001, "of 1 byte alone"),
        (0x10FFFF, "of 65,535 bytes alone"),
        (0x110000, ""),
        (4_000_000_000, ""),
    ],
)
def test_the_autov1_of_a_small_file_says_little(tmp_path, size, note):
    source = WeightFileRecord(
        name="x", size=size, format="safetensors", sha256="", autov1="", autov2="", autov3=None
    )
    assert reasons.autov1_note(source) == note
    if size < 2_000_000:
        content = bytes(range(256)) * (size // 256 + 1)
        path = tmp_path / "file"
        path.write_bytes(content[:size])
        hashed = FileHash(AUTOV1_START, AUTOV1_START + AUTOV1_SIZE)
        with path.open("rb") as file:
            hashed(0, memoryview(file.read()))
        # What AUTOMATIC1111 does: seek to 1 MiB, read 64 KiB.
        window = content[:size][0x100000:][:0x10000]
        assert hashed.digest() == hashlib.sha256(window).hexdigest()
        assert len(window) == autov1_bytes(size)


def test_every_missing_value_has_its_reason(odd_pages):
    folder = odd_pages / "checkpoints"
    tensors_page = unescape((folder / "broken.tensors.md").read_text(encoding="utf-8"))
    assert "1 NaN, 0 infinite" in tensors_page
    assert "it has no elements" in tensors_page
    page = unescape((folder / "broken.md").read_text(encoding="utf-8"))
    assert "a pickle has none" in page
    assert "some weights have no norm" in page
    for name in ("broken.md", "broken.tensors.md", "index.md"):
        text = unescape((folder / name).read_text(encoding="utf-8"))
        cells = re.findall(r"<t[dh][^>]*>\s*–(.*?)</t[dh]>", text, re.DOTALL)
        assert all(re.sub("<.*?>", "", cell).strip() for cell in cells), name


def packed_rows(folder, name):
    """The columns of the long table in a page's script."""
    script = (folder / f"{name}.rows.js").read_text()
    (packed,) = json.loads(script.removeprefix("window.atlasRows=").removesuffix(";\n")).values()
    return json.loads(zlib.decompress(base64.b64decode(packed), wbits=31))


def test_a_long_table_of_tensors_is_cut_and_the_download_is_not(odd_pages):
    page = (odd_pages / "checkpoints" / "many.tensors.md").read_text(encoding="utf-8")
    assert page.count('<th scope="row"') == WINDOW
    assert "The first 100 of 305 rows. The downloads have all." in page
    names, *_, fraction_bits = packed_rows(odd_pages / "runtime" / "checkpoints", "many.tensors")
    values, contents, places = names
    assert [values[place] for place in places] == sorted(
        f"conv_in.{number}.weight" for number in range(LONGEST_WHOLE + 5)
    )
    assert contents[0] == page.partition('<th scope="row">')[2].partition("</th>")[0]
    # One value in all rows is written once.
    assert fraction_bits == [[0], ["0"], [0] * len(places)]
    text = (odd_pages / "downloads" / "checkpoints" / "many.tensors.csv").read_text()
    assert len(text.splitlines()) == LONGEST_WHOLE + 6


@pytest.mark.parametrize(("rows", "end"), [(0, ".tensors.csv"), (1, ".tensors.csv.gz")])
def test_the_tensors_of_a_large_checkpoint_are_compressed(atlas, rows, end):
    held = atlas.checkpoints[0]
    rows += MOST_PLAIN_TENSORS
    large = held._replace(beside=tuple(islice(cycle(held.beside), rows)))
    content = {end: content for end, _, content in FILES_OF["checkpoints"](large)}[end]
    text = (gzip.decompress(content) if end.endswith(".gz") else content).decode()
    found = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in found] == [row.name for row in large.beside]


def test_networks_and_what_holds_them_lead_to_each_other(public_pages):
    network = (public_pages / "architectures" / "sd1.md").read_text(encoding="utf-8")
    checkpoint = (public_pages / "checkpoints" / "demo-base.md").read_text(encoding="utf-8")
    assert 'href="../checkpoints/demo&#45;base.html"' in network
    assert 'href="../architectures/sd1.html"' in checkpoint
    other = (public_pages / "architectures" / "flux.md").read_text(encoding="utf-8")
    assert "../checkpoints/" not in other


def test_norms_are_drawn_as_high_as_they_are(atlas):
    held = atlas.checkpoints[0]
    component = held.record.components[0]
    wide, narrow = drawings(norms("n", "x", component.blocks))
    heights = [size(bar)[1] for _, bar in marks(wide)]
    widths = [size(bar)[0] for _, bar in marks(narrow)]
    exact = []
    for block in component.blocks:
        rows = [r for r in held.beside if r.component == component.name and r.block == block.name]
        exact.append(math.sqrt(sum(r.figures.norm**2 for r in rows if r.is_weight)))
    for lengths in (heights, widths):
        unit = max(lengths) / max(exact)
        assert lengths == pytest.approx([value * unit for value in exact], abs=0.11)


def test_a_missing_norm_is_a_dash_and_no_bar():
    blocks = [
        CheckpointBlock(name="IN00", parameters=4, norm=None),
        CheckpointBlock(name="IN01", parameters=4, norm=2.0),
    ]
    for root in drawings(norms("n", "x", blocks)):
        ((said, _),) = marks(root)
        assert "norm 2.00, 1.00 a weight" in said
        assert [text for text in texts(root) if text in ("IN00", "IN01")] == ["IN00", "IN01"]
        ((said, dash),) = marks(root, "text")
        assert dash[0].tail == "–"
        assert "no norm" in said


def test_changes_of_an_adapter_are_drawn_as_high_as_they_are(atlas):
    (blocks,) = (one.record.adapter.blocks for one in atlas.checkpoints if one.id == "lora-style")
    wide, narrow = drawings(changes("c", "x", blocks))
    exact = [block.norm for block in blocks]
    for lengths in (
        [size(bar)[1] for _, bar in marks(wide)],
        [size(bar)[0] for _, bar in marks(narrow)],
    ):
        unit = max(lengths) / max(exact)
        assert lengths == pytest.approx([norm * unit for norm in exact], abs=0.11)


def test_members_of_imported_groups_lead_to_their_places(committed_site):
    groups = [one for one in committed_site.groups if one.group.origin == "imported"]
    found = families(committed_site.groups)
    assert found.total == sum(len(one.group.members) for one in groups) > 200
    links = [row[0].link for row in found.rows]
    assert len({*links}) == found.total
    for row in found.rows:
        page, _, place = row[0].link.partition("?highlight=")
        assert page in {f"../groups/{one.id}.html" for one in groups}
        assert unquote(place) == row[0].raw


def test_families_come_before_files_that_only_test_the_program(committed_site):
    _, index = next(checkpoint_pages(committed_site))
    assert any(one.group.truth for one in committed_site.groups)
    assert index.only_tests
    # With a file of a reader, that comes before.
    held = committed_site.atlas.checkpoints
    own = held[0]._replace(record=msgspec.structs.replace(held[0].record, id="mine", name="mine"))
    atlas = msgspec.structs.replace(committed_site.atlas, checkpoints=(*held, own))
    _, index = next(checkpoint_pages(committed_site._replace(atlas=atlas)))
    assert not index.only_tests
    names = [row[0].raw for row in index.table.rows]
    assert names.index("mine") < names.index("demo-base.safetensors")


def test_an_answer_is_a_lineage_with_most_origins_known(committed_site):
    told = {
        one.group.id: is_telling(
            next(each.lineage for each in one.group.components if each.name == "denoiser")
        )
        for one in committed_site.groups
        if one.group.id in ("aobp", "demo", "pony1", "sdxl0", "mbw")
    }
    assert told == {"aobp": True, "demo": True, "pony1": False, "sdxl0": False, "mbw": False}
    first = families(committed_site.groups).rows[0]
    assert first[1].raw.startswith(("Root", "Descends"))


def test_refused_files_have_their_line_and_reason(pages):
    page = (pages / "checkpoints" / "index.md").read_text(encoding="utf-8")
    assert page.count('id="refused"') + page.count("{#refused}") == 1
    assert page.count("onerror&#61;y") >= 2


def test_without_checkpoints_the_index_says_how_to_add_some(make_data, templates, tmp_path):
    render(make_data("Tiny"), templates, tmp_path / "site")
    page = (tmp_path / "site" / "checkpoints" / "index.md").read_text(encoding="utf-8")
    assert "atlas add PATH..." in page
    assert "<table" not in page


@pytest.mark.parametrize("name", ["first.json", "first.tensors.parquet", "refused.json"])
def test_damaged_results_are_named(data, templates, tmp_path, name):
    damaged = shutil.copytree(data, tmp_path / "data")
    path = damaged / "checkpoints" / name
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DamagedRecord, match=name.replace(".", r"\.")):
        render(damaged, templates, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_every_code_of_an_anomaly_is_explained():
    codes = {each.__struct_config__.tag for each in get_args(Anomaly)}
    assert codes == ANOMALIES.keys()


@pytest.mark.parametrize(
    ("union", "templates"),
    [(Reason, coded.REASONS.keys() | {"unreadable"}), (Omission, coded.OMISSIONS.keys())],
)
def test_every_code_has_its_sentence(union, templates):
    assert {each.__struct_config__.tag for each in get_args(union)} == templates


@pytest.mark.parametrize("length", [1, 9, 10, 11, 200])
def test_long_names_keep_both_ends(length):
    name = "".join(chr(97 + n % 26) for n in range(length))
    text = shortened(name, 10)
    assert len(text) <= 10
    head, cut, tail = text.partition("…")
    assert name.startswith(head)
    assert name.endswith(tail)
    assert bool(cut) == (length > 10)


def test_an_adapter_says_what_it_changes(templates, tmp_path):
    module = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
    factors = {
        f"{module}.lora_down.weight": np.ones((4, 768), np.float32),
        f"{module}.lora_up.weight": np.ones((320, 4), np.float32),
        f"{module}.alpha": np.array(2, np.float32),
    }
    save_file(factors, tmp_path / "style.safetensors")
    data = two_networks(tmp_path / "data", "Tiny")
    add_measured(data, tmp_path / "style.safetensors", "style")
    render(data, templates, tmp_path / "site_src")
    page = (tmp_path / "site_src" / "checkpoints" / "style.md").read_text(encoding="utf-8")
    assert "LoRA for Stable Diffusion 1, rank 4" in page
    # Every value is alpha / rank times a sum of 4 ones.
    assert f"{2 * math.sqrt(320 * 768):.3g}" in page
    assert "IN01" in page
