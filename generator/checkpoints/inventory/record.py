"""Headers of a checkpoint, and the results of reading its values -> its record.

`inspect` reads headers only, in a fraction of a second for any file size.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from generator.checkpoints.formats.dtypes import BY_NAME, decode
from generator.checkpoints.formats.files import WeightFile
from generator.checkpoints.formats.index import Checksum, Tensor, TensorIndex
from generator.checkpoints.formats.opening import open_checkpoint
from generator.checkpoints.identify.anomalies import Contained, find_anomalies
from generator.checkpoints.identify.components import Weight
from generator.checkpoints.identify.contents import Contents, identify
from generator.checkpoints.identify.metadata import describe_metadata
from generator.checkpoints.inventory.change_norms import total_norm
from generator.checkpoints.inventory.summary import quantisations, summarize_component
from generator.records import (
    Adapter,
    AdapterBlock,
    Checkpoint,
    CheckpointComponent,
    Figures,
    TensorRow,
    WeightFileRecord,
)


class Hashes(NamedTuple):
    """Hashes of one file; see `WeightFileRecord`."""

    sha256: str | None = None
    autov1: str | None = None
    autov2: str | None = None
    autov3: str | None = None


class Values(NamedTuple):
    """Results of reading the values of a checkpoint; `UNREAD` if only headers were read.

    `hashes` are by file; `blake3`, `figures`, `rounded` (BLAKE3 of the rounded values, by format)
    and `kept` (the bytes of small weights) by number of the weight in the contents. `damaged` are
    the members of an archive with a wrong CRC-32; `changes` those that an adapter makes.
    """

    hashes: Sequence[Hashes]
    blake3: Mapping[int, str]
    figures: Mapping[int, Figures | None]
    rounded: Mapping[int, Mapping[str, str]]
    kept: Mapping[int, bytes]
    damaged: Sequence[Checksum]
    changes: Sequence[AdapterBlock] = ()


# Scales of an adapter's factors.
ALPHA_ENDS = (".alpha", ".lora_alpha")

UNREAD = Values((), {}, {}, {}, {}, ())


class Inspection(NamedTuple):
    """A checkpoint's record, and a row per weight."""

    record: Checkpoint
    rows: tuple[TensorRow, ...]


def inspect(path: Path) -> Inspection:
    """The record of the checkpoint at `path` from headers and alphas, without id, hashes and
    figures.

    Raises:
        CheckpointError: a file is not fully understood.
    """
    index = open_checkpoint(path)
    contents = identify(index)
    return describe(index, contents, UNREAD._replace(kept=_read_alphas(index, contents)))


def describe_index(index: TensorIndex) -> Inspection:
    """The record of a checkpoint from its index alone: no byte is read."""
    return describe(index, identify(index), UNREAD)


def describe(index: TensorIndex, contents: Contents, values: Values, id_: str = "") -> Inspection:
    """The record and rows of a checkpoint."""
    rows = tuple(
        TensorRow(
            component=weight.component,
            name=weight.name,
            block=weight.block,
            kind=weight.kind,
            is_weight=weight.is_weight,
            dtype=weight.dtype,
            shape=weight.shape,
            nbytes=_stored_bytes(weight, index.tensors[weight.tensor]),
            source=index.tensors[weight.tensor].name,
            form=weight.form,
            quantisation=weight.quantisation,
            blake3=values.blake3.get(number),
            figures=values.figures.get(number),
        )
        for number, weight in enumerate(contents.weights)
    )
    components = tuple(
        summarize_component(
            component,
            [row for row in rows if row.component == component.name],
            {
                row.name: values.rounded.get(number, {})
                for number, row in enumerate(rows)
                if row.component == component.name
            },
        )
        for component in contents.components
    )
    record = Checkpoint(
        id=id_,
        name=_title(index.path.absolute()),
        kind=contents.kind,
        architecture=contents.architecture,
        nearest=contents.nearest,
        base_model=contents.base_model,
        prediction_type=contents.prediction_type,
        variants=contents.variants,
        quantisation=quantisations(rows, index.files[0].format),
        prefixes=contents.prefixes,
        missing=contents.missing,
        adapter=_with_alpha(contents, values),
        format=index.files[0].format,
        size=sum(file.size for file in index.files),
        tensors=len(index.tensors),
        parameters=sum(component.parameters for component in components),
        dtypes=_total_dtypes(components),
        sources=_describe_files(index, values.hashes),
        components=components,
        anomalies=find_anomalies(
            Contained(index, contents, rows, values.kept, values.damaged, _own_autov3(values))
        ),
        metadata=describe_metadata(index.metadata),
        training=index.training,
        left_out=index.left_out,
        measured=bool(values.hashes),
    )
    return Inspection(record, rows)


