"""A network -> its blocks in order, with equal neighbours folded, for narrow screens."""

from itertools import groupby

from generator.publish.quantities.block_groups import block_group
from generator.publish.reading.atlas import LoadedNetwork
from generator.records import Record

# Kinds with smaller shares are left out.
SMALLEST_SHARE = 0.01


class BlockRun(Record):
    """Adjacent blocks of one group with equal numbers of parameters, by the name of the first.

    `name` is that of all (`DOUBLE00–18`); `each` are the parameters of one block; `kinds` are the
    shares of kinds in the first block, the largest first.
    """

    name: str
    first: str
    count: int
    each: int
    kinds: tuple[tuple[str, float], ...]

    @property
    def total(self) -> int:
        """Parameters of all blocks of the run."""
        return self.each * self.count


def block_runs(network: LoadedNetwork) -> tuple[BlockRun, ...]:
    """The runs in the order of the network, `REST` last."""
    kinds: dict[str, dict[str, int]] = {}
    for row in network.beside.rows:
        sizes = kinds.setdefault(row.block, {})
        sizes[row.kind] = sizes.get(row.kind, 0) + row.parameters
    runs = []
    blocks = network.record.mbw.blocks
    for (group, each), members in groupby(blocks, lambda b: (block_group(b.name), b.parameters)):
        names = [block.name for block in members]
        last = names[-1].removeprefix(group)
        shares = sorted(
            ((size / each, kind) for kind, size in kinds.get(names[0], {}).items() if each),
            reverse=True,
        )
        runs.append(
            BlockRun(
                name=f"{names[0]}–{last}" if len(names) > 1 else names[0],
                first=names[0],
                count=len(names),
                each=each,
                kinds=tuple((kind, share) for share, kind in shares if share >= SMALLEST_SHARE),
            )
        )
    return tuple(runs)
