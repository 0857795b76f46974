"""Points, neighbours and distances of prompts <-> Parquet files; same rows, same bytes.

Pages are made from them without torch.
"""

import io
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from generator.records.arrays import Counts, Floats

# Significant digits of stored distances, and decimals of stored coordinates of unit vectors: what
# float32 arithmetic gives alike on different machines.
DIGITS = 5
DECIMALS = 5

# Rows to each (encoder, kind): one per prompt, in order.
POINTS = pa.schema(
    [
        ("encoder", pa.int16()),
        ("kind", pa.string()),
        ("prompt", pa.int32()),
        ("x", pa.float32()),
        ("y", pa.float32()),
        ("shared_x", pa.float32()),
        ("shared_y", pa.float32()),
        ("moved", pa.float32()),
        ("tsne_x", pa.float32()),
        ("tsne_y", pa.float32()),
        ("neighbours", pa.list_(pa.int32())),
        ("neighbour_distances", pa.list_(pa.float32())),
    ]
)
# The upper triangle, row by row. Not the Euclidean distance, which follows from the cosine.
DISTANCES = pa.schema(
    [
        ("encoder", pa.int16()),
        ("kind", pa.string()),
        ("a", pa.int32()),
        ("b", pa.int32()),
        ("cosine", pa.float32()),
        ("manhattan", pa.float32()),
    ]
)


class Points(NamedTuple):
    """The map of one kind of vectors of one encoder, N prompts in order.

    `own` and `shared` (N, 2) are coordinates on the encoder's own axes and on the reference's;
    `tsne` (N, 2) those of the map of neighbourhoods, if there is one. `moved` (N,) is the cosine
    distance to the reference; `neighbours` (N, k) are prompts, at the cosine distances `near`.
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
    tables = []
    for each in maps:
        n = len(each.own)
        own, shared = np.round(each.own, DECIMALS), np.round(each.shared, DECIMALS)
        tsne = [None, None] if each.tsne is None else list(np.round(each.tsne, 3).T)
        columns = {
            "encoder": np.full(n, each.encoder),
            "kind": [each.kind] * n,
            "prompt": np.arange(n),
            "x": own[:, 0],
            "y": own[:, 1],
            "shared_x": shared[:, 0],
            "shared_y": shared[:, 1],
            "moved": round_digits(each.moved),
            "tsne_x": tsne[0],
            "tsne_y": tsne[1],
            "neighbours": list(each.neighbours),
            "neighbour_distances": list(round_digits(each.near)),
        }
        tables.append(_table(columns, POINTS, n))
    return _write(pa.concat_tables(tables))


def read_points(content: bytes) -> list[Points]:
    """The inverse of `write_points`."""
    table = pq.read_table(io.BytesIO(content))
    starts = [row for row, prompt in enumerate(table["prompt"].to_numpy()) if prompt == 0]
    maps = []
    for start, stop in zip(starts, [*starts[1:], len(table)], strict=True):
        part = table.slice(start, stop - start)
        numbers = {name: part[name].to_numpy() for name in POINTS.names if name != "kind"}
        maps.append(
            Points(
                encoder=int(numbers["encoder"][0]),
                kind=part["kind"][0].as_py(),
                own=np.stack([numbers["x"], numbers["y"]], 1).astype(np.float64),
                shared=np.stack([numbers["shared_x"], numbers["shared_y"]], 1).astype(np.float64),
                moved=numbers["moved"].astype(np.float64),
                tsne=None
                if part["tsne_x"].null_count
                else np.stack([numbers["tsne_x"], numbers["tsne_y"]], 1).astype(np.float64),
                neighbours=np.stack(list(numbers["neighbours"])).astype(np.int64),
                near=np.stack(list(numbers["neighbour_distances"])).astype(np.float64),
            )
        )
    return maps


def write_distances(squares: Sequence[PairDistances]) -> bytes:
    """One row per encoder, kind and pair of prompts, a before b."""
    tables = []
    for each in squares:
        a, b = np.triu_indices(len(each.cosine), 1)
        columns = {
            "encoder": np.full(len(a), each.encoder),
            "kind": [each.kind] * len(a),
            "a": a,
            "b": b,
            "cosine": round_digits(each.cosine[a, b]),
            "manhattan": round_digits(each.manhattan[a, b]),
        }
        tables.append(_table(columns, DISTANCES, len(a)))
    return _write(pa.concat_tables(tables))


def read_distances(content: bytes) -> list[PairDistances]:
    """The inverse of `write_distances`."""
    table = pq.read_table(io.BytesIO(content))
    squares = []
    # Each triangle begins with its first pair.
    firsts = (table["a"].to_numpy() == 0) & (table["b"].to_numpy() == 1)
    starts = np.flatnonzero(firsts).tolist()
    for start, stop in zip(starts, [*starts[1:], len(table)], strict=True):
        part = table.slice(start, stop - start)
        a, b = part["a"].to_numpy(), part["b"].to_numpy()
        arrays = []
        for name in ("cosine", "manhattan"):
            square = np.zeros((b.max() + 1, b.max() + 1))
            square[a, b] = square[b, a] = part[name].to_numpy()
            arrays.append(square)
        squares.append(PairDistances(part["encoder"][0].as_py(), part["kind"][0].as_py(), *arrays))
    return squares


def round_digits(values: Floats, digits: int = DIGITS) -> Floats:
    """Values rounded to that many significant digits; only 0 becomes 0."""
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(np.where(values == 0, 1, np.abs(values)))))
    rounded: Floats = np.round(values * scale) / scale
    return rounded


def _table(columns: Mapping[str, object], schema: pa.Schema, n: int) -> pa.Table:
    arrays = [
        pa.nulls(n, field.type)
        if columns[field.name] is None
        else pa.array(columns[field.name], from_pandas=False).cast(field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def _write(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", compression_level=9)
    return buffer.getvalue()
