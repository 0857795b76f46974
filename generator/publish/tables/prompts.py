"""Maps of prompts -> tables as CSV, which no spreadsheet takes for formulas."""

import csv
from io import StringIO

import msgspec
import numpy as np

from generator.publish.reading.maps import METRICS, Mapped, encoder_name, likeness
from generator.publish.tables.downloads import plain
from generator.records import EncoderSpace


def points_csv(mapped: Mapped) -> str:
    """One row per encoder, kind of vectors and prompt."""
    record = mapped.record
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head = ["encoder", "vectors", "prompt", "category", "x", "y", "shared_x", "shared_y"]
    writer.writerow([*head, "moved", "tsne_x", "tsne_y", "nearest"])
    for (number, kind), points in mapped.points.items():
        name = encoder_name(record.encoders[number])
        tsne = points.tsne if points.tsne is not None else np.full_like(points.own, np.nan)
        columns = np.column_stack([points.own, points.shared, points.moved, tsne])
        for row, (prompt, values) in enumerate(zip(record.prompts, columns.tolist(), strict=True)):
            nearest = record.prompts[points.neighbours[row][0]].text
            written = ["" if value != value else f"{value:.6g}" for value in values]
            labels = [name, kind, plain(prompt.text), plain(prompt.category)]
            writer.writerow([*labels, *written, plain(nearest)])
    return text.getvalue()


def spaces_csv(mapped: Mapped) -> str:
    """One row per encoder and kind of vectors."""
    record = mapped.record
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [name for name in EncoderSpace.__struct_fields__ if name not in ("encoder", "kind")]
    plain_names = [name for name in names if name not in ("most_moved", "silhouettes", "explained")]
    head = ["encoder", "vectors", "reference", "members", "explained_x", "explained_y"]
    writer.writerow([*head, *plain_names, "cka", "procrustes"])
    for space in record.spaces:
        encoder = record.encoders[space.encoder]
        alike = likeness(mapped, space)
        members = " ".join(f"{each.checkpoint}/{each.component}" for each in encoder.members)
        values = msgspec.structs.asdict(space)
        writer.writerow(
            [
                encoder_name(encoder),
                space.kind,
                encoder_name(record.encoders[encoder.reference]),
                members,
                *space.explained,
                *(plain(values[name]) for name in plain_names),
                plain(alike.cka if alike else None),
                plain(alike.procrustes if alike else None),
            ]
        )
    return text.getvalue()


def likeness_csv(mapped: Mapped) -> str:
    """One row per kind of vectors and pair of encoders that were compared."""
    names = [encoder_name(encoder) for encoder in mapped.record.encoders]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["vectors", "a", "b", "cka", "procrustes"])
    for one in mapped.record.likenesses:
        figures = (plain(one.cka), plain(one.procrustes))
        writer.writerow([one.kind, names[one.a], names[one.b], *figures])
    return text.getvalue()


def distances_csv(mapped: Mapped, kind: str) -> str:
    """One row per pair of prompts, by the vectors of one kind of each reference that has them."""
    record = mapped.record
    texts = [plain(prompt.text) for prompt in record.prompts]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["encoder", "a", "b", *METRICS])
    for (number, of), squares in mapped.distances.items():
        if of != kind:
            continue
        name = encoder_name(record.encoders[number])
        a, b = np.triu_indices(len(texts), 1)
        values = np.column_stack([getattr(squares, metric)[a, b] for metric in METRICS])
        for one, other, row in zip(a.tolist(), b.tolist(), values.tolist(), strict=True):
            writer.writerow([name, texts[one], texts[other], *(f"{value:.5g}" for value in row)])
    return text.getvalue()
