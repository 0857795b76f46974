"""Folders as people have them: sub-folders, links, other files."""

import errno
import os
from pathlib import Path

import pytest

from generator.catalog.adding import checkpoints_in, find_checkpoints
from generator.errors import UsageError


@pytest.fixture
def tree(tmp_path):
    for name in (
        "checkpoints/SD15/a (v1.0).safetensors",
        "checkpoints/b.SAFETENSORS",
        "checkpoints/c.sft",
        "unet/d-Q8_0.gguf",
        "loras/e.preview.png",
        "peft/adapter_config.json",
        "peft/adapter_model.safetensors",
        "peft/optimizer.bin",
        "sharded/model.safetensors.index.fp16.json",
        "sharded/model.fp16-00001-of-00002.safetensors",
        "sharded/model.fp16-00002-of-00002.safetensors",
        "whole/model_index.json",
        "whole/unet/diffusion_pytorch_model.safetensors",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}")
    return tmp_path


def names(tree):
    return [path.relative_to(tree).as_posix() for path in find_checkpoints([tree]).paths]


def test_every_checkpoint_is_found_once_at_any_depth(tree):
    assert names(tree) == [
        "checkpoints/SD15/a (v1.0).safetensors",
        "checkpoints/b.SAFETENSORS",
        "checkpoints/c.sft",
        "peft",
        "sharded/model.safetensors.index.fp16.json",
        "unet/d-Q8_0.gguf",
        "whole",
    ]
    assert find_checkpoints([tree]).others[".png"] == 1


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_followed_once_and_bad_ones_named(tree):
    before = names(tree)
    (tree / "checkpoints/loop.safetensors").symlink_to("loop.safetensors")
    (tree / "checkpoints/gone.safetensors").symlink_to("nowhere.safetensors")
    (tree / "loras/up").symlink_to("..")
    assert names(tree) == before
    broken = [path.name for path in find_checkpoints([tree]).broken]
    assert broken == ["gone.safetensors", "loop.safetensors"]


def test_a_folder_without_any_is_an_error(tmp_path):
    (tmp_path / "a.txt").touch()
    with pytest.raises(UsageError, match="no checkpoint"):
        find_checkpoints([tmp_path])


def test_a_folder_that_may_not_be_read_is_named_and_the_rest_is_found(tree, monkeypatch):
    before = names(tree)
    locked = tree / "locked"
    locked.mkdir()
    listed = Path.iterdir

    def iterdir(path):
        # Rights do not stop the user root, as whom tests may run.
        if path == locked:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    assert names(tree) == before
    assert find_checkpoints([tree]).locked == [locked]
    assert checkpoints_in([tree]) == [*find_checkpoints([tree]).paths, locked]
