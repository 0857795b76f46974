"""Weights in other orders than the canonical one, against the demo family and NumPy."""

import numpy as np
import pytest

from generator.checkpoints.formats.files import WeightFile
from generator.checkpoints.formats.quantised.packing import Packing
from generator.checkpoints.identify.reading import Reader, Source
from generator.distances.matrix import matrix


@pytest.mark.parametrize("form", ["same", "swapped", "flipped"])
@pytest.mark.parametrize("strided", [False, True])
@pytest.mark.parametrize("step", [1, 5, 100])
def test_any_range_of_any_form(tmp_path, form, strided, step):
    stored = np.arange(60, dtype="<f4").reshape(6, 10)
    path = tmp_path / "values"
    path.write_bytes(b"header" + (stored.T if strided else stored).tobytes())
    # The last four rows of the tensor are the weight.
    rows = stored[2:]
    canonical = {"same": rows, "swapped": np.roll(rows, 2, 0), "flipped": rows.T}[form].flatten()
    source = Source(
        file=0,
        offset=6,
        dtype="float32",
        shape=stored.shape,
        start=80,
        nbytes=160,
        form=form,
        strides=(1, 6) if strided else None,
        span=240,
    )
    with WeightFile(path) as file:
        reader = Reader([file])
        for first in range(0, 40, step):
            values = np.empty(min(step, 40 - first), dtype="<f4")
            reader.read(source, first, memoryview(values).cast("B"))
            np.testing.assert_array_equal(values, canonical[first : first + step])


@pytest.mark.parametrize("form", ["same", "swapped", "flipped"])
def test_blocks_of_codes_in_any_form(tmp_path, form):
    """Q8_0: a scale and 32 codes of 8 bits each."""
    codes = np.random.default_rng(0).integers(-127, 128, (4, 64), np.int8)
    scales = np.array([0.5, 2, 1, 4, 0.25, 8, 1, 2], "<f2")
    blocks = codes.reshape(8, 32)
    path = tmp_path / "values"
    path.write_bytes(
        b"".join(d.tobytes() + q.tobytes() for d, q in zip(scales, blocks, strict=True))
    )
    values = (blocks * scales[:, None].astype(np.float32)).reshape(4, 64)
    turned = {"same": values, "swapped": np.roll(values, 2, 0), "flipped": values.T}[form]
    source = Source(
        file=0,
        offset=0,
        dtype="float32",
        shape=(4, 64),
        start=0,
        nbytes=1024,
        form=form,
        strides=None,
        span=1024,
        packing=Packing(format="Q8_0", reader="blocks", values=32, size=34, nbytes=8 * 34),
    )
    found = np.empty(100, "<f4")
    with WeightFile(path) as file:
        Reader([file]).read(source, 50, memoryview(found).cast("B"))
    np.testing.assert_array_equal(found, turned.flatten()[50:150])


def test_one_model_in_every_layout(family):
    """A diffusers folder, a pickle and a renamed copy are what they were made from."""
    names = [
        "demo-tune-2.safetensors",
        "demo-ema.ckpt",
        "demo-branch-b.safetensors",
        "demo-diffusers",
        "demo-branch-a.safetensors",
        "demo-renamed-text-encoder.safetensors",
    ]
    components = matrix([family / name for name in names]).matrix.components
    for component in ("denoiser", "text_encoder", "vae"):
        for one, other in ((0, 1), (2, 3), (4, 5)):
            assert components[component].l2[one][other] == 0
            assert components[component].identical[one][other] is True
    assert components["denoiser"].l2[0][2] > 0
