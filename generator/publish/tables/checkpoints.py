"""The columns of the table of checkpoints, declared as data."""

from generator.publish.reading.checkpoints import Held, identity
from generator.publish.tables.table import Column, Value, grouped, in_words
from generator.text import numbers, reasons, words

LONGEST_NAME = 36


def _bytes(value: Value) -> str:
    return numbers.quantity(float(value), "B") if value is not None else ""


def _hash(held: Held, name: str) -> str | None:
    """A hash of the file; a checkpoint of several files has no hash of its own."""
    sources = held.checkpoint.sources
    return getattr(sources[0], name) if len(sources) == 1 else None


def _no_autov3(held: Held) -> str:
    sources = held.checkpoint.sources
    if len(sources) == 1:
        return reasons.no_autov3(sources[0])
    return reasons.no_hash(held.checkpoint)


CHECKPOINT_COLUMNS = (
    Column(
        key="name",
        title="Checkpoint",
        kind="text",
        help="Name of the file or folder; links to its page",
        value=lambda h: h.checkpoint.name,
        format=lambda name: numbers.shortened(str(name), LONGEST_NAME),
    ),
    Column(
        key="architecture",
        title="Architecture",
        kind="text",
        help="Network of the denoiser; 'near' one whose names or shapes it does not have exactly",
        value=lambda h: identity(h.checkpoint),
        format=lambda name: words.network_title(str(name)),
    ),
    Column(
        key="size",
        title="Size",
        raw_unit="bytes",
        help="All files of the checkpoint together",
        value=lambda h: h.checkpoint.size,
        format=_bytes,
    ),
    Column(
        key="parameters",
        title="Parameters",
        help="Elements of all weights; counters and tables are none",
        value=lambda h: h.checkpoint.parameters,
        format=grouped,
    ),
    Column(
        key="dtypes",
        title="dtype",
        kind="text",
        help="Dtypes of the weights",
        value=lambda h: ", ".join(h.checkpoint.dtypes) or None,
        missing="it holds no weights",
    ),
    Column(
        key="autov2",
        title="AutoV2",
        kind="text",
        help="First 10 digits of the file's SHA-256, as web UIs show it",
        value=lambda h: _hash(h, "autov2"),
        missing=lambda h: reasons.no_hash(h.checkpoint),
        hidden=True,
    ),
    Column(
        key="components",
        title="Components",
        kind="text",
        help="Parts that the checkpoint holds",
        value=lambda h: ", ".join(part.name for part in h.checkpoint.components),
        format=in_words(words.component_title),
        wraps=True,
    ),
    Column(
        key="anomalies",
        title="Anomalies",
        help="Things about it that its user should know; they are listed on its page",
        value=lambda h: len(h.checkpoint.anomalies),
        format=grouped,
    ),
    Column(
        key="anomaly_codes",
        title="Kinds of anomalies",
        kind="text",
        help="Codes of the anomalies; the page Methods explains each",
        value=lambda h: ", ".join(dict.fromkeys(a.code for a in h.checkpoint.anomalies)) or None,
        format=in_words(words.anomaly_title),
        missing="none were found",
        hidden=True,
    ),
    Column(
        key="format",
        title="Format",
        kind="text",
        help="Format of the files",
        value=lambda h: h.checkpoint.format,
        hidden=True,
    ),
    Column(
        key="tensors",
        title="Tensors",
        help="Number of tensors in the files",
        value=lambda h: h.checkpoint.tensors,
        format=grouped,
        hidden=True,
    ),
    Column(
        key="autov1",
        title="AutoV1",
        kind="text",
        help="First 8 digits of the SHA-256 of 64 KiB in the middle; different files may share it",
        value=lambda h: _hash(h, "autov1"),
        note=lambda h: reasons.autov1_note(h.checkpoint.sources[0]),
        missing=lambda h: reasons.no_hash(h.checkpoint),
        hidden=True,
    ),
    Column(
        key="autov3",
        title="AutoV3",
        kind="text",
        help="First 12 digits of the SHA-256 of a safetensors file without its header",
        value=lambda h: _hash(h, "autov3"),
        missing=_no_autov3,
        hidden=True,
    ),
    Column(
        key="sha256",
        title="SHA-256",
        kind="text",
        help="SHA-256 of the whole file",
        value=lambda h: _hash(h, "sha256"),
        missing=lambda h: reasons.no_hash(h.checkpoint),
        hidden=True,
    ),
    Column(
        key="id",
        title="id",
        kind="text",
        help="Part of the file names in data/",
        value=lambda h: h.checkpoint.id,
        hidden=True,
    ),
)
