"""Findings of pairs and groups, and what files say of their own merges."""

import json

import msgspec
import pytest

from generator.analysis.findings.concentration import BlockChange, concentration
from generator.analysis.findings.of_pairs import explain_pair
from generator.analysis.findings.verdicts import _few_blocks
from generator.analysis.lineage.declared import declared_recipe
from generator.records import (
    Checkpoint,
    CheckpointComponent,
    Comparison,
    ComparisonSummary,
    ComponentComparison,
    DistanceSum,
    MetadataEntry,
    TensorDistance,
)
from generator.records.findings import Tensors


def total(squared, tensors=2, identical=False, cosine=0.99):
    return DistanceSum(
        tensors=tensors,
        elements=100 * tensors,
        l0=0 if identical else 10,
        l1=0.0 if identical else 1.0,
        l2=squared**0.5,
        cosine=cosine,
        identical=identical,
    )


def tensor(component, block, l2):
    return TensorDistance(
        name=f"{block}.{l2}",
        component=component,
        block=block,
        kind="conv",
        shape=(10, 10),
        l0=None if l2 is None else int(l2 > 0),
        l1=l2,
        l2=l2,
        cosine=1.0,
        identical=l2 == 0,
    )


def component(blocks, cosine=0.99, **more):
    squared = sum(blocks.values())
    values = {
        "total": total(squared, len(blocks), squared == 0, cosine),
        "blocks": {name: total(each, 1, each == 0) for name, each in blocks.items()},
        "kinds": {},
        "blocks_kinds": {},
        "same_weights": True,
        "equal_in_float16": False,
        "equal_in_bfloat16": False,
    }
    return ComponentComparison(**(values | more))


def comparison(components, tensors=(), only_a=(), only_b=()):
    return Comparison(
        a="one",
        b="other",
        shared=1,
        only_a=tuple(only_a),
        only_b=tuple(only_b),
        shape_mismatch=(),
        dtype_difference=(),
        tensors=tuple(tensors),
        summary=ComparisonSummary(components=components, excluded=()),
    )


def findings(*arguments):
    return explain_pair(*arguments).findings


def kinds(found):
    return [(each.kind, each.component) for each in found]


def test_the_same_and_the_identical():
    found = findings(comparison({"vae": component({"ENCODER": 0, "DECODER": 0})}))
    assert kinds(found) == [("same", ""), ("identical", "vae")]
    mixed = {"vae": component({"ENCODER": 0}), "denoiser": component({"MID": 4.0, "OUT00": 4.0})}
    assert ("identical", "vae") in kinds(findings(comparison(mixed)))
    assert ("same", "") not in kinds(findings(comparison(mixed)))


def test_what_only_one_has_is_told_where_all_else_is_the_same():
    same = {"denoiser": component({"MID": 0})}
    more = [f"ema/{n}" for n in range(686)]
    (found, *_) = findings(comparison(same, only_a=more, only_b=["other/betas"]))
    assert (found.kind, found.figures) == (
        "same_in_both",
        Tensors(tensors=1, only_a=686, only_b=1),
    )
    (found, *_) = findings(comparison(same))
    assert found.kind == "same"


def test_only_the_decoder():
    tensors = [tensor("vae", "ENCODER", 0.0), tensor("vae", "DECODER", 3.0)]
    vae = component({"ENCODER": 0, "DECODER": 9.0})
    (found, *_) = findings(comparison({"vae": vae}, tensors))
    assert (found.kind, found.figures.changed, found.figures.tensors) == (
        "decoder_only",
        1,
        2,
    )


@pytest.mark.parametrize(("name", "block"), [("vae", "ENCODER"), ("denoiser", "DECODER")])
def test_only_one_other_part(name, block):
    tensors = [tensor(name, "MID", 0.0), tensor(name, block, 3.0)]
    (found, *_) = findings(comparison({name: component({"MID": 0, block: 9.0})}, tensors))
    assert (found.kind, found.figures.part) == ("one_part_changed", block)


def test_partly_and_all_changed():
    blocks = {"LAYER00": 1.0, "LAYER01": 1.0}
    some = [tensor("text_encoder", f"LAYER0{n}", float(n < 2)) for n in (0, 1, 2, 3)]
    every = some[:2]
    for tensors, kind, changed in ((some, "partly_changed", 2), (every, "all_changed", 2)):
        found = findings(comparison({"text_encoder": component(blocks)}, tensors))
        (first,) = (each for each in found if each.kind == kind)
        assert (first.figures.changed, first.figures.tensors) == (changed, len(tensors))


