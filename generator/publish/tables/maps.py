"""The columns of the table of pairs of text encoders, and what is downloaded about a map as CSV."""

from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from generator.publish.reading.maps import METRICS, Mapped, encoder_name, likeness
from generator.publish.tables import builders as make
from generator.publish.tables.table import Column, written_csv
from generator.records import EmbeddingMap, EncoderSpace, Likeness
from generator.text import numbers

FLAT = "all vectors of one of the two are equal"


def _encoder(field: str) -> Callable[[Likeness, EmbeddingMap], str]:
    return lambda pair, record: encoder_name(record.encoders[getattr(pair, field)])


def _vectors(pair: Likeness, record: EmbeddingMap) -> str:
    return next(kind.label for kind in record.kinds if kind.id == pair.kind)


def _networks(pair: Likeness, record: EmbeddingMap) -> str:
    """Their networks; one name where they are of one."""
    labels = (record.encoders[number].label for number in (pair.a, pair.b))
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
        shown=numbers.precise,
        missing=FLAT,
    ),
    make.number(
        "procrustes",
        "Procrustes",
        "What is left after the best rotation and scaling of one, as a share of the variance:"
        " 0 where nothing is",
        shown=numbers.precise,
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

# Of the numbers about points, and about pairs of prompts, which are many.
POINT_DIGITS, DISTANCE_DIGITS = 6, 5
POINT_FIELDS = (
    *("encoder", "vectors", "prompt", "category", "x", "y", "shared_x", "shared_y"),
    *("moved", "tsne_x", "tsne_y", "nearest"),
)
# Fields of a space that are one value each.
SPACE_FIELDS = tuple(
    name
    for name in EncoderSpace.__struct_fields__
    if name not in ("encoder", "kind", "most_moved", "silhouettes", "explained")
)


def points_csv(mapped: Mapped) -> bytes:
    """One row per encoder, kind of vectors and prompt."""
    record = mapped.record

    def rows() -> Iterator[list[object]]:
        for (number, kind), points in mapped.points.items():
            name = encoder_name(record.encoders[number])
            tsne = points.tsne if points.tsne is not None else np.full_like(points.own, np.nan)
            values = np.column_stack([points.own, points.shared, points.moved, tsne]).tolist()
            for row, (prompt, found) in enumerate(zip(record.prompts, values, strict=True)):
                nearest = record.prompts[points.neighbours[row][0]].text
                yield [name, kind, prompt.text, prompt.category, *found, nearest]

    return written_csv(POINT_FIELDS, rows(), POINT_DIGITS)


def spaces_csv(mapped: Mapped) -> bytes:
    """One row per encoder and kind of vectors."""
    record = mapped.record

    def rows() -> Iterator[list[object]]:
        for space in record.spaces:
            encoder, alike = record.encoders[space.encoder], likeness(mapped, space)
            values = msgspec.structs.asdict(space)
            yield [
                encoder_name(encoder),
                space.kind,
                encoder_name(record.encoders[encoder.reference]),
                " ".join(f"{each.checkpoint}/{each.component}" for each in encoder.members),
                *space.explained,
                *(values[name] for name in SPACE_FIELDS),
                alike.cka if alike else None,
                alike.procrustes if alike else None,
            ]

    head = ("encoder", "vectors", "reference", "members", "explained_x", "explained_y")
    return written_csv((*head, *SPACE_FIELDS, "cka", "procrustes"), rows())


def likeness_csv(mapped: Mapped) -> bytes:
    """One row per kind of vectors and pair of encoders that were compared."""
    names = [encoder_name(encoder) for encoder in mapped.record.encoders]
    rows = (
        (one.kind, names[one.a], names[one.b], one.cka, one.procrustes)
        for one in mapped.record.likenesses
    )
    return written_csv(("vectors", "a", "b", "cka", "procrustes"), rows)


def distances_csv(mapped: Mapped, kind: str) -> bytes:
    """One row per pair of prompts, by the vectors of one kind of each reference that has them."""
    texts = [prompt.text for prompt in mapped.record.prompts]

    def rows() -> Iterator[list[object]]:
        for (number, of), squares in mapped.distances.items():
            if of == kind:
                name = encoder_name(mapped.record.encoders[number])
                a, b = np.triu_indices(len(texts), 1)
                values = np.column_stack([getattr(squares, metric)[a, b] for metric in METRICS])
                for one, other, row in zip(a.tolist(), b.tolist(), values.tolist(), strict=True):
                    yield [name, texts[one], texts[other], *row]

    return written_csv(("encoder", "a", "b", *METRICS), rows(), DISTANCE_DIGITS)
