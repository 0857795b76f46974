"""One colour per block group, component and category, the same in diagrams, charts and tables.

The hues of blocks are those of Okabe and Ito ("Color Universal Design", 2008), distinguishable with
the common forms of colour blindness; the hues of components also differ from each other and from
blocks. They are drawn as tints with a solid edge under text in the page's colour, so that one
palette works in the light and the dark scheme.
"""

from collections.abc import Iterable

BLOCK_COLOURS = {
    "IN": "#0072b2",
    "MID": "#cc79a7",
    "OUT": "#d55e00",
    "DOUBLE": "#e69f00",
    "SINGLE": "#009e73",
    # Refiners of the noise and of the text before the main blocks, and the text's own blocks.
    "NOISE": "#0072b2",
    "CONTEXT": "#e69f00",
    "TEXT": "#e69f00",
    "BLOCK": "#009e73",
    # What steers the main blocks, from beside them.
    "VACE": "#cc79a7",
    "FACEADAPTER": "#cc79a7",
    "REST": "#8a8a8a",
    # Blocks of the other components.
    "ENCODER": "#0072b2",
    "DECODER": "#d55e00",
    "LAYER": "#009e73",
}

# Further lists of blocks, as of classes without a table: such a network has no OUT blocks.
OTHER_BLOCKS = BLOCK_COLOURS["OUT"]

# No component has the colour of a block, for readers with any colour vision.
COMPONENT_COLOURS = {
    "denoiser": "#7f42fa",
    "vae": "#946638",
    "text_encoder": "#56b4e9",
    "text_encoder_2": "#b0247f",
    "text_encoder_3": "#caad72",
    "ema": "#b874fb",
    "other": "#b4bcc4",
}

# Categories of prompts, in order; more categories repeat the colours with other shapes. Without the
# palette's yellow, which is invisible on white.
CATEGORY_COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#e69f00",
    "#cc79a7",
    "#56b4e9",
    "#8a8a8a",
)

# Conditioning inputs of a network, by what they are made from.
CONDITION_COLOURS = {
    "temb": "#56b4e9",
    "text": "#f0e442",
    "position": "#8a8a8a",
    "other": "#8a8a8a",
}

# Distances, from 0 to the largest shown: nine even stops of the lighter two thirds of matplotlib's
# viridis (Smith, van der Walt 2015). Perceptually uniform, also with colour blindness; the darker
# third would vanish on the dark scheme's background. Exactly 0 is not coloured.
DISTANCE_COLOURS = (
    "#fde725",
    "#c8e020",
    "#90d743",
    "#5ec962",
    "#37b878",
    "#21a585",
    "#20928c",
    "#277e8e",
    "#306a8e",
)


def distance_colour(fraction: float) -> str:
    """Colour of a distance, given as its fraction, 0 to 1, of the largest one shown."""
    last = len(DISTANCE_COLOURS) - 1
    place = min(max(fraction, 0.0), 1.0) * last
    below = min(int(place), last - 1)
    ends = (DISTANCE_COLOURS[below], DISTANCE_COLOURS[below + 1])
    one, other = ([int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in ends)
    mixed = (round(a + (b - a) * (place - below)) for a, b in zip(one, other, strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def block_colour(block: str) -> str:
    """Colour of a block (`IN03`), by its prefix; without a block, that of the rest."""
    return BLOCK_COLOURS.get(block.rstrip("0123456789") or "REST", OTHER_BLOCKS)


def by_colour(groups: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Groups of blocks by colour. Groups with the same colour never occur in one network."""
    found: dict[str, list[str]] = {}
    for group in groups:
        found.setdefault(block_colour(group), []).append(group)
    return list(found.items())


def component_colour(component: str) -> str:
    """Colour of a component (`vae`)."""
    return COMPONENT_COLOURS.get(component, COMPONENT_COLOURS["other"])