def test_another_precision_and_strangers():
    half = component({"MID": 1e-6}, equal_in_float16=True)
    assert kinds(findings(comparison({"denoiser": half}))) == [("precision", "denoiser")]
    strange = component({"MID": 9.0}, cosine=0.01)
    assert kinds(findings(comparison({"denoiser": strange}))) == [("unrelated", "denoiser")]


def test_what_one_of_them_lacks():
    same = {"denoiser": component({"MID": 0})}
    only = ["ema/conv_in.weight", "other/betas", "other/alphas_cumprod", "vae/encoder.conv_in.bias"]
    found = findings(comparison(same, only_a=only))
    assert {(each.kind, each.component) for each in found} >= {
        ("ema_left_out", "ema"),
        ("tables_left_out", "other"),
        ("only_in_one", "vae"),
    }
    swapped = findings(comparison(same, only_b=only[:1]))
    (ema,) = (each for each in swapped if each.kind == "ema_left_out")
    assert ema.subjects == ("other", "one")


def part(name, layout="original", blake3="", tensors=5):
    fields = {field.name: None for field in msgspec.structs.fields(CheckpointComponent)}
    more = {"name": name, "layout": layout, "blake3": blake3, "tensors": tensors}
    return CheckpointComponent(**(fields | more))


def holder(identity, *parts):
    fields = {field.name: None for field in msgspec.structs.fields(Checkpoint)}
    return Checkpoint(**(fields | {"id": identity, "components": parts, "metadata": ()}))


def of_kind(found, kind):
    return [(each.component, each.subjects, each.figures) for each in found if each.kind == kind]


def test_names_that_one_of_them_changed():
    same = comparison({"text_encoder": component({"LAYER00": 0})})
    plain, other = part("text_encoder"), part("text_encoder", "renamed", tensors=7)
    for a, b, expected in (
        (plain, other, [("text_encoder", ("x", "y"), Tensors(tensors=5))]),
        (other, plain, [("text_encoder", ("y", "x"), Tensors(tensors=7))]),
        (plain, part("text_encoder", "diffusers"), []),
        (other, other, []),
        (plain, part("vae", "renamed"), []),
    ):
        assert of_kind(findings(same, holder("x", a), holder("y", b)), "renamed") == expected


def test_an_ema_copy_that_became_the_model():
    different = comparison({"denoiser": component({"MID": 4.0, "OUT00": 4.0})})
    both = holder("x", part("denoiser", blake3="m"), part("ema", blake3="e", tensors=9))
    for other, expected in (("e", [("ema", Tensors(tensors=9))]), ("m", []), (None, [])):
        model = holder("y", part("denoiser", blake3=other))
        for a, b in ((both, model), (model, both)):
            found = of_kind(findings(different, a, b), "ema_is_the_model")
            assert found == [(name, ("x", "y"), each) for name, each in expected]


def test_without_a_digest_no_copy_is_the_model():
    different = comparison({"denoiser": component({"MID": 4.0, "OUT00": 4.0})})
    found = findings(
        different, holder("x", part("ema", blake3=None)), holder("y", part("denoiser", blake3=None))
    )
    assert of_kind(found, "ema_is_the_model") == []


def test_where_the_change_sits():
    parts = {"IN00": BlockChange(1.0, 900), "MID": BlockChange(3.0, 100)}
    found = concentration(parts)
    assert (found.part, found.change, found.parameters) == ("MID", 0.75, 0.1)
    assert concentration({"IN00": BlockChange(1.0, 500), "MID": BlockChange(1.0, 500)}) is None
    assert concentration({"IN00": BlockChange(0.0, 500), "MID": BlockChange(0.0, 500)}) is None
    assert concentration({"IN00": BlockChange(1.0, 500)}) is None
    # Of two beyond their size, the one that is farther.
    two = {"IN00": BlockChange(3.0, 50), "MID": BlockChange(4.0, 200), "OUT00": BlockChange(3, 750)}
    assert concentration(two).part == "IN00"
    assert concentration(dict(reversed(two.items()))).part == "IN00"
    # Far beyond its size, but too little to be worth a word.
    assert concentration({"IN00": BlockChange(0.96, 990), "MID": BlockChange(0.04, 10)}) is None


