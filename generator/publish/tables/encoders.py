"""Text encoders of a map -> the columns of their table, and of the table of pairs."""

from collections.abc import Callable

from markupsafe import Markup

from generator.publish.figures.maps.marks import shown
from generator.publish.reading.maps import LoadedMap, encoder_name, likeness
from generator.publish.tables.builders import ColumnOptions, number, scaled, text, titled
from generator.publish.tables.prompts import in_order
from generator.publish.tables.table import Column
from generator.records import EmbeddingMap, EncoderSpace, Likeness
from generator.text import columns, numbers
from generator.text.columns import FLAT
from generator.text.escaping import inert
from generator.text.vectors import vectors_title
from generator.text.words import network_label

# Number of prompts to name among those that moved most in an encoder.
NAMED = 3


def _encoder_of(space: EncoderSpace, mapped: LoadedMap) -> str:
    return encoder_name(mapped.record.encoders[space.encoder])


def _reference_of(space: EncoderSpace, mapped: LoadedMap) -> str:
    encoders = mapped.record.encoders
    return encoder_name(encoders[encoders[space.encoder].reference])


def _is_reference(space: EncoderSpace, mapped: LoadedMap) -> bool:
    return mapped.record.encoders[space.encoder].reference == space.encoder


def _alike(measure: str, itself: float) -> Callable[[EncoderSpace, LoadedMap], float | None]:
    """Similarity of an encoder to its reference; `itself` is the value for the reference."""

    def value(space: EncoderSpace, mapped: LoadedMap) -> float | None:
        if _is_reference(space, mapped):
            return itself
        found = likeness(mapped, space)
        return getattr(found, measure) if found else None

    return value


def _most_moved(space: EncoderSpace, mapped: LoadedMap) -> list[str]:
    return [shown(mapped.record.prompts[each].text) for each in space.most_moved[:NAMED]]


def _network(space: EncoderSpace, mapped: LoadedMap) -> str:
    encoder = mapped.record.encoders[space.encoder]
    return f"{network_label(encoder.network)}, {encoder.layers} layers, {encoder.width} wide"


def _members(space: EncoderSpace, mapped: LoadedMap) -> str:
    members = mapped.record.encoders[space.encoder].members
    return ", ".join(f"{each.checkpoint} {each.component}" for each in members)


def _linked_members(space: EncoderSpace, mapped: LoadedMap) -> Markup:
    link = Markup('<a href="../checkpoints/{0}.html">{0}</a> {1}')
    members = mapped.record.encoders[space.encoder].members
    return Markup(", ").join(
        link.format(inert(each.checkpoint), inert(each.component)) for each in members
    )


def encoder_columns(mapped: LoadedMap) -> tuple[Column[EncoderSpace, LoadedMap], ...]:
    """The columns of the table of encoders, for vectors of one kind."""
    several = len(mapped.record.references) > 1
    variance: ColumnOptions = {"unit": "% of variance", "raw_unit": "fraction"}
    found: tuple[Column[EncoderSpace, LoadedMap], ...] = titled(
        columns.of("encoders"),
        text("encoder", _encoder_of),
        text("reference", _reference_of),
        number(
            "moved_mean",
            shown_as=numbers.precise,
            note=lambda space, page: "reference" if _is_reference(space, page) else "",
        ),
        number("moved_largest", shown_as=numbers.precise),
        number("cka", _alike("cka", 1.0), numbers.precise, missing=FLAT),
        number("procrustes", _alike("procrustes", 0.0), numbers.precise, missing=FLAT),
        number("silhouette", shown_as=scaled(1, 3), missing=columns.TOO_FEW, hidden=True),
        number(
            "explained",
            lambda space, _: sum(space.explained),
            lambda part: numbers.percent(part, 1, 1),
            **variance,
        ),
        number("shared", shown_as=lambda part: numbers.percent(part, 1, 1), **variance),
        text(
            "most_moved",
            lambda space, page: ", ".join(_most_moved(space, page)) or None,
            shown=lambda space, page: in_order(_most_moved(space, page)),
            missing=columns.NONE_MOVED,
            wraps=True,
        ),
        text("network", _network, hidden=True),
        text("members", _members, shown=_linked_members, wraps=True),
    )
    return tuple(column for column in found if several or column.key != "reference")


def _encoder(field: str) -> Callable[[Likeness, EmbeddingMap], str]:
    return lambda pair, record: encoder_name(record.encoders[getattr(pair, field)])


def _networks(pair: Likeness, record: EmbeddingMap) -> str:
    """The networks of both encoders; one name if they are the same."""
    labels = (network_label(record.encoders[number].network) for number in (pair.a, pair.b))
    return " and ".join(dict.fromkeys(labels))


LIKENESS_COLUMNS: tuple[Column[Likeness, EmbeddingMap], ...] = titled(
    columns.of("likenesses"),
    text("a", _encoder("a")),
    text("b", _encoder("b")),
    text("vectors", lambda pair, _: vectors_title(pair.kind), choices=True),
    number("cka", shown_as=numbers.precise, missing=FLAT),
    number("procrustes", shown_as=numbers.precise, missing=FLAT),
    text("networks", _networks, choices=True),
)
