"""Merge recipe in a checkpoint's metadata -> one form for all programs that write it.

AUTOMATIC1111's web UI writes `sd_merge_recipe` (hashes, `interp_method`, `multiplier`) and
`sd_merge_models` (SHA-256 -> name); SuperMerger the same keys with `mode` and `weights_alpha`;
others `modelspec.merged_from`. For sd-mecha and ComfyUI see `declared_graphs`. None of it is
verified.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from generator.analysis.lineage.declared_graphs import of_comfy, of_mecha
from generator.records import Checkpoint, DeclaredRecipe, MetadataEntry

RECIPE, MODELS, MODELSPEC = "sd_merge_recipe", "sd_merge_models", "modelspec.merged_from"
MECHA, COMFY = "mecha_recipe", "prompt"
METHODS = ("interp_method", "mode", "method", "merge_method", "type")
WEIGHTS = ("multiplier", "weights_alpha", "weights", "shares", "alpha", "base_alpha")
NAMED = ("models", "model_a", "model_b", "model_c")
HASHED = ("primary_model_hash", "secondary_model_hash", "tertiary_model_hash")
# Characters shown of an entry.
LONGEST = 200


def declared_recipe(checkpoint: Checkpoint) -> DeclaredRecipe | None:
    """The parents in the file's metadata; None if there are none, or they cannot be read."""
    entries = {entry.key: entry for entry in checkpoint.metadata}
    recipe, models = (_object(entries.get(key)) for key in (RECIPE, MODELS))
    if recipe or models:
        names = _models_by_hash(models)
        parents = [*_values(recipe, NAMED)]
        hashes = list(_values(recipe, HASHED))
        parents += [names.get(each, each) for each in hashes]
        return DeclaredRecipe(
            checkpoint=checkpoint.id,
            source=RECIPE if recipe else MODELS,
            method=next(_values(recipe, METHODS), ""),
            models=tuple(parents or names.values()),
            weights=", ".join(_values(recipe, WEIGHTS)),
        )
    for key, weights in (
        (MECHA, of_mecha(entries[MECHA].text) if MECHA in entries else None),
        (COMFY, of_comfy(_object(entries.get(COMFY)))),
    ):
        if weights and len(weights) > 1:
            return DeclaredRecipe(
                checkpoint=checkpoint.id,
                source=key,
                method="weighted sum",
                models=tuple(name[:LONGEST] for name in weights),
                # One for each: a single number would be the share of the second.
                weights=", ".join(f"{weight:g}" for weight in weights.values()),
            )
    if MODELSPEC in entries:
        listed = (name.strip()[:LONGEST] for name in entries[MODELSPEC].text.split(","))
        return DeclaredRecipe(
            checkpoint=checkpoint.id,
            source=MODELSPEC,
            method="",
            models=tuple(filter(None, listed)),
            weights="",
        )
    return None


def _object(entry: MetadataEntry | None) -> dict[str, object]:
    """The JSON object of an entry; empty if it is not one, or was cut."""
    if entry is None:
        return {}
    try:
        found = msgspec.json.decode(entry.text)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _models_by_hash(models: Mapping[str, object]) -> dict[str, str]:
    """Names of the models by all their hashes."""
    names = {}
    for digest, model in models.items():
        if isinstance(model, dict):
            name = str(model.get("name") or digest)[:LONGEST]
            names[digest] = name
            names |= {old: name for old in [model.get("legacy_hash")] if isinstance(old, str)}
    return names


def _values(recipe: Mapping[str, object], keys: Sequence[str]) -> Iterator[str]:
    """The values of `keys`, as text."""
    for key in keys:
        value = recipe.get(key)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str | int | float) and not isinstance(each, bool) and each != "":
                yield str(each)[:LONGEST]
