"""The subject of a map: a prompt set, and the checkpoints of a group."""

from pathlib import Path
from typing import NamedTuple

from generator.embeddings.prompts import PromptSet

# Increase when the same prompts and checkpoints would give another record.
VERSION = 2


class MemberPath(NamedTuple):
    """A checkpoint: its id and path."""

    id: str
    path: Path


class Subject(NamedTuple):
    """A prompt set and a group of checkpoints, its reference first."""

    id: str
    prompts: PromptSet
    group: str
    group_name: str
    checkpoints: tuple[MemberPath, ...]
