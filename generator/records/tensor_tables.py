"""Rows of a checkpoint's tensors <-> a Parquet file; same rows, same bytes."""

import io
from collections.abc import Sequence

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from generator.records import Figures, TensorRow

COLUMNS = pa.schema(
    [
        ("component", pa.string()),
        ("name", pa.string()),
        ("block", pa.string()),
        ("kind", pa.string()),
        ("is_weight", pa.bool_()),
        ("dtype", pa.string()),
        ("shape", pa.list_(pa.int64())),
        ("nbytes", pa.int64()),
        ("source", pa.string()),
        ("form", pa.string()),
        ("blake3", pa.string()),
        ("norm", pa.float64()),
        ("mean", pa.float64()),
        ("std", pa.float64()),
        ("minimum", pa.float64()),
        ("maximum", pa.float64()),
        ("nans", pa.int64()),
        ("infinities", pa.int64()),
        ("fraction_bits", pa.int32()),
    ]
)
FIGURES = Figures.__struct_fields__


def write_table(rows: Sequence[TensorRow]) -> bytes:
    """One row per weight; each figure is a column, null if it is None."""
    records = []
    for row in rows:
        record = msgspec.structs.asdict(row)
        figures = record.pop("figures")
        record |= msgspec.structs.asdict(figures) if figures else dict.fromkeys(FIGURES)
        records.append(record)
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records, COLUMNS), buffer, compression="zstd")
    return buffer.getvalue()


def read_table(content: bytes) -> tuple[TensorRow, ...]:
    """The rows that `write_table` wrote."""
    rows = []
    for record in pq.read_table(io.BytesIO(content)).to_pylist():
        figures = {name: record.pop(name) for name in FIGURES}
        measured = figures["nans"] is not None
        rows.append(
            TensorRow(
                **{**record, "shape": tuple(record["shape"])},
                figures=Figures(**figures) if measured else None,
            )
        )
    return tuple(rows)
