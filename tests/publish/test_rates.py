"""How often the lineage is right is measured, committed, and on the Methods page."""

import pytest
from benches import lineage

from generator.publish.pages import methods
from generator.publish.style.templating import environment, fill
from generator.text.escaping import inert
from generator.text.numbers import significant


def test_the_rates_are_committed(atlas):
    figures = {each.name: each.value for each in atlas.benches["lineage"].figures}
    alarms = [name for name in figures if name.startswith("All 1000 groups without a merge")]
    rate, bound = (figures[name] for name in sorted(alarms, key=len))
    assert 0 <= rate < bound < 1
    for members in (3, 40):
        (parents,) = (
            value
            for name, value in figures.items()
            if name.startswith(f"Recovered of 10 families of {members}: parents")
        )
        # What is not claimed is silence: nothing else is said of the rest. In large families more
        # is silent: a parent is claimed only where no other member explains its child as well.
        assert parents > 75


def test_the_rates_and_all_rules_are_on_the_methods_page(committed_site, templates):
    ((_, context),) = methods.pages(committed_site)
    text = fill(environment(templates), context)
    for figure in committed_site.atlas.benches["lineage"].figures:
        assert str(inert(figure.name)) in text
        assert str(inert(significant(figure.value))) in text
    for part in ("{#claims}", "{#rates}", "twice the distance to its own mix", "its own ancestor"):
        assert part in text


@pytest.mark.slow
def test_the_committed_rates_come_out_again(atlas, monkeypatch):
    """Of small families and of some kinds of groups: all of them take minutes."""
    sizes, kinds = (3, 5, 8), lineage.KINDS[:: len(lineage.KINDS) // 4]
    each = lineage.UNRELATED_GROUPS // len(lineage.KINDS)
    monkeypatch.setattr(lineage, "SIZES", sizes)
    monkeypatch.setattr(lineage, "KINDS", kinds)
    monkeypatch.setattr(lineage, "UNRELATED_GROUPS", each * len(kinds))
    committed = {figure.name: figure.value for figure in atlas.benches["lineage"].figures}
    totals = ("Recovered of all ", "All ")
    found = [
        figure
        for figure in (*lineage._recovered(), *lineage._false_alarms())
        if not figure.name.startswith(totals)
    ]
    assert len(found) >= len(sizes) + len(kinds)
    for figure in found:
        assert figure.value == pytest.approx(committed[figure.name], rel=1e-9), figure.name


def test_simulated_families_are_as_simple_as_the_page_says():
    made = [
        (family, each) for family in map(lineage.family, range(30), [20] * 30) for each in family
    ]
    merges = [(family, each) for family, each in made if each.kind in ("merge", "blocks")]
    kinds = {family[parent].kind for family, each in merges for parent in each.parents}
    assert kinds <= {"base", "fine-tune"}
    weights = [each.weights for _, each in merges]
    assert all(((each >= 0.2) & (each <= 0.8)).all() for each in weights)
    # Fine-tunes, on the other hand, are made of merges, too.
    tuned = [family[each.parents[0]].kind for family, each in made if each.kind == "fine-tune"]
    assert set(tuned) > {"base", "fine-tune"}
