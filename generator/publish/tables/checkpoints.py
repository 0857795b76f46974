"""Checkpoints -> the columns of their table, and of the components and files of one."""

from collections import Counter
from collections.abc import Callable, Iterable

from generator.publish.reading.checkpoints import LoadedCheckpoint, identity
from generator.publish.tables.builders import code, each, names, number, text, titled
from generator.publish.tables.table import Column
from generator.records import Checkpoint, CheckpointComponent, WeightFileRecord
from generator.text import columns, numbers, reasons, words
from generator.text.anomalies import anomaly_title
from generator.text.columns import NO_WEIGHTS

LONGEST_NAME = 36
SHOWN_DIGITS = 12


def _hash(name: str) -> Callable[[LoadedCheckpoint, object], str | None]:
    """A hash of the file; a checkpoint of several files has none."""

    def value(held: LoadedCheckpoint, _: object) -> str | None:
        sources = held.record.sources
        return getattr(sources[0], name) if len(sources) == 1 else None

    return value


def _no_hash(held: LoadedCheckpoint, _: object) -> str:
    return reasons.no_hash(held.record)


def _no_autov3(held: LoadedCheckpoint, _: object) -> str:
    sources = held.record.sources
    return reasons.no_autov3(sources[0]) if len(sources) == 1 else reasons.no_hash(held.record)


def _network(component: CheckpointComponent, _: Checkpoint) -> str | None:
    near = f"near {component.nearest}" if component.nearest else None
    return component.network or near


def repeated_names(checkpoints: Iterable[LoadedCheckpoint]) -> frozenset[str]:
    """File names that several checkpoints have: libraries give that of every model one name."""
    counts = Counter(held.record.name for held in checkpoints)
    return frozenset(name for name, count in counts.items() if count > 1)


def _name(held: LoadedCheckpoint, repeated: frozenset[str]) -> str:
    name = numbers.shortened(held.record.name, LONGEST_NAME)
    return f"{held.id} ({name})" if held.record.name in repeated else name


def _type(held: LoadedCheckpoint, _: frozenset[str]) -> str:
    if held.record.adapter:
        return words.adapter_title(held.record.adapter, held.record.base_model)
    return words.begun(words.kind_title(words.network_title(identity(held.record))))


# The context is what `repeated_names` says of all rows.
CHECKPOINT_COLUMNS: tuple[Column[LoadedCheckpoint, frozenset[str]], ...] = titled(
    columns.of("checkpoints"),
    text("name", "record.name", shown=_name, link=lambda h, _: f"{h.id}.html"),
    text("architecture", lambda h, _: identity(h.record), shown=_type, wraps=True),
    number(
        "size",
        "record.size",
        lambda size: numbers.quantity(float(size), "B"),
        raw_unit="bytes",
    ),
    number("parameters", "record.parameters"),
    names("dtypes", lambda h, _: h.record.dtypes, missing=NO_WEIGHTS),
    text("autov2", _hash("autov2"), missing=_no_hash, hidden=True),
    text(
        "components",
        lambda h, _: ", ".join(part.name for part in h.record.components),
        each(words.component_title),
        wraps=True,
    ),
    number("anomalies", lambda h, _: len(h.record.anomalies)),
    names(
        "anomaly_codes",
        lambda h, _: dict.fromkeys(a.code for a in h.record.anomalies),
        anomaly_title,
        missing=columns.NO_ANOMALIES,
        hidden=True,
    ),
    text("format", "record.format", hidden=True),
    number("tensors", "record.tensors", hidden=True),
    text(
        "autov1",
        _hash("autov1"),
        note=lambda h, _: reasons.autov1_note(h.record.sources[0]),
        missing=_no_hash,
        hidden=True,
    ),
    text("autov3", _hash("autov3"), missing=_no_autov3, hidden=True),
    text("sha256", _hash("sha256"), missing=_no_hash, hidden=True),
    text("id", hidden=True),
)

COMPONENT_COLUMNS: tuple[Column[CheckpointComponent, Checkpoint], ...] = titled(
    columns.of("components"),
    text("name", word=lambda name: words.begun(words.component_title(name))),
    text("network", _network, words.network_title, missing=columns.NO_NETWORK),
    text("layout", lambda c, _: c.layout or None, missing=columns.NO_LAYOUT),
    number("tensors"),
    number("parameters"),
    number("nbytes", unit="B", raw_unit="bytes"),
    names("dtypes", lambda c, _: c.dtypes, missing=NO_WEIGHTS),
    number("norm", shown_as=numbers.measured, missing=lambda c, page: reasons.no_norm(page, c)),
    code("blake3", digits=SHOWN_DIGITS, missing=lambda c, page: reasons.no_digest(page, c)),
)

FILE_COLUMNS: tuple[Column[WeightFileRecord, Checkpoint], ...] = titled(
    columns.of("files"),
    text("name"),
    # First on narrow screens, too: what web UIs show.
    code("autov2", missing=reasons.UNREAD),
    code("sha256", missing=reasons.UNREAD, wraps=True),
    code("autov1", note=lambda f, _: reasons.autov1_note(f), missing=reasons.UNREAD),
    code("autov3", missing=lambda f, _: reasons.no_autov3(f)),
    number("size", unit="B", raw_unit="bytes"),
)
