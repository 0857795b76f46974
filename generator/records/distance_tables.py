"""Distances of a pair's tensors <-> a Parquet file; same rows, same bytes."""

import io
from collections.abc import Iterable

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from generator.records import TensorDistance

COLUMNS = pa.schema(
    [
        ("component", pa.string()),
        ("name", pa.string()),
        ("block", pa.string()),
        ("kind", pa.string()),
        ("shape", pa.list_(pa.int64())),
        ("l0", pa.int64()),
        ("l1", pa.float64()),
        ("l2", pa.float64()),
        ("cosine", pa.float64()),
        ("identical", pa.bool_()),
    ]
)


def write_distances(rows: Iterable[TensorDistance]) -> bytes:
    """One row per tensor, in the given order; a distance of None becomes null."""
    table = pa.Table.from_pylist([msgspec.structs.asdict(row) for row in rows], COLUMNS)
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def read_distances(content: bytes) -> tuple[TensorDistance, ...]:
    """The rows that `write_distances` wrote.

    Raises:
        pyarrow.ArrowException: the file is not as written.
    """
    records = pq.read_table(io.BytesIO(content), schema=COLUMNS).to_pylist()
    return tuple(
        TensorDistance(**{**record, "shape": tuple(record["shape"])}) for record in records
    )
