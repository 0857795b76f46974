"""A room of the core -> a random sample of small faults, such as another operator.

The operators are mutmut's; the sample is ours, because mutmut has neither a seed nor constants.
"""

import difflib
import random
import re
from pathlib import Path
from typing import NamedTuple

import libcst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

REPOSITORY = Path(__file__).parents[1]
# Nothing that runs. Imports that fail are noticed by everything.
SILENT = (libcst.Annotation, libcst.Decorator, libcst.Import, libcst.ImportFrom)
# Names of types do nothing while the program runs.
TYPE_ALIAS = re.compile(r"[A-Z]\w*[a-z]\w* = ")


class Fault(NamedTuple):
    """A change of one line, or of a few; `was` and `now` are the changed lines."""

    file: str
    line: int
    was: str
    now: str
    code: str


def is_silent(argument: libcst.Arg) -> bool:
    """Whether it only says how a record's class may be called."""
    return argument.keyword is not None and argument.keyword.value == "kw_only"


class _Places(libcst.CSTVisitor):
    """Every node that an operator can change, with its line and all of its changes."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, libcst.CSTNode, list[libcst.CSTNode]]] = []

    def on_visit(self, node: libcst.CSTNode) -> bool:
        if isinstance(node, SILENT) or (isinstance(node, libcst.Arg) and is_silent(node)):
            return False
        changes = [
            new
            for kind, operator in mutation_operators
            if isinstance(node, kind)
            for new in operator(node)
        ]
        if changes:
            line = self.get_metadata(PositionProvider, node).start.line
            self.found.append((line, node, changes))
        return True


def draw(room: str, count: int, seed: int) -> list[Fault]:
    """A random sample of the places in a room, with one fault each."""
    places = []
    for path in sorted((REPOSITORY / "generator" / room).rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        wrapper = MetadataWrapper(libcst.parse_module(source))
        visitor = _Places()
        wrapper.visit(visitor)
        places += [(path, source, wrapper.module, *found) for found in visitor.found]
    chance = random.Random(seed)
    chance.shuffle(places)
    faults: list[Fault] = []
    for path, source, module, line, node, changes in places:
        if len(faults) == count:
            break
        code = module.deep_replace(node, chance.choice(changes)).code
        was, now = (" ".join(lines) for lines in _changed(source, code))
        if not TYPE_ALIAS.match(was):
            faults.append(Fault(path.relative_to(REPOSITORY).as_posix(), line, was, now, code))
    return faults


def _changed(source: str, code: str) -> tuple[list[str], list[str]]:
    """The lines of both that differ, without their indentation."""
    _, _, *lines = difflib.unified_diff(source.splitlines(), code.splitlines(), n=0)
    return tuple([line[1:].strip() for line in lines if line[0] == sign] for sign in "-+")
