"""Maps of prompts -> the contexts of their pages, and the files that readers download."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from generator.arrays import Floats
from generator.publish.context import Context, Download
from generator.publish.downloads import FOLDER
from generator.publish.maps.charts import (
    category_distances,
    heat_map,
    marks,
    movement_map,
    prompt_heat_map,
    shown,
)
from generator.publish.maps.columns import PAIR_COLUMNS, EncoderPair
from generator.publish.maps.contexts import (
    MapCard,
    MapIndex,
    MapPage,
    MapRow,
    MetricFigures,
    PromptRow,
)
from generator.publish.maps.images import tinted_png
from generator.publish.maps.reading import (
    EMBEDDINGS,
    METRICS,
    Mapped,
    encoder_name,
    farthest,
    is_toy,
    likeness,
    strangers,
)
from generator.publish.maps.scripts import script_files
from generator.publish.maps.tables import distances_csv, likeness_csv, points_csv, spaces_csv
from generator.publish.table import LONGEST_TABLE, rows
from generator.records import EncoderSpace

LABELS = {
    ".json": "Record (JSON)",
    ".points.parquet": "Every point, all encoders and vectors (Parquet)",
    ".points.csv": "Every point, all encoders and vectors (CSV)",
    ".spaces.csv": "Encoders and their vectors (CSV)",
    ".likeness.csv": "Likeness of pairs of encoders (CSV)",
    ".distances.parquet": "Distances of all pairs of prompts (Parquet)",
    ".vectors.safetensors": "Vectors, float16 (safetensors)",
}
# A table of more prompts would not be looked through.
MOST_ROWS = 500
# More rows of points than that are a Parquet file alone: as CSV they would be over 20 MB.
MOST_CSV_ROWS = 200_000
NAMED = 3


def map_pages(
    maps: Sequence[Mapped], own: Mapping[str, tuple[Download, ...]]
) -> Iterator[tuple[str, Context]]:
    """Path and context of the index and of one page per map."""
    yield "embeddings/index.md", MapIndex(cards=tuple(map(_card, maps)))
    for mapped in maps:
        yield f"embeddings/{mapped.id}.md", _page(mapped, own[mapped.id])


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


def _card(mapped: Mapped) -> MapCard:
    record = mapped.record
    kind = record.kinds[0].id
    moved = farthest(mapped, 0, kind)
    return MapCard(
        id=record.id,
        name=record.name,
        group=record.group_name,
        prompts=len(record.prompts),
        encoders=len(record.encoders),
        checkpoints=_checkpoints(mapped),
        moved=encoder_name(record.encoders[moved]) if moved is not None else "",
        moved_mean=mapped.space(moved, kind).moved_mean if moved is not None else 0.0,
    )


def _page(mapped: Mapped, downloads: tuple[Download, ...]) -> MapPage:
    record = mapped.record
    kind = record.kinds[0]
    moved = farthest(mapped, 0, kind.id)
    space = mapped.space(moved, kind.id) if moved is not None else None
    return MapPage(
        map=record,
        card=_card(mapped),
        toy=next((encoder for encoder in record.encoders if is_toy(encoder)), None),
        shown_encoder=moved or 0,
        reference=encoder_name(record.encoders[0]),
        strangers=tuple(
            encoder_name(record.encoders[each]) for each in strangers(mapped, 0, kind.id)
        ),
        unchanged=len(record.encoders[0].members),
        farthest=space,
        farthest_prompt=shown(record.prompts[space.most_moved[0]].text) if space else "",
        kind=kind,
        figure=movement_map(mapped, kind.id, 0, moved),
        marks=marks(record.categories),
        rows=tuple(_row(mapped, each) for each in record.spaces if each.kind == kind.id),
        pair_columns=PAIR_COLUMNS,
        pairs=rows(_pairs(mapped), PAIR_COLUMNS),
        silhouettes=mapped.space(0, kind.id).silhouettes,
        figures=tuple(_figures(mapped)),
        cut=sum(max(prompt.tokens) > 77 for prompt in record.prompts),
        prompts=_prompts(mapped, kind.id, moved),
        downloads=downloads,
    )


def _figures(mapped: Mapped) -> Iterator[MetricFigures]:
    """The distances of the reference by each metric; none where they were not kept."""
    record = mapped.record
    labels = [prompt.category for prompt in record.prompts]
    order = _by_category(mapped)
    for metric in METRICS if mapped.distances else ():
        square = getattr(mapped.distances[0, record.kinds[0].id], metric)
        names, means = category_distances(square, labels)
        yield MetricFigures(
            metric=metric,
            means=heat_map(
                f"means-{metric}", f"Mean {metric} distance of categories", names, means
            ),
            pairs=prompt_heat_map(
                f"pairs-{metric}",
                f"{metric.capitalize()} distances of all pairs of prompts",
                f"{mapped.id}/{metric}.png",
                [labels[row] for row in order],
                _extremes(square),
            ),
        )


def _images(mapped: Mapped) -> dict[str, bytes]:
    """A pixel for each pair of prompts in the reference, by category."""
    order = _by_category(mapped)
    images = {}
    for metric in METRICS if mapped.distances else ():
        square = getattr(mapped.distances[0, mapped.record.kinds[0].id], metric)
        image = tinted_png(square[np.ix_(order, order)], *_extremes(square))
        images[f"{EMBEDDINGS}/{mapped.id}/{metric}.png"] = image
    return images


def _by_category(mapped: Mapped) -> list[int]:
    """Prompts by category, otherwise in their order."""
    prompts, place = mapped.record.prompts, mapped.record.categories.index
    return sorted(range(len(prompts)), key=lambda row: place(prompts[row].category))


def _extremes(square: Floats) -> tuple[float, float]:
    """The least and the largest distance of two different prompts."""
    apart = square[np.triu_indices(len(square), 1)]
    return float(apart.min()), float(apart.max())


def _checkpoints(mapped: Mapped) -> int:
    members = (member for encoder in mapped.record.encoders for member in encoder.members)
    return len({member.checkpoint for member in members})


def _row(mapped: Mapped, space: EncoderSpace) -> MapRow:
    record = mapped.record
    encoder = record.encoders[space.encoder]
    alike = likeness(mapped, space)
    return MapRow(
        name=encoder_name(encoder),
        members=encoder.members,
        is_reference=encoder.reference == space.encoder,
        label=encoder.label,
        layers=encoder.layers,
        width=encoder.width,
        space=space,
        cka=alike.cka if alike else None,
        procrustes=alike.procrustes if alike else None,
        most_moved=tuple(shown(record.prompts[each].text) for each in space.most_moved[:NAMED]),
    )


def _pairs(mapped: Mapped) -> Iterator[EncoderPair]:
    """The pairs of encoders that were compared, the main vectors first."""
    record = mapped.record
    labels = {kind.id: kind.label for kind in record.kinds}
    for one in record.likenesses[:LONGEST_TABLE]:
        a, b = record.encoders[one.a], record.encoders[one.b]
        yield EncoderPair(
            kind=labels[one.kind],
            a=encoder_name(a),
            b=encoder_name(b),
            networks=(a.label, b.label),
            cka=one.cka,
            procrustes=one.procrustes,
        )


def _prompts(mapped: Mapped, kind: str, moved: int | None) -> tuple[PromptRow, ...]:
    """The first prompts with their neighbours in the reference."""
    record = mapped.record
    near = mapped.points[0, kind]
    apart = mapped.points[moved, kind].moved if moved is not None else None
    return tuple(
        PromptRow(
            text=shown(prompt.text),
            category=prompt.category,
            tokens=tuple(sorted(set(prompt.tokens))),
            neighbours=tuple(shown(record.prompts[each].text) for each in near.neighbours[row]),
            moved=float(apart[row]) if apart is not None else None,
        )
        for row, prompt in enumerate(record.prompts[:MOST_ROWS])
    )
