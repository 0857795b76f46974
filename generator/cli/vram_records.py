"""`data/` -> what is known of the memory of one network."""

from pathlib import Path

from generator.errors import UsageError
from generator.records import Architecture, store
from generator.records.memory import PartMemory
from generator.vram.setup import Setup, setup_of


def find_setup(data: Path, network: str) -> Setup:
    """The setup of a measured network.

    Raises:
        UsageError: there is none of that id, or its memory is not known.
        DamagedRecord: a record cannot be read.
    """
    folder = data / "architectures"
    known = store.result_ids(folder)
    if network not in known:
        measured = ", ".join(known) or "none"
        raise UsageError(network, "is not a measured network", f"Measured: {measured}")
    record = store.read_result(folder / f"{network}.json", Architecture)
    parts = data / "memory"
    wanted = {network, *(each.id for each in record.components)} & set(store.result_ids(parts))
    return setup_of(
        record, {name: store.read_result(parts / f"{name}.json", PartMemory) for name in wanted}
    )
