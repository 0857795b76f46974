"""`atlas recipe` and `atlas import` from outside, and the demo family's whole history."""

import json
import tomllib

import numpy as np
import pytest
from verbs import atlas

from generator.analysis.explain import explain
from generator.analysis.lineage.history import read_truth
from generator.catalog.reading import read_catalog
from generator.checkpoints.demo.history import BLOCK_SHARES, HISTORY
from generator.checkpoints.demo.making import TRUTH_FILE
from generator.checkpoints.formats.writing import encode_array, write_safetensors
from generator.distances.matrix import matrix
from generator.pipeline import archives
from generator.records import About, Group
from generator.records.identities import identity_classes
from generator.records.store import read_result


@pytest.fixture(scope="module")
def explained(family, family_records):
    content = (family / TRUTH_FILE).read_bytes()
    members = [each for each in json.loads(content)["checkpoints"] if each["kind"] != "adapter"]
    paths = [family / each["path"] for each in members]
    sums = matrix(paths, names=[each["name"] for each in members]).sums
    return explain(sums, family_records, "demo-base", read_truth(content, TRUTH_FILE))


@pytest.mark.parametrize("component", ["denoiser", "text_encoder", "vae"])
def test_the_whole_history_of_the_demo_family_is_recovered(explained, component):
    rows = explained.components[component].history.rows
    holders = [each for each in HISTORY if each.kind != "adapter" and _holds(each, component)]
    assert len(rows) == len(holders)
    assert [row.member for row in rows if not row.right] == []
    errors = [row.weight_error for row in rows if row.weight_error is not None]
    assert len(errors) == (0 if component == "vae" else 3)
    assert max(errors, default=0) < 0.01


def _holds(member, component):
    return member.kind != "copy" or component in (member.components or (component,))


def test_nothing_but_the_merges_is_called_one(explained):
    for name in ("denoiser", "text_encoder"):
        claimed = [each for each in explained.components[name].recipes if each.verdict != "none"]
        mixes = ("merge", "block merge", "add difference")
        assert {each.target for each in claimed} == {
            each.name for each in HISTORY if each.kind in mixes
        }


def test_what_files_say_of_themselves_is_there(explained):
    assert {each.checkpoint: each.models for each in explained.declared} == {
        each.name: each.parents
        for each in HISTORY
        if "merge" in each.kind or each.kind == "add difference"
    }


def test_identity_classes_of_the_demo_family(family_records):
    found = identity_classes(list(family_records.values()))
    vaes = [set(each.members) for each in found if (each.component, each.how) == ("vae", "bytes")]
    narrow = {"demo-float16", "demo-scaled-float8"}
    strange = {"demo-stranger", "demo-vae-swapped", "demo-vae-alone"}
    without = {"demo-gguf", "lora-style", "lora-detail"}
    assert strange in vaes
    assert narrow in vaes
    assert family_records.keys() - narrow - {"demo-bfloat16"} - strange - without in vaes
    assert len(vaes) == 4
    halves = [
        set(each.members) for each in found if (each.component, each.how) == ("denoiser", "float16")
    ]
    assert halves == [{"demo-tune-3", "demo-float16"}]


def half(family, folder, name):
    """The file of a member again, in float16."""
    from safetensors.numpy import load_file

    tensors = load_file(family / f"{name}.safetensors")
    path = folder / f"{name}.safetensors"
    encoded = {
        key: encode_array(value, "float16" if value.dtype == np.float32 else "")
        for key, value in tensors.items()
    }
    path.write_bytes(write_safetensors(encoded))
    return path


