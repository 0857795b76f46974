"""Results of the analysis of one component of a group."""

from typing import NamedTuple

from generator.records import History, IdentityClass, Lineage, Recipe


class Explained(NamedTuple):
    """Lineage, recipes, identities and history of one component."""

    name: str
    lineage: Lineage | None
    recipes: tuple[Recipe, ...]
    identities: tuple[IdentityClass, ...]
    history: History | None = None
