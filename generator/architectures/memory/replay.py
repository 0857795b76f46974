"""Allocations in order -> the bytes that torch's caching allocator reserves on a GPU for them.

The rules of the allocator (c10/cuda/CUDACachingAllocator.cpp, the defaults without expandable
segments): blocks are multiples of 512 bytes; at most 1 MiB comes from segments of 2 MiB, less than
10 MiB from segments of 20 MiB, more from segments of its own size rounded up to 2 MiB. The smallest
free block that is large enough is taken and split; released neighbours are joined.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable

from generator.architectures.memory.live import Event

MIB = 2**20
SMALL = MIB
SMALL_SEGMENT, LARGE_SEGMENT = 2 * MIB, 20 * MIB
OWN_SEGMENT = 10 * MIB
MULTIPLE = 2 * MIB


class SegmentPiece:
    """A piece of a segment, linked to its neighbours there."""

    __slots__ = ("after", "before", "free", "number", "size", "small")

    def __init__(self, number: int, size: int, *, small: bool) -> None:
        self.number = number
        self.size = size
        self.small = small
        self.free = True
        self.before: SegmentPiece | None = None
        self.after: SegmentPiece | None = None


class Allocator:
    """`reserved` is the sum of all segments: none is ever given back."""

    def __init__(self) -> None:
        self.reserved = 0
        self._used: dict[int, SegmentPiece] = {}
        # Free blocks of each pool as (size, number), sorted: the first that fits is the best.
        self._free: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
        self._blocks: dict[int, SegmentPiece] = {}
        self._made = 0

    def replay(self, events: Iterable[Event]) -> None:
        """Allocate and release in the order of `events`."""
        for number, size in events:
            if size > 0:
                self._used[number] = self._take(size)
            elif number in self._used:
                self._release(self._used.pop(number))

    def _take(self, size: int) -> SegmentPiece:
        small = size <= SMALL
        pool = self._free[small]
        place = bisect_left(pool, (size, 0))
        if place < len(pool):
            block = self._blocks.pop(pool.pop(place)[1])
        else:
            block = self._new_segment(size, small=small)
        left = block.size - size
        if left >= (512 if small else MIB + 1):
            rest = self._block(left, small=small)
            rest.before, rest.after = block, block.after
            if block.after:
                block.after.before = rest
            block.after, block.size = rest, size
            self._put(rest)
        block.free = False
        return block

    def _new_segment(self, size: int, *, small: bool) -> SegmentPiece:
        if small:
            segment = SMALL_SEGMENT
        elif size < OWN_SEGMENT:
            segment = LARGE_SEGMENT
        else:
            segment = -(-size // MULTIPLE) * MULTIPLE
        self.reserved += segment
        return self._block(segment, small=small)

    def _block(self, size: int, *, small: bool) -> SegmentPiece:
        self._made += 1
        return SegmentPiece(self._made, size, small=small)

    def _release(self, block: SegmentPiece) -> None:
        block.free = True
        if block.after and block.after.free:
            self._drop(block.after)
            _join(block, block.after)
        if block.before and block.before.free:
            self._drop(block.before)
            block = _join(block.before, block)
        self._put(block)

    def _put(self, block: SegmentPiece) -> None:
        self._blocks[block.number] = block
        insort(self._free[block.small], (block.size, block.number))

    def _drop(self, block: SegmentPiece) -> None:
        pool = self._free[block.small]
        del pool[bisect_left(pool, (block.size, block.number))]
        del self._blocks[block.number]


def _join(first: SegmentPiece, second: SegmentPiece) -> SegmentPiece:
    first.size += second.size
    first.after = second.after
    if second.after:
        second.after.before = first
    return first


def reserved_bytes(events: Iterable[Event]) -> int:
    """Bytes reserved by a new allocator for `events`."""
    allocator = Allocator()
    allocator.replay(events)
    return allocator.reserved
