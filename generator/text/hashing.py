"""How an outsider computes the BLAKE3 of a component: an example in Python, and what it prints."""

BLAKE3_EXAMPLE = r"""import json
from blake3 import blake3

weights = {  # canonical name: dtype, shape, bytes of the values
    "quant_conv.bias": ("float16", [2], b"\x00\x3c\x00\xc0"),  # 1, -2
    "post_quant_conv.bias": ("float32", [1], b"\x00\x00\x00\x3f"),  # 0.5
}
lines = [
    json.dumps(
        [name, dtype, shape, blake3(values).hexdigest()],
        separators=(",", ":"),
        ensure_ascii=False,
    )
    for name, (dtype, shape, values) in sorted(weights.items())
]
print(blake3("\n".join(lines).encode()).hexdigest())"""

BLAKE3_PRINTED = "1801126f3b6ecc50130da5cd69322fbf71ce7b9f6100424aa28a0af2d9217369"
