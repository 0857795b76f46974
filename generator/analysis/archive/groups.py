"""Files of published distances -> their groups, and the pairwise sums of a group."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from generator.analysis.archive.formats import MatrixArchive, PairArchive, pair_names, read_archive
from generator.analysis.archive.parts import sums_of_matrices
from generator.analysis.archive.tensors import sums_of_pairs
from generator.errors import ArchiveError, CheckpointError
from generator.records.pairwise_sums import PairwiseSums


def sort_files(paths: Iterable[Path]) -> tuple[dict[str, list[Path]], list[ArchiveError]]:
    """The files of each group, by its name; and the refused ones.

    A file of matrices is a group with the name of the file. Files that compare two checkpoints,
    `GROUP_A_B.json`, are one group if GROUP is the same; if a file of matrices has this name, they
    get a longer one.
    """
    matrices: dict[str, Path] = {}
    pairs: dict[str, list[Path]] = {}
    refused: list[ArchiveError] = []
    for path in dict.fromkeys(paths):
        try:
            if isinstance(read_archive(path), PairArchive):
                pairs.setdefault(pair_names(path)[0], []).append(path)
            elif path.stem in matrices:
                raise ArchiveError(path.name, "same_name", name=matrices[path.stem].name)
            else:
                matrices[path.stem] = path
        except ArchiveError as error:
            refused.append(error)
    groups = {name: [path] for name, path in matrices.items()}
    for name, files in pairs.items():
        groups[longer_name(name, files) if name in matrices else name] = files
    return groups, refused


def longer_name(name: str, files: Sequence[Path]) -> str:
    """Another name for the group of pairs `name`: the name of its file, if there is one file."""
    (first, *others) = files
    return f"{name}-pairs" if others or first.stem == name else first.stem


def read_group(files: Sequence[Path]) -> PairwiseSums:
    """The sums of the group in one file of matrices, or in files that compare two members each.

    Raises:
        ArchiveError: a file is not an archive, the files do not belong together, or hold no
            distance of weights.
    """
    sums = _read(files)
    if not sums.head.groups:
        reasons = {each.reason: each for each in reversed(sums.head.excluded)}
        causes = tuple(
            CheckpointError(each.tensor, reason.code, **reason.fields)
            for reason, each in reversed(reasons.items())
        )
        raise ArchiveError(files[0].name, "no_distance_of_weights", causes)
    return sums


def _read(files: Sequence[Path]) -> PairwiseSums:
    archives = [read_archive(path) for path in files]
    if len(archives) == 1 and isinstance(archives[0], MatrixArchive):
        return sums_of_matrices(archives[0])
    pairs = [each for each in archives if isinstance(each, PairArchive)]
    if len(pairs) < len(archives):
        raise ArchiveError(", ".join(path.name for path in files), "several_groups")
    compared = [frozenset((pair.a, pair.b)) for pair in pairs]
    for path, pair in zip(files, compared, strict=True):
        if compared.count(pair) > 1:
            a, b = sorted(pair)
            raise ArchiveError(path.name, "pair_again", a=a, b=b)
    return sums_of_pairs(pairs)
