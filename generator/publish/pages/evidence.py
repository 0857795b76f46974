"""A finding -> the section of its page that it follows from."""

from collections.abc import Collection, Mapping

from markupsafe import Markup

from generator.records import Record

# Of the first of these sections that is there, by the kind of a finding; see `Finding.kind`.
OF_GROUPS: Mapping[str, tuple[str, ...]] = {
    "merge": ("merges",),
    "merge by block": ("merges",),
    "add difference": ("merges",),
    "interpolation": ("merges",),
    "between": ("merges",),
    "difference of any": ("merges",),
    "line": ("lineage", "distances"),
    "declared otherwise": ("declared",),
    "declared weights": ("declared",),
    "chain": ("lineage",),
    "unrelated": ("lineage", "clusters"),
    "same in all": ("members",),
    "different ones": ("members",),
    "copies": ("clusters", "members"),
    "decoder only": ("lineage", "members"),
    "one part changed": ("by-kind", "members"),
    "partly changed": ("by-kind", "members"),
    "all changed": ("by-kind", "members"),
    "concentrated in block": ("blocks", "downloads"),
    "concentrated in kind": ("downloads",),
    "no geometry": ("members",),
}
OF_PAIRS: Mapping[str, tuple[str, ...]] = {
    "same": ("components",),
    "same in both": ("components",),
    "unrelated": ("components",),
    "precision": ("components",),
    "identical": ("components",),
    "decoder only": ("blocks",),
    "one part changed": ("blocks",),
    "partly changed": ("tensors",),
    "all changed": ("tensors",),
    "concentrated in block": ("blocks",),
    "concentrated in kind": ("blocks",),
    "renamed": ("components",),
    "EMA left out": ("apart",),
    "EMA is the model": ("components",),
    "only in one": ("apart",),
    "tables left out": ("apart",),
    "reshaped": ("shapes", "components"),
}
TITLES: Mapping[str, str] = {
    "merges": "Merges",
    "declared": "What files say",
    "lineage": "Lineage",
    "distances": "Distances",
    "clusters": "Clusters",
    "members": "Members",
    "by-kind": "By kind",
    "blocks": "Blocks",
    "downloads": "Downloads",
    "components": "Components",
    "tensors": "Tensors",
    "apart": "What only one has",
    "shapes": "Other shapes",
}


class Told(Record, frozen=True, kw_only=True):
    """The sentence of a finding, and the section with its evidence: its anchor and its title."""

    sentence: Markup
    anchor: str
    title: str


def told(
    sentence: Markup, kind: str, evidence: Mapping[str, tuple[str, ...]], sections: Collection[str]
) -> Told:
    """`sentence` with the first section of those that are there; `sections` are their anchors."""
    anchor = next(each for each in (*evidence[kind], *sections) if each in sections)
    return Told(sentence=sentence, anchor=anchor, title=TITLES.get(anchor, anchor))
