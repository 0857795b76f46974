"""Pages of maps: what their sentences, tables and captions say."""

import csv
import html
import re
from io import StringIO

import msgspec
import pytest
from drawings import arrows, points
from made_maps import N, lead_of, make_map

from generator.records import EncoderMember


@pytest.fixture
def rendered(render_map):
    return lambda text, **more: render_map(*make_map(text, **more)[:2])


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
    drawing = page.split('id="map"')[1].split("</svg>")[0] + "</svg>"
    assert len(points(drawing)) == N
    assert len(arrows(drawing)) == N
    assert "cut at 77" in page
    assert "(empty prompt)" in page


def test_what_did_not_move_has_no_arrows(rendered):
    written = (rendered("text", moves=(0.0, 0.0)) / "embeddings" / "set_group.md").read_text()
    page = html.unescape(written)
    assert "No encoder moved" in page
    assert points(page)
    assert not arrows(page)


def test_every_reference_is_told_of(rendered):
    """As in SDXL: the first encoder frozen, the second tuned; and a third that is alone."""
    site = rendered("text", moves=(0.0, 0.0, 0.25, 0.0), references=(0, 1, 1, 3))
    page, lead = lead_of(site)
    assert "text: m2 moved most from m1: by a cosine distance of 0.250" in lead
    assert "text: m0 is the only one" in lead
    assert "text: m3 is the only one" in lead
    assert "No encoder moved" not in lead
    # The picture with arrows comes first, and each reference has one.
    figures = page.split('id="map"')[1].split('<svg class="atlas-chart atlas-chart--wide"')[1:4]
    assert [bool(arrows(figure)) for figure in figures] == [True, False, False]
    assert ["axes of m1<" in figures[0], "axes of m0<" in figures[1], "axes of m3<" in figures[2]]
    assert "Moved in m2" in page
    assert len(re.findall("Nearest in m[0-9], in order", page)) == 3
    for number in (0, 1, 3):
        assert (site / "embeddings" / "set_group" / f"{number}.cosine.png").is_file()
        assert f'href="set_group/{number}.cosine.png"' in page
    index = html.unescape((site / "embeddings" / "index.md").read_text(encoding="utf-8"))
    assert "none moved" not in index
    assert ">m2</td>" in index
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
    assert (
        '<td>whole checkpoint</td><td class="atlas-grid__prose">Refused: lacks the tensor text</td>'
        in rows
    )
    assert (
        '<td>text_encoder</td><td class="atlas-grid__prose">not a CLIP text encoder (text)' in rows
    )


def test_one_encoder_in_many_places(render_map):
    """Which is the answer, where there is no other."""
    record, files, _ = make_map("plain", moves=(0.0,))
    members = tuple(EncoderMember(checkpoint=f"m{n}", component="text_encoder") for n in range(3))
    encoder = msgspec.structs.replace(record.encoders[0], members=members)
    record = msgspec.structs.replace(record, encoders=(encoder,))
    _, lead = lead_of(render_map(record, files))
    assert "The text encoder is identical in all 3 places, bit for bit." in lead


def test_strangers_alone_do_not_stand_for_what_did_not_move(rendered):
    """They are told apart from encoders that moved, and from those that did not."""
    _, lead = lead_of(rendered("text", moves=(0.0, 0.9)))
    assert "m1 is unrelated to the reference" in lead
    assert "moved" not in lead.partition("is meaningful.")[2]


def test_a_single_encoder_has_nothing_to_be_compared_with(rendered):
    _, lead = lead_of(rendered("text", moves=(0.0,)))
    assert "m0 is the only one: there is nothing to compare it with." in lead
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
