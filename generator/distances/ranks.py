"""A pair that was compared -> the components whose change is of low rank, as a LoRA's is.

A matrix D of m x n is never held: a random S of k x m, drawn for its shape, is multiplied with its
rows while they are read, and S D has the rank of D up to k (Halko, Martinsson and Tropp, "Finding
Structure with Randomness", 2011). Singular values of S D count if they are larger than those that
rounding of both files causes. For errors E, S E has a largest singular value of at most about
sqrt(k) |E| + |E|_F (Chevet's inequality); and for independent errors |E|, the largest one of E, is
at most about the length of the longest row plus that of the longest column (Bandeira and van
Handel, "Sharp nonasymptotic bounds on the norm of random matrices", 2016). All in float64.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import groupby
from math import prod
from pathlib import Path

import numpy as np

from generator.checkpoints.formats.dtypes import BY_NAME, decode
from generator.checkpoints.formats.files import WeightFile
from generator.checkpoints.identify.reading import Reader, Source
from generator.distances.members import Key, open_member
from generator.records import Comparison, TensorDistance
from generator.records.arrays import Floats
from generator.records.findings import Ranks

# The largest rank that is looked for, and rows of S beyond it.
LARGEST, MORE = 128, 8
# A change is of low rank if its rank is at most this part of the smaller side.
LOW = 0.5
# Matrices of a component that are tried first, those that changed most: of most trainings, all of
# them have a full rank.
TRIED = 4
# Largest singular value of noise, in units of the expected one.
ABOVE = 1.5
# Squares left beyond the rank, in units of the expected ones: what was merged in a narrow dtype was
# rounded once more than it was stored.
LEFT = 2.0
# Elements of both files at a time.
CHUNK = 2**20
# Steps of numbers below the least normal one, where weights are that small.
LEAST_STEPS = {"float16": 2.0**-24, "float8_e4m3fn": 2.0**-9, "float8_e5m2": 2.0**-16}
# Significand bits of float32: what wider files hold was mostly computed in it.
EXACT = 23


def change_ranks(a: Path, b: Path, comparison: Comparison) -> dict[str, Ranks]:
    """The components of a comparison whose change has a low rank in most matrices.

    Raises:
        CheckpointError: a file cannot be read any more.
    """
    members = [open_member(path, path.name) for path in (a, b)]
    found = {}
    with ExitStack() as stack:
        readers = [
            Reader([stack.enter_context(WeightFile(Path(file.path))) for file in member.files])
            for member in members
        ]

        def rank_of(tensor: TensorDistance) -> int | None:
            key: Key = (tensor.component, tensor.name)
            return low_rank([each.sources[key] for each in members], tensor.shape, readers)

        for component, each in groupby(comparison.tensors, lambda tensor: tensor.component):
            whole = comparison.summary.components.get(component)
            # Adapters are of low rank, and so is what two of them differ by; what rounding alone
            # changed has no rank to tell.
            is_change = component in comparison.changes
            if is_change or not whole or whole.equal_in_float16 or whole.equal_in_bfloat16:
                continue
            changed = sorted(filter(_is_changed_matrix, each), key=lambda one: -(one.l2 or 0))
            if not any(rank_of(tensor) for tensor in changed[:TRIED]):
                continue
            ranks = [(tensor, rank) for tensor in changed if (rank := rank_of(tensor))]
            if 2 * len(ranks) > len(changed):
                found[component] = Ranks(
                    matrices=len(changed),
                    low=len(ranks),
                    smallest=min(rank for _, rank in ranks),
                    largest=max(rank for _, rank in ranks),
                    kinds=tuple(sorted({tensor.kind for tensor, _ in ranks})),
                )
    return found


def low_rank(
    sources: Sequence[Source], shape: Sequence[int], readers: Sequence[Reader]
) -> int | None:
    """The rank of the difference of two tensors of `shape` as matrices of shape[0] rows; None if it
    is more than half of the smaller side or than `LARGEST`, or not above rounding, or if more than
    rounding is left beyond it."""
    rows, columns = shape[0], prod(shape[1:])
    count = min(LARGEST + MORE, rows, columns)
    random = np.random.default_rng([rows, columns])
    sketch = np.zeros((count, columns))
    # Expected squares of the rounding errors, added up.
    by_column, longest_row = np.zeros(columns), 0.0
    step = max(1, CHUNK // columns)
    for first in range(0, rows, step):
        last = min(first + step, rows)
        values = [
            values_of(reader, source, first * columns, (last - first) * columns)
            for reader, source in zip(readers, sources, strict=True)
        ]
        apart = (values[1] - values[0]).reshape(last - first, columns)
        sketch += random.standard_normal((last - first, count)).T @ apart
        one, other = (
            squared_errors(each, source.dtype) for source, each in zip(sources, values, strict=True)
        )
        errors = (one + other).reshape(last - first, columns)
        by_column += errors.sum(0)
        longest_row = max(longest_row, float(errors.sum(1).max()))
    if not np.isfinite(sketch).all():
        return None
    norm = np.sqrt(longest_row) + np.sqrt(by_column.max())
    size = np.sqrt(count) * norm + np.sqrt(by_column.sum())
    singular = np.linalg.svd(sketch, compute_uv=False)
    rank = int((singular > ABOVE * size).sum())
    # Beyond the rank is nothing but rounding, or this is a part of a change of full rank.
    rest = float(np.square(singular[rank:]).sum())
    if rest > LEFT * (count - rank) * by_column.sum():
        return None
    most = min(LOW * min(rows, columns), LARGEST)
    return rank if 0 < rank <= most else None


def _is_changed_matrix(tensor: TensorDistance) -> bool:
    return bool(tensor.l2) and len(tensor.shape) > 1 and prod(tensor.shape[1:]) > 1


def values_of(reader: Reader, source: Source, first: int, count: int) -> Floats:
    """`count` values from number `first` on, in float64."""
    buffer = np.empty(count * source.itemsize, np.uint8)
    reader.read(source, first, buffer.data)
    return decode(buffer, source.dtype).astype(np.float64)


def squared_errors(values: Floats, dtype: str) -> Floats:
    """Expected squares of the errors of rounding to `dtype`: those of its steps, divided by 12.

    A step is 2^(exponent - fraction); below the least normal number, and at zero, the least step.
    """
    fraction = min(BY_NAME[dtype].fraction or 0, EXACT)
    steps = np.where(values, np.ldexp(1.0, np.frexp(values)[1] - 1 - fraction), 0.0)
    errors: Floats = np.maximum(steps, LEAST_STEPS.get(dtype, 0.0)) ** 2 / 12
    return errors
