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
    GgmlType("q4_0", 2, 32, 18, 0),
    GgmlType("q4_1", 3, 32, 20, 0, 2),
    GgmlType("q5_0", 6, 32, 22, 0),
    GgmlType("q5_1", 7, 32, 24, 0, 2),
    GgmlType("q8_0", 8, 32, 34, 0),
    GgmlType("q8_1", 9, 32, 40),
    GgmlType("q2_k", 10, 256, 84, 80, 82),
    GgmlType("q3_k", 11, 256, 110, 108),
    GgmlType("q4_k", 12, 256, 144, 0, 2),
    GgmlType("q5_k", 13, 256, 176, 0, 2),
    GgmlType("q6_k", 14, 256, 210, 208),
    GgmlType("q8_k", 15, 256, 292),
    GgmlType("iq2_xxs", 16, 256, 66),
    GgmlType("iq2_xs", 17, 256, 74),
    GgmlType("iq3_xxs", 18, 256, 98),
    GgmlType("iq1_s", 19, 256, 50),
    GgmlType("iq4_nl", 20, 32, 18, 0),
    GgmlType("iq3_s", 21, 256, 110),
    GgmlType("iq2_s", 22, 256, 82),
    GgmlType("iq4_xs", 23, 256, 136, 0),
    GgmlType("iq1_m", 29, 256, 56),
    GgmlType("tq1_0", 34, 256, 54),
    GgmlType("tq2_0", 35, 256, 66),
    GgmlType("mxfp4", 39, 32, 17),
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
