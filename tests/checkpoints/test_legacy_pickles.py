"""Pickles that people have, against `torch.load(weights_only=True)`: the same names and values."""

import collections
import pickle

import malformed
import numpy as np
import pytest
import torch

from generator.checkpoints.formats.files import WeightFile
from generator.checkpoints.formats.opening import open_checkpoint
from generator.errors import CheckpointError

DTYPES = (torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool)


def state():
    torch.manual_seed(1)
    base = torch.randn(6, 4)
    tensors = {str(dtype): (base * 3).to(dtype) for dtype in DTYPES}
    return {"state_dict": tensors | {"view": base[1:, 2:], "turned": base.T}, "epoch": 3}


def read(path):
    """Name -> the bytes of every tensor in row-major order."""
    index = open_checkpoint(path)
    found = {}
    with WeightFile(path) as file:
        for tensor in index.tensors:
            raw = np.frombuffer(file.read(tensor.offset, tensor.span), f"V{tensor.itemsize}")
            strides = tensor.strides or torch.empty(tensor.shape, device="meta").stride()
            steps = [stride * tensor.itemsize for stride in strides]
            values = np.lib.stride_tricks.as_strided(raw, tensor.shape, steps)
            found[tensor.name] = (tensor.dtype, tensor.shape, values.tobytes())
    return index, found


@pytest.mark.parametrize("zipped", [True, False])
def test_values_are_those_of_torch(zipped, tmp_path):
    path = tmp_path / "a.ckpt"
    torch.save(state(), path, _use_new_zipfile_serialization=zipped)
    index, found = read(path)
    loaded = torch.load(path, weights_only=True)["state_dict"]
    assert index.training == {"epoch": "3"}
    assert found == {
        name: (
            str(tensor.dtype).removeprefix("torch."),
            tuple(tensor.shape),
            bytes(tensor.contiguous().flatten().view(torch.uint8).numpy()),
        )
        for name, tensor in loaded.items()
    }


@pytest.mark.parametrize("zipped", [True, False])
def test_what_trainers_leave_beside_the_weights_is_inert(zipped, tmp_path):
    path = tmp_path / "a.pt"
    content = {
        "string_to_param": torch.nn.ParameterDict({"*": torch.nn.Parameter(torch.ones(2, 768))}),
        "schedulers": [{"milestones": collections.Counter([1, 2])}],
    }
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    assert [(t.name, t.shape) for t in open_checkpoint(path).tensors] == [
        ("string_to_param.*", (2, 768))
    ]


def test_a_damaged_legacy_file_is_refused_by_where_it_ends(tmp_path):
    """Behind the pickles: a count of 8 bytes, and four numbers of 4 bytes each."""
    path = tmp_path / "a.ckpt"
    torch.save({"a": torch.ones(4)}, path, _use_new_zipfile_serialization=False)
    content = path.read_bytes()
    size, values = len(content), len(content) - 16
    refusals = [
        (content[:-1], f"truncated (part file, end {size}, size {size - 1})"),
        (content[:-20], f"truncated (part file, end {values}, size {size - 20})"),
        (content + b"\0", "trailing (count 1)"),
        (content[:-24] + bytes(8) + content[-16:], "storage (size 0, expected 4)"),
    ]
    for damaged, refusal in refusals:
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError) as refused:
            open_checkpoint(path)
        assert str(refused.value) == f"{path}: {refusal}"


@pytest.mark.parametrize("zipped", [True, False])
def test_the_id_of_a_storage_has_the_fields_of_its_kind_of_file(zipped, tmp_path):
    """Before torch 1.6 one field more, which is None."""
    path = tmp_path / "a.ckpt"
    torch.save({"a": torch.ones(4)}, path, _use_new_zipfile_serialization=zipped)
    with_view, without = b"K\x04Nt", b"K\x04t"
    if zipped:
        content = malformed.state((b"a", malformed.tensor().replace(without, with_view)))
        assert with_view in content
        malformed.put(tmp_path, malformed.archive(content), path.name)
    else:
        content = path.read_bytes()
        assert content.count(with_view) == 1
        path.write_bytes(content.replace(with_view, without))
    with pytest.raises((RuntimeError, ValueError, pickle.UnpicklingError)):
        torch.load(path, weights_only=True)
    with pytest.raises(CheckpointError, match="damaged"):
        open_checkpoint(path)


def test_negated_values_are_refused(tmp_path):
    path = tmp_path / "a.ckpt"
    torch.save({"a": torch._neg_view(torch.ones(4))}, path)
    with pytest.raises(CheckpointError, match="negated"):
        open_checkpoint(path)
