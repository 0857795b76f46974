"""Ids of the ways of making a vector of a prompt -> their labels and descriptions."""

from typing import NamedTuple


class VectorText(NamedTuple):
    """A label, and the end of a sentence."""

    label: str
    description: str


VECTORS = {
    "last": VectorText(
        "Last layer",
        "the last layer's hidden state at the end token, after the final norm. Stable Diffusion 1"
        " and 2 pass these states to the denoiser; the end token has seen the whole prompt",
    ),
    "clip-skip-2": VectorText(
        "Clip skip 2",
        "the hidden state of the layer before the last, with the final norm: what web UIs call clip"
        " skip 2",
    ),
    "penultimate": VectorText(
        "Penultimate layer",
        "the hidden state of the layer before the last, without the final norm: what SDXL uses",
    ),
    "pooled": VectorText(
        "Pooled, projected",
        "the last layer at the end token, after norm and projection: SDXL's second condition. An"
        " encoder without a projection uses the last layer instead",
    ),
    "flattened": VectorText(
        "Whole sequence",
        "the last layer's hidden states at all 77 positions, padding included, one after the other",
    ),
}


def vectors_title(kind: str) -> str:
    """The label of a kind: `Whole sequence`."""
    return VECTORS[kind].label
