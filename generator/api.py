"""What the verbs find out, for programs and notebooks: records and NumPy arrays.

A path is a weight file, a shard index or a diffusers folder. Nothing is printed or written, and
PyTorch is loaded for a GPU only. Each function raises `errors.AtlasError` where its verb refuses: a
`CheckpointError` for a file that is not understood, a `UsageError` for files that have nothing in
common.
"""

from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from generator.errors import AtlasError, UsageError
from generator.records import Comparison, FamilyLineage, Matrix, NamedRecipe
from generator.records.arrays import Floats
from generator.records.inspection import FileInspection, inspection_of
from generator.records.pairwise_sums import PairwiseSums
from generator.records.recipes import LowRankChange

Source = str | PathLike[str]
Metric = Literal["l2", "cosine", "l1", "l0"]
# Values of each weight that are read to find out how they may have been made.
SAMPLED = 2**15


class CheckpointDistances(NamedTuple):
    """The distances between N checkpoints; `record` is what `atlas matrix --output` writes."""

    record: Matrix

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the checkpoints, in the order of rows and columns."""
        return self.record.members

    @property
    def components(self) -> tuple[str, ...]:
        """Names of the components that at least two of them share."""
        return tuple(self.record.components)

    def array(self, component: str = "denoiser", metric: Metric = "l2") -> Floats:
        """N x N, float64, symmetric; NaN where two checkpoints cannot be compared.

        Raises:
            LookupError: the component or the metric was not measured.
        """
        square = getattr(self.record.components[component], metric)
        if square is None:
            raise LookupError(f"{metric} was not measured")
        return np.array(square, dtype=np.float64)


class FoundLineage(NamedTuple):
    """A lineage, and the checkpoints that were refused."""

    lineage: FamilyLineage
    refused: tuple[AtlasError, ...]


def inspect(path: Source, *, full: bool = False, tensors: bool = False) -> FileInspection:
    """What a file is: network, components, adapter, quantisation, what is missing or odd.

    Reads headers only; with `full`, all values too, for hashes, statistics and anomalies. With
    `tensors`, the result lists every tensor.
    """
    from generator.checkpoints.inventory.measuring import measure_checkpoint
    from generator.checkpoints.inventory.record import inspect as inspect_headers

    found = measure_checkpoint(Path(path), "") if full else inspect_headers(Path(path))
    return inspection_of(found.record, found.rows if tensors else None)


def compare(a: Source, b: Source) -> Comparison:
    """The distances of two checkpoints, tensor by tensor, and their sums by component and block."""
    from generator.distances.pair import compare as compare_pair

    return compare_pair(Path(a), Path(b))


def matrix(
    paths: Sequence[Source],
    metrics: Sequence[Metric] = ("l2", "cosine"),
    *,
    workers: int = 1,
    device: str = "cpu",
) -> CheckpointDistances:
    """The distances between all checkpoints, by component; each byte is read once.

    More `workers` are processes: a script that uses them needs `if __name__ == "__main__":`.
    """
    from generator.distances.matrix import matrix as measure_matrix

    found = measure_matrix(list(map(Path, paths)), metrics, workers, device)
    if found.refused:
        raise found.refused[0]
    return CheckpointDistances(found.matrix)


def recipe(
    target: Source,
    parents: Sequence[Source],
    *,
    component: str = "denoiser",
    workers: int = 1,
    device: str = "cpu",
) -> NamedRecipe:
    """The weights of two or more `parents` in `target`, in a whole component and in each block.

    Weights of checkpoints sum to 1 and may be negative. Parents may be adapters: to the first
    checkpoint they are added, at weights of their own.
    """
    found, _ = find_recipe(Path(target), list(map(Path, parents)), component, workers, device)
    return found


def lineage(
    paths: Sequence[Source],
    *,
    reference: Source | None = None,
    workers: int = 1,
    device: str = "cpu",
) -> FamilyLineage:
    """Who descends from whom, and what is mixed; `reference` is the known root, if any."""
    root = None if reference is None else Path(reference)
    found = find_lineage(list(map(Path, paths)), root, workers, device)
    if found.refused:
        raise found.refused[0]
    return found.lineage


def find_recipe(
    target: Path,
    parents: Sequence[Path],
    component: str,
    workers: int,
    device: str,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[NamedRecipe, PairwiseSums]:
    """The recipe of `target`, and the sums that it is from; `progress` gets what is done and all.

    Raises:
        UsageError: there are fewer than two parents, or they do not hold the component.
    """
    from generator.analysis.lineage.adapted import adapted_recipe
    from generator.analysis.lineage.named import named_recipe
    from generator.distances.adapted import adapted_sums, adapters_among
    from generator.distances.matrix import matrix as measure_matrix

    if len(parents) < 2:
        raise UsageError("parents", "are fewer than two", "Name all possible parents")
    if adapters := adapters_among(target, parents):
        checkpoints = [each for each in parents if each not in adapters]
        adapted = adapted_sums(target, checkpoints, adapters, progress)
        found = adapted_recipe(adapted, component)
        return _with_low_rank(found, target, parents), adapted.sums
    compared = measure_matrix([target, *parents], ("l2", "l0"), workers, device, progress=progress)
    if compared.refused:
        raise compared.refused[0]
    if component not in compared.sums.components:
        held = ", ".join(compared.sums.components)
        raise UsageError(component, "is missing from at least two of the files", f"Try {held}")
    members = compared.sums.head.members
    found = named_recipe(compared.sums, members[0], members[1:], component)
    if found.verdict == "none":
        found = _by_values(found, [target, *parents])
    return _with_low_rank(found, target, parents), compared.sums


def _with_low_rank(found: NamedRecipe, target: Path, parents: Sequence[Path]) -> NamedRecipe:
    """The recipe, and the rank of what the target differs by from its main parent, if that is low
    and no mix was found."""
    from generator.distances.members import short_names
    from generator.distances.pair import compare as compare_pair
    from generator.distances.ranks import change_ranks

    paths = dict(zip(short_names([target, *parents]), [target, *parents], strict=True))
    weights = {
        parent: weight
        for parent, weight in found.whole.weights.items()
        if parent not in found.adapters and weight is not None
    }
    if found.verdict != "none" or not weights:
        return found
    main = max(weights, key=lambda parent: weights[parent])
    ranks = change_ranks(paths[main], target, compare_pair(paths[main], target))
    if found.component not in ranks:
        return found
    change = LowRankChange(parent=main, ranks=ranks[found.component])
    return msgspec.structs.replace(found, low_rank=change)


def _by_values(found: NamedRecipe, paths: Sequence[Path]) -> NamedRecipe:
    """The recipe of what is no sum of checkpoints, if their values show one."""
    from generator.analysis.lineage.masked import likely_masked, masked_sum
    from generator.distances.shared_values import shared_values

    names = (found.target, *found.parents)
    likely = likely_masked(list(shared_values(paths, found.component, SAMPLED)))
    if likely is None:
        return found
    masked = masked_sum(shared_values(paths, found.component), names, likely)
    if masked is None:
        return found
    return msgspec.structs.replace(found, verdict=likely.kind, masked=masked)


def find_lineage(
    paths: Sequence[Path],
    reference: Path | None,
    workers: int,
    device: str,
    progress: Callable[[int, int], None] | None = None,
) -> FoundLineage:
    """The lineage of the checkpoints that can be read; `progress` gets bytes done and in all.

    Raises:
        UsageError: `reference` is not one of them, or fewer than two can be read.
    """
    from generator.analysis.explain import explain
    from generator.checkpoints.inventory.record import inspect as inspect_headers
    from generator.distances.matrix import matrix as measure_matrix
    from generator.distances.members import short_names

    if reference is not None and reference not in paths:
        raise UsageError("reference", f"{reference} is not one of the paths")
    path_of = dict(zip(short_names(paths), paths, strict=True))
    # As in groups on a site: counts of equal values tell swaps of values.
    compared = measure_matrix(paths, ("l2", "l0"), workers, device, progress=progress)
    members = compared.sums.head.members
    # Dtypes tell how much rounding explains; metadata hold recipes.
    records = {
        name: msgspec.structs.replace(inspect_headers(path_of[name]).record, id=name)
        for name in members
    }
    root = next((name for name in members if path_of[name] == reference), "")
    explained = explain(compared.sums, records, root)
    lineage = FamilyLineage(
        members=members,
        components=tuple(explained.components.values()),
        findings=explained.findings,
        declared=explained.declared,
        excluded=compared.sums.head.excluded,
    )
    return FoundLineage(lineage, compared.refused)
