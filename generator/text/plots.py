"""What figures for papers and chats say: titles, axes and keys, filled with names and numbers."""

from collections.abc import Sequence

from generator.records import Lineage, NamedRecipe
from generator.text.lineage_lines import RELATIONS
from generator.text.words import component_title

RMS, WEIGHT, RESIDUAL, L2 = "RMS change", "weight", "residual", "L2"
MEMORY, PEAK = "GiB on the GPU (dashed: sizes of cards)", "peak, live to reserved"
WEIGHTS, ACTIVATIONS = "weights", "beyond the weights"
# Letters that a note names.
MOST_NAMED = 20
# What a model's mark and line mean, by its relation.
KEYS = {
    "root": "■ root",
    "mix": "◆ mix, dashed to its other parents",
    "near": "dotted: near, without a claim",
    "related": f"○ {RELATIONS['related']}",
    "unrelated": "○ unrelated",
}


def matrix_title(component: str, count: int) -> str:
    """Title of a heat map of so many members."""
    return f"L2 distances of {count} checkpoints, {component_title(component)}"


def lineage_title(component: str, count: int) -> str:
    """Title of a tree of so many models."""
    return f"Lineage of {count} models, {component_title(component)}"


def recipe_title(recipe: NamedRecipe, target: str) -> str:
    """Title of the weights by block; `target` is the name as it is shown."""
    verdict = "not a mix of these" if recipe.verdict == "none" else recipe.verdict
    return f"{component_title(recipe.component)} of {target}: {verdict}"


def others(count: int) -> str:
    """What stands for the parents with the smallest weights."""
    return f"{count} more, their weights added up"


def letters_in_numbers(letters: str) -> str:
    """A note on letters that figures cannot show, of which a few are named."""
    few = letters[:MOST_NAMED] + ("…" if len(letters) > MOST_NAMED else "")
    first = letters[0].encode("unicode_escape").decode()
    return (
        f"no font here has {few}: the figure shows numbers, such as {first}. "
        "Install a font that has them, such as Noto Sans CJK"
    )


def not_shown(names: Sequence[str]) -> str:
    """A note on members that cannot be compared, a line each; empty without any."""
    lines = ["Not shown, as they cannot be compared with all of these:", *names]
    return "\n  ".join(lines) if names else ""


def lineage_key(lineage: Lineage) -> str:
    """What marks and lines mean, as far as they occur."""
    present = {node.relation for node in lineage.nodes}
    return "    ".join(words for relation, words in KEYS.items() if relation in present)
