"""Codes of anomalies -> what each means for a checkpoint's user, and the sentence about one
checkpoint."""

from typing import NamedTuple


class AnomalyText(NamedTuple):
    """`meaning` holds for any checkpoint; `sentence` is filled with the fields of one anomaly.
    `title` is set if the code does not read as a title."""

    meaning: str
    sentence: str
    title: str = ""


# The most serious first.
ANOMALIES = {
    "bad_checksum": AnomalyText(
        "The zip archive states a CRC-32 for each member, and the bytes have another: the "
        "file was damaged after it was written",
        "The bytes of these members do not match their CRC-32.",
    ),
    "not_finite": AnomalyText(
        "Values are NaN or infinite: images come out black or broken. Such a tensor has no "
        "norm and is compared with nothing",
        "{nans} values are NaN and {infinities} infinite; these tensors are not compared.",
        title="NaN or infinite",
    ),
    "damaged_position_ids": AnomalyText(
        "CLIP's table of positions no longer counts 0 to 76, usually from a merge in low "
        "precision: some words are read at another word's place",
        "{wrong} of CLIP's position ids are wrong, at {places}: tokens there get the position"
        " of others.",
    ),
    "unknown_network": AnomalyText(
        "A component is not exactly one of the known networks; the nearest one is named, with"
        " the weights that are missing or extra",
        "The nearest known network is {nearest}: {missing} weights are missing, {extra} are extra.",
    ),
    "other_shapes": AnomalyText(
        "The names are those of a known network, some shapes are not: a wider, narrower or "
        "inpainting variant",
        "Layer shapes differ from {network}: {differences}.",
    ),
    "missing_component": AnomalyText(
        "The model cannot be used by itself: a component has to come from elsewhere",
        "The {component} is missing and has to come from another file.",
    ),
    "duplicate_weight": AnomalyText(
        "The same weight is held under two names; the second is not counted",
        "These tensors repeat weights that other tensors hold.",
    ),
    "shared_storage": AnomalyText(
        "Tensors lie on the same bytes of the file; each is counted, the bytes once",
        "These tensors share bytes with earlier ones.",
    ),
    "unmeasured_dtype": AnomalyText(
        "Tensors of this dtype are listed; their values are neither hashed nor measured nor "
        "compared",
        "Tensors of {dtype} are listed but not measured.",
    ),
    "mixed_dtypes": AnomalyText(
        "The weights of one component have several dtypes",
        "The weights have several dtypes: {dtypes}.",
        title="Several dtypes",
    ),
    "truncated_precision": AnomalyText(
        "Every value fits a coarser dtype than the one it is stored in: the weights went "
        "through it once, and the file is larger than what it holds",
        "Stored as {dtype}, but no value is finer than {fits}.",
    ),
    "all_zero": AnomalyText(
        "A weight holds nothing but zeros: it was never trained, or was lost",
        "These tensors hold only zeros.",
    ),
    "ema": AnomalyText(
        "A second copy of the denoiser, averaged over training (EMA), makes the file larger; "
        "programs that make images do not need it",
        "A second, averaged copy of the denoiser (EMA) takes {nbytes} bytes.",
        title="EMA copy",
    ),
    "optimizer_state": AnomalyText(
        "State of the optimiser is left over from training; only training goes on from it",
        "Optimizer state left over from training takes {nbytes} bytes.",
    ),
}


def anomaly_title(code: str) -> str:
    """The code of an anomaly in words: `Other shapes`."""
    return ANOMALIES[code].title or code.replace("_", " ").capitalize()
