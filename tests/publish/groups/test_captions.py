"""Captions are true of the metric, the component and the screen that are shown."""

import json

import msgspec
import numpy as np
import pytest
from made_groups import make_group
from scipy.spatial.distance import pdist, squareform

from generator.publish.figures.groups.interactive import figure_data
from generator.publish.figures.groups.pictures import sections
from generator.publish.figures.groups.scales import axis_end
from generator.publish.pages.groups.prepared import prepare
from generator.publish.reading.groups import Measured
from generator.text import numbers
from generator.text.words import METRICS


def figures(prepared):
    """The data of the interactive figures, by component."""
    script = figure_data(prepared).decode()
    found = json.loads(script.removeprefix("window.atlasGroup = ").removesuffix(";\n"))
    return {one["name"]: one for one in found["components"]}


def group_of(distances, names):
    group, sums = make_group("made", names, {("denoiser", "BASE"): distances})
    return prepare(Measured(group=group, sums=sums), ())


def distances_of(members):
    return squareform(pdist(np.random.default_rng(0).standard_normal((members, 3))))


def test_captions_name_the_metric_that_is_shown(demo):
    for one in figures(demo).values():
        for by_metric in one["captions"].values():
            assert set(by_metric) == {"l2", "l1", "l0", "cosine"}
            for metric, captions in by_metric.items():
                for key in ("clusters", "distances"):
                    assert f": {METRICS[metric]} " in captions[key]
                    others = [text for name, text in METRICS.items() if name != metric]
                    assert not any(f": {text} " in captions[key] for text in others)


def test_figures_of_l2_say_so_where_another_metric_is_chosen(demo):
    for one in figures(demo).values():
        for by_metric in one["captions"].values():
            for metric, captions in by_metric.items():
                for key in ("map", "spectral", "blocks"):
                    if key in captions:
                        assert "L2" in captions[key]
                        assert captions[key].startswith("Always by L2") == (metric != "l2")


def test_ends_of_scales_are_those_of_the_metric(demo):
    one = figures(demo)["denoiser"]
    members = demo.planned[0].drawn.arrangement.members
    for metric in ("l2", "l1", "l0"):
        square = np.array(getattr(demo.matrix.components["denoiser"], metric), dtype=float)
        square = square[np.ix_(members, members)]
        text = f"{int(square.max()):,}" if metric == "l0" else numbers.significant(square.max())
        caption = one["captions"]["wide"][metric]["clusters"]
        is_cut = square.max() > one["distances"][metric]["end"] * 1.00001
        assert (f"up to {text}, has the last one" in caption) == is_cut


def test_the_dendrogram_is_spoken_of_where_it_is_drawn_and_is_of_l2(prepared):
    for one in figures(prepared).values():
        for metric, captions in one["captions"]["wide"].items():
            assert "average linkage of L2 distances" in captions["clusters"], metric
        for captions in one["captions"]["narrow"].values():
            assert "endrogram" not in captions["clusters"]
            assert "have room for a name" not in captions["clusters"]


def test_counted_elements_are_exact(demo):
    denoiser = demo.matrix.components["denoiser"]
    # As many as large models have.
    counts = np.array(denoiser.l0) * 1571
    larger = msgspec.structs.replace(denoiser, l0=tuple(map(tuple, counts.tolist())))
    components = demo.matrix.components | {"denoiser": larger}
    matrix = msgspec.structs.replace(demo.matrix, components=components)
    found = figures(demo._replace(matrix=matrix))["denoiser"]
    members = demo.planned[0].drawn.arrangement.members
    above = counts[np.ix_(members, members)][np.triu_indices(len(members), 1)]
    assert max(above) > 10**8
    assert found["distances"]["l0"]["values"] == above.tolist()


@pytest.mark.parametrize("last", [20, 300])
def test_what_lies_beyond_the_axis_is_explained_where_there_is_such(last):
    distances = distances_of(6)
    distances[5, :5] = distances[:5, 5] = last
    prepared = group_of(distances, list("abcdef"))
    drawn = prepared.planned[0].drawn
    values = drawn.distances[drawn.base]
    is_beyond = values.max() > axis_end(values)
    assert is_beyond
    for section in sections(prepared.planned):
        if section.key == "distances":
            assert f"much farther than that, up to {last}" in section.pictures[0].caption


def test_without_any_beyond_the_axis_nothing_is_explained():
    for section in sections(group_of(distances_of(6), list("abcdef")).planned):
        assert "triangle" not in section.pictures[0].caption


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
    pictures = [picture for one in sections(prepared.planned) for picture in one.pictures]
    assert len(pictures) == 4
    for picture in pictures:
        assert picture.caption.endswith(told)
    for captions in figures(prepared)["denoiser"]["captions"]["narrow"].values():
        for caption in captions.values():
            assert caption.endswith(told)
