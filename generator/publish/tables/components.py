"""The columns of the tables of a checkpoint's components, and files, declared as data."""

from generator.publish.tables.table import Column, Value, grouped
from generator.records import Checkpoint, CheckpointComponent, Record, WeightFileRecord
from generator.text import numbers, reasons, words

SHOWN_DIGITS = 12


class HeldComponent(Record, frozen=True, kw_only=True):
    """A component of a checkpoint."""

    checkpoint: Checkpoint
    component: CheckpointComponent


class HeldFile(Record, frozen=True, kw_only=True):
    """A file of a checkpoint."""

    checkpoint: Checkpoint
    source: WeightFileRecord


def components_of(checkpoint: Checkpoint) -> tuple[HeldComponent, ...]:
    """The components of a checkpoint, as the subjects of `COMPONENT_COLUMNS`."""
    return tuple(
        HeldComponent(checkpoint=checkpoint, component=one) for one in checkpoint.components
    )


def files_of(checkpoint: Checkpoint) -> tuple[HeldFile, ...]:
    """The files of a checkpoint, as the subjects of `FILE_COLUMNS`."""
    return tuple(HeldFile(checkpoint=checkpoint, source=one) for one in checkpoint.sources)


def _cut(value: Value) -> str:
    return str(value)[:SHOWN_DIGITS]


def _significant(value: Value) -> str:
    return numbers.small(float(value)) if value is not None else ""


def _network(held: HeldComponent) -> str | None:
    component = held.component
    near = f"near {component.nearest}" if component.nearest else None
    return component.network or near


COMPONENT_COLUMNS = (
    Column(
        key="name",
        title="Component",
        kind="text",
        help="Part of the model",
        value=lambda c: c.component.name,
        format=lambda name: words.begun(words.component_title(str(name))),
    ),
    Column(
        key="network",
        title="Network",
        kind="text",
        help="Known network whose weights it has; 'near' one that it is not exactly",
        value=_network,
        format=lambda name: words.network_title(str(name)),
        missing="none that is known is like it",
    ),
    Column(
        key="layout",
        title="Layout",
        kind="text",
        help="How the file names the keys",
        value=lambda c: c.component.layout or None,
        missing="its keys are those of no known layout",
    ),
    Column(
        key="tensors",
        title="Tensors",
        help="Weights, counters and tables under their canonical names",
        value=lambda c: c.component.tensors,
        format=grouped,
    ),
    Column(
        key="parameters",
        title="Parameters",
        help="Elements of all weights",
        value=lambda c: c.component.parameters,
        format=grouped,
    ),
    Column(
        key="nbytes",
        title="Size",
        unit="B",
        raw_unit="bytes",
        help="Bytes of all tensors",
        value=lambda c: c.component.nbytes,
        format=grouped,
    ),
    Column(
        key="dtypes",
        title="dtype",
        kind="text",
        help="Dtypes of the weights",
        value=lambda c: ", ".join(c.component.dtypes) or None,
        missing="it holds no weights",
    ),
    Column(
        key="norm",
        title="Norm",
        help="Euclidean norm of all weights together",
        value=lambda c: c.component.norm,
        format=_significant,
        missing=lambda c: reasons.no_norm(c.checkpoint, c.component),
    ),
    Column(
        key="blake3",
        title="BLAKE3",
        kind="code",
        help="Of name, dtype, shape and values of every weight",
        value=lambda c: c.component.blake3,
        format=_cut,
        missing=lambda c: reasons.no_digest(c.checkpoint, c.component),
    ),
)

FILE_COLUMNS = (
    Column(
        key="name",
        title="File",
        kind="text",
        help="Its name, or its path inside the folder",
        value=lambda f: f.source.name,
    ),
    Column(
        key="size",
        title="Size",
        unit="B",
        raw_unit="bytes",
        help="Bytes of the file",
        value=lambda f: f.source.size,
        format=grouped,
    ),
    Column(
        key="autov1",
        title="AutoV1",
        kind="code",
        help="First 8 digits of the SHA-256 of the 64 KiB from 1 MiB on",
        value=lambda f: f.source.autov1,
        note=lambda f: reasons.autov1_note(f.source),
        missing=reasons.UNREAD,
    ),
    Column(
        key="autov2",
        title="AutoV2",
        kind="code",
        help="First 10 digits of the SHA-256",
        value=lambda f: f.source.autov2,
        missing=reasons.UNREAD,
    ),
    Column(
        key="autov3",
        title="AutoV3",
        kind="code",
        help="First 12 digits of the SHA-256 of a safetensors file without its header",
        value=lambda f: f.source.autov3,
        missing=lambda f: reasons.no_autov3(f.source),
    ),
    Column(
        key="sha256",
        title="SHA-256",
        kind="code",
        help="Of the whole file",
        value=lambda f: f.source.sha256,
        missing=reasons.UNREAD,
    ),
)
