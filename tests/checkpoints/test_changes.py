"""Distances of adapters are those of the changes they make, whatever the rank and the layout."""

import json

import numpy as np
import pytest
from msgspec.structs import replace
from safetensors.numpy import save_file
from shared_cases import writers
from weight_indexes import index_of

from generator.analysis.findings.of_pairs import explain_pair
from generator.checkpoints.identify.changes import changes_of
from generator.checkpoints.inventory.measuring import measure_checkpoint
from generator.checkpoints.inventory.record import inspect
from generator.distances.pair import compare
from generator.errors import CheckpointError, UsageError
from generator.records.reasons import NotUnpacked
from generator.text.inspection import describe
from generator.text.report import describe_comparison

writers()
import kit  # noqa: E402 -- it lies beside the repository
import loras  # noqa: E402

FIRST = loras.factors("sd1", 8, 1, 1)
OTHER = {key: (down, up + np.float32(0.01)) for key, (down, up) in FIRST.items()}


def write(path, tensors):
    return kit.dense(path, tensors)


def distance(a, b):
    components = compare(a, b).summary.components
    return sum((part.total.l2 or 0) ** 2 for part in components.values()) ** 0.5


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_the_distance_is_that_of_the_products(dtype, tmp_path):
    one, delta = loras.arrays(FIRST, "sd1", loras.kohya, alpha=4.0, dtype=dtype)
    two, delta_two = loras.arrays(OTHER, "sd1", loras.peft, loras.AB, dtype=dtype)
    a, b = write(tmp_path / "a.safetensors", one), write(tmp_path / "b.safetensors", two)
    assert distance(a, b) == pytest.approx(loras.apart(delta, delta_two), rel=1e-6)


def test_two_adapters_are_told_by_the_angle_of_their_changes(tmp_path):
    """Not as related or unrelated: neither descends from the other."""
    deltas = []
    for number, (parts, spell) in enumerate([(FIRST, loras.kohya), (OTHER, loras.peft)]):
        tensors, delta = loras.arrays(parts, "sd1", spell, alpha=4.0)
        write(tmp_path / f"{number}.safetensors", tensors)
        deltas.append(delta)
    comparison = compare(*(tmp_path / f"{number}.safetensors" for number in range(2)))
    findings = {each.component: each for each in explain_pair(comparison).findings}
    assert findings.keys() == set(comparison.changes) == {"denoiser", "text_encoder"}
    for component, finding in findings.items():
        keys = [key for key in deltas[0] if (key[0] == "unet") == (component == "denoiser")]
        a, b = (np.concatenate([delta[key].ravel() for key in keys]) for delta in deltas)
        cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        assert finding.kind == "changes_differ"
        assert finding.figures.cosine == pytest.approx(cosine, rel=1e-6)
        assert finding.figures.l2 == pytest.approx(np.linalg.norm(a - b), rel=1e-6)
    lines = "\n".join(describe_comparison(comparison, (), tuple(findings.values())))
    assert "cosine of the changes to denoiser by block: IN01" in lines
    assert "related" not in lines


def test_more_dimensions_of_zeros_change_nothing(tmp_path):
    one, delta = loras.arrays(FIRST, "sd1", loras.kohya, alpha=4.0)
    two, _ = loras.arrays(loras.padded(FIRST, 16), "sd1", loras.kohya, alpha=8.0)
    a, b = write(tmp_path / "a.safetensors", one), write(tmp_path / "b.safetensors", two)
    assert distance(a, b) <= 1e-7 * loras.apart(delta, {})


def test_fused_and_separate_projections_are_compared(tmp_path):
    rng = np.random.default_rng(2)
    down, up = rng.normal(size=(4, 32)).astype("f4"), rng.normal(size=(96, 4)).astype("f4")
    end = ("lora_A.weight", "lora_B.weight")
    fused = {"double_blocks.0.img_attn.qkv." + e: v for e, v in zip(end, (down, up), strict=True)}
    separate = {
        f"transformer.transformer_blocks.0.attn.to_{q}.{e}": v
        for place, q in enumerate("qkv")
        for e, v in zip(end, (down, up[32 * place : 32 * (place + 1)] * 2), strict=True)
    }
    bfl = {f"diffusion_model.{name}": value for name, value in fused.items()}
    # FLUX.1 is known by its width.
    more = {"single_blocks.0.linear1.lora_A.weight": (1, 3072)}
    bfl |= {"diffusion_model." + name: np.zeros(s, np.float32) for name, s in more.items()}
    name = "transformer.single_transformer_blocks.0.proj_out.lora_A.weight"
    separate[name] = np.zeros((1, 3072), np.float32)
    a, b = write(tmp_path / "a.safetensors", bfl), write(tmp_path / "b.safetensors", separate)
    expected = np.linalg.norm(np.float64(up) @ np.float64(down))
    assert distance(a, b) == pytest.approx(expected, rel=1e-6)


