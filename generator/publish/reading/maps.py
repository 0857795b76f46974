"""`data/embeddings/` -> maps of prompts with their points, and facts derived from them."""

from pathlib import Path
from typing import NamedTuple

from generator.publish.reading.loaded import Loaded, ResultFolder, content_of
from generator.records import EmbeddingMap, EncoderSpace, Likeness, MappedEncoder, store
from generator.records.checks import require
from generator.records.point_tables import PairDistances, Points, read_distances, read_points

METRICS = ("cosine", "euclidean", "manhattan")
# The ids of a prompt set and a group; neither contains an underscore.
MAP_ID = r"[a-z0-9][a-z0-9-]*_[a-z0-9][a-z0-9-]*"
# Vectors of unrelated encoders have a mean cosine distance of about 1; those of an encoder and its
# fine-tunes of a few hundredths.
UNRELATED = 0.5


class MapTables(NamedTuple):
    """The points of a map by (encoder, kind), and the distances where they were stored."""

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
    """Distances between all pairs of prompts by encoder, for the first kind of vectors."""
    main = mapped.record.kinds[0]
    distances = mapped.beside.distances
    return {encoder: each for (encoder, kind), each in distances.items() if kind == main}


def space_of(mapped: LoadedMap, encoder: int, kind: str) -> EncoderSpace:
    """The measurements of one encoder's vectors of one kind."""
    return next(
        space for space in mapped.record.spaces if space.encoder == encoder and space.kind == kind
    )


def encoder_name(encoder: MappedEncoder) -> str:
    """The name of an encoder: its first place, and the number of others."""
    first = encoder.members[0]
    component = "" if first.component == "text_encoder" else f" ({first.component})"
    others = len(encoder.members) - 1
    return f"{first.checkpoint}{component}" + (f" and {others} more" if others else "")


def is_toy(encoder: MappedEncoder) -> bool:
    """Whether the encoder is narrower than any trained text encoder."""
    return encoder.width < encoder.released_width


def farthest(mapped: LoadedMap, reference: int, kind: str) -> int | None:
    """The related encoder that moved most from `reference` on average; None if none moved."""
    spaces = related(mapped, reference, kind)
    best = max(spaces, key=lambda space: (space.moved_mean, -space.encoder), default=None)
    return best.encoder if best and best.moved_mean > 0 else None


def related(mapped: LoadedMap, reference: int, kind: str) -> list[EncoderSpace]:
    """The spaces of the encoders compared with `reference`, without unrelated ones."""
    return [space for space in _compared(mapped, reference, kind) if not _is_unrelated(space)]


def unrelated(mapped: LoadedMap, reference: int, kind: str) -> list[int]:
    """Encoders of the same sizes as `reference`, but unrelated to it."""
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
    """Similarity of an encoder's space to its reference's; None for the reference."""
    pair = {space.encoder, mapped.record.encoders[space.encoder].reference}
    found = (one for one in mapped.record.likenesses if one.kind == space.kind)
    return next((one for one in found if {one.a, one.b} == pair), None)
