"""A quantised tensor: blocks of codes, and the scales beside them -> its values.

The values are float32, rounded after each operation; they are unpacked a range of blocks at a time.
"""

from collections.abc import Callable
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from generator.checkpoints.formats.dtypes import BY_NAME, FLOAT8_VALUES, Bytes, decode
from generator.checkpoints.formats.quantised.ggml import BY_NAME as GGML_TYPES
from generator.records import Record

Singles = NDArray[np.float32]
# The dtype of unpacked values.
VALUES = "float32"
# bitsandbytes' int8 codes count 127ths of the row's maximum.
INT8_STEPS = np.float32(127)
# By dtype, the value of every byte.
CODE_VALUES = FLOAT8_VALUES | {
    "int8": np.arange(256, dtype=np.uint8).view(np.int8).astype(np.float32)
}

# The sixteen values of a float with one sign, two exponent and one fraction bit (Open Compute
# Project, "Microscaling Formats", 2023).
E2M1_SIZES = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6], np.float32)
E2M1_VALUES = np.concatenate([E2M1_SIZES, -E2M1_SIZES])
# Values with one scale, and the sides of a tile of scales.
RUN, TILE_ROWS, TILE_COLUMNS = 16, 128, 4
LANES = 32


class Part(Record):
    """Position of a tensor that belongs to a packed one: its scales, its table of values."""

    file: int
    offset: int
    dtype: str
    elements: int


class ByteCodes(Record, tag=True):
    """One code of `dtype` per byte, in rows of `columns`, and a scale per `down` rows and `across`
    columns. With `steps`, the scale is the maximum of 127 steps."""

    dtype: str
    columns: int
    down: int
    across: int
    scales: Part
    steps: bool = False


class Nested(Record):
    """Scales that are codes themselves, of a byte: `table` of 256 values, a scale for every
    `per_scale` codes, and an offset."""

    table: Part
    scales: Part
    per_scale: int
    offset: float


class HalfCodes(Record, tag=True):
    """Two codes per byte, a `table` of 16 values, and a scale for every `per_scale` codes."""

    table: Part
    scales: Part
    per_scale: int
    nested: Nested | None = None


class TiledHalfCodes(Record, tag=True):
    """Two codes per byte of `E2M1_VALUES`, in rows of `columns`; a scale for every `RUN` values, in
    tiles (see `nvfp4`), and a `factor` for all."""

    columns: int
    scales: Part
    factor: Part


class LowRank(Record, tag=True):
    """Rows of a matrix of `rank` columns and `dtype`, to be multiplied with `down`, a matrix of
    `columns` columns; elementwise with the product of a second pair; and with alpha / rank, or with
    `scale` if there is no alpha. The columns of a Tucker form are those of `down` for each place of
    the kernel in its `core`. With two cores, the matrices of rows are transposed: `across` is the
    first, and the packed tensor one row of it."""

    dtype: str
    rank: int
    columns: int
    down: Part
    second_up: Part | None = None
    second_down: Part | None = None
    alpha: Part | None = None
    scale: float = 1.0
    core: Part | None = None
    second_core: Part | None = None
    across: Part | None = None


class Factor(Record):
    """A matrix of `columns` columns, or its product with `down`, whose columns are as many.

    `inner` is the number of columns of `part`: the rank, if there is a product. With the `core` of
    a Tucker form, `part` is transposed, and the columns are as in `LowRank`."""

    part: Part
    inner: int
    columns: int
    down: Part | None = None
    core: Part | None = None


class Kronecker(Record, tag=True):
    """Rows of a matrix, each to be multiplied with all of `right` (Kronecker product), and with
    alpha / rank. The rows are those of `left`, whose part the packed tensor is."""

    dtype: str
    left: Factor
    right: Factor
    rank: int
    alpha: Part | None = None


Codes: TypeAlias = ByteCodes | HalfCodes | TiledHalfCodes | LowRank | Kronecker


class Packing(Record):
    """How the values of a tensor are stored: blocks of `values` values in `size` bytes.

    `format` is the name of the quantisation in records (`q4_k`, `fp8_scaled`). `reader` is a key of
    `UNPACKERS`; empty: the values are not read. All blocks together take `nbytes` bytes.
    """

    format: str
    reader: str
    values: int
    size: int
    nbytes: int
    codes: Codes | None = None

    @property
    def files(self) -> set[int]:
        """The files that hold the scales."""
        return {part.file for part in _parts(self.codes)}


