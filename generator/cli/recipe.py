"""`atlas recipe`: the weights of the parents in a target, block by block."""

from pathlib import Path

import click

from generator.cli.options import device_option, output_option, workers_option
from generator.cli.terminal import bytes_progress, print_lines, write_json
from generator.distances.processes import default_workers
from generator.errors import UsageError
from generator.text.report import describe_recipe


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.argument("parents", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--component", default="denoiser", show_default=True, help="Or vae, text_encoder, ..."
)
@workers_option
@device_option
@output_option
def recipe(
    target: Path,
    parents: tuple[Path, ...],
    component: str,
    workers: int | None,
    device: str,
    output: Path | None,
) -> int:
    """Find the weights of the checkpoints PARENTS in the checkpoint TARGET, block by block.

    Weights sum to 1 and may be negative: for A + w(B - C), give the parents A, B and C.
    """
    from generator.analysis.lineage.named import named_recipe
    from generator.distances.matrix import matrix

    if len(parents) < 2:
        raise UsageError("parents", "are fewer than two", "Name all possible parents")
    with bytes_progress("comparing") as advance:
        compared = matrix(
            [target, *parents],
            ("l2",),
            workers or default_workers(),
            device,
            progress=advance,
        )
    if compared.refused:
        raise compared.refused[0]
    members = compared.sums.head.members
    if component not in compared.sums.components:
        held = ", ".join(compared.sums.components)
        raise UsageError(component, "is missing from at least two of the files", f"Try {held}")
    found = named_recipe(compared.sums, members[0], members[1:], component)
    print_lines(describe_recipe(found))
    write_json(output, found)
    return 0
