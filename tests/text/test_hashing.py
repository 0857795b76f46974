"""The BLAKE3 of a component as the page Methods explains it, against files that are measured."""

import io
import json
import struct
from contextlib import redirect_stdout

from generator.checkpoints.inventory.measuring import measure_checkpoint
from generator.text.hashing import BLAKE3_EXAMPLE, BLAKE3_PRINTED

# The two weights of the example in a safetensors file, under the names of a single-file checkpoint.
HALVES, SINGLE = struct.pack("<2e", 1, -2), struct.pack("<f", 0.5)
HEADER = {
    "first_stage_model.quant_conv.bias": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]},
    "first_stage_model.post_quant_conv.bias": {
        "dtype": "F32",
        "shape": [1],
        "data_offsets": [4, 8],
    },
}


def test_the_example_prints_what_the_page_says():
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(BLAKE3_EXAMPLE, {})
    assert printed.getvalue() == BLAKE3_PRINTED + "\n"


def test_a_file_with_the_weights_of_the_example_has_its_digest(tmp_path):
    encoded = json.dumps(HEADER).encode()
    path = tmp_path / "vae.safetensors"
    path.write_bytes(struct.pack("<Q", len(encoded)) + encoded + HALVES + SINGLE)
    record = measure_checkpoint(path, "vae").record
    assert {part.name: part.blake3 for part in record.components} == {"vae": BLAKE3_PRINTED}
