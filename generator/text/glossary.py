"""The terms explained on pages: a tooltip on first use, and a list on the page Methods."""

from typing import NamedTuple


class Term(NamedTuple):
    """A term, its meaning, and the pattern of its uses in prose (without capturing groups)."""

    name: str
    meaning: str
    pattern: str


GLOSSARY = (
    Term(
        "MBW block",
        "Unit of block-weighted merging (MBW): IN00 to OUT11 and MID in Stable Diffusion UNets, "
        "DOUBLE, SINGLE or BLOCK in transformers",
        r"\bMBW(?: blocks?)?\b",
    ),
    Term(
        "REST",
        "Parameters outside the MBW blocks: time and text embeddings, last norm and projection. "
        "Not the BASE of merge tools, which is the text encoder",
        r"\bREST\b",
    ),
    Term(
        "kind",
        "What a parameter does: attn1, attn2, ff, norm, proj, emb, conv or other",
        # The word has other meanings: match only the uses with this one.
        r"\bkinds?\b(?= of parameters| in one block| within blocks|, a block)"
        r"|(?<=[Bb]locks and )kinds\b|(?<=[Bb]lock and )kind\b",
    ),
    Term(
        "denoiser",
        "The network that predicts noise or velocity at each sampling step: "
        "a UNet or a transformer",
        r"\b[Dd]enoisers?\b",
    ),
    Term(
        "L2",
        "Euclidean distance: the square root of the sum of squared differences",
        r"\bL2\b",
    ),
    Term(
        "RMS",
        "Root mean square of the differences: L2 divided by the square root of the number "
        "of weights",
        r"\bRMS\b",
    ),
    Term(
        "residual",
        "Distance from a target to the fitted mix, divided by the largest distance between "
        "two parents",
        r"\b[Rr]esiduals?\b(?! block)",
    ),
    Term(
        "CFG",
        "Classifier-free guidance: the denoiser runs with and without the prompt, "
        "which doubles the batch",
        # On pages, the hyphen of a printed value is a character reference.
        r"\bCFG\b|\b[Cc]lassifier(?:-|&#45;)free guidance\b",
    ),
    Term(
        "FLOP",
        "Floating-point operation; a multiply-add counts as two",
        r"\b[MGTP]?FLOPs?\b",
    ),
    Term(
        "latent",
        "The compressed image that the denoiser works on, 1/8 of the picture's width and height",
        r"\b[Ll]atents?\b(?: images?\b)?",
    ),
)
