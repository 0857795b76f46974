"""Maps of prompts -> the files that readers download, and those that pages load."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from generator.publish.figures.maps.images import tinted_png
from generator.publish.figures.maps.scripts import script_files
from generator.publish.pages.context import Download
from generator.publish.pages.maps.views import by_category, extremes, image_address
from generator.publish.reading.maps import EMBEDDINGS, METRICS, Mapped
from generator.publish.tables.downloads import FOLDER
from generator.publish.tables.prompts import distances_csv, likeness_csv, points_csv, spaces_csv

LABELS = {
    ".json": "Record (JSON)",
    ".points.parquet": "Every point, all encoders and vectors (Parquet)",
    ".points.csv": "Every point, all encoders and vectors (CSV)",
    ".spaces.csv": "Encoders and their vectors (CSV)",
    ".likeness.csv": "Likeness of pairs of encoders (CSV)",
    ".distances.parquet": "Distances of all pairs of prompts (Parquet)",
    ".vectors.safetensors": "Vectors, float16 (safetensors)",
}
# More rows of points than that are a Parquet file alone: as CSV they would be over 20 MB.
MOST_CSV_ROWS = 200_000


def map_files(data: Path, mapped: Mapped) -> dict[str, bytes]:
    """Address -> content of the files of one map: those of `data/`, and tables as CSV."""
    folder, address = data / EMBEDDINGS, f"{FOLDER}/{EMBEDDINGS}"
    names = (f"{mapped.id}.json", *sorted(mapped.record.files))
    files = {f"{address}/{name}": (folder / name).read_bytes() for name in names}
    if len(mapped.points) * len(mapped.record.prompts) <= MOST_CSV_ROWS:
        files[f"{address}/{mapped.id}.points.csv"] = points_csv(mapped).encode()
    files[f"{address}/{mapped.id}.spaces.csv"] = spaces_csv(mapped).encode()
    if mapped.record.likenesses:
        files[f"{address}/{mapped.id}.likeness.csv"] = likeness_csv(mapped).encode()
    for kind in {kind for _, kind in mapped.distances}:
        name = f"{mapped.id}.distances.{kind}.csv"
        files[f"{address}/{name}"] = distances_csv(mapped, kind).encode()
    return files


def list_map(files: Mapping[str, bytes], mapped: Mapped) -> tuple[Download, ...]:
    """The files of `map_files`, with their labels."""
    start = len(f"{FOLDER}/{EMBEDDINGS}/{mapped.id}")
    labels = LABELS | {
        f".distances.{kind.id}.csv": f"Distances of all pairs, {kind.label.lower()} (CSV)"
        for kind in mapped.record.kinds
    }
    return tuple(
        Download(path=path, label=labels[path[start:]], size=len(content))
        for path, content in sorted(files.items())
    )


def page_assets(maps: Sequence[Mapped]) -> dict[str, bytes]:
    """The scripts with the points of all maps, and the images of distances."""
    return {
        path: content
        for mapped in maps
        for path, content in (script_files(mapped) | _images(mapped)).items()
    }


def _images(mapped: Mapped) -> dict[str, bytes]:
    """A pixel for each pair of prompts in each reference, by category."""
    order = by_category(mapped)
    images = {}
    for number, squares in mapped.main_distances.items():
        for metric in METRICS:
            square = getattr(squares, metric)
            image = tinted_png(square[np.ix_(order, order)], *extremes(square))
            images[f"{EMBEDDINGS}/{image_address(mapped, number, metric)}"] = image
    return images
