"""Pages of checkpoints: equal components are found, hostile text is inert, refusals listed."""

import ast
import csv
import inspect
import io
import json

import numpy as np
import pytest
from safetensors.numpy import save_file
from sites import build_site

from generator import store
from generator.anomaly_codes import ANOMALY_CODES
from generator.checkpoints import anomalies
from generator.checkpoints.measuring import measure_checkpoint
from generator.errors import DamagedRecord
from generator.publish.atlas import read_atlas
from generator.publish.check import check
from generator.publish.holdings import shared_components
from generator.publish.numbers import shortened
from generator.publish.render import render
from generator.records import RefusedCheckpoint, RefusedCheckpoints

HOSTILE = "<script>alert(1)</script>{{7*7}}[a](javascript:x)|`b`\"'><img src=x onerror=y>"
# The same without a slash, as the name of a file may have it; and a right-to-left override.
FILE_NAME = "<script>{{7*7}}[a](javascript:x)|`b`\"'><img src=x onerror=y>\u202e" + "x" * 60
UNET = "model.diffusion_model.input_blocks.0.0."
VAE = "first_stage_model.quant_conv."


def weights(seed: int, vae: int) -> dict[str, np.ndarray]:
    noise, same = np.random.default_rng(seed), np.random.default_rng(vae)
    return {
        f"{UNET}weight": noise.standard_normal((8, 4, 3, 3)).astype(np.float32),
        f"{UNET}bias": noise.standard_normal(8).astype(np.float32),
        f"{VAE}weight": same.standard_normal((8, 8, 1, 1)).astype(np.float32),
        f"{VAE}bias": same.standard_normal(8).astype(np.float32),
    }


@pytest.fixture
def data(make_data, tmp_path):
    folder = make_data("Tiny")
    for identity, name, content in (
        ("first", f"{FILE_NAME}.safetensors", weights(1, vae=7)),
        ("second", "second.safetensors", weights(2, vae=7)),
        ("third", "third.safetensors", weights(3, vae=8)),
    ):
        path = tmp_path / name
        save_file(content, path, metadata={HOSTILE: HOSTILE * 20})
        measured = measure_checkpoint(path, identity)
        store.write_result(folder / "checkpoints", measured.record, measured.files, "made")
    refused = RefusedCheckpoints(checkpoints=(RefusedCheckpoint(name=HOSTILE, reason=HOSTILE),))
    store.write_result(folder / "checkpoints", refused, {}, "made")
    return folder


def test_equal_components_are_found_by_their_values(data):
    (shared,) = shared_components(read_atlas(data).checkpoints)
    assert shared.component == "vae"
    assert [holder.id for holder in shared.holders] == ["first", "second"]
    assert shared.parameters == 8 * 8 + 8


def test_the_tables_hold_every_figure(data, templates, tmp_path):
    render(data, templates, tmp_path / "site")
    downloads = tmp_path / "site" / "downloads"
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


def test_hostile_names_and_metadata_are_only_read(data, templates, tmp_path):
    source = tmp_path / "site_src"
    render(data, templates, source)
    for path in source.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        for live in ("<script>", "{{7*7}}", "](javascript", "<img"):
            assert live not in text, path
    site = build_site(source, tmp_path / "site")
    assert check(site) == []


def test_refused_files_have_their_line_and_reason(data, templates, tmp_path):
    render(data, templates, tmp_path / "site")
    page = (tmp_path / "site" / "checkpoints" / "index.md").read_text(encoding="utf-8")
    assert 'id="refused"' in page or "{#refused}" in page
    assert page.count("onerror&#61;y") >= 2


def test_without_checkpoints_the_index_says_how_to_add_some(make_data, templates, tmp_path):
    render(make_data("Tiny"), templates, tmp_path / "site")
    page = (tmp_path / "site" / "checkpoints" / "index.md").read_text(encoding="utf-8")
    assert "atlas add PATH..." in page
    assert "<table" not in page


@pytest.mark.parametrize("name", ["first.json", "first.tensors.parquet", "refused.json"])
def test_damaged_results_are_named(data, templates, tmp_path, name):
    path = data / "checkpoints" / name
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DamagedRecord, match=name.replace(".", r"\.")):
        render(data, templates, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_every_code_of_an_anomaly_is_explained():
    """The codes are the first argument of `_anomaly` and the `code` of `Anomaly`."""
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(anomalies))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_anomaly", "Anomaly"):
            codes = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "code")]
            found |= {code.value for code in codes if isinstance(code, ast.Constant)}
    assert found == ANOMALY_CODES.keys()


@pytest.mark.parametrize("length", [1, 9, 10, 11, 200])
def test_long_names_keep_both_ends(length):
    name = "".join(chr(97 + n % 26) for n in range(length))
    text = shortened(name, 10)
    assert len(text) <= 10
    head, cut, tail = text.partition("…")
    assert name.startswith(head)
    assert name.endswith(tail)
    assert bool(cut) == (length > 10)
