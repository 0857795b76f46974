"""A published file -> its distances, checked; or the reason for refusing it.

Two formats are known, both JSON. Matrices: `ml` lists the names of N checkpoints, `dm` holds an
N x N matrix for each part (`unet`, `vae`, `te`, `te0`, `te1`, `other`), `cm` the compared pairs.
Pairs of checkpoints, tensor by tensor: `kv` holds the distance by name, `da` and `db` the names in
only one of the two, `err` the names with different shapes. Distances are Euclidean.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from generator.errors import ArchiveError
from generator.records import Record
from generator.records.arrays import Booleans, Floats

# The largest published archive has 5 MB for 118 checkpoints; larger files are something else.
LARGEST_FILE = 256 * 2**20
PAIRS_AXES = 2
# Networks are at most about 10^6 apart. A distance outside these bounds becomes infinite or zero
# when it is squared twice and summed, as for mixes.
SMALLEST, LARGEST = 1e-50, 1e50


class MatrixArchive(Record, frozen=True, kw_only=True):
    """N x N distances by part; symmetric, finite, zero or more."""

    members: tuple[str, ...]
    parts: dict[str, Floats]


class PairArchive(Record, frozen=True, kw_only=True):
    """Distances by tensor, and the names in only one of the two or with different shapes."""

    a: str
    b: str
    distances: dict[str, float]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    mismatched: tuple[str, ...]


class _Matrices(msgspec.Struct):
    ml: list[str]
    dm: dict[str, list[list[float]]]
    # The compared pairs: paths on the author's machine.
    cm: msgspec.Raw = msgspec.Raw()


class _Pairs(msgspec.Struct):
    kv: dict[str, float]
    da: list[str] = []
    db: list[str] = []
    err: list[str] = []


class _Keys(msgspec.Struct):
    """Distinguishes the formats by their keys."""

    ml: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    kv: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


Content = TypeVar("Content", _Keys, _Matrices, _Pairs)


def read_archive(path: Path) -> MatrixArchive | PairArchive:
    """The archive at `path`.

    Raises:
        ArchiveError: it is not such an archive, or its distances are impossible.
    """
    subject = path.name
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ArchiveError(
                subject, f"has more than {LARGEST_FILE >> 20} MB", "It is not an archive"
            )
        content = path.read_bytes()
    except OSError as error:
        raise ArchiveError(subject, f"cannot be read ({error.strerror})") from error
    keys = _decode(subject, content, _Keys)
    if keys.ml is not msgspec.UNSET:
        matrices = _decode(subject, content, _Matrices)
        _refuse_doubles(subject, content)
        return _matrices(subject, matrices)
    if keys.kv is not msgspec.UNSET:
        pairs = _decode(subject, content, _Pairs)
        _refuse_doubles(subject, content)
        return _pair(path, pairs)
    raise ArchiveError(
        subject, "has neither 'ml' nor 'kv'", "Matrices have ml and dm, pairs kv, da, db and err"
    )


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
        raise ArchiveError(subject, f"is not an archive of distances ({error})") from error
    except RecursionError as error:
        raise ArchiveError(subject, "is nested too deep", "It is not an archive") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # NaN and Infinity are not JSON, but some programs write them.
        raise ArchiveError(subject, f"is not JSON ({error})") from error


def _refuse_doubles(subject: str, content: bytes) -> None:
    """Refuse a key that occurs twice in one object: it is unknown which value is right."""

    def unique(pairs: list[tuple[str, object]]) -> None:
        twice = [name for name, count in Counter(key for key, _ in pairs).items() if count > 1]
        if twice:
            raise ArchiveError(subject, f"has the key {twice[0]!r} twice")

    json.loads(content, object_pairs_hook=unique)


def _matrices(subject: str, found: _Matrices) -> MatrixArchive:
    members = tuple(found.ml)
    twice = [name for name, count in Counter(members).items() if count > 1]
    if twice:
        raise ArchiveError(subject, f"names {twice[0]!r} twice in 'ml'")
    if len(members) < PAIRS_AXES:
        raise ArchiveError(
            subject, f"names {len(members)} checkpoints in 'ml', at least 2 are needed"
        )
    parts = {
        name: _matrix(f"{subject}, part {name!r}", rows, len(members))
        for name, rows in found.dm.items()
    }
    if not parts:
        raise ArchiveError(subject, "has no matrix in 'dm'")
    return MatrixArchive(members=members, parts=parts)


def _matrix(subject: str, rows: Sequence[Sequence[float]], size: int) -> Floats:
    lengths = {len(row) for row in rows}
    if len(rows) != size or lengths - {size}:
        shape = f"{len(rows)} rows of {', '.join(map(str, sorted(lengths))) or 'no'} distances"
        raise ArchiveError(subject, f"has {shape} for {size} names")
    matrix = np.array(rows, np.float64)
    if not np.isfinite(matrix).all():
        raise ArchiveError(subject, "has a distance that is not finite")
    if (matrix < 0).any():
        raise ArchiveError(subject, "has a negative distance")
    if _is_extreme(matrix).any():
        strange = float(matrix[_is_extreme(matrix)][0])
        raise ArchiveError(subject, f"has the distance {strange:g}, which cannot be squared")
    if np.diagonal(matrix).any():
        raise ArchiveError(subject, "has a distance of a checkpoint from itself")
    if not np.array_equal(matrix, matrix.T):
        row, column = (int(each[0]) for each in np.nonzero(matrix != matrix.T))
        raise ArchiveError(
            subject, f"is not symmetric: rows {row + 1} and {column + 1} do not agree"
        )
    return matrix


def _is_extreme(distances: Floats | float) -> Booleans:
    extreme: Booleans = (np.asarray(distances) > LARGEST) | (
        (np.asarray(distances) < SMALLEST) & (np.asarray(distances) > 0)
    )
    return extreme


def _pair(path: Path, found: _Pairs) -> PairArchive:
    for name, distance in found.kv.items():
        if not math.isfinite(distance) or distance < 0:
            raise ArchiveError(path.name, f"has the distance {distance} for {name!r}")
        if _is_extreme(distance):
            raise ArchiveError(
                path.name, f"has the distance {distance:g} for {name!r}, which cannot be squared"
            )
    both = found.kv.keys() & {*found.da, *found.db}
    if both:
        raise ArchiveError(
            path.name, f"has a distance for {min(both)!r}, which only one of the two has"
        )
    _, a, b = pair_names(path)
    return PairArchive(
        a=a,
        b=b,
        distances=found.kv,
        only_a=tuple(sorted(set(found.da))),
        only_b=tuple(sorted(set(found.db))),
        mismatched=tuple(sorted(set(found.err))),
    )
