"""`atlas add` of configs: what is proposed, what is refused, and what the Hub answers."""

import json

import pytest

from generator.catalog.adding_networks import add_network, fetch_config, find_config, is_config
from generator.catalog.reading import read_catalog
from generator.errors import ConfigError, UsageError

CONFIG = {"_class_name": "FluxTransformer2DModel", "_name_or_path": "someone/Some-Flux"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "catalog.toml").write_text("# mine\n")
    pipeline = tmp_path / "Some.Flux v2"
    (pipeline / "transformer").mkdir(parents=True)
    (pipeline / "transformer" / "config.json").write_text(json.dumps(CONFIG))
    return tmp_path


def test_a_folder_gives_the_config_of_its_denoiser_and_its_name(folder):
    assert is_config(folder / "Some.Flux v2")
    found = find_config(folder / "Some.Flux v2")
    assert (found.name, found.repo) == ("Some.Flux v2", "someone/Some-Flux")
    assert find_config(folder / "Some.Flux v2" / "transformer" / "config.json") == found
    assert find_config(folder / "Some.Flux v2" / "transformer") == found


def test_an_entry_is_added_and_stands(folder):
    found = find_config(folder / "Some.Flux v2")
    identities = [add_network(read_catalog(folder / "data"), found) for _ in range(2)]
    assert identities[0] == "some-flux-v2"
    catalog = read_catalog(folder / "data")
    assert catalog.refused == ()
    # Another network of one name has an id and a config of its own.
    assert [entry.id for entry in catalog.architectures] == identities
    assert len({entry.config for entry in catalog.architectures}) == 2
    assert json.loads((folder / "data" / catalog.architectures[0].config).read_text()) == CONFIG
    assert (folder / "data" / "catalog.toml").read_text().startswith("# mine\n")


def test_a_folder_with_weights_is_a_checkpoint(folder):
    (folder / "Some.Flux v2" / "transformer" / "model.safetensors").touch()
    assert not is_config(folder / "Some.Flux v2")
    assert not is_config(folder / "data")
    assert not is_config(folder / "nowhere")


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", '{"architectures": ["CLIP"]}', "[" * 100_000),
        # No name of a class: it would be printed whole.
        *(f'{{"_class_name": "{name}"}}' for name in ("a" * 1000, "VAE\\u001b[31m", "two words")),
    ],
)
def test_what_is_no_config_of_diffusers_is_refused(tmp_path, content):
    path = tmp_path / "config.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match="config"):
        find_config(path)


def test_a_file_of_a_hundred_megabytes_is_not_read(tmp_path):
    path = tmp_path / "config.json"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(ConfigError, match="not a config"):
        find_config(path)


@pytest.mark.parametrize("address", ["hf:", "hf:one", "hf:a/b/c", "hf:../x y"])
def test_a_wrong_address_is_refused(address):
    with pytest.raises(UsageError, match="OWNER/NAME"):
        fetch_config(address)


def test_the_hub_gives_the_first_config_there_is(tmp_path, monkeypatch):
    hub = pytest.importorskip("huggingface_hub")
    path = tmp_path / "config.json"
    path.write_text(json.dumps(CONFIG))
    asked = []

    def download(repo, name):
        asked.append((repo, name))
        if name.startswith("transformer"):
            raise hub.errors.EntryNotFoundError("404")
        return str(path)

    monkeypatch.setattr(hub, "hf_hub_download", download)
    found = fetch_config("hf:someone/thing")
    assert (found.name, found.repo) == ("thing", "someone/thing")
    assert asked == [("someone/thing", f"{name}/config.json") for name in ("transformer", "unet")]


def test_without_network_one_line_says_so(monkeypatch):
    hub = pytest.importorskip("huggingface_hub")

    def download(_repo, _name):
        raise hub.errors.LocalEntryNotFoundError("no connection\nand much more")

    monkeypatch.setattr(hub, "hf_hub_download", download)
    with pytest.raises(UsageError) as refused:
        fetch_config("hf:someone/thing")
    assert str(refused.value) == "hf:someone/thing: the Hugging Face Hub cannot be reached"
