"""Captions are true of the metric, the component and the screen that are shown."""

import msgspec
import numpy as np
import pytest
from made_groups import make_group
from scipy.spatial.distance import pdist, squareform

from generator.publish.figures.groups.distances import axis_end, reach
from generator.publish.figures.groups.pictures import sections
from generator.publish.figures.groups.prepared import prepare
from generator.publish.reading.loaded import Loaded
from generator.text import numbers
from generator.text.words import METRICS


def figures(prepared):
    """The captions, by component, screen, metric and place on the page."""
    found = {}
    for section in sections(prepared):
        for one in section.figures:
            for screen, caption in zip(("wide", "narrow"), one.captions, strict=True):
                for metric in prepared.group.metrics:
                    if one.choice.get("metric", metric) == metric:
                        of_metric = found.setdefault(one.choice["component"], {})
                        captions = of_metric.setdefault(screen, {}).setdefault(metric, {})
                        captions[section.key] = one.remarks.get(metric, "") + caption
    return found


def group_of(distances, names):
    group, sums = make_group("made", names, {("denoiser", "REST"): distances})
    return prepare(Loaded(group, sums, {}), ())


def distances_of(members):
    return squareform(pdist(np.random.default_rng(0).standard_normal((members, 3))))


def test_captions_name_the_metric_that_is_shown(demo):
    for one in figures(demo).values():
        for by_metric in one.values():
            assert set(by_metric) == {"l2", "l1", "l0", "cosine"}
            for metric, captions in by_metric.items():
                for key in ("clusters", "distances"):
                    assert f": {METRICS[metric]} " in captions[key]
                    others = [text for name, text in METRICS.items() if name != metric]
                    assert not any(f": {text} " in captions[key] for text in others)


def test_figures_of_l2_say_so_where_another_metric_is_chosen(demo):
    for one in figures(demo).values():
        for by_metric in one.values():
            for metric, captions in by_metric.items():
                for key in ("map", "spectral", "blocks"):
                    if key in captions:
                        assert "L2" in captions[key]
                        assert captions[key].startswith("Always by L2") == (metric != "l2")


def test_ends_of_scales_are_those_of_the_metric(demo):
    one = figures(demo)["denoiser"]
    members = demo.differing[0].arrangement.members
    for metric in ("l2", "l1", "l0"):
        square = np.array(getattr(demo.matrix.components["denoiser"], metric), dtype=float)
        square = square[np.ix_(members, members)]
        text = f"{int(square.max()):,}" if metric == "l0" else numbers.significant(square.max())
        caption = one["wide"][metric]["clusters"]
        is_cut = square.max() > reach(square) * 1.00001
        assert (f"up to {text}, has the last one" in caption) == is_cut


def test_the_dendrogram_is_spoken_of_where_it_is_drawn_and_is_of_l2(prepared):
    for one in figures(prepared).values():
        for metric, captions in one["wide"].items():
            assert "average linkage of L2 distances" in captions["clusters"], metric
        for captions in one["narrow"].values():
            assert "endrogram" not in captions["clusters"]
            assert "have room for a name" not in captions["clusters"]


def test_counted_elements_are_exact(demo):
    denoiser = demo.matrix.components["denoiser"]
    # As many as large models have.
    cells = [[None if each is None else each * 1571 for each in row] for row in denoiser.l0]
    counts = np.array([[each or 0 for each in row] for row in cells])
    larger = msgspec.structs.replace(denoiser, l0=tuple(map(tuple, cells)))
    components = demo.matrix.components | {"denoiser": larger}
    matrix = msgspec.structs.replace(demo.matrix, components=components)
    changed = demo._replace(matrix=matrix)
    found = next(
        one
        for section in sections(changed)
        for one in section.figures
        if one.choice == {"component": "denoiser", "metric": "l0"}
    )
    members = demo.differing[0].arrangement.members
    order = [members[place] for place in demo.differing[0].arrangement.order]
    above = counts[np.ix_(order, order)][np.triu_indices(len(order), 1)]
    assert max(above) > 10**8
    told = found.wide["usermeta"]["cells"]["told"]["values"].split(" ")
    assert told == [f"{int(value):,}" for value in above]


@pytest.mark.parametrize("last", [20, 300])
def test_what_lies_beyond_the_axis_is_explained_where_there_is_such(last):
    distances = distances_of(6)
    distances[5, :5] = distances[:5, 5] = last
    prepared = group_of(distances, list("abcdef"))
    drawn = prepared.differing[0]
    values = drawn.distances[drawn.base]
    is_beyond = values.max() > axis_end(values)
    assert is_beyond
    for section in sections(prepared):
        if section.key == "distances":
            assert f"much farther than that, up to {last}" in section.figures[0].captions[0]


def test_without_any_beyond_the_axis_nothing_is_explained():
    for section in sections(group_of(distances_of(6), list("abcdef"))):
        assert "triangle" not in section.figures[0].captions[0]


@pytest.mark.parametrize(
    ("count", "told"),
    [(1, "known: m0."), (2, "known: m0 and m1."), (6, "known: m0, m1, m2, m3 and 2 more.")],
)
def test_who_is_not_drawn_is_named(count, told):
    everyone = count + 8
    distances = distances_of(everyone)
    for member in range(count):
        distances[member] = distances[:, member] = np.nan
    prepared = group_of(distances, [f"m{n}" for n in range(everyone)])
    found = [one for section in sections(prepared) for one in section.still]
    assert len(found) == 4
    for one in found:
        assert one.captions[0].endswith(told)
    for captions in figures(prepared)["denoiser"]["narrow"].values():
        for caption in captions.values():
            assert caption.endswith(told)
