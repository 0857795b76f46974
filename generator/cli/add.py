"""`atlas add`: add checkpoints and networks to the catalogue."""

from collections.abc import Sequence
from pathlib import Path

import click

from generator.catalog.reading import read_catalog
from generator.cli.options import data_option, refuse_address
from generator.cli.terminal import report, say
from generator.errors import AtlasError, CheckpointError, ConfigError, Refusal
from generator.records.lock import only_writer
from generator.text.networks import class_text

# Seconds to wait for another `atlas add`, which takes less.
PATIENCE = 10.0


def _without_addresses(
    _: click.Context, __: click.Parameter, places: tuple[str, ...]
) -> tuple[str, ...]:
    for place in places:
        if place.startswith(("http://", "https://")):
            refuse_address(place)
    return places


@click.command()
@data_option
@click.option("--group", metavar="ID", help="Add them to this group; create it if necessary.")
@click.argument("places", metavar="PATH...", nargs=-1, required=True, callback=_without_addresses)
def add(data: Path, group: str | None, places: tuple[str, ...]) -> int:
    """Add checkpoints and networks to the catalogue.

    A checkpoint is a weight file, a diffusers folder, or a folder with these at any depth. A
    network is a config.json, a folder with configs and no weights, or hf:OWNER/NAME.

    Example: atlas add --group mine ~/models
    """
    from generator.catalog.adding import check_group
    from generator.catalog.adding_networks import HUB, is_config

    if group is not None:
        check_group(group)
    networks = [place for place in places if place.startswith(HUB) or is_config(Path(place))]
    errors = _add_networks(data, networks)
    if checkpoints := [Path(place) for place in places if place not in networks]:
        errors += _add_checkpoints(data, group, checkpoints)
    return report(errors)


def _add_networks(data: Path, places: Sequence[str]) -> list[AtlasError]:
    """Add the networks whose configs lie at `places`; return what was refused."""
    from generator.catalog.adding_networks import HUB, add_network, fetch_config, find_config
    from generator.networks.families import FAMILIES
    from generator.networks.other_kinds import kind_of_name

    refused: list[AtlasError] = []
    for place in places:
        try:
            is_remote = place.startswith(HUB)
            found = fetch_config(place) if is_remote else find_config(Path(place))
        except Refusal as error:
            refused.append(error)
            continue
        class_name = str(found.config["_class_name"])
        if kind := kind_of_name(class_name):
            reason = f"{class_name} is {kind.told}, not a denoiser"
            refused.append(ConfigError(place, reason, kind.advice))
            continue
        with only_writer(data, PATIENCE):
            identity = add_network(read_catalog(data), found)
        known = class_text(class_name, FAMILIES.get(class_name), found.config)
        say(f"added {identity}: {found.name}, {known}")
    return refused


def _add_checkpoints(data: Path, group: str | None, paths: Sequence[Path]) -> list[AtlasError]:
    """Add the checkpoints at `paths`; return what the catalogue refuses."""
    from generator.catalog.adding import add_checkpoints, add_to_group, find_checkpoints

    walked = find_checkpoints(paths)
    refused = {path: error for path in walked.paths if (error := _fault(path))}
    found = [path for path in walked.paths if path not in refused]
    for path in walked.broken:
        say(f"passed over {path}: a link that leads nowhere")
    for path in walked.locked:
        say(f"passed over {path}: a folder that may not be read")
    if walked.others:
        kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(walked.others.items()))
        say(f"passed over other files: {kinds}")
    with only_writer(data, PATIENCE):
        catalog = read_catalog(data)
        added = add_checkpoints(catalog, found)
        for identity in added:
            say(f"added {identity}")
        say(f"{len(added)} added, {len(found) - len(added)} were in the catalogue")
        if group is not None:
            joined = add_to_group(read_catalog(data), group, found)
            say(f"{len(joined)} joined the group {group}")
    return [*refused.values(), *(entry.error for entry in catalog.refused)]


def _fault(path: Path) -> CheckpointError | None:
    """Why `path` cannot be a checkpoint, as far as it is known before measuring."""
    from generator.catalog.adding import has_weights
    from generator.checkpoints.formats.files import name_error
    from generator.checkpoints.formats.opening import open_checkpoint

    if error := name_error(path):
        return error
    if path.is_dir() or has_weights(path):
        return None
    # A name without a suffix of weights, as those of a cache by hash: the header tells.
    try:
        open_checkpoint(path)
    except CheckpointError as fault:
        return fault
    return None
