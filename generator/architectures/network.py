"""Config -> network on the meta device, and its inputs: shapes and dtypes without storage."""

import inspect
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import diffusers
import torch
import transformers

from generator.catalog.reading import InputSizes
from generator.errors import ConfigError
from generator.networks.families import FAMILIES, Family, Input
from generator.records import TensorSpec

# Arguments of a network's `forward` by name: tensors, or mappings or tuples of tensors.
Arguments = dict[str, Any]

CLIP_TOKENS = 77
DEFAULT_LATENT = 128
# Published configs have a few kilobytes.
LARGEST_CONFIG = 2**20


class BuiltNetwork(NamedTuple):
    """A denoiser on the meta device in float16, with its family and its complete config.

    `ignored_keys` are keys of the config that the class does not have.

    `module` is a `diffusers.ModelMixin`, of which no types are published.
    """

    module: Any
    family: Family
    config: dict[str, Any]
    ignored_keys: tuple[str, ...]


def read_config(path: Path) -> dict[str, Any]:
    """Read a diffusers `config.json`.

    Raises:
        ConfigError: it cannot be read, is not a JSON object, or is far too large for a config.
    """
    try:
        if path.stat().st_size > LARGEST_CONFIG:
            raise ConfigError(str(path), f"has more than {LARGEST_CONFIG:,} bytes: not a config")
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(str(path), f"cannot be read ({error})") from error
    if not isinstance(config, dict):
        raise ConfigError(str(path), "is not a JSON object", "Expected a diffusers config.json")
    return config


def build_network(config: Mapping[str, Any], subject: str) -> BuiltNetwork:
    """Build the denoiser of a config without weights.

    `subject` names the config in errors.

    Raises:
        ConfigError: the class is unknown, a key or value does not fit it, or the config is a
            variant with unknown inputs.
    """
    class_name = config.get("_class_name")
    family = FAMILIES.get(class_name) if isinstance(class_name, str) else None
    if family is None:
        known = ", ".join(FAMILIES)
        raise ConfigError(subject, f"unknown class {class_name!r}", f"Known classes: {known}")
    denoiser_class = getattr(diffusers, str(class_name))
    try:
        with torch.device("meta"):
            module = denoiser_class.from_config(dict(config)).half().eval()
    except Exception as error:
        raise ConfigError(
            subject, f"{class_name} cannot be built from it ({type(error).__name__}: {error})"
        ) from error
    full = dict(module.config)
    for key, covered in family.variants.items():
        if full.get(key) not in (None, *covered):
            allowed = ", ".join(map(repr, (None, *covered)))
            reason = f"{key} = {full[key]!r} is not supported"
            raise ConfigError(subject, reason, f"Supported: {allowed}")
    return BuiltNetwork(module, family, full, ignored_keys(denoiser_class, config))


def ignored_keys(module_class: type, config: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys of a diffusers config that the class does not have; diffusers ignores them."""
    known = inspect.signature(module_class.__init__).parameters  # type: ignore[misc]
    return tuple(key for key in config if not key.startswith("_") and key not in known)


def make_arguments(network: BuiltNetwork, sizes: InputSizes, subject: str) -> Arguments:
    """The network's inputs at `sizes`, as meta tensors, by argument name.

    Raises:
        ConfigError: a size that the inputs need is not an integer of the config.
    """
    latent = sizes.latent or network.config.get("sample_size") or DEFAULT_LATENT
    symbols = {
        "batch": sizes.batch,
        "latent": latent,
        "text_tokens": sizes.text_tokens or CLIP_TOKENS,
        # Transformers cut the latent image into patches of 2 x 2.
        "image_tokens": (latent // 2) ** 2 if isinstance(latent, int) else None,
    }
    return make_tensors(network.family.inputs, {**network.config, **symbols}, subject, "meta")


def make_tensors(
    inputs: Sequence[Input], symbols: Mapping[str, Any], subject: str, device: str
) -> Arguments:
    """Zero tensors for a table of inputs, nested by their names, with sizes from `symbols`."""
    arguments: Arguments = {}
    for item in inputs:
        if item.when and not symbols.get(item.when):
            continue
        sizes = [_resolve(size, symbols, item.name, subject) for size in item.sizes]
        tensor = torch.zeros(sizes, dtype=getattr(torch, item.dtype), device=device)
        name, _, inner = item.name.partition(".")
        if not inner:
            arguments[name] = tensor
        elif inner.isdecimal():
            arguments[name] = (*arguments.get(name, ()), tensor)
        else:
            arguments.setdefault(name, {})[inner] = tensor
    return arguments


def _resolve(size: int | str, symbols: Mapping[str, Any], name: str, subject: str) -> int:
    value = symbols.get(size) if isinstance(size, str) else size
    if type(value) is not int or value < 1:
        raise ConfigError(subject, f"{name} needs a positive integer {size}, not {value!r}")
    return value


def describe(arguments: Mapping[str, Any]) -> dict[str, TensorSpec]:
    """Shape and dtype of every tensor in `arguments`; nested names joined by dots."""
    return {
        name: TensorSpec(shape=tuple(tensor.shape), dtype=str(tensor.dtype).removeprefix("torch."))
        for name, tensor in _flatten("", arguments)
    }


def _flatten(prefix: str, value: object) -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(value, torch.Tensor):
        yield prefix, value
    elif isinstance(value, Mapping | tuple | list):
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, inner in items:
            yield from _flatten(f"{prefix}.{key}" if prefix else str(key), inner)


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Silence diffusers' and transformers' warnings about networks that are never run."""
    loggings = (diffusers.utils.logging, transformers.utils.logging)
    levels = [logging.get_verbosity() for logging in loggings]
    for logging in loggings:
        logging.set_verbosity_error()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            for logging, level in zip(loggings, levels, strict=True):
                logging.set_verbosity(level)
