"""Every declared column works on every measured network; what is derived is recomputed here."""

import csv
import itertools
import json
from io import StringIO

import msgspec
import pytest

from generator.publish.pages.claims import claimed_counts
from generator.publish.quantities import networks as quantities
from generator.publish.quantities.pairs import block_parts, kind_parts
from generator.publish.reading.maps import space_of
from generator.publish.tables import builders as make
from generator.publish.tables.checkpoints import (
    CHECKPOINT_COLUMNS,
    COMPONENT_COLUMNS,
    FILE_COLUMNS,
    repeated_names,
)
from generator.publish.tables.comparisons import VERDICT_COLUMNS, part_columns
from generator.publish.tables.components import CLAIM_COLUMNS
from generator.publish.tables.components import COMPONENT_COLUMNS as COMPONENT_TABLE
from generator.publish.tables.encoders import LIKENESS_COLUMNS, encoder_columns
from generator.publish.tables.maps import MAP_COLUMNS
from generator.publish.tables.networks import NETWORK_COLUMNS
from generator.publish.tables.pairs import PAIR_COLUMNS
from generator.publish.tables.prompts import prompt_columns, silhouette_columns
from generator.publish.tables.table import plain, table, table_csv, table_json, written_csv
from generator.publish.tables.tensors import (
    DISTANCE_COLUMNS,
    PARAMETER_COLUMNS,
    TENSOR_COLUMNS,
    excluded,
)
from generator.records import Adapter
from generator.text import numbers

TABLES = (
    *(
        "networks",
        "companions",
        "claims",
        "parameters",
        "checkpoints",
        "components",
        "files",
        "tensors",
        "pairs",
    ),
    *(
        "verdicts",
        "blocks",
        "kinds",
        "distances",
        "maps",
        "encoders",
        "likenesses",
        "categories",
        "prompts",
    ),
)


@pytest.fixture(scope="module")
def tables(committed_site):
    """Of each table its columns, the rows that a page of it has, and the page's context."""
    atlas = committed_site.atlas
    checkpoint, pair, mapped = atlas.checkpoints[0], atlas.pairs[0], atlas.maps[0]
    record, held = mapped.record, checkpoint.record
    part = pair.record.comparison.summary.components["denoiser"]
    spaces = [space for space in record.spaces if space.kind == record.kinds[0]]
    categories = list(space_of(mapped, record.references[0], record.kinds[0]).silhouettes)
    found = {
        "networks": (NETWORK_COLUMNS, atlas.networks, atlas.companions),
        "companions": (COMPONENT_TABLE, atlas.components, atlas.networks),
        "claims": (CLAIM_COLUMNS, list(claimed_counts(atlas)), atlas.networks),
        "parameters": (PARAMETER_COLUMNS, atlas.networks[0].beside.rows, None),
        "checkpoints": (CHECKPOINT_COLUMNS, atlas.checkpoints, frozenset()),
        "components": (COMPONENT_COLUMNS, held.components, held),
        "files": (FILE_COLUMNS, held.sources, held),
        "tensors": (TENSOR_COLUMNS, checkpoint.beside, held),
        "pairs": (PAIR_COLUMNS, atlas.pairs, None),
        "verdicts": (VERDICT_COLUMNS, pair.record.verdicts, pair.record.comparison),
        "blocks": (part_columns("block"), block_parts(part), part.total),
        "kinds": (part_columns("kind"), kind_parts(part), part.total),
        "distances": (DISTANCE_COLUMNS, pair.beside, excluded(pair)),
        "maps": (MAP_COLUMNS, atlas.maps, None),
        "encoders": (encoder_columns(mapped), spaces, mapped),
        "likenesses": (LIKENESS_COLUMNS, record.likenesses, record),
        "categories": (silhouette_columns(mapped), categories, mapped),
        "prompts": (prompt_columns(mapped), range(len(record.prompts)), mapped),
    }
    assert tuple(found) == TABLES
    return found


@pytest.mark.parametrize("name", TABLES)
def test_every_column_says_what_it_is_and_why_a_value_is_missing(name, tables):
    columns, rows, context = tables[name]
    keys = [column.key for column in columns]
    assert len(keys) == len(set(keys))
    assert all(column.title and column.help and column.help[-1] != "." for column in columns)
    made = table(columns, rows, context)
    assert made.total == len(rows) > 0
    for row in made.rows:
        for column, cell in zip(made.columns, row, strict=True):
            assert cell.text
            assert (cell.text == numbers.MISSING) == bool(cell.missing) == (cell.raw is None)
            if cell.raw is not None:
                assert isinstance(cell.raw, str) == (column.kind != "number")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_downloaded_with_the_raw_values_of_its_cells(name, tables):
    columns, rows, context = tables[name]
    made = table(columns, rows, context)
    head, *written = csv.reader(StringIO(table_csv(columns, rows, context).decode()))
    assert [title.split(" [")[0] for title in head] == [c.key for c in columns]
    assert len(written) == made.total
    for line, row in zip(written, made.rows, strict=False):
        assert line == [str(plain(cell.raw)) for cell in row]
    records = json.loads(table_json(columns, rows, context))["rows"]
    assert [list(record.values()) for record in records[: len(made.rows)]] == [
        [cell.raw for cell in row] for row in made.rows
    ]


