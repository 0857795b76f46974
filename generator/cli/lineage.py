"""`atlas lineage`: who descends from whom, and what is mixed from what."""

from pathlib import Path

import click
import msgspec

from generator.cli.options import device_option, output_option, workers_option
from generator.cli.plotting import lineage_figure, plot_option, write_plot
from generator.cli.terminal import bytes_progress, print_lines, report, write_json
from generator.errors import UsageError
from generator.records import FamilyLineage
from generator.text.lineage_lines import describe_lineage


@click.command()
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--reference",
    type=click.Path(path_type=Path),
    help="The one of PATHS from which the others were made, if known.",
)
@workers_option
@device_option
@output_option
@plot_option
def lineage(
    paths: tuple[Path, ...],
    reference: Path | None,
    workers: int,
    device: str,
    output: Path | None,
    plot: Path | None,
) -> int:
    """Find out which of the checkpoints at PATHS descend from others or are mixed from them."""
    from generator.analysis.explain import explain
    from generator.checkpoints.inventory.record import inspect
    from generator.distances.matrix import matrix
    from generator.distances.members import short_names

    if reference is not None and reference not in paths:
        raise UsageError("--reference", f"{reference} is not one of the paths")
    path_of = dict(zip(short_names(paths), paths, strict=True))
    with bytes_progress("comparing") as advance:
        compared = matrix(paths, ("l2",), workers, device, progress=advance)
    members = compared.sums.head.members
    # Dtypes tell how much rounding explains; metadata hold recipes.
    records = {
        name: msgspec.structs.replace(inspect(path_of[name]).record, id=name) for name in members
    }
    root = next((name for name in members if path_of[name] == reference), "")
    explained = explain(compared.sums, records, root)
    found = FamilyLineage(
        members=members,
        components=tuple(explained.components.values()),
        findings=explained.findings,
        declared=explained.declared,
    )
    print_lines(describe_lineage(found))
    write_json(output, found)
    write_plot(plot, lambda: lineage_figure(found))
    return report(list(compared.refused))
