"""Two checkpoints -> their differences, tensor by tensor, under canonical keys.

The arithmetic is the same as for any number of checkpoints.
"""

import contextlib
from pathlib import Path

import msgspec
import numpy as np

from generator.checkpoints.formats.dtypes import BY_NAME, decode
from generator.checkpoints.formats.files import WeightFile
from generator.checkpoints.identify.components import Weight
from generator.checkpoints.identify.reading import Reader, Source
from generator.checkpoints.inventory.rounding import to_bfloat16, to_float16, to_float32
from generator.distances.chunk import CHUNK_COLUMNS, Chunk
from generator.distances.matrix import Progress
from generator.distances.members import Key, Member, has_changed, open_member, short_names
from generator.distances.pair_sums import TensorPair, summarise
from generator.distances.plan import difference, networks, not_a_weight
from generator.distances.products import squared_distances
from generator.distances.work import LARGEST_NORM, unusable
from generator.errors import CheckpointError, UsageError
from generator.records import Comparison, DTypePair, Excluded, ShapePair
from generator.records.reasons import NotUnpacked, OneSided

BOTH = np.arange(2)
ALL = np.ones((2, 2), dtype=bool)
NARROW = {"float16": to_float16, "bfloat16": to_bfloat16}


def compare(a: Path, b: Path, *, progress: Progress | None = None) -> Comparison:
    """Compare the checkpoints at `a` and `b`. Memory does not depend on their size.

    Raises:
        CheckpointError: one of them is refused, or changes while it is read.
        UsageError: they have no tensor name in common.
    """
    names = short_names([a, b]) if a != b else [str(a), str(b)]
    pair = [open_member(path, name) for path, name in zip((a, b), names, strict=True)]
    first, second = pair
    shared = [key for key in first.weights if key in second.weights]
    if not shared:
        raise UsageError(f"{a}, {b}", "have no tensor in common")
    measured = _measure_all(pair, shared, progress)
    for member in pair:
        if has_changed(member):
            raise CheckpointError(member.name, "changed")
    both = [(key, first.weights[key], second.weights[key]) for key in shared]
    return Comparison(
        a=names[0],
        b=names[1],
        shared=len(shared),
        only_a=tuple(_text(key) for key in first.weights if key not in second.weights),
        only_b=tuple(_text(key) for key in second.weights if key not in first.weights),
        shape_mismatch=tuple(
            ShapePair(name=_text(key), a=one.shape, b=other.shape)
            for key, one, other in both
            if one.shape != other.shape
        ),
        dtype_difference=tuple(
            DTypePair(name=_text(key), a=one.dtype, b=other.dtype)
            for key, one, other in both
            if one.dtype != other.dtype
        ),
        tensors=tuple(each.distance() for each in measured),
        summary=summarise(measured, _same_components(pair), _other_networks(pair)),
        changes=tuple(
            name
            for name, component in first.components.items()
            if component.is_change and name in second.components
        ),
    )


def _text(key: Key) -> str:
    return "/".join(key)


def _same_components(pair: list[Member]) -> frozenset[str]:
    """Components with the same weights in the same shapes in both checkpoints."""
    held: list[dict[str, set[tuple[str, tuple[int, ...]]]]] = [{}, {}]
    for member, components in zip(pair, held, strict=True):
        for weight in member.weights.values():
            if weight.is_weight:
                components.setdefault(weight.component, set()).add((weight.name, weight.shape))
    return frozenset(name for name in held[0] if held[0][name] == held[1].get(name))


def _other_networks(pair: list[Member]) -> tuple[Excluded, ...]:
    """Components that are one network here and another there: equal names mean nothing."""
    strange = []
    for name in pair[0].components:
        if len(set(networks(name, pair).values())) > 1:
            one, other = (member.components[name] for member in pair)
            reason = difference(other, one)
            strange.append(Excluded(checkpoint=pair[1].name, tensor=name, reason=reason))
    return tuple(strange)


