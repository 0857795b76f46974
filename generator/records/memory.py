"""Memory of one network of a pipeline: its weights by format, and what a pass takes beyond them."""

from typing import Annotated, Literal

from msgspec import Meta, field

from generator.records.base import Count, Record, ResultRecord
from generator.records.checks import require
from generator.records.reasons import Reason

PartKind = Literal["denoiser", "vae", "encoder"]
# A coefficient of a fitted form; those of shared parts may be a little below zero.
Mebibytes = Annotated[float, Meta(ge=-1e9, le=1e9)]


class MemoryGrowth(Record):
    """The most memory of one pass beyond the weights, in MiB, of n samples.

    base + shared a f + shared2 (a f)^2 + n (sample + area a + frame f + unit a f + unit2 (a f)^2),
    where a is the area of a frame in 2^20 pixels and f the number of latent frames, 1 for an image.
    For an encoder, a is the number of tokens. `moments` are the same sums at other moments of the
    pass, which are larger at other sizes: the largest counts. `residual` is the relative error at a
    size that was simulated, but not fitted.
    """

    base_mib: Mebibytes = 0.0
    shared_mib_per_unit: Mebibytes = 0.0
    shared_mib_per_unit2: Mebibytes = 0.0
    mib_per_sample: Mebibytes = 0.0
    mib_per_area: Mebibytes = 0.0
    mib_per_frame: Mebibytes = 0.0
    mib_per_unit: Mebibytes = 0.0
    mib_per_unit2: Mebibytes = 0.0
    moments: "tuple[MemoryGrowth, ...]" = ()
    residual: Annotated[float, Meta(ge=0)] = 0.0

    def mib(
        self, samples: float, area: float, frames: float = 1, scale: float = 1, square: float = 1
    ) -> float:
        """MiB at a number of samples and a size; `scale` multiplies what grows with the size,
        `square` what grows with its square."""
        unit = area * frames
        each = self.mib_per_sample + self.mib_per_area * area + self.mib_per_frame * frames
        each += self.mib_per_unit * unit
        linear = self.base_mib + self.shared_mib_per_unit * unit + samples * each
        squared = (self.shared_mib_per_unit2 + samples * self.mib_per_unit2) * unit**2
        others = (moment.mib(samples, area, frames, scale, square) for moment in self.moments)
        return max(scale * linear + square * squared, *others, 0.0)


class PassMemory(Record):
    """One kind of pass: what is live at once (with workspaces of convolutions), and what torch's
    allocator reserves for it, where that has been fitted."""

    live: MemoryGrowth
    reserved: MemoryGrowth | None = None


class PartMemory(ResultRecord):
    """A denoiser, VAE or encoder, measured without weights, in half precision.

    `weights` are bytes by format, buffers included; `reserved_weights` is what torch's allocator
    reserves for them in bfloat16. `largest_leaf` (one layer), `largest_block` and `outside_blocks`
    (what group offloading keeps on the GPU during a pass) are bytes in bfloat16, and so are
    `left_buffers`, which offloading by layer leaves on the GPU. `can_offload_groups`: whether its
    class allows group offloading. `passes` are by name: `forward`, `forward_math` (attention that
    stores its scores), `encode`, `decode` and, of VAEs of videos, `encode_frame` and `decode_frame`
    of a picture. `tile` is the side of a tile in pixels, or of a square of the same area. Of a VAE
    of sound, `sampling_rate` are the samples of a second, and the unit of area is 2^20 of them.
    `upcast`: whether the pipeline decodes in float32 under float16. Latent frames are padded to a
    multiple of `frame_multiple`. `missing` is why there are no passes.
    """

    kind: PartKind
    class_name: str
    parameters: Count
    weights: dict[str, Count]
    reserved_weights: Count
    largest_leaf: Count
    largest_linear: Count
    largest_block: Count
    outside_blocks: Count
    left_buffers: Count
    can_offload_groups: bool = True
    passes: dict[str, PassMemory] = field(default_factory=dict)
    tile: Count | None = None
    sampling_rate: Count | None = None
    upcast: bool = False
    frame_multiple: Annotated[int, Meta(ge=1)] = 1
    missing: Reason | None = None
    versions: dict[str, str]
    schema: Literal[4] = 4

    def check(self) -> None:
        """See `ResultRecord`."""
        require(bool(self.passes) != bool(self.missing), "passes, without a reason")
        require(self.largest_leaf <= self.weights["float32"], "largest_leaf exceeds the weights")
