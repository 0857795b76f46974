"""Members of a group -> their names in figures: short and distinct."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from generator.records import Record
from generator.text.numbers import ENDINGS

# What people put before the names of a numbered collection: `_x001-`, `012_`.
RUNNING_NUMBER = re.compile(r"[_ ]?([a-z]?)(\d+)[-_ ]", re.IGNORECASE)


class Label(Record):
    """The name of a member: `text` in figures, `whole` if there is room. `number` is its place in
    the table of members, from 1; `link` the address of its page, from the group's, or of its row
    there. `prefix` is a running number that all names begin with: tables print it small, figures
    leave it out."""

    number: int
    text: str
    whole: str
    link: str = ""
    prefix: str = ""


def labels(members: Sequence[str], names: Mapping[str, str]) -> tuple[Label, ...]:
    """A label for each member; `names` are the file names by member, if known.

    The label is the file name without its ending, unless two members would then have the same name,
    and without a running number, unless it is what tells two members apart.
    """
    whole = [names.get(member, member) for member in members]
    short = [_without_ending(name) for name in whole]
    different = (texts for texts in (short, whole) if len(set(texts)) == len(texts))
    texts = next(different, list(members))
    prefixes = _running_numbers(texts)
    return tuple(
        Label(number=number, text=text.removeprefix(prefix), whole=name, prefix=prefix)
        for number, (text, name, prefix) in enumerate(
            zip(texts, whole, prefixes, strict=True), start=1
        )
    )


def _running_numbers(texts: Sequence[str]) -> list[str]:
    """What precedes each name, if all are numbered alike: empty where the rest is not unique."""
    found = [RUNNING_NUMBER.match(text) for text in texts]
    marks = {(one[1], len(one[2]), one[0][0], one[0][-1]) if one else None for one in found}
    if len(marks) != 1 or not all(found) or len(texts) < 2:
        return [""] * len(texts)
    prefixes = [one[0] for one in found if one]
    rests = Counter(text.removeprefix(prefix) for text, prefix in zip(texts, prefixes, strict=True))
    return [
        prefix if rests[text.removeprefix(prefix)] == 1 and text != prefix else ""
        for text, prefix in zip(texts, prefixes, strict=True)
    ]


def _without_ending(name: str) -> str:
    ending = next((end for end in ENDINGS if name.lower().endswith(end)), "")
    return name[: len(name) - len(ending)] or name
