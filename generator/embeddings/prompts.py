"""`data/prompts/SLUG.toml` -> a prompt set: texts in order, each with its category.

The file has a `name`, a `description` and any number of `[[prompt]]` with `text` and `category`.
Texts are kept unchanged and treated as data.
"""

import tomllib
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from generator.catalog.entries import Label
from generator.errors import CatalogError
from generator.records import Record

# Increase when the same prompts and checkpoints would give another record.
VERSION = 2
LARGEST_FILE = 16 * 2**20
# Two axes need three points.
FEWEST = 3


class Prompt(Record):
    """One `[[prompt]]`. An empty text is valid: the unconditional prompt."""

    text: Annotated[str, Meta(max_length=4000)]
    category: Annotated[str, Meta(min_length=1, max_length=40)]


class PromptFile(Record):
    """A file of prompts."""

    name: Label
    description: Annotated[str, Meta(max_length=1000)] = ""
    prompt: Annotated[tuple[Prompt, ...], Meta(max_length=20_000)]


class PromptSet(Record):
    """Prompts, each text once; `repeated` describes the repeated ones."""

    id: str
    name: str
    description: str
    prompts: tuple[Prompt, ...]
    repeated: tuple[str, ...]

    @property
    def categories(self) -> tuple[str, ...]:
        """All categories, in order of first occurrence."""
        return tuple(dict.fromkeys(prompt.category for prompt in self.prompts))


class MemberPath(NamedTuple):
    """A checkpoint: its id and path, and the identities of its text encoders, if known."""

    id: str
    path: Path
    encoders: tuple[tuple[str, str, str], ...] = ()


class Subject(NamedTuple):
    """A prompt set and a group of checkpoints, its reference first."""

    id: str
    prompts: PromptSet
    group: str
    group_name: str
    checkpoints: tuple[MemberPath, ...]


def read_prompts(path: Path) -> PromptSet:
    """The prompt set in the file at `path`.

    Raises:
        CatalogError: it cannot be read, or is not a prompt set.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise CatalogError(str(path), f"is larger than {LARGEST_FILE} bytes", "Split it")
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        content = msgspec.convert(table, PromptFile)
    except OSError as error:
        raise CatalogError(str(path), f"cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CatalogError(str(path), f"is not TOML ({error})") from error
    except msgspec.ValidationError as error:
        advice = "A prompt set has name, description, and [[prompt]] with text and category"
        raise CatalogError(str(path), str(error), advice) from error
    first: dict[str, Prompt] = {}
    repeated = []
    for number, prompt in enumerate(content.prompt, start=1):
        kept = first.setdefault(prompt.text, prompt)
        if kept is not prompt:
            other = f", with category {kept.category!r}" if kept.category != prompt.category else ""
            repeated.append(f"prompt {number} is {prompt.text!r} once more: kept once{other}")
    if len(first) < FEWEST:
        raise CatalogError(str(path), f"has fewer than {FEWEST} different prompts")
    return PromptSet(
        id=path.stem,
        name=content.name,
        description=content.description,
        prompts=tuple(first.values()),
        repeated=tuple(repeated),
    )
