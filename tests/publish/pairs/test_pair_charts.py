"""Figures of pairs: shares, strips and histograms against NumPy and against published distances."""

import json
import math
import re

import numpy as np
import pytest
from drawings import description, drawings, hexadecimal, marks, size, texts
from made_pairs import UNET, compared, held, tensors
from sites import REPOSITORY

from generator.checkpoints.keys.sections import section_of
from generator.networks.kinds import kind_of
from generator.networks.palette import DISTANCE_COLOURS, distance_colour
from generator.publish.figures.histogram import BINS, HEIGHT, count, histograms
from generator.publish.figures.pairs.overview import overview
from generator.publish.figures.pairs.strip import heat_strip
from generator.publish.figures.scales import decades
from generator.publish.quantities.pairs import (
    block_parts,
    by_attention,
    cells_of,
    kind_parts,
    root_sum_squares,
)
from generator.records import DistanceSum, TensorDistance
from generator.text import numbers


def channels(colour):
    """Red, green and blue of a colour, 0 to 255."""
    written = colour if colour.startswith("#") else hexadecimal(colour)
    return [int(written[at : at + 2], 16) for at in (1, 3, 5)]


def cells_drawn(root):
    """By the name of a cell: what it says, and its colour."""
    cells = [(said, mark) for said, mark in marks(root) if mark.get("stroke") == "currentColor"]
    names = [said.split(":")[0] for said, _ in cells]
    assert len(set(names)) == len(names)
    told = {name: said for name, (said, _) in zip(names, cells, strict=True)}
    fills = [None if mark.get("fill-opacity") == "0" else mark.get("fill") for _, mark in cells]
    return told, dict(zip(names, fills, strict=True))


@pytest.fixture
def files():
    """Attention is untouched, one bias cannot be compared, all else moves."""
    a, b = tensors(), tensors()
    noise = np.random.default_rng(5)
    for name in b:
        if "attn" not in name:
            b[name] = b[name] + noise.standard_normal(b[name].shape).astype(np.float32)
    b[f"{UNET}middle_block.0.in_layers.0.weight"][0] = np.inf
    return a, b


@pytest.fixture
def pair(tmp_path, files):
    return held(compared(tmp_path, *files))


@pytest.fixture
def denoiser(pair):
    return pair.record.comparison.summary.components["denoiser"]


def test_shares_against_numpy(denoiser, files):
    a, b = files
    usable = {n for n in a if n.startswith(UNET) and "middle" not in n}
    squares = {n: np.sum((a[n].astype(float) - b[n]) ** 2) for n in usable}
    sizes = {n: a[n].size for n in usable}
    parts = {part.name: part for part in (*block_parts(denoiser), *kind_parts(denoiser))}
    convolutions = [n for n in usable if "input_blocks.0" in n]
    first = parts["IN00"]
    assert first.distance_share == pytest.approx(
        sum(squares[n] for n in convolutions) / sum(squares.values())
    )
    weights = sum(sizes[n] for n in convolutions)
    assert first.size_share == pytest.approx(weights / sum(sizes.values()))
    assert first.total.rms == pytest.approx(
        math.sqrt(sum(squares[n] for n in convolutions) / weights)
    )
    assert parts["attn1"].total.l2 == parts["attn2"].total.l2 == 0
    assert parts["MID"].distance_share is None
    for whole in (block_parts(denoiser), kind_parts(denoiser), cells_of(denoiser)):
        assert math.fsum(part.distance_share or 0 for part in whole) == pytest.approx(1)
        assert math.fsum(part.size_share for part in whole) == pytest.approx(1)


def test_blocks_are_in_the_order_of_the_network(denoiser):
    names = [part.block for part in block_parts(denoiser)]
    assert names == ["IN00", "IN01", "MID", "REST"]


def test_a_cell_for_every_kind_in_every_block(denoiser):
    farthest = max(cells_of(denoiser), key=lambda cell: cell.total.rms or 0.0)
    for root in drawings(heat_strip("strip", "Title", denoiser)):
        said, fills = cells_drawn(root)
        assert said.keys() == {cell.name for cell in cells_of(denoiser)}
        assert hexadecimal(fills[farthest.name]) == DISTANCE_COLOURS[-1]
        # Exactly 0 is a 0, what is not comparable has a dash, and neither has a colour.
        assert (fills["attn1 of IN01"], fills["norm of MID"]) == (None, None)
        zeros = [cell for cell in cells_of(denoiser) if cell.total.l2 == 0]
        missing = [cell for cell in cells_of(denoiser) if cell.total.l2 is None]
        signs = [text for text in texts(root) if text in ("0", numbers.MISSING)]
        # Both axes of numbers begin at 0: that of the colours, and that of the shares.
        assert signs.count("0") == len(zeros) + 2
        assert signs.count(numbers.MISSING) == len(missing) > 0
        assert "not comparable" in said["norm of MID"]
        for cell in cells_of(denoiser):
            if cell.total.l2:
                shade = cell.total.rms / farthest.total.rms
                assert channels(fills[cell.name]) == pytest.approx(
                    channels(distance_colour(shade)), abs=1
                )


def test_bars_are_as_high_as_the_shares(denoiser):
    parts = block_parts(denoiser)
    shares = [(part.distance_share or 0, part.size_share) for part in parts]
    for side, root in zip((1, 0), drawings(heat_strip("strip", "T", denoiser)), strict=True):
        bars = [bar for _, bar in marks(root) if bar.get("stroke") != "currentColor"]
        lengths = np.reshape([size(bar)[side] for bar in bars], (len(parts), 2))
        assert [bar.get("fill") is None for bar in bars] == [False, True] * len(parts)
        unit = np.max(lengths) / np.max(shares)
        assert lengths == pytest.approx(np.array(shares) * unit, abs=0.06)


