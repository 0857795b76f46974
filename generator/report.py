"""Record of a checkpoint -> what `atlas inspect` says of it, line by line."""

from collections.abc import Iterator, Sequence

from generator.records import Checkpoint, CheckpointComponent


def describe(record: Checkpoint) -> Iterator[str]:
    """Lines for a terminal: what it is, its components, hashes, anomalies, metadata."""
    yield f"{record.name}: {_identity(record)}"
    yield (
        f"{record.size:,} bytes, {record.format}, {record.tensors:,} tensors, "
        f"{record.parameters:,} parameters ({_dtypes(record.dtypes)})"
    )
    yield ""
    header = ("component", "network", "layout", "tensors", "parameters", "dtypes")
    yield from _columns([header, *map(_component, record.components)])
    for source in record.sources:
        if source.sha256:
            yield ""
            yield f"{source.name}: {source.size:,} bytes"
            yield f"  SHA-256 {source.sha256}"
            yield f"  AutoV1 {source.autov1}  AutoV2 {source.autov2}  AutoV3 {source.autov3 or '–'}"
    if record.anomalies:
        yield ""
        yield "anomalies"
        for anomaly in record.anomalies:
            yield f"  {anomaly.code}: {anomaly.message}"
    if record.metadata or record.training:
        yield ""
        yield "the file says of itself (unchecked)"
        yield from (f"  {key}: {text}" for key, text in record.training.items())
        for entry in record.metadata:
            more = " …" if entry.length > len(entry.text) else ""
            yield f"  {entry.key}: {entry.text}{more}"
    if record.left_out:
        yield ""
        yield "left out"
        yield from (f"  {line}" for line in record.left_out)


def _identity(record: Checkpoint) -> str:
    if record.architecture and record.architecture != "unknown":
        return record.architecture
    if record.nearest:
        return f"unknown, nearest to {record.nearest}"
    return record.file_kind or "no network that is known"


def _component(component: CheckpointComponent) -> tuple[str, ...]:
    difference = f"{component.missing_count} missing, {component.extra_count} extra"
    nearest = f"near {component.nearest}: {difference}" if component.nearest else "unknown"
    return (
        component.name,
        component.network or nearest,
        component.layout or "–",
        f"{component.tensors:,}",
        f"{component.parameters:,}",
        _dtypes(component.dtypes),
    )


def _dtypes(dtypes: dict[str, int]) -> str:
    return ", ".join(dtypes) or "–"


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
