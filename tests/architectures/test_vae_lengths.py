"""Memory of VAEs of videos at lengths far from those that are fitted."""

from pathlib import Path

import pytest

from generator.architectures.components import build_component
from generator.architectures.memory.growth import MEGAPIXEL, MIB
from generator.architectures.memory.passes import simulate
from generator.architectures.memory.vaes import COLOURS, _empty, latent_shape
from generator.architectures.network import quiet_libraries
from generator.catalog.reading import read_catalog
from generator.records import store
from generator.records.memory import PartMemory

DATA = Path(__file__).parents[2] / "data"


@pytest.mark.parametrize(
    ("identity", "name", "side", "frames"),
    [
        # In parts of two or three latents, and in tiles of five.
        ("vae-cogvideox", "decode", 320, 21),
        ("vae-hunyuan-video", "decode", 320, 33),
        # A picture, whose first frame needs no cache for a second one.
        ("vae-qwen-image", "decode_frame", 768, 1),
        ("vae-qwen-image", "encode_frame", 1152, 1),
    ],
)
def test_a_length_that_was_not_fitted(identity, name, side, frames):
    entry = next(each for each in read_catalog(DATA).components if each.id == identity)
    record = store.read_result(DATA / "memory" / f"{identity}.json", PartMemory)
    with quiet_libraries():
        vae = build_component(entry, DATA).half().eval()
        shape = latent_shape(vae)
        if name == "encode_frame":
            channels, factor, call = COLOURS, 1, vae.encode
        else:
            channels, factor, call = shape.channels, shape.factor, vae.decode
        given = _empty(vae, 1, channels, frames, side // factor, side // factor)
        run = simulate(vae, lambda: call(given, return_dict=False), [given])
    told = record.passes[name].live.mib(1, side**2 / MEGAPIXEL, frames) * MIB
    assert told == pytest.approx(run.peak_with_workspace, rel=0.01)
