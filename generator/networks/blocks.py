"""Module paths -> MBW blocks, by the families' rules.

Tools for block-weighted merging (MBW) number the blocks of a network. Merges are described by these
names, so they must mean the same modules everywhere.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from generator.records import Block, BlockTable, Record

REST = "REST"


class BlockRule(Record, kw_only=False):
    """Module paths whose start matches `pattern` belong to a block named `prefix`NN.

    The captured numbers order the blocks of a prefix; NN is the position in this order. `last` puts
    the module after all others with the same captured numbers (a downsampler ends its stage);
    `joins` adds it to the previous block (an upsampler) instead of starting a new one.
    """

    pattern: str
    prefix: str
    last: bool = False
    joins: bool = False


# A list of blocks: its path, the number of a block, and the name of a weight in it.
IN_LIST = re.compile(r"(\D*?)\.(\d{1,4})\.(.+)", re.DOTALL)
# In how many blocks all have the same, and of how many one may lack it.
FEWEST_BLOCKS, FEW_OF = 5, 8

# Position of a module among those of its prefix: the numbers captured from its path.
Place = tuple[float, ...]

# Blocks of the components other than the denoiser, which have no MBW blocks.
COMPANION_RULES: dict[str, tuple[BlockRule, ...]] = {
    "vae": (
        BlockRule(r"(?:encoder|quant_conv)$", "ENCODER"),
        BlockRule(r"(?:decoder|post_quant_conv)$", "DECODER"),
    ),
    "text_encoder": (
        BlockRule(r"(?:text_model\.encoder\.layers|encoder\.block)\.(\d+)$", "LAYER"),
    ),
}


def name_blocks(paths: Iterable[str], rules: Sequence[BlockRule]) -> dict[str, str]:
    """Block name (`IN03`, `MID`) of every module path that matches a rule, in block order.

    A prefix whose patterns capture no number (`MID`) is one block without a number.
    """
    numbered = {rule.prefix for rule in rules if re.compile(rule.pattern).groups}
    stages: dict[str, dict[Place, list[str]]] = {rule.prefix: {} for rule in rules}
    joining = []
    for path in paths:
        for rule in rules:
            if match := re.match(rule.pattern, path):
                place = (*map(float, match.groups()), *([math.inf] if rule.last else []))
                if rule.joins:
                    joining.append((stages[rule.prefix], place, path))
                else:
                    stages[rule.prefix].setdefault(place, []).append(path)
                break
    for stage, place, path in joining:
        # A stage without a residual block has none to join.
        before = max((earlier for earlier in stage if earlier < place), default=place)
        stage.setdefault(before, []).append(path)
    return {
        path: f"{prefix}{number:02}" if prefix in numbered else prefix
        for prefix, stage in stages.items()
        for number, place in enumerate(sorted(stage))
        for path in stage[place]
    }


def missing_in_blocks(names: Iterable[str]) -> Iterator[str]:
    """Names that a block of a list lacks, though the blocks around it and nearly all others have
    them: `blocks.7.attn.to_k.weight`.

    The first and the last block often differ by design, and so may each second or fourth one.
    """
    holders: dict[tuple[str, str], set[int]] = {}
    counts: dict[str, int] = {}
    for name in names:
        if match := IN_LIST.match(name):
            place = int(match[2])
            holders.setdefault((match[1], match[3]), set()).add(place)
            counts[match[1]] = max(counts.get(match[1], 0), place + 1)
    for (path, rest), places in holders.items():
        count = counts[path]
        if count >= FEWEST_BLOCKS and 0 < count - len(places) <= max(1, count // FEW_OF):
            for place in sorted(set(range(count)) - places):
                if {place - 1, place + 1} <= places:
                    yield f"{path}.{place}.{rest}"


def block_of(path: str, blocks: Mapping[str, str]) -> str:
    """Block of the module or parameter at `path`: that of its nearest ancestor, or `REST`."""
    parts = path.split(".")
    ancestors = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((blocks[ancestor] for ancestor in ancestors if ancestor in blocks), REST)


def block_table(parameters: Mapping[str, int], blocks: Mapping[str, str]) -> BlockTable:
    """Sum `parameters` (path -> number of elements) over the named blocks and `REST`.

    The modules of `REST` are the outermost paths outside all blocks.
    """
    sizes = dict.fromkeys(blocks.values(), 0) | {REST: 0}
    for path, size in parameters.items():
        sizes[block_of(path, blocks)] += size
    modules: dict[str, list[str]] = {name: [] for name in sizes}
    for path, name in blocks.items():
        modules[name].append(path)
    outside = (path.split(".")[0] for path in parameters if block_of(path, blocks) == REST)
    modules[REST] = list(dict.fromkeys(outside))
    return BlockTable(
        count=len(sizes) - 1,
        blocks=tuple(
            Block(name=name, modules=tuple(modules[name]), parameters=size)
            for name, size in sizes.items()
        ),
    )
