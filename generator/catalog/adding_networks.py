"""A config of a denoiser, where it lies or on the Hub -> a copy in `configs/` and a new entry."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from generator.catalog.adding import SHARD_INDEX, append_entry, edited_catalog, holds_weights
from generator.catalog.entries import Catalog
from generator.catalog.slugs import slug
from generator.errors import ConfigError, MissingExtra, UsageError
from generator.records.files import write_file

HUB = "hf:"
CONFIGS = "configs"
CONFIG_FILE = "config.json"
# Folders of a pipeline that hold its denoiser, the most usual first.
DENOISER_FOLDERS = ("transformer", "unet", "prior", "decoder")
PLACES = (*(f"{folder}/{CONFIG_FILE}" for folder in DENOISER_FOLDERS), CONFIG_FILE)
CLASS_NAME = re.compile(r"[A-Za-z]\w{0,99}", re.ASCII)
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
# Published configs have a few kilobytes.
LARGEST_CONFIG = 2**20


class FoundConfig(NamedTuple):
    """A config as bytes and as read; the proposed name; and the repository, as far as known."""

    content: bytes
    config: dict[str, Any]
    name: str
    repo: str


def is_config(path: Path) -> bool:
    """Whether a path is a config, or a folder with the config of a denoiser and no weights."""
    if path.is_dir():
        return _inside(path) is not None and not holds_weights(path)
    return path.suffix == ".json" and not SHARD_INDEX.search(path.name) and path.is_file()


def find_config(path: Path) -> FoundConfig:
    """The config at `path`: a file, or that of the denoiser in a folder.

    Raises:
        ConfigError: it is not a config of diffusers.
    """
    file = (_inside(path) if path.is_dir() else None) or path
    try:
        if file.stat().st_size > LARGEST_CONFIG:
            raise ConfigError(str(file), f"has more than {LARGEST_CONFIG:,} bytes: not a config")
        content = file.read_bytes()
    except OSError as error:
        raise ConfigError(str(file), f"cannot be read ({error.strerror})") from error
    return _read(content, str(file), _name_of(file.resolve()), "")


def fetch_config(address: str) -> FoundConfig:
    """The config of the denoiser in the repository `hf:OWNER/NAME` of the Hugging Face Hub.

    Raises:
        UsageError: the address is not one, or the Hub cannot be reached.
        ConfigError: the repository has no config of a denoiser.
        MissingExtra: the Hub's client is not installed.
    """
    repo = address.removeprefix(HUB)
    if not REPOSITORY.fullmatch(repo):
        raise UsageError(address, "is not an address", "Write hf:OWNER/NAME")
    try:
        # Loaded only for the Hub.
        import huggingface_hub
        from huggingface_hub import errors
    except ImportError as error:
        raise MissingExtra(address, "networks") from error

    def download(name: str) -> Path | None:
        try:
            return Path(huggingface_hub.hf_hub_download(repo, name))
        except errors.LocalEntryNotFoundError:
            # A kind of the next error: it is not in the cache, and the Hub was not asked.
            raise
        except errors.EntryNotFoundError:
            return None

    try:
        found = next(filter(None, map(download, PLACES)), None)
    except errors.LocalEntryNotFoundError as error:
        raise UsageError(address, "the Hugging Face Hub cannot be reached") from error
    except (errors.HfHubHTTPError, OSError) as error:
        first = str(error).strip().partition("\n")[0]
        raise UsageError(address, f"cannot be read from the Hugging Face Hub ({first})") from error
    if found is None:
        places = ", ".join(DENOISER_FOLDERS)
        raise ConfigError(address, f"has no {CONFIG_FILE} of a denoiser in {places}")
    return _read(found.read_bytes(), address, repo.partition("/")[2], repo)


def add_network(catalog: Catalog, found: FoundConfig) -> str:
    """Copy the config and append its entry; return the new id.

    Raises:
        CannotWrite: the folder of the catalogue cannot be written.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", found.name.lower()).strip("-")
    identity = slug(plain or "network", catalog.ids("architecture"))
    config = f"{CONFIGS}/{identity}.json"
    write_file(catalog.folder / config, found.content)
    with edited_catalog(catalog) as document:
        append_entry(
            document,
            "architecture",
            id=identity,
            name=found.name,
            repo=found.repo or "unknown",
            config=config,
        )
    return identity


def _inside(folder: Path) -> Path | None:
    """The config of the denoiser in a folder, if there is one."""
    return next((folder / place for place in PLACES if (folder / place).is_file()), None)


def _read(content: bytes, subject: str, name: str, repo: str) -> FoundConfig:
    try:
        config = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ConfigError(subject, f"cannot be read ({error})") from error
    name_of_class = config.get("_class_name") if isinstance(config, dict) else None
    if not isinstance(name_of_class, str) or not CLASS_NAME.fullmatch(name_of_class):
        reason = "is not a config of diffusers: it names no class"
        raise ConfigError(subject, reason, "Expected the config.json of a denoiser")
    told = str(config.get("_name_or_path", ""))
    return FoundConfig(content, config, name, repo or (told if REPOSITORY.fullmatch(told) else ""))


def _name_of(file: Path) -> str:
    """What a config is called: by its file, else by the folder of its network or pipeline."""
    if file.name != CONFIG_FILE:
        return file.stem
    return file.parent.parent.name if file.parent.name in DENOISER_FOLDERS else file.parent.name
