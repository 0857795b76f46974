"""Zip archive as `torch.save` writes it -> its members and the offsets of their bytes.

Accepted: consecutive members without compression or encryption, and a central directory at the very
end. All other zip features are refused, so that every program sees the same members in a file.
Layouts: APPNOTE.TXT 6.3.10, sections 4.3-4.5.
"""

import struct
from collections.abc import Iterator

from generator.checkpoints.formats.files import WeightFile, shown
from generator.checkpoints.formats.index import Checksum
from generator.errors import CheckpointError

END = struct.Struct("<4s4H2LH")
END_64 = struct.Struct("<4sQ2H2L4Q")
END_64_LOCATOR = struct.Struct("<4sLQL")
CENTRAL = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
END_MARK, END_64_MARK, END_64_LOCATOR_MARK = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
CENTRAL_MARK, LOCAL_MARK = b"PK\x01\x02", b"PK\x03\x04"

ZIP_64_EXTRA = 1
IN_ZIP_64 = 0xFFFFFFFF
STORED = 0
# Data descriptor, and UTF-8 name. torch sets both.
KNOWN_FLAGS = 0x0008 | 0x0800
ENCRYPTED = 0x0001 | 0x0040 | 0x2000

# A full training checkpoint of SD1 has 3,000 members of about 80 bytes each.
LARGEST_DIRECTORY = 16 * 2**20
MOST_MEMBERS = 100_000


def looks_like_zip(head: bytes) -> bool:
    """Whether a file begins with a member of a zip archive."""
    return head.startswith(LOCAL_MARK)


def read_members(file: WeightFile) -> dict[str, Checksum]:
    """All members by name, in file order: the range of their bytes, and the CRC-32.

    Raises:
        CheckpointError: the archive is damaged, ambiguous, or not as torch writes it.
    """
    try:
        start, stop = _find_directory(file)
        members = list(_parse_directory(file.read(start, stop - start), str(file.path)))
        return _place(file, members, start)
    except struct.error as error:
        raise CheckpointError(str(file.path), "damaged", part="zip_directory") from error


def _find_directory(file: WeightFile) -> tuple[int, int]:
    """Range of the central directory: its first byte, and the byte after its last."""
    subject = str(file.path)
    if file.size < END.size:
        raise CheckpointError(subject, "no_end")
    stop = file.size - END.size
    mark, *disks, on_disk, count, size, start, comment = END.unpack(file.read(stop, END.size))
    if mark != END_MARK or comment or any(disks) or on_disk != count:
        raise CheckpointError(subject, "no_end")
    if stop >= END_64_LOCATOR.size + END_64.size:
        place = stop - END_64_LOCATOR.size
        mark, disk, end_64, of_disks = END_64_LOCATOR.unpack(file.read(place, END_64_LOCATOR.size))
        if mark == END_64_LOCATOR_MARK:
            stop = end_64
            if stop != place - END_64.size or (disk, of_disks) != (0, 1):
                raise CheckpointError(subject, "damaged", part="zip_end")
            end = END_64.unpack(file.read(stop, END_64.size))
            mark, _, _, _, *disks, on_disk, count, size, start = end
            if mark != END_64_MARK or any(disks) or on_disk != count:
                raise CheckpointError(subject, "damaged", part="zip_end")
    if start + size != stop or size > LARGEST_DIRECTORY or count > MOST_MEMBERS:
        raise CheckpointError(subject, "damaged", part="zip_directory")
    return start, stop


class _Member(Checksum):
    """A member as listed in the directory; `start` is the offset of its local header."""


def _parse_directory(directory: bytes, subject: str) -> Iterator[_Member]:
    place = 0
    while place < len(directory):
        fields = CENTRAL.unpack_from(directory, place)
        mark, flags, method, crc32, packed, size = (fields[i] for i in (0, 3, 4, 7, 8, 9))
        name_size, extra_size, comment_size, disk, header = (
            fields[i] for i in (10, 11, 12, 13, 16)
        )
        place += CENTRAL.size
        raw_name = directory[place : place + name_size]
        extra = directory[place + name_size : place + name_size + extra_size]
        place += name_size + extra_size + comment_size
        if mark != CENTRAL_MARK or disk or place > len(directory):
            raise CheckpointError(subject, "damaged", part="zip_directory")
        name = raw_name.decode("utf-8", errors="replace")
        size, packed, header = _widen(extra, size, packed, header)
        if code := _unsuitable(name, flags, method, packed, size):
            raise CheckpointError(subject, code, member=shown(name))
        yield _Member(member=name, start=header, stop=header + size, crc32=crc32)


def _widen(extra: bytes, *values: int) -> list[int]:
    """Replace values that exceed 32 bits by those of the ZIP64 extra field."""
    wide: Iterator[tuple[int]] = iter(())
    place = 0
    while place + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, place)
        if kind == ZIP_64_EXTRA:
            content = extra[place + 4 : place + 4 + size]
            wide = struct.iter_unpack("<Q", content[: len(content) // 8 * 8])
        place += 4 + size
    return [next(wide, (value,))[0] if value == IN_ZIP_64 else value for value in values]


def _unsuitable(name: str, flags: int, method: int, packed: int, size: int) -> str:
    """The code of why a member cannot be read safely; empty if it can."""
    if flags & ENCRYPTED:
        return "encrypted"
    if method != STORED or packed != size:
        return "compressed"
    if flags & ~KNOWN_FLAGS:
        return "flags"
    parts = name.split("/")
    if ".." in parts or "" in parts or "\\" in name or ":" in name or "\0" in name:
        return "path"
    return ""


def _place(file: WeightFile, members: list[_Member], directory: int) -> dict[str, Checksum]:
    """Check each member's local header, and move `start` and `stop` to its data."""
    subject = str(file.path)
    placed: dict[str, Checksum] = {}
    names: set[str] = set()
    end = 0
    for member in sorted(members, key=lambda member: member.start):
        shown_name = shown(member.member)
        # torch ignores case, and takes the last of equal names.
        if member.member.lower() in names:
            raise CheckpointError(subject, "twice", member=shown_name)
        if member.start < end or member.stop + LOCAL.size > directory:
            raise CheckpointError(
                subject, "overlap", member=shown_name, start=member.start, expected=end
            )
        header = file.read(member.start, LOCAL.size)
        mark, _, _, method, *_, name_size, extra_size = LOCAL.unpack(header)
        name = file.read(member.start + LOCAL.size, name_size)
        if mark != LOCAL_MARK or method != STORED or name != member.member.encode():
            raise CheckpointError(subject, "misplaced", member=shown_name)
        start = member.start + LOCAL.size + name_size + extra_size
        end = start + member.stop - member.start
        if end > directory:
            raise CheckpointError(subject, "truncated", member=shown_name, end=end, size=directory)
        names.add(member.member.lower())
        placed[member.member] = Checksum(
            member=member.member, start=start, stop=end, crc32=member.crc32
        )
    return placed
