"""Rows of one component -> its totals, per block and dtype, and one digest over all of it."""

import math
from collections.abc import Mapping, Sequence

import msgspec
from blake3 import blake3

from generator.checkpoints.identify.contents import Component
from generator.networks.blocks import BASE
from generator.records import CheckpointBlock, CheckpointComponent, TensorRow

SHOWN = 50


def summarize_component(
    component: Component,
    rows: Sequence[TensorRow],
    rounded: Mapping[str, Mapping[str, str]],
) -> CheckpointComponent:
    """The component's record from all of its rows; only weights are counted and digested.

    `rounded` are the digests of the rounded values, by name and format.
    """
    weights = [row for row in rows if row.is_weight]
    dtypes: dict[str, int] = {}
    for row in weights:
        dtypes[row.dtype] = dtypes.get(row.dtype, 0) + math.prod(row.shape)
    blocks: dict[str, list[TensorRow]] = {}
    for row in weights:
        blocks.setdefault(row.block, []).append(row)
    # As on the architecture pages: what lies outside the blocks comes last.
    order = sorted(blocks, key=lambda name: (name == BASE, name))
    return CheckpointComponent(
        name=component.name,
        layout=component.layout,
        network=component.network,
        nearest=component.nearest,
        missing=component.missing[:SHOWN],
        missing_count=len(component.missing),
        extra=component.extra[:SHOWN],
        extra_count=len(component.extra),
        differences=component.differences,
        tensors=len(rows),
        parameters=sum(dtypes.values()),
        nbytes=sum(row.nbytes for row in rows),
        dtypes=dict(sorted(dtypes.items())),
        blocks=tuple(_block(name, blocks[name]) for name in order),
        blake3=_digest(weights),
        blake3_float16=_digest_rounded(weights, rounded, "float16"),
        blake3_bfloat16=_digest_rounded(weights, rounded, "bfloat16"),
        norm=_norm(weights),
    )


def _block(name: str, rows: Sequence[TensorRow]) -> CheckpointBlock:
    parameters = sum(math.prod(row.shape) for row in rows)
    return CheckpointBlock(name=name, parameters=parameters, norm=_norm(rows))


def _norm(rows: Sequence[TensorRow]) -> float | None:
    """Euclidean norm of all rows together; None if any of them has none."""
    norms = [row.figures.norm if row.figures and row.nbytes else None for row in rows if row.nbytes]
    known = [norm for norm in norms if norm is not None]
    return math.hypot(*known) if known and len(known) == len(norms) else None


def _digest(rows: Sequence[TensorRow]) -> str | None:
    """BLAKE3 over the JSON lines `[name, dtype, shape, BLAKE3 of the values]`, sorted by name."""
    if not rows or any(row.blake3 is None for row in rows):
        return None
    lines = [
        msgspec.json.encode([row.name, row.dtype, row.shape, row.blake3])
        for row in sorted(rows, key=lambda row: row.name)
    ]
    return blake3(b"\n".join(lines)).hexdigest()


def _digest_rounded(
    rows: Sequence[TensorRow], rounded: Mapping[str, Mapping[str, str]], name: str
) -> str | None:
    """BLAKE3 over the JSON lines `[name, shape, BLAKE3 of the rounded values]`, sorted by name."""
    if not rows or any(name not in rounded[row.name] for row in rows):
        return None
    lines = [
        msgspec.json.encode([row.name, row.shape, rounded[row.name][name]])
        for row in sorted(rows, key=lambda row: row.name)
    ]
    return blake3(b"\n".join(lines)).hexdigest()
