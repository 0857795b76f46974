"""What can be made again, kept for the next process: beside the program or in the user's cache."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import msgspec

from generator.errors import CannotWrite
from generator.records.base import Record
from generator.records.files import write_file


class _KeptFile(Record):
    """A file: what `content` was made of, all of it, and a checksum of `content`."""

    made_of: bytes
    content: bytes
    checksum: int


def kept(source: Path, name: str, made_of: bytes, make: Callable[[], bytes]) -> bytes:
    """What `make` gives for `made_of`: made once and kept, under `name`, for the file `source`.

    It lies in `__pycache__` beside `source` or, where that cannot be written, in the user's own
    cache; where neither can be, each process makes it.
    """
    file = f"{source.stem}.{name}-{crc32(made_of):08x}.kept"
    places = [folder / file for folder in _folders(source)]
    for place in places:
        with suppress(OSError, msgspec.MsgspecError):
            found = msgspec.msgpack.decode(place.read_bytes(), type=_KeptFile)
            if found.made_of == made_of and found.checksum == crc32(found.content):
                return found.content
    content = make()
    record = _KeptFile(made_of=made_of, content=content, checksum=crc32(content))
    for place in places:
        with suppress(CannotWrite):
            write_file(place, msgspec.msgpack.encode(record))
            break
    return content


def _folders(source: Path) -> Iterator[Path]:
    yield source.parent / "__pycache__"
    # Of a user without a home.
    with suppress(RuntimeError):
        yield _user_cache() / "diffusion-atlas"


def _user_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
