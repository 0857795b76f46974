"""A `torch.save` zip archive -> tensors with the offsets of their bytes, and training state.

`torch.load` is never called: the zip directory lists the members, `pickle_machine` reads
`data.pkl`, and every tensor is a view of a member's bytes, checked to lie inside it.
"""

import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from generator.checkpoints.formats.dtypes import BY_NAME
from generator.checkpoints.formats.files import WeightFile, shown
from generator.checkpoints.formats.index import Checksum, SourceFile, Tensor
from generator.checkpoints.formats.pickle_machine import LARGEST_PICKLE, read_pickle
from generator.checkpoints.formats.pickle_values import TensorView, Value
from generator.checkpoints.formats.zip_archive import read_members
from generator.errors import CheckpointError
from generator.records import Record

PICKLE = "data.pkl"
SCRIPT = "constants.pkl"
# Keys of the state dict: the first one that holds tensors is the model, whose names stay as they
# are. Tensors elsewhere get the path of keys as a prefix.
STATE_DICTS = ("state_dict", "model_state_dict", "model", "module", "params_ema", "params")
DEEPEST = 12
# As many dimensions as torch allows.
MOST_DIMENSIONS = 64
LARGEST = 2**63 - 1
MOST_VIEWS = 8
LONGEST_TEXT = 4096
LONGEST_VALUE = 200
MOST_VALUES = 100
# Of all names together; those of a full training checkpoint of SD1 have 200,000.
MOST_LETTERS = 16 * 2**20


class TorchFile(Record):
    """A pickle: itself, its tensors in file order, and the numbers and texts at its root."""

    source: SourceFile
    tensors: tuple[Tensor, ...]
    training: dict[str, str]


class Archive(NamedTuple):
    """File number `number` of a checkpoint: its storages are `members` of `folder`."""

    file: WeightFile
    number: int
    members: Mapping[str, Checksum]
    folder: str
    checksums: tuple[Checksum, ...]
    is_legacy: bool = False


def read_torch_archive(file: WeightFile, number: int, prefix: str = "") -> TorchFile:
    """Index the archive `file`, the checkpoint's file `number`; `prefix` goes before every name.

    Raises:
        CheckpointError: the archive, its pickle or one of its tensors is not as torch writes it.
    """
    subject = str(file.path)
    members = read_members(file)
    pickles = [name for name in members if name.split("/")[-1] == PICKLE]
    if any(name.split("/")[-1] == SCRIPT for name in members):
        raise CheckpointError(subject, "not_weights", format="torchscript")
    if len(pickles) != 1:
        raise CheckpointError(subject, "pickles", count=len(pickles), name=PICKLE)
    archive = Archive(
        file, number, members, pickles[0].removesuffix(PICKLE), tuple(members.values())
    )
    # torch looks members up without regard to case.
    wanted = f"{archive.folder}byteorder".lower()
    order = next((each for name, each in members.items() if name.lower() == wanted), None)
    if order and _read_member(file, order) != b"little":
        raise CheckpointError(subject, "not_weights", format="big_endian")
    root = read_pickle(_read_member(file, members[pickles[0]]), subject)
    return index_tensors(archive, root, prefix)


def index_tensors(archive: Archive, root: Value, prefix: str) -> TorchFile:
    """The tensors under `root` and their places in the `archive`.

    Raises:
        CheckpointError: a tensor is not as torch writes it, or exceeds its storage.
    """
    file, subject = archive.file, str(archive.file.path)
    tensors: dict[str, Tensor] = {}
    dtypes: dict[str, str] = {}
    for name, view in _name_tensors(root, subject):
        if name in tensors:
            raise CheckpointError(subject, "twice", tensor=shown(name))
        if view.storage.is_legacy != archive.is_legacy:
            raise CheckpointError(subject, "damaged", part="pickle")
        # torch gives all views of a storage the dtype of the first.
        if dtypes.setdefault(view.storage.key, view.storage.dtype) != view.storage.dtype:
            raise CheckpointError(subject, "two_dtypes", tensor=shown(name))
        tensors[name] = _place(archive, prefix + name, view)
    # Tensors may share a storage, but a thousand views of it are a decompression bomb.
    if sum(tensor.nbytes for tensor in tensors.values()) > MOST_VIEWS * file.size:
        raise CheckpointError(subject, "views", times=MOST_VIEWS)
    return TorchFile(
        source=SourceFile(
            path=file.path,
            size=file.size,
            modified=file.modified,
            format="pickle",
            checksums=archive.checksums,
        ),
        tensors=tuple(sorted(tensors.values(), key=lambda tensor: (tensor.offset, tensor.name))),
        training=_read_training(root),
    )


def _read_member(file: WeightFile, member: Checksum) -> bytes:
    size = member.stop - member.start
    if size > LARGEST_PICKLE:
        raise CheckpointError(
            str(file.path),
            "too_large",
            member=shown(member.member),
            size=size,
            limit=LARGEST_PICKLE,
        )
    content = file.read(member.start, size)
    if zlib.crc32(content) != member.crc32:
        raise CheckpointError(str(file.path), "checksum", member=shown(member.member))
    return content


