"""`adapters.toml` -> how adapters spell their tensors, and which networks they are made for."""

import re
from collections.abc import Collection, Mapping

from generator.networks.modules import FittingNetwork, ModuleWidths, dotted_name, networks_with
from generator.networks.tables import read_table
from generator.records import Record


class End(Record):
    """End of a tensor's name: the algorithm that it shows, and the tensor's role in it. `part`
    goes before the module's own name (XLabs counts the streams of a block)."""

    algorithm: str
    role: str
    part: str = ""


class BaseRule(Record):
    """A network, by modules that an adapter adds or changes; see `adapters.toml`."""

    base: str
    module: str
    also: tuple[str, ...] = ()
    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()
    names: str = ""

    def fits(self, modules: Mapping[str, ModuleWidths]) -> bool:
        """Whether `modules` (by name, with underscores) are this network's."""
        pattern = re.compile(self.module)
        if self.names and not all(dotted_name(name, self.names) for name in modules):
            return False
        return any(
            (not self.inputs or widths.inputs in self.inputs)
            and (not self.outputs or widths.outputs in self.outputs)
            for name, widths in modules.items()
            if pattern.search(name)
        )


class VectorName(Record):
    """Names of the vectors of a textual inversion, and the text encoder that they tell."""

    name: str
    encoder: str = ""


class Inversion(Record):
    """A network whose text encoders read vectors of all these `widths`."""

    base: str
    widths: frozenset[int]


class AdapterTables(Record):
    """The file."""

    ends: dict[str, End]
    prefixes: dict[str, str]
    encoders: dict[str, tuple[int, ...]]
    vectors: tuple[VectorName, ...]
    inversions: tuple[Inversion, ...]
    bases: tuple[BaseRule, ...]


TABLES = read_table("networks", "adapters.toml", AdapterTables)
LONGEST_END = max(map(len, TABLES.ends))
# Networks that are known by their text encoders alone.
ENCODED = ("sd1", "sd2", "sdxl")
# PEFT writes the name that the user gave to the adapter.
GIVEN_NAME = re.compile(
    r"(?<=\.lora_[AB])\.[^.]+(?=\.(?:weight|bias)$)|(?<=\.lora_magnitude_vector)\..+"
    r"|(?<=\.vera_lambda_[bd])\..+"
)
# Of diffusers' first LoRAs.
PROCESSOR = ".processor"


def split_end(name: str) -> tuple[str, End] | None:
    """Name of the module of an adapter's tensor, and the tensor's end; None for other tensors."""
    name = GIVEN_NAME.sub("", name)
    first = max(len(name) - LONGEST_END, 0)
    dots = [place for place in range(first, len(name)) if name[place] in "._"]
    # From the longest end to the shortest.
    found = (place for place in dots if name[place:] in TABLES.ends)
    place = next(found, None)
    if place is None:
        return None
    end = TABLES.ends[name[place:]]
    module = name[:place].replace(PROCESSOR, f".{end.part}_attn" if end.part else "")
    return module, end


def split_prefix(module: str) -> tuple[str, str]:
    """Component of an adapter's module, and its name in the component."""
    prefixes = (prefix for prefix in TABLES.prefixes if module.startswith(prefix))
    prefix = next(prefixes, "")
    return TABLES.prefixes.get(prefix, "denoiser"), module.removeprefix(prefix)


def vector_name(name: str) -> str | None:
    """The text encoder that a textual inversion's tensor of this name tells, empty if none; None
    for other tensors."""
    found = (each.encoder for each in TABLES.vectors if re.fullmatch(each.name, name))
    return next(found, None)


def base_of_vectors(widths: Collection[int]) -> str:
    """The network whose text encoders read vectors of these widths; empty if it is not known."""
    return next((each.base for each in TABLES.inversions if each.widths == set(widths)), "")


def bases_of(
    modules: Mapping[str, ModuleWidths], encoders: Collection[int], least_share: float
) -> tuple[FittingNetwork, ...]:
    """The networks with these modules (by name, with underscores), the most common first; see
    `networks_with`.

    `encoders` are the widths of text encoders that are changed as well. Empty if none is known.
    """
    found = networks_with(modules, least_share)
    if not found:
        rule = next((rule for rule in TABLES.bases if rule.fits(modules)), None)
        named = (rule.base, *rule.also) if rule else () if modules else ENCODED
        found = tuple(FittingNetwork(each, "") for each in named)
    reading = [each for each in found if set(encoders) <= set(TABLES.encoders.get(each.id, ()))]
    if not modules and not encoders:
        return ()
    return tuple(reading) or found
