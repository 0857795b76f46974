"""Vectors and categories of prompts -> silhouettes, and a map of neighbourhoods."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sklearn import config_context
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_samples
from threadpoolctl import threadpool_limits

from generator.embeddings.encoding import Vectors
from generator.records.arrays import Floats

# With fewer prompts, neighbourhoods are not meaningful.
FEWEST_FOR_TSNE = 50
PERPLEXITY = 30
# Vectors are rounded first, because t-SNE amplifies differences in the last bits.
DECIMALS = 5
# MiB of distances at a time: scikit-learn's own 1024 would be most of the memory of a large map.
WORKING_MEMORY = 128


class Silhouette(NamedTuple):
    """Means of the silhouette coefficient over all prompts, and over those of each category."""

    mean: float
    categories: dict[str, float]


def silhouette(vectors: Vectors, categories: Sequence[str]) -> Silhouette | None:
    """Rousseeuw's silhouette (1987) under cosine distance, from -1 to 1.

    1: every prompt is close to its own category; 0: between two categories; below 0: closer to
    another. None for a single category, or if each category has one prompt.
    """
    labels = np.asarray(categories)
    names = list(dict.fromkeys(categories))
    if not 2 <= len(names) < len(labels):
        return None
    with config_context(working_memory=WORKING_MEMORY):
        samples = silhouette_samples(vectors.astype(np.float64), labels, metric="cosine")
    return Silhouette(
        float(samples.mean()), {name: float(samples[labels == name].mean()) for name in names}
    )


def neighbourhood_map(vectors: Vectors, start: Floats) -> Floats | None:
    """t-SNE (van der Maaten & Hinton 2008) to two dimensions from the points `start`, (N, 2).

    Only neighbourhoods are meaningful, not distances or directions. With a fixed seed, a fixed
    start and one thread, the same vectors give the same map on the same machine. None for fewer
    prompts than `FEWEST_FOR_TSNE`.
    """
    n = len(vectors)
    if n < FEWEST_FOR_TSNE:
        return None
    spread = float(start[:, 0].std()) or 1.0
    # The scale that scikit-learn uses for its own start.
    method = TSNE(
        perplexity=min(PERPLEXITY, (n - 1) / 3),
        init=(start / spread * 1e-4).astype(np.float32),
        random_state=0,
    )
    # Sums of several threads differ from run to run.
    with threadpool_limits(limits=1):
        points: Floats = method.fit_transform(np.round(vectors, DECIMALS)).astype(np.float64)
    return points
