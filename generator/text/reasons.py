"""Records of checkpoints and groups -> why a value is missing, or is not informative."""

from generator.records import (
    Checkpoint,
    CheckpointComponent,
    Group,
    Matrix,
    TensorRow,
    WeightFileRecord,
)
from generator.records.checkpoints import AUTOV1_SIZE, autov1_bytes
from generator.text import numbers
from generator.text.coded import reason_text
from generator.text.words import component_title

UNREAD = "only the header of the file was read"


def no_hash(checkpoint: Checkpoint) -> str:
    """Why a checkpoint has no hash of the whole."""
    if not checkpoint.measured:
        return UNREAD
    return "a checkpoint of several files has no hash of its own"


def no_autov3(source: WeightFileRecord) -> str:
    """Why one file has no AutoV3."""
    return UNREAD if source.sha256 is None else "a pickle has none: it has no header to leave out"


def no_figure(checkpoint: Checkpoint, row: TensorRow) -> str:
    """Why one tensor has no norm, mean, deviation or extremes."""
    if row.figures is None:
        return f"values of {row.dtype} are not measured" if checkpoint.measured else UNREAD
    figures = row.figures
    if figures.nans or figures.infinities:
        return (
            f"{numbers.grouped(figures.nans)} NaN, {numbers.grouped(figures.infinities)} infinite"
        )
    return "it has no elements"


def no_fraction_bits(checkpoint: Checkpoint, row: TensorRow) -> str:
    """Why one tensor has no number of significand bits in use."""
    if row.figures is None or row.figures.norm is None:
        return no_figure(checkpoint, row)
    return f"{row.dtype} has no significand"


def no_norm(checkpoint: Checkpoint, component: CheckpointComponent) -> str:
    """Why a component has no norm."""
    if not checkpoint.measured:
        return UNREAD
    if not component.parameters:
        return "it holds no weights"
    return "some weights have no norm: NaN or infinite values, or a dtype that is not measured"


def no_digest(checkpoint: Checkpoint, component: CheckpointComponent) -> str:
    """Why a component has no BLAKE3."""
    if not checkpoint.measured:
        return UNREAD
    if not component.parameters:
        return "it holds no weights"
    return "some weights have a dtype that is not measured"


def autov1_note(source: WeightFileRecord) -> str:
    """The part of a small file that AutoV1 covers; empty if the file is large enough."""
    size = autov1_bytes(source.size)
    if not size:
        return "of 0 bytes"
    bytes_ = "1 byte" if size == 1 else f"{size:,} bytes"
    return f"of {bytes_} alone" if size < AUTOV1_SIZE else ""


def no_distance(
    group: Group, matrix: Matrix, member: int, component: str, base: str, called: str
) -> str:
    """Why a member has no distance from the member `base` in a component; `called` is what
    sentences call `base`."""
    for entry in matrix.excluded:
        # Each pair of an archive has a separate reason, which names the other member.
        concerns = getattr(entry.reason, "other", base) == base
        if (entry.checkpoint, entry.tensor) == (group.members[member], component) and concerns:
            return reason_text(entry.reason)
    title = component_title(component)
    found = matrix.components.get(component)
    if found is None or not found.identical[member][member]:
        return f"has no {title} that can be compared"
    if group.origin == "imported":
        return f"the distance of its {title} from {called} is not in the archive"
    return f"its {title} has no tensor in common with {called}"