def test_a_pair_that_does_not_differ_has_no_colour_at_all(tmp_path):
    same = held(compared(tmp_path, tensors(), tensors()))
    component = same.record.comparison.summary.components["denoiser"]
    for root in drawings(heat_strip("strip", "Title", component)):
        _, fills = cells_drawn(root)
        assert fills
        assert set(fills.values()) == {None}


def test_the_overview_has_a_row_for_each_pair(tmp_path, pair):
    same = held(compared(tmp_path, tensors(), tensors()), identity="same", name="Same")
    for root in drawings(overview("pairs", (pair, same))):
        assert [link.get("href") for link in root.iter("a")] == ["pair.html", "same.html"]
        assert root.get("role") == "group"
        # Four blocks of the denoiser, and the VAE.
        assert len(marks(root)) == 2 * 5
        assert "identical" in description(root)


@pytest.mark.parametrize("spread", [0.01, 1, 20])
def test_histograms_against_numpy(spread):
    values = 10 ** np.random.default_rng(1).normal(0, spread, 500)
    scale = decades(values)
    assert scale.low < values.min()
    assert scale.high > values.max()
    assert 2 <= len(scale.ticks) <= 10
    edges = np.linspace(np.log10(scale.low), np.log10(scale.high), BINS + 1)
    expected, _ = np.histogram(np.log10(values), edges)
    counted = count([*values, 0.0, 0.0], scale)
    assert list(counted.counts) == list(expected)
    assert counted.zeros == 2


def test_a_histogram_of_zeros_alone():
    for root in drawings(histograms("h", "Title", "L2", {"attn1": [0.0, 0.0]}, "#000")):
        assert "2 tensors of exactly 0" in description(root)
        assert not marks(root)
        assert [(said, mark[0].tail) for said, mark in marks(root, "text")] == [
            ("exactly 0: 2 tensors", "2")
        ]


def test_equal_tensors_do_not_flatten_those_that_differ():
    series = {"attn1": [0.1, 0.1, 0.2, 0.0], "other": [0.0] * 1234}
    for root in drawings(histograms("h", "Title", "L2", series, "#000")):
        assert [mark[0].tail for _, mark in marks(root, "text")] == ["1", "1,234"]
        two, one = (size(mark)[1] for _, mark in marks(root))
        assert two == pytest.approx(2 * one)
        assert two == pytest.approx(HEIGHT)


@pytest.mark.parametrize(
    ("pair_name", "attn1", "attn2", "other"),
    [
        ("bp_ac_mk0", 23.2504, 26.0299, 96.0301),
        ("bp_mk0_mk3", 16.5754, 13.6055, 51.6394),
        # Printed as 8.6033.
        ("bp_mk3_mk5", 8.0633, 4.6885, 20.2971),
        ("bp_mk5_nman", 7.5967, 5.7737, 22.4227),
        ("bp_ac_nman", 35.8125, 30.5798, 113.7759),
    ],
)
def test_published_distances_split_by_attention(published, pair_name, attn1, attn2, other):
    content = json.loads((published / "pairs" / f"{pair_name}.json").read_text(encoding="utf-8"))
    rows = []
    for key, distance in content["kv"].items():
        component, name = section_of(key)
        if component == "denoiser":
            rows.append(
                TensorDistance(
                    name=name,
                    component=component,
                    block="",
                    kind=kind_of(f".{name}"),
                    shape=(),
                    l0=None,
                    l1=None,
                    l2=distance,
                    cosine=None,
                    identical=False,
                )
            )
    groups = by_attention(rows)
    sums = {name: round(root_sum_squares(found), 4) for name, found in groups.items()}
    assert sums == {"attn1": attn1, "attn2": attn2, "other": other}
    chart = histograms("h", "t", "L2", {n: [r.l2 for r in f] for n, f in groups.items()}, "#000")
    said = chart.description
    for name, found in groups.items():
        assert f"{name}: 0 tensors of exactly 0, {len(found)} tensors from" in said


def luminance(colours):
    """Relative luminance of colours, 0 to 1."""
    channels = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in colours])
    linear = np.where(
        channels / 255 <= 0.04045, channels / 255 / 12.92, ((channels / 255 + 0.055) / 1.055) ** 2.4
    )
    return linear @ [0.2126, 0.7152, 0.0722]


def test_colours_of_distances_run_evenly_from_light_to_dark():
    shades = [distance_colour(number / 100) for number in range(101)]
    assert (shades[0], shades[-1]) == (DISTANCE_COLOURS[0], DISTANCE_COLOURS[-1])
    assert shades[50] == DISTANCE_COLOURS[4]
    # CIE L*, from 0 to 100: perceptually uniform means even steps of it.
    lightness = 116 * np.cbrt(luminance(shades)) - 16
    steps = -np.diff(lightness)
    assert steps.min() > 0.4 * steps.mean()
    assert steps.max() < 1.8 * steps.mean()


def test_every_distance_stands_out_from_the_ground_of_the_dark_scheme():
    style = (REPOSITORY / "site_src" / "assets" / "atlas.css").read_text(encoding="utf-8")
    slate = style.partition('[data-md-color-scheme="slate"] {')[2]
    ground = re.search(r"--md-default-bg-color: (#[0-9a-f]{6})", slate)[1]
    contrast = (luminance(DISTANCE_COLOURS) + 0.05) / (luminance([ground]) + 0.05)
    assert contrast.min() >= 3


def test_rms_of_nothing_is_missing():
    empty = DistanceSum(tensors=1, elements=0, l0=0, l1=0.0, l2=0.0, cosine=None, identical=True)
    assert empty.rms is None
