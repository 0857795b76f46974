"""Attention as a fused kernel: its output and one float32 per query and head, never the scores.

On the meta device, torch takes `scaled_dot_product_attention` apart into matrix products before any
dispatch mode sees it ("math"), which would count scores that no GPU stores.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode


class FusedAttention(TorchFunctionMode):
    """Replaces `scaled_dot_product_attention` by what a fused kernel allocates."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        if func is functional.scaled_dot_product_attention:
            given = dict(zip(("query", "key", "value"), args, strict=False)) | dict(kwargs or {})
            return fused_attention(given["query"], given["value"])
        return func(*args, **(kwargs or {}))


def fused_attention(query: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """The output, in memory as the flash kernels lay it out: (batch, queries, heads, width)."""
    *outer, heads, queries, _width = query.shape
    made = query.new_empty((*outer, queries, heads, value.shape[-1])).transpose(-2, -3)
    query.new_empty((*outer, heads, queries), dtype=torch.float32)  # logsumexp
    return made
