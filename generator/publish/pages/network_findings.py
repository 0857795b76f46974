"""All architectures -> the findings that stand on the home page, as sentences with numbers.

A finding that the data do not bear is left out.
"""

from collections.abc import Iterator, Sequence

from generator.publish.quantities import networks as quantities
from generator.publish.reading.atlas import Atlas, Measured
from generator.publish.reading.published import Comparison, compare
from generator.records import Record
from generator.text import numbers


class Finding(Record, frozen=True, kw_only=True):
    """One card: a figure, what it says, why, and the page with the evidence."""

    figure: str
    claim: str
    because: str
    link: str
    link_text: str


def findings(atlas: Atlas) -> tuple[Finding, ...]:
    """What is worth knowing first, in the order of the page."""
    if not atlas.networks:
        return ()
    return (
        *_overcount(atlas),
        *_cost(atlas.networks),
        *_size_is_not_cost(atlas.networks),
        *_modulation(atlas.networks),
        *_concentration(atlas.networks),
        *_agreement(atlas),
    )


def _overcount(atlas: Atlas) -> Iterator[Finding]:
    def ratio(network: Measured) -> float:
        counts = network.architecture.parameters
        return counts.torchinfo_shared_activations / counts.diffusers

    worst = max(atlas.networks, key=ratio)
    if ratio(worst) > 1:
        counts = worst.architecture.parameters
        verdicts = (cell.verdict for cell in _compared(atlas, worst) if "torchinfo" in cell.key)
        published = ""
        if next(verdicts, "") == "agrees":
            published = " Sharing it again gives the published figure to the digit."
        yield Finding(
            figure=numbers.times(ratio(worst)),
            claim=f"{worst.architecture.name} has {counts.diffusers:,} parameters, not "
            f"{numbers.count(counts.torchinfo_shared_activations)}.",
            because="torchinfo counted modules again because older diffusers shared one activation"
            f" object among them.{published}",
            link="reproducing.html#torchinfo-counted-more",
            link_text="How that came about",
        )


def _cost(networks: Sequence[Measured]) -> Iterator[Finding]:
    def flops(network: Measured) -> int:
        return network.architecture.pipeline.flops

    cheap, dear = min(networks, key=flops), max(networks, key=flops)
    if flops(cheap) == flops(dear):
        return
    larger = [n for n in networks if n.parameters > dear.parameters]
    aside = ""
    if larger:
        largest = max(larger, key=lambda network: network.parameters)
        ratio = numbers.significant(largest.parameters / dear.parameters)
        samples = quantities.batch(largest)
        aside = (
            f" {largest.architecture.name} has {ratio} times the parameters and needs"
            f" {numbers.quantity(flops(largest), 'FLOP')} at a batch of {samples}."
        )
    yield Finding(
        figure=numbers.times(flops(dear) / flops(cheap)),
        claim=f"One step of {dear.architecture.name} costs as much as "
        f"{numbers.significant(flops(dear) / flops(cheap))} of {cheap.architecture.name}.",
        because=f"{numbers.quantity(flops(dear), 'FLOP')} against "
        f"{numbers.quantity(flops(cheap), 'FLOP')}, each at its default image size with guidance as"
        f" its pipeline runs it.{aside}",
        link="compare.html",
        link_text="Compare all networks",
    )


def _size_is_not_cost(networks: Sequence[Measured]) -> Iterator[Finding]:
    """The larger network that is cheaper by most."""
    pairs = [
        (one, other)
        for one in networks
        for other in networks
        if one.parameters > other.parameters
        and (quantities.flops_per_sample(one) or 0) < (quantities.flops_per_sample(other) or 0)
        and quantities.flops_per_sample(one)
    ]
    if not pairs:
        return

    def saving(pair: tuple[Measured, Measured]) -> float:
        one, other = pair
        cheap, dear = quantities.flops_per_sample(one), quantities.flops_per_sample(other)
        return (dear or 0) / (cheap or 1)

    one, other = max(pairs, key=saving)
    sizes = one.parameters / other.parameters
    cheap, dear = quantities.flops_per_sample(one), quantities.flops_per_sample(other)
    reason = "."
    if one.architecture.family == "UNet" != other.architecture.family:
        reason = (
            ": a transformer works on every patch in every block, a UNet's largest blocks see the"
            " smallest images."
        )
    yield Finding(
        figure=numbers.times(saving((one, other))),
        claim=f"Size is not cost: {other.architecture.name} spends "
        f"{numbers.significant(saving((one, other)))} times the FLOPs of "
        f"{one.architecture.name}, which has {numbers.significant(sizes)} times the parameters.",
        because=f"{numbers.quantity(dear, 'FLOP')} against {numbers.quantity(cheap, 'FLOP')} per"
        f" sample and step{reason}",
        link="compare.html#size-and-cost",
        link_text="Size and cost in one picture",
    )


def _modulation(networks: Sequence[Measured]) -> Iterator[Finding]:
    most = max(networks, key=lambda network: quantities.kind_share(network, "norm"))
    fraction = quantities.kind_share(most, "norm")
    if fraction > 0.1:
        yield Finding(
            figure=numbers.share(fraction, 1),
            claim=f"of {most.architecture.name} sits in its norms, not in attention"
            f" ({numbers.share(quantities.kind_share(most, 'attn1', 'attn2'), 1)}).",
            because="Adaptive layer norms project the timestep to a shift, scale and gate for every"
            " block. These projections depend on the timestep alone: one set per step serves the"
            " whole image.",
            link=f"architectures/{most.architecture.id}.html#kinds",
            link_text="Its kinds of parameters",
        )


def _concentration(networks: Sequence[Measured]) -> Iterator[Finding]:
    def fraction(network: Measured) -> float:
        return len(quantities.blocks_of_half(network)) / max(network.architecture.mbw.count, 1)

    densest = min(networks, key=fraction)
    half = quantities.blocks_of_half(densest)
    if 0 < fraction(densest) < 0.5:
        count = densest.architecture.mbw.count
        names = ", ".join(sorted(block.name for block in half))
        yield Finding(
            figure=f"{len(half)} of {count}",
            claim=f"blocks hold half of {densest.architecture.name}'s parameters: {names}.",
            because="A merge weight on one of these moves far more of the network than one on any"
            " of the others.",
            link=f"architectures/{densest.architecture.id}.html#blocks",
            link_text="Its blocks",
        )


def _agreement(atlas: Atlas) -> Iterator[Finding]:
    cells = [cell for network in atlas.networks for cell in _compared(atlas, network)]
    agreeing = sum(cell.verdict == "agrees" for cell in cells)
    explained = sum(cell.verdict == "explained" for cell in cells)
    if cells:
        rest = len(cells) - agreeing - explained
        unexplained = f", {rest} without one" if rest else ""
        yield Finding(
            figure=f"{agreeing} of {len(cells)}",
            claim="published figures come out to the last printed digit.",
            because=f"{explained} differ for a known reason{unexplained}. No weights, no GPU: the"
            " networks are built on PyTorch's meta device.",
            link="reproducing.html",
            link_text="Cell by cell",
        )


def _compared(atlas: Atlas, network: Measured) -> tuple[Comparison, ...]:
    """The published figures of one network beside ours; none if it is not in the table."""
    rows = (row for row in atlas.published.row if row.id == network.architecture.id)
    return tuple(cell for row in rows for cell in compare(row, network.architecture))
