"""Maps of prompts -> the columns of their table."""

from generator.publish.reading.maps import LoadedMap, encoder_name, farthest, space_of
from generator.publish.tables import builders as make
from generator.publish.tables.prompts import isolated
from generator.publish.tables.table import Column
from generator.records import EncoderSpace
from generator.text import numbers

NONE_MOVED = "none moved"


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


MAP_COLUMNS: tuple[Column[LoadedMap, None], ...] = (
    make.text(
        "name",
        "Map",
        "The set of prompts",
        "record.name",
        shown=lambda one, _: isolated(one.record.name),
        link=lambda one, _: f"{one.id}.html",
    ),
    make.text(
        "group",
        "Group",
        "The group of checkpoints",
        "record.group_name",
        shown=lambda one, _: isolated(one.record.group_name),
    ),
    make.number("prompts", "Prompts", "Prompts of the set", lambda one, _: len(one.record.prompts)),
    make.number(
        "checkpoints",
        "Checkpoints",
        "Checkpoints that have an encoder in the map",
        lambda one, _: checkpoints_of(one),
    ),
    make.number(
        "encoders",
        "Different encoders",
        "Text encoders that differ from each other",
        lambda one, _: len(one.record.encoders),
    ),
    make.text(
        "moved",
        "Moved most",
        "The encoder with the largest mean distance from its reference",
        _moved_name,
        missing=NONE_MOVED,
    ),
    make.number(
        "moved_mean",
        "Mean cosine distance",
        "Of that encoder from its reference, over all prompts",
        _moved_mean,
        numbers.precise,
        missing=NONE_MOVED,
    ),
)