def test_hadamard_products(tmp_path):
    rng = np.random.default_rng(3)
    module = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
    shapes = {"hada_w1_a": (640, 4), "hada_w1_b": (4, 768)}
    shapes |= {"hada_w2_a": (640, 4), "hada_w2_b": (4, 768)}
    parts = {end: rng.normal(size=shape).astype("f4") for end, shape in shapes.items()}
    tensors = {f"{module}.{end}": value for end, value in parts.items()}
    scaled = tensors | {f"{module}.alpha": np.float32(2)}
    a = write(tmp_path / "a.safetensors", tensors)
    b = write(tmp_path / "b.safetensors", scaled)
    one, two = (
        np.float64(parts[f"hada_w{n}_a"]) @ np.float64(parts[f"hada_w{n}_b"]) for n in (1, 2)
    )
    assert distance(a, b) == pytest.approx(np.linalg.norm(one * two) / 2, rel=1e-6)


def test_a_change_is_not_compared_with_a_weight(tmp_path):
    tensors, _ = loras.arrays(FIRST, "sd1", loras.peft, loras.AB)
    weights = {
        f"unet.{name}.weight": np.ones((up.shape[0], down.shape[1]), np.float32)
        for (part, name), (down, up) in FIRST.items()
        if part == "unet"
    }
    a = write(tmp_path / "a.safetensors", tensors)
    b = write(tmp_path / "b.safetensors", weights)
    try:
        comparison = compare(a, b)
    except UsageError:
        return
    assert all(part.total.l2 is None for part in comparison.summary.components.values())


UNET_MODULE = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"


@pytest.mark.parametrize("left", ["whole", "product"])
@pytest.mark.parametrize("right", ["whole", "product"])
def test_kronecker_products(left, right, tmp_path):
    rng = np.random.default_rng(4)
    tensors, sides = {f"{UNET_MODULE}.alpha": np.float32(1)}, []
    for number, kind, (rows, columns) in ((1, left, (8, 4)), (2, right, (80, 192))):
        stem = f"{UNET_MODULE}.lokr_w{number}"
        if kind == "whole":
            matrix = tensors[stem] = rng.normal(size=(rows, columns)).astype("f4")
        else:
            up, down = (rng.normal(size=s).astype("f4") for s in ((rows, 2), (2, columns)))
            tensors |= {f"{stem}_a": up, f"{stem}_b": down}
            matrix = np.float64(up) @ np.float64(down)
        sides.append(np.float64(matrix))
    # LyCORIS scales products only.
    scale = 1.0 if (left, right) == ("whole", "whole") else 0.5
    change = scale * np.kron(*sides)
    plain = {f"{UNET_MODULE}.diff": np.zeros((640, 768), np.float32)}
    a = write(tmp_path / "a.safetensors", tensors)
    b = write(tmp_path / "b.safetensors", plain)
    assert distance(a, b) == pytest.approx(np.linalg.norm(change), rel=1e-6)
    adapter = measure_checkpoint(a, "").record.adapter
    assert adapter.norm == pytest.approx(np.linalg.norm(change), rel=1e-6)


CONVOLUTION = "lora_unet_down_blocks_0_resnets_0_conv1"


def random_tensors(shapes):
    """Of the module `CONVOLUTION`, by the ends of their names."""
    rng = np.random.default_rng(6)
    return {f"{CONVOLUTION}.{end}": rng.normal(size=s).astype("f4") for end, s in shapes.items()}


