"""Distances of tensors survive their file: missing stays missing, and zero stays zero."""

import io

import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.records import TensorDistance
from generator.records.distance_tables import read_distances, write_distances

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
    content = write_distances(table)
    assert read_distances(content) == tuple(table)
    assert write_distances(table) == content


def test_missing_is_null_and_zero_is_zero():
    nothing = dict.fromkeys(("l0", "l1", "l2", "cosine"))
    zero = {"l0": 0, "l1": 0.0, "l2": 0.0, "cosine": 1.0}
    same = {"name": "a", "component": "vae", "block": "BASE", "kind": "conv", "shape": ()}
    table = [
        TensorDistance(**same, **nothing, identical=False),
        TensorDistance(**same, **zero, identical=True),
    ]
    columns = pq.read_table(io.BytesIO(write_distances(table))).to_pydict()
    assert columns["l2"] == [None, 0.0]
    assert columns["l0"] == [None, 0]
    assert columns["cosine"] == [None, 1.0]
