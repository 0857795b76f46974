"""Columns of tables -> their titles, the help shown on hover, and why a value is missing."""

from collections.abc import Iterable, Mapping

from generator.networks.tables import read_table
from generator.text.words import begun, component_title

# Key of a column -> its title and help.
Words = dict[str, tuple[str, str]]

NO_WEIGHTS = "it holds no weights"
UNKNOWN_KIND = "neither names nor classes of its parameters tell"
NO_INPUT = "not among the inputs of this network"
NO_ELEMENTS = "it has no elements"
NO_COSINE = "one of the two is zero"
NO_SHARE = "nothing differs, or nothing could be compared"
NOT_COMPARABLE = "not comparable"
NOT_IN_BOTH = "not in both, or not comparable"
NO_ANOMALIES = "none were found"
NO_NETWORK = "matches no known network"
NO_LAYOUT = "matches no known layout"
NONE_MOVED = "none moved"
FLAT = "all vectors of one of the two are equal"
TOO_FEW = "too few categories, or prompts in them, to tell how well they part"

NO_MODALITY = "not stated in the catalogue"
NO_SOURCE = "no source in the catalogue"
NO_PICTURE = "none, or unknown"

TABLES = read_table("text", "columns.toml", dict[str, Words])
# Titles of groups of columns, by table and key.
GROUPS = {
    "networks": {
        "size": "Size",
        "cost": "Cost of one step",
        "identity": "What it is",
        "parts": "Blocks and kinds",
        "inputs": "Inputs",
        "torchinfo": "By torchinfo",
    }
}


def of(*tables: str) -> Words:
    """The columns of all of `tables`; for the same key, those of the last."""
    return {key: words for name in tables for key, words in TABLES[name].items()}


def of_pairs(components: Iterable[str]) -> Words:
    """The table of pairs, with the distances of some components."""
    distances = {
        f"{component}_{measure}": (f"{begun(component_title(component))}, {title}", help_)
        for component in components
        for measure, (title, help_) in TABLES["pair_distances"].items()
    }
    return TABLES["pairs"] | distances


def of_categories(silhouettes: Mapping[str, str]) -> Words:
    """The table of categories; `silhouettes` are the names of the references, by key."""
    several = len(silhouettes) > 1
    found = {
        key: (name if several else "Silhouette", f"Silhouette of the category in {name}")
        for key, name in silhouettes.items()
    }
    return TABLES["prompts"] | found


def of_prompts(moved: Mapping[str, str], nearest: Mapping[str, str]) -> Words:
    """The table of prompts; values are ` in ENCODER` if there are several references, by key."""
    (movement, moved_help), (neighbours, near_help) = TABLES["of_references"].values()
    return (
        TABLES["prompts"]
        | {key: (movement.format(where=where), moved_help) for key, where in moved.items()}
        | {key: (neighbours.format(where=where), near_help) for key, where in nearest.items()}
    )


def of_members(bases: Mapping[str, str], component: str = "") -> Words:
    """The members of a group; `bases` are the names of those that distances are from, by
    component. Where the one `component` comes from is told, too."""
    distances = {
        f"{name}_l2": (begun(component_title(name)), f"L2 distance from {base}")
        for name, base in bases.items()
    }
    title, help_ = TABLES["members"]["origin"]
    origin = (title.format(component=component_title(component)), help_)
    return TABLES["members"] | distances | {"origin": origin}


def of_history(component: str) -> Words:
    """A known history, and what was found from one component."""
    title, help_ = TABLES["history"]["found"]
    found = (title.format(component=component_title(component)), help_)
    return TABLES["history"] | {"found": found}
