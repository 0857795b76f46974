"""Chunks of a file in order -> its SHA-256, and the CRC-32 of a zip archive's members.

Both classes are consumers for `read_once`.
"""

import hashlib
import zlib
from collections.abc import Sequence

from generator.checkpoints.formats.index import Checksum


def overlap(offset: int, chunk: memoryview, start: int, stop: int) -> memoryview:
    """The part of a chunk at `offset` that lies between the file offsets `start` and `stop`."""
    return chunk[max(start - offset, 0) : max(stop - offset, 0)]


class FileHash:
    """SHA-256 of a file from byte `start` up to `stop`."""

    def __init__(self, start: int, stop: int) -> None:
        self._start, self._stop = start, stop
        self._hash = hashlib.sha256()

    def __call__(self, offset: int, chunk: memoryview) -> None:
        """Hash the next chunk."""
        self._hash.update(overlap(offset, chunk, self._start, self._stop))

    def digest(self) -> str:
        """The digest, hexadecimal."""
        return self._hash.hexdigest()


class Checksums:
    """CRC-32 of the members of a zip archive, which do not overlap and are in file order."""

    def __init__(self, members: Sequence[Checksum]) -> None:
        self._members = members
        self._computed = [0] * len(members)
        self._first = 0

    def __call__(self, offset: int, chunk: memoryview) -> None:
        """Take the next chunk."""
        for number in range(self._first, len(self._members)):
            member = self._members[number]
            if member.start >= offset + len(chunk):
                break
            part = overlap(offset, chunk, member.start, member.stop)
            self._computed[number] = zlib.crc32(part, self._computed[number])
            if member.stop <= offset + len(chunk):
                self._first = number + 1

    def damaged(self) -> list[Checksum]:
        """The members whose CRC-32 is not the stored one."""
        pairs = zip(self._members, self._computed, strict=True)
        return [member for member, crc32 in pairs if member.crc32 != crc32]