class Fetch(Protocol):
    """Reads a range of a file of the checkpoint."""

    def __call__(self, file: int, offset: int, size: int) -> bytes:
        """`size` bytes from `offset` of file number `file`."""


def unpack(packing: Packing, first: int, raw: Bytes, fetch: Fetch) -> Singles:
    """The values of the whole blocks in `raw`; the first value is the tensor's number `first`."""
    # Of codes, scales or factors that are not finite or too large: the values are not finite.
    with np.errstate(over="ignore", invalid="ignore"):
        return UNPACKERS[packing.reader](packing, first, raw, fetch)


def _of_blocks(packing: Packing, _: int, raw: Bytes, __: Fetch) -> Singles:
    # Numba takes half a second to load, which only these files have to spend.
    from generator.checkpoints.formats.quantised.ggml_kernels import unpack as unpack_blocks

    return unpack_blocks(GGML_TYPES[packing.format], raw)


def _of_bytes(packing: Packing, first: int, raw: Bytes, fetch: Fetch) -> Singles:
    from generator.checkpoints.formats.quantised.code_kernels import scale_bytes

    codes = packing.codes
    assert isinstance(codes, ByteCodes)
    per_row = -(-codes.columns // codes.across)
    top = first // codes.columns // codes.down
    bottom = (first + len(raw) - 1) // codes.columns // codes.down + 1
    scales = _elements(codes.scales, top * per_row, bottom * per_row, fetch)
    if codes.steps:
        scales = scales / INT8_STEPS
    out = np.empty(len(raw), np.float32)
    grid = codes.columns, codes.down, codes.across
    scale_bytes(raw, CODE_VALUES[codes.dtype], scales, first, *grid, out)
    return out


def _of_halves(packing: Packing, first: int, raw: Bytes, fetch: Fetch) -> Singles:
    from generator.checkpoints.formats.quantised.code_kernels import scale_halves

    codes = packing.codes
    assert isinstance(codes, HalfCodes)
    start = first // codes.per_scale
    stop = -(-(first + 2 * len(raw)) // codes.per_scale)
    if codes.nested:
        scales = _nested(codes.scales, codes.nested, start, stop, fetch)
    else:
        scales = _elements(codes.scales, start, stop, fetch)
    out = np.empty(2 * len(raw), np.float32)
    table = _elements(codes.table, 0, 16, fetch)
    scale_halves(raw, table, scales, codes.per_scale, out)
    return out


def _of_tiled_halves(packing: Packing, first: int, raw: Bytes, fetch: Fetch) -> Singles:
    codes = packing.codes
    assert isinstance(codes, TiledHalfCodes)
    across = -(-codes.columns // (RUN * TILE_COLUMNS))
    per_tiles = across * TILE_ROWS * TILE_COLUMNS
    places = first + np.arange(2 * len(raw))
    rows, columns = places // codes.columns, places % codes.columns
    top, bottom = int(rows[0]) // TILE_ROWS, int(rows[-1]) // TILE_ROWS + 1
    tiled = _elements(codes.scales, top * per_tiles, bottom * per_tiles, fetch)
    lanes = tiled.reshape(-1, across, LANES, TILE_ROWS // LANES, TILE_COLUMNS)
    scales = lanes.transpose(0, 3, 2, 1, 4).reshape(-1, across * TILE_COLUMNS)
    scales = scales * _elements(codes.factor, 0, 1, fetch)
    halves = np.stack([raw >> 4, raw & 15], axis=1).reshape(-1)
    return E2M1_VALUES[halves] * scales[rows - top * TILE_ROWS, columns // RUN]


def _of_low_rank(packing: Packing, first: int, raw: Bytes, fetch: Fetch) -> Singles:
    """Products in float64, rounded once."""
    codes = packing.codes
    assert isinstance(codes, LowRank)
    columns, rank = codes.columns, codes.rank
    start = first // columns
    if codes.across:
        rows = _rows(
            codes.across, start, start + len(raw) * 8 // BY_NAME[codes.dtype].bits, codes, fetch
        )
    else:
        rows = decode(raw, codes.dtype).reshape(-1, rank).astype(np.float64)
    product = rows @ _columns(codes.down, codes.core, columns, rank, fetch)
    if codes.second_up and codes.second_down:
        second = _rows(codes.second_up, start, start + len(rows), codes, fetch)
        product *= second @ _columns(codes.second_down, codes.second_core, columns, rank, fetch)
    if codes.alpha:
        product *= float(_elements(codes.alpha, 0, 1, fetch)[0]) / codes.rank
    return (product * codes.scale).astype(np.float32).reshape(-1)


def _rows(part: Part, start: int, stop: int, codes: LowRank, fetch: Fetch) -> NDArray[np.float64]:
    """Rows `start` to `stop` of a matrix that the columns are multiplied with."""
    if codes.across:
        return _matrix(part, part.elements // codes.rank, fetch).T[start:stop]
    rows = _elements(part, start * codes.rank, stop * codes.rank, fetch)
    return rows.reshape(-1, codes.rank).astype(np.float64)


def _of_kronecker(packing: Packing, _: int, raw: Bytes, fetch: Fetch) -> Singles:
    """Products in float64, rounded once."""
    codes = packing.codes
    assert isinstance(codes, Kronecker)
    rows = decode(raw, codes.dtype).reshape(-1, codes.left.inner).astype(np.float64)
    if codes.left.down:
        rows = rows @ _matrix(codes.left.down, codes.left.columns, fetch)
    right = _product(codes.right, fetch)
    product: NDArray[np.float64] = np.einsum("ai,bj->abij", rows, right)
    if codes.alpha:
        product *= float(_elements(codes.alpha, 0, 1, fetch)[0]) / codes.rank
    return product.astype(np.float32).reshape(-1)


def _product(factor: Factor, fetch: Fetch) -> NDArray[np.float64]:
    if factor.core is None or factor.down is None:
        matrix = _matrix(factor.part, factor.inner, fetch)
        return matrix @ _matrix(factor.down, factor.columns, fetch) if factor.down else matrix
    up = _matrix(factor.part, factor.part.elements // factor.inner, fetch).T
    return up @ _columns(factor.down, factor.core, factor.columns, factor.inner, fetch)


def _columns(
    down: Part, core: Part | None, columns: int, rank: int, fetch: Fetch
) -> NDArray[np.float64]:
    """The matrix of `rank` rows that the rows of a low rank are multiplied with."""
    if core is None:
        return _matrix(down, columns, fetch)
    inputs = _matrix(down, down.elements // rank, fetch)
    places = _elements(core, 0, core.elements, fetch).astype(np.float64).reshape(rank, rank, -1)
    product: NDArray[np.float64] = np.einsum("rsk,si->rik", places, inputs)
    return product.reshape(rank, columns)


def _matrix(part: Part, columns: int, fetch: Fetch) -> NDArray[np.float64]:
    return _elements(part, 0, part.elements, fetch).reshape(-1, columns).astype(np.float64)


def _nested(part: Part, nested: Nested, start: int, stop: int, fetch: Fetch) -> Singles:
    codes = fetch(part.file, part.offset + start, stop - start)
    table = _elements(nested.table, 0, 256, fetch)
    first, last = start // nested.per_scale, -(-stop // nested.per_scale)
    scales = _elements(nested.scales, first, last, fetch)
    places = np.arange(start, stop) // nested.per_scale - first
    values = table[np.frombuffer(codes, np.uint8)] * scales[places]
    return values + np.float32(nested.offset)


def _elements(part: Part, start: int, stop: int, fetch: Fetch) -> Singles:
    """Elements `start` to `stop` of a part, in float32."""
    size = BY_NAME[part.dtype].bits // 8
    raw = fetch(part.file, part.offset + start * size, (stop - start) * size)
    return decode(np.frombuffer(raw, np.uint8), part.dtype).astype(np.float32)


def _parts(codes: Codes | None) -> list[Part]:
    """The tensors that `codes` need."""
    parts: list[Part | None]
    match codes:
        case ByteCodes():
            parts = [codes.scales]
        case HalfCodes(nested=None):
            parts = [codes.table, codes.scales]
        case HalfCodes(nested=Nested() as nested):
            parts = [codes.table, codes.scales, nested.table, nested.scales]
        case TiledHalfCodes():
            parts = [codes.scales, codes.factor]
        case LowRank():
            parts = [codes.down, codes.core, codes.across, codes.alpha]
            parts += [codes.second_up, codes.second_down, codes.second_core]
        case Kronecker():
            right = codes.right
            parts = [codes.left.down, right.part, right.down, right.core, codes.alpha]
        case _:
            parts = []
    return [part for part in parts if part]


UNPACKERS: dict[str, Callable[[Packing, int, Bytes, Fetch], Singles]] = {
    "blocks": _of_blocks,
    "bytes": _of_bytes,
    "halves": _of_halves,
    "nvfp4": _of_tiled_halves,
    "low_rank": _of_low_rank,
    "kronecker": _of_kronecker,
}
