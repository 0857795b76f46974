"""Pages of prompts: what they say, and that hostile prompts are inert in all that is written."""

import csv
import html
import json
from io import BytesIO, StringIO

import msgspec
import numpy as np
import pytest
from PIL import Image

from generator import store
from generator.errors import DamagedRecord
from generator.point_tables import PairDistances, Points, write_distances, write_points
from generator.publish.maps.charts import category_distances, marks
from generator.publish.maps.images import tinted_png
from generator.publish.maps.reading import farthest, read_maps
from generator.publish.maps.scripts import script_files
from generator.publish.render import render
from generator.records import (
    EmbeddingMap,
    EncoderMember,
    EncoderSpace,
    Excluded,
    Likeness,
    MappedEncoder,
    MappedPrompt,
    VectorKind,
)

HOSTILE = "</script><img src=x onerror=alert(1)> {{ 7*7 }} \"'\u2028\u202e=1+1"
N = 12


def make_map(text, encoders=2, moved=0.25):
    """A map of twelve prompts, all of whose texts are the one given, in two encoders."""
    rng = np.random.default_rng(0)
    own = rng.uniform(-1, 1, (N, 2))
    apart = np.abs(rng.uniform(0, 1, (N, N)))
    apart = np.triu(apart, 1) + np.triu(apart, 1).T
    points = [
        Points(
            encoder=number,
            kind="last",
            own=own,
            shared=own + number * moved,
            moved=np.full(N, number * moved),
            tsne=None,
            neighbours=np.tile([1, 2], (N, 1)),
            near=np.tile([0.1, 0.2], (N, 1)),
        )
        for number in range(encoders)
    ]
    record = EmbeddingMap(
        id="set_group",
        prompt_set="set",
        name=text,
        description=text,
        group="group",
        group_name=text,
        prompts=tuple(
            MappedPrompt(
                text=f"{text}{n}" if n else "", category=f"{text}{n % 3}", tokens=(70 + n,)
            )
            for n in range(N)
        ),
        categories=tuple(f"{text}{n}" for n in range(3)),
        repeated=(text,),
        encoders=tuple(
            MappedEncoder(
                network="clip-l",
                label=text,
                layers=12,
                width=16,
                released_width=768,
                heads=1,
                projected=0,
                padding=49407,
                members=(EncoderMember(checkpoint=f"m{number}", component="text_encoder"),),
                reference=0,
                digest="",
            )
            for number in range(encoders)
        ),
        kinds=(VectorKind(id="last", label=text, description=text),),
        spaces=tuple(
            EncoderSpace(
                encoder=number,
                kind="last",
                dimensions=16,
                explained=(0.5, 0.25),
                shared=0.75,
                moved_mean=number * moved,
                moved_largest=number * moved,
                most_moved=tuple(range(5)) if number * moved else (),
                silhouette=-0.1,
                silhouettes={f"{text}{n}": 0.1 for n in range(3)},
            )
            for number in range(encoders)
        ),
        likenesses=tuple(
            Likeness(kind="last", a=0, b=number, cka=0.9, procrustes=None)
            for number in range(1, encoders)
        ),
        refused=(Excluded(checkpoint=text, tensor="", reason=text),),
        left_out=(Excluded(checkpoint=text, tensor="text_encoder", reason=text),),
        omitted=(text,),
        versions={},
    )
    files = {
        "set_group.points.parquet": write_points(points),
        "set_group.distances.parquet": write_distances([PairDistances(0, "last", apart, apart)]),
    }
    return record, files, apart


@pytest.fixture
def rendered(make_data, templates, tmp_path):
    def rendered(text, **more):
        data = make_data("plain")
        record, files, _ = make_map(text, **more)
        store.write_result(data / "embeddings", record, files, "made")
        render(data, templates, tmp_path / "site_src")
        return tmp_path / "site_src"

    return rendered


def test_hostile_prompts_are_inert(rendered):
    site = rendered(HOSTILE)
    pages = [path for path in (site / "embeddings").rglob("*.*") if path.suffix != ".png"]
    assert len(pages) == 2 + 3
    for page in pages:
        written = page.read_text(encoding="utf-8")
        assert "<img" not in written, page
        assert "</script" not in written, page
        assert "{{" not in written or page.suffix == ".js", page
        assert "\u2028" not in written
        assert "\u202e" not in written or page.suffix == ".md"


def test_scripts_are_one_call_with_the_very_prompts(rendered):
    """Each is JavaScript that hands over the text as it is."""
    head = (rendered(HOSTILE) / "embeddings" / "set_group" / "head.js").read_text()
    assert head.startswith("atlasMapPart(")
    assert head.endswith(");\n")
    name, part, content = json.loads(f"[{head.removeprefix('atlasMapPart(')[:-3]}]")
    assert (name, part) == ("set_group", "head")
    assert content["prompts"][1] == f"{HOSTILE}1"


