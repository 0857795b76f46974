"""What `atlas inspect --output` writes: what a file is, for other programs."""

from collections.abc import Sequence

from generator.records.anomalies import Anomaly
from generator.records.base import Count, Record, Share
from generator.records.checkpoints import (
    Adapter,
    AdapterBlock,
    Checkpoint,
    CheckpointComponent,
    MetadataEntry,
    TensorRow,
    WeightFileRecord,
    autov1_bytes,
)


class InspectedComponent(Record):
    """A component; `network` is null if it is not exactly a known one."""

    name: str
    network: str | None
    layout: str | None
    tensors: Count
    parameters: Count
    dtypes: dict[str, Count]


class InspectedAdapter(Record):
    """An adapter. `rank` and `alpha` are lists if they differ between modules; `also_fits` are
    networks with the modules of its `base_model`, and `sizes` those of that network that fit;
    `norm` and `blocks` need the values."""

    algorithm: str
    rank: int | tuple[int, ...] | None
    alpha: float | tuple[float, ...] | None
    targets: tuple[str, ...]
    encoders: tuple[str, ...]
    vectors: int | None
    also_fits: tuple[str, ...]
    sizes: tuple[str, ...]
    norm: float | None
    blocks: tuple[AdapterBlock, ...]


class Nearest(Record):
    """The known network that an unknown denoiser is near to."""

    architecture: str
    similarity: Share


class FileInspection(Record):
    """The file; what is not known is null. See `Checkpoint` for the fields.

    `hashes` are those of the file, or by name of several files; null if only headers were read.
    `weights` are listed on demand.
    """

    name: str
    kind: str | None
    architecture: str | None
    nearest: Nearest | None
    base_model: str | None
    prediction_type: str | None
    variants: tuple[str, ...]
    quantisation: tuple[str, ...] | None
    prefixes: tuple[str, ...]
    format: str
    size: Count
    tensors: Count
    parameters: Count
    dtypes: dict[str, Count]
    components: tuple[InspectedComponent, ...]
    adapter: InspectedAdapter | None
    missing: tuple[str, ...]
    hashes: dict[str, str | None] | dict[str, dict[str, str | None]] | None
    anomalies: tuple[Anomaly, ...]
    metadata: tuple[MetadataEntry, ...]
    weights: tuple[TensorRow, ...] | None


def inspection_of(record: Checkpoint, weights: Sequence[TensorRow] | None) -> FileInspection:
    """The record of a file as other programs read it, with its `weights` if they are wanted."""
    denoiser = next((part for part in record.components if part.name == "denoiser"), None)
    known = record.architecture not in ("", "unknown")
    hashes = {source.name: _hashes(source) for source in record.sources if source.sha256}
    return FileInspection(
        name=record.name,
        kind=record.kind or None,
        architecture=record.architecture if known else None,
        nearest=Nearest(architecture=record.nearest, similarity=denoiser.similarity)
        if record.nearest and denoiser and not known
        else None,
        base_model=record.base_model or None,
        prediction_type=record.prediction_type or None,
        variants=record.variants,
        quantisation=record.quantisation or None,
        prefixes=record.prefixes,
        format=record.format,
        size=record.size,
        tensors=record.tensors,
        parameters=record.parameters,
        dtypes=record.dtypes,
        components=tuple(map(_component, record.components)),
        adapter=_adapter(record.adapter) if record.adapter else None,
        missing=record.missing,
        hashes=(next(iter(hashes.values())) if len(hashes) == 1 else hashes) or None,
        anomalies=record.anomalies,
        metadata=record.metadata,
        weights=None if weights is None else tuple(weights),
    )


def _component(component: CheckpointComponent) -> InspectedComponent:
    return InspectedComponent(
        name=component.name,
        network=component.network or None,
        layout=component.layout or None,
        tensors=component.tensors,
        parameters=component.parameters,
        dtypes=component.dtypes,
    )


def _adapter(adapter: Adapter) -> InspectedAdapter:
    return InspectedAdapter(
        algorithm=adapter.algorithm,
        rank=adapter.rank[0] if len(adapter.rank) == 1 else adapter.rank or None,
        alpha=adapter.alpha[0] if len(adapter.alpha) == 1 else adapter.alpha or None,
        targets=adapter.targets,
        encoders=adapter.encoders,
        vectors=adapter.vectors,
        also_fits=adapter.also_fits,
        sizes=adapter.sizes,
        norm=adapter.norm,
        blocks=adapter.blocks,
    )


def _hashes(source: WeightFileRecord) -> dict[str, str | None]:
    """The hashes of a file; a file below 1 MiB has no AutoV1."""
    return {
        "sha256": source.sha256,
        "autov1": source.autov1 if autov1_bytes(source.size) else None,
        "autov2": source.autov2,
        "autov3": source.autov3,
    }
