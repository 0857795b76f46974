"""Points of a map -> the small scripts that its page loads on request.

They are scripts, not JSON files, because a page opened from disk cannot fetch files. Each holds one
call, with data in which every sign that HTML or JavaScript could act on is escaped.
"""

import math

import numpy as np

from generator.publish.figures.maps.marks import marks
from generator.publish.reading.maps import EMBEDDINGS, LoadedMap, encoder_name
from generator.records.arrays import Floats
from generator.records.point_tables import Points
from generator.text.escaping import script_json
from generator.text.vectors import vectors_title

HEAD = "head"
DECIMALS = 4


def script_files(mapped: LoadedMap) -> dict[str, bytes]:
    """Address -> content: `head.js` with prompts and choices, and one `ENCODER.KIND.js` per encoder
    and kind."""
    folder = f"{EMBEDDINGS.name}/{mapped.id}"
    files = {f"{folder}/{HEAD}.js": _call(mapped.id, HEAD, _head(mapped))}
    for (encoder, kind), points in mapped.beside.points.items():
        part = f"{encoder}.{kind}"
        files[f"{folder}/{part}.js"] = _call(mapped.id, part, _part(points))
    return files


def _call(name: str, part: str, content: object) -> bytes:
    written = ",".join(map(script_json, (name, part, content)))
    return f"atlasMapPart({written});\n".encode()


def _head(mapped: LoadedMap) -> dict[str, object]:
    record = mapped.record
    place = {name: number for number, name in enumerate(record.categories)}
    return {
        "prompts": [prompt.text for prompt in record.prompts],
        "category": [place[prompt.category] for prompt in record.prompts],
        "categories": [
            {"name": mark.name, "colour": mark.colour, "shape": mark.shape}
            for mark in marks(record.categories)
        ],
        "kinds": [{"id": kind, "label": vectors_title(kind)} for kind in record.kinds],
        "encoders": [
            {
                "name": encoder_name(encoder),
                "reference": encoder.reference,
                "explained": {
                    space.kind: [round(100 * share, 1) for share in space.explained]
                    for space in record.spaces
                    if space.encoder == number
                },
            }
            for number, encoder in enumerate(record.encoders)
        ],
    }


def _part(points: Points) -> dict[str, object]:
    return {
        "own": _rounded(points.own),
        "shared": _rounded(points.shared),
        "tsne": None if points.tsne is None else _rounded(points.tsne),
        "moved": [_significant(value) for value in points.moved.tolist()],
        "near": points.neighbours.tolist(),
        "apart": [[_significant(value) for value in row] for row in points.near.tolist()],
    }


def _rounded(points: Floats) -> list[list[float]]:
    # Adding 0 turns -0 into 0.
    rows: list[list[float]] = (np.round(points, DECIMALS) + 0.0).tolist()
    return rows


def _significant(value: float) -> float:
    return float(f"{value:.3g}") if math.isfinite(value) else 0.0
