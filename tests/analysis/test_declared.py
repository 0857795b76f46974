"""What files say of themselves, beside what their weights say."""

import json

import msgspec
import numpy as np
import pytest
from made_groups import make_group
from simulated import grams_of
from test_false_alarms import base_and_tunes

from generator.analysis.explain import explain
from generator.analysis.lineage.declared_check import check_declared
from generator.analysis.lineage.declared_graphs import of_comfy, of_mecha
from generator.records import Checkpoint, DeclaredRecipe, MetadataEntry

HASHES = {"aaa": "one.safetensors", "bbb": "Two.ckpt", "ccc": "base.safetensors"}


def record(identity, recipe=None):
    entries = ()
    if recipe:
        models = {digest: {"name": name} for digest, name in HASHES.items()}
        entries = tuple(
            MetadataEntry(group="merge recipe", key=key, text=text, length=len(text))
            for key, text in (
                ("sd_merge_recipe", json.dumps(recipe)),
                ("sd_merge_models", json.dumps(models)),
            )
        )
    fields = {field.name: () for field in msgspec.structs.fields(Checkpoint)}
    known = {"id": identity, "name": f"{identity}.safetensors", "metadata": entries, "schema": 1}
    return Checkpoint(**(fields | known))


def explained(target, recipe):
    """The declared recipe of a target made from base, one and two; and the findings."""
    base, one, two = base_and_tunes(2)
    names = ("base", "one", "two", "target")
    sums = grams_of([base, one, two, target(base, one, two)], names=names)
    records = {name: record(name, recipe if name == "target" else None) for name in names}
    found = explain(sums, records, "base")
    (declared,) = found.declared
    return declared, {each.kind: each for each in found.findings}


def weighted(multiplier):
    return {
        "primary_model_hash": "aaa",
        "secondary_model_hash": "bbb",
        "interp_method": "Weighted sum",
        "multiplier": multiplier,
    }


def test_a_recipe_that_the_weights_bear_out():
    declared, findings = explained(lambda _, one, two: 0.7 * one + 0.3 * two, weighted(0.3))
    assert (declared.check.verdict, declared.check.parents) == ("agrees", ("one", "two"))
    assert declared.check.weights == pytest.approx((0.7, 0.3))
    assert not {"declared_otherwise", "declared_weights"} & findings.keys()


def test_parents_of_a_declared_mix_come_as_those_of_its_recipe():
    declared, _ = explained(lambda _, one, two: 0.4 * one + 0.6 * two, weighted(0.6))
    assert declared.check.parents == ("two", "one")
    assert declared.check.weights == pytest.approx((0.6, 0.4))


def test_a_recipe_that_the_weights_deny():
    step = np.random.default_rng(9).normal(0, 0.01, base_and_tunes(0)[0].shape)
    declared, findings = explained(lambda base, *_: base + step, weighted(0.5))
    assert declared.check.verdict == "contradicts"
    # Independent directions: sqrt(3) / 2 of the distance of two is left of the third.
    assert declared.check.residual == pytest.approx(0.866, abs=0.02)
    assert findings["declared_otherwise"].subjects == ("target", "one", "two")


def test_a_recipe_with_other_weights():
    declared, findings = explained(lambda _, one, two: 0.7 * one + 0.3 * two, weighted(0.5))
    assert declared.check.verdict == "contradicts"
    assert findings["declared_weights"].figures.weights[1] == pytest.approx(0.3)
    by_block = np.array([0.1, 0.3, 0.5, 0.7, 0.9, 0.5])[:, None]
    recipe = weighted(0.5) | {"weights_alpha": [0.1, 0.3]}
    declared, _ = explained(lambda _, one, two: (1 - by_block) * one + by_block * two, recipe)
    assert declared.check.verdict == "agrees"


def test_an_added_difference():
    recipe = weighted(0.8) | {"tertiary_model_hash": "ccc", "interp_method": "Add difference"}
    declared, _ = explained(lambda base, one, two: one + 0.8 * (two - base), recipe)
    assert (declared.check.form, declared.check.verdict) == ("add difference", "agrees")
    assert declared.check.parents == ("one", "two", "base")


def checked(weights, *components, method="Weighted sum", models=("one", "two")):
    """The check of a recipe for the middle of two, or of three corners, in the components."""
    names = (*models, "target")
    points = np.vstack([np.eye(len(models)), np.full(len(models), 1 / len(models))])
    if "difference" in method:
        points[-1] = [1, 0.5, -0.5]
    l2 = np.sqrt(((points[:, None] - points) ** 2).sum(2))
    _, sums = make_group("x", list(names), {(name, "REST"): l2 for name in components})
    declared = DeclaredRecipe(
        checkpoint="target", source="x", method=method, models=models, weights=weights
    )
    return check_declared(sums, declared, {name: record(name) for name in names}).check


