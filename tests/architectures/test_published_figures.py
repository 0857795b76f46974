"""Fresh counts, and the committed records, against the figures that others published."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from generator.architectures.arguments import published_arguments
from generator.architectures.counts import (
    at_published_inputs,
    count_parameters,
    share_activations,
    summarize,
)
from generator.architectures.network import (
    build_network,
    quiet_libraries,
    read_config,
)
from generator.catalog.entries import InputSizes
from generator.records import Architecture
from generator.records.store import read_result

DATA = Path(__file__).parents[2] / "data"

# id, MBW blocks, torchinfo with shared activations, diffusers, forward/backward MB, total GB,
# mult-adds in G: the published size table. SD3's table row is twice its own log, which is used here
# (5563.64 MB, and 9621.45 MB in all); mult-adds were printed with two decimals.
PUBLISHED = [
    ("sd1", 25, 2_041_004_804, 859_520_964, 1265.48, 2.91, 222.30),
    ("sd2", 25, 2_053_784_324, 865_910_724, 2837.61, 4.46, 471.04),
    ("sdxl", 19, 5_323_836_804, 2_567_463_684, 8993.32, 13.80, 813.94),
    ("sd3", 24, 2_028_328_000, 2_028_328_000, 5563.64, 9621.45 / 1024, 2.44),
    ("sd35", 38, 8_056_627_520, 8_056_627_520, 17010.29, 32.35, 8.70),
    ("hunyuan-dit", 40, 1_516_534_048, 1_516_534_048, 17595.52, 20.12, 8.02),
    ("auraflow", 36, 6_842_876_928, 6_842_876_928, 39973.78, 52.38, 13.66),
    ("flux", 57, 11_910_848_576, 11_901_408_320, 31557.00, 54.06, 11.90),
]


@pytest.mark.parametrize("row", PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_every_published_figure_comes_out(row):
    identity, blocks, shared, parameters, forward_backward, total, mult_adds = row
    record = read_result(DATA / "architectures" / f"{identity}.json", Architecture)
    assert record.mbw.count == blocks
    assert record.parameters.torchinfo_shared_activations == shared
    assert record.parameters.diffusers == parameters
    assert record.parameters.torch == parameters
    assert record.parameters.torchinfo == parameters
    assert f"{record.published.forward_backward_mb:.2f}" == f"{forward_backward:.2f}"
    assert f"{record.published.total_gb:.2f}" == f"{total:.2f}"
    assert f"{record.published.mult_adds / 1e9:.2f}" == f"{mult_adds:.2f}"


@pytest.mark.parametrize("identity", [row[0] for row in PUBLISHED])
def test_blocks_and_base_sum_to_the_total(identity):
    record = read_result(DATA / "architectures" / f"{identity}.json", Architecture)
    assert sum(block.parameters for block in record.mbw.blocks) == record.parameters.diffusers
    assert len(record.mbw.blocks) == record.mbw.count + 1
    assert record.mbw.blocks[-1].name == "REST"


LOGS = {
    "sd1": "sd1_unet",
    "sd2": "sd2_unet",
    "sdxl": "sdxl_unet",
    "sd3": "sd3_mmdit",
    "sd35": "sd35_mmdit",
    "hunyuan-dit": "hy_mmdit",
    "auraflow": "af_mmdit",
    "flux": "flux_mmdit",
}


@pytest.fixture(params=LOGS)
def logged(request, published_sample):
    """A network's id, and its published totals by label."""
    log = published_sample / "summaries" / f"{LOGS[request.param]}.torchinfo.txt"
    lines = re.findall(r"^(.+): ([\d.,]+)$", log.read_text(encoding="utf-8"), re.MULTILINE)
    return request.param, {label: figure.replace(",", "") for label, figure in lines}


def told(figures):
    """The sizes of `PublishedInputs` as torchinfo tells them."""
    return {
        "Input size (MB)": f"{figures.input_mb:.2f}",
        "Forward/backward pass size (MB)": f"{figures.forward_backward_mb:.2f}",
        "Params size (MB)": f"{figures.params_mb:.2f}",
        "Estimated Total Size (MB)": f"{figures.total_gb * 1024:.2f}",
        "Total mult-adds (Units.GIGABYTES)": f"{figures.mult_adds / 1e9:.2f}",
    }


def test_a_fresh_count_gives_the_published_sizes(traced, logged):
    identity, expected = logged
    network, arguments, _, _ = traced(identity)
    with quiet_libraries():
        summary = summarize(network, arguments)
    found = told(at_published_inputs(arguments, summary, 0))
    assert found == {label: expected[label] for label in found}


def test_the_record_has_the_published_sizes(logged):
    identity, expected = logged
    record = read_result(DATA / "architectures" / f"{identity}.json", Architecture)
    found = told(record.published)
    found["Total params"] = str(record.parameters.torchinfo_shared_activations)
    assert found == {label: expected[label] for label in found}


def test_a_fresh_count_with_shared_activations_gives_the_published_parameters(published_sample):
    log = (published_sample / "summaries" / "sd1_unet.torchinfo.txt").read_text(encoding="utf-8")
    with quiet_libraries():
        network = build_network(read_config(DATA / "configs" / "sd1.json"), "sd1")
        arguments = published_arguments(network, InputSizes())
        plain = summarize(network, arguments)
        share_activations(network.module)
        sharing = summarize(network, arguments)
        counts = count_parameters(network, plain.parameters, sharing.parameters)
    assert f"Total params: {counts.torchinfo_shared_activations:,}\n" in log
    assert counts.diffusers == counts.torch == counts.torchinfo == 859_520_964


def test_the_sample_is_what_was_published(published, published_sample):
    for log in published_sample.glob("summaries/*.txt"):
        whole = (published / "summaries" / log.name).read_text(encoding="utf-8")
        assert whole.endswith(log.read_text(encoding="utf-8"))
    for name in ("LICENSE", "matrices/21b.json"):
        assert (published / name).read_text() == (published_sample / name).read_text()


@pytest.mark.parametrize("identity", LOGS)
def test_flops_are_those_of_a_fresh_count(traced, identity):
    """torch's counter around the network, called with tensors of the recorded shapes."""
    record = read_result(DATA / "architectures" / f"{identity}.json", Architecture)
    module = traced(identity).network.module
    for made in (record.published, record.pipeline):
        arguments: dict[str, Any] = {}
        for name, spec in made.inputs.items():
            tensor = torch.zeros(spec.shape, dtype=getattr(torch, spec.dtype), device="meta")
            outer, _, inner = name.partition(".")
            if inner.isdecimal():
                arguments[outer] = (*arguments.get(outer, ()), tensor)
            elif inner:
                arguments.setdefault(outer, {})[inner] = tensor
            else:
                arguments[outer] = tensor
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            module(**arguments)
        assert counter.get_total_flops() == made.flops


def test_flops_of_flux():
    """A FLOP counter says 69.5 TFLOP at the published input; the pipeline's text is longer."""
    record = read_result(DATA / "architectures" / "flux.json", Architecture)
    assert f"{record.published.flops / 1e12:.1f}" == "69.5"
    assert f"{record.published.mult_adds / 1e12:.4f}" == "0.0119"
    assert record.pipeline.inputs["encoder_hidden_states"].shape == (1, 512, 4096)
    assert record.pipeline.flops > 69.5e12
