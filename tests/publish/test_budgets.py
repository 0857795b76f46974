"""Pages and files heavier than their kind may be are problems of the built site."""

import pytest

from generator.publish.budgets import INDEX, INDEX_KILOBYTES, SCRIPTS_KILOBYTES, budget_of
from generator.publish.check import check

PAGE = "<!doctype html><html><head><title>t</title></head><body>{}</body></html>"

ADDRESSES = (
    "groups/pony1.html",
    "architectures/sd1.html",
    "architectures/sd1.memory.html",
    "a/new/kind.html",
)


@pytest.fixture
def site(tmp_path):
    (tmp_path / "groups").mkdir()
    (tmp_path / "index.html").write_text(PAGE.format(""))
    (tmp_path / "assets").mkdir()
    (tmp_path / "search").mkdir()
    return tmp_path


def problems(site):
    return [str(problem) for problem in check(site)]


def test_each_kind_of_page_has_its_own_budget():
    group, network, memory, new = map(budget_of, ADDRESSES)
    assert group.kilobytes > network.kilobytes > memory.kilobytes
    assert new.kilobytes < group.kilobytes


def test_a_light_site_has_no_problem(site):
    assert problems(site) == []


def test_what_is_too_heavy_is_named_with_both_numbers(site):
    budget = budget_of("groups/large.html")
    page = site / "groups" / "large.html"
    page.write_text(PAGE.format("x" * (1000 * budget.kilobytes + 1)))
    (found,) = problems(site)
    assert found.startswith(f"groups/large.html: {budget.kilobytes:,} kB of HTML")
    assert f"{budget.kilobytes:,} allowed" in found
    page.write_text(PAGE.format("<p>" * (budget.elements + 1)))
    (found,) = problems(site)
    assert f"{budget.elements + 5:,} elements" in found


def test_scripts_and_the_index_have_budgets_as_well(site):
    (site / "assets" / "a.js").write_text("x" * (SCRIPTS_KILOBYTES * 1000 + 600))
    (site / INDEX).write_text("x" * (INDEX_KILOBYTES * 1000 + 600))
    assert [found.partition(":")[0] for found in problems(site)] == ["assets", INDEX]
