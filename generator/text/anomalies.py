"""The codes of anomalies, and what each means for whoever uses the checkpoint."""

ANOMALY_CODES = {
    "bad_checksum": "The zip archive states a CRC-32 for each member, and the bytes have another:"
    " the file was damaged after it was written",
    "not_finite": "Values are NaN or infinite: images come out black or broken. Such a tensor has"
    " no norm and is compared with nothing",
    "damaged_position_ids": "CLIP's table of positions no longer counts 0 to 76, usually from a"
    " merge in low precision: some words are read at another word's place",
    "unknown_network": "A component is not exactly one of the known networks; the nearest one is"
    " named, with the weights that are missing or extra",
    "other_shapes": "The names are those of a known network, some shapes are not: a wider,"
    " narrower or inpainting variant",
    "missing_component": "The model cannot be used by itself: a component has to come from"
    " elsewhere",
    "duplicate_weight": "The same weight is held under two names; the second is not counted",
    "shared_storage": "Tensors lie on the same bytes of the file; each is counted, the bytes once",
    "unmeasured_dtype": "Tensors of this dtype are listed; their values are neither hashed nor"
    " measured nor compared",
    "mixed_dtypes": "The weights of one component have several dtypes",
    "truncated_precision": "Every value fits a coarser dtype than the one it is stored in: the"
    " weights went through it once, and the file is larger than what it holds",
    "all_zero": "A weight holds nothing but zeros: it was never trained, or was lost",
    "ema": "A second copy of the denoiser, averaged over training (EMA), doubles the size; programs"
    " that make images do not need it",
    "optimizer_state": "State of the optimiser is left over from training; only training goes on"
    " from it",
}
