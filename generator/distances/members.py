"""Paths -> the checkpoints to compare: their weights by name, and the state of their files."""

from collections.abc import Sequence
from pathlib import Path

from generator.checkpoints.formats.index import SourceFile
from generator.checkpoints.formats.opening import open_checkpoint
from generator.checkpoints.identify.changes import Changes, changes_of
from generator.checkpoints.identify.components import COMPONENTS, FoundComponent, Weight
from generator.checkpoints.identify.contents import Contents, identify
from generator.checkpoints.identify.reading import Source, locate
from generator.distances.tasks import FileState
from generator.errors import CheckpointError
from generator.records import Record

# FoundComponent and canonical name.
Key = tuple[str, str]


class Member(Record):
    """A checkpoint, from its headers.

    `weights` holds everything in the file, in order of `COMPONENTS`, then by name; `sources` holds
    the positions of the values under the same keys.
    """

    name: str
    files: tuple[FileState, ...]
    components: dict[str, FoundComponent]
    weights: dict[Key, Weight]
    sources: dict[Key, Source]


def open_member(path: Path, name: str) -> Member:
    """Read the headers of the checkpoint at `path`; an adapter's weights are the changes it makes.

    Raises:
        CheckpointError: it is damaged or not understood, or changes while it is read.
    """
    index = open_checkpoint(path)
    contents: Contents | Changes = identify(index)
    if isinstance(contents, Contents) and contents.kind == "lora":
        contents = changes_of(index, contents.base_model)
        index = contents.index
    weights = {(weight.component, weight.name): weight for weight in contents.weights}
    order = sorted(weights, key=lambda key: (COMPONENTS.index(key[0]), key[1]))
    return Member(
        name=name,
        files=tuple(_state_at_opening(source) for source in index.files),
        components={component.name: component for component in contents.components},
        weights={key: weights[key] for key in order},
        sources={key: locate(weights[key], index.tensors[weights[key].tensor]) for key in order},
    )


def short_names(paths: Sequence[Path]) -> list[str]:
    """The shortest unique ends of the paths, in whole parts."""
    names = []
    for path in paths:
        parts = path.parts
        length = 1
        while length < len(parts) and any(
            other != path and other.parts[-length:] == parts[-length:] for other in paths
        ):
            length += 1
        names.append("/".join(parts[-length:]))
    return names


def file_state(path: Path) -> FileState:
    """State of the file at `path`. The path becomes absolute: workers may run in other folders.

    Raises:
        CheckpointError: the file cannot be read.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise CheckpointError(str(path), "not_opened", why=error.strerror or "") from error
    return FileState(
        path=str(path.absolute()),
        size=status.st_size,
        modified=status.st_mtime_ns,
        changed=status.st_ctime_ns,
    )


def has_changed(member: Member) -> bool:
    """Whether a file of `member` changed since it was opened."""
    try:
        return any(file_state(Path(file.path)) != file for file in member.files)
    except CheckpointError:
        return True


def _state_at_opening(source: SourceFile) -> FileState:
    state = file_state(source.path)
    if (state.size, state.modified) != (source.size, source.modified):
        raise CheckpointError(str(source.path), "changed")
    return state
