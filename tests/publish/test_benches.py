"""Sentences about benches, recomputed from their rows, and left out where a row is missing."""

import re

import msgspec
import pytest

from generator.records import Bench, Machine, Measurement
from generator.text.benches import RATIOS, between_sentence, ratio_sentences

MACHINE = Machine(system="", processor="", cores=1, memory=1, python="")
SUBJECT = "5 UNets, in the page cache"


def bench(**seconds):
    rows = [
        Measurement(name=f"{SUBJECT}: {name.replace('_', ' ')}", value=value, unit="s")
        for name, value in seconds.items()
    ]
    return Bench(machine=MACHINE, figures=tuple(rows))


def test_a_ratio_stands_beside_both_times():
    assert list(ratio_sentences(bench(cat=1.28, atlas_matrix=3.66))) == [
        f"{SUBJECT}: atlas matrix takes 3.66\xa0s, cat 1.28\xa0s: a ratio of 2.86."
    ]


@pytest.mark.parametrize("rows", [{}, {"cat": 1.0}, {"atlas_matrix": 1.0}, {"cat": 0.0}])
def test_without_both_rows_nothing_is_said(rows):
    assert not list(ratio_sentences(bench(**rows)))


def test_rows_of_two_subjects_are_not_divided():
    rows = (*bench(cat=1.0).figures, Measurement(name="Other: atlas matrix", value=2.0, unit="s"))
    assert not list(ratio_sentences(Bench(machine=MACHINE, figures=rows)))


def test_other_units_are_not_times():
    made = bench(cat=1.0, atlas_matrix=2.0)
    rows = tuple(msgspec.structs.replace(each, unit="GB") for each in made.figures)
    assert not list(ratio_sentences(Bench(machine=MACHINE, figures=rows)))


def test_the_committed_ratios_follow_from_the_committed_rows(atlas):
    """No row is a ratio, and every ratio that the page prints is that of two rows."""
    for name, made in atlas.benches.items():
        rows = {figure.name: figure.value for figure in made.figures}
        assert not [figure for figure in made.figures if figure.unit == "times"], name
        for sentence in ratio_sentences(made):
            subject, said = re.fullmatch(r"(.+?): (\D.+)", sentence).groups()
            pair = next(each for each in RATIOS if said.startswith(f"{each.slower} takes "))
            slow, fast = (rows[f"{subject}: {each}"] for each in pair)
            assert float(said.split(" ")[-1].rstrip(".")) == pytest.approx(slow / fast, rel=0.005)


def test_models_between_others_are_counted_or_not_spoken_of(atlas):
    assert between_sentence(None) == between_sentence(bench(cat=1.0)) == ""
    rows = [
        (name, figure.value)
        for figure in atlas.benches["lineage"].figures
        for name, found, _ in [figure.name.partition(": on the way")]
        if found
    ]
    said = between_sentence(atlas.benches["lineage"])
    assert said.count(";") == len(rows) - 1
    for name, value in rows:
        groups, kind = re.fullmatch(r"(\d+) groups without a merge, (.*)", name).groups()
        assert f"{kind}, {value:.0f} of {groups} groups" in said
