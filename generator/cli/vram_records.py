"""Folders `data/`, or a checkpoint -> what is known of the memory of one network."""

from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import msgspec

from generator.errors import UsageError
from generator.networks.memory import MEMORY
from generator.records import Architecture, PartMemory, TensorRow, store
from generator.vram.setup import Setup, setup_of

# Formats of memory by what files call them, where that is another name.
FORMATS = {"float8_e4m3fn": "fp8", "float8_e5m2": "fp8", "fp8_scaled": "fp8-scaled"}
# Networks of like names, of which at most so many are named.
SUGGESTED = 5


def find_setup(data: Sequence[Path], network: str) -> Setup:
    """The setup of a network, from the first folder that has it.

    Raises:
        UsageError: none has one of that id, in letters of any case, or its memory is not known.
        DamagedRecord: a record cannot be read.
    """
    known: set[str] = set()
    named = network.lower()
    for folder in data:
        measured = store.result_ids(folder / "architectures")
        if named in measured:
            return _read_setup(folder, named)
        known.update(measured)
    near = sorted(each for each in known if named and each.startswith(named))[:SUGGESTED]
    near = near or get_close_matches(named, known, SUGGESTED, cutoff=0.4)
    listed = (
        f"Near: {', '.join(near)}" if near else f"Measured: {', '.join(sorted(known)) or 'none'}"
    )
    raise UsageError(network, "is neither a file nor a measured network", listed)


def _read_setup(data: Path, network: str) -> Setup:
    record = store.read_record(data / "architectures" / f"{network}.json", Architecture)
    parts = data / "memory"
    wanted = {network, *(each.id for each in record.components)} & set(store.result_ids(parts))
    return setup_of(
        record, {name: store.read_record(parts / f"{name}.json", PartMemory) for name in wanted}
    )


class FileSetup(NamedTuple):
    """The setup of a checkpoint: its denoiser has the bytes of the file, in `weights`, one of the
    formats; the other parts are those of the network's pipeline."""

    setup: Setup
    weights: str


def setup_of_file(data: Sequence[Path], path: Path) -> FileSetup:
    """The network of a checkpoint, by its header, with the bytes that it stores.

    Raises:
        UsageError: it has no denoiser, or one that is not measured, or an unknown format.
        CheckpointError: the file cannot be read.
    """
    from generator.checkpoints.inventory.record import inspect

    found = inspect(path)
    denoiser = next((c for c in found.record.components if c.name == "denoiser"), None)
    if denoiser is None or not denoiser.network:
        raise UsageError(str(path), "has no denoiser of a known network")
    setup = find_setup(data, denoiser.network)
    rows = [row for row in found.rows if row.component == "denoiser"]
    weights = _format(rows)
    if weights not in MEMORY.formats:
        known = ", ".join(MEMORY.formats)
        raise UsageError(str(path), f"has weights of another format ({weights})", f"Known: {known}")
    stored = setup.denoiser.weights | {weights: sum(row.nbytes for row in rows)}
    part = msgspec.structs.replace(setup.denoiser, weights=stored)
    return FileSetup(msgspec.structs.replace(setup, denoiser=part), weights)


def _format(rows: list[TensorRow]) -> str:
    """The format of most of the bytes."""
    sizes: Counter[str] = Counter()
    for row in rows:
        sizes[row.quantisation or row.dtype] += row.nbytes
    found = sizes.most_common(1)[0][0]
    return FORMATS.get(found, found)
