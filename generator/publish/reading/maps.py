"""`data/embeddings/` -> maps of prompts with their points, and what is told from them."""

from pathlib import Path
from typing import NamedTuple

from generator.publish.reading.loaded import Loaded, ResultFolder, content_of
from generator.records import EmbeddingMap, EncoderSpace, Likeness, MappedEncoder, store
from generator.records.checks import require
from generator.records.point_tables import PairDistances, Points, read_distances, read_points

METRICS = ("cosine", "euclidean", "manhattan")
# A prompt set's id and a group's, neither of which has an underscore.
MAP_ID = r"[a-z0-9][a-z0-9-]*_[a-z0-9][a-z0-9-]*"
# Vectors that have nothing to do with one another are at a mean cosine distance of about 1, those
# of an encoder and its fine-tunes at hundredths of that.
UNRELATED = 0.5


class MapTables(NamedTuple):
    """The points of a map by (encoder, kind), and distances likewise, where they were kept."""

    points: dict[tuple[int, str], Points]
    distances: dict[tuple[int, str], PairDistances]


LoadedMap = Loaded[EmbeddingMap, MapTables]


def _tables(folder: Path, stored: store.StoredResult[EmbeddingMap]) -> MapTables:
    record = stored.record
    path, beside = (folder / f"{record.id}.{name}.parquet" for name in ("points", "distances"))
    with content_of(path, stored.files) as content:
        points = {(each.encoder, each.kind): each for each in read_points(content)}
        spaces = {(space.encoder, space.kind) for space in record.spaces}
        require(points.keys() == spaces, "it is not about the encoders of its record")
        lengths = {len(each.own) for each in points.values()}
        require(lengths <= {len(record.prompts)}, "it is not about the prompts of its record")
    distances = {}
    if beside.name in stored.files:
        with content_of(beside, stored.files) as content:
            squares = read_distances(content)
            distances = {(each.encoder, each.kind): each for each in squares}
            require(distances.keys() <= spaces, "it is not about the encoders of its record")
            lengths = {len(each.cosine) for each in squares}
            require(lengths <= {len(record.prompts)}, "it is not about the prompts of its record")
    return MapTables(points, distances)


EMBEDDINGS = ResultFolder("embeddings", EmbeddingMap, _tables, pattern=MAP_ID)


def main_distances(mapped: LoadedMap) -> dict[int, PairDistances]:
    """Distances by the first kind of vectors: encoder -> between all pairs of prompts."""
    main = mapped.record.kinds[0]
    distances = mapped.beside.distances
    return {encoder: each for (encoder, kind), each in distances.items() if kind == main}


def space_of(mapped: LoadedMap, encoder: int, kind: str) -> EncoderSpace:
    """What is known of the vectors of one kind of one encoder."""
    return next(
        space for space in mapped.record.spaces if space.encoder == encoder and space.kind == kind
    )


def encoder_name(encoder: MappedEncoder) -> str:
    """What an encoder is called: its first place, and how many others there are."""
    first = encoder.members[0]
    component = "" if first.component == "text_encoder" else f" ({first.component})"
    others = len(encoder.members) - 1
    return f"{first.checkpoint}{component}" + (f" and {others} more" if others else "")


def is_toy(encoder: MappedEncoder) -> bool:
    """Whether no trained text encoder is so narrow."""
    return encoder.width < encoder.released_width


def farthest(mapped: LoadedMap, reference: int, kind: str) -> int | None:
    """The related encoder that moved most from `reference`, on average; None if none moved."""
    spaces = related(mapped, reference, kind)
    best = max(spaces, key=lambda space: (space.moved_mean, -space.encoder), default=None)
    return best.encoder if best and best.moved_mean > 0 else None


def related(mapped: LoadedMap, reference: int, kind: str) -> list[EncoderSpace]:
    """The spaces of encoders that are compared with `reference`, without unrelated ones."""
    return [space for space in _compared(mapped, reference, kind) if not _is_unrelated(space)]


def unrelated(mapped: LoadedMap, reference: int, kind: str) -> list[int]:
    """Encoders that have nothing to do with `reference`, though their sizes are the same."""
    return [each.encoder for each in _compared(mapped, reference, kind) if _is_unrelated(each)]


def _is_unrelated(space: EncoderSpace) -> bool:
    return space.moved_mean >= UNRELATED


def _compared(mapped: LoadedMap, reference: int, kind: str) -> list[EncoderSpace]:
    return [
        space_of(mapped, number, kind)
        for number, encoder in enumerate(mapped.record.encoders)
        if encoder.reference == reference and number != reference
    ]


def likeness(mapped: LoadedMap, space: EncoderSpace) -> Likeness | None:
    """How alike the spaces of an encoder and of its reference are; None for the reference."""
    pair = {space.encoder, mapped.record.encoders[space.encoder].reference}
    found = (one for one in mapped.record.likenesses if one.kind == space.kind)
    return next((one for one in found if {one.a, one.b} == pair), None)