@pytest.mark.parametrize("alpha", [None, np.array(3), np.array(1.5, np.float16)])
def test_convolutions_in_tucker_form(alpha, tmp_path):
    shapes = {"lora_down.weight": (4, 320, 1, 1), "lora_up.weight": (320, 4, 1, 1)}
    shapes["lora_mid.weight"] = (4, 4, 3, 3)
    tensors = random_tensors(shapes)
    down, up, mid = (np.float64(each) for each in tensors.values())
    change = np.einsum("oa,abkl,bi->oikl", up[:, :, 0, 0], mid, down[:, :, 0, 0])
    change *= 1 if alpha is None else float(alpha) / 4
    if alpha is not None:
        tensors[f"{CONVOLUTION}.alpha"] = alpha
    path = write(tmp_path / "a.safetensors", tensors)
    record = measure_checkpoint(path, "").record
    assert (record.base_model, record.adapter.algorithm) == ("sd1", "locon")
    assert record.adapter.norm == pytest.approx(np.linalg.norm(change), rel=1e-6)
    other = write(tmp_path / "b.safetensors", {f"{CONVOLUTION}.diff": change.astype("f4")})
    assert distance(path, other) <= 1e-6 * np.linalg.norm(change)


@pytest.mark.parametrize("kernel", [(3, 3), (1, 1)])
def test_hadamard_products_in_tucker_form(kernel, tmp_path):
    """Against LyCORIS' formula (`loha.py`, `HadaWeightTucker`), in float64."""
    side, core = (4, 320), (4, 4, *kernel)
    ends = {"hada_t1": core, "hada_w1_a": side, "hada_w1_b": side}
    tensors = random_tensors(ends | {"hada_t2": core, "hada_w2_a": side, "hada_w2_b": side})
    t1, a1, b1, t2, a2, b2 = (np.float64(each) for each in tensors.values())
    halves = [np.einsum("ijkl,jr,ip->prkl", *one) for one in ((t1, b1, a1), (t2, b2, a2))]
    change = halves[0] * halves[1] * 3 / 4
    tensors[f"{CONVOLUTION}.alpha"] = np.array(3, np.float32)
    path = write(tmp_path / "a.safetensors", tensors)
    record = measure_checkpoint(path, "").record
    assert record.adapter.algorithm == "loha"
    assert record.adapter.norm == pytest.approx(np.linalg.norm(change), rel=1e-6)
    other = write(tmp_path / "b.safetensors", {f"{CONVOLUTION}.diff": change.astype("f4")})
    assert distance(path, other) <= 1e-6 * np.linalg.norm(change)


def test_kronecker_products_with_a_core(tmp_path):
    shapes = {"lokr_w1": (4, 4), "lokr_w2_a": (2, 80), "lokr_w2_b": (2, 80)}
    tensors = random_tensors(shapes | {"lokr_t2": (2, 2, 3, 3)})
    left, up, down, core = (np.float64(each) for each in tensors.values())
    right = np.einsum("ijkl,jr,ip->prkl", core, down, up)
    change = np.kron(left[:, :, None, None], right) * 0.5
    tensors[f"{CONVOLUTION}.alpha"] = np.array(1, np.float32)
    a = write(tmp_path / "a.safetensors", tensors)
    b = write(tmp_path / "b.safetensors", {f"{CONVOLUTION}.diff": change.astype("f4")})
    norm = measure_checkpoint(a, "").record.adapter.norm
    assert norm == pytest.approx(np.linalg.norm(change), rel=1e-6)
    assert distance(a, b) <= 1e-6 * norm


@pytest.mark.parametrize(
    ("config", "scale"),
    [
        ({}, 1),
        ({"unet.r": 8, "unet.lora_alpha": 2}, 2 / 8),
        ({"lora_alpha": 2}, 2 / 8),
        ({"unet.lora_alpha": 2, "unet.use_rslora": True}, 2 / 8**0.5),
        ({"unet.lora_alpha": 2, "unet.alpha_pattern": {"attn1.to_q": 3}}, None),
        # Of another model, or no number.
        ({"text_encoder.lora_alpha": 2}, 1),
        ({"unet.lora_alpha": "2"}, 1),
        ({"unet.lora_alpha": [[]]}, 1),
    ],
)
def test_alpha_of_the_configuration_counts_where_no_tensor_holds_it(config, scale, tmp_path):
    parts = {key: each for key, each in FIRST.items() if key[0] == "unet"}
    tensors, delta = loras.arrays(parts, "sd1", loras.peft, loras.AB)
    scales = {key: scale or (3 if key[1].endswith("attn1.to_q") else 2) / 8 for key in delta}
    path = tmp_path / "a.safetensors"
    save_file(tensors, path, {"lora_adapter_metadata": json.dumps(config)})
    adapter = measure_checkpoint(path, "").record.adapter
    expected = loras.apart({key: scales[key] * each for key, each in delta.items()}, {})
    assert adapter.norm == pytest.approx(expected, rel=1e-6)
    assert adapter.alpha == ((2.0, 3.0) if scale is None else () if scale == 1 else (2.0,))


