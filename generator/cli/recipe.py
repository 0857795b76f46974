"""`atlas recipe`: the weights of the parents in a target, block by block."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.options import CheckpointPath, device_option, output_option, workers_option
from generator.cli.plotting import plot_option, recipe_figure, write_plot
from generator.cli.terminal import bytes_progress, say, show
from generator.errors import UsageError
from generator.records import NamedRecipe
from generator.text.merge_tools import TOOLS, BlockMix, known_blocks
from generator.text.report import describe_recipe

if TYPE_CHECKING:
    from generator.records.pairwise_sums import PairwiseSums


@click.command()
@click.argument("target", type=CheckpointPath())
@click.argument("parents", type=CheckpointPath(), nargs=-1, required=True)
@click.option(
    "--component", default="denoiser", show_default=True, help="Or vae, text_encoder, ..."
)
@click.option(
    "--as",
    "tool",
    type=click.Choice(list(TOOLS), case_sensitive=False),
    help="Print the weights as this merge tool takes them.",
)
@workers_option
@device_option
@output_option
@plot_option
def recipe(
    target: Path,
    parents: tuple[Path, ...],
    component: str,
    tool: str | None,
    workers: int,
    device: str,
    output: Path | None,
    plot: Path | None,
) -> int:
    """Find the weights of the checkpoints PARENTS in the checkpoint TARGET, block by block.

    Weights sum to 1 and may be negative: for A + w(B - C), give the parents A, B and C. Parents may
    be adapters (LoRA, LoHa, LoKr): they are added to the first checkpoint, and have weights of
    their own.

    Example: atlas recipe merged.safetensors a.safetensors b.safetensors --as supermerger
    """
    from generator.api import find_recipe

    with bytes_progress("comparing") as advance:
        found, sums = find_recipe(target, parents, component, workers, device, advance)
    if tool is None:
        lines = describe_recipe(found)
    else:
        written = TOOLS[tool](_mix(sums, found))
        lines = iter(written.text.splitlines())
        for note in (f"verdict: {found.verdict}", *written.notes):
            say(note)
    show(lines, output, found)
    write_plot(plot, (found.target, *found.parents), lambda: recipe_figure(found))
    return 0


def _mix(sums: "PairwiseSums", found: NamedRecipe) -> BlockMix:
    """The recipe of a denoiser for merge tools, with the weights of its text encoder."""
    from generator.analysis.lineage.named import named_recipe

    if found.adapters:
        raise UsageError("--as", "is about checkpoints", "Merge adapters in the tool itself")
    if found.component != "denoiser":
        raise UsageError("--as", "is about the denoiser", "Leave out --component")
    encoder = None
    if "text_encoder" in sums.components:
        encoder = named_recipe(sums, found.target, found.parents, "text_encoder").whole.weights
    weights = [found.whole.weights[parent] for parent in found.parents]
    named = {block.name: [block.weights[p] for p in found.parents] for block in found.blocks}
    known = [each for each in encoder.values() if each is not None] if encoder else []
    return BlockMix(
        parents=found.parents,
        blocks=known_blocks(weights, named),
        encoder=known if len(known) == len(found.parents) else None,
        same_encoder=encoder is not None and not known,
        difference=found.verdict == "add difference",
    )
