"""A published file -> its distances, checked; or the reason for refusing it.

Two formats are known, both JSON. Matrices: `ml` lists the names of N checkpoints, `dm` holds an
N x N matrix for each part (`unet`, `vae`, `te`, `te0`, `te1`, `other`), `cm` the compared pairs.
Pairs of checkpoints, tensor by tensor: `kv` holds the distance by name, `da` and `db` the names in
only one of the two, `err` the names with different shapes. Distances are Euclidean. In a pair, that
of a tensor may be NaN or infinite, as some programs write JSON, or null: then it could not be
compared.
"""

import json
import re
import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np

from generator.checkpoints.formats.files import shown
from generator.errors import ArchiveError
from generator.records import Record
from generator.records.arrays import Floats

# The largest published archive has 5 MB for 118 checkpoints; larger files are something else.
LARGEST_FILE = 256 * 2**20
PAIRS_AXES = 2
# Networks are at most about 10^6 apart. A distance outside these bounds becomes infinite or zero
# when it is squared twice and summed, as for mixes.
SMALLEST, LARGEST = 1e-50, 1e50


class MatrixArchive(Record):
    """N x N distances by part; symmetric, finite, zero or more."""

    members: tuple[str, ...]
    parts: dict[str, Floats]


class PairArchive(Record):
    """Distances by tensor, and the names in only one of the two, with different shapes or without a
    finite distance."""

    a: str
    b: str
    distances: dict[str, float]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    mismatched: tuple[str, ...]
    not_finite: tuple[str, ...] = ()


class _Matrices(msgspec.Struct):
    ml: list[str]
    dm: dict[str, list[list[float]]]
    # The compared pairs: paths on the author's machine.
    cm: msgspec.Raw = msgspec.Raw()


class _Pairs(msgspec.Struct):
    kv: dict[str, float | None]
    da: list[str] = []
    db: list[str] = []
    err: list[str] = []


class _Keys(msgspec.Struct):
    """Distinguishes the formats by their keys."""

    ml: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    kv: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


# Bytes that analyses of a group take for each triple of its members: 200 MB for 300, 14 GB for
# 1,200. Published matrices have up to 232.
BYTES_PER_TRIPLE = 8
# Where a system does not say how much memory is free.
USUAL_MEMORY = 2 * 2**30

# Strings, which are kept, and the numbers that are not JSON.
NOT_FINITE = re.compile(rb'("(?:[^"\\]|\\.)*+(?:"|\Z))|-?\bInfinity\b|\bNaN\b', re.DOTALL)

Content = TypeVar("Content", _Keys, _Matrices, _Pairs, list[str])


def read_archive(path: Path) -> MatrixArchive | PairArchive:
    """The archive at `path`.

    Raises:
        ArchiveError: it is not such an archive, or its distances are impossible.
    """
    subject = path.name
    try:
        status = path.stat()
        # Opening a pipe would wait for a writer.
        if not stat.S_ISREG(status.st_mode):
            raise ArchiveError(subject, "not_opened", why="not a regular file")
        size = status.st_size
        if size > LARGEST_FILE:
            raise ArchiveError(subject, "too_large", size=size, limit=LARGEST_FILE)
        content = path.read_bytes()
    except OSError as error:
        raise ArchiveError(subject, "not_opened", why=error.strerror or "") from error
    plain = NOT_FINITE.sub(lambda found: found[1] or b"null", content)
    keys = _decode(subject, plain, _Keys)
    if keys.ml is not msgspec.UNSET:
        _check_memory(subject, len(_decode(subject, bytes(keys.ml), list[str])))
        matrices = _decode(subject, content, _Matrices)
        _refuse_doubles(subject, content)
        return _matrices(subject, matrices)
    if keys.kv is not msgspec.UNSET:
        pairs = _decode(subject, plain, _Pairs)
        _refuse_doubles(subject, content)
        return _pair(path, pairs)
    raise ArchiveError(subject, "neither")


def pair_names(path: Path) -> tuple[str, str, str]:
    """Group and the two checkpoints in the name of a pair's file: `GROUP_A_B.json`.

    Any other name is the group's; its checkpoints are then `a` and `b`.
    """
    parts = path.stem.split("_")
    if len(parts) == PAIRS_AXES + 1 and all(parts) and parts[1] != parts[2]:
        return parts[0], parts[1], parts[2]
    return path.stem, "a", "b"


