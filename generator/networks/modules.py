"""`modules.toml` -> the networks that have the modules an adapter changes, in these widths."""

import functools
import itertools
import re
from collections.abc import Collection, Iterator, Mapping
from math import prod
from typing import NamedTuple, TypeAlias

from generator.networks.key_patterns import BRACES, RANGE
from generator.networks.tables import read_table
from generator.records import Record

NUMBER = re.compile(r"\d+")
# No network has as many blocks; longer numbers are not read.
LONGEST_NUMBER = 6
Numbers: TypeAlias = tuple[int, ...]


class NetworkModules(Record):
    """The modules of the network `id` in one `size` (`14B`), as in the file."""

    id: str
    modules: str
    size: str = ""


class ModuleWidths(NamedTuple):
    """Widths of the inputs and outputs of a module; 0 where they are not known."""

    inputs: int
    outputs: int


class FittingNetwork(NamedTuple):
    """A network, in one size, that has the modules."""

    id: str
    size: str


class _Modules(NamedTuple):
    """Modules of one form and width in network number `network`: `numbers` are those that may
    stand in each place of a number in `name`."""

    network: int
    name: str
    numbers: tuple[Collection[int], ...]
    widths: ModuleWidths

    def holds(self, numbers: Numbers) -> bool:
        """Whether these numbers stand in the name of one of them."""
        return all(one in known for one, known in zip(numbers, self.numbers, strict=True))

    def is_whole(self, changed: Collection[Numbers]) -> bool:
        """Whether these are all of them."""
        return len(changed) == prod(map(len, self.numbers))

    def has_last(self, changed: Collection[Numbers]) -> bool:
        """Whether the highest number in each place is among these."""
        places = zip(zip(*changed, strict=True), self.numbers, strict=False)
        return all(max(here) == max(known) for here, known in places)


def networks_with(
    modules: Mapping[str, ModuleWidths], least_share: float
) -> tuple[FittingNetwork, ...]:
    """The networks with most of these modules (by name, with underscores for dots), the most common
    first; none if it has less than `least_share` of those whose widths are known.

    Networks of which all blocks are changed come alone. One of which the last block is changed
    rules out rarer ones that have more blocks.
    """
    groups: dict[tuple[str, ModuleWidths], list[Numbers]] = {}
    for name, widths in modules.items():
        if any(widths):
            template, numbers = _split(name)
            groups.setdefault((template, widths), []).append(numbers)
    found: dict[int, list[tuple[_Modules, list[Numbers]]]] = {}
    for (template, widths), changed in groups.items():
        for known in _table().get(template, ()):
            if all(one in (0, own) for one, own in zip(widths, known.widths, strict=True)):
                held = [numbers for numbers in changed if known.holds(numbers)]
                found.setdefault(known.network, []).append((known, held))
    sizes = {network: sum(len(held) for _, held in each) for network, each in found.items()}
    most = max(sizes.values(), default=0)
    if not most or most < least_share * sum(map(len, groups.values())):
        return ()
    fitting = {
        network: [each for each in found[network] if each[1]]
        for network in sorted(sizes)
        if sizes[network] == most
    }
    left = [
        network
        for network, each in fitting.items()
        if all(known.is_whole(held) for known, held in each)
    ]
    if not left:
        ended = [
            network
            for network, each in fitting.items()
            if all(known.has_last(held) for known, held in each)
        ]
        left = [
            network for network in fitting if not ended or network < ended[0] or network in ended
        ]
    tables = [_NETWORKS[network] for network in left]
    return tuple(FittingNetwork(table.id, table.size) for table in tables)


def dotted_name(name: str, network: str) -> str | None:
    """The module of `network` that is called `name` with underscores for dots."""
    template, numbers = _split(name)
    for known in _table().get(template, ()):
        if _NETWORKS[known.network].id == network and known.holds(numbers):
            texts = known.name.split("#")
            return texts[0] + "".join(
                f"{number}{text}" for number, text in zip(numbers, texts[1:], strict=True)
            )
    return None


def _split(name: str) -> tuple[str, Numbers]:
    """A name with `#` for its numbers, and these."""
    numbers = NUMBER.findall(name)
    if any(len(number) > LONGEST_NUMBER for number in numbers):
        return name, ()
    return NUMBER.sub("#", name), tuple(map(int, numbers))


@functools.cache
def _table() -> Mapping[str, tuple[_Modules, ...]]:
    """Modules by their names with underscores for dots and `#` for numbers."""
    found: dict[str, dict[tuple[object, ...], _Modules]] = {}
    for network, table in enumerate(_NETWORKS):
        for line in table.modules.strip().splitlines():
            inputs, outputs, *patterns = line.split()
            widths = ModuleWidths(int(inputs), int(outputs))
            for name, numbers in itertools.chain.from_iterable(map(_parse, patterns)):
                # Two programs may differ by a dot for an underscore alone.
                same = (network, numbers, widths)
                modules = found.setdefault(name.replace(".", "_"), {})
                modules.setdefault(same, _Modules(network, name, numbers, widths))
    return {name: tuple(each.values()) for name, each in found.items()}


def _parse(pattern: str) -> Iterator[tuple[str, tuple[Collection[int], ...]]]:
    """Each form that a pattern stands for, with `#` for numbers, and the numbers by place."""
    # `split` with one group: contents of braces at odd positions, the rest at even ones.
    pieces = BRACES.split(pattern)
    choices = [_choices(piece) if place % 2 else [piece] for place, piece in enumerate(pieces)]
    for chosen in itertools.product(*choices):
        numbers: list[Collection[int]] = []
        texts = []
        for piece in chosen:
            if isinstance(piece, str):
                numbers += [(int(number),) for number in NUMBER.findall(piece)]
                texts.append(NUMBER.sub("#", piece))
            else:
                numbers.append(piece)
                texts.append("#")
        yield "".join(texts), tuple(numbers)


def _choices(inside: str) -> list[str | Collection[int]]:
    """What stands in braces: one collection of numbers, or words."""
    bounds = RANGE.fullmatch(inside)
    if bounds:
        return [range(int(bounds[1]), int(bounds[2]) + 1)]
    words = inside.split(",")
    return [frozenset(map(int, words))] if all(map(str.isdecimal, words)) else [*words]


class _File(Record):
    networks: tuple[NetworkModules, ...]


_NETWORKS = read_table("networks", "modules.toml", _File).networks
