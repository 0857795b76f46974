"""Pages of pairs: true figures, inert names, nothing lost, files that other programs read."""

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from html import unescape

import msgspec
import numpy as np
import pytest
from hostile import LARGE, add_pairs, differing
from made_data import two_networks
from made_pairs import compared, held, tensors, write

from generator.errors import DamagedRecord
from generator.publish.render import render
from generator.publish.tables.pairs import PAIR_COLUMNS
from generator.publish.tables.table import LONGEST_WHOLE, WINDOW
from generator.publish.tables.tensors import DISTANCE_COLUMNS
from generator.records import Comparison, TensorDistance

LARGE_NAME = "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """In a folder with the checkpoints that were compared."""
    folder = tmp_path_factory.mktemp("pairs")
    add_pairs(two_networks(folder / "data", "Tiny"), folder)
    return folder / "data"


@pytest.fixture(scope="module")
def site(data, templates):
    render(data, templates, data.parent / "site_src")
    return data.parent / "site_src"


def test_the_tables_hold_every_figure(site):
    a, b = differing()
    text = (site / "downloads" / "pairs" / "hostile.tensors.csv").read_text(encoding="utf-8")
    found = {row["name"]: row for row in csv.DictReader(io.StringIO(text))}
    assert len(found) == len(a)
    row = found[LARGE_NAME]
    difference = a[LARGE].astype(float) - b[LARGE]
    assert float(row["l2"]) == pytest.approx(np.linalg.norm(difference))
    assert float(row["l1"]) == pytest.approx(np.abs(difference).sum())
    assert float(row["rms"]) == pytest.approx(np.sqrt(np.mean(difference**2)))
    assert float(row["differing [fraction]"]) == np.count_nonzero(difference) / difference.size
    assert (row["block"], row["kind"], row["shape"]) == ("IN01", "attn2", "8x16")
    untouched = found["conv_in.weight"]
    assert (untouched["l2"], untouched["identical"]) == ("0.0", "yes")
    missing = found["conv_out.weight"]
    assert missing["l2"] == missing["rms"] == missing["cosine"] == missing["l0"] == ""
    index = list(csv.DictReader(io.StringIO((site / "downloads" / "pairs.csv").read_text())))
    assert [row["id"] for row in index] == ["hostile", "same"]
    assert float(index[0]["denoiser_l2"]) == pytest.approx(np.linalg.norm(difference))
    table = json.loads((site / "downloads" / "pairs.json").read_text(encoding="utf-8"))
    assert [row["differs"] for row in table["rows"]] == ["denoiser", "nothing"]
    assert table["rows"][0]["differing"] == 1


def test_missing_figures_have_their_reason_in_the_row(site):
    page = (site / "pairs" / "hostile.tensors.md").read_text(encoding="utf-8")
    (row,) = [row for row in unescape(page).split("<tr>") if "<code>conv_out.weight" in row]
    assert row.count("has NaN or infinite values") >= 4
    assert "\N{EN DASH}" in row


def test_the_json_is_that_of_atlas_compare(site, data, tmp_path):
    paths = [data.parent / f"{name}.safetensors" for name in ("third", "fourth")]
    output = tmp_path / "compared.json"
    command = [sys.executable, "-m", "generator.cli", "compare", *map(str, paths)]
    subprocess.run([*command, "--output", str(output)], check=True, capture_output=True)
    written = site / "downloads" / "pairs" / "same.comparison.json"
    assert written.read_bytes() == output.read_bytes()
    assert msgspec.json.decode(written.read_bytes(), type=Comparison).shared == 10


def test_the_page_says_what_differs_and_names_what_only_one_has(site):
    page = unescape((site / "pairs" / "hostile.md").read_text(encoding="utf-8"))
    page = re.sub(r"</?abbr[^>]*>", "", page)
    lead = re.search(r'<p class="atlas-lead">(.*?)</p>', page)[1]
    assert lead.startswith("Only the denoiser differs, in 1 of 6 tensors, all in IN01 (L2\xa05.66)")
    assert "../checkpoints/first.html" in page
    assert "second.html" not in page
    assert "Only in B: 1 of the denoiser" in page
    assert "denoiser/conv_out.weight" in page


def test_what_does_not_differ_has_no_histogram(site):
    page = (site / "pairs" / "same.md").read_text(encoding="utf-8")
    assert "Nothing differs." in page
    assert "Histogram" not in page
    assert "No tensor differs." in page


def test_a_long_table_is_cut_and_the_download_is_not(make_data, templates, tmp_path):
    comparison = compared(tmp_path, tensors(), tensors())
    many = tuple(
        TensorDistance(
            name=f"layer.{number}",
            component="denoiser",
            block="IN00",
            kind="conv",
            shape=(1,),
            l0=1,
            l1=1.0,
            l2=float(number + 1),
            cosine=1.0,
            identical=False,
        )
        for number in range(LONGEST_WHOLE + 7)
    )
    data = make_data("Tiny")
    # As the rows have it: a record and its table have to agree.
    summary = comparison.summary
    denoiser = summary.components["denoiser"]
    total = msgspec.structs.replace(denoiser.total, tensors=len(many))
    whole = msgspec.structs.replace(
        denoiser,
        total=total,
        blocks={"IN00": total},
        kinds={"conv": total},
        blocks_kinds={"IN00": {"conv": total}},
    )
    only = {"denoiser": whole}
    summary = msgspec.structs.replace(summary, components=only)
    longer = msgspec.structs.replace(comparison, tensors=many, shared=len(many), summary=summary)
    write(data, held(longer))
    render(data, templates, tmp_path / "site")
    page = (tmp_path / "site" / "pairs" / "pair.tensors.md").read_text(encoding="utf-8")
    rows = re.findall(r'<th scope="row"[^>]*><code>layer\.(\d+)</code>', page)
    # Those that differ most.
    assert [*map(int, rows)] == [LONGEST_WHOLE + 6 - place for place in range(WINDOW)]
    assert "The first 100 of 307 rows. The downloads have all." in page
    text = (tmp_path / "site" / "downloads" / "pairs" / "pair.tensors.csv").read_text()
    assert len(text.splitlines()) == LONGEST_WHOLE + 8


@pytest.mark.parametrize("name", ["hostile.json", "hostile.tensors.parquet"])
def test_damaged_results_are_named(data, templates, tmp_path, name):
    damaged = shutil.copytree(data, tmp_path / "data")
    path = damaged / "pairs" / name
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DamagedRecord, match=name.replace(".", r"\.")):
        render(damaged, templates, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_without_pairs_the_index_says_how_to_compare(make_data, templates, tmp_path):
    render(make_data("Tiny"), templates, tmp_path / "site")
    page = (tmp_path / "site" / "pairs" / "index.md").read_text(encoding="utf-8")
    assert "atlas compare A B" in page
    assert "<table" not in page
    assert not (tmp_path / "site" / "downloads" / "pairs.csv").exists()


@pytest.mark.parametrize("columns", [PAIR_COLUMNS, DISTANCE_COLUMNS])
def test_columns_are_explained_and_their_keys_differ(columns):
    keys = [column.key for column in columns]
    assert len(keys) == len(set(keys))
    assert all(column.title and column.help and column.help[-1] != "." for column in columns)