def _decode(subject: str, content: bytes, kind: type[Content]) -> Content:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError as error:
        raise ArchiveError(subject, "not_archive", why=str(error)) from error
    except RecursionError as error:
        raise ArchiveError(subject, "too_deep") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # NaN and Infinity are not JSON, but some programs write them.
        raise ArchiveError(subject, "not_json", why=str(error)) from error


def free_memory() -> int:
    """Bytes that can be used now; `USUAL_MEMORY` if unknown (Linux alone tells it to all)."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return USUAL_MEMORY
    known = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(known["MemAvailable"].split()[0]) * 2**10


def _check_memory(subject: str, count: int) -> None:
    """Refuse so many names that the analysis of their group does not fit in memory."""
    needed, free = BYTES_PER_TRIPLE * count**3, free_memory()
    if needed > free:
        most = int((free / BYTES_PER_TRIPLE) ** (1 / 3))
        raise ArchiveError(
            subject, "too_many", count=count, limit=most, needed=needed >> 20, free=free >> 20
        )


def _refuse_doubles(subject: str, content: bytes) -> None:
    """Refuse a key that occurs twice in one object: it is unknown which value is right."""

    def unique(pairs: list[tuple[str, object]]) -> None:
        twice = [name for name, count in Counter(key for key, _ in pairs).items() if count > 1]
        if twice:
            raise ArchiveError(subject, "key_twice", name=shown(twice[0]))

    try:
        json.loads(content, object_pairs_hook=unique)
    except UnicodeDecodeError as error:
        raise ArchiveError(subject, "not_json", why=str(error)) from error


def _matrices(subject: str, found: _Matrices) -> MatrixArchive:
    members = tuple(found.ml)
    twice = [name for name, count in Counter(members).items() if count > 1]
    if twice:
        raise ArchiveError(subject, "name_twice", name=shown(twice[0]))
    if len(members) < PAIRS_AXES:
        raise ArchiveError(subject, "too_few", count=len(members))
    parts = {name: _matrix(subject, name, rows, len(members)) for name, rows in found.dm.items()}
    if not parts:
        raise ArchiveError(subject, "no_matrix")
    return MatrixArchive(members=members, parts=parts)


def _matrix(subject: str, part: str, rows: Sequence[Sequence[float]], size: int) -> Floats:
    name, lengths = shown(part), sorted({len(row) for row in rows})
    if len(rows) != size or lengths != [size]:
        raise ArchiveError(
            subject,
            "not_square",
            matrix=name,
            rows=len(rows),
            lengths=tuple(lengths) or "no",
            count=size,
        )
    matrix = np.array(rows, np.float64)
    if wrong := _first_wrong(matrix.ravel()):
        raise ArchiveError(subject, wrong.code, matrix=name, distance=str(wrong.distance))
    if np.diagonal(matrix).any():
        raise ArchiveError(subject, "from_itself", matrix=name)
    if not np.array_equal(matrix, matrix.T):
        row, other = (int(each[0]) + 1 for each in np.nonzero(matrix != matrix.T))
        raise ArchiveError(subject, "asymmetric", matrix=name, row=row, other=other)
    return matrix


class _Wrong(NamedTuple):
    """A distance that cannot be right, its place among all, and the code of the error."""

    code: str
    place: int
    distance: float


def _first_wrong(distances: Floats) -> _Wrong | None:
    impossible = ~(np.isfinite(distances) & (distances >= 0))
    extreme = (distances > LARGEST) | ((distances < SMALLEST) & (distances > 0))
    for code, wrong in (("impossible", impossible), ("extreme", extreme)):
        if wrong.any():
            place = int(wrong.argmax())
            return _Wrong(code, place, float(distances[place]))
    return None


def _pair(path: Path, found: _Pairs) -> PairArchive:
    distances = {name: each for name, each in found.kv.items() if each is not None}
    if wrong := _first_wrong(np.array([*distances.values()], np.float64)):
        name = shown(list(distances)[wrong.place])
        raise ArchiveError(path.name, wrong.code, tensor=name, distance=str(wrong.distance))
    both = found.kv.keys() & {*found.da, *found.db}
    if both:
        raise ArchiveError(path.name, "one_has", tensor=shown(min(both)))
    _, a, b = pair_names(path)
    return PairArchive(
        a=a,
        b=b,
        distances=distances,
        only_a=tuple(sorted(set(found.da))),
        only_b=tuple(sorted(set(found.db))),
        mismatched=tuple(sorted(set(found.err))),
        not_finite=tuple(sorted(found.kv.keys() - distances.keys())),
    )
