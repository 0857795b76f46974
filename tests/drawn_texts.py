"""The texts of a drawing, and the boxes that they take in a real font."""

import re
from itertools import combinations

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

PLACE = re.compile(
    r"translate\(([-\d.]+),([-\d.]+)\)(?:( rotate\(-90\))(?: translate\(0,([-\d.]+)\))?)?"
)
FONT = FT2Font(font_manager.findfont("DejaVu Sans"))


def width_of(text):
    """In DejaVu Sans at 12 px, by FreeType; what is not in that font takes an em."""
    FONT.set_size(1200, 72)
    known = "".join(sign if FONT.get_char_index(ord(sign)) else "—" for sign in text)
    FONT.set_text(known)
    return FONT.get_width_height()[0] / 6400


def place_of(text):
    """Where a text begins, whether it is turned, and how far its line is then from there."""
    if "x" in text.attrib:
        return float(text.get("x")), float(text.get("y")), "", 0.0
    x, y, turn, shift = PLACE.fullmatch(text.get("transform")).groups()
    return float(x), float(y), turn, float(shift or 0)


def text_boxes(root):
    """Texts of a drawing with their boxes; all are 12 px high at least."""
    boxes = []
    anchors = {text: group.get("text-anchor") for group in root.iter("g") for text in group.iter()}
    for text in root.iter("text"):
        words = "".join(text.itertext()).removeprefix(text.findtext("title") or "")
        x, y, turn, shift = place_of(text)
        width = width_of(words)
        anchor = text.get("text-anchor", anchors.get(text))
        start = {"middle": width / 2, "end": width}.get(anchor, 0)
        # Vega sets a middle line as a base line that is 0.3 em lower.
        box = (-start, shift - 9.6, width - start, shift + 2.4)
        if turn:
            box = (box[1], -box[2], box[3], -box[0])
        left, top, right, bottom = box
        boxes.append((words, (x + left, y + top, x + right, y + bottom)))
    return boxes


def overlapping(boxes, slack=0.5):
    """Pairs of names whose boxes (left, top, right, bottom) cover one another."""
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes, 2)
        if min(a[2], b[2]) - max(a[0], b[0]) > slack and min(a[3], b[3]) - max(a[1], b[1]) > slack
    ]
