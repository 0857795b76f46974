"""Vectors of prompts -> distances, principal axes, and the similarity of two encoders' spaces.

All in float64. Vectors have length 1, one row per prompt, the same prompts in every encoder.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.embeddings.encoding import Vectors
from generator.records.arrays import Counts, Floats

# Rows compared with all others at a time: 512 x 10,000 distances are 41 MB.
ROWS = 512
# Additional candidates for neighbours, because products are inaccurate for near ones.
SPARE = 8


class Distances(NamedTuple):
    """Between all pairs of N prompts: N x N each, symmetric, exactly 0 for equal vectors."""

    cosine: Floats
    manhattan: Floats


class Neighbours(NamedTuple):
    """For each of N prompts, the `k` nearest others, the nearest first; ties by row.

    `prompts` (N, k) are their rows, `cosine` (N, k) the cosine distances.
    """

    prompts: Counts
    cosine: Floats


class Basis(NamedTuple):
    """Two principal axes: `mean` (d,), `axes` (2, d), and the share of the variance along each."""

    mean: Floats
    axes: Floats
    explained: tuple[float, float]


def distances(vectors: Vectors) -> Distances:
    """Cosine distance 1 - <a,b> and Manhattan distance sum |a-b|, from differences.

    The cosine distance is computed as |a-b|^2 / 2, which is equal for vectors of length 1 and
    exactly 0 for equal ones; the Euclidean distance follows from it.
    """
    wide = vectors.astype(np.float64)
    cosine, manhattan = (np.zeros((len(wide), len(wide))) for _ in range(2))
    for row in range(len(wide) - 1):
        others = slice(row + 1, None)
        apart = wide[others] - wide[row]
        cosine[row, others] = cosine[others, row] = np.einsum("nd,nd->n", apart, apart) / 2
        np.abs(apart, out=apart)
        manhattan[row, others] = manhattan[others, row] = apart.sum(1)
    return Distances(cosine, manhattan)


def moved(vectors: Vectors, reference: Vectors) -> Floats:
    """Cosine distance between each prompt in one encoder and the same prompt in another, (N,)."""
    apart = vectors.astype(np.float64) - reference
    squared: Floats = np.einsum("nd,nd->n", apart, apart)
    return squared / 2


def neighbours(vectors: Vectors, k: int) -> Neighbours:
    """The nearest prompts by cosine distance; `k` is less than the number of prompts."""
    n = len(vectors)
    wide = vectors.astype(np.float64)
    candidates = min(k + SPARE, n - 1)
    found: NDArray[np.int64] = np.empty((n, k), np.int64)
    apart = np.empty((n, k))
    for start in range(0, n, ROWS):
        rows = wide[start : start + ROWS]
        products = rows @ wide.T
        own = np.arange(len(rows))
        products[own, start + own] = -np.inf
        near = np.argpartition(-products, candidates - 1)[:, :candidates]
        for row, others in enumerate(near):
            others = np.sort(others)
            difference = wide[others] - rows[row]
            cosine = np.einsum("nd,nd->n", difference, difference) / 2
            order = np.argsort(cosine, kind="stable")[:k]
            found[start + row], apart[start + row] = others[order], cosine[order]
    return Neighbours(found, apart)


def principal_axes(vectors: Vectors) -> Basis:
    """The two axes of the largest variance (Pearson 1901), by singular value decomposition.

    The largest component of an axis is positive (of several, the first), so that the same vectors
    give the same map. Axes without variance are zero.
    """
    wide = vectors.astype(np.float64)
    mean = wide.mean(0)
    _, singular, axes = np.linalg.svd(wide - mean, full_matrices=False)
    variance = singular**2
    axes, total = axes[:2], variance.sum()
    # If all vectors are equal, the rest is rounding error.
    axes = np.where(variance[:2, None] > total * 1e-20, axes, 0)
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(1)])
    padded = np.zeros((2, wide.shape[1]))
    padded[: len(axes)] = axes * signs[:, None]
    shares = np.zeros(2)
    shares[: len(axes)] = variance[:2] / total if total > 0 else 0
    return Basis(mean, padded, (float(shares[0]), float(shares[1])))


def project(vectors: Vectors, basis: Basis) -> Floats:
    """Coordinates on the two axes, (N, 2)."""
    points: Floats = (vectors - basis.mean) @ basis.axes.T
    return points


def explained(vectors: Vectors, basis: Basis) -> float:
    """The share of the variance of `vectors` that lies in the plane of `basis`; 0 if all equal."""
    total = float(((vectors - vectors.mean(0, dtype=np.float64)) ** 2).sum())
    points = project(vectors, basis)
    share = float(((points - points.mean(0)) ** 2).sum()) / total if total > 0 else 0.0
    return min(share, 1.0)


def scores(vectors: Vectors) -> Floats:
    """Centred vectors, rotated into min(N, d) dimensions and scaled to Frobenius norm 1.

    Everything that is invariant to rotation and scale can be computed from them.
    """
    centred = vectors - vectors.mean(0, dtype=np.float64)
    n, width = centred.shape
    if width > n:
        left, singular, _ = np.linalg.svd(centred, full_matrices=False)
        centred = left * singular
    length = float(np.linalg.norm(centred))
    result: Floats = centred / length if length > 0 else centred
    return result


def alignment(a: Floats, b: Floats) -> float:
    """Linear centred kernel alignment of two `scores` (Kornblith et al. 2019, section 3), 0 to 1.

    |A^T B|^2 / (|A^T A| |B^T B|), Frobenius norms: 1 if the spaces are equal up to rotation,
    reflection and scale. NaN if all vectors of one are equal.
    """
    scale = np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b)
    return min(float(np.linalg.norm(a.T @ b) ** 2 / scale), 1.0) if scale > 0 else float("nan")


def procrustes(a: Floats, b: Floats) -> float:
    """Procrustes disparity: the squared distance of two `scores` after the best rotation and
    scaling of one, 0 to 1.

    1 - (nuclear norm of A^T B)^2, as in SciPy's `procrustes`; the narrower space counts as a
    subspace of the wider one. NaN if all vectors of one are equal.
    """
    if not a.any() or not b.any():
        return float("nan")
    nuclear = float(np.linalg.svd(a.T @ b, compute_uv=False).sum())
    return min(max(0.0, 1 - nuclear**2), 1.0)
