"""Names of dtypes in weight files -> sizes, and raw little-endian bytes -> numbers, without torch.

Dtypes have torch's names. The 16- and 8-bit floats are decoded to float32, which holds all their
values exactly; integers and float64 are decoded to float64.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.floating[Any]]


class DType(NamedTuple):
    """One element format: its names, its width in bits, and the NumPy dtype of its bits.

    `raw` is that NumPy dtype (None: listed in an index, but neither measured nor compared);
    `fraction` is the number of stored significand bits of a float, None for integers.
    """

    name: str
    bits: int
    safetensors: str
    storage: str = ""
    raw: str | None = None
    fraction: int | None = None


# Codes: the `Dtype` enumeration of the safetensors format. Storages: torch's classes in pickles.
DTYPES = (
    DType("float64", 64, "F64", "DoubleStorage", "<f8", 52),
    DType("float32", 32, "F32", "FloatStorage", "<f4", 23),
    DType("float16", 16, "F16", "HalfStorage", "<f2", 10),
    DType("bfloat16", 16, "BF16", "BFloat16Storage", "<u2", 7),
    DType("float8_e4m3fn", 8, "F8_E4M3", "", "<u1", 3),
    DType("float8_e5m2", 8, "F8_E5M2", "", "<u1", 2),
    DType("int64", 64, "I64", "LongStorage", "<i8"),
    DType("int32", 32, "I32", "IntStorage", "<i4"),
    DType("int16", 16, "I16", "ShortStorage", "<i2"),
    DType("int8", 8, "I8", "CharStorage", "<i1"),
    DType("uint64", 64, "U64", "", "<u8"),
    DType("uint32", 32, "U32", "", "<u4"),
    DType("uint16", 16, "U16", "", "<u2"),
    DType("uint8", 8, "U8", "ByteStorage", "<u1"),
    DType("bool", 8, "BOOL", "BoolStorage", "<u1"),
    DType("complex64", 64, "C64", "ComplexFloatStorage"),
    DType("float8_e8m0fnu", 8, "F8_E8M0"),
    DType("float8_e4m3fnuz", 8, "F8_E4M3FNUZ"),
    DType("float8_e5m2fnuz", 8, "F8_E5M2FNUZ"),
    DType("float6_e2m3fn", 6, "F6_E2M3"),
    DType("float6_e3m2fn", 6, "F6_E3M2"),
    DType("float4_e2m1fn_x2", 4, "F4"),
)
BY_NAME = {dtype.name: dtype for dtype in DTYPES}
BY_SAFETENSORS = {dtype.safetensors: dtype for dtype in DTYPES}
BY_STORAGE = {dtype.storage: dtype for dtype in DTYPES if dtype.storage}


def byte_size(elements: int, dtype: DType) -> int | None:
    """Bytes of `elements` packed elements; None if they do not fill whole bytes."""
    whole, left = divmod(elements * dtype.bits, 8)
    return None if left else whole


def is_float(name: str) -> bool:
    """Whether `name` is a floating-point format whose values can be decoded."""
    return BY_NAME[name].fraction is not None


def decode(raw: Bytes, name: str) -> Numbers:
    """The numbers in `raw`, a contiguous array of whole elements of dtype `name`.

    float32 for floats of 32 bits and fewer (exact), float64 for float64 (exact) and for integers
    (exact up to 2^53).
    """
    if name == "bfloat16":
        # A bfloat16 is the upper half of a float32.
        wide: NDArray[np.uint32] = np.left_shift(raw.view("<u2"), 16, dtype=np.uint32)
        return wide.view(np.float32)
    if name in FLOAT8_VALUES:
        return FLOAT8_VALUES[name][raw]
    numbers: NDArray[Any] = raw.view(str(BY_NAME[name].raw))
    # NumPy warns that widening a signalling NaN is "invalid"; the resulting NaN is right.
    with np.errstate(invalid="ignore"):
        return numbers.astype(np.float32 if numbers.dtype in ("f2", "f4") else np.float64)


def _float8_values(exponent_bits: int, fraction_bits: int, has_infinity: bool) -> Numbers:
    """The 256 values of an 8-bit float (Micikevicius et al. 2022, "FP8 Formats for Deep Learning").

    e5m2 has the infinities and NaNs of IEEE 754; e4m3fn has no infinities, and NaN only if all bits
    of exponent and fraction are ones.
    """
    code = np.arange(256)
    exponent = (code >> fraction_bits) & (2**exponent_bits - 1)
    fraction = (code & (2**fraction_bits - 1)) / 2**fraction_bits
    bias = 2 ** (exponent_bits - 1) - 1
    scale = 2.0 ** (np.maximum(exponent, 1) - bias)
    value = np.where(exponent > 0, 1 + fraction, fraction) * scale
    highest = exponent == 2**exponent_bits - 1
    if has_infinity:
        value[highest] = np.where(fraction[highest] == 0, np.inf, np.nan)
    else:
        value[(code & 0x7F) == 0x7F] = np.nan
    signed: Numbers = np.where(code < 128, value, -value)
    return signed.astype(np.float32)


FLOAT8_VALUES = {
    "float8_e4m3fn": _float8_values(4, 3, has_infinity=False),
    "float8_e5m2": _float8_values(5, 2, has_infinity=True),
}
