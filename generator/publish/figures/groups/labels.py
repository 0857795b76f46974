"""Members of a group -> what they are called in figures: short, different from one another."""

from collections.abc import Mapping, Sequence

from generator.records import Record
from generator.text.numbers import ENDINGS


class Label(Record, frozen=True, kw_only=True):
    """What a member is called: `text` in figures, `whole` where there is room. `number` is its
    place in the table of members, from 1; `link` the address of its page, empty if it has none."""

    number: int
    text: str
    whole: str
    link: str = ""


def labels(members: Sequence[str], names: Mapping[str, str]) -> tuple[Label, ...]:
    """A label for each member; `names` are those of the files, by member, where they are known.

    A file is called by its name without the ending, unless two then have the same name.
    """
    whole = [names.get(member, member) for member in members]
    short = [_without_ending(name) for name in whole]
    different = (texts for texts in (short, whole) if len(set(texts)) == len(texts))
    texts = next(different, list(members))
    return tuple(
        Label(number=number, text=text, whole=name)
        for number, (text, name) in enumerate(zip(texts, whole, strict=True), start=1)
    )


def _without_ending(name: str) -> str:
    ending = next((end for end in ENDINGS if name.lower().endswith(end)), "")
    return name[: len(name) - len(ending)] or name
