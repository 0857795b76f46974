"""Two checkpoints -> what differs, tensor by tensor, under canonical names.

Values are subtracted, and everything is summed, in float64: with only two checkpoints there is
nothing to gain from less.
"""

import contextlib
from pathlib import Path

import msgspec
import numpy as np
import torch

from generator.checkpoints.anatomy import Weight
from generator.checkpoints.dtypes import BY_NAME
from generator.checkpoints.files import WeightFile
from generator.checkpoints.reading import Reader, Source
from generator.distances.matrix import Progress
from generator.distances.members import Key, Member, file_state, open_member, short_names
from generator.distances.pair_sums import Measured, summarise
from generator.distances.plan import networks
from generator.distances.stretch import STRETCH_COLUMNS, Stretch
from generator.distances.work import one_thread
from generator.errors import CheckpointError, UsageError
from generator.records import Comparison, DTypePair, Excluded, ShapePair

BOTH = np.arange(2)
ROUNDED = (torch.float16, torch.bfloat16)
NOT_FINITE = "has NaN or infinite values"


def compare(a: Path, b: Path, *, progress: Progress | None = None) -> Comparison:
    """Compare the checkpoints at `a` and `b`. Memory does not depend on their size.

    Raises:
        CheckpointError: one of them is refused, or changes while it is read.
        UsageError: they have no name in common.
    """
    names = short_names([a, b]) if a != b else [str(a), str(b)]
    pair = [open_member(path, name) for path, name in zip((a, b), names, strict=True)]
    first, second = pair
    shared = [key for key in first.weights if key in second.weights]
    if not shared:
        raise UsageError(f"{a}, {b}", "have no tensor in common")
    with one_thread():
        measured = _measure_all(pair, shared, progress)
    for member in pair:
        for file in member.files:
            if file_state(Path(file.path), file.size) != file:
                raise CheckpointError(file.path, "changed while it was being compared")
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
        summary=summarise(measured, _same_components(pair), _strange_components(pair)),
    )


def _text(key: Key) -> str:
    return "/".join(key)


def _same_components(pair: list[Member]) -> frozenset[str]:
    """Components of which both checkpoints have the same weights in the same shapes."""
    held: list[dict[str, set[tuple[str, tuple[int, ...]]]]] = [{}, {}]
    for member, components in zip(pair, held, strict=True):
        for weight in member.weights.values():
            if weight.is_weight:
                components.setdefault(weight.component, set()).add((weight.name, weight.shape))
    return frozenset(name for name in held[0] if held[0][name] == held[1].get(name))


def _strange_components(pair: list[Member]) -> tuple[Excluded, ...]:
    """Components that are one network here and another there: equal names mean nothing."""
    strange = []
    for name in pair[0].components:
        if len(set(networks(name, pair).values())) > 1:
            one, other = (member.components[name].nearest or "unknown" for member in pair)
            reason = f"is another network: {other}, not {one}"
            strange.append(Excluded(checkpoint=pair[1].name, tensor=name, reason=reason))
    return tuple(strange)


def _measure_all(
    pair: list[Member], shared: list[Key], progress: Progress | None
) -> list[Measured]:
    """All tensors that both have in one shape; those of other networks are not read."""
    strange = {entry.tensor for entry in _strange_components(pair)}
    alike = [key for key in shared if pair[0].weights[key].shape == pair[1].weights[key].shape]
    sizes = {key: sum(member.sources[key].nbytes for member in pair) for key in alike}
    done, total = 0, sum(sizes.values())
    results = {}
    with contextlib.ExitStack() as stack:
        readers = [
            Reader([stack.enter_context(WeightFile(Path(file.path))) for file in member.files])
            for member in pair
        ]
        stretch = Stretch(2, 8, "cpu")
        # In the order of the first file, which on most disks is the fastest.
        for key in sorted(alike, key=lambda key: _place(pair[0].sources[key])):
            weight = pair[0].weights[key]
            sources = [member.sources[key] for member in pair]
            result = Measured(weight)
            if weight.component in strange:
                result.reason = "belongs to another network"
            elif not all(member.weights[key].is_weight for member in pair):
                result.reason = f"is no weight ({weight.dtype})"
                result.identical = _same_bytes(weight, sources, readers, stretch)
            else:
                _measure(result, sources, readers, stretch)
            results[key] = result
            done += sizes[key]
            if progress:
                progress(done, total)
    return [results[key] for key in alike]


def _place(source: Source) -> tuple[int, int, int]:
    return source.file, source.offset, source.start


def _measure(
    result: Measured, sources: list[Source], readers: list[Reader], stretch: Stretch
) -> None:
    """Fill `result`, stretch by stretch."""
    dtypes = [source.dtype for source in sources]
    for first in range(0, result.elements, STRETCH_COLUMNS):
        columns = min(STRETCH_COLUMNS, result.elements - first)
        buffers = stretch.start(dtypes, columns)
        for reader, source, buffer in zip(readers, sources, buffers, strict=True):
            reader.read(source, first, buffer)
        result.identical &= stretch.same_bytes(0, 1)
        for values in stretch.decode(BOTH, torch.float64):
            one, other = values[0], values[1]
            if not result.identical:
                for place, dtype in enumerate(ROUNDED):
                    if result.equal_rounded[place]:
                        equal = torch.equal(one.to(dtype), other.to(dtype))
                        result.equal_rounded[place] = equal
            result.norms[0] += float(torch.dot(one, one))
            result.norms[1] += float(torch.dot(other, other))
            difference = one.sub_(other)
            result.squared += float(torch.dot(difference, difference))
            result.l0 += int(torch.count_nonzero(difference))
            result.l1 += float(difference.abs_().sum())
    if not np.isfinite([*result.norms, result.squared]).all():
        result.reason = NOT_FINITE


def _same_bytes(
    weight: Weight, sources: list[Source], readers: list[Reader], stretch: Stretch
) -> bool:
    """Whether something that is no weight is the same in both, whatever its dtype."""
    if len({source.dtype for source in sources}) > 1:
        return False
    whole = BY_NAME[weight.dtype].bits % 8 == 0
    size = sources[0].itemsize if whole else 1
    sources = sources if whole else [msgspec.structs.replace(s, dtype="uint8") for s in sources]
    step = STRETCH_COLUMNS // size
    for first in range(0, weight.nbytes // size, step):
        columns = min(step, weight.nbytes // size - first)
        buffers = stretch.start(["uint8", "uint8"], columns * size)
        for reader, source, buffer in zip(readers, sources, buffers, strict=True):
            reader.read(source, first, buffer)
        if not stretch.same_bytes(0, 1):
            return False
    return True
