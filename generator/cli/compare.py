"""`atlas compare`: two checkpoints, tensor by tensor."""

from pathlib import Path

import click

from generator.cli.options import CheckpointPath, output_option
from generator.cli.plotting import comparison_figure, plot_option, write_plot
from generator.cli.terminal import bytes_progress, show
from generator.text.report import describe_comparison


@click.command()
@click.argument("a", type=CheckpointPath())
@click.argument("b", type=CheckpointPath())
@output_option
@plot_option
def compare(a: Path, b: Path, output: Path | None, plot: Path | None) -> int:
    """Compare the checkpoints A and B, tensor by tensor, across layouts and formats.

    Of two adapters (LoRA, LoHa, LoKr), the changes that they make are compared.

    Example: atlas compare before.safetensors after.safetensors --plot change.png
    """
    from generator.analysis.findings.of_pairs import explain_pair
    from generator.distances.pair import compare as compare_pair
    from generator.distances.ranks import change_ranks

    with bytes_progress("comparing") as advance:
        comparison = compare_pair(a, b, progress=advance)
    explained = explain_pair(comparison, ranks=change_ranks(a, b, comparison))
    lines = describe_comparison(comparison, explained.verdicts, explained.findings)
    show(lines, output, comparison)
    write_plot(plot, (comparison.a, comparison.b), lambda: comparison_figure(comparison))
    return 0
