"""Against the `safetensors` package: we read what it wrote, and never accept what it rejects."""

import json
import struct

import pytest
import safetensors
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from generator.checkpoints.formats.dtypes import BY_SAFETENSORS
from generator.checkpoints.formats.opening import open_checkpoint
from generator.errors import CheckpointError

RELAXED = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def frame(header, data):
    return struct.pack("<Q", len(header)) + header + data


def file_of(tensors):
    header, offset = {}, 0
    for name, (dtype, shape, size) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    return json.dumps(header).encode(), bytes(offset)


VALID = [
    file_of({"a.weight": ("F32", [2, 3], 24), "b": ("F16", [], 2), "c": ("I64", [0], 0)}),
    file_of({"x": ("BF16", [4], 8), "y": ("F8_E4M3", [3], 3), "z": ("BOOL", [1], 1)}),
    (
        b'{"__metadata__":{"format":"pt"},"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}',
        b"ab",
    ),
]
# Pieces of headers, to reach places that random bytes do not.
WORDS = rb"""0 - 1e2 .0 null true " \ \u0000 \ud800 { } [ ] , : "x": "F64" 18446744073709551616"""
PIECES = st.sampled_from([*WORDS.split(), b" ", b"\n", b"\0", b"\xff"])


def accepted_by_package(content):
    try:
        safetensors.deserialize(content)
    except (safetensors.SafetensorError, ValueError, OverflowError):
        return False
    return True


def accepted_by_us(tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    try:
        return open_checkpoint(path)
    except CheckpointError:
        return None


@given(st.data())
@RELAXED
def test_accepts_no_more_than_the_package(tmp_path, data):
    header, payload = data.draw(st.sampled_from(VALID))
    header = bytearray(header)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(header)))
        stop = min(len(header), start + data.draw(st.integers(0, 3)))
        header[start:stop] = data.draw(PIECES | st.binary(max_size=2))
    payload += bytes(data.draw(st.integers(0, 8)))
    content = frame(bytes(header), payload[: data.draw(st.integers(0, len(payload)))])
    if accepted_by_us(tmp_path, content):
        assert accepted_by_package(content)


@given(st.binary(max_size=64), st.integers(0, 2**64 - 1))
@example(b"{}", 2)
@RELAXED
def test_accepts_no_noise_that_the_package_rejects(tmp_path, content, length):
    content = struct.pack("<Q", length) + content
    if accepted_by_us(tmp_path, content):
        assert accepted_by_package(content)


@pytest.mark.parametrize(("header", "data"), VALID)
def test_accepts_the_valid_files_that_are_mutated(tmp_path, header, data):
    assert accepted_by_us(tmp_path, frame(header, data))


def test_knows_every_dtype_of_the_package():
    header, data = file_of({"x": ("Q4", [1], 1)})
    with pytest.raises(safetensors.SafetensorError) as error:
        safetensors.deserialize(frame(header, data))
    known = str(error.value).split("expected one of ")[1].split(" at line")[0]
    assert {name.strip("`") for name in known.split(", ")} == set(BY_SAFETENSORS)


def test_reads_what_the_package_wrote(tmp_path):
    torch.manual_seed(0)
    tensors = {
        "float": torch.randn(3, 4),
        "half": torch.randn(5).half(),
        "bfloat": torch.randn(2, 2, 2).bfloat16(),
        "eight": torch.randn(4).to(torch.float8_e5m2),
        "scalar": torch.tensor(3),
        "empty": torch.zeros(0, 7),
        "truth": torch.tensor([True, False]),
    }
    save_file(tensors, tmp_path / "any.bin", metadata={"title": "<script>"})
    index = open_checkpoint(tmp_path / "any.bin")
    content = (tmp_path / "any.bin").read_bytes()
    assert index.metadata == {"title": "<script>"}
    assert {tensor.name for tensor in index.tensors} == set(tensors)
    for tensor in index.tensors:
        expected = tensors[tensor.name]
        raw = content[tensor.offset : tensor.offset + tensor.nbytes]
        assert tensor.shape == tuple(expected.shape)
        assert f"torch.{tensor.dtype}" == str(expected.dtype)
        assert raw == expected.flatten().view(torch.uint8).numpy().tobytes()
