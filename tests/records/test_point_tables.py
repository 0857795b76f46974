"""Points and distances through Parquet and back."""

import io

import numpy as np
import pyarrow.parquet as pq
import pytest

from generator.records.point_tables import (
    PairDistances,
    Points,
    read_distances,
    read_points,
    write_distances,
    write_points,
)


def points(encoder, kind, tsne, n=5, seed=0):
    rng = np.random.default_rng(seed)
    return Points(
        encoder=encoder,
        kind=kind,
        own=rng.uniform(-1, 1, (n, 2)),
        shared=rng.uniform(-1, 1, (n, 2)),
        moved=rng.uniform(0, 1e-6, n),
        tsne=rng.uniform(-50, 50, (n, 2)) if tsne else None,
        neighbours=rng.integers(0, n, (n, 3)),
        near=rng.uniform(0, 2, (n, 3)),
    )


def test_points_come_back_whole():
    maps = [points(0, "last", True), points(0, "flattened", False), points(3, "last", False)]
    content = write_points(maps)
    assert content == write_points(maps)
    for one, other in zip(maps, read_points(content), strict=True):
        assert (other.encoder, other.kind) == (one.encoder, one.kind)
        np.testing.assert_array_equal(other.own, one.own.astype(np.float32))
        np.testing.assert_array_equal(other.shared, one.shared.astype(np.float32))
        np.testing.assert_array_equal(other.moved, one.moved.astype(np.float32))
        np.testing.assert_array_equal(other.neighbours, one.neighbours)
        np.testing.assert_array_equal(other.near, one.near.astype(np.float32))
        assert (other.tsne is None) == (one.tsne is None)
    np.testing.assert_array_equal(read_points(content)[0].tsne, maps[0].tsne.astype(np.float32))


def test_distances_come_back_whole():
    rng = np.random.default_rng(0)
    squares = []
    for encoder, kind in ((0, "last"), (2, "last"), (0, "pooled")):
        upper = np.triu(rng.uniform(0, 2, (2, 6, 6)), 1)
        upper[:, 0, 5] = 0
        squares.append(PairDistances(encoder, kind, *(upper + upper.transpose(0, 2, 1))))
    for one, other in zip(squares, read_distances(write_distances(squares)), strict=True):
        assert (other.encoder, other.kind) == (one.encoder, one.kind)
        # |a-b|^2 = 2 - 2<a,b> for vectors of length 1.
        np.testing.assert_allclose(other.euclidean, np.sqrt(2 * one.cosine), rtol=6e-8)
        for name in ("cosine", "manhattan"):
            np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=6e-8)
            assert getattr(other, name)[0, 5] == 0


def test_columns_are_as_narrow_as_their_values():
    """As another library reads them."""
    schema = pq.read_schema(io.BytesIO(write_points([points(0, "last", False)])))
    assert {field.name: str(field.type) for field in schema} == {
        "encoder": "int16",
        "kind": "string",
        "prompt": "int32",
        **dict.fromkeys(("x", "y", "shared_x", "shared_y", "moved", "tsne_x", "tsne_y"), "float"),
        "neighbours": "list<element: int32>",
        "neighbour_distances": "list<element: float>",
    }


def test_lists_of_several_lengths_are_refused():
    few, many = (points(0, kind, False, n=n) for kind, n in (("last", 5), ("flattened", 5)))
    few = few._replace(neighbours=few.neighbours[:, :2], near=few.near[:, :2])
    with pytest.raises(ValueError, match="several lengths"):
        read_points(write_points([few, many]))
