"""True and found origins of a group's members -> words."""

from collections.abc import Mapping

from generator.records import HistoryRow
from generator.text.words import listed

TRUTHS = {
    "base": "no parent: trained from scratch",
    "copy": "the same as {parents}",
    "fine-tune": "trained from {parents}",
    "merge": "merged from {parents}",
    "block merge": "merged from {parents}, block by block",
    "add difference": "{0} + (a part of {1} − {2})",
}


def truth_text(row: HistoryRow) -> str:
    """How the member was made."""
    return TRUTHS[row.kind].format(*row.parents, parents=listed(row.parents))


def found_text(row: HistoryRow, by_member: Mapping[str, HistoryRow]) -> str:
    """What was found, in the same words as the truth; among members that hold the same, the true
    one is named."""
    if not row.found:
        return "no ancestor"
    if row.kind == "copy":
        same = row.parents[0] if row.parents[0] in row.found else row.found[0]
        more = len(row.found) - 1
        return f"the same as {same}" + (f" and {more} more" if more else "")
    names = listed([_original(name, by_member) for name in row.found])
    return f"descends from {names}" if len(row.found) == 1 else f"a mix of {names}"


def _original(name: str, by_member: Mapping[str, HistoryRow]) -> str:
    """The source of the copy `name`: members that hold the same count as one."""
    while name in by_member and by_member[name].kind == "copy":
        name = by_member[name].parents[0]
    return name