def _own_autov3(values: Values) -> str:
    """AutoV3 of a file that is all of the checkpoint; else empty."""
    return (values.hashes[0].autov3 or "") if len(values.hashes) == 1 else ""


def _title(path: Path) -> str:
    """Name of a file or folder; of a snapshot in a Hub cache, the name of its repository."""
    repository = path.parent.parent.name
    if path.parent.name == "snapshots" and repository.startswith("models--"):
        return repository.removeprefix("models--").replace("--", "/")
    return path.name


def _stored_bytes(weight: Weight, tensor: Tensor) -> int:
    """Bytes of a weight in the file."""
    if tensor.packing is None or not tensor.nbytes:
        return weight.nbytes
    return weight.nbytes * tensor.packing.nbytes // tensor.nbytes


def _with_alpha(contents: Contents, values: Values) -> Adapter | None:
    """The adapter, with the alphas that were read and the norms of its changes."""
    if contents.adapter is None:
        return None
    alphas = set(contents.adapter.alpha) | {
        float(decode(np.frombuffer(values.kept[number], np.uint8), weight.dtype)[0])
        for number, weight in enumerate(contents.weights)
        if _is_alpha(weight) and number in values.kept
    }
    squares = [None if each.norm is None else each.norm**2 for each in values.changes]
    return msgspec.structs.replace(
        contents.adapter,
        alpha=tuple(sorted(alphas)),
        norm=total_norm(squares) if squares else None,
        blocks=tuple(values.changes),
    )


def _is_alpha(weight: Weight) -> bool:
    return (
        weight.name.endswith(ALPHA_ENDS)
        and weight.elements == 1
        and BY_NAME[weight.dtype].raw is not None
    )


def _read_alphas(index: TensorIndex, contents: Contents) -> dict[int, bytes]:
    """The bytes of an adapter's alphas, by number of the weight."""
    places = {
        number: index.tensors[weight.tensor]
        for number, weight in enumerate(contents.weights)
        if contents.adapter and _is_alpha(weight)
    }
    found: dict[int, bytes] = {}
    for file in {tensor.file for tensor in places.values()}:
        with WeightFile(index.files[file].path) as opened:
            found |= {
                number: opened.read(tensor.offset, tensor.nbytes)
                for number, tensor in places.items()
                if tensor.file == file
            }
    return found


def _describe_files(index: TensorIndex, hashes: Sequence[Hashes]) -> tuple[WeightFileRecord, ...]:
    return tuple(
        WeightFileRecord(
            # Never the path on this machine: the file name, or the path inside the folder.
            name=file.path.relative_to(index.path).as_posix()
            if file.path.is_relative_to(index.path) and file.path != index.path
            else file.path.name,
            size=file.size,
            format=file.format,
            **each._asdict(),
        )
        for file, each in zip(index.files, hashes or [Hashes()] * len(index.files), strict=True)
    )


def _total_dtypes(components: Sequence[CheckpointComponent]) -> dict[str, int]:
    """Parameters by dtype, of all components together."""
    totals: dict[str, int] = {}
    for component in components:
        for dtype, count in component.dtypes.items():
            totals[dtype] = totals.get(dtype, 0) + count
    return dict(sorted(totals.items()))
