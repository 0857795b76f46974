"""Figures of maps: how much they show, and that they say so."""

import html
from io import BytesIO

import numpy as np
import pytest
from drawings import description, drawings, marks, place, points, texts
from made_maps import enlarged, lead_of, make_map
from PIL import Image

from generator.publish.figures.figure import static_svg
from generator.publish.figures.maps import distances
from generator.publish.figures.maps import marks as looks
from generator.publish.figures.maps.distances import category_distances, prompt_distances
from generator.publish.figures.maps.images import tinted_png
from generator.publish.figures.maps.movement import movement_map
from generator.publish.pages import map_views as views
from generator.publish.pages import maps as pages
from generator.publish.reading.loaded import read_all
from generator.publish.reading.maps import EMBEDDINGS
from generator.records import store
from generator.records.point_tables import PairDistances, write_distances


@pytest.fixture
def rendered(render_map):
    return lambda text, **more: render_map(*make_map(text, **more)[:2])


def test_too_many_categories_have_no_table_of_means(rendered, monkeypatch):
    """And the page says why."""
    for module in (views, pages, distances):
        monkeypatch.setattr(module, "MOST_CATEGORIES", 2)
    page, _ = lead_of(rendered("text"))
    assert "means-0-cosine" not in page
    assert "pairs-0-cosine" in page
    assert "3 categories are more than 2" in page


def test_references_without_distances_have_no_heat_maps(render_map):
    """Where there was no room for those of all."""
    record, files, apart = make_map("text", moves=(0.0, 0.0, 0.25), references=(0, 1, 1))
    kept = write_distances([PairDistances(0, "last", apart, apart)])
    page, _ = lead_of(render_map(record, files | {"set_group.distances.parquet": kept}))
    assert "pairs-0-cosine" in page
    assert "pairs-1-cosine" not in page
    assert page.partition("## Distances")[2].partition("## Categories")[0].count("### ") == 1


def test_labels_of_many_categories_do_not_overlap():
    labels = [f"category {n}" for n in range(512)]
    figure = prompt_distances("x", "x", "x.png", labels, (0.0, 1.0))
    for root, least in zip(drawings(figure), (40, 15), strict=True):
        named = sorted((place(text)[1], text.text) for text in root.iter("text"))
        places = [y for y, _ in named]
        numbers = [int(text.split()[1]) for _, text in named]
        assert numbers == sorted(numbers)
        assert len(places) > least
        assert np.diff(places).min() >= 12
        (image,) = root.iter("image")
        assert image.get("href") == "x.png"
    assert len(html.unescape(static_svg(figure))) < 40_000


def test_a_drawing_of_many_prompts_says_how_many_it_shows(tmp_path):
    """Those with a label are always there."""
    record, files, _ = make_map("x")
    store.write_result(tmp_path / "embeddings", record, files, "made")
    (small,) = read_all(tmp_path, EMBEDDINGS)
    mapped, named = enlarged(small, 10_000)
    assert set(named) < set(looks.rows_drawn(mapped, "last", 1))
    for root in drawings(movement_map(mapped, "last", 0, 1)):
        assert len(marks(root)) == 2000
        assert "2,000 of 10,000 prompts shown" in root.find("title").text
        assert "2,000 of 10,000 shown" in description(root)
        for row in named:
            assert f"prompt {row}" in texts(root)


@pytest.mark.parametrize(("n", "renderer"), [(2_000, None), (2_001, "canvas")])
def test_a_map_of_many_prompts_asks_for_a_canvas(tmp_path, n, renderer):
    record, files, _ = make_map("x")
    store.write_result(tmp_path / "embeddings", record, files, "made")
    mapped, _ = enlarged(read_all(tmp_path, EMBEDDINGS)[0], n)
    figure = movement_map(mapped, "last", 0, 1)
    for specification in (figure.wide, figure.narrow):
        assert specification["usermeta"].get("renderer") == renderer


def test_the_caption_says_how_many_are_shown(rendered, monkeypatch):
    monkeypatch.setattr(looks, "MOST_DRAWN", 10)
    page, _ = lead_of(rendered("text"))
    caption = page.split("<figcaption>")[1].split("</figcaption>")[0]
    assert "10 of 12 prompts shown." in caption
    drawing = page.split('id="map"')[1].split("</svg>")[0] + "</svg>"
    assert len(points(drawing)) == 10


def test_means_between_categories_by_hand():
    apart = np.array([[0, 1, 2, 4], [1, 0, 3, 5], [2, 3, 0, 6], [4, 5, 6, 0.0]])
    names, means = category_distances(apart, ["a", "a", "b", "c"])
    assert names == ["a", "b", "c"]
    expected = [[1, 2.5, 4.5], [2.5, np.nan, 6], [4.5, 6, np.nan]]
    np.testing.assert_allclose(means, expected)


def test_every_category_looks_different():
    found = {(mark.colour, mark.shape) for mark in looks.marks([str(n) for n in range(28)])}
    assert len(found) == 28


def test_images_of_distances_are_read_by_others():
    """Every pixel's opacity, by Pillow."""
    values = np.array([[0.0, 0.5, 1.0], [2.0, 0.25, -1.0]])
    image = Image.open(BytesIO(tinted_png(values, 0.0, 1.0))).convert("RGBA")
    pixels = np.asarray(image)
    assert pixels.shape == (2, 3, 4)
    np.testing.assert_array_equal(pixels[..., 3], [[0, 128, 255], [255, 64, 0]])
    assert (pixels[..., :3] == (0, 0x72, 0xB2)).all()
    assert set(np.asarray(Image.open(BytesIO(tinted_png(values * 0, 0.0, 0.0)))).flat) == {0}
