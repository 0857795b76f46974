"""Options that several verbs share."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import click

from generator.cli.terminal import STDOUT
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.catalog.site import SiteFolders

Verb = TypeVar("Verb", bound=Callable[..., Any])
# What is not a path.
ADDRESSES = ("https://", "http://", "hf:")
# Key of the value of --site in click's context.
_SITE = "generator.site"


def _one_per_core() -> int:
    # Not before it is asked for: pools of processes take a while to import.
    from generator.processes import default_workers

    return default_workers()


def site_of(context: click.Context) -> "SiteFolders":
    """The site that --site names, else the one that the working directory lies in.

    Raises:
        UsageError: there is none.
    """
    from generator.catalog.site import find_site, site_at

    named: Path | None = context.meta.get(_SITE)
    return find_site(Path.cwd()) if named is None else site_at(named)


def _keep_site(context: click.Context, _: click.Parameter, named: Path | None) -> None:
    context.meta[_SITE] = named


def _data_of_site(context: click.Context, _: click.Parameter, named: Path | None) -> Path:
    return site_of(context).data if named is None else named


site_option = click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    callback=_keep_site,
    expose_value=False,
    # The options whose defaults lie in the site come after it.
    is_eager=True,
    help="The site to work on. Default: the one that the working directory lies in.",
)


def _with_data(callback: Callable[..., object], text: str) -> Callable[[Verb], Verb]:
    """Add `--site` and `--data`; the verb gets what `callback` makes of them."""
    kind = click.Path(path_type=Path, file_okay=False)
    folder = click.option("--data", type=kind, callback=callback, help=text)
    return lambda verb: site_option(folder(verb))


# The verb gets the folder `data`.
data_option = _with_data(
    _data_of_site, "Folder of the catalogue and the results. Default: data/ of the site."
)


def writable(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    """The callback of options that name a file to write: refuse before anything is read."""
    if path is not None and path != STDOUT:
        from generator.records.files import check_writable

        check_writable(path)
    return path


def refuse_address(address: str) -> NoReturn:
    """Raise `UsageError`: the values of a file are read from a disk."""
    advice = "Download the file, and name it. Of an address, `atlas inspect` reads the header"
    raise UsageError(address, "is an address, not a file", advice)


class CheckpointPath(click.Path):
    """A path of a checkpoint, as a `Path`; an address is refused as what it is."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:  # noqa: ANN401 - click's signature
        """Raise `UsageError` if `value` is an address."""
        if isinstance(value, str) and value.startswith(ADDRESSES):
            refuse_address(value)
        return super().convert(cast(str, value), param, ctx)


def _for_results(context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    """As `writable`; what is no earlier result, such as one of the checkpoints, is not replaced."""
    from generator.plots.formats import SUFFIXES

    writable(context, option, path)
    if path is not None and path.suffix.lower() in SUFFIXES:
        reason = "is the name of a figure, and --output writes JSON"
        raise UsageError(str(path), reason, "Name a .json file")
    if path is not None and path != STDOUT and path.is_file():
        with path.open("rb") as file:
            start = file.read(8)
        # The size that a safetensors file begins with may look like a bracket, but ends with zeros.
        if start and (start[:1] not in b"{[" or 0 in start):
            advice = "Name another file, or remove this one"
            raise UsageError(str(path), "is there already, and is not JSON", advice)
    return path


def _known_data(context: click.Context, _: click.Parameter, named: Path | None) -> list[Path]:
    from generator.catalog.site import shipped

    if named is not None:
        return [named]
    shared = shipped() / "data"
    try:
        own = site_of(context).data
    except UsageError:
        if context.meta.get(_SITE) is not None:
            raise
        return [shared]
    return list(dict.fromkeys([own.resolve(), shared.resolve()]))


# The verb gets the folders `data` with known networks: that of the site, if there is one, and that
# of the program.
known_data_option = _with_data(
    _known_data,
    "Folder of results. Default: data/ of the site, if there is one, and the program's.",
)


def _checkpoints(_: click.Context, __: click.Parameter, paths: tuple[Path, ...]) -> list[Path]:
    from generator.catalog.adding import checkpoints_in

    return checkpoints_in(paths)


# Files and model folders as they are named, and what lies in other folders.
checkpoints_argument = click.argument(
    "paths",
    type=CheckpointPath(),
    nargs=-1,
    required=True,
    callback=_checkpoints,
)

output_option = click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    callback=_for_results,
    metavar="FILE",
    help="Write all results as JSON; with -, print JSON in place of text.",
)

workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=_one_per_core,
    show_default="one per core",
    help="Processes to use.",
)

device_option = click.option(
    "--device", default="cpu", show_default=True, help="Where to compute: cpu, cuda or cuda:N."
)

scheduler_option = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Compare checkpoints on the Dask cluster with the scheduler at ADDRESS. Its workers must "
    "see the files under the same paths.",
)
