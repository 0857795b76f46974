"""The lineage of a component -> whether it is an answer."""

from generator.records import Lineage

# The relations of models whose origin is known.
CLAIMS = frozenset({"descends", "mix", "near"})


def is_telling(lineage: Lineage) -> bool:
    """Whether the origin of at least half of the models is known, roots aside."""
    others = [node.relation for node in lineage.nodes if node.relation != "root"]
    return 2 * sum(relation in CLAIMS for relation in others) >= len(others)
