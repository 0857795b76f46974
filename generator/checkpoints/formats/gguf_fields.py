"""A GGUF file from its start -> numbers, texts, and the fields of its header.

Format: docs/gguf.md of ggml-org/ggml. All numbers are little-endian; a text has its length before.
"""

import struct

from generator.checkpoints.formats.files import Readable, shown
from generator.errors import CheckpointError

# A language model's vocabulary has some 256,000 texts and numbers in a few arrays.
MOST_ITEMS = 2_000_000
LONGEST_NAME = 65_535
LARGEST_TEXT = 8 * 2**20
# Arrays are kept if they are shapes, and counted otherwise.
LONGEST_KEPT = 16
WINDOW = 2**20

SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
TEXT, ARRAY = 8, 9

Value = int | float | bool | str | tuple[int, ...]


class Cursor:
    """Reads a file from its start, a window at a time."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._window = b""
        self._start = 0
        self.place = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes. Raises `CheckpointError` at the end of the file."""
        stop = self.place + size
        if stop > self._file.size:
            raise CheckpointError(
                str(self._file.path), "truncated", part="header", end=stop, size=self._file.size
            )
        if stop > self._start + len(self._window):
            self._start = self.place
            length = min(max(size, WINDOW), self._file.size - self.place)
            self._window = self._file.read(self.place, length)
        first = self.place - self._start
        self.place = stop
        return self._window[first : first + size]

    def number(self, code: str) -> int:
        """The next number, of `struct`'s format `code`."""
        (value,) = struct.unpack(f"<{code}", self.take(struct.calcsize(f"<{code}")))
        return int(value)

    def text(self, most: int) -> str:
        """The next text of up to `most` bytes."""
        length = self.number("Q")
        if length > most:
            raise CheckpointError(
                str(self._file.path), "too_large", part="header", size=length, limit=most
            )
        return self.take(length).decode(errors="replace")

    def skip_texts(self, count: int, most: int) -> None:
        """Pass over `count` texts of up to `most` bytes each, a window at a time."""
        while count:
            # The window begins with a length, which may be all that it holds.
            self.number("Q")
            self.place -= 8
            place, window = self.place - self._start, self._window
            while count and place + 8 <= len(window):
                length = int.from_bytes(window[place : place + 8], "little")
                if length > most or place + 8 + length > len(window):
                    break
                place, count = place + 8 + length, count - 1
            if self.place == self._start + place:
                # One that is too long, or goes beyond the window.
                self.text(most)
                count -= 1
            else:
                self.place = self._start + place


def read_fields(cursor: Cursor, count: int, subject: str) -> dict[str, Value]:
    """The next `count` fields by name, in file order; of long arrays, only the length.

    Raises:
        CheckpointError: the file `subject` ends in them, or they are ambiguous or too many.
    """
    fields: dict[str, Value] = {}
    items = 0
    for _ in range(count):
        name = cursor.text(LONGEST_NAME)
        if name in fields:
            raise CheckpointError(subject, "repeated_key", part="header", name=shown(name))
        kind = cursor.number("I")
        if kind == ARRAY:
            kind, length = cursor.number("I"), cursor.number("Q")
            items += length
            fields[name] = _read_array(cursor, kind, length, items, subject)
        else:
            items += 1
            fields[name] = _read_value(cursor, kind, subject)
        if items > MOST_ITEMS:
            raise CheckpointError(subject, "too_large", part="header", size=items, limit=MOST_ITEMS)
    return fields


def _read_value(cursor: Cursor, kind: int, subject: str) -> Value:
    if kind == TEXT:
        return cursor.text(LARGEST_TEXT)
    if kind not in SCALARS:
        raise CheckpointError(subject, "bad_value", part="header", of=f"type {kind}")
    code = SCALARS[kind]
    value: Value
    (value,) = struct.unpack(f"<{code}", cursor.take(struct.calcsize(f"<{code}")))
    return value


def _read_array(cursor: Cursor, kind: int, length: int, items: int, subject: str) -> Value:
    """Whole numbers if they are few; of other arrays, only their length."""
    if items > MOST_ITEMS:
        raise CheckpointError(subject, "too_large", part="header", size=items, limit=MOST_ITEMS)
    if kind == TEXT:
        cursor.skip_texts(length, LARGEST_TEXT)
    elif kind in SCALARS:
        raw = cursor.take(length * struct.calcsize(f"<{SCALARS[kind]}"))
        if length <= LONGEST_KEPT and SCALARS[kind] in "BbHhIiQq":
            return struct.unpack(f"<{length}{SCALARS[kind]}", raw)
    else:
        raise CheckpointError(subject, "bad_value", part="header", of=f"array of type {kind}")
    return f"{length} items"
