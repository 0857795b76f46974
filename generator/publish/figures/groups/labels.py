"""Members of a group -> their names in figures: short and distinct."""

from collections.abc import Mapping, Sequence

from generator.records import Record
from generator.text.numbers import ENDINGS


class Label(Record):
    """The name of a member: `text` in figures, `whole` if there is room. `number` is its place in
    the table of members, from 1; `link` the address of its page, empty without a page."""

    number: int
    text: str
    whole: str
    link: str = ""


def labels(members: Sequence[str], names: Mapping[str, str]) -> tuple[Label, ...]:
    """A label for each member; `names` are the file names by member, if known.

    The label is the file name without its ending, unless two members would then have the same name.
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
