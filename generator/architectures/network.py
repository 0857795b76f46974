"""Config -> network on the meta device: modules and parameters without storage."""

import inspect
import itertools
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import diffusers
import torch
import transformers
from torch.nn.modules.module import register_module_parameter_registration_hook

from generator.errors import ConfigError
from generator.networks.families import FAMILIES, Family
from generator.networks.other_kinds import kind_of_module

# Where diffusers keeps its denoisers.
DENOISER_MODULES = ("diffusers.models.transformers.", "diffusers.models.unets.")
DENOISERS_ELSEWHERE = ("AudioLDM2UNet2DConditionModel", "UniDiffuserModel")
# Published configs have a few kilobytes.
LARGEST_CONFIG = 2**20
# Keys that count the main blocks; refiners and blocks of the text come beside them.
BLOCK_COUNT = re.compile(r"(num|n)_((single|mmdit|single_dit|visual)_)?(layers|blocks)|depth")
# LTX 2.3 has 4,187, the most of those measured.
MOST_TENSORS = 20_000


class BuiltNetwork(NamedTuple):
    """A denoiser on the meta device in float16, with its family and its complete config.

    `module` is a `diffusers.ModelMixin`, of which no types are published. `family` is None for a
    class without a table. `ignored_keys` are keys of the config that the class does not have.
    """

    module: Any
    family: Family | None
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
        config = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(str(path), f"cannot be read ({error})") from error
    if not isinstance(config, dict):
        raise ConfigError(str(path), "is not a JSON object", "Expected a diffusers config.json")
    return config


def build_network(config: Mapping[str, Any], subject: str) -> BuiltNetwork:
    """Build the denoiser of a config without weights.

    `subject` names the config in errors.

    Raises:
        ConfigError: diffusers has no such denoiser, or a value does not fit it.
    """
    denoiser_class = _denoiser_class(config, subject)
    name = denoiser_class.__name__
    try:
        with torch.device("meta"), few_tensors():
            module = denoiser_class.from_config(dict(config))
        # Also what is made from values, like the mixing factors of SVD.
        module = module.half().to("meta").eval()
    except Exception as error:
        reason = f"{name} cannot be built from it ({type(error).__name__}: {error})"
        raise ConfigError(subject, reason) from error
    if not module.num_parameters():
        raise ConfigError(subject, f"{name} has no parameters with these values")
    _check_blocks(module, subject)
    ignored = ignored_keys(denoiser_class, config)
    # A published config can name an older class, which diffusers replaces.
    return BuiltNetwork(module, FAMILIES.get(type(module).__name__), dict(module.config), ignored)


@contextmanager
def few_tensors() -> Iterator[None]:
    """Stop the building of a network with far more tensors than any published one has.

    Raises:
        ValueError: it has more; with so many, all that follows would take hours.
    """
    count = itertools.count(1)

    def check(*_: object) -> None:
        if next(count) > MOST_TENSORS:
            raise ValueError(f"it has more than {MOST_TENSORS:,} tensors")

    hook = register_module_parameter_registration_hook(check)
    try:
        yield
    finally:
        hook.remove()


def ignored_keys(module_class: type, config: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys of a diffusers config that the class does not have; diffusers ignores them."""
    known = inspect.signature(module_class.__init__).parameters  # type: ignore[misc]
    return tuple(key for key in config if not key.startswith("_") and key not in known)


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


def _check_blocks(module: Any, subject: str) -> None:  # noqa: ANN401 -- see module
    """Refuse a network without main blocks, which no forward pass would notice."""
    counts = {key: value for key, value in module.config.items() if BLOCK_COUNT.fullmatch(key)}
    if counts and not any(isinstance(count, int) and count > 0 for count in counts.values()):
        told = ", ".join(f"{key} = {count!r}" for key, count in counts.items())
        raise ConfigError(subject, f"{type(module).__name__} has no blocks with {told}")


def _denoiser_class(config: Mapping[str, Any], subject: str) -> Any:  # noqa: ANN401 -- see module
    name = config.get("_class_name")
    if name is None and "architectures" in config:
        reason = f"is a config of transformers ({config['architectures']}), not of a denoiser"
        raise ConfigError(subject, reason, "Text and image encoders are components")
    found = getattr(diffusers, name, None) if isinstance(name, str) else None
    if not isinstance(found, type) or not hasattr(found, "from_config"):
        version = f"diffusers {diffusers.__version__}"
        raise ConfigError(subject, f"{version} has no network {name!r}")
    if name not in DENOISERS_ELSEWHERE and not found.__module__.startswith(DENOISER_MODULES):
        kind = kind_of_module(found.__module__)
        raise ConfigError(subject, f"{name} is {kind.told}, not a denoiser", kind.advice)
    return found
