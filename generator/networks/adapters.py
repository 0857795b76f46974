"""`adapters.toml` -> how adapters spell their tensors, and which networks they are made for."""

import re
from collections.abc import Collection, Mapping

from generator.networks.tables import read_table
from generator.records import Record


class End(Record):
    """End of a tensor's name: the algorithm that it shows, and the tensor's role in it. `part`
    goes before the module's own name (XLabs counts the streams of a block)."""

    algorithm: str
    role: str
    part: str = ""


class BaseRule(Record):
    """A network, by the modules that an adapter changes; see `adapters.toml`."""

    base: str
    module: str
    least: int = 0
    inputs: tuple[int, ...] = ()

    def fits(self, modules: Mapping[str, int]) -> bool:
        """Whether `modules` (name with underscores -> width of the inputs) are this network's."""
        pattern = re.compile(self.module)
        found = [(match, modules[name]) for name in modules if (match := pattern.search(name))]
        numbers = [int(match[1][:6]) for match, _ in found if pattern.groups]
        wide = not self.inputs or any(width in self.inputs for _, width in found)
        return bool(found) and wide and (not numbers or max(numbers) >= self.least)


class AdapterTables(Record):
    """The file."""

    ends: dict[str, End]
    prefixes: dict[str, str]
    bases: tuple[BaseRule, ...]


TABLES = read_table("networks", "adapters.toml", AdapterTables)


def split_end(name: str) -> tuple[str, End] | None:
    """A tensor's name without its end, and the end; None if it is not an adapter's."""
    dots = [place for place, char in enumerate(name) if char in "._"]
    # From the longest end to the shortest.
    found = (place for place in dots if name[place:] in TABLES.ends)
    place = next(found, None)
    return None if place is None else (name[:place], TABLES.ends[name[place:]])


def split_prefix(module: str) -> tuple[str, str]:
    """Component of an adapter's module, and its name in the component."""
    prefixes = (prefix for prefix in TABLES.prefixes if module.startswith(prefix))
    prefix = next(prefixes, "")
    return TABLES.prefixes.get(prefix, "denoiser"), module.removeprefix(prefix)


def base_of(modules: Mapping[str, int], encoders: Collection[int] = ()) -> str:
    """The network with these modules (name with underscores -> width of the inputs).

    `encoders` are the widths of text encoders that are changed as well; empty if unknown.
    """
    found = next((rule.base for rule in TABLES.bases if rule.fits(modules)), "")
    if found:
        return found
    widths = set(encoders)
    if 1280 in widths:
        return "sdxl"
    return {frozenset({768}): "sd1", frozenset({1024}): "sd2"}.get(frozenset(widths), "")
