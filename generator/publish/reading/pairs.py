"""`data/pairs/` -> the pairs with a row per tensor."""

from pathlib import Path

import msgspec

from generator.publish.reading.loaded import Loaded, ResultFolder, content_of
from generator.records import Comparison, Pair, TensorDistance, store
from generator.records.checks import check_distances
from generator.records.tables import read_rows
from generator.text.findings import pair_sentence

LoadedPair = Loaded[Pair, tuple[TensorDistance, ...]]


def _rows(folder: Path, stored: store.StoredResult[Pair]) -> tuple[TensorDistance, ...]:
    with content_of(folder / f"{stored.record.id}.tensors.parquet", stored.files) as content:
        rows = read_rows(TensorDistance, content)
        check_distances(stored.record, rows)
    return rows


PAIRS = ResultFolder(
    "pairs", Pair, _rows, findings=lambda pair: pair.findings, sentence=pair_sentence
)


def whole_comparison(pair: LoadedPair) -> Comparison:
    """The comparison with its tensors, as `atlas compare` writes it."""
    return msgspec.structs.replace(pair.record.comparison, tensors=pair.beside)
