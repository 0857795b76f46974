"""`data/pairs/` -> the pairs with a row per tensor."""

import msgspec

from generator.publish.reading.loaded import Loaded, ResultFolder, tensors_of
from generator.records import Comparison, Pair, TensorDistance
from generator.text.findings import pair_sentence

LoadedPair = Loaded[Pair, tuple[TensorDistance, ...]]


PAIRS = ResultFolder(
    "pairs",
    Pair,
    tensors_of(TensorDistance, Pair.check_rows),
    findings=lambda pair: pair.findings,
    sentence=pair_sentence,
)


def whole_comparison(pair: LoadedPair) -> Comparison:
    """The comparison with its tensors, in the format of `atlas compare`."""
    return msgspec.structs.replace(pair.record.comparison, tensors=pair.beside)