def _name_tensors(root: Value, subject: str) -> Iterator[tuple[str, TensorView]]:
    """All tensors under `root`, each with the path of keys that leads to it."""
    if isinstance(root, TensorView):
        root = {"tensor": root}
    model = None
    if isinstance(root, dict):
        candidates = (root.get(key) for key in STATE_DICTS)
        model = next((each for each in candidates if _holds_tensors(each)), None)
    seen: set[int] = set()
    letters = 0
    pending = [("", root, 0)]
    while pending:
        path, value, depth = pending.pop()
        if isinstance(value, TensorView):
            yield path, value
        elif isinstance(value, dict | list | tuple) and id(value) not in seen:
            # Once each: containers can contain each other, or one many times.
            seen.add(id(value))
            if depth > DEEPEST:
                raise CheckpointError(subject, "depth", part="pickle", limit=DEEPEST)
            base = f"{path}." if path and value is not model else ""
            items = value.items() if isinstance(value, dict) else enumerate(value)
            children = [
                (f"{base}{_key_text(key)}", inner, depth + 1)
                for key, inner in items
                if isinstance(inner, TensorView | dict | list | tuple)
            ]
            letters += sum(len(child) for child, _, _ in children)
            if letters > MOST_LETTERS:
                raise CheckpointError(
                    subject, "too_large", part="names", size=letters, limit=MOST_LETTERS
                )
            pending.extend(reversed(children))


def _holds_tensors(value: Value) -> bool:
    return isinstance(value, dict) and any(isinstance(v, TensorView) for v in value.values())


def _key_text(key: Value) -> str:
    """A key as text that can be encoded in UTF-8."""
    if isinstance(key, int) and abs(key) > LARGEST:
        return "number"
    # Cut before it is copied: one long text can be the value of a million keys.
    start = key[:LONGEST_TEXT] if isinstance(key, str | bytes) else key
    text = start.decode(errors="replace") if isinstance(start, bytes) else str(start)
    # Pickles can hold surrogates, which UTF-8 cannot.
    return text.encode(errors="replace").decode()


def _read_training(root: Value) -> dict[str, str]:
    """The numbers and texts at the root (`epoch`, `global_step`), each shortened to one line."""
    if not isinstance(root, dict):
        return {}
    return {
        _key_text(key)[:LONGEST_VALUE]: _key_text(value)[:LONGEST_VALUE]
        for key, value in islice(root.items(), MOST_VALUES)
        if isinstance(value, int | float | str)
    }


def _place(archive: Archive, name: str, view: TensorView) -> Tensor:
    """The position of `view` in the file. Raises `CheckpointError` if it exceeds its storage."""
    subject, tensor = str(archive.file.path), shown(name)
    member = archive.members.get(f"{archive.folder}data/{view.storage.key}")
    if member is None:
        raise CheckpointError(subject, "no_storage", tensor=tensor, name=shown(view.storage.key))
    bits = BY_NAME[view.dtype].bits
    if bits % 8:
        raise CheckpointError(subject, "dtype", tensor=tensor, dtype=view.dtype)
    itemsize = bits // 8
    stored = member.stop - member.start
    (size,) = _sizes((view.storage.size,), subject, tensor, "storage_size")
    claimed = size * (itemsize if view.storage.dtype else 1)
    if claimed != stored:
        raise CheckpointError(subject, "storage", tensor=tensor, size=stored, expected=claimed)
    shape = _sizes(view.shape, subject, tensor, "shape")
    strides = _sizes(view.strides, subject, tensor, "strides")
    (offset,) = _sizes((view.offset,), subject, tensor, "offset")
    elements = math.prod(shape)
    last = offset + sum((size - 1) * step for size, step in zip(shape, strides, strict=False))
    # More elements than the storage has: repeated elements, as in a decompression bomb.
    if len(shape) != len(strides) or (elements and (max(last + 1, elements) * itemsize > stored)):
        raise CheckpointError(subject, "too_wide", tensor=tensor, shape=shape)
    return Tensor(
        name=name,
        dtype=view.dtype,
        shape=shape,
        file=archive.number,
        offset=member.start + (offset * itemsize if elements else 0),
        nbytes=elements * itemsize,
        strides=None if not elements or _is_row_major(shape, strides) else strides,
    )


def _sizes(value: Value, subject: str, tensor: str, what: str) -> tuple[int, ...]:
    sizes = value if isinstance(value, tuple) and len(value) <= MOST_DIMENSIONS else None
    if sizes is None or not all(type(size) is int and 0 <= size <= LARGEST for size in sizes):
        raise CheckpointError(subject, "bad_value", tensor=tensor, of=what)
    return sizes


def _is_row_major(shape: Sequence[int], strides: Sequence[int]) -> bool:
    expected = 1
    for size, stride in zip(reversed(shape), reversed(strides), strict=True):
        if size != 1 and stride != expected:
            return False
        expected *= size
    return True
