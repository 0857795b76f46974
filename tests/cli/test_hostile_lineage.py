"""Groups of which little or nothing can be said: a clear word each, and the rest done."""

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from verbs import atlas


@pytest.fixture
def told(tmp_path):
    """What `atlas lineage` prints of files, and its record."""

    def tell(*paths):
        output = tmp_path / "lineage.json"
        done = atlas("lineage", *paths, "--output", output, "--workers", 1)
        return done, json.loads(output.read_text()) if output.exists() else {}

    return tell


@pytest.fixture
def demo(family):
    return lambda name: family / f"demo-{name}.safetensors"


def of(record, component="denoiser"):
    (found,) = (each for each in record["components"] if each["name"] == component)
    return found


def test_copies_alone_are_one_model(told, demo, tmp_path):
    shutil.copy(demo("base"), tmp_path / "again.safetensors")
    done, record = told(demo("base"), tmp_path / "again.safetensors")
    assert done.returncode == 0, done.stderr
    (node,) = of(record)["lineage"]["nodes"]
    assert [node["name"], *node["copies"]] == record["members"]
    assert (node["parents"], of(record)["recipes"]) == ([], [])


def test_one_member_has_no_lineage(told, demo):
    done, _ = told(demo("base"))
    assert done.returncode == 2
    assert "only 1 can be read" in done.stderr


def test_files_of_one_name_are_told_apart(told, demo, tmp_path):
    for folder, name in (("one", "tune-1"), ("two", "tune-2")):
        (tmp_path / folder).mkdir()
        shutil.copy(demo(name), tmp_path / folder / "model.safetensors")
    models = [tmp_path / folder / "model.safetensors" for folder in ("one", "two")]
    done, record = told(demo("base"), *models)
    assert done.returncode == 0, done.stderr
    assert len({*record["members"]}) == 3
    assert {node["name"] for node in of(record)["lineage"]["nodes"]} == {*record["members"]}


def test_equal_vectors_beside_other_shapes_are_not_the_same_model(told, demo, tmp_path):
    weights = load_file(demo("base"))
    wide = {
        key: np.vstack([each, each]) if each.ndim == 2 else each for key, each in weights.items()
    }
    save_file(wide, tmp_path / "wide.safetensors")
    done, record = told(demo("base"), tmp_path / "wide.safetensors")
    assert done.returncode == 0, done.stderr
    same = {each["component"] for one in record["components"] for each in one["identities"]}
    # Of the VAE no matrix was widened.
    assert same == {"vae"}
    assert "hold the same denoiser" not in done.stdout


def test_what_is_all_zeros_is_related_to_nothing(told, demo, tmp_path):
    weights = load_file(demo("base"))
    save_file({key: 0 * each for key, each in weights.items()}, tmp_path / "zeros.safetensors")
    done, record = told(demo("base"), demo("tune-1"), tmp_path / "zeros.safetensors")
    assert done.returncode == 0, done.stderr
    nodes = of(record)["lineage"]["nodes"]
    assert [node["name"] for node in nodes if node["relation"] == "unrelated"] == [
        "zeros.safetensors"
    ]


def test_an_adapter_beside_its_base_is_named_as_left_out(told, demo, family):
    done, _ = told(demo("base"), demo("tune-1"), family / "lora-style.safetensors")
    assert done.returncode == 0, done.stderr
    assert "Nothing is told of lora-style.safetensors" in done.stdout


def test_parts_without_a_common_component_are_refused_by_name(told, demo, tmp_path):
    weights = load_file(demo("base"))
    for part, prefix in (("unet", "model."), ("vae", "first_stage_model.")):
        chosen = {key: each for key, each in weights.items() if key.startswith(prefix)}
        save_file(chosen, tmp_path / f"{part}.safetensors")
    done, _ = told(tmp_path / "unet.safetensors", tmp_path / "vae.safetensors")
    assert done.returncode == 2
    assert "have no tensor in common" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_tensor_with_nan_is_not_compared_and_the_rest_is(told, demo, tmp_path):
    weights = load_file(demo("tune-1"))
    key = next(each for each in weights if "attn1.to_q" in each)
    weights[key] = weights[key].copy()
    weights[key].flat[0] = np.nan
    save_file(weights, tmp_path / "nan.safetensors")
    done, record = told(demo("base"), demo("tune-2"), tmp_path / "nan.safetensors")
    assert done.returncode == 0, done.stderr
    nodes = of(record)["lineage"]["nodes"]
    assert {node["name"] for node in nodes} == {*record["members"]}
    distances = [each for node in nodes for each in node["distances"]]
    assert len(distances) == 2
    assert np.isfinite(distances).all()
    # Of this tensor alone nothing is said of the file.
    assert not of(record)["lineage"]["left_out"]
    (entry,) = (each for each in record["excluded"] if each["reason"]["code"] == "non_finite")
    assert entry["checkpoint"].startswith("nan")
    assert entry["tensor"].startswith("denoiser/")
    assert "attn1.to_q" in entry["tensor"]
    said = f"Not compared, for NaN or infinite values: {entry['tensor']} of {entry['checkpoint']}."
    assert said in done.stdout


@pytest.mark.parametrize("factor", [0, -1, 2])
def test_what_no_merge_makes_has_no_recipe_and_no_warning(demo, tmp_path, factor):
    weights = load_file(demo("base"))
    save_file({key: factor * each for key, each in weights.items()}, tmp_path / "odd.safetensors")
    output = tmp_path / "recipe.json"
    models = [tmp_path / "odd.safetensors", demo("base"), demo("tune-1")]
    done = atlas("recipe", *models, "--output", output, "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    assert json.loads(output.read_text())["verdict"] == "none"


def test_a_file_without_finite_values_is_not_said_to_hold_other_tensors(told, demo, tmp_path):
    weights = load_file(demo("tune-1"))
    for each in weights.values():
        if each.dtype.kind == "f":
            each.flat[0] = np.nan
    save_file(weights, tmp_path / "nan.safetensors")
    done, _ = told(demo("base"), demo("tune-2"), tmp_path / "nan.safetensors")
    assert "too little of them can be compared with the others: nan.safetensors" in done.stdout
    mixed = atlas("recipe", tmp_path / "nan.safetensors", demo("base"), demo("tune-2"))
    assert mixed.returncode == 2
    assert mixed.stderr.startswith("refused: nan.safetensors: too little of the denoiser")
