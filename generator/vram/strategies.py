"""A setup and how it is run -> the terms of its stages."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from generator.networks.memory import COMPUTE_DTYPES, MEMORY
from generator.records.memory import MemoryGrowth, PartMemory, PassMemory
from generator.vram.request import Options
from generator.vram.setup import Setup
from generator.vram.terms import MIB, PassTerm

# Samples of the denoiser per image, by how the pipeline applies guidance.
SAMPLES = {"batch_doubled": 2, "batch_tripled": 3}
# Passes over the prompts: a negative prompt is encoded after the prompt.
GUIDED = ("batch_doubled", "batch_tripled", "two_calls")
# Tiles overlap by a quarter, so those of one image have (1 / 0.75)^2 of its pixels.
TILE_SHARE = (4 / 3) ** 2
CHANNELS = 3

# Of a pass that could not be simulated, only the weights count.
UNKNOWN = PassMemory(live=MemoryGrowth())

# Bytes of the weights of one part that are on the GPU: all, or what offloading keeps.
Held = Callable[[PartMemory, int], int]


def _whole(_: PartMemory, weights: int) -> int:
    return weights


def _group(part: PartMemory, weights: int) -> int:
    kept = part.largest_block + part.outside_blocks
    return round(kept * weights / part.weights["bfloat16"])


def _leaf(part: PartMemory, weights: int) -> int:
    return round(part.largest_leaf * weights / part.weights["bfloat16"])


LEAF = "leaf-offload"
HELD: Mapping[str, Held] = {
    "resident": _whole,
    "model-offload": _whole,
    "group-offload": _group,
    LEAF: _leaf,
}


class _Plan:
    """The weights of each part in the format that is asked for."""

    def __init__(self, setup: Setup, options: Options) -> None:
        self.setup, self.options = setup, options
        self.encoders = {
            role: part for role, part in setup.encoders.items() if role not in options.without
        }
        self.weights: dict[str, int] = {
            role: part.weights[options.encoder_weights or options.dtype]
            for role, part in self.encoders.items()
        }
        self.denoiser = setup.denoiser.weights[options.weights or options.dtype] + options.added
        self.vae_dtype = options.vae_dtype or options.dtype
        self.vae = setup.vae.weights[self.vae_dtype] if setup.vae else 0

    def held(self, part: PartMemory, weights: int) -> int:
        """Bytes on the GPU while a part with `weights` runs; the buffers of all parts stay there
        when layers are offloaded."""
        held = HELD[self.options.strategy](part, weights)
        if self.options.strategy != LEAF:
            return held
        parts = (self.setup.denoiser, *self.encoders.values(), *filter(None, (self.setup.vae,)))
        left = sum(each.left_buffers for each in parts)
        return held + round(left * _scale(self.options.dtype))

    @property
    def upcasts(self) -> bool:
        """Whether the pipeline itself turns the VAE to float32 before it decodes."""
        vae, pipeline = self.setup.vae, self.setup.defaults.pipeline_class
        asked = self.options.vae_dtype or self.options.dtype != "float16"
        return bool(vae and vae.upcast) and not asked and pipeline in MEMORY.upcasting.pipelines


def terms(setup: Setup, options: Options) -> tuple[PassTerm, ...]:
    """The terms of encoding the prompt and the picture, denoising and decoding, in this order."""
    plan = _Plan(setup, options)
    return (*_encode(plan), *_encode_image(plan), _denoise(plan), *_decode(plan))


def _all_weights(plan: _Plan) -> int:
    return sum(plan.weights.values()) + plan.denoiser + plan.vae


def _encode(plan: _Plan) -> Iterator[PassTerm]:
    roles = list(plan.encoders)
    tokens = plan.setup.defaults.text_tokens or 77
    for place, (role, part) in enumerate(plan.encoders.items()):
        own = plan.held(part, plan.weights[role])
        is_last = place == len(roles) - 1
        if plan.options.strategy == "resident":
            own = _all_weights(plan)
        elif plan.options.strategy == "model-offload" and _returns_to_first(plan) and not is_last:
            # The last encoder is only moved away when the next part of the chain is called, so it
            # is still there when the negative prompt starts at the first encoder.
            own += plan.weights[roles[-1]]
        measured = part.passes.get("encode", UNKNOWN)
        yield PassTerm(
            stage="encode",
            weights=own,
            reserved=_reserved(plan, own),
            live=_at_length(measured.live, tokens),
            cached=measured.reserved and _at_length(measured.reserved, tokens),
            samples=0,
            scale=_scale(_computed(plan.options.encoder_weights, plan.options)),
        )


def _denoise(plan: _Plan) -> PassTerm:
    options, setup = plan.options, plan.setup
    measured = setup.denoiser.passes["forward" if options.attention == "fused" else "forward_math"]
    weights = plan.held(setup.denoiser, plan.denoiser)
    if options.strategy == "resident":
        weights = _all_weights(plan)
    if options.weights and MEMORY.formats[options.weights].unpacks:
        weights += setup.denoiser.largest_linear
    return PassTerm(
        stage="denoise",
        weights=weights,
        reserved=_reserved(plan, weights),
        live=measured.live,
        cached=measured.reserved,
        samples=SAMPLES.get(setup.defaults.guidance or "", 1),
        scale=_scale(_computed(options.weights, options)),
        square=_square(options),
        frame_multiple=setup.denoiser.frame_multiple,
    )


def _square(options: Options) -> float:
    """The factor of what grows with the square of the size: of the scores that "math" stores twice
    in float32 in any dtype and "baddbmm" twice in the dtype; else of masks in the dtype."""
    scale = _scale(_computed(options.weights, options))
    return {"math": 1.0, "baddbmm": scale / 2}.get(options.attention, scale)


def _encode_image(plan: _Plan) -> Iterator[PassTerm]:
    """One picture for all images of a batch."""
    vae, options = plan.setup.vae, plan.options
    if vae is None or not options.from_image:
        return
    weights, scale = _held_vae(plan, vae)
    tile = (vae.tile or 0) ** 2 / MIB if options.vae_tiling else None
    measured = vae.passes.get("encode_frame", vae.passes["encode"])
    yield PassTerm(
        stage="encode_image",
        weights=weights,
        reserved=_reserved(plan, weights),
        live=measured.live,
        cached=measured.reserved,
        samples=0,
        scale=scale,
        area=tile,
        image=CHANNELS * 2 * scale * MIB if tile else 0.0,
    )


def _held_vae(plan: _Plan, vae: PartMemory) -> tuple[int, float]:
    """Bytes of weights on the GPU while the VAE runs, and what its dtype multiplies."""
    own = 2 * plan.vae if plan.upcasts else plan.vae
    weights = plan.held(vae, own)
    if plan.options.strategy == "resident":
        weights = _all_weights(plan) + own - plan.vae
    return weights, _scale("float32" if plan.upcasts else plan.vae_dtype)


def _decode(plan: _Plan) -> Iterator[PassTerm]:
    vae, options = plan.setup.vae, plan.options
    if vae is None or vae.missing:
        return
    weights, scale = _held_vae(plan, vae)
    tile = (vae.tile or 0) ** 2 / MIB if options.vae_tiling else None
    pictures = CHANNELS * 2 * scale * MIB
    image = (TILE_SHARE * pictures if tile else 0.0) + (pictures if options.vae_slicing else 0.0)
    # Without a factor in time, the VAE takes the frames of a video as a batch of pictures.
    pictured = plan.setup.defaults.frames and not plan.setup.defaults.time_factor
    is_picture = not plan.setup.defaults.frames and "decode_frame" in vae.passes
    measured = vae.passes["decode_frame" if is_picture else "decode"]
    yield PassTerm(
        stage="decode",
        weights=weights,
        reserved=_reserved(plan, weights),
        live=measured.live,
        cached=measured.reserved,
        samples=0 if options.vae_slicing else 1,
        scale=scale,
        area=tile,
        frames=1 if options.vae_slicing and pictured else None,
        image=image,
    )


def _reserved(plan: _Plan, weights: int) -> int:
    """Bytes of segments for `weights`, in the proportion measured for all parts together."""
    parts: Sequence[PartMemory] = [plan.setup.denoiser, *plan.encoders.values()]
    parts = [*parts, plan.setup.vae] if plan.setup.vae else parts
    segments = sum(part.reserved_weights for part in parts)
    return round(weights * segments / sum(part.weights["bfloat16"] for part in parts))


def _at_length(growth: MemoryGrowth, tokens: int) -> MemoryGrowth:
    return MemoryGrowth(base_mib=growth.mib(1, tokens))


def _computed(weights: str | None, options: Options) -> str:
    """The dtype that a network computes in: that of its weights, if one can compute in it."""
    return weights if weights in COMPUTE_DTYPES else options.dtype


def _scale(dtype: str) -> float:
    return 2.0 if dtype == "float32" else 1.0


def _returns_to_first(plan: _Plan) -> bool:
    """Whether a negative prompt goes through all encoders after the prompt did."""
    defaults = plan.setup.defaults
    in_turn = defaults.pipeline_class in MEMORY.encoding.in_turn
    return defaults.guidance in GUIDED and not in_turn
