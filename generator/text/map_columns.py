"""Columns of tables about prompts and text encoders -> their words; see `columns`."""

from collections.abc import Mapping

from generator.text.columns import Words

NONE_MOVED = "none moved"
FLAT = "all vectors of one of the two are equal"
TOO_FEW = "too few categories, or prompts in them, to tell how well they part"

MAPS: Words = {
    "name": ("Map", "The set of prompts"),
    "group": ("Group", "The group of checkpoints"),
    "prompts": ("Prompts", "Prompts of the set"),
    "checkpoints": ("Checkpoints", "Checkpoints that have an encoder in the map"),
    "encoders": ("Different encoders", "Text encoders that differ from each other"),
    "moved": ("Moved most", "The encoder with the largest mean distance from its reference"),
    "moved_mean": (
        "Mean cosine distance",
        "Of that encoder from its reference, over all prompts",
    ),
}
ENCODERS: Words = {
    "encoder": ("Encoder", "The first place that holds it"),
    "reference": ("Reference", "The encoder that it is compared with"),
    "moved_mean": (
        "Moved, mean",
        "Mean cosine distance of prompts from the same prompts in the reference",
    ),
    "moved_largest": ("Moved, largest", "The largest of them"),
    "cka": ("CKA", "Linear centred kernel alignment with the reference"),
    "procrustes": (
        "Procrustes",
        "Disparity from the reference, after the best rotation and scaling",
    ),
    "silhouette": (
        "Silhouette",
        "How well the categories part: 1 at best, below 0 where they are mixed",
    ),
    "explained": (
        "Two axes",
        "Share of the variance along the two axes of the encoder's own map",
    ),
    "shared": (
        "Reference’s axes",
        "Share of the variance along the two axes of the reference's map",
    ),
    "most_moved": ("Moved most", "The prompts that moved farthest, in order"),
    "network": ("Network", "The released network, and its size"),
    "members": ("Held by", "All places that hold this encoder, bit for bit"),
}
LIKENESSES: Words = {
    "a": ("Encoder", "The first of the two, in the order of the group"),
    "b": ("Other encoder", "The second of the two"),
    "vectors": ("Kind of vectors", "How a vector is made of a prompt"),
    "cka": (
        "CKA",
        "Linear centred kernel alignment: 1 where one space is the other but for rotation and"
        " scale, 0 where nothing of one is in the other",
    ),
    "procrustes": (
        "Procrustes",
        "What is left after the best rotation and scaling of one, as a share of the variance:"
        " 0 where nothing is",
    ),
    "networks": ("Networks", "The released network of each, or of both"),
}
CATEGORY = ("Category", "Category of prompts")


def of_categories(silhouettes: Mapping[str, str]) -> Words:
    """The table of categories; `silhouettes` are the names of the references, by key."""
    several = len(silhouettes) > 1
    return {
        "category": CATEGORY,
        **{
            key: (name if several else "Silhouette", f"Silhouette of the category in {name}")
            for key, name in silhouettes.items()
        },
    }


def of_prompts(moved: Mapping[str, str], nearest: Mapping[str, str]) -> Words:
    """The table of prompts; values are ` in ENCODER` if there are several references, by key."""
    movement = (
        "Cosine distance from the reference to the same prompt in the encoder that moved most"
    )
    neighbours = "The prompts at the smallest cosine distances"
    return {
        "prompt": ("Prompt", "Its text"),
        "category": CATEGORY,
        "tokens": ("Tokens", "Start and end included; two counts where tokenizers differ"),
        **{key: (f"Moved{where}", movement) for key, where in moved.items()},
        **{key: (f"Nearest{where}, in order", neighbours) for key, where in nearest.items()},
    }
