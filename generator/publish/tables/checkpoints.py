"""Checkpoints -> the columns of their table, and of the components and files of one."""

from collections.abc import Callable

from generator.publish.reading.checkpoints import LoadedCheckpoint, identity
from generator.publish.tables import builders as make
from generator.publish.tables.table import Column
from generator.records import (
    Checkpoint,
    CheckpointComponent,
    WeightFileRecord,
)
from generator.text import numbers, reasons, words
from generator.text.anomalies import anomaly_title

LONGEST_NAME = 36
SHOWN_DIGITS = 12
NO_WEIGHTS = "it holds no weights"


def _hash(name: str) -> Callable[[LoadedCheckpoint, None], str | None]:
    """A hash of the file; a checkpoint of several files has none."""

    def value(held: LoadedCheckpoint, _: None) -> str | None:
        sources = held.record.sources
        return getattr(sources[0], name) if len(sources) == 1 else None

    return value


def _no_hash(held: LoadedCheckpoint, _: None) -> str:
    return reasons.no_hash(held.record)


def _no_autov3(held: LoadedCheckpoint, _: None) -> str:
    sources = held.record.sources
    one = len(sources) == 1
    return reasons.no_autov3(sources[0]) if one else reasons.no_hash(held.record)


def _network(component: CheckpointComponent, _: Checkpoint) -> str | None:
    near = f"near {component.nearest}" if component.nearest else None
    return component.network or near


CHECKPOINT_COLUMNS: tuple[Column[LoadedCheckpoint, None], ...] = (
    make.text(
        "name",
        "Checkpoint",
        "Name of the file or folder; links to its page",
        "record.name",
        lambda name: numbers.shortened(name, LONGEST_NAME),
        link=lambda h, _: f"{h.record.id}.html",
    ),
    make.text(
        "architecture",
        "Architecture",
        "Network of the denoiser; 'near' one whose keys it does not have exactly",
        lambda h, _: identity(h.record),
        words.network_title,
    ),
    make.number(
        "size",
        "Size",
        "All files of the checkpoint together",
        "record.size",
        lambda size: numbers.quantity(float(size), "B"),
        raw_unit="bytes",
    ),
    make.number(
        "parameters",
        "Parameters",
        "Elements of all weights; counters and tables are none",
        "record.parameters",
    ),
    make.names(
        "dtypes",
        "dtype",
        "Dtypes of the weights",
        lambda h, _: h.record.dtypes,
        missing=NO_WEIGHTS,
    ),
    make.text(
        "autov2",
        "AutoV2",
        "First 10 digits of the file's SHA-256, as web UIs show it",
        _hash("autov2"),
        missing=_no_hash,
        hidden=True,
    ),
    make.text(
        "components",
        "Components",
        "Parts that the checkpoint holds",
        lambda h, _: ", ".join(part.name for part in h.record.components),
        make.each(words.component_title),
        wraps=True,
    ),
    make.number(
        "anomalies",
        "Anomalies",
        "Things about it that its user should know; they are listed on its page",
        lambda h, _: len(h.record.anomalies),
    ),
    make.names(
        "anomaly_codes",
        "Kinds of anomalies",
        "Codes of the anomalies; the page Methods explains each",
        lambda h, _: dict.fromkeys(a.code for a in h.record.anomalies),
        anomaly_title,
        missing="none were found",
        hidden=True,
    ),
    make.text("format", "Format", "Format of the files", "record.format", hidden=True),
    make.number(
        "tensors", "Tensors", "Number of tensors in the files", "record.tensors", hidden=True
    ),
    make.text(
        "autov1",
        "AutoV1",
        "First 8 digits of the SHA-256 of the 64 KiB from byte 1,048,576 on; different files may"
        " share it",
        _hash("autov1"),
        note=lambda h, _: reasons.autov1_note(h.record.sources[0]),
        missing=_no_hash,
        hidden=True,
    ),
    make.text(
        "autov3",
        "AutoV3",
        "First 12 digits of the SHA-256 of a safetensors file without its header",
        _hash("autov3"),
        missing=_no_autov3,
        hidden=True,
    ),
    make.text(
        "sha256",
        "SHA-256",
        "SHA-256 of the whole file",
        _hash("sha256"),
        missing=_no_hash,
        hidden=True,
    ),
    make.identity("record.id"),
)

COMPONENT_COLUMNS: tuple[Column[CheckpointComponent, Checkpoint], ...] = (
    make.text(
        "name",
        "Component",
        "Part of the model",
        word=lambda name: words.begun(words.component_title(name)),
    ),
    make.text(
        "network",
        "Network",
        "Known network whose weights it has; 'near' one that it is not exactly",
        _network,
        words.network_title,
        missing="none that is known is like it",
    ),
    make.text(
        "layout",
        "Layout",
        "How the file names the keys",
        lambda c, _: c.layout or None,
        missing="its keys are those of no known layout",
    ),
    make.number("tensors", "Tensors", "Weights, counters and tables under their canonical names"),
    make.number("parameters", "Parameters", "Elements of all weights"),
    make.number("nbytes", "Size", "Bytes of all tensors", unit="B", raw_unit="bytes"),
    make.names(
        "dtypes", "dtype", "Dtypes of the weights", lambda c, _: c.dtypes, missing=NO_WEIGHTS
    ),
    make.number(
        "norm",
        "Norm",
        "Euclidean norm of all weights together",
        shown_as=numbers.measured,
        missing=lambda c, checkpoint: reasons.no_norm(checkpoint, c),
    ),
    make.code(
        "blake3",
        "BLAKE3",
        "Of name, dtype, shape and values of every weight",
        digits=SHOWN_DIGITS,
        missing=lambda c, checkpoint: reasons.no_digest(checkpoint, c),
    ),
)

FILE_COLUMNS: tuple[Column[WeightFileRecord, Checkpoint], ...] = (
    make.text("name", "File", "Its name, or its path inside the folder"),
    make.number("size", "Size", "Bytes of the file", unit="B", raw_unit="bytes"),
    make.code(
        "autov1",
        "AutoV1",
        "First 8 digits of the SHA-256 of the 64 KiB from 1 MiB on",
        note=lambda f, _: reasons.autov1_note(f),
        missing=reasons.UNREAD,
    ),
    make.code("autov2", "AutoV2", "First 10 digits of the SHA-256", missing=reasons.UNREAD),
    make.code(
        "autov3",
        "AutoV3",
        "First 12 digits of the SHA-256 of a safetensors file without its header",
        missing=lambda f, _: reasons.no_autov3(f),
    ),
    make.code("sha256", "SHA-256", "Of the whole file", missing=reasons.UNREAD),
)