PEFT_CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "some/model",
    "lora_alpha": 4,
    "alpha_pattern": {"attn1.to_q": 3},
}


def peft_folder(folder, config):
    """An adapter as PEFT saves it, beside what a trainer saves; and its change."""
    folder.mkdir()
    parts = {key: each for key, each in FIRST.items() if key[0] == "unet"}

    def spelled(_part, name, _family):
        return f"base_model.model.{name}"

    tensors, delta = loras.arrays(parts, "sd1", spelled, loras.AB)
    save_file(tensors, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(config)
    for other in ("optimizer.bin", "training_args.bin"):
        (folder / other).write_bytes(b"")
    scales = {key: (3 if key[1].endswith("attn1.to_q") else 4) / 8 for key in delta}
    return loras.apart({key: scales[key] * each for key, each in delta.items()}, {})


@pytest.mark.parametrize("name", ["", "adapter_model.safetensors"])
def test_a_folder_of_peft_is_read_with_its_configuration(name, tmp_path):
    expected = peft_folder(tmp_path / "a", json.dumps(PEFT_CONFIG))
    record = measure_checkpoint(tmp_path / "a" / name, "").record
    assert record.adapter.norm == pytest.approx(expected, rel=1e-6)
    assert record.adapter.alpha == (3.0, 4.0)
    metadata = {entry.key: entry.text for entry in record.metadata}
    assert metadata["base_model_name_or_path"] == "some/model"


@pytest.mark.parametrize("config", ["{", "[]", "[" * 10**5, '{"base_model_name_or_path": 3}'])
def test_a_damaged_configuration_is_refused(config, tmp_path):
    peft_folder(tmp_path / "a", config)
    with pytest.raises(CheckpointError, match="adapter_config"):
        inspect(tmp_path / "a")


def test_a_configuration_elsewhere_is_refused(tmp_path):
    peft_folder(tmp_path / "a", "{}")
    (tmp_path / "a" / "adapter_config.json").rename(tmp_path / "elsewhere.json")
    (tmp_path / "a" / "adapter_config.json").symlink_to("../elsewhere.json")
    with pytest.raises(CheckpointError, match="outside"):
        inspect(tmp_path / "a")


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "3", '{"lora_alpha": 1e999}'])
def test_a_configuration_that_is_not_one_changes_nothing(text, tmp_path):
    tensors, delta = loras.arrays(FIRST, "sd1", loras.peft, loras.AB)
    save_file(tensors, tmp_path / "a.safetensors", {"lora_adapter_metadata": text})
    adapter = measure_checkpoint(tmp_path / "a.safetensors", "").record.adapter
    assert (adapter.norm, adapter.alpha) == (pytest.approx(loras.apart(delta, {}), rel=1e-6), ())


def test_changes_of_norms_are_differences(tmp_path):
    names = [f"{CONVOLUTION.replace('conv1', 'norm1')}.{end}" for end in ("w_norm", "b_norm")]
    a = write(tmp_path / "a.safetensors", {name: np.full(320, 0.5, "f4") for name in names})
    adapter = measure_checkpoint(a, "").record.adapter
    assert (adapter.algorithm, adapter.targets) == ("full", ("norm",))
    assert adapter.norm == pytest.approx(np.sqrt(640 * 0.25))


