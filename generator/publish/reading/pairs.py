"""`data/pairs/` -> the pairs with their tensors."""

import re
from pathlib import Path

import msgspec
import pyarrow as pa

from generator.catalog.reading import ID_PATTERN
from generator.errors import DamagedRecord
from generator.records import Comparison, Pair, Record, TensorDistance, store
from generator.records.distance_tables import read_distances

PAIRS = "pairs"
ADVICE = "`atlas measure` makes it again"


class HeldPair(Record, frozen=True, kw_only=True):
    """A pair with a row per tensor."""

    pair: Pair
    rows: tuple[TensorDistance, ...]

    @property
    def comparison(self) -> Comparison:
        """The whole comparison, as `atlas compare` writes it."""
        return msgspec.structs.replace(self.pair.comparison, tensors=self.rows)


def read_pairs(data: Path) -> tuple[HeldPair, ...]:
    """All pairs by id; none if there is no folder.

    Raises:
        DamagedRecord: a file is missing, or not what was measured.
    """
    folder = data / PAIRS
    return tuple(_read(folder, one) for one in store.read_results(folder, Pair))


def _read(folder: Path, pair: Pair) -> HeldPair:
    if not re.fullmatch(ID_PATTERN, pair.id):
        raise DamagedRecord(str(folder / f"{pair.id}.json"), "has an id that is no address", ADVICE)
    path = folder / f"{pair.id}.tensors.parquet"
    if path.name not in pair.files:
        raise DamagedRecord(str(path), "is not among the files of its record", ADVICE)
    try:
        return HeldPair(pair=pair, rows=read_distances(path.read_bytes()))
    except (pa.ArrowException, TypeError) as error:
        raise DamagedRecord(str(path), f"is not a table of distances ({error})", ADVICE) from error
