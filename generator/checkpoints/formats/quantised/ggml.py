"""Types of tensors in GGUF files: their numbers, and the sizes of their blocks.

Sources: `ggml.h` and `ggml-common.h` of ggml-org/ggml; `gguf.constants` of its Python package.
"""

from typing import NamedTuple


class GgmlType(NamedTuple):
    """A quantised type: blocks of `values` values in `size` bytes.

    `factor` and `minimum` are the positions of a block's float16 numbers, -1 for none. A type
    without a factor is counted but not read.
    """

    name: str
    number: int
    values: int
    size: int
    factor: int = -1
    minimum: int = -1


TYPES = (
    GgmlType("Q4_0", 2, 32, 18, 0),
    GgmlType("Q4_1", 3, 32, 20, 0, 2),
    GgmlType("Q5_0", 6, 32, 22, 0),
    GgmlType("Q5_1", 7, 32, 24, 0, 2),
    GgmlType("Q8_0", 8, 32, 34, 0),
    GgmlType("Q8_1", 9, 32, 40),
    GgmlType("Q2_K", 10, 256, 84, 80, 82),
    GgmlType("Q3_K", 11, 256, 110, 108),
    GgmlType("Q4_K", 12, 256, 144, 0, 2),
    GgmlType("Q5_K", 13, 256, 176, 0, 2),
    GgmlType("Q6_K", 14, 256, 210, 208),
    GgmlType("Q8_K", 15, 256, 292),
    GgmlType("IQ2_XXS", 16, 256, 66),
    GgmlType("IQ2_XS", 17, 256, 74),
    GgmlType("IQ3_XXS", 18, 256, 98),
    GgmlType("IQ1_S", 19, 256, 50),
    GgmlType("IQ4_NL", 20, 32, 18, 0),
    GgmlType("IQ3_S", 21, 256, 110),
    GgmlType("IQ2_S", 22, 256, 82),
    GgmlType("IQ4_XS", 23, 256, 136, 0),
    GgmlType("IQ1_M", 29, 256, 56),
    GgmlType("TQ1_0", 34, 256, 54),
    GgmlType("TQ2_0", 35, 256, 66),
    GgmlType("MXFP4", 39, 32, 17),
    GgmlType("NVFP4", 40, 64, 36),
    GgmlType("Q1_0", 41, 128, 18),
)
BY_NUMBER = {each.number: each for each in TYPES}
BY_NAME = {each.name: each for each in TYPES}
# Types that are plain numbers.
PLAIN = {
    0: "float32",
    1: "float16",
    24: "int8",
    25: "int16",
    26: "int32",
    27: "int64",
    28: "float64",
    30: "bfloat16",
}
