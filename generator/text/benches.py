"""Rows of a bench -> sentences with their ratios.

A row is named `SUBJECT: COMMAND`. Two rows of one bench and subject, both in seconds, are whole
processes of one run, so that they can be divided.
"""

from collections.abc import Iterator
from typing import NamedTuple

from generator.records import Bench
from generator.text import numbers


class TwoCommands(NamedTuple):
    """Two commands that do the same with one subject."""

    slower: str
    faster: str


RATIOS = (
    TwoCommands("every pair once by torch.dist, in float32", "atlas matrix"),
    TwoCommands("every pair once by torch.dist, in float16", "atlas matrix"),
    TwoCommands("atlas matrix", "cat"),
    TwoCommands("atlas inspect --full", "sha256sum"),
)
SENTENCE = "{subject}: {slower} takes {longer}\N{NO-BREAK SPACE}s, {faster}"
SENTENCE += " {shorter}\N{NO-BREAK SPACE}s: a ratio of {ratio}."


# The rows of groups without a merge in which models lie between others, and how they are told.
BETWEEN = ": on the way, between or on a line"


def between_sentence(bench: Bench | None) -> str:
    """In how many simulated groups models are said to lie between others; empty without rows."""
    rows = [each for each in bench.figures if each.name.endswith(BETWEEN)] if bench else []
    told = []
    for row in rows:
        groups, _, kind = row.name.removesuffix(BETWEEN).partition(", ")
        told.append(
            f"{kind}, {numbers.grouped(round(row.value))} of {groups.partition(' ')[0]} groups"
        )
    return f"How often models are said to lie so: {'; '.join(told)}." if told else ""


def ratio_sentences(bench: Bench) -> Iterator[str]:
    """A sentence for each of `RATIOS` whose two rows the bench has."""
    seconds = {figure.name: figure.value for figure in bench.figures if figure.unit == "s"}
    subjects = dict.fromkeys(name.rpartition(": ")[0] for name in seconds)
    for subject in subjects:
        for slower, faster in RATIOS:
            longer, shorter = (seconds.get(f"{subject}: {each}") for each in (slower, faster))
            if longer and shorter:
                yield SENTENCE.format(
                    subject=subject,
                    slower=slower,
                    faster=faster,
                    longer=numbers.significant(longer),
                    shorter=numbers.significant(shorter),
                    ratio=numbers.significant(longer / shorter),
                )