@pytest.mark.parametrize(
    ("blocks", "named"),
    [
        ({"MID": 1.0, "IN00": 0.0}, ("MID",)),
        ({"MID": 1.0, "IN00": 2.0, "IN01": 3.0, "OUT00": 0.0}, ("MID", "IN00", "IN01")),
        # Too many, or all.
        ({"MID": 1.0, "IN00": 2.0, "IN01": 3.0, "IN02": 4.0, "OUT00": 0.0}, ()),
        ({"MID": 1.0}, ()),
        ({"MID": 1.0, "IN00": 2.0}, ()),
    ],
)
def test_blocks_are_named_if_few_differ(blocks, named):
    assert _few_blocks(component(blocks)) == named


def checkpoint(**metadata):
    entries = tuple(
        MetadataEntry(group="merge recipe", key=key.replace("__", "."), text=text, length=len(text))
        for key, text in metadata.items()
    )
    fields = {field.name: None for field in msgspec.structs.fields(Checkpoint)}
    return Checkpoint(**(fields | {"id": "x", "metadata": entries}))


def test_recipes_of_the_web_ui():
    models = {
        "aaa": {"name": "first.safetensors", "legacy_hash": "111"},
        "bbb": {"name": "second.ckpt", "legacy_hash": "222"},
    }
    recipe = {
        "type": "webui",
        "primary_model_hash": "aaa",
        "secondary_model_hash": "222",
        "tertiary_model_hash": None,
        "interp_method": "Weighted sum",
        "multiplier": 0.3,
    }
    found = declared_recipe(
        checkpoint(sd_merge_recipe=json.dumps(recipe), sd_merge_models=json.dumps(models))
    )
    assert (found.method, found.weights) == ("Weighted sum", "0.3")
    assert found.models == ("first.safetensors", "second.ckpt")


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        ({"mode": "Add", "weights_alpha": [0.1, 0.2]}, ("Add", "0.1, 0.2", ())),
        ({"method": "x", "weights": "1,2", "models": ["a", "b"]}, ("x", "1,2", ("a", "b"))),
        ({"merge_method": "y", "shares": [1], "model_a": "a"}, ("y", "1", ("a",))),
        ({"type": "z", "alpha": 0.5, "model_b": "b", "model_c": "c"}, ("z", "0.5", ("b", "c"))),
        ({"base_alpha": 0, "interp_method": "w", "type": "z"}, ("w", "0", ())),
        (
            {"primary_model_hash": "p", "secondary_model_hash": "s", "tertiary_model_hash": "t"},
            ("", "", ("p", "s", "t")),
        ),
        # Texts of any length, and no yes or no for a number.
        (
            {"method": "m" * 300, "alpha": True, "models": ["", "n" * 300]},
            ("m" * 200, "", "n" * 200),
        ),
    ],
)
def test_recipes_of_other_programs(recipe, expected):
    found = declared_recipe(checkpoint(sd_merge_recipe=json.dumps(recipe)))
    method, weights, models = expected
    models = (models,) if isinstance(models, str) else models
    assert (found.checkpoint, found.source) == ("x", "sd_merge_recipe")
    assert (found.method, found.weights, found.models) == (method, weights, models)


def test_models_without_a_recipe():
    models = {"aaa": {"name": "first"}, "bbb": {"name": ""}, "ccc": 5}
    found = declared_recipe(checkpoint(sd_merge_models=json.dumps(models)))
    assert (found.source, found.models) == ("sd_merge_models", ("first", "bbb"))


def test_recipes_of_others():
    found = declared_recipe(checkpoint(modelspec__merged_from="one, other"))
    assert (found.source, found.models) == ("modelspec.merged_from", ("one", "other"))
    assert declared_recipe(checkpoint(title="x")) is None


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[]", "null"])
def test_recipes_that_say_nothing(text):
    assert declared_recipe(checkpoint(sd_merge_recipe=text)) is None


def test_a_recipe_without_names_has_no_models():
    assert declared_recipe(checkpoint(sd_merge_recipe='{"models": [{"a": 1}]}')).models == ()
