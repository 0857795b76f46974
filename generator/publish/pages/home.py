"""The atlas -> the home page: three questions, each with a picture, and the main findings."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from generator.publish.figures.figure import Figure
from generator.publish.figures.groups.thumbnails import TALL, mapped, small_map
from generator.publish.figures.stacked_bars import Bar, card_bars, parameter_bars
from generator.publish.pages.checkpoint_findings import checkpoint_findings
from generator.publish.pages.context import Context
from generator.publish.pages.network_findings import HomeFinding, findings
from generator.publish.pages.site import Site
from generator.publish.quantities.block_groups import block_groups_of, legend_of
from generator.publish.quantities.memory import CardSummary, fits_on
from generator.records import Architecture, Group
from generator.text import numbers
from generator.vram.answer import CARDS

# Networks in the picture: what people ask for first, then the largest.
SHOWN = ("sd1", "sdxl", "sd35", "flux", "qwen-image", "wan21-t2v-14b")


class Home(Context):
    """The home page: how many networks fit which card, some networks with their blocks, the largest
    group with its map, coloured by the distance from `base`; and findings about networks and
    checkpoints."""

    TEMPLATE = "home.md"

    networks: tuple[Architecture, ...]
    fitting: int
    cards: tuple[CardSummary, ...]
    fits: Markup
    bars: Markup
    legend: tuple[str, ...]
    family: Group | None
    base: str
    map: Figure | None
    findings: tuple[HomeFinding, ...]
    checkpoints: tuple[HomeFinding, ...]
    has_self_test: bool

    def picture(self) -> Markup:
        """The bars of the networks."""
        return self.bars


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The home page."""
    networks = site.atlas.architectures
    shown = _shown(networks)
    family = max(site.groups, key=lambda one: len(one.group.members), default=None)
    shown_family = mapped(family) if family else None
    cards = tuple(fits_on(site.fits, card) for card in CARDS)
    yield (
        "index.md",
        Home(
            networks=networks,
            fitting=len(site.fits),
            cards=cards,
            fits=card_bars(cards) if site.fits else Markup(),
            bars=parameter_bars("parameters", [_bar(one) for one in shown]),
            legend=legend_of(shown),
            family=family.group if family else None,
            base=shown_family.labels[shown_family.base].text if shown_family else "",
            map=small_map(family, TALL) if family else None,
            findings=findings(site.atlas),
            checkpoints=checkpoint_findings(site.atlas, site.groups),
            has_self_test=any(one.group.truth for one in site.groups),
        ),
    )


def _shown(networks: Sequence[Architecture]) -> list[Architecture]:
    """A few networks, the largest first."""
    order = sorted(networks, key=lambda one: (one.id not in SHOWN, -one.parameters.diffusers))
    return sorted(order[: len(SHOWN)], key=lambda one: -one.parameters.diffusers)


def _bar(network: Architecture) -> Bar:
    return Bar(
        label=network.name,
        value=numbers.count(network.parameters.diffusers),
        link=f"architectures/{network.id}.html",
        block_groups=block_groups_of(network.mbw.blocks),
    )
