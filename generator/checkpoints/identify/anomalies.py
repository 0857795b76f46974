"""What a checkpoint holds -> what its user should know about it.

Each check is a function of what was found; the list `CHECKS` is all that is run. Checks of values
find nothing where only the headers were read.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from generator.checkpoints.formats.dtypes import BY_NAME, FLOAT8_VALUES, decode, is_float
from generator.checkpoints.formats.index import Checksum, TensorIndex
from generator.checkpoints.identify.contents import Contents
from generator.records import Anomaly, TensorRow, anomalies

SHOWN = 20

SCALED = "fp8_scaled"
# Networks that are published whole: a part that is missing is worth a word. The larger ones are
# published without the others.
WHOLE = ("sd1", "sd2", "sdxl", "sdxl-refiner")
# Where trainers write the SHA-256 of a file behind its header: kohya, and ModelSpec.
OWN_HASHES = ("sshs_model_hash", "modelspec.hash_sha256")
HASH = re.compile("[0-9a-f]{64}")
# Fraction bits of the dtypes that weights are commonly rounded to, from coarse to fine.
COARSER = (("bfloat16", 7), ("float16", 10))
# Fewer elements than this may well be round numbers.
ENOUGH = 10_000


class Contained(NamedTuple):
    """All that the checks may look at. `kept` are the bytes of small weights, by row number;
    `autov3` is the hash of a single file's tensors, if they were read."""

    header: TensorIndex
    contents: Contents
    rows: Sequence[TensorRow]
    kept: Mapping[int, bytes]
    damaged: Sequence[Checksum]
    autov3: str = ""


def find_anomalies(contained: Contained) -> tuple[Anomaly, ...]:
    """What every check finds, in the order of `CHECKS`."""
    return tuple(anomaly for check in CHECKS for anomaly in check(contained))


def _naming(anomaly: Anomaly, tensors: Iterable[str]) -> Anomaly:
    """`anomaly` with the first of the `tensors` it concerns, and their number."""
    names = list(tensors)
    return msgspec.structs.replace(anomaly, tensors=tuple(names[:SHOWN]), count=len(names))


def _by_component(rows: Iterable[TensorRow]) -> dict[str, list[TensorRow]]:
    groups: dict[str, list[TensorRow]] = {}
    for row in rows:
        groups.setdefault(row.component, []).append(row)
    return groups


def _missing(contained: Contained) -> Iterator[Anomaly]:
    if contained.contents.nearest in WHOLE:
        for name in contained.contents.missing:
            yield anomalies.MissingComponent(component=name)


def _unknown(contained: Contained) -> Iterator[Anomaly]:
    if not contained.contents.kind:
        return
    for component in contained.contents.components:
        if component.name in ("other", "adapter") or component.network:
            continue
        if not component.is_near:
            held = (row.source for row in contained.rows if row.component == component.name)
            yield _naming(anomalies.NoNetwork(component=component.name), held)
            continue
        unknown = anomalies.UnknownNetwork(
            component=component.name,
            nearest=component.nearest,
            missing=len(component.missing),
            extra=len(component.extra),
        )
        yield _naming(unknown, (*component.missing, *component.extra))


def _other_shapes(contained: Contained) -> Iterator[Anomaly]:
    for component in contained.contents.components:
        if component.differences and component.is_near:
            yield anomalies.OtherShapes(
                component=component.name,
                network=component.nearest,
                differences=component.differences,
            )


def _ema(contained: Contained) -> Iterator[Anomaly]:
    copies = [row for row in contained.rows if row.component == "ema"]
    if copies:
        size = sum(row.nbytes for row in copies)
        yield _naming(anomalies.Ema(component="ema", nbytes=size), (row.source for row in copies))


def _optimizer(contained: Contained) -> Iterator[Anomaly]:
    left = [row for row in contained.rows if row.source.startswith(("optimizer", "opt."))]
    if left:
        size = sum(row.nbytes for row in left)
        state = anomalies.OptimizerState(component="other", nbytes=size)
        yield _naming(state, (row.source for row in left))


def _duplicates(contained: Contained) -> Iterator[Anomaly]:
    if contained.contents.duplicates:
        yield _naming(anomalies.DuplicateWeight(component="other"), contained.contents.duplicates)


def _shared(contained: Contained) -> Iterator[Anomaly]:
    ends: dict[int, int] = {}
    shared = []
    for tensor in sorted(contained.header.tensors, key=lambda each: (each.file, each.offset)):
        if tensor.nbytes and tensor.offset < ends.get(tensor.file, 0):
            shared.append(tensor.name)
        ends[tensor.file] = max(ends.get(tensor.file, 0), tensor.offset + tensor.span)
    if shared:
        yield _naming(anomalies.SharedStorage(component=""), shared)


