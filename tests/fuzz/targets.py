"""What is fuzzed: how an input is made, how this program reads it, and how the oracle does.

A target's `read` raises an `AtlasError` or returns what it read; then `oracle` must read the same,
or raise one of its reasons listed in `STRICTER`.
"""

import io
import json
import struct
import warnings
import zipfile
from typing import NamedTuple

import gguf
import numpy as np
import safetensors
import torch
from mutations import as_json, change_bytes, change_json

from generator.analysis.archive.formats import read_archive
from generator.catalog.reading import read_catalog
from generator.checkpoints.formats.opening import open_checkpoint
from generator.records import Checkpoint, store

# What an oracle refuses and this program reads, with the reason.
STRICTER = {
    # The package decodes the texts of all fields; those that describe no tensor are not read here.
    "gguf": ("codec can't decode",),
    # The number of a version, and the identity of an archive: members of their own, which say
    # nothing about values and are not read here.
    "torch": ("Couldn't parse the version", "invalid literal for int", "codec can't decode"),
}


class Target(NamedTuple):
    """`make(random)` -> bytes; `name` of the file; `read(path)`; `oracle(path, content, found)`."""

    share: int
    name: str
    make: object
    read: object
    oracle: object


def framed(text, data):
    return struct.pack("<Q", len(text)) + text + data


HEADER = {
    "__metadata__": {"title": "x", "format": "pt"},
    "model.diffusion_model.out.0.weight": {
        "dtype": "F16",
        "shape": [2, 2],
        "data_offsets": [0, 8],
    },
    "first.scale_weight": {"dtype": "F32", "shape": [], "data_offsets": [8, 12]},
    "first.weight": {"dtype": "F8_E4M3", "shape": [2, 2], "data_offsets": [12, 16]},
    "empty": {"dtype": "I64", "shape": [0, 3], "data_offsets": [16, 16]},
    "lora_unet_x.lora_down.weight": {"dtype": "BF16", "shape": [4, 1], "data_offsets": [16, 24]},
}


def safetensors_bytes(random):
    data = bytes(24)
    if random.random() < 0.6:
        return framed(as_json(random, change_json(random, HEADER)), data)
    return change_bytes(random, framed(json.dumps(HEADER).encode(), data))


def tensors_of(path):
    return {tensor.name: tensor for tensor in open_checkpoint(path).tensors}


def safetensors_oracle(_path, content, found):
    names = {name for name, _ in safetensors.deserialize(content)}
    assert found.keys() <= names


def gguf_file(path):
    writer = gguf.GGUFWriter(path, "flux")
    writer.add_string("general.name", "x")
    writer.add_array("comfy.gguf.orig_shape.a", [2, 16])
    writer.add_tensor("a", np.zeros((1, 32), np.float32))
    writer.add_tensor("b", np.zeros((2, 34), np.uint8), raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def gguf_oracle(path, _content, found):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = {tensor.name for tensor in gguf.GGUFReader(path).tensors}
    assert found.keys() == names


def saved(value, **how):
    buffer = io.BytesIO()
    torch.save(value, buffer, **how)
    return buffer.getvalue()


STATE = {
    "state_dict": {
        "a.weight": torch.zeros(2, 3).half(),
        "a.bias": torch.zeros(6)[::2],
        "ids": torch.arange(4),
    },
    "epoch": 3,
    "name": "x",
}


def with_pickle(archive, change):
    """The archive with its pickle changed, as a zip without errors of its own."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(buffer, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info, change(content) if info.filename.endswith("data.pkl") else content)
    return buffer.getvalue()


OPCODES = b"(.0R}])c" + b"q\0h\0" + b"\x85\x86us"
IMPORTS = (b"cos\nsystem\n", b"cbuiltins\neval\n", b"ctorch\nload\n", b"ccollections\nCounter\n")


def archive_bytes(archive):
    def make(random):
        if random.random() < 0.3:
            return change_bytes(random, archive)
        pieces = (*IMPORTS, OPCODES)
        return with_pickle(archive, lambda content: change_bytes(random, content, pieces))

    return make


def torch_oracle(_path, content, _found):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")


def index_bytes(random):
    index = {
        "metadata": {"total_size": 8},
        "weight_map": {"a": "a.safetensors", "b": "b.safetensors"},
    }
    return as_json(random, change_json(random, index))


ARCHIVE = {"ml": ["a", "b", "c"], "dm": {"unet": [[0, 1, 2], [1, 0, 1], [2, 1, 0]]}}
PAIR = {"kv": {"a.weight": 0.5}, "da": ["x"], "db": [], "err": []}


def archive_of_distances(random):
    return as_json(random, change_json(random, random.choice((ARCHIVE, PAIR))))


def record_bytes(content):
    record = json.loads(content)

    def make(random):
        if random.random() < 0.5:
            return change_bytes(random, content)
        return as_json(random, change_json(random, record))

    return make


def read_record(path):
    return store.read_result(path, Checkpoint)


def nothing(_path, _content, _found):
    """No oracle: only errors of other kinds are faults."""


def targets(folder, repository):
    """All targets; `folder` is for files that the seeds are made with."""
    seed = gguf_file(folder / "seed.gguf")
    record = min(
        (repository / "data" / "checkpoints").glob("*.json"), key=lambda p: p.stat().st_size
    )
    catalog = (repository / "data" / "catalog.toml").read_bytes()
    shards = folder / "shards"
    shards.mkdir()
    for name in ("a", "b"):
        shard = {name: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
        content = framed(json.dumps(shard).encode(), bytes(4))
        (shards / f"{name}.safetensors").write_bytes(content)
    legacy = saved(STATE, _use_new_zipfile_serialization=False)

    def changed(content, others=()):
        return lambda random: change_bytes(random, content, others)

    def read_whole_catalog(path):
        return read_catalog(path.parent)

    return {
        "safetensors": Target(
            40, "a.safetensors", safetensors_bytes, tensors_of, safetensors_oracle
        ),
        "gguf": Target(20, "a.gguf", changed(seed), tensors_of, gguf_oracle),
        "torch": Target(12, "a.pt", archive_bytes(saved(STATE)), tensors_of, torch_oracle),
        "legacy": Target(8, "b.pt", changed(legacy, IMPORTS), tensors_of, torch_oracle),
        "shards": Target(6, "a.safetensors.index.json", index_bytes, tensors_of, nothing),
        "distances": Target(6, "a.json", archive_of_distances, read_archive, nothing),
        "catalogue": Target(2, "catalog.toml", changed(catalog), read_whole_catalog, nothing),
        "records": Target(6, record.name, record_bytes(record.read_bytes()), read_record, nothing),
    }
