"""Folder -> the weight files of one model, and what lies beside them; shard index -> its shards.

Paths and links must stay inside the folder, or lead to the `blobs` of a cache of huggingface_hub,
as its `snapshots/REVISION` and older downloads into a folder do.
"""

import re
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from generator.checkpoints.formats.files import WeightFile, shown
from generator.checkpoints.formats.safetensors_header import STRING
from generator.errors import CheckpointError
from generator.records import LeftOutFile

# Folders of a diffusers pipeline that belong to the model; `safety_checker` does not.
PARTS = (
    "unet",
    "transformer",
    "prior",
    "decoder",
    "vae",
    "vqgan",
    "movq",
    "text_encoder",
    "text_encoder_2",
    "text_encoder_3",
)
# Of several copies, the first of these names is read.
STEMS = (
    "diffusion_pytorch_model",
    "model",
    "pytorch_model",
    "pytorch_lora_weights",
    "adapter_model",
)
PREFERRED = tuple(
    f"{stem}{variant}{suffix}{index}"
    for suffix in (".safetensors", ".bin")
    for variant in ("", ".fp16")
    for stem in STEMS
    # diffusers names the index of a variant `.safetensors.index.fp16.json`.
    for index in ("", ".index.json", ".index.fp16.json")
)
SUFFIXES = (".safetensors", ".sft", ".gguf", ".bin", ".ckpt", ".pt", ".pth")
SHARD_INDEX = re.compile(r"\.index(\.[\w-]+)?\.json$")
SHARD = re.compile(r"-\d+-of-\d+\.")
LARGEST_INDEX = 16 * 2**20
# PEFT keeps an adapter's alpha and the name of its model in a file beside it; diffusers keeps the
# same in the metadata of the file, under this key.
PEFT_FILE, PEFT_CONFIG = "adapter_model", "adapter_config.json"
PEFT_KEY = "lora_adapter_metadata"


Decoded = TypeVar("Decoded")
# Denoisers of later steps: Wan 2.2, for little noise.
SECOND = ("transformer_2", "unet_2")


class WeightPath(NamedTuple):
    """A weight file or shard index, and the prefix of its tensor names."""

    path: Path
    prefix: str


class ShardIndex(msgspec.Struct, frozen=True):
    """The part of `*.index.json` that is used: the shard of every tensor."""

    weight_map: msgspec.Raw


class PeftConfig(msgspec.Struct, frozen=True):
    """The part of `adapter_config.json` that is shown by itself."""

    base_model_name_or_path: str | None = None


def list_weight_paths(folder: Path) -> tuple[list[WeightPath], tuple[LeftOutFile, ...]]:
    """The files to read in a diffusers folder, and the weight files that are left out.

    A folder without sub-folders of a pipeline is one component: its names get no prefix.

    Raises:
        CheckpointError: there are no weights, or they lie outside `folder`.
    """
    parts: list[WeightPath] = []
    left_out: list[LeftOutFile] = []
    named = [name for name in PARTS if (folder / name).is_dir()]
    for name in named or [""]:
        prefix = f"{name}/" if name else ""
        weights = _weights(folder / name)
        if not weights:
            continue
        chosen = next((weights[file] for file in PREFERRED if file in weights), None)
        if chosen is None:
            if len(weights) > 1:
                raise CheckpointError(str(folder / name), "several_files", count=len(weights))
            chosen = next(iter(weights.values()))
        parts.append(WeightPath(_inside(chosen, folder), prefix))
        # Trainers leave the state of an optimiser beside.
        left_out += [
            LeftOutFile(
                name=f"{prefix}{file}",
                reason="another_copy" if file.startswith(STEMS) else "no_component",
            )
            for file in sorted(file for file in weights if weights[file] != chosen)
        ]
    if not parts:
        is_cut = any(SHARD.search(path.name) for path in folder.iterdir())
        raise CheckpointError(
            str(folder), "not_weights", format="shards_alone" if is_cut else "bare_folder"
        )
    for other in sorted(each for each in folder.iterdir() if named and each.name not in named):
        if other.is_dir():
            left_out += [
                LeftOutFile(
                    name=f"{other.name}/{file}",
                    reason="second_denoiser" if other.name in SECOND else "no_component",
                )
                for file in _weights(other)
            ]
        elif other.suffix.lower() in SUFFIXES:
            left_out.append(LeftOutFile(name=other.name, reason="beside_folders"))
    return parts, tuple(left_out)