def test_recipe_of_named_files_in_float16_with_a_decoy(family, tmp_path):
    names = ["demo-merge-blocks", "demo-tune-3", "demo-branch-a", "demo-frozen-text-encoder"]
    paths = [half(family, tmp_path, name) for name in names]
    output = tmp_path / "recipe.json"
    done = atlas("recipe", *paths, "--output", output, "--workers", 1)
    assert done.returncode == 0, done.stderr
    recipe = json.loads(output.read_text())
    assert {"target", "parents", "whole", "blocks"} <= recipe.keys()
    target, one, other, decoy = (path.name for path in paths)
    assert recipe["target"] == target
    assert recipe["parents"] == [one, other, decoy]
    assert abs(recipe["whole"]["weights"][decoy]) < 0.01
    assert {block["name"] for block in recipe["blocks"]} == BLOCK_SHARES.keys()
    for block in recipe["blocks"]:
        share = BLOCK_SHARES[block["name"]]
        assert block["weights"][one] == pytest.approx(1 - share, abs=0.01)
        assert block["weights"][other] == pytest.approx(share, abs=0.01)
        assert abs(block["weights"][decoy]) < 0.01
    assert "whole" in done.stdout
    assert (recipe["verdict"], recipe["unique"]) == ("merge", True)


MERGED = ("demo-merge-blocks", "demo-tune-3", "demo-branch-a")


def test_recipe_for_a_merge_tool(family):
    paths = [family / f"{name}.safetensors" for name in MERGED]
    done = atlas("recipe", *paths, "--as", "supermerger", "--workers", 1)
    assert done.returncode == 0, done.stderr
    alpha = done.stdout.splitlines()[1].removeprefix("alpha: ").split(",")
    # The text encoder was merged by the share of REST.
    names = ["REST", *(f"IN{n:02}" for n in range(12)), "MID", *(f"OUT{n:02}" for n in range(12))]
    for name, found in zip(names, alpha, strict=True):
        assert float(found) == pytest.approx(BLOCK_SHARES[name], abs=0.001)
    assert "verdict: " in done.stderr
    assert "merges out with OUT11" in done.stderr
    done = atlas("recipe", *paths, "--as", "mecha", "--component", "vae", "--workers", 1)
    assert done.returncode == 2
    assert "--as: is about the denoiser" in done.stderr


def test_recipe_tells_changes_that_were_dropped(family, tmp_path):
    from safetensors.numpy import load_file, save_file

    paths = [family / f"demo-{name}.safetensors" for name in ("base", "tune-1", "tune-2")]
    base, one, other = map(load_file, paths)
    random = np.random.default_rng(8)
    target = dict(base)
    for key in base.keys() & one.keys() & other.keys():
        start = base[key].astype(np.float64)
        added = start.copy()
        for model in (one, other):
            added += (random.random(start.shape) < 0.4) / 0.4 / 2 * (model[key] - start)
        target[key] = added.astype(base[key].dtype)
    save_file(target, tmp_path / "dare.safetensors")
    output = tmp_path / "recipe.json"
    done = atlas("recipe", tmp_path / "dare.safetensors", *paths, "--output", output)
    assert done.returncode == 0, done.stderr
    assert "verdict: dropped values" in done.stdout
    found = json.loads(output.read_text())["masked"]
    assert found["base"] == "demo-base.safetensors"
    expected = ["demo-tune-1.safetensors", "demo-tune-2.safetensors"]
    assert found["factors"] == pytest.approx(dict.fromkeys(expected, 1.25), rel=1e-3)
    assert found["kept"] == pytest.approx(dict.fromkeys(expected, 0.4), abs=0.02)


def test_recipe_refuses_what_is_no_mix(family):
    base = family / "demo-base.safetensors"
    done = atlas("recipe", base, base)
    assert done.returncode == 2
    assert "fewer than two" in done.stderr
    done = atlas(
        "recipe",
        *[family / f"demo-{n}.safetensors" for n in ("base", "tune-1", "tune-2")],
        "--component",
        "text_encoder_3",
        "--workers",
        1,
    )
    assert done.returncode == 2
    assert "text_encoder_3" in done.stderr


