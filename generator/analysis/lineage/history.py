"""The true history of members, and the found one -> both side by side, member by member."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from generator.errors import CatalogError
from generator.networks.blocks import REST
from generator.records import History, HistoryRow, KnownOrigin, Lineage, LineageNode, Recipe

MIXES = ("merge", "block merge", "add difference")


class _Origin(NamedTuple):
    """The true origin of one component of a member."""

    kind: str
    parents: tuple[str, ...]
    known: KnownOrigin


class _Entry(msgspec.Struct):
    """The used fields of an entry of `truth.json`."""

    name: str
    kind: str
    parents: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    block_shares: dict[str, float] | None = None


class _Truth(msgspec.Struct):
    checkpoints: tuple[_Entry, ...]


def read_truth(content: bytes, subject: str) -> tuple[KnownOrigin, ...]:
    """The history in a `truth.json`; `subject` names it in errors.

    Raises:
        CatalogError: `content` is not such a file.
    """
    try:
        entries = msgspec.json.decode(content, type=_Truth).checkpoints
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CatalogError(subject, f"the truth cannot be read ({error})") from error
    return tuple(KnownOrigin(**msgspec.structs.asdict(entry)) for entry in entries)


def compare_history(
    truth: Sequence[KnownOrigin],
    component: str,
    lineage: Lineage,
    recipes: Sequence[Recipe],
) -> History:
    """True and found origin of `component`, for each member that was compared.

    Copies are interchangeable: a parent is right if it equals the true one.
    """
    origins = {known.name: _origin(known, component) for known in truth}
    node_of = {name: node for node in lineage.nodes for name in (node.name, *node.copies)}
    claimed = {recipe.target: recipe for recipe in recipes if recipe.verdict != "none"}
    rows = [
        _row(name, origin, origins, node_of, claimed)
        for name, origin in origins.items()
        if name in node_of and all(parent in node_of for parent in origin.parents)
    ]
    return History(rows=tuple(rows))


def _origin(known: KnownOrigin, component: str) -> _Origin:
    """The origin of one component, from that of the checkpoint; see `checkpoints.demo.history`."""
    parents = known.parents
    if known.kind == "base":
        return _Origin("base", (), known)
    if known.kind == "swap":
        return _Origin("copy", (parents[component in known.components],), known)
    if known.kind == "add adapter" and component == "denoiser":
        return _Origin("fine-tune", parents[:1], known)
    if known.kind == "fine-tune" and component in known.components:
        return _Origin("fine-tune", parents, known)
    if known.kind in MIXES and component != "vae":
        whole = known.kind == "block merge" and component != "denoiser"
        return _Origin("merge" if whole else known.kind, parents, known)
    return _Origin("copy", parents[:1], known)


def _row(
    name: str,
    origin: _Origin,
    origins: Mapping[str, _Origin],
    node_of: Mapping[str, LineageNode],
    claimed: Mapping[str, Recipe],
) -> HistoryRow:
    node = node_of[name]
    true_parents = [node_of[parent].name for parent in origin.parents]
    error = None
    if origin.kind == "copy":
        found = tuple(each for each in (node.name, *node.copies) if each != name)
        right = true_parents == [node.name]
        if node.relation == "near" and not found:
            # Equal but for the rounding of a coarse format.
            found, right = (node.near,), true_parents == [node.near]
    else:
        found = node.parents
        right = sorted(found) == sorted(true_parents) and _is_first(name, node, origins)
        if right and origin.kind in MIXES:
            right = node.name in claimed
            error = _weight_error(origin, true_parents, claimed[node.name]) if right else None
    return HistoryRow(
        member=name,
        kind=origin.kind,
        parents=origin.parents,
        found=found,
        right=right,
        weight_error=error,
    )


def _is_first(name: str, node: LineageNode, origins: Mapping[str, _Origin]) -> bool:
    """Whether all members found to equal `name` are copies of it."""
    return all(
        each not in origins or _original(each, origins) == name
        for each in (node.name, *node.copies)
    )


def _original(name: str, origins: Mapping[str, _Origin]) -> str:
    while origins[name].kind == "copy":
        (name,) = origins[name].parents
    return name


def _weight_error(origin: _Origin, parents: Sequence[str], recipe: Recipe) -> float | None:
    """The largest error of a known weight in any block."""
    known = origin.known
    errors = []
    for block in recipe.blocks:
        got = dict(zip(recipe.parents, block.weights, strict=True))
        for parent, weight in zip(parents, _true_weights(origin, known, block.name), strict=True):
            found = got[parent]
            if found is not None:
                errors.append(abs(found - weight))
    return max(errors, default=None)


def _true_weights(origin: _Origin, known: KnownOrigin, block: str) -> tuple[float, ...]:
    if known.block_shares is not None:
        # Outside the denoiser, a block merge has the weight of REST.
        share = known.block_shares[block if origin.kind == "block merge" else REST]
        return (1 - share, share)
    if origin.kind == "add difference":
        return (1.0, known.shares[0], -known.shares[0])
    return known.shares
