"""`atlas vram` on the committed records."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import cli
from generator.errors import UsageError

DATA = str(Path(__file__).parents[2] / "data")


def run(*arguments):
    done = CliRunner().invoke(cli, ["vram", *arguments, "--data", DATA], catch_exceptions=True)
    if isinstance(done.exception, UsageError):
        raise done.exception
    return done.stdout


def test_a_card_is_answered_with_a_way_that_fits():
    told = run("flux", "--dtype", "bfloat16", "--card", "24")
    assert "24 GB card: does not fit" in told
    assert "fits with one network at a time on the GPU (model offload)" in told
    assert "24 GB card: fits" in run(
        "flux",
        "--dtype",
        "bfloat16",
        "--card",
        "24",
        "--weights",
        "nf4",
        "--encoder-weights",
        "nf4",
    )


def test_the_output_has_the_stages_in_bytes(tmp_path):
    output = tmp_path / "peak.json"
    run("sdxl", "--height", "777", "--batch", "2", "--output", str(output))
    told = json.loads(output.read_text())
    assert (told["width"], told["height"], told["batch"]) == (1024, 776, 2)
    assert [stage["name"] for stage in told["stages"]] == ["encode", "denoise", "decode"]
    for stage in told["stages"]:
        assert stage["weights"] + stage["activations"] == stage["total"]
    assert told["peak"]["low"] == max(stage["total"] for stage in told["stages"])
    assert told["peak"]["high"] > told["peak"]["low"]


def test_a_size_that_does_not_divide_is_rounded_and_said():
    assert "rounded down from 1000 x 1000" in run("flux", "--width", "1000", "--height", "1000")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",),
        ("sdxl", "--strategy", "hope"),
        ("sdxl", "--dtype", "float8"),
        ("sdxl", "--width", "-8"),
        ("sdxl", "--batch", "1000000"),
        ("sdxl", "--frames", "8"),
        ("sdxl", "--card", "-1"),
        ("sdxl", "--weights", "q9"),
        ("sdxl", "--without", "text_encoder_9"),
    ],
    ids=" ".join,
)
def test_what_is_asked_wrongly_is_one_line(arguments):
    with pytest.raises(UsageError):
        run(*arguments)
