"""`data/pairs/` -> the pairs with their tensors."""

from pathlib import Path

import msgspec

from generator.publish.reading.beside import check_findings, require_address, table_of
from generator.records import Comparison, Pair, Record, TensorDistance, store
from generator.records.checks import check_distances
from generator.records.tables import read_rows
from generator.text.findings import pair_sentence

PAIRS = "pairs"


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
    return tuple(_read(data / PAIRS, one) for one in store.load_all(data / PAIRS, Pair))


def _read(folder: Path, stored: store.Stored[Pair]) -> HeldPair:
    pair = stored.record
    require_address(folder, pair.id)
    check_findings(folder / f"{pair.id}.json", pair.findings, pair_sentence)
    name = f"{pair.id}.tensors.parquet"
    with table_of(folder / name, stored):
        rows = read_rows(TensorDistance, stored.files[name])
        check_distances(pair, rows)
    return HeldPair(pair=pair, rows=rows)
