"""Ids of checkpoints whose file names alone do not tell them apart."""

import tomllib
from pathlib import Path

import pytest

from generator.catalog.adding import add_checkpoints
from generator.catalog.reading import read_catalog
from generator.catalog.slugs import slug
from generator.catalog.telling_names import telling_names


@pytest.mark.parametrize(
    ("path", "stem", "names"),
    [
        ("/models/portraits/style.safetensors", "style", ["style", "portraits-style"]),
        ("/models/sdxl/model.safetensors", "model", ["sdxl", "models-sdxl"]),
        ("/sdxl/vae/diffusion_pytorch_model.bin", "diffusion_pytorch_model", ["sdxl-vae"]),
        ("/vae/diffusion_pytorch_model.fp16.bin", "diffusion_pytorch_model.fp16", ["vae"]),
        ("/model.safetensors", "model", ["model"]),
    ],
)
def test_folders_are_named_where_the_file_tells_too_little(path, stem, names):
    assert list(telling_names(Path(path), stem))[: len(names)] == names


def test_files_of_one_name_get_the_names_of_their_folders(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "catalog.toml").write_text("")
    paths = [tmp_path / name for name in ("one/a.safetensors", "two/a.safetensors", "a.ckpt")]
    paths += [tmp_path / "three/model.safetensors", tmp_path / "one/model.safetensors"]
    added = add_checkpoints(read_catalog(data), paths)
    folder = tmp_path.name
    assert added == ["a", "two-a", slug(f"{folder}-a"), "three", "one"]
    entries = tomllib.loads((data / "catalog.toml").read_text())["checkpoint"]
    assert [entry["id"] for entry in entries] == added


def test_when_all_names_are_taken_a_number_tells_them_apart(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "catalog.toml").write_text("")
    suffixes = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf")
    paths = [tmp_path / "x" / f"a{suffix}" for suffix in suffixes]
    added = add_checkpoints(read_catalog(data), paths)
    assert len(set(added)) == len(paths)
