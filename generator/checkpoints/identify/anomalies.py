"""What a checkpoint holds -> what its user should know about it, one sentence each.

Each check is a function of what was found; the list `CHECKS` is all that is run. Checks of values
find nothing where only the headers were read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from generator.checkpoints.formats.dtypes import BY_NAME, decode, is_float
from generator.checkpoints.formats.index import CheckpointIndex, Checksum
from generator.checkpoints.identify.contents import Contents
from generator.records import Anomaly, TensorRow

SHOWN = 20

# Components without which a checkpoint of the architecture cannot be used by itself. The larger
# models are published without, so nothing is said of them.
EXPECTED = {
    "sd1": ("vae", "text_encoder"),
    "sd2": ("vae", "text_encoder"),
    "sdxl": ("vae", "text_encoder", "text_encoder_2"),
    "sdxl-refiner": ("vae", "text_encoder_2"),
}
COMPONENT_NAMES = {
    "denoiser": "denoiser",
    "vae": "VAE",
    "text_encoder": "text encoder",
    "text_encoder_2": "second text encoder",
    "text_encoder_3": "third text encoder",
}
# Fraction bits of the dtypes that weights are commonly rounded to, from coarse to fine.
COARSER = (("bfloat16", 7), ("float16", 10))
# Fewer elements than this may well be round numbers.
ENOUGH = 10_000


class Findings(NamedTuple):
    """All that the checks may look at. `kept` are the bytes of small weights, by row number."""

    held: CheckpointIndex
    contents: Contents
    rows: Sequence[TensorRow]
    kept: Mapping[int, bytes]
    damaged: Sequence[Checksum]


def find_anomalies(findings: Findings) -> tuple[Anomaly, ...]:
    """What every check finds, in the order of `CHECKS`."""
    return tuple(anomaly for check in CHECKS for anomaly in check(findings))


def _anomaly(code: str, component: str, message: str, tensors: Iterable[str] = ()) -> Anomaly:
    names = list(tensors)
    return Anomaly(
        code=code,
        component=component,
        message=message,
        tensors=tuple(names[:SHOWN]),
        count=len(names),
    )


def _by_component(rows: Iterable[TensorRow]) -> dict[str, list[TensorRow]]:
    groups: dict[str, list[TensorRow]] = {}
    for row in rows:
        groups.setdefault(row.component, []).append(row)
    return groups


def _missing(findings: Findings) -> Iterator[Anomaly]:
    present = {component.name for component in findings.contents.components}
    for name in EXPECTED.get(findings.contents.nearest, ()):
        if name not in present:
            label = COMPONENT_NAMES[name]
            yield _anomaly(
                "missing_component", name, f"The {label} is missing; another one has to be given."
            )


def _unknown(findings: Findings) -> Iterator[Anomaly]:
    for component in findings.contents.components:
        if component.name == "other" or component.network or not component.nearest:
            continue
        count = len(component.missing) + len(component.extra)
        yield Anomaly(
            code="unknown_network",
            component=component.name,
            message=f"The nearest known network is {component.nearest}: "
            f"{len(component.missing)} weights are missing, {len(component.extra)} are extra.",
            tensors=(*component.missing, *component.extra)[:SHOWN],
            count=count,
        )


def _other_shapes(findings: Findings) -> Iterator[Anomaly]:
    for component in findings.contents.components:
        if component.differences:
            network = component.nearest
            text = "; ".join(component.differences)
            yield _anomaly("other_shapes", component.name, f"Not the shapes of {network}: {text}.")


def _ema(findings: Findings) -> Iterator[Anomaly]:
    copies = [row for row in findings.rows if row.component == "ema"]
    if copies:
        size = sum(row.nbytes for row in copies)
        yield _anomaly(
            "ema",
            "ema",
            f"A second, averaged copy of the denoiser (EMA) takes {size:,} bytes.",
            (row.source for row in copies),
        )


def _optimizer(findings: Findings) -> Iterator[Anomaly]:
    left = [row for row in findings.rows if row.source.startswith(("optimizer", "opt."))]
    if left:
        size = sum(row.nbytes for row in left)
        yield _anomaly(
            "optimizer_state",
            "other",
            f"State of the optimiser is left over from training and takes {size:,} bytes.",
            (row.source for row in left),
        )


def _duplicates(findings: Findings) -> Iterator[Anomaly]:
    if findings.contents.duplicates:
        yield _anomaly(
            "duplicate_weight",
            "other",
            "These tensors hold weights that other tensors hold already.",
            findings.contents.duplicates,
        )


def _shared(findings: Findings) -> Iterator[Anomaly]:
    ends: dict[int, int] = {}
    shared = []
    for tensor in sorted(findings.held.tensors, key=lambda each: (each.file, each.offset)):
        if tensor.nbytes and tensor.offset < ends.get(tensor.file, 0):
            shared.append(tensor.name)
        ends[tensor.file] = max(ends.get(tensor.file, 0), tensor.offset + tensor.span)
    if shared:
        yield _anomaly(
            "shared_storage",
            "",
            "These tensors share bytes with tensors before them.",
            shared,
        )


def _unmeasured(findings: Findings) -> Iterator[Anomaly]:
    rows = [row for row in findings.rows if BY_NAME[row.dtype].raw is None]
    for name in sorted({row.dtype for row in rows}):
        sources = [row.source for row in rows if row.dtype == name]
        yield _anomaly(
            "unmeasured_dtype", "", f"Tensors of {name} are listed, but not measured.", sources
        )


def _mixed_dtypes(findings: Findings) -> Iterator[Anomaly]:
    for component, rows in _by_component(findings.rows).items():
        dtypes = sorted({row.dtype for row in rows if row.is_weight})
        if len(dtypes) > 1:
            text = ", ".join(dtypes)
            yield _anomaly("mixed_dtypes", component, f"The weights are of several dtypes: {text}.")


def _not_finite(findings: Findings) -> Iterator[Anomaly]:
    for component, rows in _by_component(findings.rows).items():
        bad = [row for row in rows if row.figures and row.figures.nans + row.figures.infinities]
        if bad:
            nans = sum(row.figures.nans for row in bad if row.figures)
            infinities = sum(row.figures.infinities for row in bad if row.figures)
            yield _anomaly(
                "not_finite",
                component,
                f"{nans} values are NaN and {infinities} infinite; these tensors are not compared.",
                (row.source for row in bad),
            )


def _all_zero(findings: Findings) -> Iterator[Anomaly]:
    for component, rows in _by_component(findings.rows).items():
        zero = [row.source for row in rows if row.is_weight and row.figures and _is_zero(row)]
        if zero:
            yield _anomaly("all_zero", component, "These tensors hold nothing but zeros.", zero)


def _is_zero(row: TensorRow) -> bool:
    figures = row.figures
    return figures is not None and figures.minimum == 0 == figures.maximum


def _truncated(findings: Findings) -> Iterator[Anomaly]:
    """Weights that a coarser dtype would hold as well: they went through it once."""
    for component, rows in _by_component(findings.rows).items():
        for dtype in sorted({row.dtype for row in rows if row.is_weight}):
            same = [row for row in rows if row.is_weight and row.dtype == dtype and row.figures]
            elements = sum(int(np.prod(row.shape, dtype=object)) for row in same)
            bits = [row.figures.fraction_bits for row in same if row.figures]
            used = max((each for each in bits if each is not None), default=None)
            if not is_float(dtype) or used is None or elements < ENOUGH or None in bits:
                continue
            stored = BY_NAME[dtype].fraction or 0
            coarser = next((name for name, held in COARSER if used <= held < stored), None)
            if coarser:
                yield _anomaly(
                    "truncated_precision",
                    component,
                    f"Stored as {dtype}, but no value is finer than {coarser}.",
                )


def _position_ids(findings: Findings) -> Iterator[Anomaly]:
    """CLIP counts its 77 positions in a buffer; merging in low precision moves some by one."""
    for number, row in enumerate(findings.rows):
        if row.name.endswith("embeddings.position_ids") and number in findings.kept:
            if BY_NAME[row.dtype].raw is None:
                continue
            ids = decode(np.frombuffer(findings.kept[number], np.uint8), row.dtype)
            wrong = np.flatnonzero(ids != np.arange(ids.size))
            if wrong.size:
                places = ", ".join(map(str, wrong[:SHOWN]))
                yield _anomaly(
                    "damaged_position_ids",
                    row.component,
                    f"{wrong.size} of CLIP's position_ids are wrong, at {places}: "
                    "tokens there are placed where others are.",
                    [row.source],
                )


def _checksums(findings: Findings) -> Iterator[Anomaly]:
    if findings.damaged:
        yield _anomaly(
            "bad_checksum",
            "",
            "The bytes of these members are not those that were written (CRC-32).",
            (member.member for member in findings.damaged),
        )


CHECKS: tuple[Callable[[Findings], Iterator[Anomaly]], ...] = (
    _checksums,
    _not_finite,
    _position_ids,
    _unknown,
    _other_shapes,
    _missing,
    _duplicates,
    _shared,
    _unmeasured,
    _mixed_dtypes,
    _truncated,
    _all_zero,
    _ema,
    _optimizer,
)