def test_tables_hold_no_formulas(rendered):
    folder = rendered("=1+1") / "downloads" / "embeddings"
    for name in ("points", "distances.last"):
        rows = list(csv.reader(StringIO((folder / f"set_group.{name}.csv").read_text())))
        assert len(rows) == 1 + {"points": 2 * N, "distances.last": N * (N - 1) // 2}[name]
        assert not [cell for row in rows for cell in row if cell.startswith("=")]


def test_every_distance_is_in_the_table(rendered):
    _, _, apart = make_map("x")
    folder = rendered("x") / "downloads" / "embeddings"
    rows = list(csv.DictReader(StringIO((folder / "set_group.distances.last.csv").read_text())))
    assert rows[0]["a"] == ""
    assert float(rows[0]["cosine"]) == pytest.approx(apart[0, 1], rel=1e-4)
    assert float(rows[0]["euclidean"]) == pytest.approx((2 * apart[0, 1]) ** 0.5, rel=1e-4)
    assert float(rows[-1]["manhattan"]) == pytest.approx(apart[N - 2, N - 1], rel=1e-4)


def test_every_pair_of_encoders_is_shown(rendered):
    """Those of another network as well, with a reason where there is no number."""
    site = rendered("text", encoders=3)
    page = html.unescape((site / "embeddings" / "set_group.md").read_text(encoding="utf-8"))
    table = page.split("### Pairs of encoders")[1].split("<tbody>")[1].split("</tbody>")[0]
    assert table.count("<tr>") == 2
    assert table.count('data-value="0.9"') == 2
    assert table.count("all vectors of one of the two are equal") == 4
    folder = site / "downloads" / "embeddings"
    rows = list(csv.DictReader(StringIO((folder / "set_group.likeness.csv").read_text())))
    assert [(row["a"], row["b"], row["cka"], row["procrustes"]) for row in rows] == [
        ("m0", "m1", "0.9", ""),
        ("m0", "m2", "0.9", ""),
    ]


def test_the_page_says_what_moved_and_what_is_a_toy(rendered):
    written = (rendered("text") / "embeddings" / "set_group.md").read_text(encoding="utf-8")
    page = html.unescape(written)
    lead = page.split('class="atlas-lead">')[1]
    assert lead.startswith("These text encoders are untrained toys")
    assert "m1 moved most" in lead
    assert page.count("atlas-map__point") == N
    assert page.count("atlas-map__arrow") == N
    assert "cut at 77" in page
    assert "(empty prompt)" in page


def test_what_did_not_move_has_no_arrows(rendered):
    written = (rendered("text", moved=0.0) / "embeddings" / "set_group.md").read_text()
    page = html.unescape(written)
    assert "No encoder moved" in page
    assert "atlas-map__arrow" not in page


def test_means_between_categories_by_hand():
    apart = np.array([[0, 1, 2, 4], [1, 0, 3, 5], [2, 3, 0, 6], [4, 5, 6, 0.0]])
    names, means = category_distances(apart, ["a", "a", "b", "c"])
    assert names == ["a", "b", "c"]
    expected = [[1, 2.5, 4.5], [2.5, np.nan, 6], [4.5, 6, np.nan]]
    np.testing.assert_allclose(means, expected)


def test_every_category_looks_different():
    looks = {(mark.colour, mark.shape) for mark in marks([str(n) for n in range(28)])}
    assert len(looks) == 28


def test_damage_is_refused(tmp_path):
    record, files, _ = make_map("x")
    _, other_files, _ = make_map("x", encoders=3)
    store.write_result(tmp_path / "embeddings", record, files | {}, "made")
    assert farthest(read_maps(tmp_path)[0], 0, "last") == 1
    swapped = files | {"set_group.points.parquet": other_files["set_group.points.parquet"]}
    store.write_result(tmp_path / "embeddings", record, swapped, "made")
    with pytest.raises(DamagedRecord, match=r"points\.parquet"):
        read_maps(tmp_path)
    store.write_result(
        tmp_path / "embeddings", record, files | {"set_group.points.parquet": b"x"}, "made"
    )
    with pytest.raises(DamagedRecord):
        read_maps(tmp_path)
    renamed = msgspec.structs.replace(record, id="no-underscore")
    store.write_result(tmp_path / "other" / "embeddings", renamed, {}, "made")
    with pytest.raises(DamagedRecord, match="address"):
        read_maps(tmp_path / "other")


def test_scripts_are_javascript(tmp_path):
    record, files, _ = make_map(HOSTILE)
    store.write_result(tmp_path / "embeddings", record, files, "made")
    (mapped,) = read_maps(tmp_path)
    assert set(script_files(mapped)) == {
        f"embeddings/set_group/{part}.js" for part in ("head", "0.last", "1.last")
    }


def test_images_of_distances_are_read_by_others():
    """Every pixel's opacity, by Pillow."""
    values = np.array([[0.0, 0.5, 1.0], [2.0, 0.25, -1.0]])
    image = Image.open(BytesIO(tinted_png(values, 0.0, 1.0))).convert("RGBA")
    pixels = np.asarray(image)
    assert pixels.shape == (2, 3, 4)
    np.testing.assert_array_equal(pixels[..., 3], [[0, 128, 255], [255, 64, 0]])
    assert (pixels[..., :3] == (0, 0x72, 0xB2)).all()
    assert set(np.asarray(Image.open(BytesIO(tinted_png(values * 0, 0.0, 0.0)))).flat) == {0}
