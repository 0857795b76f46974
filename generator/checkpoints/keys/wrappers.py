"""Names of tensors -> the same without what programs put before all of them.

torch.compile, data parallelism and trainers wrap a network in a module; the prefix says nothing
about the network.
"""

from collections.abc import Sequence

from generator.checkpoints.keys.sections import has_section, section_of

# At any place: torch.compile wraps single modules, too.
INSIDE = "_orig_mod."
# Before all names: data parallelism; ComfyUI's and trainers' attributes; ControlNet; upscalers.
AROUND = (
    "module.",
    "model.model.",
    "diffusion_model.",
    "control_model.",
    "unet.",
    "transformer.",
    "net.",
    "params_ema.",
    "params.",
)
# As well, if most names behind it are of a known component: language models and upscalers have
# modules of these names, too.
MAYBE_AROUND = (
    "model.",
    "base_model.model.",
    "state_dict.",
    "ema_model.",
    "unet_ema.",
    "ema.",
    "autoencoder.",
)
# Parts of Stable Audio, which wraps its denoiser alone.
BESIDE = ("pretransform.", "conditioner.conditioners.")
OTHER = "other"
MOST_WRAPPERS = 8
# Tensors that say how a network was trained or quantised, outside of it.
MARKERS = frozenset(
    {
        "v_pred",
        "ztsnr",
        "edm_mean",
        "edm_std",
        "edm_vpred.sigma_max",
        "scaled_fp8",
        # Of a ControlNet that is stored as the difference from the network.
        "difference",
    }
)
# Models of a pipeline that one file holds under the names of its attributes.
ENCODERS = ("text_encoder", "text_encoder_2", "text_encoder_3", "image_encoder")
PARTS = {"unet", "transformer", "prior", "vae", "vqgan", "movq", "safety_checker", *ENCODERS}


def by_part(names: Sequence[str]) -> list[str]:
    """The names as in the folders of a pipeline (`unet/conv_in.weight`), if all start with its
    parts and there are several; else as they are."""
    starts = {name.partition(".")[0] for name in names} - MARKERS
    if len(starts) < 2 or not starts <= PARTS:
        return list(names)
    return [name.replace(".", "/", 1) if name not in MARKERS else name for name in names]


def unwrap(names: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The names without wrappers, in the same order; and the wrappers, without their last dot."""
    found = []
    if any(INSIDE in name for name in names):
        found.append(INSIDE)
        names = [name.replace(INSIDE, "") for name in names]
    while len(found) < MOST_WRAPPERS and (prefix := _around(names)):
        found.append(prefix)
        names = [name.removeprefix(prefix) for name in names]
    return list(names), tuple(prefix.rstrip(".") for prefix in found)


def _around(names: Sequence[str]) -> str:
    """A wrapper of all names; empty if there is none, or if the names tell their component."""
    inside = [name for name in names if name not in MARKERS and not name.startswith(BESIDE)]
    if not inside or any(map(has_section, inside)):
        return ""
    found = next((p for p in (*AROUND, *MAYBE_AROUND) if inside[0].startswith(p)), "")
    if not all(name.startswith(found) for name in inside):
        return ""
    known = [section_of(name.removeprefix(found))[0] != OTHER for name in inside]
    return found if found in AROUND or 2 * sum(known) > len(known) else ""