# What the catalogue tells, which may not know it.
CATALOGUED = {"modality", "year", "license", "frames", "image", "pipeline_class"}
CATALOGUED |= {"pipeline_weights", "pipeline_parameters"}
# Networks without embeddings of text, token by token: their input is a class, an image, one pooled
# vector, or the ids of tokens.
NO_TEXT = {"audioldm-s", "consistency-imagenet64", "dit-xl-2-256", "kandinsky-22"}
NO_TEXT |= {"omnigen", "stable-cascade-b", "stable-cascade-b-lite", "svd"}


# Columns of shares, with the kinds of parameters that they add up.
KINDS = {"attention_share": {"attn1", "attn2"}, "feed_forward_share": {"ff"}}
KINDS |= {"norm_share": {"norm"}, "convolution_share": {"conv"}}


@pytest.mark.parametrize("column", NETWORK_COLUMNS, ids=lambda column: column.key)
def test_no_network_of_the_public_site_lacks_a_measured_value(column, atlas):
    found = table([column], atlas.networks, atlas.companions).rows
    for (cell,), network in zip(found, atlas.networks, strict=True):
        if cell.raw is None:
            needless = column.key == "text_tokens" and network.id in NO_TEXT
            kinds = {row.kind for row in network.beside.rows}
            untold = column.key in KINDS and "other" in kinds and not KINDS[column.key] & kinds
            assert column.key in CATALOGUED or network.record.no_forward or needless or untold
            assert cell.missing
            continue
        assert isinstance(cell.raw, str) == (column.kind == "text")
        assert cell.text
        assert cell.text != numbers.MISSING


def test_a_builder_sees_the_row_and_the_context_of_the_page():
    columns = make.titled(
        {key: (key.upper(), f"about {key}") for key in ("real", "both", "half", "hash", "none")},
        make.number("real"),
        make.text("both", lambda row, page: f"{row.imag:g} of {page}"),
        make.share("half", lambda row, _: row.real / 4),
        make.code("hash", lambda _, page: page, digits=2, link=lambda *_: "x.html"),
        make.number("none", lambda *_: None, missing=lambda _, page: f"no {page}"),
    )
    assert (columns[1].title, columns[1].help) == ("BOTH", "about both")
    (row,) = table(columns, [2 + 3j], "page").rows
    assert [cell.raw for cell in row] == [2.0, "3 of page", 0.5, "page", None]
    assert [cell.text for cell in row] == ["2.0", "3 of page", "50.0", "pa", numbers.MISSING]
    assert (row[3].link, row[4].missing) == ("x.html", "no page")
    assert table_csv(columns, [2 + 3j], "page").decode().splitlines()[0] == (
        "real,both,half [fraction],hash,none"
    )


def test_a_csv_has_so_many_digits_and_nothing_for_what_is_missing():
    row = ["=1", 1 / 3, 2.0, 12345678, float("nan"), None]
    assert written_csv(["a"], [row], digits=3).decode() == "a\n'=1,0.333,2,12345678,,\n"
    assert written_csv(["a"], [row]).decode() == f"a\n'=1,{1 / 3!r},2.0,12345678,,\n"


def test_kinds_and_groups_sum_to_all_parameters(atlas):
    for network in atlas.networks:
        total = network.record.parameters.diffusers
        assert sum(part.parameters for part in quantities.kinds(network)) == total
        assert sum(group.parameters for group in quantities.block_groups(network)) == total


def test_no_fewer_blocks_hold_half(atlas):
    for network in atlas.networks:
        half = quantities.blocks_of_half(network)
        sizes = [b.parameters for b in network.record.mbw.blocks if b.name != "REST"]
        assert sum(block.parameters for block in half) * 2 >= quantities.parameters(network)
        if len(sizes) < 26:
            one_less = itertools.combinations(sorted(sizes, reverse=True)[:12], len(half) - 1)
            assert all(2 * sum(some) < quantities.parameters(network) for some in one_less)


