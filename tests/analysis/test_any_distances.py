"""Any published distances can be explained: those of no points, too, and without a relative."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.analysis.archive.groups import read_group
from generator.analysis.explain import explain
from generator.errors import ArchiveError

# Zeros (equal, or not compared), tiny and huge distances, and equal ones.
LENGTHS = st.sampled_from([0.0, 0.0, 1e-9, 0.1, 1.0, 1.0, 1.5, 2.0, 3.0, 1e9])


@st.composite
def matrices(draw):
    """One or two symmetric matrices of the same members, and a reference or none."""
    count = draw(st.integers(2, 7))
    parts = {}
    for name in draw(st.sampled_from([["unet"], ["unet", "vae"]])):
        matrix = np.zeros((count, count))
        for one in range(count):
            for other in range(one):
                matrix[one, other] = matrix[other, one] = draw(LENGTHS)
        parts[name] = matrix.tolist()
    members = [f"m{number}" for number in range(count)]
    return {"ml": members, "dm": parts, "cm": []}, draw(st.sampled_from(["", *members]))


@given(matrices())
@settings(max_examples=150, deadline=None)
def test_every_matrix_is_explained_or_refused(tmp_path_factory, drawn):
    archive, reference = drawn
    path = tmp_path_factory.mktemp("any") / "some.json"
    path.write_text(json.dumps(archive))
    try:
        sums = read_group([path])
    except ArchiveError:
        return
    found = explain(sums, reference=reference)
    for component in found.components.values():
        if not component.lineage:
            continue
        names = [name for node in component.lineage.nodes for name in (node.name, *node.copies)]
        assert sorted([*names, *component.lineage.left_out]) == sorted(archive["ml"])
        before = set()
        for node in component.lineage.nodes:
            assert set(node.parents) <= before
            before |= {node.name, *node.copies}
        for recipe in component.recipes:
            assert sum(recipe.weights) == pytest.approx(1, abs=1e-4)
