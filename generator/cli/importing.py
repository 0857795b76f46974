"""`atlas import`: make groups of published distances."""

from collections.abc import Mapping
from pathlib import Path

import click
import msgspec

from generator.catalog.entries import ArchiveEntry, Catalog
from generator.catalog.reading import CATALOG_FILE, read_catalog
from generator.cli.options import data_option
from generator.cli.terminal import report, say
from generator.errors import AtlasError, CatalogError, UsageError
from generator.records.lock import only_writer


@click.command("import")
@data_option
@click.option("--id", "id_", help="Id of the group, if the files are one group. Default: its name.")
@click.option("--reference", help="The member that the others descend from, if known.")
@click.option("--title", help="Title of the group's page. Default: its name.")
@click.option("--description", help="A sentence on what the group is.")
@click.option("--source", help="Where the distances come from, such as an address.")
@click.option("--licence", help="Licence of the distances.")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
def import_(
    data: Path,
    id_: str | None,
    reference: str | None,
    files: tuple[Path, ...],
    **about: str | None,
) -> int:
    """Make groups of the published distances in FILES, and add them to the catalogue.

    A file holds matrices, or compares two checkpoints tensor by tensor. Files named GROUP_A_B.json
    form one group.

    Example: atlas import distances.json --reference base
    """
    from generator.analysis.archive.groups import sort_files

    groups, refused = sort_files(files)
    if len(groups) > 1 and (id_ or reference or about["title"]):
        options = "--id, --reference and --title"
        raise UsageError(options, f"apply to one group; these are {len(groups)}")
    told = {name: text for name, text in about.items() if text}
    errors: list[AtlasError] = [*refused]
    with only_writer(data):
        errors += _make(data, groups, id_, reference, told)
    return report(errors)


def _make(
    data: Path,
    groups: dict[str, list[Path]],
    id_: str | None,
    reference: str | None,
    about: Mapping[str, str],
) -> list[AtlasError]:
    """Make the groups and put them into the catalogue; return what was refused."""
    from generator.catalog.adding import add_archives
    from generator.pipeline import archives
    from generator.pipeline.results import Resources
    from generator.pipeline.running import ignore_progress, run

    errors: list[AtlasError] = []
    catalog = read_catalog(data)
    entries = []
    for name, paths in groups.items():
        try:
            entries.append(_entry(catalog, name, paths, id_, reference, about))
        except AtlasError as error:
            errors.append(error)
    known = {entry.id for entry in catalog.archives}
    # Tried first: what is refused does not get into the catalogue.
    trial = Catalog(folder=catalog.folder, archives=tuple(entries))
    plan = archives.plan(trial, data, force=False)
    for identity in plan.fresh:
        say(f"{identity} is up to date")
    new = {entry.id: entry for entry in entries if entry.id not in known}
    add_archives(catalog, [new[identity] for identity in plan.fresh if identity in new])
    errors += [outcome.error for outcome in plan.refused if outcome.error]
    for outcome in run(archives.KIND, data, plan.tasks, Resources(), lambda _: ignore_progress):
        if outcome.error:
            errors.append(outcome.error)
            continue
        # At once: finished groups are kept even if the next one fails.
        add_archives(catalog, [new[outcome.id]] if outcome.id in new else [])
        say(f"made {outcome.id}")
    return errors


def _entry(
    catalog: Catalog,
    name: str,
    paths: list[Path],
    id_: str | None,
    reference: str | None,
    about: Mapping[str, str],
) -> ArchiveEntry:
    """The catalogue's entry for these files, or a new one."""
    from generator.analysis.archive.groups import longer_name
    from generator.catalog.slugs import slug

    files = [path.resolve() for path in paths]
    for entry in catalog.archives:
        if [(catalog.folder / file).resolve() for file in entry.files] == files:
            if id_ or reference or about:
                reason = f"is in the catalogue already, as '{entry.id}'"
                raise UsageError(name, reason, f"Change its entry in {CATALOG_FILE}")
            return entry
    if id_ and slug(id_) != id_:
        raise UsageError("--id", f"{id_!r} is not a valid id", f"Use {slug(id_)!r}, for example")
    taken = catalog.ids("archive")
    if not id_ and slug(name) in taken and paths[0].stem != name:
        name = longer_name(name, paths)
    identity = slug(id_ or name)
    if identity in taken:
        raise CatalogError(name, f"the id '{identity}' is taken", "Choose another one with --id")
    fields: dict[str, object] = {"id": identity, "name": id_ or name, "reference": reference}
    fields["files"] = list(map(str, files))
    try:
        return msgspec.convert(fields | dict(about), ArchiveEntry)
    except msgspec.ValidationError as error:
        raise UsageError(name, str(error)) from error