def _unmeasured(contained: Contained) -> Iterator[Anomaly]:
    stored = [
        (weight.quantisation or weight.dtype, row.source)
        for weight, row in zip(contained.contents.weights, contained.rows, strict=True)
        if not weight.is_readable or BY_NAME[weight.dtype].raw is None
    ]
    for name in sorted({each for each, _ in stored}):
        sources = [source for each, source in stored if each == name]
        yield _naming(anomalies.UnmeasuredDtype(component="", dtype=name), sources)


def _missing_scale(contained: Contained) -> Iterator[Anomaly]:
    for component, rows in _by_component(contained.rows).items():
        if not any(row.quantisation == SCALED for row in rows):
            continue
        # Norms and biases have no scales.
        plain = [row.source for row in rows if row.dtype in FLOAT8_VALUES and len(row.shape) > 1]
        if plain:
            yield _naming(anomalies.MissingScale(component=component), plain)


def _mixed_dtypes(contained: Contained) -> Iterator[Anomaly]:
    """Matrices of several dtypes. Trainers keep norms and biases wide, and quantised files some
    matrices, too."""
    for component, rows in _by_component(contained.rows).items():
        matrices = [row for row in rows if row.is_weight and len(row.shape) > 1]
        dtypes = {row.dtype for row in matrices}
        if any(row.quantisation for row in matrices) or dtypes & FLOAT8_VALUES.keys():
            continue
        if len(dtypes) > 1:
            yield anomalies.MixedDtypes(component=component, dtypes=tuple(sorted(dtypes)))


def _not_finite(contained: Contained) -> Iterator[Anomaly]:
    for component, rows in _by_component(contained.rows).items():
        bad = [row for row in rows if row.figures and row.figures.nans + row.figures.infinities]
        if bad:
            nans = sum(row.figures.nans for row in bad if row.figures)
            infinities = sum(row.figures.infinities for row in bad if row.figures)
            found = anomalies.NotFinite(component=component, nans=nans, infinities=infinities)
            yield _naming(found, (row.source for row in bad))


def _all_zero(contained: Contained) -> Iterator[Anomaly]:
    for component, rows in _by_component(contained.rows).items():
        zero = [row.source for row in rows if row.is_weight and row.figures and _is_zero(row)]
        if zero:
            yield _naming(anomalies.AllZero(component=component), zero)


def _is_zero(row: TensorRow) -> bool:
    figures = row.figures
    return figures is not None and figures.minimum == 0 == figures.maximum


def _truncated(contained: Contained) -> Iterator[Anomaly]:
    """Weights that a coarser dtype would hold as well: they went through it once."""
    for component, rows in _by_component(contained.rows).items():
        for dtype in sorted({row.dtype for row in rows if row.is_weight}):
            plain = [row for row in rows if row.is_weight and not row.quantisation]
            same = [row for row in plain if row.dtype == dtype and row.figures]
            elements = sum(int(np.prod(row.shape, dtype=object)) for row in same)
            bits = [row.figures.fraction_bits for row in same if row.figures]
            used = max((each for each in bits if each is not None), default=None)
            if not is_float(dtype) or used is None or elements < ENOUGH or None in bits:
                continue
            stored = BY_NAME[dtype].fraction or 0
            coarser = next((name for name, held in COARSER if used <= held < stored), None)
            if coarser:
                yield anomalies.TruncatedPrecision(component=component, dtype=dtype, fits=coarser)


def _position_ids(contained: Contained) -> Iterator[Anomaly]:
    """CLIP counts its 77 positions in a buffer; merging in low precision moves some by one."""
    for number, row in enumerate(contained.rows):
        if row.name.endswith("embeddings.position_ids") and number in contained.kept:
            if BY_NAME[row.dtype].raw is None:
                continue
            ids = decode(np.frombuffer(contained.kept[number], np.uint8), row.dtype)
            wrong = np.flatnonzero(ids != np.arange(ids.size))
            if wrong.size:
                damaged = anomalies.DamagedPositionIds(
                    component=row.component,
                    wrong=int(wrong.size),
                    places=tuple(wrong[:SHOWN].tolist()),
                )
                yield _naming(damaged, [row.source])


def _checksums(contained: Contained) -> Iterator[Anomaly]:
    if contained.damaged:
        members = (member.member for member in contained.damaged)
        yield _naming(anomalies.BadChecksum(component=""), members)


def _own_hash(contained: Contained) -> Iterator[Anomaly]:
    found = contained.autov3
    for key in OWN_HASHES:
        stated = contained.header.metadata.get(key, "").lower().removeprefix("0x")
        if found and HASH.fullmatch(stated) and not stated.startswith(found):
            stated = stated[: len(found)]
            yield anomalies.OtherHash(component="", key=key, stated=stated, found=found)


CHECKS: tuple[Callable[[Contained], Iterator[Anomaly]], ...] = (
    _checksums,
    _own_hash,
    _not_finite,
    _position_ids,
    _unknown,
    _other_shapes,
    _missing,
    _duplicates,
    _shared,
    _unmeasured,
    _missing_scale,
    _mixed_dtypes,
    _truncated,
    _all_zero,
    _ema,
    _optimizer,
)
