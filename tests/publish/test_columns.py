"""Every declared column works on every measured network; what is derived is recomputed here."""

import csv
import itertools
import json
from io import StringIO

import pytest

from generator.publish.pages import quantities
from generator.publish.tables import downloads
from generator.publish.tables.networks import COLUMNS
from generator.publish.tables.table import cells
from generator.text import numbers


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_column(column, atlas):
    assert column.title
    assert column.help
    assert not column.help.endswith(".")
    for network in atlas.networks:
        (cell,) = cells(network, [column])
        assert cell.raw is not None
        assert isinstance(cell.raw, str) == (column.kind == "text")
        assert cell.text
        assert cell.text != numbers.MISSING


def test_keys_are_unique():
    keys = [column.key for column in COLUMNS]
    assert len(keys) == len(set(keys))


def test_kinds_and_groups_sum_to_all_parameters(atlas):
    for network in atlas.networks:
        total = network.architecture.parameters.diffusers
        assert sum(part.parameters for part in quantities.kinds(network)) == total
        assert sum(run.parameters for run in quantities.runs(network)) == total


def test_no_fewer_blocks_hold_half(atlas):
    for network in atlas.networks:
        half = quantities.blocks_of_half(network)
        sizes = [b.parameters for b in network.architecture.mbw.blocks if b.name != "BASE"]
        assert sum(block.parameters for block in half) * 2 >= network.parameters
        if len(sizes) < 26:
            one_less = itertools.combinations(sorted(sizes, reverse=True)[:12], len(half) - 1)
            assert all(2 * sum(some) < network.parameters for some in one_less)


def test_cost_of_a_step_against_the_record(atlas):
    by_id = {network.architecture.id: network for network in atlas.networks}
    assert quantities.batch(by_id["sd1"]) == 2
    assert quantities.batch(by_id["flux"]) == 1
    flops = by_id["flux"].architecture.pipeline.flops
    assert quantities.flops_per_sample(by_id["flux"]) == flops
    assert quantities.text_tokens(by_id["hunyuan-dit"].architecture.pipeline.inputs) == 77 + 256


def test_csv_and_json_hold_the_same_raw_values(atlas):
    table = json.loads(downloads.compare_json(atlas))
    rows = list(csv.reader(StringIO(downloads.compare_csv(atlas))))
    assert [head.split(" [")[0] for head in rows[0]] == [c["key"] for c in table["columns"]]
    assert len(rows) - 1 == len(table["rows"]) == len(atlas.networks)
    for written, record in zip(rows[1:], table["rows"], strict=True):
        assert written == [str(value) for value in record.values()]
    sd1 = next(row for row in table["rows"] if row["id"] == "sd1")
    assert sd1["parameters"] == 859_520_964


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1"])
def test_no_text_becomes_a_formula(text):
    assert downloads.plain(text) == f"'{text}"
    assert downloads.plain(-1) == -1
