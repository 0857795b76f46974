"""Ranks of changes, against torch's singular values."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from weight_files import UNET, write

from generator.analysis.findings.of_pairs import explain_pair
from generator.api import recipe
from generator.distances.pair import compare
from generator.distances.ranks import change_ranks, squared_errors
from generator.text.findings import pair_sentence
from generator.text.report import describe_recipe

PLACES = [f"{UNET}input_blocks.1.1.transformer_blocks.0.attn{n}.to_q.weight" for n in (1, 2)]
OTHER = f"{UNET}input_blocks.1.0.in_layers.2.weight"


def files(folder, change, dtype):
    """Two files that differ by `change` of the attention; the other weights are the same."""
    torch.manual_seed(0)
    base = {name: torch.randn(320, 448, dtype=torch.float64) / 20 for name in PLACES}
    base[OTHER] = torch.randn(320, 40, 3, 3, dtype=torch.float64) / 20
    changed = {**base, **{name: base[name] + change(base[name]) for name in PLACES}}
    return [
        write(folder / f"{name}.safetensors", {key: each.to(dtype) for key, each in model.items()})
        for name, model in (("a", base), ("b", changed))
    ]


def product(rank, size=0.02):
    def change(weight):
        rows, columns = weight.shape
        return (
            size
            * (
                torch.randn(rows, rank, dtype=torch.float64)
                @ torch.randn(rank, columns, dtype=torch.float64)
            )
            / rank**0.5
        )

    return change


def only_the_last_rows(weight):
    change = torch.zeros_like(weight)
    change[-40:] = product(3)(weight[-40:])
    return change


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize(
    ("change", "rank"), [(product(4), 4), (product(64), 64), (only_the_last_rows, 3)]
)
def test_the_rank_of_a_merged_lora(tmp_path, change, rank, dtype):
    a, b = files(tmp_path, change, dtype)
    found = change_ranks(a, b, compare(a, b))
    assert [*found] == ["denoiser"]
    found = found["denoiser"]
    assert (found.low, found.matrices) == (2, 2)
    assert (found.smallest, found.largest, found.kinds) == (rank, rank, ("attn1", "attn2"))


def test_the_rank_is_that_of_the_singular_values(tmp_path):
    a, b = files(tmp_path, product(16), torch.float16)
    one, other = (load_file(path)[PLACES[0]].double() for path in (a, b))
    singular = torch.linalg.svdvals(other - one)
    # Far above the others, which are rounding.
    assert singular[15] > 4 * singular[16]
    found = change_ranks(a, b, compare(a, b))
    assert found["denoiser"].smallest == 16


@pytest.mark.parametrize(("rank", "told"), [(16, True), (300, False)])
def test_a_recipe_tells_the_rank_where_no_mix_fits(tmp_path, rank, told):
    base, target = files(tmp_path, product(rank), torch.float32)
    torch.manual_seed(1)
    other = {name: each + torch.randn_like(each) / 100 for name, each in load_file(base).items()}
    unrelated = write(tmp_path / "c.safetensors", other)
    found = recipe(target, [unrelated, base])
    assert found.verdict == "none"
    assert (found.low_rank is not None) == told
    lines = "\n".join(describe_recipe(found))
    assert ("b.safetensors is a.safetensors with a change of rank 16 in 2" in lines) == told
    if told:
        assert (found.low_rank.parent, found.low_rank.ranks.smallest) == ("a.safetensors", 16)


@pytest.mark.parametrize(
    "change",
    [lambda weight: 0.02 * torch.randn_like(weight), lambda weight: 0 * weight, product(300)],
)
def test_a_full_change_and_none_have_no_low_rank(tmp_path, change):
    a, b = files(tmp_path, change, torch.float16)
    assert change_ranks(a, b, compare(a, b)) == {}


def trained(size, rank=0):
    """A full training by `size` per weight, beside a LoRA."""

    def change(weight):
        added = product(rank)(weight) if rank else 0
        return size * torch.randn_like(weight) + added

    return change


@pytest.mark.parametrize(
    ("change", "dtype"),
    [
        (trained(3e-4), torch.bfloat16),
        (trained(3e-3), torch.bfloat16),
        (trained(1e-4, rank=3), torch.float16),
        (trained(1e-3, rank=3), torch.bfloat16),
    ],
)
def test_a_full_change_beside_one_of_low_rank_has_no_low_rank(tmp_path, change, dtype):
    """Also where the full one is but a few times what rounding is."""
    a, b = files(tmp_path, change, dtype)
    one, other = (load_file(path)[PLACES[0]].double() for path in (a, b))
    rounding = 2.0 ** (-8 if dtype is torch.bfloat16 else -11) * one.abs()
    assert ((other - one).abs() > rounding).double().mean() > 0.3
    assert change_ranks(a, b, compare(a, b)) == {}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_the_rank_of_a_lora_on_pruned_weights(tmp_path, dtype):
    """Weights of zero have no errors of rounding."""

    def change(weight):
        weight *= weight.abs() > 0.1
        return product(4, 5e-5)(weight)

    a, b = files(tmp_path, change, dtype)
    assert (load_file(a)[PLACES[0]] == 0).float().mean() > 0.9
    found = change_ranks(a, b, compare(a, b))
    assert (found["denoiser"].smallest, found["denoiser"].largest) == (4, 4)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("shape", [(16, 16), (8, 36), (320, 40)])
def test_rounding_alone_has_no_rank(tmp_path, shape, dtype):
    """Also where a few rows and columns are far larger than the others, and where all are tiny."""
    torch.manual_seed(1)
    spread = torch.logspace(0, -4, shape[0])[:, None] * torch.logspace(0, -4, shape[1])
    places = [OTHER.replace("1.0", f"{place}.0") for place in range(1, 9)]
    exact = {
        place: torch.randn(shape) * spread[torch.randperm(shape[0])][:, torch.randperm(shape[1])]
        for place in places
    }
    exact[places[-1]] *= 2.0**-16
    rounded = {place: weight.to(dtype) for place, weight in exact.items()}
    a, b = (
        write(tmp_path / f"{name}.safetensors", model)
        for name, model in (("a", exact), ("b", rounded))
    )
    assert change_ranks(a, b, compare(a, b)) == {}


def test_a_lora_of_the_demo_family_that_was_merged(family):
    """Into every projection of attention, with the rank that the adapter's file has."""
    paths = [family / f"demo-{name}.safetensors" for name in ("frozen-text-encoder", "lora-baked")]
    adapter = load_file(family / "lora-style.safetensors")
    down = [each for name, each in adapter.items() if name.endswith(".lora_down.weight")]
    assert {each.shape[0] for each in down} == {2}
    comparison = compare(*paths)
    ranks = change_ranks(*paths, comparison)
    assert ranks["denoiser"].low == ranks["denoiser"].matrices == len(down)
    (found,) = (
        each for each in explain_pair(comparison, ranks=ranks).findings if each.kind == "low_rank"
    )
    assert pair_sentence(found).startswith("The change of the denoiser has rank 2 in 128 of the")


@pytest.mark.parametrize("dtype", ["float16", "float8_e4m3fn", "float8_e5m2"])
def test_a_rounding_error_is_uniform_over_a_step(dtype):
    """From each number to the next one, which are those of torch; a twelfth of its square."""
    kind = getattr(torch, dtype)
    codes = torch.arange(2 ** (8 * kind.itemsize - 1), dtype=torch.int32)
    words = codes.to(torch.uint8 if kind.itemsize == 1 else torch.int16)
    values = words.view(kind).double().numpy()
    values = values[np.isfinite(values)]
    expected = np.diff(values) ** 2 / 12
    np.testing.assert_allclose(squared_errors(values[:-1], dtype), expected, rtol=1e-12)
