"""Texts beside points: where there is room, and where the fewest lines cross them."""

import numpy as np
import pytest

from generator.publish.figures.placing import LabelBox, Line, Wanted, place_texts

AREA = LabelBox(0, 0, 200, 200)
POINT = Wanted(100, 100, (50,))


def side(*lines):
    (placed,) = place_texts([POINT], [0], AREA, 4.5, lines)
    return placed.side


def test_a_text_stands_at_the_right_unless_a_line_crosses_it_there():
    assert side() == "right"
    assert side(Line(100, 100, 190, 100)) == "left"
    assert side(Line(100, 100, 190, 100), Line(100, 100, 10, 100)) == "above"


def test_a_text_covers_no_other_point_and_no_other_text():
    other = Wanted(130, 100, ())
    first, nothing = place_texts([POINT, other], [0, 1], AREA, 4.5)
    assert (first.side, nothing) == ("left", None)
    # Two that both would like the place between them.
    first, second = place_texts([POINT, Wanted(180, 100, (30,))], [0, 1], AREA, 4.5)
    assert (first.side, second.side) == ("right", "above")
    assert not first.box.meets(second.box)


def test_where_lines_cross_every_side_the_fewest_are_chosen():
    across = [Line(100, 100, x, y) for x, y in ((190, 100), (10, 100), (100, 10), (100, 190))]
    assert side(*across, Line(150, 10, 150, 190)) == "left"


@pytest.mark.parametrize("seed", range(20))
def test_crossing_against_points_along_the_line(seed):
    ends = np.random.default_rng(seed).uniform(0, 100, (2, 2))
    box = LabelBox(30, 40, 70, 60)
    points = ends[0] + np.linspace(0, 1, 5001)[:, None] * (ends[1] - ends[0])
    inside = (points > (box.left, box.top)).all(axis=1) & (points < (box.right, box.bottom)).all(
        axis=1
    )
    assert Line(*ends[0], *ends[1]).crosses(box) == inside.any()
