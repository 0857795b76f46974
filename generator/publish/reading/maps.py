"""`data/embeddings/` -> maps of prompts with their points, and what is told from them."""

from pathlib import Path

from generator.publish.reading.beside import require_address, table_of
from generator.records import EmbeddingMap, EncoderSpace, Likeness, MappedEncoder, Record, store
from generator.records.checks import require
from generator.records.point_tables import PairDistances, Points, read_distances, read_points

EMBEDDINGS = "embeddings"
METRICS = ("cosine", "euclidean", "manhattan")
# A prompt set's id and a group's, neither of which has an underscore.
MAP_ID = r"[a-z0-9][a-z0-9-]*_[a-z0-9][a-z0-9-]*"
# Vectors that have nothing to do with one another are at a mean cosine distance of about 1, those
# of an encoder and its fine-tunes at hundredths of that.
UNRELATED = 0.5


class Mapped(Record, frozen=True, kw_only=True):
    """A map with its points by (encoder, kind), and distances likewise, where they were kept."""

    record: EmbeddingMap
    points: dict[tuple[int, str], Points]
    distances: dict[tuple[int, str], PairDistances]

    @property
    def id(self) -> str:
        """That of the record: its pages' and files' name."""
        return self.record.id

    @property
    def main_distances(self) -> dict[int, PairDistances]:
        """Distances by the first kind of vectors: encoder -> between all pairs of prompts."""
        main = self.record.kinds[0]
        return {encoder: each for (encoder, kind), each in self.distances.items() if kind == main}

    def space(self, encoder: int, kind: str) -> EncoderSpace:
        """What is known of the vectors of one kind of one encoder."""
        return next(
            space for space in self.record.spaces if space.encoder == encoder and space.kind == kind
        )


def read_maps(data: Path) -> tuple[Mapped, ...]:
    """All maps by id; none if there is no folder.

    Raises:
        DamagedRecord: a file is missing, or not what was measured.
    """
    folder = data / EMBEDDINGS
    return tuple(_read(folder, one) for one in store.load_all(folder, EmbeddingMap))


def _read(folder: Path, stored: store.Stored[EmbeddingMap]) -> Mapped:
    record = stored.record
    require_address(folder, record.id, pattern=MAP_ID)
    name, beside = f"{record.id}.points.parquet", f"{record.id}.distances.parquet"
    with table_of(folder / name, stored):
        points = {(each.encoder, each.kind): each for each in read_points(stored.files[name])}
        spaces = {(space.encoder, space.kind) for space in record.spaces}
        require(points.keys() == spaces, "it is not about the encoders of its record")
        lengths = {len(each.own) for each in points.values()}
        require(lengths <= {len(record.prompts)}, "it is not about the prompts of its record")
    distances = {}
    if beside in stored.files:
        with table_of(folder / beside, stored):
            squares = read_distances(stored.files[beside])
            distances = {(each.encoder, each.kind): each for each in squares}
            require(distances.keys() <= spaces, "it is not about the encoders of its record")
            lengths = {len(each.cosine) for each in squares}
            require(lengths <= {len(record.prompts)}, "it is not about the prompts of its record")
    return Mapped(record=record, points=points, distances=distances)


def encoder_name(encoder: MappedEncoder) -> str:
    """What an encoder is called: its first place, and how many others there are."""
    first = encoder.members[0]
    component = "" if first.component == "text_encoder" else f" ({first.component})"
    others = len(encoder.members) - 1
    return f"{first.checkpoint}{component}" + (f" and {others} more" if others else "")


def is_toy(encoder: MappedEncoder) -> bool:
    """Whether no trained text encoder is so narrow."""
    return encoder.width < encoder.released_width


def farthest(mapped: Mapped, reference: int, kind: str) -> int | None:
    """The related encoder that moved most from `reference`, on average; None if none moved."""
    spaces = related(mapped, reference, kind)
    best = max(spaces, key=lambda space: (space.moved_mean, -space.encoder), default=None)
    return best.encoder if best and best.moved_mean > 0 else None


def related(mapped: Mapped, reference: int, kind: str) -> list[EncoderSpace]:
    """The spaces of encoders that are compared with `reference`, without unrelated ones."""
    return [space for space in _compared(mapped, reference, kind) if not _is_unrelated(space)]


def unrelated(mapped: Mapped, reference: int, kind: str) -> list[int]:
    """Encoders that have nothing to do with `reference`, though their sizes are the same."""
    return [each.encoder for each in _compared(mapped, reference, kind) if _is_unrelated(each)]


def _is_unrelated(space: EncoderSpace) -> bool:
    return space.moved_mean >= UNRELATED


def _compared(mapped: Mapped, reference: int, kind: str) -> list[EncoderSpace]:
    return [
        mapped.space(number, kind)
        for number, encoder in enumerate(mapped.record.encoders)
        if encoder.reference == reference and number != reference
    ]


def likeness(mapped: Mapped, space: EncoderSpace) -> Likeness | None:
    """How alike the spaces of an encoder and of its reference are; None for the reference."""
    pair = {space.encoder, mapped.record.encoders[space.encoder].reference}
    found = (one for one in mapped.record.likenesses if one.kind == space.kind)
    return next((one for one in found if {one.a, one.b} == pair), None)
