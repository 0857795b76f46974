"""What people type by mistake: one clear line, the right exit code, and nothing is written."""

import errno
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file
from verbs import atlas


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("inspct", "No such verb 'inspct'. Did you mean 'inspect'?"),
        ("xyzzy", "No such verb 'xyzzy'. Verbs: inspect, compare, "),
    ],
)
def test_a_verb_that_is_none(typed, told):
    done = atlas(typed, "model.safetensors")
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


READERS = ("compare", "matrix", "recipe", "lineage")


@pytest.mark.parametrize(
    ("verb", "address"),
    [
        *((verb, "https://example.org/a.safetensors") for verb in (*READERS, "add")),
        # `atlas add` fetches a config of the Hub.
        *((verb, "hf:owner/name") for verb in READERS),
    ],
)
def test_an_address_where_a_file_is_read(verb, address, tmp_path):
    made = ["--data", tmp_path] if verb == "add" else []
    done = atlas(verb, *made, address, "b.safetensors", *["c"] * (verb == "recipe"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"refused: {address}: is an address, not a file. Download")


@pytest.mark.parametrize("suffix", ["png", "PDF", "svg"])
def test_results_are_not_written_to_a_figure(tmp_path, suffix):
    figure = tmp_path / f"change.{suffix}"
    done = atlas("compare", "a.safetensors", "b.safetensors", "--output", figure)
    assert (done.returncode, figure.exists()) == (2, False)
    assert "--output writes JSON. Name a .json file" in done.stderr


def test_a_folder_without_templates(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/catalog.toml").touch()
    done = atlas("render", "--site", tmp_path, "--templates", tmp_path / "data")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "holds no templates: it has no home.md" in done.stderr
    assert not (tmp_path / "site_src").exists()


def test_a_site_in_a_link_to_itself(tmp_path):
    link = tmp_path / "loop"
    try:
        link.symlink_to(link)
    except OSError:
        pytest.skip("this system makes no links")
    done = atlas("new", link)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"refused: {link}: ")


@pytest.mark.parametrize("named", ["SDXL", "Sdxl"])
def test_capital_letters_in_a_network(named):
    assert atlas("vram", named).stdout == atlas("vram", "sdxl").stdout


def test_the_start_of_a_network():
    assert "Near: wan21-" in atlas("vram", "wan").stderr


def test_the_metrics_that_are_asked_for(family):
    pair = [family / f"demo-{name}.safetensors" for name in ("base", "tune-1")]
    asked = atlas("matrix", *pair, "--metric", "L1", "--metric", "cosine", "--workers", 1).stdout
    assert ["denoiser, L1" in asked, "denoiser, cosine" in asked, "L2" in asked] == [1, 1, 0]
    usual = atlas("matrix", *pair, "--workers", 1).stdout
    assert ["denoiser, L2" in usual, "cosine" in usual] == [1, 0]


@pytest.mark.parametrize("theirs", ["index.md", "downloads/thesis.pdf"])
def test_a_folder_of_other_things_is_not_rendered_into(tmp_path, theirs):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/catalog.toml").touch()
    mine = tmp_path / "home" / theirs
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")
    done = atlas("render", "--site", tmp_path, "--site-src", tmp_path / "home")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "that was not rendered. Name a new folder; nothing was written" in done.stderr
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == [mine]


@pytest.mark.parametrize(("system", "code"), [("win32", 141), ("linux", None)])
def test_a_reader_that_has_gone_on_windows(monkeypatch, system, code):
    def gone(*_, **__):
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr("generator.cli.cli", gone)
    monkeypatch.setattr(sys, "platform", system)
    if code is None:
        with pytest.raises(OSError, match="Invalid argument"):
            atlas("inspect", "a.safetensors")
    else:
        done = atlas("inspect", "a.safetensors")
        assert (done.returncode, done.stderr) == (code, "")


def test_a_component_of_unknown_names_has_no_count(tmp_path):
    path = tmp_path / "unknown.safetensors"
    save_file({"a": np.ones((8, 8), np.float32)}, path)
    lines = atlas("inspect", path).stdout.splitlines()
    assert next(line.split() for line in lines if line.startswith("other")) == [
        "other",
        *"––1––",
    ]


@pytest.mark.parametrize(
    ("class_name", "told"),
    [
        ("AutoencoderKL", "is an autoencoder, not a denoiser. VAEs are components"),
        ("FluxControlNetModel", "is a ControlNet, not a denoiser. Give the config of the network"),
        ("StableDiffusionPipeline", "is a pipeline or a part of one, not a denoiser. Give"),
        ("DDIMScheduler", "is a scheduler, not a denoiser. Give the config.json of the"),
    ],
)
def test_a_config_of_no_denoiser_is_not_added(tmp_path, class_name, told):
    config = tmp_path / "config.json"
    config.write_text(f'{{"_class_name": "{class_name}"}}')
    catalog = tmp_path / "catalog.toml"
    catalog.write_text("# mine\n")
    done = atlas("add", "--data", tmp_path, config)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"{config}: {class_name} {told}" in done.stderr
    assert catalog.read_text() == "# mine\n"
    assert not (tmp_path / "configs").exists()
