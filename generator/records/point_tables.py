"""Points, neighbours and distances of prompts <-> Parquet files; same rows, same bytes.

All numbers are float32, as text encoders compute them: figures round them, once. Pages are
generated from them without torch.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.records.arrays import Booleans, Counts, Floats
from generator.records.base import Float32, Int16, Int32, Record
from generator.records.tables import read_columns, write_columns


class PointRow(Record):
    """One prompt in the vectors of one kind and encoder; see `Points`."""

    encoder: Int16
    kind: str
    prompt: Int32
    x: Float32
    y: Float32
    shared_x: Float32
    shared_y: Float32
    moved: Float32
    tsne_x: Float32 | None
    tsne_y: Float32 | None
    neighbours: tuple[Int32, ...]
    neighbour_distances: tuple[Float32, ...]


class DistanceRow(Record):
    """Two prompts, `a` before `b`. The Euclidean distance follows from the cosine."""

    encoder: Int16
    kind: str
    a: Int32
    b: Int32
    cosine: Float32
    manhattan: Float32


class Points(NamedTuple):
    """The map of one kind of vectors of one encoder, N prompts in order.

    `own` and `shared` (N, 2) are coordinates on the encoder's own axes and on the reference's;
    `tsne` (N, 2) those of the t-SNE map, if there is one. `moved` (N,) is the cosine distance to
    the reference; `neighbours` (N, k) are prompts, at the cosine distances `near`.
    """

    encoder: int
    kind: str
    own: Floats
    shared: Floats
    moved: Floats
    tsne: Floats | None
    neighbours: Counts
    near: Floats


class PairDistances(NamedTuple):
    """All distances between N prompts, by the vectors of one kind and encoder, (N, N) each."""

    encoder: int
    kind: str
    cosine: Floats
    manhattan: Floats

    @property
    def euclidean(self) -> Floats:
        """|a-b| of vectors of length 1, whose cosine distance is |a-b|^2 / 2."""
        lengths: Floats = np.sqrt(2 * self.cosine)
        return lengths


def write_points(maps: Sequence[Points]) -> bytes:
    """One row per encoder, kind and prompt."""
    parts = []
    for each in maps:
        n = len(each.own)
        tsne = [None, None] if each.tsne is None else list(each.tsne.T)
        parts.append(
            {
                "encoder": np.full(n, each.encoder),
                "kind": [each.kind] * n,
                "prompt": np.arange(n),
                "x": each.own[:, 0],
                "y": each.own[:, 1],
                "shared_x": each.shared[:, 0],
                "shared_y": each.shared[:, 1],
                "moved": each.moved,
                "tsne_x": tsne[0],
                "tsne_y": tsne[1],
                "neighbours": each.neighbours,
                "neighbour_distances": each.near,
            }
        )
    return write_columns(PointRow, parts)


def read_points(content: bytes) -> list[Points]:
    """The inverse of `write_points`."""
    table = read_columns(PointRow, content)
    maps = []
    for part in _parts(table, table["prompt"] == 0):
        tsne = _pairs(part["tsne_x"], part["tsne_y"])
        maps.append(
            Points(
                encoder=int(part["encoder"][0]),
                kind=str(part["kind"][0]),
                own=_pairs(part["x"], part["y"]),
                shared=_pairs(part["shared_x"], part["shared_y"]),
                moved=part["moved"].astype(np.float64),
                tsne=None if np.isnan(tsne).any() else tsne,
                neighbours=part["neighbours"].astype(np.int64),
                near=part["neighbour_distances"].astype(np.float64),
            )
        )
    return maps


def write_distances(squares: Sequence[PairDistances]) -> bytes:
    """One row per encoder, kind and pair of prompts, a before b."""
    parts = []
    for each in squares:
        a, b = np.triu_indices(len(each.cosine), 1)
        parts.append(
            {
                "encoder": np.full(len(a), each.encoder),
                "kind": [each.kind] * len(a),
                "a": a,
                "b": b,
                "cosine": each.cosine[a, b],
                "manhattan": each.manhattan[a, b],
            }
        )
    return write_columns(DistanceRow, parts)


def read_distances(content: bytes) -> list[PairDistances]:
    """The inverse of `write_distances`."""
    table = read_columns(DistanceRow, content)
    squares = []
    # Each triangle begins with its first pair.
    for part in _parts(table, (table["a"] == 0) & (table["b"] == 1)):
        a, b = part["a"], part["b"]
        arrays = []
        for name in ("cosine", "manhattan"):
            square = np.zeros((b.max() + 1, b.max() + 1))
            square[a, b] = square[b, a] = part[name]
            arrays.append(square)
        squares.append(PairDistances(int(part["encoder"][0]), str(part["kind"][0]), *arrays))
    return squares


def _parts(
    table: Mapping[str, NDArray[Any]], firsts: Booleans
) -> Iterator[dict[str, NDArray[Any]]]:
    """The rows from each of the `firsts` to the next one."""
    starts = np.flatnonzero(firsts).tolist()
    for start, stop in zip(starts, [*starts[1:], len(firsts)], strict=True):
        yield {name: values[start:stop] for name, values in table.items()}


def _pairs(x: NDArray[Any], y: NDArray[Any]) -> Floats:
    return np.stack([x, y], 1).astype(np.float64)
