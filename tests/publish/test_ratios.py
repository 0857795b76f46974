"""Ratios: points stand where their numbers are, and only those with a label have a name."""

import math

import pytest
from drawings import drawings, marks, texts

from generator.publish.figures.ratios import RatioPoint, ratios

LOOK = {"colour": "#0072b2", "shape": "circle"}
POINTS = [
    RatioPoint(size=size, ratio=ratio, label=label, text=f"{size} {ratio}", **LOOK)
    for size, ratio, label in ((1.5, 1.0, ""), (6.0, 0.42, "Far off"), (30.0, 1.18, "Above"))
]
AXES = ("Size", "Ours over theirs")


@pytest.fixture(scope="module", params=["wide", "narrow"])
def root(request):
    wide, narrow = drawings(ratios("r", "Title", AXES, POINTS, 0.05))
    return wide if request.param == "wide" else narrow


def test_points_are_placed_by_logarithm_and_by_ratio(root):
    found = {
        said: (float(mark.get("cx")), float(mark.get("cy"))) for said, mark in marks(root, "circle")
    }
    (low, base), (middle, down), (high, up) = (found[point.text] for point in POINTS)
    assert (middle - low) / (high - low) == pytest.approx(
        math.log(6.0 / 1.5) / math.log(30.0 / 1.5), abs=0.01
    )
    assert (down - base) / (base - up) == pytest.approx((1 - 0.42) / (1.18 - 1), abs=0.03)


def test_names_are_those_of_the_labels(root):
    assert {"Far off", "Above"} <= {*texts(root)}
    assert not [text for text in texts(root) if text.startswith("1.5")]


def test_the_alternative_tells_every_point(root):
    assert all(point.text in root.find("desc").text for point in POINTS)
