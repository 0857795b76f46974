"""What the lineage of a component claims of its models -> sentences, the same on all pages."""

from collections import Counter

from markupsafe import Markup

from generator.records import Lineage
from generator.text import numbers
from generator.text.filling import Naming, fill, joined
from generator.text.words import COMPONENTS

# How many models have each relation, in the order of what is claimed; for one and for many.
RELATIONS = {
    "root": ("{names} is the root", "{names} are roots"),
    "descends": ("1 descends from another", "{count} descend from another"),
    "mix": ("1 is a mix", "{count} are mixes"),
    "near": ("1 equals another but for rounding", "{count} equal another but for rounding"),
    "related": ("1 is related, order unknown", "{count} are related, order unknown"),
    "unrelated": ("{names} is unrelated", "{names} are unrelated"),
}
MOST_NAMES = 3


def relations_sentence(component: str, lineage: Lineage, name: Naming) -> Markup:
    """How many models of a component are roots, descend, are mixes, and so on."""
    one, many = COMPONENTS.get(component, (component, component))
    counts: Counter[str] = Counter(node.relation for node in lineage.nodes)
    parts = [
        fill(
            RELATIONS[relation][counts[relation] > 1],
            count=numbers.grouped(counts[relation]),
            names=joined(
                [node.name for node in lineage.nodes if node.relation == relation],
                name,
                MOST_NAMES,
            ),
        )
        for relation in RELATIONS
        if counts[relation]
    ]
    models = len(lineage.nodes)
    start = fill("{count} different {what}: ", count=models, what=one if models == 1 else many)
    return start + Markup("; ").join(parts) + "."
