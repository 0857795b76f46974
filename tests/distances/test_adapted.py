"""Adapters as parents of a recipe: their weights are those by which they were added."""

import numpy as np
import pytest
from safetensors.numpy import load_file
from shared_cases import writers

from generator.analysis.lineage.adapted import adapted_recipe
from generator.api import recipe
from generator.distances.adapted import adapted_sums
from generator.errors import UsageError
from generator.text.report import describe_recipe

writers()
import kit  # noqa: E402 -- it lies beside the repository
import loras  # noqa: E402

UNET = "model.diffusion_model."
SPELLINGS = {"kohya": (loras.kohya, loras.UPDOWN), "diffusers": (loras.peft, loras.AB)}


def factors(seed):
    found = loras.factors("sd1", 4, seed, scale=0.02, only=("unet",))
    return {key: each for key, each in found.items() if "down_blocks.0" in key[1]}


def key_of(name):
    """diffusers' name of a module as single files spell it."""
    return UNET + name.replace("down_blocks.0.attentions.0", "input_blocks.1.1") + ".weight"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Folder, base and another checkpoint; two adapters and their changes, by name of the file."""
    folder = tmp_path_factory.mktemp("adapted")
    random = np.random.default_rng(0)
    own = {key_of(name): (u.shape[0], d.shape[1]) for (_, name), (d, u) in factors(1).items()}
    own[f"{UNET}input_blocks.1.0.in_layers.2.weight"] = (320, 320, 3, 3)
    base = {name: random.normal(0, 0.05, shape) for name, shape in own.items()}
    other = {name: each + random.normal(0, 0.003, each.shape) for name, each in base.items()}
    changes = {}
    for number, (spelling, (spell, ends)) in enumerate(SPELLINGS.items(), 1):
        tensors, delta = loras.arrays(factors(number), "sd1", spell, ends)
        kit.dense(folder / f"{spelling}.safetensors", tensors)
        changes[spelling] = {key_of(name): each for (_, name), each in delta.items()}
    write(folder / "base.safetensors", base, np.float32)
    write(folder / "other.safetensors", other, np.float32)
    return folder, base, other, changes


def write(path, tensors, dtype):
    return kit.dense(path, {name: each.astype(dtype) for name, each in tensors.items()})


def added(base, *changes):
    return {
        name: each + sum(share * change.get(name, 0) for share, change in changes)
        for name, each in base.items()
    }


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_two_adapters_of_two_spellings(made, dtype, tmp_path):
    folder, base, _, changes = made
    model = added(base, (0.8, changes["kohya"]), (-0.3, changes["diffusers"]))
    target = write(tmp_path / "target.safetensors", model, dtype)
    paths = [folder / f"{name}.safetensors" for name in ("base", *SPELLINGS)]
    found = recipe(target, paths)
    assert found.verdict == "adapters"
    assert found.adapters == ("kohya.safetensors", "diffusers.safetensors")
    expected = {"base.safetensors": 1, "kohya.safetensors": 0.8, "diffusers.safetensors": -0.3}
    assert found.whole.weights == pytest.approx(expected, abs=2e-3)
    assert "verdict: adapters" in "\n".join(describe_recipe(found))


def test_an_adapter_on_a_mix(made, tmp_path):
    folder, base, other, changes = made
    mix = {name: 0.6 * each + 0.4 * other[name] for name, each in base.items()}
    target = write(tmp_path / "target.safetensors", added(mix, (0.5, changes["kohya"])), np.float32)
    paths = [folder / f"{name}.safetensors" for name in ("base", "other", "kohya")]
    found = recipe(target, paths)
    assert found.verdict == "adapters"
    expected = {"base.safetensors": 0.6, "other.safetensors": 0.4, "kohya.safetensors": 0.5}
    assert found.whole.weights == pytest.approx(expected, abs=1e-4)


def test_an_adapter_that_was_not_added_has_no_verdict(made, tmp_path):
    folder, base, _, changes = made
    target = write(tmp_path / "target.safetensors", added(base, (1, changes["kohya"])), np.float32)
    paths = {name: folder / f"{name}.safetensors" for name in ("base", "other", *SPELLINGS)}
    assert recipe(target, [paths["base"], paths["kohya"]]).verdict == "adapters"
    assert recipe(target, [paths["base"], paths["diffusers"]]).verdict == "none"
    assert recipe(target, [paths["other"], paths["kohya"]]).verdict == "none"


@pytest.mark.parametrize("strength", [1, 0.2])
@pytest.mark.parametrize(("cosine", "verdict"), [(0.9995, "adapters"), (0.97, "none")])
def test_what_is_left_is_a_part_of_what_was_added(made, strength, cosine, verdict, tmp_path):
    """Another epoch of an adapter leaves the sine of its angle, however weakly it was added."""
    folder, base, _, changes = made
    epoch = at_angle(changes["kohya"], cosine)
    target = write(tmp_path / "target.safetensors", added(base, (strength, epoch)), np.float32)
    found = recipe(target, [folder / "base.safetensors", folder / "kohya.safetensors"])
    assert found.whole.weights["kohya.safetensors"] == pytest.approx(strength * cosine, rel=1e-3)
    assert found.verdict == verdict


@pytest.mark.parametrize("further", [0.01, 0.2])
def test_a_mix_that_was_trained_further(made, further, tmp_path):
    """By a part of what the adapter adds, which is far less than the checkpoints are apart."""
    folder, base, other, changes = made
    random = np.random.default_rng(3)
    added_size = np.sqrt(sum(np.square(0.05 * each).sum() for each in changes["kohya"].values()))
    noise = {name: random.normal(size=each.shape) for name, each in base.items()}
    size = np.sqrt(sum(np.square(each).sum() for each in noise.values()))
    mix = {name: 0.6 * each + 0.4 * other[name] for name, each in base.items()}
    model = added(mix, (0.05, changes["kohya"]), (further * added_size / size, noise))
    target = write(tmp_path / "target.safetensors", model, np.float32)
    found = recipe(target, [folder / f"{name}.safetensors" for name in ("base", "other", "kohya")])
    assert found.verdict == ("adapters" if further < 0.05 else "none")


def at_angle(change, cosine):
    """A change of the same size, at this cosine."""
    random = np.random.default_rng(2)
    turned = {}
    for name, each in change.items():
        aside = random.normal(size=each.shape)
        aside -= each * (aside * each).sum() / np.square(each).sum()
        aside *= np.linalg.norm(each) / np.linalg.norm(aside)
        turned[name] = cosine * each + np.sqrt(1 - cosine**2) * aside
    return turned


def test_what_cannot_be_is_refused_in_a_sentence(made, tmp_path):
    folder, *_ = made
    base, kohya = folder / "base.safetensors", folder / "kohya.safetensors"
    with pytest.raises(UsageError, match=r"^parents: are all adapters"):
        recipe(base, [kohya, folder / "diffusers.safetensors"])
    sdxl, _ = loras.arrays(loras.factors("sdxl", 4, 1, only=("unet",)), "sdxl", loras.kohya)
    strange = kit.dense(tmp_path / "sdxl.safetensors", sdxl)
    with pytest.raises(UsageError, match="It is for another network"):
        recipe(base, [base, strange])
    with pytest.raises(UsageError, match="Try denoiser"):
        adapted_recipe(adapted_sums(base, [base], [kohya]), "text_encoder")


def changed(folder, tmp_path, change):
    """The first adapter, whose alpha is its rank, with `change` of the names and values."""
    tensors = load_file(folder / "kohya.safetensors")
    modules = {name.split(".")[0] for name in tensors}
    tensors |= {f"{module}.alpha": np.array(4, np.float32) for module in modules}
    return kit.dense(
        tmp_path / "changed.safetensors",
        {name: change(name, each) for name, each in tensors.items()},
    )


@pytest.mark.parametrize("part", ["alpha", "lora_up", "lora_down"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_changes_that_are_not_finite_are_told_from_none(made, part, value, tmp_path):
    folder, *_ = made
    base = folder / "base.safetensors"
    adapter = changed(
        folder,
        tmp_path,
        lambda name, each: (
            np.full_like(each, value, "f4") if part in name else each * np.float32(99)
        ),
    )
    with pytest.raises(UsageError, match="NaN or infinite"):
        recipe(base, [base, adapter])


@pytest.mark.parametrize("alpha", [np.ones(2, np.float32), np.ones(0, np.float32), np.array(True)])
def test_changes_with_an_alpha_that_is_no_number_are_not_read(made, alpha, tmp_path):
    folder, *_ = made
    adapter = changed(folder, tmp_path, lambda name, each: alpha if "alpha" in name else each)
    base = folder / "base.safetensors"
    with pytest.raises(UsageError, match="changes that are not read"):
        recipe(base, [base, adapter])


def test_alpha_may_be_an_integer(made, tmp_path):
    folder, base, _, changes = made
    alpha = np.array(2)
    adapter = changed(folder, tmp_path, lambda name, each: alpha if "alpha" in name else each)
    model = added(base, (1, changes["kohya"]))
    target = write(tmp_path / "target.safetensors", model, np.float32)
    # Half the change is there twice.
    found = recipe(target, [folder / "base.safetensors", adapter])
    assert found.whole.weights[adapter.name] == pytest.approx(2, abs=2e-3)
