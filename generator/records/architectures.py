"""Architectures: networks measured without weights."""

from collections.abc import Sequence
from typing import Any, Literal

from generator.records.base import Count, Megabytes, Record, ResultRecord
from generator.records.checks import all_different, all_in, require


class TensorSpec(Record):
    """Shape and dtype (torch's name, without the `torch.` prefix) of one tensor."""

    shape: tuple[Count, ...]
    dtype: str


class ParameterCounts(Record):
    """Number of parameters of one network, counted in four ways.

    `torchinfo_shared_activations` is torchinfo's count with activations shared as in diffusers
    before 0.33, which the published table used.
    """

    diffusers: Count
    torch: Count
    torchinfo: Count
    torchinfo_shared_activations: Count


class Block(Record):
    """One MBW block, or `REST`: its module paths in the network and its number of parameters."""

    name: str
    modules: tuple[str, ...]
    parameters: Count


class BlockTable(Record):
    """The MBW blocks in order, then `REST`; `count` excludes `REST`.

    The parameters of all entries sum to `ParameterCounts.diffusers`.
    """

    count: Count
    blocks: tuple[Block, ...]


class PublishedInputs(Record):
    """torchinfo's figures for one forward pass at the inputs of the published table, in float16.

    Sizes are decimal megabytes (10^6 bytes), as torchinfo prints them; `total_gb` is their sum
    divided by 1024, the unit of the published table. `mult_adds` is torchinfo's figure; `flops` is
    from torch's FLOP counter at the same inputs.
    """

    inputs: dict[str, TensorSpec]
    input_mb: Megabytes
    forward_backward_mb: Megabytes
    params_mb: Megabytes
    total_gb: Megabytes
    mult_adds: Count
    flops: Count


class PipelineInputs(Record):
    """Inputs that the diffusers pipeline passes to the denoiser in one step, at default image size.

    `height` and `width` are in pixels; `flops` is the cost of that call by torch's FLOP counter (a
    multiply-add counts as two operations). A batch of 2 means classifier-free guidance.
    """

    pipeline_class: str
    inputs: dict[str, TensorSpec]
    height: Count
    width: Count
    flops: Count


DiagramName = Literal["schematic", "trace-depth1", "trace-depth2"]


class Diagram(Record):
    """One diagram of a network; `name` is the part of its file names between id and suffix."""

    name: DiagramName
    nodes: Count


class ParameterRow(Record):
    """One parameter tensor of a network: a row of `ID.parameters.csv`.

    `shape` is the sizes joined by `x`, empty for a scalar.
    """

    name: str
    block: str
    kind: str
    shape: str
    parameters: Count


class Architecture(ResultRecord):
    """A denoiser class with its config, measured without weights.

    Files beside it: `ID.parameters.csv` (one row per parameter tensor), `ID.torchinfo.txt`, and an
    SVG and a DOT file per diagram; `files` holds their SHA-256.
    """

    name: str
    repo: str
    family: str
    class_name: str
    config: dict[str, Any]
    parameters: ParameterCounts
    mbw: BlockTable
    published: PublishedInputs
    pipeline: PipelineInputs
    diagrams: tuple[Diagram, ...]
    versions: dict[str, str]
    schema: Literal[3] = 3

    def check(self) -> None:
        """See `ResultRecord`."""
        blocks = self.mbw.blocks
        all_different([block.name for block in blocks], "mbw.blocks")
        require(self.mbw.count == len(blocks) - 1, "mbw.count is not the number of blocks")
        total = sum(block.parameters for block in blocks)
        require(total == self.parameters.diffusers, "the blocks do not sum to parameters.diffusers")
        all_different([diagram.name for diagram in self.diagrams], "diagrams")
        drawn = [f"{self.id}.{diagram.name}.svg" for diagram in self.diagrams]
        all_in(drawn, self.files, "diagrams")

    def check_rows(self, rows: Sequence[ParameterRow]) -> None:
        """Raise `ValueError` if the rows of the table do not match the record."""
        sums: dict[str, int] = {}
        for row in rows:
            sums[row.block] = sums.get(row.block, 0) + row.parameters
        told = {block.name: block.parameters for block in self.mbw.blocks if block.parameters}
        require(
            {name: n for name, n in sums.items() if n} == told, "its blocks are not the record's"
        )
