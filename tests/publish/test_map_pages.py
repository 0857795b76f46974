"""Pages of prompts: what they say, and that hostile prompts are inert in all that is written."""

import csv
import html
import json
import re
from html.parser import HTMLParser
from io import BytesIO, StringIO

import msgspec
import numpy as np
import pytest
from PIL import Image

from generator import store
from generator.errors import DamagedRecord
from generator.point_tables import PairDistances, Points, write_distances, write_points
from generator.publish.maps import charts, heat_maps, pages, views
from generator.publish.maps.charts import marks, movement_map, rows_drawn
from generator.publish.maps.heat_maps import category_distances, prompt_heat_map
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


def make_map(text, moves=(0.0, 0.25), references=(0, 0, 0, 0), widths=(16, 16, 16, 16)):
    """A map of twelve prompts, all of whose texts are the one given.

    One encoder for each of `moves`, that from its reference.
    """
    rng = np.random.default_rng(0)
    mains = sorted(set(references[: len(moves)]))
    own = rng.uniform(-1, 1, (N, 2))
    apart = np.abs(rng.uniform(0, 1, (N, N)))
    apart = np.triu(apart, 1) + np.triu(apart, 1).T
    points = [
        Points(
            encoder=number,
            kind="last",
            own=own,
            shared=own + moves[number],
            moved=np.full(N, moves[number]),
            tsne=None,
            neighbours=np.tile([1, 2], (N, 1)),
            near=np.tile([0.1, 0.2], (N, 1)),
        )
        for number in range(len(moves))
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
                text=f"{text}{n}" if n else "",
                category=f"{text}{n % 3}",
                tokens=(70 + n,) * len(mains),
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
                width=widths[number],
                released_width=768,
                heads=1,
                projected=0,
                padding=49407,
                members=(EncoderMember(checkpoint=f"m{number}", component="text_encoder"),),
                reference=references[number],
                digest="",
            )
            for number in range(len(moves))
        ),
        kinds=(VectorKind(id="last", label=text, description=text),),
        spaces=tuple(
            EncoderSpace(
                encoder=number,
                kind="last",
                dimensions=16,
                explained=(0.5, 0.25),
                shared=0.75,
                moved_mean=moves[number],
                moved_largest=moves[number],
                most_moved=tuple(range(5)) if moves[number] else (),
                silhouette=-0.1,
                silhouettes={f"{text}{n}": 0.1 for n in range(3)},
            )
            for number in range(len(moves))
        ),
        likenesses=tuple(
            Likeness(kind="last", a=0, b=number, cka=0.9, procrustes=None)
            for number in range(1, len(moves))
        ),
        refused=(Excluded(checkpoint=text, tensor="", reason=text),),
        left_out=(Excluded(checkpoint=text, tensor="text_encoder", reason=text),),
        omitted=(text,),
        versions={},
    )
    files = {
        "set_group.points.parquet": write_points(points),
        "set_group.distances.parquet": write_distances(
            [PairDistances(number, "last", apart, apart) for number in mains]
        ),
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


class Unisolated(HTMLParser):
    """Collects the texts with a sign that turns what is read after it, and nothing to end that."""

    VOID = ("br", "img", "meta", "link", "input", "path", "rect", "line", "image", "hr")
    ENDS = ("bdi", "text", "title", "desc")

    def __init__(self):
        super().__init__()
        self.open, self.found = [], []

    def handle_starttag(self, tag, _attributes):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        while tag in self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if "\u202e" in data and not set(self.ENDS) & set(self.open):
            self.found.append(data)


def test_what_turns_the_text_turns_no_other(make_data, templates, tmp_path):
    """Each prompt, category and name is read in a direction of its own."""
    data = make_data("plain")
    turning = make_map("\u202eturned")[0]
    record, files, _ = make_map("plain")
    fields = ("name", "group_name", "description", "prompts", "categories")
    mixed = {field: getattr(turning, field) for field in fields}
    spaces = tuple(
        msgspec.structs.replace(space, silhouettes=turning.spaces[0].silhouettes)
        for space in record.spaces
    )
    record = msgspec.structs.replace(record, spaces=spaces, **mixed)
    store.write_result(data / "embeddings", record, files, "made")
    render(data, templates, tmp_path / "site_src")
    for page in (tmp_path / "site_src" / "embeddings").glob("*.md"):
        parser = Unisolated()
        parser.feed(page.read_text(encoding="utf-8").split("---", 2)[2])
        assert "\u202e" in page.read_text(encoding="utf-8")
        assert not parser.found, (page, parser.found[:3])


def test_long_prompts_are_cut_and_whole_on_hover(make_data, templates, tmp_path):
    """In the lead, in cells and among neighbours; downloads and sorting have the whole."""
    data = make_data("plain")
    record, files, _ = make_map("plain")
    long = "very " * 780 + "long prompt "
    prompts = tuple(
        MappedPrompt(text=f"{long}{row}", category="plain0", tokens=(78,)) for row in range(N)
    )
    record = msgspec.structs.replace(record, prompts=prompts)
    store.write_result(data / "embeddings", record, files, "made")
    render(data, templates, tmp_path / "site_src")
    page, lead = lead_of(tmp_path / "site_src")
    assert "very " * 20 not in re.sub(r"<[^>]*>", "", page)
    assert f'“<bdi title="{long}0">very very' in lead
    row = page.partition("## Prompts")[2].partition("<tbody>")[2].partition("</tr>")[0]
    heading, *_, nearest = re.split("<t(?=[hd])", row)[1:]
    assert f'data-value="{long}0"' in heading
    assert re.search(r"…[a-z ]*long prompt 0</bdi>", heading)
    assert nearest.count(f'<bdi title="{long}') == 2
    assert f'data-value="{long}1, {long}2"' in nearest


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
    site = rendered("text", moves=(0.0, 0.25, 0.5))
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
    written = (rendered("text", moves=(0.0, 0.0)) / "embeddings" / "set_group.md").read_text()
    page = html.unescape(written)
    assert "No encoder moved" in page
    assert "atlas-map__arrow" not in page


def lead_of(site):
    page = html.unescape((site / "embeddings" / "set_group.md").read_text(encoding="utf-8"))
    return page, page.split('class="atlas-lead">')[1].partition("</p>")[0]


def test_every_reference_is_told_of(rendered):
    """As in SDXL: the first encoder frozen, the second tuned; and a third that is alone."""
    site = rendered("text", moves=(0.0, 0.0, 0.25, 0.0), references=(0, 1, 1, 3))
    page, lead = lead_of(site)
    assert "text: m2 moved most from m1: by a cosine distance of 0.250" in lead
    assert "text: m0 alone" in lead
    assert "text: m3 alone" in lead
    assert "No encoder moved" not in lead
    # The picture with arrows comes first, and each reference has one.
    figures = page.split('id="map"')[1].split('<svg class="atlas-chart"')[1:4]
    assert ["atlas-map__arrow" in figure for figure in figures] == [True, False, False]
    assert ["axes of m1<" in figures[0], "axes of m0<" in figures[1], "axes of m3<" in figures[2]]
    assert "Moved in m2" in page
    assert len(re.findall("Nearest in m[0-9], in order", page)) == 3
    for number in (0, 1, 3):
        assert (site / "embeddings" / "set_group" / f"{number}.cosine.png").is_file()
        assert f'href="set_group/{number}.cosine.png"' in page
    index = html.unescape((site / "embeddings" / "index.md").read_text(encoding="utf-8"))
    assert "none moved" not in index
    assert "<td>m2</td>" in index
    rows = (site / "downloads" / "embeddings" / "set_group.distances.last.csv").read_text()
    assert [row.partition(",")[0] for row in rows.splitlines()[1 :: N * (N - 1) // 2]] == [
        *("m0", "m1", "m3")
    ]


def test_what_moved_from_no_reference(rendered):
    _, lead = lead_of(rendered("text", moves=(0.0, 0.0, 0.0, 0.0), references=(0, 0, 2, 2)))
    assert "No encoder moved from m0." in lead
    assert "No encoder moved from m2." in lead


def test_what_is_refused_is_told_from_what_is_left_out(rendered):
    page, _ = lead_of(rendered("text"))
    rows = page.partition("that are not in this map")[2].partition("</table>")[0]
    assert '<td>whole checkpoint</td><td class="atlas-grid__prose">Refused: text</td>' in rows
    assert '<td>text_encoder</td><td class="atlas-grid__prose">text</td>' in rows


def test_one_encoder_in_many_places(make_data, templates, tmp_path):
    """Which is the answer, where there is no other."""
    data = make_data("plain")
    record, files, _ = make_map("plain", moves=(0.0,))
    members = tuple(EncoderMember(checkpoint=f"m{n}", component="text_encoder") for n in range(3))
    encoder = msgspec.structs.replace(record.encoders[0], members=members)
    record = msgspec.structs.replace(record, encoders=(encoder,))
    store.write_result(data / "embeddings", record, files, "made")
    render(data, templates, tmp_path / "site_src")
    _, lead = lead_of(tmp_path / "site_src")
    assert "The text encoder is the same in all 3 places, to the last bit." in lead


def test_strangers_alone_do_not_stand_for_what_did_not_move(rendered):
    """They are told apart from encoders that moved, and from those that did not."""
    _, lead = lead_of(rendered("text", moves=(0.0, 0.9)))
    assert "m1 has nothing to do with the reference" in lead
    assert "moved" not in lead.partition("means something.")[2]


def test_a_single_encoder_has_nothing_to_be_compared_with(rendered):
    _, lead = lead_of(rendered("text", moves=(0.0,)))
    assert "m0 alone, with nothing to be compared with." in lead
    assert "No encoder moved" not in lead


@pytest.mark.parametrize(
    ("widths", "expected"),
    [
        ((16, 16, 16), "These text encoders are untrained toys, 16 wide instead of 768: "),
        ((16, 32, 16), "toys, 16 wide instead of 768 and 32 wide instead of 768: "),
        ((768, 16, 768), "m1 is an untrained toy, narrower than its network was ever released: "),
        ((16, 16, 768), "m0, m1 are untrained toys, narrower than their networks "),
        ((768, 768, 768), "m1 "),
    ],
)
def test_toys_are_named_unless_all_are(rendered, widths, expected):
    _, lead = lead_of(rendered("text", moves=(0.0, 0.25, 0.125), widths=widths))
    assert expected in lead.partition("moved most")[0]
    assert lead.startswith("These") == (max(widths) < 768)
    assert ("untrained" in lead) == (min(widths) < 768)


def test_too_many_categories_have_no_table_of_means(rendered, monkeypatch):
    """And the page says why."""
    for module in (views, pages, heat_maps):
        monkeypatch.setattr(module, "MOST_CATEGORIES", 2)
    page, _ = lead_of(rendered("text"))
    assert "means-0-cosine" not in page
    assert "pairs-0-cosine" in page
    assert "3 categories are more than 2" in page


def test_labels_of_many_categories_do_not_overlap():
    labels = [f"category {n}" for n in range(512)]
    drawn = html.unescape(prompt_heat_map("x", "x", "x.png", labels, (0.0, 1.0)))
    places = [float(y) for y in re.findall(r'<text [^>]*y="([0-9.]+)"', drawn)]
    assert len(places) > 40
    assert np.diff(places).min() >= 12
    assert len(drawn) < 20_000


def test_a_drawing_of_many_prompts_says_how_many_it_shows(tmp_path):
    """Those with a label are always there."""
    record, files, _ = make_map("x")
    store.write_result(tmp_path / "embeddings", record, files, "made")
    (small,) = read_maps(tmp_path)
    n = 10_000
    prompts = tuple(
        MappedPrompt(text=f"prompt {row}", category="x0", tokens=(3,)) for row in range(n)
    )
    own = np.random.default_rng(0).uniform(-1, 1, (n, 2))
    named = (3, 4, 9_997, 9_998, 9_999)
    spaces = [msgspec.structs.replace(space, most_moved=named) for space in record.spaces]
    mapped = msgspec.structs.replace(
        small,
        record=msgspec.structs.replace(record, prompts=prompts, spaces=tuple(spaces)),
        points={key: each._replace(own=own, shared=own) for key, each in small.points.items()},
    )
    assert set(named) < set(rows_drawn(mapped, "last", 1))
    drawing = html.unescape(movement_map(mapped, "last", 0, 1))
    assert drawing.count("atlas-map__point") == 2000
    title, description = re.findall(r"<(?:title|desc) [^>]*>([^<]*)", drawing)[:2]
    assert "2,000 of 10,000 prompts shown" in title
    assert "2,000 of 10,000 shown" in description
    for row in named:
        assert f">prompt {row}<" in drawing


def test_the_caption_says_how_many_are_shown(rendered, monkeypatch):
    monkeypatch.setattr(charts, "MOST_DRAWN", 10)
    page, _ = lead_of(rendered("text"))
    caption = page.split("<figcaption>")[1].split("</figcaption>")[0]
    assert "10 of 12 prompts shown." in caption
    assert page.split('id="map"')[1].split("</svg>")[0].count("atlas-map__point") == 10


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
    _, other_files, _ = make_map("x", moves=(0.0, 0.25, 0.5))
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
