"""Colours mean one thing each, to readers with and without colour blindness."""

from itertools import combinations, product

import numpy as np
import pytest

from generator.networks.palette import BLOCK_COLOURS, COMPONENT_COLOURS, block_colour
from generator.publish.figures.pixels import MARKED

# What remains of linear red, green and blue: Machado, Oliveira and Fernandes (2009), severity 1.
SIGHTS = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / [[0.9505], [1.0], [1.089]]
# Two patches side by side are told apart from about 2.3 on; these stand apart.
LEAST = 12
BLOCKS = {BLOCK_COLOURS[name] for name in ("IN", "MID", "OUT", "DOUBLE", "SINGLE", "REST")}


def lab(colour, sight):
    """CIE L*a*b* of a colour as it is seen."""
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(SIGHTS[sight] @ linear, 0, 1)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("sight", SIGHTS)
def test_components_differ_from_one_another_and_from_blocks(sight):
    components = COMPONENT_COLOURS.values()
    for one, other in [*combinations(components, 2), *product(components, BLOCKS)]:
        assert np.linalg.norm(lab(one, sight) - lab(other, sight)) > LEAST, (one, other)


@pytest.mark.parametrize("sight", SIGHTS)
def test_what_is_highlighted_has_a_colour_of_its_own(sight):
    for other in (*COMPONENT_COLOURS.values(), *BLOCKS):
        assert np.linalg.norm(lab(MARKED, sight) - lab(other, sight)) > LEAST, other


def test_no_blocks_of_a_network_look_like_its_rest_or_like_each_other(atlas):
    for network in atlas.architectures:
        blocks = network.mbw.blocks
        names = {block.name.rstrip("0123456789") for block in blocks}
        assert len({block_colour(name) for name in names}) == len(names), network.id