def test_lineage_of_named_files(family, tmp_path):
    names = ["base", "tune-3", "branch-b", "merge-half", "stranger"]
    paths = [half(family, tmp_path, f"demo-{name}") for name in names]
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    output = tmp_path / "lineage.json"
    done = atlas(
        *("lineage", *paths, tmp_path / "bad.safetensors", "--reference", paths[0]),
        *("--output", output, "--workers", 1),
    )
    # The others are explained.
    assert done.returncode == 3, done.stderr
    assert "bad.safetensors" in done.stderr
    base, tune, branch, merge, stranger = found = [path.name for path in paths]
    record = json.loads(output.read_text())
    assert record["members"] == found
    (denoiser,) = (each for each in record["components"] if each["name"] == "denoiser")
    nodes = {each["name"]: each for each in denoiser["lineage"]["nodes"]}
    assert {name: node["relation"] for name, node in nodes.items()} == {
        base: "root",
        tune: "descends",
        branch: "descends",
        merge: "mix",
        stranger: "unrelated",
    }
    assert nodes[tune]["parents"] == [base]
    assert sorted(nodes[merge]["parents"]) == sorted([tune, branch])
    assert f"0.50 × {tune} + 0.50 × {branch}" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [tune, "descends", base] in [row[:3] for row in rows]
    done = atlas("lineage", *paths[:2], "--reference", tmp_path / "another.safetensors")
    assert done.returncode == 2
    assert "another.safetensors is not one of the paths" in done.stderr


def test_lineage_of_a_folder_knows_adapters_from_checkpoints(family, tmp_path):
    output = tmp_path / "lineage.json"
    done = atlas("lineage", family, "--output", output, "--workers", 1)
    assert done.returncode == 0, done.stderr
    record = json.loads(output.read_text())
    told = json.loads((family / TRUTH_FILE).read_text())["checkpoints"]
    assert len(record["members"]) == len(told)
    adapters = {each["path"] for each in told if each["kind"] == "adapter"}
    assert adapters <= {*record["members"]}
    for component in record["components"]:
        nodes = component["lineage"]["nodes"]
        names = {name for node in nodes for name in (node["name"], *node["copies"])}
        assert names
        assert not names & adapters
    # The stranger, but no adapter, is unrelated.
    unrelated = {name for each in record["findings"] if each["kind"] == "unrelated"
                 for name in each["subjects"]}  # fmt: skip
    assert "demo-stranger.safetensors" in unrelated
    assert not unrelated & adapters


MATRICES = {
    "ml": ["base", "one", "two", "mix"],
    "dm": {
        # Points (0, 0, 0), (2, 0, 0), (0, 3, 0), (1, 1.5, 0).
        "unet": [
            [0, 2, 3, 3.25**0.5],
            [2, 0, 13**0.5, 3.25**0.5],
            [3, 13**0.5, 0, 3.25**0.5],
            [3.25**0.5, 3.25**0.5, 3.25**0.5, 0],
        ]
    },
}


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "catalog.toml").write_text("# Mine.\n")
    return folder


def test_import_makes_a_group_that_stays(data, tmp_path):
    source = tmp_path / "points.json"
    source.write_text(json.dumps(MATRICES))
    (tmp_path / "bad.json").write_text("{}")
    done = atlas("import", "--data", data, "--reference", "base", source)
    assert done.returncode == 0, done.stderr
    group = read_result(data / "groups" / "points.json", Group)
    assert (group.origin, group.reference, group.members) == (
        "imported",
        "base",
        tuple(MATRICES["ml"]),
    )
    (recipe,) = (each for each in group.components[0].recipes if each.verdict == "merge")
    assert (recipe.target, recipe.weights) == ("mix", pytest.approx((0.5, 0.5)))
    (entry,) = tomllib.loads((data / "catalog.toml").read_text())["archive"]
    assert entry == {
        "id": "points",
        "name": "points",
        "files": ["../points.json"],
        "reference": "base",
    }
    again = atlas("import", "--data", data, source, tmp_path / "bad.json")
    assert again.returncode == 3
    assert "bad.json" in again.stderr
    assert "points is up to date" in again.stderr
    source.unlink()
    kept = atlas("measure", "--data", data)
    assert kept.returncode == 0, kept.stderr
    assert read_result(data / "groups" / "points.json", Group) == group
    assert not archives.plan(read_catalog(data), data, force=False).tasks


