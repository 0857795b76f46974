"""A file of `torch.save` before version 1.6 -> tensors with the offsets of their bytes.

Five pickles follow one another: a magic number, the version of the protocol, facts about the
machine, the object, and the keys of its storages. Then each storage: the number of its elements (8
bytes) and its values. As in `torch/serialization.py`, `_legacy_save`.
"""

from collections.abc import Iterator, Mapping

from generator.checkpoints.formats.dtypes import BY_NAME
from generator.checkpoints.formats.files import WeightFile, shown
from generator.checkpoints.formats.index import Checksum
from generator.checkpoints.formats.pickle_machine import LARGEST_PICKLE, read_next_pickle
from generator.checkpoints.formats.pickle_values import Storage, TensorView, Value
from generator.checkpoints.formats.torch_archive import Archive, TorchFile, index_tensors
from generator.errors import CheckpointError

START = b"\x80\x02\x8a\x0a\x6c\xfc"
MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
COUNT_BYTES = 8


def looks_legacy(head: bytes) -> bool:
    """Whether a file begins with the pickled magic number."""
    return head.startswith(START)


def read_legacy_pickle(file: WeightFile, number: int, prefix: str = "") -> TorchFile:
    """Index `file`, the checkpoint's file `number`; `prefix` goes before every name.

    Raises:
        CheckpointError: a pickle, a storage or a tensor is not as torch wrote it.
    """
    subject = str(file.path)
    content = file.read(0, min(file.size, LARGEST_PICKLE))
    place = 0
    values: list[Value] = []
    for _ in range(5):
        value, length = read_next_pickle(content[place:], subject)
        values.append(value)
        place += length
    magic, protocol, machine, root, keys = values
    if magic != MAGIC or protocol != PROTOCOL or not isinstance(machine, dict):
        raise CheckpointError(subject, "damaged", part="pickle")
    if not machine.get("little_endian", True):
        raise CheckpointError(subject, "not_weights", format="big_endian")
    storages = {storage.key: storage for storage in _storages(root)}
    members = _place_storages(file, place, keys, storages)
    return index_tensors(Archive(file, number, members, "", (), is_legacy=True), root, prefix)


def _storages(root: Value) -> Iterator[Storage]:
    """All storages that tensors under `root` use."""
    seen: set[int] = set()
    pending = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, TensorView):
            yield value.storage
        elif isinstance(value, dict | list | tuple) and id(value) not in seen:
            seen.add(id(value))
            pending.extend(value.values() if isinstance(value, dict) else value)


def _place_storages(
    file: WeightFile, place: int, keys: Value, storages: Mapping[str, Storage]
) -> dict[str, Checksum]:
    """The bytes of every storage, by the name that it has in an archive."""
    subject = str(file.path)
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise CheckpointError(subject, "damaged", part="pickle")
    if len(set(keys)) != len(keys) or set(keys) != storages.keys():
        raise CheckpointError(subject, "damaged", part="storages")
    members = {}
    for key in keys:
        storage = storages[key]
        start = place + COUNT_BYTES
        if start > file.size:
            raise CheckpointError(subject, "truncated", part="file", end=start, size=file.size)
        count = int.from_bytes(file.read(place, COUNT_BYTES), "little")
        if count != storage.size or not storage.dtype:
            raise CheckpointError(subject, "storage", size=count, expected=storage.size)
        place = start + count * BY_NAME[storage.dtype].bits // 8
        if place > file.size:
            raise CheckpointError(subject, "truncated", part="file", end=place, size=file.size)
        name = f"data/{key}"
        members[name] = Checksum(member=shown(key), start=start, stop=place, crc32=0)
    if place != file.size:
        raise CheckpointError(subject, "trailing", count=file.size - place)
    return members
