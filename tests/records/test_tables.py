"""Rows of records survive their file: missing stays missing, and zero stays zero."""

import asyncio
import io
import tempfile
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.records import Figures, TensorDistance, TensorRow
from generator.records.tables import read_rows, write_rows

finite = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
sizes = st.integers(0, 2**40)
rows = st.builds(
    TensorDistance,
    name=texts,
    component=texts,
    block=texts,
    kind=texts,
    shape=st.lists(sizes, max_size=4).map(tuple),
    l0=st.none() | sizes,
    l1=st.none() | finite,
    l2=st.none() | finite,
    cosine=st.none() | st.floats(-1, 1),
    identical=st.booleans(),
)


@settings(deadline=None)
@given(st.lists(rows, max_size=5))
def test_what_is_written_is_read(table):
    content = write_rows(TensorDistance, table)
    assert read_rows(TensorDistance, content) == tuple(table)
    assert write_rows(TensorDistance, table) == content


def test_tables_are_read_where_an_event_loop_runs():
    """As in the cell of a notebook; in a thread, because other tests leave such a loop in ours."""
    content = write_rows(TensorRow, [])

    async def cell():
        return read_rows(TensorRow, content)

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(lambda: asyncio.run(cell())).result() == ()


def test_a_disk_that_cannot_be_written_is_no_damaged_table(monkeypatch, tmp_path):
    content = write_rows(TensorRow, [])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(OSError, match="nowhere"):
        read_rows(TensorRow, content)


@settings(deadline=None)
@given(st.lists(rows, max_size=5))
def test_another_library_reads_the_same(table):
    """And what it writes is read here: committed tables of an older version were written by it."""
    content = write_rows(TensorDistance, table)
    read = pq.read_table(io.BytesIO(content))
    expected = [msgspec.structs.asdict(row) | {"shape": list(row.shape)} for row in table]
    assert read.to_pylist() == expected
    rewritten = io.BytesIO()
    pq.write_table(read, rewritten)
    assert read_rows(TensorDistance, rewritten.getvalue()) == tuple(table)


@pytest.mark.parametrize("content", [b"", b"x" * 100, b"PAR1" * 10])
def test_what_is_not_parquet_is_refused(content):
    with pytest.raises(ValueError, match="not a Parquet file"):
        read_rows(TensorDistance, content)


def test_missing_is_null_and_zero_is_zero():
    nothing = dict.fromkeys(("l0", "l1", "l2", "cosine"))
    zero = {"l0": 0, "l1": 0.0, "l2": 0.0, "cosine": 1.0}
    same = {"name": "a", "component": "vae", "block": "REST", "kind": "conv", "shape": ()}
    table = [
        TensorDistance(**same, **nothing, identical=False),
        TensorDistance(**same, **zero, identical=True),
    ]
    columns = pq.read_table(io.BytesIO(write_rows(TensorDistance, table))).to_pydict()
    assert columns["l2"] == [None, 0.0]
    assert columns["l0"] == [None, 0]
    assert columns["cosine"] == [None, 1.0]


FIGURES = dict.fromkeys(("norm", "mean", "std", "minimum", "maximum", "fraction_bits"))
TENSOR = {
    "component": "vae",
    "name": "a",
    "block": "REST",
    "kind": "conv",
    "is_weight": True,
    "dtype": "float16",
    "shape": (2, 3),
    "nbytes": 12,
    "source": "b",
    "form": "same",
    "quantisation": "",
    "blake3": None,
}


def test_a_nested_record_that_is_none_is_not_one_of_nothing():
    nan = Figures(**FIGURES, nans=1, infinities=0)
    table = (TensorRow(**TENSOR, figures=None), TensorRow(**TENSOR, figures=nan))
    content = write_rows(TensorRow, table)
    assert read_rows(TensorRow, content) == table
    columns = pq.read_table(io.BytesIO(content))
    # Names and types that other programs read.
    assert {field.name: str(field.type) for field in columns.schema} == {
        **dict.fromkeys(("component", "name", "block", "kind"), "string"),
        "is_weight": "bool",
        **dict.fromkeys(("dtype", "source", "form", "quantisation", "blake3"), "string"),
        "shape": "list<element: int64>",
        "nbytes": "int64",
        **dict.fromkeys(("norm", "mean", "std", "minimum", "maximum"), "double"),
        **dict.fromkeys(("nans", "infinities"), "int64"),
        "fraction_bits": "int32",
    }


def test_rows_of_another_kind_are_refused():
    content = write_rows(TensorRow, [TensorRow(**TENSOR, figures=None)])
    with pytest.raises(ValueError, match="not those of a TensorDistance"):
        read_rows(TensorDistance, content)


def test_a_file_that_is_cut_short_is_refused_and_nothing_is_printed(capfd):
    content = write_rows(TensorDistance, [])
    for length in range(len(content)):
        with pytest.raises(ValueError, match="cut short"):
            read_rows(TensorDistance, content[:length])
    # A panic of the Rust code would print from outside of Python.
    assert capfd.readouterr().err == ""


def test_a_damaged_table_never_ends_the_process():
    """Of 20 of these, arro3's synchronous reader does: whoever damaged it can seal it, too."""
    one = TensorDistance(
        component="denoiser",
        name="",
        block="IN01",
        kind="attn1",
        shape=(),
        l0=1,
        l1=1.0,
        l2=None,
        cosine=None,
        identical=False,
    )
    content = write_rows(TensorDistance, [one])
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    refused = 0
    # The lowest bit of a number in the footer is its sign; it begins with numbers and ends with the
    # schema once more.
    for place in range(footer, (footer + len(content)) // 2):
        damaged = bytearray(content)
        damaged[place] ^= 1
        try:
            read_rows(TensorDistance, bytes(damaged))
        except ValueError:
            refused += 1
    assert refused > 100