@pytest.mark.parametrize(
    ("components", "first"),
    [
        (("vae",), "vae"),
        (("vae", "text_encoder_3"), "text_encoder_3"),
        (("text_encoder_3", "text_encoder_2"), "text_encoder_2"),
        (("text_encoder_2", "text_encoder"), "text_encoder"),
        (("text_encoder", "denoiser", "vae"), "denoiser"),
    ],
)
def test_one_component_is_checked_the_denoiser_before_all(components, first):
    found = checked("0.5", *components)
    assert (found.component, found.verdict) == (first, "agrees")


@pytest.mark.parametrize(
    ("weights", "verdict"),
    [
        ("0.5", "agrees"),
        ("0.5,0.5", "agrees"),
        ("0.495,0.505", "agrees"),
        ("0.4", "contradicts"),
        ("0.4,0.6", "contradicts"),
        # Of more models than there are, or unreadable: by the direction alone.
        ("0.1,0.2,0.3", "agrees"),
        ("MBW", "agrees"),
    ],
)
def test_weights_of_two_models(weights, verdict):
    assert checked(weights, "denoiser").verdict == verdict


@pytest.mark.parametrize(
    ("method", "weights", "verdict"),
    [
        ("sum", "0.4,0.3,0.3", "contradicts"),
        ("sum", "0.3333,0.3333,0.3333", "agrees"),
        ("Add difference", "0.5", "agrees"),
        ("Add difference", "0.4", "contradicts"),
        # Which three numbers a difference would have is not written down anywhere.
        ("Add difference", "0.4,0.3,0.3", "agrees"),
    ],
)
def test_weights_of_three_models(method, weights, verdict):
    found = checked(weights, "denoiser", method=method, models=("one", "two", "three"))
    assert found.verdict == verdict


def test_parents_that_are_not_here_are_not_checked():
    recipe = weighted(0.5) | {"secondary_model_hash": "fff"}
    declared, _ = explained(lambda _, one, two: (one + two) / 2, recipe)
    assert declared.check is None


MECHA = """version 0.1.0
model "one.safetensors" model_config="sd1-ldm"
model "two.safetensors" model_config="sd1-ldm"
model "base.safetensors" model_config="sd1-ldm"
merge "weighted_sum" &0 &1 alpha=0.5
merge "weighted_sum" &3 &2 alpha=0.2"""


def comfy(ratio):
    graph = {
        str(n): {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": name}}
        for n, name in enumerate(("one.safetensors", "two.safetensors"))
    }
    links = {"ratio": ratio, "model1": ["0", 0], "model2": ["1", 0]}
    graph["2"] = {"class_type": "ModelMergeSimple", "inputs": links}
    graph["3"] = {"class_type": "CheckpointSave", "inputs": {"model": ["2", 0]}}
    return graph


def test_recipes_that_are_programs():
    assert of_mecha(MECHA) == pytest.approx(
        {"one.safetensors": 0.4, "two.safetensors": 0.4, "base.safetensors": 0.2}
    )
    assert of_comfy(comfy(0.6)) == pytest.approx({"one.safetensors": 0.6, "two.safetensors": 0.4})


@pytest.mark.parametrize(
    "text", ["", "merge", 'merge "weighted_sum" &0 &1 alpha=0.5', 'model "x"\nmerge "slerp" &0 &0']
)
def test_programs_that_are_no_weighted_sum_have_no_weights(text):
    assert of_mecha(text) is None


def test_graphs_that_are_no_weighted_sum_have_no_weights():
    circle = comfy(0.5)
    circle["2"]["inputs"]["model1"] = ["2", 0]
    for graph in ({}, {"1": None}, {"1": {"class_type": "CheckpointSave"}}, circle, comfy("x")):
        assert of_comfy(graph) is None


@pytest.mark.parametrize(("share", "verdict"), [(0.6, "agrees"), (0.2, "contradicts")])
def test_a_declared_graph_is_checked(share, verdict):
    base, one, two = base_and_tunes(2)
    names = ("base", "one", "two", "target")
    sums = grams_of([base, one, two, share * one + (1 - share) * two], names=names)
    text = json.dumps(comfy(0.6))
    entry = MetadataEntry(group="workflow", key="prompt", text=text, length=len(text))
    records = {name: record(name) for name in names}
    records["target"] = msgspec.structs.replace(records["target"], metadata=(entry,))
    (declared,) = explain(sums, records, "base").declared
    assert declared.check.verdict == verdict
