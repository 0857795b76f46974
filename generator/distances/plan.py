"""Checkpoints -> the weights to compare, as tasks; and the omissions, with reasons."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from generator.checkpoints.formats.dtypes import is_float
from generator.checkpoints.identify.components import FoundComponent, Weight
from generator.distances.members import Key, Member
from generator.distances.tasks import CompareTask, Note, SharedWeight
from generator.records.reasons import (
    ChangesOnly,
    InNoOther,
    NotAWeight,
    NotInFile,
    NotUnpacked,
    OtherNetwork,
    OtherShape,
    Reason,
    UnknownComponent,
)

# Elements of one checkpoint per task: 0.05 s of work for 5 checkpoints, a few seconds for 100. This
# much work is lost when a worker is killed.
TASK_ELEMENTS = 2**24


class WorkPlan(NamedTuple):
    """Tasks in order, and notes on everything that none of them compares."""

    tasks: tuple[CompareTask, ...]
    notes: tuple[Note, ...]


def plan(
    members: Sequence[Member],
    *,
    compared: Sequence[int] = (),
    pairwise: bool = False,
    device: str = "cpu",
    task_elements: int = TASK_ELEMENTS,
) -> WorkPlan:
    """Plan to compare every pair of `members`, except pairs within `compared`.

    A weight is compared between checkpoints in which its component is the same network and its
    shape is equal. Weights are read in the order of the first file that has them.
    """
    notes: list[Note] = []
    weights: list[SharedWeight] = []
    by_component: dict[str, dict[str, list[int]]] = {}
    for number, member in enumerate(members):
        for component, name in member.weights:
            by_component.setdefault(component, {}).setdefault(name, []).append(number)
    for component, holders in by_component.items():
        network_of = networks(component, members)
        notes += _unrelated(component, network_of, members)
        for name, numbers in holders.items():
            shared, left = _share((component, name), numbers, network_of, members)
            notes += left
            new = [each for each in shared if not set(each.members) <= set(compared)]
            weights += new
    weights.sort(
        key=lambda each: (each.members[0], each.sources[0].place, each.component, each.name)
    )
    files = tuple(member.files for member in members)
    tasks = (
        CompareTask(
            files=files,
            weights=batch,
            compared=tuple(compared),
            pairwise=pairwise,
            device=device,
        )
        for batch in _batches(weights, task_elements)
    )
    return WorkPlan(tuple(tasks), tuple(sorted(notes, key=lambda note: note.place)))


def networks(component: str, members: Sequence[Member]) -> dict[int, int]:
    """For every member with the component, the first member with the same network in it.

    Networks are the same if both are nearest to the same known network, if all weights of one are
    in the other, in the same shapes (a text encoder without its projection), or if neither is near
    to a known network and most of their weights have the same names. Changes and weights are never
    the same.
    """
    shapes = {
        number: frozenset(
            (name, weight.shape)
            for (where, name), weight in member.weights.items()
            if where == component and weight.is_weight
        )
        for number, member in enumerate(members)
    }
    first: dict[int, int] = {}
    for number, held in shapes.items():
        if component not in members[number].components or not held:
            continue
        own = members[number].components[component]
        for other in sorted(set(first.values())):
            its = members[other].components[component]
            if own.nearest or its.nearest:
                same = own.nearest == its.nearest
            else:
                same = _share_most_names(held, shapes[other])
            alike = same or held <= shapes[other] or shapes[other] <= held
            if alike and own.is_change == its.is_change:
                first[number] = other
                break
        else:
            first[number] = number
    return first


def _share_most_names(
    one: frozenset[tuple[str, tuple[int, ...]]], other: frozenset[tuple[str, tuple[int, ...]]]
) -> bool:
    """Whether more than half of all names are in both, whatever the shapes."""
    names, others = ({name for name, _ in held} for held in (one, other))
    return 2 * len(names & others) > len(names | others)


def _unrelated(
    component: str, network_of: dict[int, int], members: Sequence[Member]
) -> Iterator[Note]:
    """Notes on whole components: of another network than most, or missing.

    The component `other` cannot be missing.
    """
    if not network_of or component == "other":
        return
    if len(network_of) == 1:
        [only] = network_of
        yield Note(only, component, "", InNoOther())
        return
    [(usual, _)] = Counter(network_of.values()).most_common(1)
    for number in range(len(members)):
        if number not in network_of:
            yield Note(number, component, "", NotInFile())
        elif network_of[number] != usual:
            one, most = (members[each].components[component] for each in (number, usual))
            yield Note(number, component, "", difference(one, most))


def difference(one: FoundComponent, usual: FoundComponent) -> Reason:
    """Why two components with one name are not the same network."""
    if one.is_change != usual.is_change:
        return ChangesOnly()
    return OtherNetwork(network=one.near, usual_network=usual.near)


def not_a_weight(weight: Weight) -> Reason:
    """Why a tensor is not compared. A scalar of no known component is a counter, such as the decay
    of an EMA; what else is there may be weights."""
    if weight.component == "other" and weight.shape and is_float(weight.dtype):
        return UnknownComponent()
    return NotAWeight(dtype=weight.dtype)


def _share(
    key: Key, numbers: list[int], network_of: dict[int, int], members: Sequence[Member]
) -> tuple[list[SharedWeight], list[Note]]:
    """The weights of one name: one for each network and shape that two or more members share."""
    notes: list[Note] = []
    alike: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    for number in numbers:
        weight = members[number].weights[key]
        if not weight.is_weight:
            notes.append(Note(number, *key, not_a_weight(weight)))
        elif not weight.is_readable:
            notes.append(Note(number, *key, NotUnpacked(quantisation=weight.quantisation)))
        else:
            alike.setdefault((network_of[number], weight.shape), []).append(number)
    usual = {
        network: Counter({s: len(a) for (n, s), a in alike.items() if n == network}).most_common(1)
        for network, _ in alike
    }
    shared = []
    for (network, shape), group in alike.items():
        [(usual_shape, _)] = usual[network]
        if shape != usual_shape:
            other = OtherShape(shape=shape, usual=usual_shape)
            notes += [Note(number, *key, other) for number in group]
        if len(group) > 1:
            weight = members[group[0]].weights[key]
            shared.append(
                SharedWeight(
                    component=weight.component,
                    name=weight.name,
                    block=weight.block,
                    kind=weight.kind,
                    elements=weight.elements,
                    members=tuple(group),
                    sources=tuple(members[number].sources[key] for number in group),
                )
            )
    for network in {network for network, _ in alike}:
        peers = [number for number, other in network_of.items() if other == network]
        missing = set(peers) - set(numbers)
        notes += [Note(number, *key, NotInFile()) for number in missing]
    return shared, notes


def _batches(
    weights: Iterable[SharedWeight], task_elements: int
) -> Iterator[tuple[SharedWeight, ...]]:
    """Runs of weights with at least `task_elements` elements, except the last run."""
    batch: list[SharedWeight] = []
    elements = 0
    for weight in weights:
        batch.append(weight)
        elements += weight.elements
        if elements >= task_elements:
            yield tuple(batch)
            batch, elements = [], 0
    if batch:
        yield tuple(batch)
