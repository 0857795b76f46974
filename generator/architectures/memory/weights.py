"""A module on the meta device -> the bytes of its weights in each format, and of its pieces."""

import re
from collections.abc import Iterable, Iterator

from torch import nn

from generator.architectures.memory.live import rounded
from generator.networks.memory import MEMORY, WeightFormat

# Layers that diffusers' casting and group offloading know (hooks/_common.py).
LAYERS = (nn.modules.conv._ConvNd, nn.Linear, nn.Embedding)
# diffusers' own exceptions from casting, beside those of the class (hooks/layerwise_casting.py).
KEPT_BY_CASTING = ("pos_embed", "patch_embed", "norm", "^proj_in$", "^proj_out$")
HALF = 2


def weights_by_format(module: nn.Module) -> dict[str, int]:
    """Bytes of parameters and buffers by the name of the format."""
    return {
        name: sum(_parameter_sizes(module, rules)) + _buffer_bytes(module, name)
        for name, rules in MEMORY.formats.items()
    }


def parameter_sizes(module: nn.Module, name: str) -> list[int]:
    """Bytes of each parameter in a format, in the order of the module."""
    return list(_parameter_sizes(module, MEMORY.formats[name]))


def _parameter_sizes(module: nn.Module, rules: WeightFormat) -> Iterator[int]:
    seen = set()
    for path, owner in module.named_modules():
        for name, parameter in owner.named_parameters(recurse=False):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                rows = len(parameter) if parameter.ndim > 1 else 0
                if _is_covered(module, path, owner, name, rules):
                    size = rules.bytes * parameter.numel() + rules.row_bytes * rows
                else:
                    size = HALF * parameter.numel()
                if rules.wide and is_kept_wide(module, f"{path}.{name}"):
                    size = 4 * parameter.numel()
                yield rounded(round(size))


def _is_covered(
    module: nn.Module, path: str, owner: nn.Module, name: str, rules: WeightFormat
) -> bool:
    if rules.covers == "all":
        return True
    if rules.covers == "matrices":
        return isinstance(owner, nn.Linear) and name == "weight"
    if not isinstance(owner, LAYERS):
        return False
    own = getattr(module, "_skip_layerwise_casting_patterns", None) or ()
    wide = getattr(module, "_keep_in_fp32_modules", None) or ()
    patterns = (*KEPT_BY_CASTING, *own, *wide) if rules.library_keeps else ()
    return not any(re.search(pattern, path) for pattern in patterns)


def is_kept_wide(module: nn.Module, name: str) -> bool:
    """Whether transformers keeps this parameter in float32 when it loads float16 weights."""
    kept = getattr(module, "_keep_in_fp32_modules", None) or ()
    return not set(name.split(".")).isdisjoint(kept)


def _buffer_bytes(module: nn.Module, name: str) -> int:
    wide = name == "float32"
    return sum(
        rounded(buffer.numel() * ((4 if wide else HALF) if buffer.is_floating_point() else 8))
        for buffer in module.buffers()
    )


def half_bytes(modules: Iterable[nn.Module]) -> int:
    """Bytes of the parameters and buffers of `modules` in 16 bits."""
    return sum(
        sum(HALF * p.numel() for p in module.parameters()) + _buffer_bytes(module, "bfloat16")
        for module in modules
    )


def left_buffers(module: nn.Module) -> int:
    """Bytes of the buffers that offloading by layer leaves on the GPU, in 16 bits.

    diffusers has accelerate move buffers only where the whole network has a parameter of its own
    (`DiffusionPipeline.enable_sequential_cpu_offload`).
    """
    return 0 if module._parameters else _buffer_bytes(module, "bfloat16")


def can_offload_groups(module: nn.Module) -> bool:
    """Whether the class allows group offloading; transformers does not know of it."""
    return bool(getattr(module, "_supports_group_offloading", True))


def largest_leaf(module: nn.Module) -> int:
    """Bytes in 16 bits of the layer with the most parameters of its own."""
    return HALF * max(
        sum(p.numel() for p in owner.parameters(recurse=False)) for owner in module.modules()
    )


def largest_linear(module: nn.Module) -> int:
    """Bytes in 16 bits of the largest linear layer."""
    layers = (owner for owner in module.modules() if isinstance(owner, nn.Linear))
    return max((HALF * layer.weight.numel() for layer in layers), default=0)


def offload_groups(module: nn.Module) -> tuple[int, int]:
    """Bytes in 16 bits of the largest group of group offloading by block, and of what is no group.

    Members of lists are groups, also inside the modules that the class names for it (diffusers,
    hooks/group_offloading.py); all else is on the GPU during the whole pass.
    """
    groups = [half_bytes([group]) for group in _groups(module)]
    return max(groups, default=0), half_bytes([module]) - sum(groups)


def _groups(module: nn.Module) -> Iterator[nn.Module]:
    named = set(getattr(module, "_group_offload_block_modules", None) or ())
    for name, child in module.named_children():
        if name in named:
            inner = list(_groups(child))
            # What such a module has beside its lists is a group, too.
            yield from inner or [child]
        elif isinstance(child, nn.ModuleList | nn.Sequential):
            yield from child