def test_norms_by_block_are_those_of_the_products(tmp_path):
    tensors, delta = loras.arrays(FIRST, "sd1", loras.kohya, alpha=4.0)
    path = write(tmp_path / "a.safetensors", tensors)
    adapter = measure_checkpoint(path, "").record.adapter
    assert adapter.norm == pytest.approx(loras.apart(delta, {}), rel=1e-9)
    of_blocks = {(each.component, each.block): each for each in adapter.blocks}
    # The first attention of SD1's first stage is its second block.
    first = {
        key: value for key, value in delta.items() if key[1].startswith("down_blocks.0.attentions")
    }
    assert of_blocks["denoiser", "IN01"].changes == len(first) == 6
    assert of_blocks["denoiser", "IN01"].norm == pytest.approx(loras.apart(first, {}), rel=1e-9)
    assert {block for component, block in of_blocks if component == "text_encoder"} == {"LAYER00"}
    # Alpha is read without the factors, too.
    assert inspect(path).record.adapter.alpha == adapter.alpha == (4.0,)
    assert inspect(path).record.adapter.norm is None


def test_blocks_are_numbered_as_in_the_whole_network(tmp_path):
    module = "diffusion_model.blocks.7.self_attn.q"
    shapes = {f"{module}.lora_A.weight": (4, 5120), f"{module}.lora_B.weight": (5120, 4)}
    path = write(tmp_path / "a.safetensors", {n: np.ones(s, np.float32) for n, s in shapes.items()})
    (block,) = measure_checkpoint(path, "").record.adapter.blocks
    assert (block.component, block.block) == ("denoiser", "BLOCK07")
    assert block.norm == pytest.approx(4 * 5120)


@pytest.mark.parametrize(
    ("more", "algorithms"),
    [
        ({"dora_scale": (1, 768)}, "dora+lora"),
        ({"lora_mid.weight": (4, 4)}, "locon+lora"),
    ],
)
def test_changes_that_need_the_weight_are_not_compared(more, algorithms, tmp_path):
    shapes = {"lora_down.weight": (4, 768), "lora_up.weight": (640, 4)} | more
    tensors = {f"{UNET_MODULE}.{end}": np.ones(shape, "f4") for end, shape in shapes.items()}
    a = write(tmp_path / "a.safetensors", tensors)
    b = write(tmp_path / "b.safetensors", tensors | {f"{UNET_MODULE}.alpha": np.float32(2)})
    comparison = compare(a, b)
    (tensor,) = comparison.tensors
    assert tensor.l2 is None
    (left_out,) = comparison.summary.excluded
    assert left_out.reason == NotUnpacked(quantisation=algorithms)
    record = measure_checkpoint(a, "").record
    assert record.adapter.norm is None
    reason = "depends on the weights" if "dora_scale" in more else "not read"
    (line,) = (line for line in describe(record) if line.startswith("norm of the change"))
    assert reason in line
    assert inspect(a).record.adapter.norm_reason == ""


def test_the_factors_of_a_change_may_lie_in_several_files():
    ends = {"lora_down.weight": (4, 768), "lora_up.weight": (640, 4), "alpha": ()}
    index = index_of({f"{UNET_MODULE}.{end}": shape for end, shape in ends.items()})
    spread = tuple(replace(each, file=number) for number, each in enumerate(index.tensors))
    (change,) = changes_of(replace(index, tensors=spread), "sd1").index.tensors
    assert {change.file} | change.packing.files == {0, 1, 2}


def test_one_change_in_the_names_of_two_programs_is_one_change(tmp_path):
    """Of Wan and HunyuanVideo, whose trainers write the authors' names or those of diffusers."""
    rng = np.random.default_rng(5)
    up, down = (rng.standard_normal(shape).astype(np.float32) for shape in ((5120, 2), (2, 5120)))
    ours = {
        "diffusion_model.blocks.1.self_attn.q.lora_B.weight": up,
        "diffusion_model.blocks.1.self_attn.q.lora_A.weight": down,
    }
    theirs = {
        "transformer.blocks.1.attn1.to_q.lora_B.weight": up,
        "transformer.blocks.1.attn1.to_q.lora_A.weight": down,
    }
    a, b = write(tmp_path / "a.safetensors", ours), write(tmp_path / "b.safetensors", theirs)
    assert (inspect(a)[0].base_model, inspect(b)[0].base_model) == ("wan", "wan")
    # None if no tensor were compared.
    assert compare(a, b).summary.components["denoiser"].total.l2 == 0
