"""Maps of prompts through `atlas measure`: fresh, stale, kept, refused, gone."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from verbs import atlas

from generator.catalog.reading import read_catalog
from generator.pipeline import checkpoints, embeddings

NAMES = ("demo-base", "demo-frozen-text-encoder", "demo-tune-1")
PROMPTS = 'name = "Few"\n' + "".join(
    f'[[prompt]]\ntext = "{text}"\ncategory = "{text[:1] or "none"}"\n'
    for text in ("cat", "car", "dog", "door", "")
)
GROUP = '[[group]]\nid = "few"\nname = "Few"\nmembers = ["demo-*"]\nreference = "demo-tune-1"\n'


def measure(data):
    return atlas("measure", "--data", data, "--only", "checkpoints", "--only", "embeddings")


@pytest.fixture(scope="module")
def measured(tmp_path_factory, family) -> Path:
    """A small catalogue that was measured once, from outside."""
    folder = tmp_path_factory.mktemp("few")
    (folder / "family").mkdir()
    for name in NAMES:
        shutil.copy(family / f"{name}.safetensors", folder / "family")
    data = folder / "data"
    (data / "prompts").mkdir(parents=True)
    (data / "prompts" / "few.toml").write_text(PROMPTS)
    entries = [
        f'[[checkpoint]]\nid = "{name}"\npath = "../family/{name}.safetensors"\n' for name in NAMES
    ]
    (data / "catalog.toml").write_text("".join(entries) + GROUP)
    done = measure(data)
    assert done.returncode == 0, done.stderr
    assert "embeddings: 1 made, 0 fresh, 0 refused" in done.stderr
    return data


@pytest.fixture
def data(measured, tmp_path) -> Path:
    shutil.copytree(measured, tmp_path / "data")
    shutil.copytree(measured.parent / "family", tmp_path / "family")
    return tmp_path / "data"


def plan(data, **more):
    return embeddings.plan(read_catalog(data), data, **{"force": False} | more)


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_what_was_measured(measured):
    record = json.loads((measured / "embeddings" / "few_few.json").read_text())
    held = [[member["checkpoint"] for member in each["members"]] for each in record["encoders"]]
    # The reference first; the frozen encoder is its parent's.
    assert held == [["demo-tune-1"], ["demo-base", "demo-frozen-text-encoder"]]
    assert [prompt["tokens"] for prompt in record["prompts"]] == [[3], [3], [3], [3], [2]]
    assert record["schema"] == 4


def test_fresh_until_something_changes(data):
    assert plan(data).fresh == ("few_few",)
    assert [task.id for task in plan(data, force=True).tasks] == ["few_few"]
    edit(data / "prompts" / "few.toml", '"cat"', '"kitten"')
    assert [task.id for task in plan(data).tasks] == ["few_few"]


@pytest.mark.parametrize(
    ("old", "new"), [('"demo-tune-1"\n', '"demo-base"\n'), ('name = "Few"', 'name = "Other"')]
)
def test_stale_with_another_group(data, old, new):
    path = data / "catalog.toml"
    head, mark, group = path.read_text().partition("[[group]]")
    assert old in group
    path.write_text(head + mark + group.replace(old, new))
    assert [task.id for task in plan(data).tasks] == ["few_few"]


def test_stale_with_another_encoder_but_not_with_another_denoiser(data, monkeypatch):
    """The text encoders' digests are looked at, not those of whole files."""
    folder = data / "checkpoints"
    for name in ("demo-frozen-text-encoder", "demo-tune-1"):
        record = json.loads((folder / f"{name}.json").read_text())
        assert {part["name"] for part in record["components"]} >= {"denoiser", "text_encoder"}
    records = checkpoints.read_records(read_catalog(data), data)

    def fresh(replaced):
        monkeypatch.setattr(checkpoints, "read_records", lambda *_: replaced)
        return plan(data).fresh

    base, tuned = records["demo-base"], records["demo-tune-1"]
    frozen = records["demo-frozen-text-encoder"]
    assert fresh(records) == ("few_few",)
    # The same text encoder, another denoiser.
    assert fresh(records | {"demo-base": frozen}) == ("few_few",)
    assert fresh(records | {"demo-base": tuned}) == ()
    assert base.digest != frozen.digest


def test_damaged_maps_are_made_again(data):
    (data / "embeddings" / "few_few.points.parquet").write_bytes(b"")
    found = plan(data)
    assert len(found.tasks) == len(found.damage) == 1


def test_kept_where_the_files_are_gone(data):
    (data.parent / "family" / "demo-base.safetensors").unlink()
    assert plan(data).fresh == ("few_few",)
    edit(data / "prompts" / "few.toml", '"cat"', '"kitten"')
    assert plan(data).kept == ("few_few",)


def test_bad_prompt_sets_are_refused_and_the_rest_is_done(data):
    (data / "prompts" / "bad.toml").write_text("name = 3")
    (data / "prompts" / "No Id.toml").write_text(PROMPTS)
    found = plan(data)
    assert found.fresh == ("few_few",)
    assert {outcome.id for outcome in found.refused} == {"bad", "No Id"}
    done = measure(data)
    assert done.returncode == 3
    assert "bad.toml" in done.stderr
    assert "embeddings: 0 made, 1 fresh, 2 refused" in done.stderr


def test_what_was_refused_stays_refused(data):
    """A map that had to do without an encoder says so as long as it stands."""
    path = data.parent / "family" / "demo-base.safetensors"
    weights = load_file(path)
    name = next(name for name in weights if name.endswith("text_model.final_layer_norm.bias"))
    weights[name][:] = np.nan
    save_file(weights, path)
    first, second = measure(data), measure(data)
    assert "embeddings: 1 made, 0 fresh" in first.stderr
    assert "embeddings: 0 made, 1 fresh" in second.stderr
    assert first.returncode == second.returncode == 3
    told = [
        [line for line in done.stderr.splitlines() if "final_layer_norm.bias" in line]
        for done in (first, second)
    ]
    assert len(told[0]) == 1
    assert told[0] == told[1]
    assert path.name in told[0][0]


def test_what_left_the_catalogue_is_removed(data):
    (data / "prompts" / "few.toml").rename(data / "prompts" / "many.toml")
    done = measure(data)
    assert done.returncode == 0, done.stderr
    assert "removed few_few" in done.stderr
    assert {path.stem.partition(".")[0] for path in (data / "embeddings").iterdir()} == {"many_few"}


def test_groups_without_text_encoders_have_no_maps(data):
    shutil.rmtree(data / "checkpoints")
    found = plan(data)
    assert not found.tasks
    assert not found.refused


def test_an_unknown_device_is_refused(data):
    edit(data / "prompts" / "few.toml", '"cat"', '"kitten"')
    command = ("measure", "--data", data, "--only", "embeddings", "--device", "nowhere")
    done = atlas(*command)
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    # What was there is there still.
    assert (data / "embeddings" / "few_few.json").is_file()
