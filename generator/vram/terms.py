"""The sum behind every prediction; the sliders of the pages compute the same from the same numbers.

A pipeline runs passes one after the other. Each pass is a term: the weights on the GPU while it
runs, and what it takes beyond them. A stage is as large as its largest term.
"""

from generator.records import Record
from generator.records.memory import MemoryGrowth

MIB = 2**20


class Load(Record):
    """Sizes of one run: images or videos, the area of a frame in 2^20 pixels, latent frames."""

    batch: int
    area: float
    frames: int = 1


class PassTerm(Record):
    """One pass: bytes of weights, and its growth.

    `samples` per image, 0 if the pass takes one sample whatever the batch; `scale` is 2 in float32,
    `square` the same for what grows with the square of the size: scores and masks of attention.
    `area` limits the area of a pass, as tiles do, `frames` its frames, as slices do where frames
    are decoded as pictures; frames are padded to a multiple of `frame_multiple`. `image` are bytes
    per image and unit of size that are kept beside. `reserved` are the weights in torch's
    allocator, `cached` what it takes beyond them; None where only what is live is known.
    """

    stage: str
    weights: int
    reserved: int
    live: MemoryGrowth
    cached: MemoryGrowth | None = None
    samples: int = 1
    scale: float = 1.0
    square: float = 1.0
    area: float | None = None
    frames: int | None = None
    frame_multiple: int = 1
    image: float = 0.0


def activations(term: PassTerm, growth: MemoryGrowth, load: Load) -> int:
    """Bytes that a pass takes beyond the weights; `growth` is that of what is live, or cached."""
    area = load.area if term.area is None else min(load.area, term.area)
    frames = load.frames if term.frames is None else min(load.frames, term.frames)
    frames = -(-frames // term.frame_multiple) * term.frame_multiple
    samples = term.samples * load.batch if term.samples else 1
    passed = growth.mib(samples, area, frames, term.scale, term.square)
    return round(passed * MIB + term.image * load.batch * load.area * load.frames)
