"""Text encoders of a map -> the columns of their table, and of the table of pairs."""

from collections.abc import Callable

from markupsafe import Markup

from generator.publish.figures.maps.marks import shown
from generator.publish.reading.maps import LoadedMap, encoder_name, likeness
from generator.publish.tables import builders as make
from generator.publish.tables.prompts import in_order
from generator.publish.tables.table import Column
from generator.records import EmbeddingMap, EncoderSpace, Likeness
from generator.text import numbers
from generator.text.escaping import inert
from generator.text.vectors import vectors_title
from generator.text.words import network_label

# Number of prompts to name among those that moved most in an encoder.
NAMED = 3
FLAT = "all vectors of one of the two are equal"


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
    variance: make.ColumnOptions = {"unit": "% of variance", "raw_unit": "fraction"}
    columns: tuple[Column[EncoderSpace, LoadedMap], ...] = (
        make.text("encoder", "Encoder", "The first place that holds it", _encoder_of),
        make.text("reference", "Reference", "The encoder that it is compared with", _reference_of),
        make.number(
            "moved_mean",
            "Moved, mean",
            "Mean cosine distance of prompts from the same prompts in the reference",
            shown_as=numbers.precise,
            note=lambda space, page: "reference" if _is_reference(space, page) else "",
        ),
        make.number(
            "moved_largest", "Moved, largest", "The largest of them", shown_as=numbers.precise
        ),
        make.number(
            "cka",
            "CKA",
            "Linear centred kernel alignment with the reference",
            _alike("cka", 1.0),
            numbers.precise,
            missing=FLAT,
        ),
        make.number(
            "procrustes",
            "Procrustes",
            "Disparity from the reference, after the best rotation and scaling",
            _alike("procrustes", 0.0),
            numbers.precise,
            missing=FLAT,
        ),
        make.number(
            "silhouette",
            "Silhouette",
            "How well the categories part: 1 at best, below 0 where they are mixed",
            shown_as=make.scaled(1, 3),
            missing="too few categories, or prompts in them, to tell how well they part",
        ),
        make.number(
            "explained",
            "Two axes",
            "Share of the variance along the two axes of the encoder's own map",
            lambda space, _: sum(space.explained),
            lambda part: numbers.percent(part, 1, 1),
            **variance,
        ),
        make.number(
            "shared",
            "Reference’s axes",
            "Share of the variance along the two axes of the reference's map",
            shown_as=lambda part: numbers.percent(part, 1, 1),
            **variance,
        ),
        make.text(
            "most_moved",
            "Moved most",
            "The prompts that moved farthest, in order",
            lambda space, page: ", ".join(_most_moved(space, page)) or None,
            shown=lambda space, page: in_order(_most_moved(space, page)),
            missing="none moved",
            wraps=True,
        ),
        make.text("network", "Network", "The released network, and its size", _network),
        make.text(
            "members",
            "Held by",
            "All places that hold this encoder, bit for bit",
            _members,
            shown=_linked_members,
            wraps=True,
        ),
    )
    return tuple(column for column in columns if several or column.key != "reference")


def _encoder(field: str) -> Callable[[Likeness, EmbeddingMap], str]:
    return lambda pair, record: encoder_name(record.encoders[getattr(pair, field)])


def _vectors(pair: Likeness, _: EmbeddingMap) -> str:
    return vectors_title(pair.kind)


def _networks(pair: Likeness, record: EmbeddingMap) -> str:
    """The networks of both encoders; one name if they are the same."""
    labels = (network_label(record.encoders[number].network) for number in (pair.a, pair.b))
    return " and ".join(dict.fromkeys(labels))


LIKENESS_COLUMNS: tuple[Column[Likeness, EmbeddingMap], ...] = (
    make.text("a", "Encoder", "The first of the two, in the order of the group", _encoder("a")),
    make.text("b", "Other encoder", "The second of the two", _encoder("b")),
    make.text(
        "vectors",
        "Kind of vectors",
        "How a vector is made of a prompt",
        _vectors,
        choices=True,
    ),
    make.number(
        "cka",
        "CKA",
        "Linear centred kernel alignment: 1 where one space is the other but for rotation and"
        " scale, 0 where nothing of one is in the other",
        shown_as=numbers.precise,
        missing=FLAT,
    ),
    make.number(
        "procrustes",
        "Procrustes",
        "What is left after the best rotation and scaling of one, as a share of the variance:"
        " 0 where nothing is",
        shown_as=numbers.precise,
        missing=FLAT,
    ),
    make.text(
        "networks",
        "Networks",
        "The released network of each, or of both",
        _networks,
        choices=True,
    ),
)
