"""What is mapped: a set of prompts, and the checkpoints of a group."""

from pathlib import Path
from typing import NamedTuple

from generator.embeddings.prompts import PromptSet

# Grows whenever the same prompts and checkpoints would give another record.
VERSION = 2


class MemberPath(NamedTuple):
    """A checkpoint by its id, and where it lies."""

    id: str
    path: Path


class Subject(NamedTuple):
    """A set of prompts and a group of checkpoints, its reference first."""

    id: str
    prompts: PromptSet
    group: str
    group_name: str
    checkpoints: tuple[MemberPath, ...]
