"""Path -> index of a checkpoint: a file, a sharded set or a diffusers folder.

The content of a file decides its format, never the suffix. No tensor is loaded.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from generator.checkpoints.formats.files import Readable, WeightFile, shown
from generator.checkpoints.formats.folders import (
    SHARD_INDEX,
    WeightPath,
    list_shards,
    list_weight_paths,
    metadata_beside,
)
from generator.checkpoints.formats.gguf_header import GgufFile, looks_like_gguf, read_gguf
from generator.checkpoints.formats.index import SourceFile, Tensor, TensorIndex
from generator.checkpoints.formats.legacy_pickle import looks_legacy, read_legacy_pickle
from generator.checkpoints.formats.quantised.packing import Fetch
from generator.checkpoints.formats.quantised.schemes import pack_tensors
from generator.checkpoints.formats.safetensors_header import (
    SafetensorsFile,
    looks_like_safetensors,
    read_safetensors,
)
from generator.checkpoints.formats.torch_archive import TorchFile, read_torch_archive
from generator.checkpoints.formats.zip_archive import looks_like_zip
from generator.errors import CheckpointError
from generator.records import LeftOutFile

HEAD_BYTES = 512
# Names of known files have up to 200 letters. Names of millions take seconds at every pattern.
LONGEST_NAME = 65_536


class Signature(NamedTuple):
    """First bytes of a file that is not a checkpoint, and what it is."""

    start: bytes
    format: str


SIGNATURES = (
    Signature(b"version https://git-lfs", "git_lfs"),
    Signature(b"<!doctype", "web_page"),
    Signature(b"<html", "web_page"),
    Signature(b"<?xml", "xml"),
    Signature(b"{", "json"),
    Signature(b"\x89hdf", "hdf5"),
    Signature(b"\x1f\x8b", "gzip"),
    Signature(b"7z\xbc\xaf", "7zip"),
    Signature(b"rar!", "rar"),
    Signature(b"pk", "empty_zip"),
    # A pickle of protocol 2 or later.
    Signature(b"\x80", "bare_pickle"),
    Signature(b"\x93numpy", "numpy"),
    # A serialised engine.
    Signature(b"ftrt", "tensorrt"),
    # A protocol buffer: the version of the format, then who wrote it.
    *(Signature(bytes([0x08, version, 0x12]), "onnx") for version in range(3, 32)),
    # What the Hub answers in place of a file.
    Signature(b"entry not found", "hub_message"),
    Signature(b"repository not found", "hub_message"),
    Signature(b"invalid username or password", "hub_message"),
    Signature(b"access to model", "hub_message"),
)


HeaderReader = Callable[[Readable, int, str], SafetensorsFile | GgufFile]
ArchiveReader = Callable[[WeightFile, int, str], TorchFile]
# By what the first bytes look like.
READERS_OF_HEADERS: dict[Callable[[bytes], bool], HeaderReader] = {
    looks_like_safetensors: read_safetensors,
    looks_like_gguf: read_gguf,
}
READERS_OF_PICKLES: dict[Callable[[bytes], bool], ArchiveReader] = {
    looks_like_zip: read_torch_archive,
    looks_legacy: read_legacy_pickle,
}


class OpenedFile(NamedTuple):
    """One file, its tensors, metadata, and what a pickle says of its training."""

    source: SourceFile
    tensors: tuple[Tensor, ...]
    metadata: dict[str, str]
    training: dict[str, str]


def open_checkpoint(path: Path) -> TensorIndex:
    """Index the checkpoint at `path` from its headers; no tensor is read.

    `path` is a weight file, a shard index (`*.index.json`), or a diffusers folder.

    Raises:
        CheckpointError: a file is not fully understood; the whole checkpoint is refused.
    """
    left_out: tuple[LeftOutFile, ...] = ()
    parts = [WeightPath(path, "")]
    try:
        if path.is_dir():
            parts, left_out = list_weight_paths(path)
    except OSError as error:
        raise CheckpointError(str(path), "not_opened", why=error.strerror or "") from error
    contents: list[OpenedFile] = []
    for part in parts:
        if SHARD_INDEX.search(part.path.name):
            contents += _read_shards(part, len(contents))
        else:
            contents.append(_read_file(part, len(contents)))

    def fetch(file: int, offset: int, size: int) -> bytes:
        with WeightFile(contents[file].source.path) as opened:
            return opened.read(offset, size)

    return index_of(path, contents, fetch, left_out)


def index_of(
    path: Path,
    contents: Sequence[OpenedFile],
    fetch: Fetch,
    left_out: tuple[LeftOutFile, ...] = (),
) -> TensorIndex:
    """The index of a checkpoint with these files; `fetch` reads notes beside quantised weights.

    Raises:
        CheckpointError: there are no tensors, those of a weight contradict each other, or one has
            a name that no program would write.
    """
    metadata = {key: text for content in contents for key, text in content.metadata.items()}
    stored = [tensor for content in contents for tensor in content.tensors]
    longest = max((len(tensor.name) for tensor in stored), default=0)
    if longest > LONGEST_NAME:
        raise CheckpointError(str(path), "name_length", size=longest, limit=LONGEST_NAME)
    index = TensorIndex(
        path=path,
        files=tuple(content.source for content in contents),
        tensors=tuple(pack_tensors(stored, metadata, fetch, str(path))),
        metadata=metadata,
        training={key: text for content in contents for key, text in content.training.items()},
        left_out=left_out,
    )
    if not index.tensors:
        raise CheckpointError(str(path), "no_tensors")
    return index


def _read_file(part: WeightPath, number: int) -> OpenedFile:
    with WeightFile(part.path) as file:
        head = file.read(0, min(HEAD_BYTES, file.size))
        reads = READERS_OF_PICKLES.items()
        archives = (read for looks, read in reads if looks(head))
        read_archive = next(archives, None)
        beside = metadata_beside(part.path)
        if read_archive is None:
            header = read_header(file, number, part.prefix)
            return header._replace(metadata=beside | header.metadata)
        archive = read_archive(file, number, part.prefix)
        return OpenedFile(archive.source, archive.tensors, beside, archive.training)


def read_header(file: Readable, number: int, prefix: str = "") -> OpenedFile:
    """A file of a format with a header at its start: safetensors or GGUF.

    Raises:
        CheckpointError: it is not such a file, or not fully understood.
    """
    head = file.read(0, min(HEAD_BYTES, file.size))
    for looks, read in READERS_OF_HEADERS.items():
        if looks(head):
            header = read(file, number, prefix)
            return OpenedFile(header.source, header.tensors, header.metadata, {})
    raise CheckpointError(str(file.path), "not_weights", format=_recognise(head))


def _recognise(head: bytes) -> str:
    """What a file that is not a checkpoint is, by its first bytes."""
    if not any(head):
        return "zeros" if head else "empty"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return next((each.format for each in SIGNATURES if start.startswith(each.start)), "unknown")


def _read_shards(part: WeightPath, number: int) -> list[OpenedFile]:
    """All shards of an index, checked to hold exactly the tensors listed there."""
    shards = list_shards(part.path)
    contents: list[OpenedFile] = []
    for path, names in shards.items():
        content = _read_file(WeightPath(path, part.prefix), number + len(contents))
        held = {tensor.name.removeprefix(part.prefix) for tensor in content.tensors}
        if held != names:
            wrong = min(held ^ names)
            fault = "lacks" if wrong in names else "unlisted"
            raise CheckpointError(str(path), fault, name=shown(wrong))
        contents.append(content)
    return contents
