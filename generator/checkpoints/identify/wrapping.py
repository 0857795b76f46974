"""Names of a file -> the prefix before all of them that no table lists.

It counts only if a known network is behind it. Trainers wrap a network in modules of any name
(`student.`, `generator.model.`).
"""

from collections import Counter
from collections.abc import Mapping

from generator.checkpoints.keys.sections import has_section, section_of
from generator.checkpoints.keys.wrappers import MARKERS
from generator.networks.signatures import match_signature

Shape = tuple[int, ...]
# Modules around a network, and names of one that are looked at.
MOST_MODULES, MOST_NAMES = 3, 20_000
# Share of the names that are like those of a known component.
MOST_OF = 0.9


def wrapper_of(shapes: Mapping[str, Shape]) -> str:
    """The prefix, with its last dot; empty if the names are known without it, or not behind it."""
    inner = {name: shape for name, shape in shapes.items() if name not in MARKERS}
    if not 0 < len(inner) <= MOST_NAMES or any(map(has_section, inner)) or _is_known(inner):
        return ""
    prefix = ""
    for _ in range(MOST_MODULES):
        module = next(iter(inner)).partition(".")[0] + "."
        if not all(name.startswith(module) for name in inner):
            return ""
        prefix += module
        inner = {name.removeprefix(module): shape for name, shape in inner.items()}
        if _is_known(inner):
            return prefix
    return ""


def _is_known(shapes: Mapping[str, Shape]) -> bool:
    """Whether these are the names of one component."""
    if match_signature(shapes):
        return True
    counts = Counter(section_of(name)[0] for name in shapes)
    del counts["other"]
    return max(counts.values(), default=0) >= MOST_OF * len(shapes)