def _measure_all(
    pair: list[Member], shared: list[Key], progress: Progress | None
) -> list[TensorPair]:
    """All tensors that both have in one shape; those of other networks are not read."""
    strange = {entry.tensor: entry.reason for entry in _other_networks(pair)}
    alike = [key for key in shared if pair[0].weights[key].shape == pair[1].weights[key].shape]
    sizes = {key: sum(member.sources[key].nbytes for member in pair) for key in alike}
    done, total = 0, sum(sizes.values())
    results = {}
    with contextlib.ExitStack() as stack:
        readers = [
            Reader([stack.enter_context(WeightFile(Path(file.path))) for file in member.files])
            for member in pair
        ]
        chunk = Chunk(2)
        # In the order of the first file, which on most disks is the fastest.
        for key in sorted(alike, key=lambda key: pair[0].sources[key].place):
            both = [member.weights[key] for member in pair]
            weight = both[0]
            sources = [member.sources[key] for member in pair]
            weights = [each.is_weight for each in both]
            result = TensorPair(weight, is_weight=any(weights))
            if weight.component in strange:
                result.reason = strange[weight.component]
            elif not_unpacked := next((w for w in both if not w.is_readable), None):
                result.reason = NotUnpacked(quantisation=not_unpacked.quantisation)
            elif not all(weights):
                result.reason = not_a_weight(weight)
                if any(weights):
                    result.reason = OneSided(a=sources[0].dtype, b=sources[1].dtype)
                result.identical = _same_bytes(weight, sources, readers, chunk)
            else:
                _measure(result, sources, readers, chunk)
            results[key] = result
            done += sizes[key]
            if progress:
                progress(done, total)
    return [results[key] for key in alike]


def _measure(
    result: TensorPair, sources: list[Source], readers: list[Reader], chunk: Chunk
) -> None:
    """Fill `result`, chunk by chunk."""
    dtypes = [source.dtype for source in sources]
    # Of nothing there is nothing else to compare.
    result.identical = dtypes[0] == dtypes[1]
    for first in range(0, result.elements, CHUNK_COLUMNS):
        columns = min(CHUNK_COLUMNS, result.elements - first)
        buffers = chunk.start(dtypes, columns)
        for reader, source, buffer in zip(readers, sources, buffers, strict=True):
            reader.read(source, first, buffer)
        same = chunk.same_bytes(0, 1)
        result.identical &= same
        squares = squared_distances(chunk.centred_gram, BOTH, ALL)
        if not (squares.norms < LARGEST_NORM).all():
            result.reason = (
                result.reason or unusable(chunk.numbers(0)) or unusable(chunk.numbers(1))
            )
        if result.reason:
            continue
        apart = chunk.differences(BOTH, ALL)
        result.squared += float(squares.between[0, 1])
        result.norms[0] += float(squares.norms[0])
        result.norms[1] += float(squares.norms[1])
        result.l1 += float(apart.l1[0, 1])
        result.l0 += int(apart.l0[0, 1])
        if not same and any(result.equal_rounded):
            _round(result, chunk)


def _round(result: TensorPair, chunk: Chunk) -> None:
    """Check whether both sides are equal after rounding to narrower formats."""
    one, other = (to_float32(chunk.numbers(row)) for row in (0, 1))
    for place, (name, narrow) in enumerate(NARROW.items()):
        if result.equal_rounded[place]:
            # Compared as numbers: -0 equals 0.
            first, second = (decode(narrow(side).view(np.uint8), name) for side in (one, other))
            result.equal_rounded[place] = np.array_equal(first, second)


def _same_bytes(weight: Weight, sources: list[Source], readers: list[Reader], chunk: Chunk) -> bool:
    """Whether a tensor that is not a weight is equal in both, for any dtype."""
    if len({source.dtype for source in sources}) > 1:
        return False
    whole = BY_NAME[weight.dtype].bits % 8 == 0
    size = sources[0].itemsize if whole else 1
    sources = sources if whole else [msgspec.structs.replace(s, dtype="uint8") for s in sources]
    step = CHUNK_COLUMNS // size
    for first in range(0, weight.nbytes // size, step):
        columns = min(step, weight.nbytes // size - first)
        buffers = chunk.start(["uint8", "uint8"], columns * size)
        for reader, source, buffer in zip(readers, sources, buffers, strict=True):
            reader.read(source, first, buffer)
        if not chunk.same_bytes(0, 1):
            return False
    return True
