"""One component of the catalogue -> its record: its class built from its config, and counted."""

import importlib
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import diffusers
import torch
from torch import nn

from generator.architectures.network import few_tensors, ignored_keys, quiet_libraries, read_config
from generator.catalog.entries import ComponentEntry
from generator.errors import ConfigError
from generator.records import Component
from generator.records.versions import COMPONENTS, library_versions

# Classes that diffusers has, but does not export.
ELSEWHERE = {
    "ChatGLMModel": "diffusers.pipelines.kolors.text_encoder",
    "PaellaVQModel": "diffusers.pipelines.deprecated.wuerstchen.modeling_paella_vq_model",
}
LIBRARIES = ("diffusers", "transformers")


def measure_component(entry: ComponentEntry, folder: Path) -> Component:
    """Count the parameters of a component; the path of its config is relative to `folder`.

    Raises:
        ConfigError: no such class, or the config does not build it.
    """
    config = read_config(folder / entry.config)
    module = build_component(entry, folder)
    is_diffusers = isinstance(module, diffusers.configuration_utils.ConfigMixin)
    return Component(
        id=entry.id,
        name=entry.name,
        kind=entry.kind,
        class_name=entry.class_name,
        library=type(module).__module__.partition(".")[0],  # type: ignore[arg-type]
        claim=entry.claim,
        origin=entry.origin,
        note=entry.note,
        dtype=entry.dtype,
        dtype_source=entry.dtype_source,
        config=config,
        ignored_keys=ignored_keys(type(module), config) if is_diffusers else (),
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        versions=library_versions(COMPONENTS, entry.id),
    )


def build_component(entry: ComponentEntry, folder: Path) -> nn.Module:
    """The network of a component on the meta device.

    Raises:
        ConfigError: no such class, or the config does not build it.
    """
    subject = str(folder / entry.config)
    config = read_config(folder / entry.config)
    component_class = _class_of(entry.class_name, subject)
    try:
        with quiet_libraries(), torch.device("meta"), few_tensors():
            return _build(component_class, config)
    except Exception as error:
        reason = f"{entry.class_name} cannot be built from it ({type(error).__name__}: {error})"
        raise ConfigError(subject, reason) from error


def _class_of(name: str, subject: str) -> type[nn.Module]:
    modules = [ELSEWHERE[name]] if name in ELSEWHERE else LIBRARIES
    for module in modules:
        found = getattr(importlib.import_module(module), name, None)
        if isinstance(found, type) and issubclass(found, nn.Module):
            return found
    raise ConfigError(subject, f"neither diffusers nor transformers has a network {name!r}")


def _build(component_class: Any, config: Mapping[str, Any]) -> nn.Module:  # noqa: ANN401
    """A component of either library, which publish no types for this."""
    if issubclass(component_class, diffusers.configuration_utils.ConfigMixin):
        module = component_class.from_config(dict(config))
    else:
        settings = {key: value for key, value in config.items() if key != "architectures"}
        # ChatGLM leaves the device of the context aside, and would take 12 GB.
        takes_device = "device" in inspect.signature(component_class.__init__).parameters
        device = {"device": "meta"} if takes_device else {}
        module = component_class(component_class.config_class(**settings), **device)
    return module  # type: ignore[no-any-return]
