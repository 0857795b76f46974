"""The package from Python: what it offers, with types and words, and the page about it."""

import doctest
import inspect
import shutil

import numpy as np
import pytest
from sites import REPOSITORY

import generator
from generator import api
from generator.errors import CheckpointError, UsageError

FUNCTIONS = [name for name in generator.__all__ if name.islower()]


def test_what_is_offered():
    assert FUNCTIONS == ["compare", "inspect", "lineage", "matrix", "recipe"]
    assert set(generator.__all__) <= set(dir(generator))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        generator.nothing  # noqa: B018 - looked up on purpose


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_is_typed_and_documented(name):
    signature = inspect.signature(getattr(generator, name))
    empty = inspect.Parameter.empty
    assert signature.return_annotation is not empty
    assert all(each.annotation is not empty for each in signature.parameters.values())
    assert inspect.getdoc(getattr(generator, name))


def test_the_snippets_of_the_page(family, tmp_path, monkeypatch):
    shutil.copytree(family, tmp_path / "demo")
    monkeypatch.chdir(tmp_path)
    page = REPOSITORY / "site_src" / "from-python.md"
    found = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert found.attempted > 20
    assert found.failed == 0


def test_a_distance_against_numpy(family):
    paths = [family / f"demo-{name}.safetensors" for name in ("base", "tune-1")]
    measured = generator.matrix(paths, ["l2", "l1"])
    compared = generator.compare(*paths).summary.components["denoiser"].total
    assert measured.array("denoiser", "l1")[0, 1] == pytest.approx(compared.l1, rel=1e-6)
    assert np.array_equal(measured.array("vae"), measured.array("vae").T)
    with pytest.raises(LookupError, match="cosine was not measured"):
        measured.array("denoiser", "cosine")


def test_refusals(family, tmp_path):
    good = family / "demo-base.safetensors"
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"no weights")
    other = family / "demo-tune-1.safetensors"
    with pytest.raises(CheckpointError):
        generator.matrix([good, other, bad])
    with pytest.raises(CheckpointError):
        generator.lineage([good, other, bad])
    with pytest.raises(UsageError, match="fewer than two"):
        generator.recipe(good, [other])
    with pytest.raises(UsageError, match="is not one of the paths"):
        api.lineage([good, other], reference=bad)