def test_import_writes_what_people_read(data, tmp_path):
    source = tmp_path / "points.json"
    source.write_text(json.dumps(MATRICES))
    told = {
        "title": "Three points, and a mix",
        "description": "Made by hand.",
        "source": "https://example.org/points",
        "licence": "MIT",
    }
    options = [word for name, text in told.items() for word in (f"--{name}", text)]
    done = atlas("import", "--data", data, *options, source)
    assert done.returncode == 0, done.stderr
    (entry,) = tomllib.loads((data / "catalog.toml").read_text())["archive"]
    assert {name: entry[name] for name in told} == told
    group = read_result(data / "groups" / "points.json", Group)
    assert group.about == About(**told)
    assert (group.name, group.title) == ("points", told["title"])
    again = atlas("import", "--data", data, "--title", "Another", source)
    assert again.returncode == 2
    assert "is in the catalogue already, as 'points'" in again.stderr
    other = tmp_path / "other.json"
    other.write_text(json.dumps(MATRICES))
    long = atlas("import", "--data", data, "--title", "x" * 300, other)
    assert long.returncode == 2
    assert "title" in long.stderr


def test_import_keeps_the_others_where_one_is_refused(data, tmp_path):
    files = []
    for number in range(3):
        files.append(tmp_path / f"g{number}.json")
        files[-1].write_text(json.dumps(MATRICES))
    huge = json.loads(json.dumps(MATRICES))
    huge["dm"]["unet"][0][1] = huge["dm"]["unet"][1][0] = 1e200
    files[1].write_text(json.dumps(huge))
    (tmp_path / "g3_a_b.json").write_text('{"kv": {"model.diffusion_model.out.0.weight": 1e300}}')
    # Read, but no distance of weights: refused later than the others.
    (tmp_path / "g4.json").write_text('{"ml": ["a", "b"], "dm": {"te": [[0, 0], [0, 0]]}}')
    done = atlas("import", "--data", data, *sorted(tmp_path.glob("g*.json")))
    assert done.returncode == 3, done.stderr
    for name in ("g1.json", "g3_a_b.json", "g4.json"):
        assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert {entry.id for entry in read_catalog(data).archives} == {"g0", "g2"}


def test_pairs_get_a_longer_id_where_a_group_has_theirs(data, tmp_path):
    (tmp_path / "points.json").write_text(json.dumps(MATRICES))
    pair = tmp_path / "points_a_b.json"
    pair.write_text('{"kv": {"model.diffusion_model.out.0.weight": 1}}')
    assert atlas("import", "--data", data, tmp_path / "points.json").returncode == 0
    assert atlas("import", "--data", data, pair).returncode == 0
    assert [entry.name for entry in read_catalog(data).archives] == ["points", "points_a_b"]


def test_import_refuses_an_id_that_is_taken(data, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "points.json").write_text(json.dumps(MATRICES))
    assert atlas("import", "--data", data, tmp_path / "a" / "points.json").returncode == 0
    clash = atlas("import", "--data", data, tmp_path / "b" / "points.json")
    assert clash.returncode == 3
    assert "the id 'points' is taken" in clash.stderr
    other = atlas("import", "--data", data, "--id", "mine", tmp_path / "b" / "points.json")
    assert other.returncode == 0
    assert {entry.id for entry in read_catalog(data).archives} == {"points", "mine"}


def test_import_refuses_a_reference_that_is_no_member(data, tmp_path):
    source = tmp_path / "points.json"
    source.write_text(json.dumps(MATRICES))
    done = atlas("import", "--data", data, "--reference", "nobody", source)
    assert done.returncode == 3
    assert "nobody" in done.stderr
    assert read_catalog(data).archives == ()