def list_shards(path: Path) -> dict[Path, set[str]]:
    """The shards in the index at `path`, sorted by name, with their tensors.

    Raises:
        CheckpointError: the index is damaged, or names a file outside its folder.
    """
    content = _read_json(path, "shard_index")
    listed = _decode(content, ShardIndex, path, "shard_index").weight_map
    weight_map = _decode(listed, dict[str, str], path, "shard_index")
    # Of a repeated key, the decoder keeps only the last value.
    if STRING.sub(b"", bytes(listed)).count(b":") != len(weight_map):
        raise CheckpointError(str(path), "repeated_key", part="shard_index", name="")
    shards: dict[str, set[str]] = {}
    for tensor, shard in weight_map.items():
        shards.setdefault(shard, set()).add(tensor)
    return {_shard_path(path, name): shards[name] for name in sorted(shards)}


def metadata_beside(path: Path) -> dict[str, str]:
    """The configuration beside a weight file of PEFT, as metadata of it; else empty.

    Raises:
        CheckpointError: it is damaged, or lies outside the folder.
    """
    beside = path.with_name(PEFT_CONFIG)
    if path.stem != PEFT_FILE or (not beside.is_symlink() and not beside.exists()):
        return {}
    content = _read_json(_inside(beside, path.parent), "adapter_config")
    base = _decode(content, PeftConfig, beside, "adapter_config").base_model_name_or_path
    named = {"base_model_name_or_path": base} if base else {}
    return {PEFT_KEY: content.decode(errors="replace"), **named}


def _read_json(path: Path, part: str) -> bytes:
    with WeightFile(path) as file:
        if file.size > LARGEST_INDEX:
            raise CheckpointError(
                str(path), "too_large", part=part, size=file.size, limit=LARGEST_INDEX
            )
        return file.read(0, file.size)


def _decode(content: bytes | msgspec.Raw, type_: type[Decoded], path: Path, part: str) -> Decoded:
    try:
        return msgspec.json.decode(content, type=type_)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CheckpointError(str(path), "not_parsed", part=part, why=str(error)) from error


def _shard_path(index: Path, name: str) -> Path:
    # A plain file name on every system.
    if name in ("", ".", "..") or re.search(r"[/\\:\0]", name):
        raise CheckpointError(str(index), "outside", name=shown(name))
    return _inside(index.parent / name, index.parent)


def _inside(path: Path, folder: Path) -> Path:
    """`path`, if it resolves to a file in `folder`; raises `CheckpointError` otherwise."""
    try:
        target, root = path.resolve(strict=True), folder.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise CheckpointError(str(path), "missing") from error
    cache = next((each for each in root.parents if each.name == "snapshots"), None)
    if cache is not None and cache.parent.name.startswith("models--"):
        root = cache.parent
    if not target.is_relative_to(root) and not _in_cache(target):
        raise CheckpointError(str(path), "outside", name=shown(path.name))
    return path


def _in_cache(target: Path) -> bool:
    """Whether a file lies in the cache of huggingface_hub, where older downloads into a folder
    link to."""
    repository = target.parent.parent.name
    return target.parent.name == "blobs" and repository.startswith("models--")


def _weights(folder: Path) -> dict[str, Path]:
    """Weight files and shard indexes in `folder` by name, without the shards themselves."""
    names = sorted(path.name for path in folder.iterdir())
    return {
        name: folder / name
        for name in names
        if SHARD_INDEX.sub("", name).lower().endswith(SUFFIXES) and not SHARD.search(name)
    }
