"""`atlas vram` on the committed records."""

import csv
import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import cli
from generator.errors import DamagedRecord, UsageError
from generator.vram.request import STRATEGIES

DATA = str(Path(__file__).parents[2] / "data")


def run(*arguments):
    done = CliRunner().invoke(cli, ["vram", *arguments, "--data", DATA], catch_exceptions=True)
    if isinstance(done.exception, UsageError):
        raise done.exception
    return done.stdout


def test_no_site_is_needed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["vram", "flux", "--card", "24"])
    assert (done.exit_code, done.output) == (0, run("flux", "--card", "24"))
    # A site of one's own comes first, also if its record is damaged.
    own = tmp_path / "data"
    (own / "architectures").mkdir(parents=True)
    (own / "catalog.toml").write_text("")
    (own / "architectures" / "flux.json").write_text("{}")
    done = CliRunner().invoke(cli, ["vram", "flux"])
    assert isinstance(done.exception, DamagedRecord)
    assert CliRunner().invoke(cli, ["vram", "sdxl"]).output == run("sdxl")


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


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_a_figure_shows_the_stages(tmp_path, suffix):
    file = tmp_path / f"peak{suffix}"
    run("sdxl", "--batch", "4", "--strategy", "model-offload", "--plot", str(file))
    content = file.read_bytes()
    assert content.startswith({".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}[suffix])
    if suffix == ".svg":
        told = content.decode()
        for word in ("encode the prompt", "denoise", "decode", "batch 4, float16"):
            assert word in told


def test_a_figure_of_another_format_is_refused_before_anything_is_read():
    with pytest.raises(UsageError, match="not a figure"):
        run("sdxl", "--plot", "peak.gif")


def checkpoint(path, network, dtype, of=lambda _: True):
    """The denoiser of a network as a file: its names and shapes; the values are a hole."""
    width = {"F8_E4M3": 1, "F16": 2, "BF16": 2, "F32": 4, "I16": 2}[dtype]
    header, end = {}, 0
    with (Path(DATA) / "architectures" / f"{network}.parameters.csv").open() as file:
        for row in filter(of, csv.DictReader(file)):
            shape = [int(size) for size in row["shape"].split("x")]
            begin, end = end, end + width * math.prod(shape)
            header[row["name"]] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + end)
    return end


@pytest.mark.parametrize(
    ("stored", "dtype", "computes"),
    [
        ("F16", "float16", "float16"),
        ("BF16", "bfloat16", "bfloat16"),
        ("F32", "float32", "float32"),
        ("F8_E4M3", "fp8", "float16"),
    ],
)
@pytest.mark.parametrize("network", ["sd1", "sd3"])
def test_a_checkpoint_has_the_bytes_that_it_stores(tmp_path, network, stored, dtype, computes):
    size = checkpoint(tmp_path / "model.safetensors", network, stored)
    told = output(tmp_path, str(tmp_path / "model.safetensors"), "--strategy", "model-offload")
    assert (told["network"], told["dtype"]) == (network, computes)
    denoise = told["stages"][1]
    # In fp8, the largest layer is there a second time, restored, while it is computed.
    restored = 0 if dtype != "fp8" else denoise["weights"] - size
    assert denoise["weights"] == size + restored
    assert 0 <= restored < size / 4


def test_a_checkpoint_can_be_asked_for_in_another_dtype(tmp_path):
    checkpoint(tmp_path / "model.safetensors", "sd1", "F32")
    whole, half = (
        output(tmp_path, str(tmp_path / "model.safetensors"), "--dtype", dtype)
        for dtype in ("float32", "float16")
    )
    asked = output(tmp_path, "sd1", "--dtype", "float16")
    assert half == asked
    assert whole["peak"]["low"] > 1.5 * half["peak"]["low"]


@pytest.mark.parametrize(
    ("of", "stored"),
    [
        # Half of a network, and a format that no network is run in.
        (lambda row: row["block"].startswith("IN"), "F16"),
        (lambda _: True, "I16"),
    ],
    ids=["no known network", "no known format"],
)
def test_a_checkpoint_that_cannot_be_predicted_is_one_line(tmp_path, of, stored):
    checkpoint(tmp_path / "model.safetensors", "sd1", stored, of)
    with pytest.raises(UsageError, match=r"model\.safetensors"):
        run(str(tmp_path / "model.safetensors"))


@pytest.mark.parametrize("network", ["sd1", "sdxl", "sd3", "flux", "wan21-t2v-13b"])
def test_more_offload_never_needs_more_and_a_smaller_picture_never_does(tmp_path, network):
    peaks = [
        output(tmp_path, network, "--strategy", strategy)["peak"]["low"] for strategy in STRATEGIES
    ]
    assert peaks == sorted(peaks, reverse=True)
    sides = [
        output(tmp_path, network, "--width", str(side), "--height", "512")["peak"]["low"]
        for side in (512, 768, 1024, 2048)
    ]
    assert sides == sorted(sides)


def output(folder, *arguments):
    run(*arguments, "--output", str(folder / "peak.json"))
    return json.loads((folder / "peak.json").read_text())


def test_a_name_with_a_slip_is_told_those_that_are_near():
    with pytest.raises(UsageError, match=r"neither a file nor a measured network.*Near: sdxl"):
        run("sdlx")


def test_advice_is_not_what_was_asked_already():
    told = run("sdxl", "--card", "4", "--dtype", "bfloat16", "--weights", "nf4", "--width", "4096")
    assert "no strategy fits; try smaller sizes" in told.splitlines()