def test_cost_of_a_step_against_the_record(atlas):
    by_id = {network.record.id: network for network in atlas.networks}
    assert quantities.batch(by_id["sd1"]) == 2
    assert quantities.batch(by_id["flux"]) == 1
    flops = by_id["flux"].record.pipeline.flops
    assert quantities.flops_per_sample(by_id["flux"]) == flops
    assert quantities.text_tokens(by_id["hunyuan-dit"].record.pipeline.inputs) == 77 + 256


def test_a_list_with_a_tensor_per_sample_is_a_batch(atlas):
    """Z-Image takes lists: 2 samples under guidance, each 16 channels of 1024 / 8 latents."""
    by_id = {network.record.id: network for network in atlas.networks}
    inputs = by_id["z-image"].record.pipeline.inputs
    assert quantities.latent_of(inputs).shape == (2, 16, 1, 128, 128)
    assert quantities.text_tokens(inputs) == 512
    assert quantities.batch(by_id["z-image-turbo"]) == 1
    assert 2 * quantities.flops_per_sample(by_id["z-image"]) == quantities.flops(by_id["z-image"])


def test_csv_and_json_hold_the_same_raw_values(atlas):
    written = json.loads(table_json(NETWORK_COLUMNS, atlas.networks, atlas.companions))
    text = table_csv(NETWORK_COLUMNS, atlas.networks, atlas.companions).decode()
    rows = list(csv.reader(StringIO(text)))
    assert [head.split(" [")[0] for head in rows[0]] == [c["key"] for c in written["columns"]]
    assert len(rows) - 1 == len(written["rows"]) == len(atlas.networks)
    for line, record in zip(rows[1:], written["rows"], strict=True):
        assert line == ["" if value is None else str(value) for value in record.values()]
    sd1 = next(row for row in written["rows"] if row["id"] == "sd1")
    assert sd1["parameters"] == 859_520_964


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1"])
def test_no_text_becomes_a_formula(text):
    assert plain(text) == f"'{text}"
    assert plain(-1) == -1


def test_a_second_call_for_guidance_doubles_the_step_alone(atlas):
    by_id = {network.id: network for network in atlas.networks}
    wan, flux = by_id["wan21-t2v-14b"], by_id["flux"]
    assert wan.record.defaults.guidance == "two_calls"
    assert quantities.flops(wan) == 2 * wan.record.pipeline.flops
    assert quantities.flops_per_sample(wan) == wan.record.pipeline.flops
    assert (quantities.calls(wan), quantities.calls(flux)) == (2, 1)
    assert quantities.flops(flux) == flux.record.pipeline.flops


def test_files_of_one_name_are_told_apart_by_their_ids(atlas):
    first, second, third = atlas.checkpoints[:3]

    def named(held, name):
        return held._replace(record=msgspec.structs.replace(held.record, name=name))

    rows = (named(first, "model.safetensors"), named(second, "model.safetensors"), third)
    made = table(CHECKPOINT_COLUMNS, rows, repeated_names(rows))
    place = [column.key for column in made.columns].index("name")
    shown = [row[place].text for row in made.rows]
    assert shown[:2] == [f"{held.id} (model.safetensors)" for held in (first, second)]
    assert shown[2] == third.record.name


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"architecture": "sdxl"}, "Stable Diffusion XL"),
        ({"architecture": "", "nearest": "", "kind": "upscaler"}, "Upscaler"),
        (
            {"adapter": Adapter(algorithm="lora", rank=(16,)), "base_model": "flux"},
            "LoRA for FLUX.1, rank 16",
        ),
    ],
)
def test_the_table_says_what_each_file_is(atlas, change, shown):
    first = atlas.checkpoints[0]
    held = first._replace(record=msgspec.structs.replace(first.record, **change))
    (column,) = (each for each in CHECKPOINT_COLUMNS if each.key == "architecture")
    assert column.shown(held, frozenset()) == shown


def test_a_kind_that_names_do_not_tell_is_missing_not_zero(tables):
    """A network of a class yet to come may call its attention anything."""
    columns, networks, context = tables["networks"]
    (column,) = (each for each in columns if each.key == "attention_share")
    shares = {one.id: column.value(one, context) for one in networks}
    assert None not in shares.values()
    assert min(shares.values()) > 0.01
    flux = next(one for one in networks if one.id == "flux")
    untold = {"attn1": "other"}
    rows = tuple(
        msgspec.structs.replace(row, kind=untold.get(row.kind, row.kind))
        for row in flux.beside.rows
    )
    beside = msgspec.structs.replace(flux.beside, rows=rows)
    assert column.value(flux._replace(beside=beside), context) is None
