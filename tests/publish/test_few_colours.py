"""Pictures of few colours, as Pillow reads them."""

from io import BytesIO

import numpy as np
import pytest
import vl_convert
from PIL import Image

from generator.publish.figures.few_colours import with_few_colours

SHAPES = "".join(
    f'<circle cx="{40 + 60 * n}" cy="50" r="30" fill="{colour}"/>'
    for n, colour in enumerate(("#0072b2", "#d55e00", "#009e73", "#e69f00"))
)
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100">'
    f'<rect width="300" height="100" fill="#fdfcf8"/>{SHAPES}'
    '<text x="10" y="55" font-size="20" font-family="sans-serif">letters and edges</text></svg>'
)


def seen(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(content)).convert("RGB")).astype(int)


@pytest.mark.parametrize("count", [2, 16, 64])
def test_the_picture_is_the_same_in_fewer_bytes(count):
    whole = vl_convert.svg_to_png(DRAWING)
    few = with_few_colours(whole, count)
    assert with_few_colours(whole, count) == few
    assert len(few) < len(whole) / 2
    before, after = seen(whole), seen(few)
    assert len(np.unique(after.reshape(-1, 3), axis=0)) <= count
    # As near as an octree of Pillow's.
    octree = Image.open(BytesIO(whole)).convert("RGB").quantize(count, Image.Quantize.FASTOCTREE)
    usual = np.asarray(octree.convert("RGB")).astype(int)
    assert np.abs(before - after).mean() <= max(np.abs(before - usual).mean(), 0.5)
    # Flat colours stay.
    assert np.abs(before[95] - after[95]).max() <= 1


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_other_pictures_stay(mode):
    """Of other filters, another kind of colours, or seen through."""
    noise = np.random.default_rng(0).integers(0, 256, (20, 30, 4), np.uint8)
    content = BytesIO()
    Image.fromarray(noise, "RGBA").convert(mode).save(content, "PNG")
    assert with_few_colours(content.getvalue(), 8) == content.getvalue()
