"""Chunks of a file in order -> BLAKE3 and figures of every weight in it.

The bytes of a tensor go to a sink, which passes them to the weights of the tensor in canonical
order.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from blake3 import blake3

from generator.checkpoints.formats.dtypes import BY_NAME
from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.formats.quantised.packing import Fetch, Packing, unpack
from generator.checkpoints.identify.components import Weight
from generator.checkpoints.identify.reading import canonical, locate, row_major
from generator.checkpoints.inventory.file_hashes import overlap
from generator.checkpoints.inventory.statistics import TILE, Statistics
from generator.checkpoints.keys.pieces import LARGEST_REORDERED
from generator.errors import CheckpointError
from generator.records import Figures

# Weights up to this many bytes are kept for checks of their values.
KEPT = 4096


class WeightResult:
    """BLAKE3 (hexadecimal) and figures of one weight, once all of its bytes were fed.

    `figures` is None for a dtype that is not measured; `kept` holds the bytes of a small weight.
    """

    def __init__(self, weight: Weight) -> None:
        self.digest = ""
        self.figures: Figures | None = None
        self.kept = b""
        self._keeps = weight.nbytes <= KEPT
        self._missing = weight.nbytes
        self._hash = blake3()
        measured = BY_NAME[weight.dtype].raw is not None
        self._statistics = Statistics(weight.dtype) if measured else None
        self._finish_if_complete()

    def feed(self, data: memoryview) -> None:
        """Add the next bytes in canonical order."""
        if not data:
            return
        self._missing -= len(data)
        self._hash.update(data)
        if self._statistics:
            self._statistics.feed(data)
        if self._keeps:
            self.kept += data
        self._finish_if_complete()

    def _finish_if_complete(self) -> None:
        # At once: unfinished statistics buffer up to a tile of values.
        if self._missing == 0:
            self.digest = self._hash.hexdigest()
            self.figures = self._statistics.figures() if self._statistics else None
            self._statistics = None


class Feedable(Protocol):
    """Takes the bytes of one weight in canonical order."""

    def feed(self, data: memoryview) -> None:
        """Add the next bytes, any number of them."""


class Sink(Protocol):
    """Takes the bytes of one tensor in file order, between the file offsets `start` and `stop`."""

    start: int
    stop: int
    # Bytes that it buffers before it passes any on.
    buffered: int

    def feed(self, position: int, data: memoryview) -> None:
        """Add `data`, which begins at byte `position` of the tensor."""


class RowSink:
    """A tensor in row-major order: its bytes go directly to its weights."""

    def __init__(
        self, tensor: Tensor, weights: Sequence[Weight], results: Sequence[Feedable]
    ) -> None:
        self.start, self.stop = tensor.offset, tensor.offset + tensor.nbytes
        self.buffered = 0
        self._pairs = list(zip(weights, results, strict=True))

    def feed(self, position: int, data: memoryview) -> None:
        """See `Sink`."""
        for weight, result in self._pairs:
            result.feed(overlap(position, data, weight.start, weight.start + weight.nbytes))


class ReorderingSink:
    """A tensor in another order: it is buffered as a whole, then reordered."""

    def __init__(
        self, tensor: Tensor, weights: Sequence[Weight], results: Sequence[Feedable]
    ) -> None:
        self.start, self.stop = tensor.offset, tensor.offset + tensor.span
        self.buffered = tensor.span
        self._tensor = tensor
        self._pairs = list(zip(weights, results, strict=True))
        self._bytes = bytearray()

    def feed(self, position: int, data: memoryview) -> None:
        """See `Sink`."""
        self._bytes += data
        if position + len(data) == self._tensor.span:
            sources = [locate(weight, self._tensor) for weight, _ in self._pairs]
            ordered = row_major(sources[0], self._bytes)
            for source, (_, result) in zip(sources, self._pairs, strict=True):
                result.feed(memoryview(canonical(source, ordered)))
            self._bytes = bytearray()


class PackedSink:
    """A quantised tensor: its values go to another sink, a tile at a time.

    `inner` takes the values; `fetch` reads the scales.
    """

    def __init__(self, tensor: Tensor, packing: Packing, inner: Sink, fetch: Fetch) -> None:
        self.start, self.stop = tensor.offset, tensor.offset + tensor.span
        self.buffered = inner.buffered
        self._packing, self._inner, self._fetch = packing, inner, fetch
        self._tile_bytes = TILE // packing.values * packing.size
        self._rest = bytearray()
        self._blocks = 0

    def feed(self, position: int, data: memoryview) -> None:
        """See `Sink`."""
        self._rest += data
        is_last = position + len(data) == self.stop - self.start
        ready = (
            len(self._rest) if is_last else len(self._rest) // self._tile_bytes * self._tile_bytes
        )
        raw = np.frombuffer(bytes(self._rest[:ready]), np.uint8)
        del self._rest[:ready]
        for start in range(0, ready, self._tile_bytes):
            part = raw[start : start + self._tile_bytes]
            values = unpack(self._packing, self._blocks * self._packing.values, part, self._fetch)
            place = self._blocks * self._packing.values * values.itemsize
            self._inner.feed(place, values.view(np.uint8).data)
            self._blocks += len(part) // self._packing.size


class Sinks:
    """Passes each chunk of a file to the sinks of its tensors; a consumer for `read_once`.

    `subject` names the file in errors.
    """

    def __init__(self, sinks: Sequence[Sink], subject: str) -> None:
        self._subject = subject
        self._waiting = sorted(sinks, key=lambda sink: sink.start, reverse=True)
        self._open: list[Sink] = []

    def __call__(self, offset: int, chunk: memoryview) -> None:
        """Pass on the next chunk.

        Raises:
            CheckpointError: the tensors to reorder are too large to buffer together.
        """
        end = offset + len(chunk)
        while self._waiting and self._waiting[-1].start < end:
            self._open.append(self._waiting.pop())
        if sum(sink.buffered for sink in self._open) > LARGEST_REORDERED:
            raise CheckpointError(self._subject, "not_contiguous", limit=LARGEST_REORDERED)
        for sink in self._open:
            part = overlap(offset, chunk, sink.start, sink.stop)
            if part:
                sink.feed(max(offset - sink.start, 0), part)
        self._open = [sink for sink in self._open if sink.stop > end]
