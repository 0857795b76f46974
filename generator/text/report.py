"""Records -> the lines that `atlas inspect`, `compare` and `matrix` print."""

from collections.abc import Iterator, Sequence

from generator.records import (
    Checkpoint,
    CheckpointComponent,
    Comparison,
    ComponentVerdict,
    Finding,
    Matrix,
    NamedRecipe,
    NamedVerdict,
)
from generator.text.coded import anomaly_text, left_out_text, reason_text
from generator.text.filling import plain
from generator.text.findings import pair_sentence
from generator.text.pairs import answer, verdict_words
from generator.text.words import shape_text

VERDICTS: dict[NamedVerdict, str] = {
    "merge": "a mix of these; neither came from the other",
    "interpolation": "between one of these and its descendant",
    "between": "between these; which of the three came first is not known",
    "add difference": "one of these plus a part of the difference of two others",
    "extrapolation": "beyond these: a weight is negative",
    "copy": "one of these, except for a small part",
    "none": "not a mix of these: too much is left, or one parent per block is as near",
}


def describe(record: Checkpoint) -> Iterator[str]:
    """Lines for a terminal: file, components, hashes, anomalies, metadata."""
    yield f"{record.name}: {_identity(record)}"
    yield (
        f"{record.size:,} bytes, {record.format}, {record.tensors:,} tensors, "
        f"{record.parameters:,} parameters ({_dtypes(record.dtypes)})"
    )
    yield ""
    header = ("component", "network", "layout", "tensors", "parameters", "dtypes")
    yield from _columns([header, *map(_component, record.components)])
    for source in record.sources:
        if source.sha256:
            yield ""
            yield f"{source.name}: {source.size:,} bytes"
            yield f"  SHA-256 {source.sha256}"
            yield f"  AutoV1 {source.autov1}  AutoV2 {source.autov2}  AutoV3 {source.autov3 or '–'}"
    if record.anomalies:
        yield ""
        yield "anomalies"
        for anomaly in record.anomalies:
            yield f"  {anomaly.code}: {anomaly_text(anomaly)}"
    if record.metadata or record.training:
        yield ""
        yield "from the file's metadata (unverified)"
        yield from (f"  {key}: {text}" for key, text in record.training.items())
        for entry in record.metadata:
            more = " …" if entry.length > len(entry.text) else ""
            yield f"  {entry.key}: {entry.text}{more}"
    if record.left_out:
        yield ""
        yield "left out"
        yield from (f"  {left_out_text(file)}" for file in record.left_out)


def describe_comparison(
    comparison: Comparison,
    verdicts: Sequence[ComponentVerdict],
    findings: Sequence[Finding],
) -> Iterator[str]:
    """Lines for a terminal: whether the two differ, the distances by component, and their
    meaning."""
    yield f"A  {comparison.a}"
    yield f"B  {comparison.b}"
    yield (
        f"{comparison.shared:,} tensors in both, {len(comparison.only_a):,} only in A, "
        f"{len(comparison.only_b):,} only in B, {len(comparison.shape_mismatch):,} with other "
        f"shapes, {len(comparison.dtype_difference):,} with other dtypes"
    )
    header = ("component", "tensors", "L2", "L1", "L0", "cosine", "verdict")
    rows: list[tuple[str, ...]] = [header]
    components = comparison.summary.components
    for verdict in verdicts:
        part = components.get(verdict.component)
        if part is None:
            rows.append((verdict.component, *["–"] * 5, verdict_words(verdict)))
            continue
        total = part.total
        rows.append(
            (
                verdict.component,
                f"{total.tensors:,}",
                _figure(total.l2),
                _figure(total.l1),
                "–" if total.l0 is None else f"{total.l0:,}",
                _figure(total.cosine),
                verdict_words(verdict),
            )
        )
    yield from _columns(rows)
    yield plain(answer(verdicts))
    yield from (plain(pair_sentence(each)) for each in findings)
    for pair in comparison.shape_mismatch:
        yield f"not compared: {pair.name}: {shape_text(pair.a)} in A, {shape_text(pair.b)} in B"
    for excluded in comparison.summary.excluded:
        yield f"not compared: {excluded.tensor}: {reason_text(excluded.reason)}"


def describe_matrix(matrix: Matrix) -> Iterator[str]:
    """Lines for a terminal: the L2 distances of every component."""
    for number, member in enumerate(matrix.members, start=1):
        yield f"{number}  {member}"
    for name, distances in matrix.components.items():
        if distances.l2 is None:
            continue
        yield ""
        yield f"{name}, L2"
        header = ("", *map(str, range(1, len(matrix.members) + 1)))
        rows = [
            (str(number), *map(_figure, row)) for number, row in enumerate(distances.l2, start=1)
        ]
        yield from _columns([header, *rows])
    for excluded in matrix.excluded:
        what = f"{excluded.checkpoint} {excluded.tensor}"
        yield f"not compared: {what}: {reason_text(excluded.reason)}"


def describe_recipe(recipe: NamedRecipe) -> Iterator[str]:
    """Lines for a terminal: the weights of the parents, overall and block by block."""
    yield f"{recipe.component} of {recipe.target}, as a mix of"
    for number, parent in enumerate(recipe.parents, start=1):
        yield f"{number}  {parent}"
    yield ""
    header = ("", *(str(number) for number in range(1, len(recipe.parents) + 1)), "residual")
    mixes = [("whole", recipe.whole), *((block.name, block) for block in recipe.blocks)]
    rows = [
        (name, *(_weight(mix.weights[parent]) for parent in recipe.parents), _weight(mix.residual))
        for name, mix in mixes
    ]
    yield from _columns([header, *rows])
    yield ""
    yield f"verdict: {recipe.verdict} ({VERDICTS[recipe.verdict]})"
    if not recipe.unique:
        yield (
            "The weights are not unique: parents hold the same, or one is a mix of others."
            " These are the smallest that come as near."
        )


def _weight(value: float | None) -> str:
    # Adding zero turns -0.0 into 0.0.
    return "–" if value is None else f"{round(value, 4) + 0.0:.4f}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.6g}"


def _identity(record: Checkpoint) -> str:
    if record.architecture and record.architecture != "unknown":
        return record.architecture
    if record.nearest:
        return f"unknown, nearest to {record.nearest}"
    return record.file_kind or "unknown network"


def _component(component: CheckpointComponent) -> tuple[str, ...]:
    difference = f"{component.missing_count} missing, {component.extra_count} extra"
    nearest = f"near {component.nearest}: {difference}" if component.nearest else "unknown"
    return (
        component.name,
        component.network or nearest,
        component.layout or "–",
        f"{component.tensors:,}",
        f"{component.parameters:,}",
        _dtypes(component.dtypes),
    )


def _dtypes(dtypes: dict[str, int]) -> str:
    return ", ".join(dtypes) or "–"


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
