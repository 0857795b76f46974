"""Rows of one component -> its totals by block and dtype, and one digest of the component."""

import math
from collections.abc import Mapping, Sequence

import msgspec
from blake3 import blake3

from generator.checkpoints.formats.dtypes import FLOAT8_VALUES
from generator.checkpoints.identify.components import FoundComponent
from generator.checkpoints.inventory.rounding import FORMATS
from generator.networks.blocks import REST
from generator.records import CheckpointBlock, CheckpointComponent, TensorRow
from generator.records.checkpoints import gguf_name

SHOWN = 50


def summarize_component(
    component: FoundComponent,
    rows: Sequence[TensorRow],
    rounded: Mapping[str, Mapping[str, str]],
) -> CheckpointComponent:
    """The component's record; only weights are counted and hashed.

    `rounded` holds the digests of the rounded values, by name and format.
    """
    weights = [row for row in rows if row.is_weight]
    dtypes: dict[str, int] = {}
    for row in weights:
        stored = row.quantisation or row.dtype
        dtypes[stored] = dtypes.get(stored, 0) + math.prod(row.shape)
    blocks: dict[str, list[TensorRow]] = {}
    for row in weights:
        blocks.setdefault(row.block, []).append(row)
    # As on the architecture pages, REST comes last.
    order = sorted(blocks, key=lambda name: (name == REST, name))
    near = component.is_near
    missing, extra = (component.missing, component.extra) if near else ((), ())
    return CheckpointComponent(
        name=component.name,
        layout=component.layout,
        network=component.network,
        nearest=component.near,
        similarity=component.similarity,
        missing=missing[:SHOWN],
        missing_count=len(missing),
        extra=extra[:SHOWN],
        extra_count=len(extra),
        differences=component.differences if near else (),
        tensors=len(rows),
        parameters=sum(dtypes.values()),
        nbytes=sum(row.nbytes for row in rows),
        dtypes=dict(sorted(dtypes.items())),
        blocks=tuple(_block(name, blocks[name]) for name in order),
        # JSON lines `[name, dtype, shape, BLAKE3 of the values]`; rounded: without the dtype.
        blake3=_digest([(row.name, row.dtype, row.shape, row.blake3) for row in weights]),
        **{
            f"blake3_{name}": _digest(
                [(row.name, row.shape, rounded[row.name].get(name)) for row in weights]
            )
            for name in FORMATS
        },
        norm=_norm(weights),
    )


FLOAT8 = "fp8"


def quantisations(rows: Sequence[TensorRow], format_: str) -> tuple[str, ...]:
    """Formats of the weights that are not plain floats of 16 bits or more; if there are any in a
    file of `format_` `gguf`, all its types."""
    found = {row.quantisation for row in rows if row.quantisation}
    if any(row.dtype in FLOAT8_VALUES and row.is_weight and not row.quantisation for row in rows):
        found.add(FLOAT8)
    if found and format_ == "gguf":
        found |= {gguf_name(row.dtype) for row in rows if not row.quantisation}
    return tuple(sorted(found))


def _block(name: str, rows: Sequence[TensorRow]) -> CheckpointBlock:
    parameters = sum(math.prod(row.shape) for row in rows)
    return CheckpointBlock(name=name, parameters=parameters, norm=_norm(rows))


def _norm(rows: Sequence[TensorRow]) -> float | None:
    """Euclidean norm of all rows together; None if one of them has none."""
    norms = [row.figures.norm if row.figures and row.nbytes else None for row in rows if row.nbytes]
    known = [norm for norm in norms if norm is not None]
    return math.hypot(*known) if known and len(known) == len(norms) else None


def _digest(entries: Sequence[tuple[object, ...]]) -> str | None:
    """BLAKE3 over one JSON line per entry, sorted by name; None if one lacks its last field."""
    if not entries or any(entry[-1] is None for entry in entries):
        return None
    lines = [
        msgspec.json.encode(entry) for entry in sorted(entries, key=lambda entry: str(entry[0]))
    ]
    return blake3(b"\n".join(lines)).hexdigest()
