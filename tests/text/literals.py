"""Templates and texts -> their literal numbers and comparisons: those that no record fills in."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parents[2]
# What Jinja or `str.format` fills in.
FILLED = "\N{BULLET}"
NUMBER = re.compile(
    r"(?<![\w#.&{^/-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w}-])"
    r"|\b(?:three|four|five|six|seven|eight|nine|ten|twelve|dozen|hundred|thousand)\b",
    re.IGNORECASE,
)
COMPARISON = re.compile(
    r"\b(?:less|fewer|fewest|farther|farthest|most|least|best|worst|worse|better|twice|half"
    r"|doubl\w+|times|than|(?:larg|small|near|fast|slow|high|low|wid|narrow|clos|strong|long|short)"
    r"(?:er|est))\b",
    re.IGNORECASE,
)
# These hold code, or the ways to write numbers.
CODE = {"hashing.py", "numbers.py", "escaping.py", "__init__.py"}


class Text(NamedTuple):
    """A file, and one of its texts with `FILLED` in place of values."""

    file: str
    text: str


class Hit(NamedTuple):
    """A literal in a text, from `start` to `stop`."""

    file: str
    text: str
    start: int
    stop: int

    def __str__(self) -> str:
        around = self.text[max(0, self.start - 40) : self.stop + 30]
        return f"{self.file}: {self.text[self.start : self.stop]!r} in {around!r}"


def texts() -> Iterator[Text]:
    """All texts: whole templates, and each string of the room `text`."""
    for path in sorted((HERE / "templates").rglob("*")):
        if path.suffix in (".md", ".html"):
            yield Text(path.name, _of_template(path.read_text(encoding="utf-8")))
    for path in sorted((HERE / "generator" / "text").iterdir()):
        if path.suffix == ".toml":
            found = _leaves(tomllib.loads(path.read_text(encoding="utf-8")))
        elif path.suffix == ".py" and path.name not in CODE:
            found = _strings(ast.parse(path.read_text(encoding="utf-8")))
        else:
            continue
        for text in found:
            yield Text(path.name, re.sub(r"\{[^{}]*\}", FILLED, text))


def numbers(text: Text) -> Iterator[Hit]:
    """The literal numbers of a text."""
    for match in NUMBER.finditer(text.text):
        yield Hit(text.file, text.text, *match.span())


def comparisons(text: Text) -> Iterator[Hit]:
    """The comparisons in sentences into which no value is filled."""
    for sentence in re.finditer(r"[^.:;?!]+", text.text):
        if FILLED not in sentence[0]:
            for match in COMPARISON.finditer(sentence[0]):
                start = sentence.start() + match.start()
                yield Hit(text.file, text.text, start, start + len(match[0]))


def _of_template(markup: str) -> str:
    """What a template says: without markup, and with powers as `^`."""
    filled = re.sub(
        r"\{\{.*?\}\}", FILLED, re.sub(r"\{%.*?%\}", " ", markup, flags=re.S), flags=re.S
    )
    powers = re.sub(r"<sup>(.*?)</sup>", r"^\1", filled)
    return " ".join(re.sub(r"\{[:#].*?\}", "", re.sub(r"<[^>]*>", " ", powers)).split())


def _strings(tree: ast.Module) -> Iterator[str]:
    """The string constants of a module, without docstrings; pieces of one f-string are joined."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    inside = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in ast.walk(node)}
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else FILLED
                for part in node.values
            )
    for node in ast.walk(tree):
        known = id(node) in docs or id(node) in inside
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not known:
            yield node.value


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from () if key == "pattern" else _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str):
        yield value
