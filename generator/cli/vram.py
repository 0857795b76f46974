"""`atlas vram`: the peak memory of inference, and whether a card is enough."""

import math
from pathlib import Path

import click

from generator.cli.options import known_data_option, output_option
from generator.cli.plotting import memory_figure, plot_option, write_plot
from generator.cli.terminal import show
from generator.errors import UsageError
from generator.networks.memory import COMPUTE_DTYPES, MEMORY
from generator.vram.request import STRATEGIES

GIGABYTE = 10**9
DTYPE = "float16"


@click.command()
@click.argument("network")
@click.option("--width", type=int, help="Pixels; by default the pipeline's own size.")
@click.option("--height", type=int, help="Pixels; by default the pipeline's own size.")
@click.option("--frames", type=int, help="Length of a video.")
@click.option("--batch", type=int, default=1, show_default=True, help="Images per prompt.")
@click.option("--dtype", help=f"{', '.join(COMPUTE_DTYPES)}; by default {DTYPE}, or the file's.")
@click.option("--strategy", default="resident", show_default=True, help=", ".join(STRATEGIES))
@click.option("--weights", metavar="FORMAT", help=", ".join(MEMORY.formats))
@click.option("--encoder-weights", metavar="FORMAT", help="The same for the text encoders.")
@click.option("--vae-dtype", help="By default what the pipeline chooses.")
@click.option("--vae-slicing", is_flag=True, help="Decode one image at a time.")
@click.option("--vae-tiling", is_flag=True, help="Decode in tiles.")
@click.option("--from-image", is_flag=True, help="The VAE encodes an image first.")
@click.option("--attention", type=click.Choice(["fused", "math", "baddbmm"]), default="fused")
@click.option("--without", multiple=True, metavar="COMPONENT", help="Such as text_encoder_3.")
@click.option("--added", type=float, default=0.0, help="GB of a LoRA or ControlNet beside.")
@click.option("--card", type=float, metavar="GB", help="Say whether a card of this size is enough.")
@known_data_option
@output_option
@plot_option
def vram(
    network: str,
    width: int | None,
    height: int | None,
    frames: int | None,
    batch: int,
    dtype: str | None,
    weights: str | None,
    card: float | None,
    added: float,
    data: list[Path],
    output: Path | None,
    plot: Path | None,
    **options: object,
) -> int:
    """Predict the peak memory of inference with NETWORK, a measured network or a checkpoint.

    A checkpoint is run in its own dtype, with the other parts of its network's pipeline. The peak
    is a range: what must be live at once, and what torch reserves if it is there.

    Example: atlas vram sdxl --width 832 --height 1216 --card 8
    """
    from generator.cli.vram_records import find_setup, setup_of_file
    from generator.text.memory import describe_prediction, describe_verdict
    from generator.vram.answer import cheapest, predict, verdict
    from generator.vram.request import Options, Sizes, check_options, default_sizes, rounded_sizes

    if not math.isfinite(added):
        raise UsageError("--added", f"is {added:g}, not a number of GB")
    stored = None
    if Path(network).exists():
        setup, stored = setup_of_file(data, Path(network))
    else:
        setup = find_setup(data, network)
    own = stored if stored in COMPUTE_DTYPES else DTYPE
    asked = Options(
        dtype=dtype or own,
        weights=weights or (None if dtype else stored),
        added=round(added * GIGABYTE),
        **options,  # type: ignore[arg-type]
    )
    check_options(asked, setup)
    usual = default_sizes(setup)
    wanted = Sizes(
        width=usual.width if width is None else width,
        height=usual.height if height is None else height,
        frames=usual.frames if frames is None else frames,
        batch=batch,
    )
    sizes = rounded_sizes(wanted, setup)
    if card is not None and not 0 < card <= 1e6:
        raise UsageError("--card", f"is {card:g}, not a number of GB")
    found = predict(setup, asked, sizes)
    lines = [*describe_prediction(setup, found, wanted)]
    if card is not None:
        limit = round(card * 2**30)
        answer = verdict(found.peak, limit)
        better = None if answer == "fits" else cheapest(setup, asked, sizes, limit)
        lines += describe_verdict(answer, card, asked, better)
    show(lines, output, found)
    write_plot(plot, (), lambda: memory_figure(setup, found))
    return 0
