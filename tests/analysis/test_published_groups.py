"""What the published distances tell, against what is known of these checkpoints."""

import itertools

import pytest

from generator.analysis.archive.groups import read_group
from generator.analysis.explain import explain


@pytest.fixture
def explained(published):
    def explain_archive(name, reference=""):
        return explain(read_group([published / "matrices" / f"{name}.json"]), reference=reference)

    return explain_archive


def claims(explanation, component="denoiser"):
    return [each for each in explanation.components[component].recipes if each.verdict != "none"]


def test_the_order_of_training(explained):
    base = "animefull-final-pruned.ckpt"
    found = explained("aobp", base)
    epochs = (19, 39, 59, 64, 69, 74, 79, 89, 99)
    order = [base, *(f"ABPModel-ep{epoch}.safetensors" for epoch in epochs)]
    nodes = found.components["denoiser"].lineage.nodes
    before = [(), *((name,) for name in order[:-1])]
    assert [(node.name, node.parents) for node in nodes] == list(zip(order, before, strict=True))
    (chain,) = (each for each in found.findings if each.kind == "chain")
    assert chain.subjects == tuple(order)


def test_a_merge_of_halves(published_sample):
    (recipe,) = claims(explain(read_group([published_sample / "matrices" / "21b.json"])))
    assert recipe.target == "21-AstolfoMix-2020b.safetensors"
    assert set(recipe.parents) == {
        "20-bpcga9-lracrc2oh-b11i75pvc-gf34ym34-sd.safetensors",
        "20b-AstolfoMix-18b19b.safetensors",
    }
    assert [round(weight, 2) for weight in recipe.weights] == [0.5, 0.5]
    assert round(recipe.residual, 3) == 0.010


def test_an_added_difference_whose_name_tells_its_parents(explained):
    (recipe,) = claims(explained("main"))
    assert recipe.target == "ACertainThing.ckpt"
    assert recipe.form == "add difference"
    assert recipe.parents == (
        "ACertainModel.ckpt",
        "Anything-V3.0-pruned-fp32.ckpt",
        "animefull-final-pruned.ckpt",
    )
    assert recipe.weights[1] == pytest.approx(1, abs=0.02)


def test_the_order_of_merges_but_for_one_step(explained):
    found = explained("am0", "01-VBP23-1024-ep49-sd-v1-4.safetensors")
    nodes = found.components["denoiser"].lineage.nodes
    names = sorted(node.name for node in nodes)
    steps = list(itertools.pairwise(names))
    # Running averages are no fine-tunes: they are near, and not said to descend from one another.
    right = sum(
        (node.near or node.parents[0], node.name) in steps for node in nodes if node.tied_to
    )
    assert right >= len(steps) - 2


@pytest.mark.parametrize(
    ("archive", "base"),
    [
        ("pony1", "_x025-sd_xl_base_1.0.safetensors"),
        ("sdxl0", "_x25-sd_xl_base_1.0.safetensors"),
        ("sd2", "v2-1_768-ema-pruned.safetensors"),
        ("main", "sd-v1-4.ckpt"),
    ],
)
def test_of_shared_checkpoints_no_order_is_claimed(explained, archive, base):
    """Known: Anything-V3.0 is made from animefull-final, not the other way, ACertainThing from
    ACertainModel, 7thAnimeXLPonyA from ponyDiffusionV6XL; nearest neighbours say the opposite."""
    lineage = explained(archive, base).components["denoiser"].lineage
    assert [root.name for root in lineage.roots] == [base]
    assert not any(node.parents for node in lineage.nodes)
    assert all(node.near for node in lineage.nodes if node.name != base)
