"""A map of prompts -> its CSV downloads."""

from collections.abc import Iterator

import msgspec
import numpy as np

from generator.publish.reading.maps import METRICS, LoadedMap, encoder_name, likeness
from generator.publish.tables.table import written_csv
from generator.records import EncoderSpace

# Significant digits of points, and of distances between prompts: both tables are long.
POINT_DIGITS, DISTANCE_DIGITS = 6, 5
POINT_FIELDS = (
    *("encoder", "vectors", "prompt", "category", "x", "y", "shared_x", "shared_y"),
    *("moved", "tsne_x", "tsne_y", "nearest"),
)
# Fields of a space with a single value.
SPACE_FIELDS = tuple(
    name
    for name in EncoderSpace.__struct_fields__
    if name not in ("encoder", "kind", "most_moved", "silhouettes", "explained")
)


def points_csv(mapped: LoadedMap) -> bytes:
    """One row per encoder, kind of vectors and prompt."""
    record = mapped.record

    def rows() -> Iterator[list[object]]:
        for (number, kind), points in mapped.beside.points.items():
            name = encoder_name(record.encoders[number])
            tsne = points.tsne if points.tsne is not None else np.full_like(points.own, np.nan)
            values = np.column_stack([points.own, points.shared, points.moved, tsne]).tolist()
            for row, (prompt, found) in enumerate(zip(record.prompts, values, strict=True)):
                nearest = record.prompts[points.neighbours[row][0]].text
                yield [name, kind, prompt.text, prompt.category, *found, nearest]

    return written_csv(POINT_FIELDS, rows(), POINT_DIGITS)


def spaces_csv(mapped: LoadedMap) -> bytes:
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


def likeness_csv(mapped: LoadedMap) -> bytes:
    """One row per kind of vectors and compared pair of encoders."""
    names = [encoder_name(encoder) for encoder in mapped.record.encoders]
    rows = (
        (one.kind, names[one.a], names[one.b], one.cka, one.procrustes)
        for one in mapped.record.likenesses
    )
    return written_csv(("vectors", "a", "b", "cka", "procrustes"), rows)


def distances_csv(mapped: LoadedMap, kind: str) -> bytes:
    """One row per reference and pair of prompts, for vectors of one kind."""
    texts = [prompt.text for prompt in mapped.record.prompts]

    def rows() -> Iterator[list[object]]:
        for (number, of), squares in mapped.beside.distances.items():
            if of == kind:
                name = encoder_name(mapped.record.encoders[number])
                a, b = np.triu_indices(len(texts), 1)
                values = np.column_stack([getattr(squares, metric)[a, b] for metric in METRICS])
                for one, other, row in zip(a.tolist(), b.tolist(), values.tolist(), strict=True):
                    yield [name, texts[one], texts[other], *row]

    return written_csv(("encoder", "a", "b", *METRICS), rows(), DISTANCE_DIGITS)
