"""The published table: entered as printed, and every verdict earned."""

import re

import msgspec
import pytest

from generator.errors import UsageError
from generator.publish.reading.published import (
    COLUMNS,
    PrintedFigure,
    PrintedFigures,
    Sources,
    compare,
    read_published,
)
from generator.records import Architecture, store


@pytest.fixture(scope="module")
def table(committed):
    return read_published(committed / "published.toml")


@pytest.fixture(scope="module")
def measured(committed):
    records = [one.record for one in store.load_all(committed / "architectures", Architecture)]
    return {record.id: record for record in records}


def logged(text: str, label: str) -> str:
    return re.search(rf"^{re.escape(label)}: ([\d.,]+)$", text, re.MULTILINE)[1].replace(",", "")


def test_the_figures_are_those_of_the_logs(table, published_sample):
    for row in table.row:
        text = (published_sample / "summaries" / row.log).read_text(encoding="utf-8")
        cells = row.cells
        assert cells.torchinfo_parameters.printed == logged(text, "Total params")
        activations = cells.forward_backward_mb
        assert (activations.log or activations.printed) == logged(
            text, "Forward/backward pass size (MB)"
        )
        assert cells.mult_adds_g.printed == logged(text, "Total mult-adds (Units.GIGABYTES)")
        assert cells.input_mb.printed == logged(text, "Input size (MB)")
        assert cells.params_mb.printed == logged(text, "Params size (MB)")
        assert cells.total_mb.printed == logged(text, "Estimated Total Size (MB)")
        total = float(cells.total_mb.printed) / 1024
        printed = float(cells.total_gb.printed) / cells.total_gb.multiple
        assert printed == pytest.approx(total, abs=0.006)


def test_all_but_the_doubled_row_agree(table, measured):
    verdicts = {
        (row.id, cell.key): cell.verdict
        for row in table.row
        for cell in compare(row, measured[row.id])
    }
    assert len(verdicts) == 72
    other = {place: verdict for place, verdict in verdicts.items() if verdict != "agrees"}
    assert other == {("sd3", "forward_backward_mb"): "explained", ("sd3", "total_gb"): "explained"}


@pytest.mark.parametrize(
    "cell",
    [
        PrintedFigure(printed="1265.49"),
        PrintedFigure(printed="2530.95", multiple=2, deviation="doubled"),
        PrintedFigure(printed="2530.96", multiple=2),
        PrintedFigure(printed="2530.96", multiple=2, deviation="doubled", log="1265.49"),
    ],
)
def test_a_figure_or_claim_that_is_wrong_differs(table, measured, cell):
    row = table.row[0]
    cells = msgspec.structs.replace(row.cells, forward_backward_mb=cell)
    changed = msgspec.structs.replace(row, cells=cells)
    verdicts = {one.key: one.verdict for one in compare(changed, measured["sd1"])}
    assert verdicts.pop("forward_backward_mb") == "differs"
    assert set(verdicts.values()) == {"agrees"}


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('printed = "2.91"', 'printed = "2,91"', "total_gb"),
        ('printed = "2.91"', 'printed = "2.91", colour = 1', "colour"),
        ('total_gb = { printed = "2.91" }\n', "", "total_gb"),
        ('id = "sd2"', 'id = "sd1"', "sd1"),
        ('deviation = "doubled"', 'deviation = "tripled"', "tripled"),
        ("[sources]", "[sources", "TOML"),
    ],
)
def test_an_error_names_the_file_and_the_key(committed, tmp_path, before, after, named):
    path = tmp_path / "published.toml"
    text = (committed / "published.toml").read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_published(path)
    assert str(path) in str(caught.value)
    assert named in str(caught.value)


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_published(tmp_path / "published.toml")


def test_every_column_has_its_cells_and_its_source():
    keys = tuple(column.key for column in COLUMNS)
    assert keys == PrintedFigures.__struct_fields__ == Sources.__struct_fields__
