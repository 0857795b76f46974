"""All architectures -> their findings on the home page, as cards with numbers.

A finding that the data do not support is omitted.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import permutations

import msgspec

from generator.publish.quantities import networks as quantities
from generator.publish.reading.atlas import Atlas, LoadedNetwork
from generator.publish.reading.published import ComparedFigure, compare
from generator.records import Record
from generator.text import home, numbers


class HomeFinding(Record):
    """One card: a figure, a statement, its reason, and the page with the evidence."""

    figure: str
    claim: str
    because: str
    link: str
    link_text: str


def card(code: str, link: str, **values: object) -> HomeFinding:
    """The card `home.CARDS[code]`, filled with `values`."""
    texts = msgspec.structs.astuple(home.CARDS[code])
    figure, claim, because, link_text = (text.format(**values) for text in texts)
    return HomeFinding(figure=figure, claim=claim, because=because, link=link, link_text=link_text)


def findings(atlas: Atlas) -> tuple[HomeFinding, ...]:
    """The most important findings, in page order."""
    if not atlas.networks:
        return ()
    size, pictures = _of_commonest_size(atlas.networks)
    return (
        *_overcount(atlas),
        *_cost(pictures, size),
        *_size_is_not_cost(pictures, size),
        *_modulation(atlas.networks),
        *_concentration(atlas.networks),
        *_agreement(atlas),
    )


def _overcount(atlas: Atlas) -> Iterator[HomeFinding]:
    """The largest published count that is torchinfo's, not that of the network."""

    def ratio(network: LoadedNetwork) -> float:
        counts = network.record.parameters
        return counts.torchinfo_shared_activations / counts.diffusers

    published = (one for one in atlas.networks if _counted_by_torchinfo(atlas, one))
    worst = max(published, key=ratio, default=None)
    if worst and ratio(worst) > 1:
        counts = worst.record.parameters
        yield card(
            "overcount",
            "reproducing.html#torchinfo-counted-more",
            ratio=numbers.times(ratio(worst)),
            name=worst.record.name,
            parameters=numbers.grouped(counts.diffusers),
            counted=numbers.count(counts.torchinfo_shared_activations),
        )


def _counted_by_torchinfo(atlas: Atlas, network: LoadedNetwork) -> bool:
    """Whether its published count comes out to the digit with shared activations."""
    cells = (cell for cell in _compared(atlas, network) if "torchinfo_parameters" in cell.key)
    return any(cell.verdict == "agrees" for cell in cells)


def _of_commonest_size(networks: Sequence[LoadedNetwork]) -> tuple[str, list[LoadedNetwork]]:
    """The size that most networks make pictures of, in words, and these networks: costs of
    pictures of different sizes are no comparison."""
    sized = [
        ((call.width, call.height), one)
        for one in networks
        if one.record.modality == "image" and (call := one.record.pipeline)
        if call.width and call.height
    ]
    if not sized:
        return "", []
    ((width, height), _), *_ = Counter(size for size, _ in sized).most_common(1)
    return f"{width} × {height}", [one for size, one in sized if size == (width, height)]


def _cost(networks: Sequence[LoadedNetwork], size: str) -> Iterator[HomeFinding]:
    def flops(network: LoadedNetwork) -> int:
        return quantities.flops(network) or 0

    networks = [network for network in networks if flops(network)]
    if not networks:
        return
    cheap, dear = min(networks, key=flops), max(networks, key=flops)
    if flops(cheap) == flops(dear):
        return
    larger = [n for n in networks if quantities.parameters(n) > quantities.parameters(dear)]
    aside = ""
    if larger:
        largest = max(larger, key=lambda network: quantities.parameters(network))
        aside = home.LARGER.format(
            name=largest.record.name,
            ratio=numbers.significant(quantities.parameters(largest) / quantities.parameters(dear)),
            cost=numbers.quantity(flops(largest), "FLOP"),
            samples=quantities.batch(largest),
        )
    yield card(
        "cost",
        "compare.html",
        size=size,
        ratio=numbers.times(flops(dear) / flops(cheap)),
        times=numbers.significant(flops(dear) / flops(cheap)),
        dear=dear.record.name,
        cheap=cheap.record.name,
        dear_cost=numbers.quantity(flops(dear), "FLOP"),
        cheap_cost=numbers.quantity(flops(cheap), "FLOP"),
        aside=aside,
    )


def _size_is_not_cost(networks: Sequence[LoadedNetwork], size: str) -> Iterator[HomeFinding]:
    """The larger network with the greatest saving in FLOPs."""
    costs = [(one, quantities.flops_per_sample(one)) for one in networks]
    savings = [
        (dear / cheap, one, other, cheap, dear)
        for (one, cheap), (other, dear) in permutations(costs, 2)
        if cheap and dear and cheap < dear
        if quantities.parameters(one) > quantities.parameters(other)
    ]
    if savings:
        saving, one, other, cheap, dear = max(savings, key=lambda found: found[0])
        yield card(
            "size_is_not_cost",
            "compare.html#size-and-cost",
            size=size,
            ratio=numbers.times(saving),
            times=numbers.significant(saving),
            dear=other.record.name,
            cheap=one.record.name,
            sizes=numbers.significant(quantities.parameters(one) / quantities.parameters(other)),
            dear_cost=numbers.quantity(dear, "FLOP"),
            cheap_cost=numbers.quantity(cheap, "FLOP"),
        )


def _modulation(networks: Sequence[LoadedNetwork]) -> Iterator[HomeFinding]:
    most = max(networks, key=lambda network: quantities.kind_share(network, "norm"))
    fraction = quantities.kind_share(most, "norm")
    if fraction > 0.1:
        yield card(
            "modulation",
            f"architectures/{most.record.id}.html#kinds",
            norms=numbers.share(fraction, 1),
            name=most.record.name,
            attention=numbers.share(quantities.kind_share(most, "attn1", "attn2"), 1),
        )


def _concentration(networks: Sequence[LoadedNetwork]) -> Iterator[HomeFinding]:
    def fraction(network: LoadedNetwork) -> float:
        return len(quantities.blocks_of_half(network)) / max(network.record.mbw.count, 1)

    densest = min(networks, key=fraction)
    half = quantities.blocks_of_half(densest)
    if 0 < fraction(densest) < 0.5:
        yield card(
            "concentration",
            f"architectures/{densest.record.id}.html#blocks",
            half=len(half),
            count=densest.record.mbw.count,
            share=numbers.share(
                sum(block.parameters for block in half), quantities.parameters(densest)
            ),
            name=densest.record.name,
            blocks=", ".join(sorted(block.name for block in half)),
        )


def _agreement(atlas: Atlas) -> Iterator[HomeFinding]:
    cells = [cell for network in atlas.networks for cell in _compared(atlas, network)]
    agreeing = sum(cell.verdict == "agrees" for cell in cells)
    explained = sum(cell.verdict == "explained" for cell in cells)
    if cells:
        rest = len(cells) - agreeing - explained
        yield card(
            "agreement",
            "reproducing.html",
            agreeing=agreeing,
            count=len(cells),
            explained=explained,
            unexplained=f", {rest} without one" if rest else "",
        )


def _compared(atlas: Atlas, network: LoadedNetwork) -> tuple[ComparedFigure, ...]:
    """The published figures of one network beside ours; empty if the table lacks it."""
    rows = (row for row in atlas.published.row if row.id == network.record.id)
    return tuple(cell for row in rows for cell in compare(row, network.record))
