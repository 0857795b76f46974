"""Declared inputs and sizes -> the arguments of one call: tensors, and values."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from generator.architectures.network import BuiltNetwork
from generator.architectures.values import has_values
from generator.catalog.entries import InputSizes
from generator.networks.calls import PATCH, config_symbols
from generator.networks.families import Input, Value, fits
from generator.networks.sizes import evaluate
from generator.records import TensorSpec

# Arguments of a network's `forward` by name: tensors, values, or mappings or tuples of these.
Arguments = dict[str, Any]

CLIP_TOKENS = 77
DEFAULT_LATENT = 128


def published_arguments(network: BuiltNetwork, sizes: InputSizes) -> Arguments:
    """The network's inputs in the published table, at `sizes`.

    Raises:
        ValueError: a size that the inputs need is not an integer of the config.
    """
    family = network.family
    latent = sizes.latent or network.config.get("sample_size") or DEFAULT_LATENT
    symbols = {
        **config_symbols(network.config),
        "batch": sizes.batch,
        "latent": latent,
        "text_tokens": sizes.text_tokens or CLIP_TOKENS,
    }
    if isinstance(latent, int):
        symbols["image_tokens"] = (latent // PATCH) ** 2
    return make_arguments(network, family.published_inputs if family else (), symbols)


def make_arguments(
    network: BuiltNetwork, inputs: Sequence[Input], symbols: Mapping[str, int]
) -> Arguments:
    """Tensors for a table of inputs, nested by their names; only integers have values.

    An argument without a default that no input gives is None, as the pipelines pass it.

    Raises:
        ValueError: a size is not known.
    """
    arguments: Arguments = {}
    for item in inputs:
        if not fits(item.when, network.config):
            continue
        content = _content(item, symbols, network.module.dtype)
        name, _, inner = item.name.partition(".")
        if not inner:
            arguments[name] = content
        elif inner.isdecimal():
            arguments[name] = (*arguments.get(name, ()), content)
        else:
            arguments.setdefault(name, {})[inner] = content
    for name, parameter in inspect.signature(network.module.forward).parameters.items():
        if parameter.default is inspect.Parameter.empty:
            arguments.setdefault(name, None)
    return arguments


def describe(arguments: Mapping[str, Any]) -> dict[str, TensorSpec]:
    """Shape and dtype of every tensor in `arguments`; nested names joined by dots."""
    return {
        name: TensorSpec(shape=tuple(tensor.shape), dtype=str(tensor.dtype).removeprefix("torch."))
        for name, tensor in _flatten("", arguments)
    }


def _content(item: Input, symbols: Mapping[str, int], half: torch.dtype) -> object:
    try:
        if item.value is not None:
            return _valued(item.value, symbols)
        sizes = [evaluate(size, symbols) for size in item.sizes]
        dtype = half if item.dtype == "half" else getattr(torch, item.dtype)
        number = 1 if item.count is None else evaluate(item.count, symbols)
        tensors = [_tensor(sizes, dtype, item.fill) for _ in range(number)]
    except ValueError as error:
        raise ValueError(f"{item.name} {error}") from error
    return tensors[0] if item.count is None else tensors


def _tensor(sizes: list[int], dtype: torch.dtype, fill: int | None) -> torch.Tensor:
    """A tensor with values if it is filled or of integers: ones, as in a mask without padding."""
    if fill is None and not has_values(dtype, sizes):
        return torch.zeros(sizes, dtype=dtype, device="meta")
    return torch.full(sizes, 1 if fill is None else fill, dtype=dtype)


def _valued(value: Value, symbols: Mapping[str, int]) -> object:
    """A value with its sizes evaluated; the innermost lists are tuples, as in `img_shapes`."""
    match value:
        case str():
            return evaluate(value, symbols)
        case list():
            inner = [_valued(each, symbols) for each in value]
            has_lists = any(isinstance(each, list) for each in value)
            return inner if has_lists or not value else tuple(inner)
        case dict():
            return {key: _valued(each, symbols) for key, each in value.items()}
    return value


def _flatten(prefix: str, value: object) -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(value, torch.Tensor):
        yield prefix, value
    elif isinstance(value, Mapping | tuple | list):
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, inner in items:
            yield from _flatten(f"{prefix}.{key}" if prefix else str(key), inner)
