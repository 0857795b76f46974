"""Groups whose history is known -> what was found of it, beside the truth, with the score."""

from generator.publish.reading.atlas import Atlas
from generator.publish.reading.groups import GROUPS
from generator.records import History, Record
from generator.text.histories import found_text, truth_text
from generator.text.words import component_title, order_components


class HistoryLine(Record, frozen=True, kw_only=True):
    """One member: what is true of it, what was found, and whether that is right."""

    member: str
    truth: str
    found: str
    right: bool


class Score(Record, frozen=True, kw_only=True):
    """Of one component: how many members there are, and of how many the origin was found."""

    component: str
    right: int
    members: int


class KnownHistory(Record, frozen=True, kw_only=True):
    """A group, by its id, whose history is known, with its declared `reference`, empty if it has
    none.

    `lines` are of its first component; `weight_error` is the largest of any weight of any merge,
    None if there is none."""

    id: str
    name: str
    link: str
    reference: str
    component: str
    scores: tuple[Score, ...]
    lines: tuple[HistoryLine, ...]
    weight_error: float | None


def known_histories(atlas: Atlas) -> tuple[KnownHistory, ...]:
    """One for each group with a known history."""
    found = []
    for measured in atlas.groups:
        group = measured.group
        histories = {one.name: one.history for one in group.components if one.history}
        if histories:
            names = order_components(histories)
            first = histories[names[0]]
            errors = [
                row.weight_error
                for history in histories.values()
                for row in history.rows
                if row.weight_error is not None
            ]
            found.append(
                KnownHistory(
                    id=group.id,
                    name=group.name,
                    link=f"{GROUPS}/{group.id}.html",
                    reference=group.reference,
                    component=component_title(names[0]),
                    scores=tuple(_score(name, histories[name]) for name in names),
                    lines=_lines(first),
                    weight_error=max(errors, default=None),
                )
            )
    return tuple(found)


def _score(component: str, history: History) -> Score:
    right = sum(row.right for row in history.rows)
    return Score(component=component, right=right, members=len(history.rows))


def _lines(history: History) -> tuple[HistoryLine, ...]:
    by_member = {row.member: row for row in history.rows}
    return tuple(
        HistoryLine(
            member=row.member,
            truth=truth_text(row),
            found=found_text(row, by_member),
            right=row.right,
        )
        for row in history.rows
    )
