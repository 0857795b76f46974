"""Checkpoints -> the values of the weights that all of them hold, chunk by chunk."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from generator.checkpoints.formats.files import WeightFile
from generator.checkpoints.identify.reading import Reader
from generator.distances.adapted import is_shared
from generator.distances.members import open_member, short_names
from generator.distances.ranks import CHUNK, squared_errors, values_of
from generator.records.values import ValueChunk


def shared_values(
    paths: Sequence[Path], component: str, most: int | None = None
) -> Iterator[ValueChunk]:
    """The values of a component, in the order of the second file; only the first `most` of each
    weight, if given. What is not finite is left out.

    Raises:
        CheckpointError: a file is not understood, or cannot be read any more.
    """
    members = [open_member(*each) for each in zip(paths, short_names(paths), strict=True)]
    keys = [key for key in members[0].weights if key[0] == component and is_shared(key, members)]
    with ExitStack() as stack:
        readers = [
            Reader([stack.enter_context(WeightFile(Path(file.path))) for file in member.files])
            for member in members
        ]
        for key in sorted(keys, key=lambda key: members[1].sources[key].place):
            weight = members[0].weights[key]
            sources = [member.sources[key] for member in members]
            last = weight.elements if most is None else min(most, weight.elements)
            for first in range(0, last, CHUNK):
                size = min(CHUNK, last - first)
                values = np.array(
                    [
                        values_of(reader, source, first, size)
                        for reader, source in zip(readers, sources, strict=True)
                    ]
                )
                step = np.sqrt(12 * squared_errors(values[0], sources[0].dtype))
                if np.isfinite(values).all():
                    yield ValueChunk(key[1], weight.block, values, step)
