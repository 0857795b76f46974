"""Names and shapes -> the index of a safetensors file that has them, without the file."""

import math
from pathlib import Path

from generator.checkpoints.formats.dtypes import BY_SAFETENSORS
from generator.checkpoints.formats.index import SourceFile, Tensor, TensorIndex
from generator.checkpoints.formats.quantised.schemes import pack_tensors


def index_of(shapes, dtype="F16"):
    """The index; a value of `shapes` is a shape, or a dtype of safetensors and a shape."""
    tensors, end = [], 0
    for name, value in shapes.items():
        code, shape = value if value and isinstance(value[0], str) else (dtype, value)
        size = math.prod(shape) * BY_SAFETENSORS[code].bits // 8
        kind = BY_SAFETENSORS[code].name
        tensors.append(Tensor(name=name, dtype=kind, shape=shape, file=0, offset=end, nbytes=size))
        end += size
    source = SourceFile(path=Path("a.safetensors"), size=end, modified=0, format="safetensors")
    return TensorIndex(
        path=source.path,
        files=(source,),
        tensors=tuple(pack_tensors(tensors, {}, lambda *_: b"", "a.safetensors")),
    )
