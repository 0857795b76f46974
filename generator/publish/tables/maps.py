"""Maps of prompts -> the columns of their table."""

from generator.publish.reading.maps import LoadedMap, encoder_name, farthest, space_of
from generator.publish.tables.builders import number, text, titled
from generator.publish.tables.prompts import isolated
from generator.publish.tables.table import Column
from generator.records import EncoderSpace
from generator.text import columns, numbers
from generator.text.columns import NONE_MOVED


def checkpoints_of(mapped: LoadedMap) -> int:
    """Number of checkpoints with an encoder in the map."""
    members = (member for encoder in mapped.record.encoders for member in encoder.members)
    return len({member.checkpoint for member in members})


def most_moved(mapped: LoadedMap) -> EncoderSpace | None:
    """The encoder that moved most from its reference on average; None if none moved."""
    kind = mapped.record.kinds[0]
    found = (farthest(mapped, reference, kind) for reference in mapped.record.references)
    spaces = (space_of(mapped, each, kind) for each in found if each is not None)
    return max(spaces, key=lambda space: space.moved_mean, default=None)


def _moved_name(mapped: LoadedMap, _: None) -> str | None:
    space = most_moved(mapped)
    return encoder_name(mapped.record.encoders[space.encoder]) if space else None


def _moved_mean(mapped: LoadedMap, _: None) -> float | None:
    space = most_moved(mapped)
    return space.moved_mean if space else None


MAP_COLUMNS: tuple[Column[LoadedMap, None], ...] = titled(
    columns.of("maps"),
    text(
        "name",
        "record.name",
        shown=lambda one, _: isolated(one.record.name),
        link=lambda one, _: f"{one.id}.html",
    ),
    text("group", "record.group_name", shown=lambda one, _: isolated(one.record.group_name)),
    number("prompts", lambda one, _: len(one.record.prompts)),
    number("checkpoints", lambda one, _: checkpoints_of(one)),
    number("encoders", lambda one, _: len(one.record.encoders)),
    text("moved", _moved_name, missing=NONE_MOVED),
    number("moved_mean", _moved_mean, numbers.precise, missing=NONE_MOVED),
)
