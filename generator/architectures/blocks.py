"""Network -> the block of each of its modules, by its family's rules or by its lists of modules."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from torch import nn

from generator.architectures.network import BuiltNetwork
from generator.networks.blocks import name_blocks
from generator.networks.families import BLOCK_RULES

# Words of a list's name that do not say what its blocks are.
GENERIC_WORDS = frozenset(
    ["transformer", "block", "blocks", "layer", "layers", "stream", "refiner"]
)
# Lists of these names are pairs: blocks of two streams, then of one.
PAIR = ("DOUBLE", "SINGLE")
# The stages of a UNet whose stages are lists of modules.
STAGES = {"down_blocks": "IN", "up_blocks": "OUT"}


def network_blocks(network: BuiltNetwork) -> dict[str, str]:
    """Block name of every module that is one, by path, in block order.

    What belongs to no block is in none of these modules.
    """
    module = network.module
    paths = [path for path, _ in module.named_modules()]
    if network.family and network.family.blocks:
        return name_blocks(paths, network.family.blocks)
    if any(re.match(r"down_blocks\.\d+\.resnets\.", path) for path in paths):
        return name_blocks(paths, BLOCK_RULES["unet"])
    lists = {name: child for name, child in module.named_children() if _is_list(child)}
    if STAGES.keys() <= lists.keys() and all(map(_is_list, lists["down_blocks"])):
        return dict(_stages(lists))
    repeated = {name: child for name, child in lists.items() if _has_blocks(name, child)}
    prefixes = _prefixes(repeated)
    return {
        f"{name}.{number}": f"{prefixes[name]}{number:02}"
        for name, child in repeated.items()
        for number in range(len(child))
    }


def _is_list(module: object) -> bool:
    return isinstance(module, nn.ModuleList)


def _has_blocks(name: str, modules: Any) -> bool:  # noqa: ANN401 -- a ModuleList
    """Whether a list holds blocks: modules with several layers inside, of which there are several,
    or which the name calls so."""
    layers = [sum(bool(part._parameters) for part in each.modules()) for each in modules]
    called_so = not GENERIC_WORDS.isdisjoint(name.split("_"))
    return (len(layers) > 1 or called_so) and min(layers, default=0) > 1


def _size(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _prefixes(lists: Mapping[str, nn.ModuleList]) -> dict[str, str]:
    """Name of the blocks of each list: `BLOCK` for the main list, that of its own words for others.

    The main list is the one without words of its own, else the largest. Where another is called
    single, its blocks have two streams: `DOUBLE`.
    """
    words = {name: _words(name) for name in lists}
    singles = [name for name in lists if "SINGLE" in words[name]]
    others = [name for name in lists if name not in singles]
    first, *rest = sorted(others, key=lambda name: (bool(words[name]), -_size(lists[name]))) or [""]
    found = {name: words[name] or re.sub(r"[^A-Z]", "", name.upper()) for name in rest}
    found |= {first: PAIR[0] if singles else "BLOCK"} | dict.fromkeys(singles, PAIR[1])
    return found


def _words(name: str) -> str:
    words = [re.sub(r"[^a-z]", "", word) for word in name.lower().split("_")]
    return "".join(word for word in words if word not in GENERIC_WORDS).upper()


def _stages(lists: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Blocks of a UNet whose stages are lists: each cycle of module classes is a block.

    A downscaler is a block of its own, an upscaler belongs to the block before it, as in other
    UNets.
    """
    for name, prefix in STAGES.items():
        number = -1
        for stage, modules in enumerate(lists[name]):
            before = lists.get("down_downscalers") if prefix == "IN" else None
            if before is not None and _size(before[stage]):
                number += 1
                yield f"down_downscalers.{stage}", f"{prefix}{number:02}"
            for place, part in enumerate(modules):
                number += type(part) is type(modules[0])
                yield f"{name}.{stage}.{place}", f"{prefix}{number:02}"
            after = lists.get("up_upscalers") if prefix == "OUT" else None
            if after is not None and _size(after[stage]):
                yield f"up_upscalers.{stage}", f"{prefix}{number:02}"
