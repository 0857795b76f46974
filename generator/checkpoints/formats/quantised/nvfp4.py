"""Where the scales of a matrix in NVFP4 lie, as ComfyUI stores it (`TensorCoreNVFP4Layout`).

Two codes of a float of four bits (e2m1) per byte, the first in the upper half; a scale in float8
for 16 values of a row, and one for all. The scales of 128 rows and 4 columns lie together: those of
rows 0, 32, 64 and 96, of four columns each, then those of rows 1, 33, 65 and 97, and so on ("1D
block scaling factors layout" in the documentation of cuBLAS). Rows and columns are filled up.
"""

from generator.checkpoints.formats.dtypes import is_float
from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.formats.quantised.packed import part_of
from generator.checkpoints.formats.quantised.packing import (
    RUN,
    TILE_COLUMNS,
    TILE_ROWS,
    TiledHalfCodes,
)

NVFP4 = "nvfp4"


def nvfp4_codes(tensor: Tensor, scale: Tensor, factor: Tensor | None) -> TiledHalfCodes | None:
    """How the codes are read; None if the tensors do not fit one another."""
    if factor is None or factor.elements != 1 or not is_float(factor.dtype):
        return None
    if tensor.dtype != "uint8" or len(tensor.shape) != 2 or scale.dtype != "float8_e4m3fn":
        return None
    rows, columns = tensor.shape[0], 2 * tensor.shape[1]
    tiles = -(-rows // TILE_ROWS) * -(-columns // (RUN * TILE_COLUMNS))
    if not columns or columns % RUN or scale.elements != tiles * TILE_ROWS * TILE_COLUMNS:
        return None
    return TiledHalfCodes(columns=columns, scales=part_of(scale), factor=part_of(factor))
