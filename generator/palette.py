"""One colour per word of the house, the same in diagrams, charts and tables.

The hues are those of Okabe and Ito ("Color Universal Design", 2008), distinguishable under the
common kinds of colour blindness. They are drawn as tints with a solid edge, under text in the ink
of the page, so that one palette serves the light and the dark scheme.
"""

BLOCK_COLOURS = {
    "IN": "#0072b2",
    "MID": "#cc79a7",
    "OUT": "#d55e00",
    "DOUBLE": "#e69f00",
    "SINGLE": "#009e73",
    "BLOCK": "#009e73",
    "BASE": "#8a8a8a",
    # Of the other components, which have no MBW blocks.
    "ENCODER": "#0072b2",
    "DECODER": "#d55e00",
    "LAYER": "#009e73",
}

COMPONENT_COLOURS = {
    "denoiser": "#0072b2",
    "vae": "#d55e00",
    "text_encoder": "#009e73",
    "text_encoder_2": "#e69f00",
    "text_encoder_3": "#cc79a7",
    "ema": "#56b4e9",
    "other": "#8a8a8a",
}

# Categories of prompts, in their order; with more of them the colours come again, in other shapes.
CATEGORY_COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#e69f00",
    "#cc79a7",
    "#56b4e9",
    "#8a8a8a",
    "#f0e442",
)

# Conditioning inputs of a network, by what they are made from.
CONDITION_COLOURS = {
    "temb": "#56b4e9",
    "text": "#f0e442",
    "position": "#8a8a8a",
    "other": "#8a8a8a",
}


def block_colour(block: str) -> str:
    """Colour of a block (`IN03`), by its prefix."""
    return BLOCK_COLOURS.get(block.rstrip("0123456789"), BLOCK_COLOURS["BASE"])
