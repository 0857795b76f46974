"""A finding -> the section of its page with the evidence."""

from collections.abc import Collection, Iterable, Mapping

from markupsafe import Markup

from generator.records import Record

TITLES: Mapping[str, str] = {
    "merges": "Merges",
    "declared": "Recipes in metadata",
    "lineage": "Lineage",
    "distances": "Distances",
    "clusters": "Clusters",
    "members": "Members",
    "by-kind": "By kind",
    "blocks": "Blocks",
    "downloads": "Downloads",
    "components": "Components",
    "tensors": "Tensors",
    "apart": "Only in one",
    "shapes": "Different shapes",
}


class Told(Record, frozen=True, kw_only=True):
    """The sentence of a finding, and the anchor and title of the section with its evidence."""

    sentence: Markup
    anchor: str
    title: str


def told(sentence: Markup, evidence: Iterable[str], sections: Collection[str]) -> Told:
    """`sentence` with the first section in `evidence` that the page has."""
    anchor = next(each for each in (*evidence, *sections) if each in sections)
    return Told(sentence=sentence, anchor=anchor, title=TITLES.get(anchor, anchor))
