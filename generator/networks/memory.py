"""`memory.toml` -> how formats store weights, and what a GPU needs beside tensors."""

from typing import Literal

from generator.networks.tables import read_table
from generator.records import Record


class WeightFormat(Record):
    """How weights are stored on the GPU.

    `bytes` per parameter of what the format `covers`: `all`, `layers` (linear, convolution and
    embedding layers, with their biases) or `matrices` (weights of linear layers); `row_bytes` more
    per output row. The rest has 2 bytes. `wide`: modules that transformers keeps in float32 in this
    format have 4. `library_keeps`: so do layers that diffusers leaves out of the cast, with 2.
    `unpacks`: each layer is restored to 2 bytes while it is computed.
    """

    label: str
    bytes: float
    covers: Literal["all", "layers", "matrices"]
    row_bytes: float = 0.0
    wide: bool = False
    library_keeps: bool = False
    unpacks: bool = False
    source: str = ""


class Overheads(Record):
    """Bytes on a GPU beside tensors: workspaces of matrix products, and the CUDA context."""

    matrix_workspace: int
    matrix_workspace_hopper: int
    context: int
    source: str


class Upcasting(Record):
    """Pipelines that turn a float16 VAE to float32 before it decodes, where its config says so."""

    pipelines: tuple[str, ...]
    source: str


class Encoding(Record):
    """Pipelines that give prompt and negative prompt to one encoder after the other, `in_turn`; the
    others give the prompt to all encoders, then the negative prompt."""

    in_turn: tuple[str, ...]
    source: str


class UsualSize(Record):
    """The size that people run of a `pipeline` whose own would be `instead_of` (width, height)."""

    pipeline: str
    instead_of: tuple[int, int]
    width: int
    height: int
    source: str


class MemoryTables(Record):
    """The file."""

    formats: dict[str, WeightFormat]
    upcasting: Upcasting
    encoding: Encoding
    usual_sizes: tuple[UsualSize, ...]
    overheads: Overheads


MEMORY = read_table("networks", "memory.toml", MemoryTables)
# The formats that a whole pipeline can compute in; the others are of weights alone.
COMPUTE_DTYPES = ("float16", "bfloat16", "float32")
