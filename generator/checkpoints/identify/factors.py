"""The factors of one module of an adapter -> the change that it makes, as a packed tensor.

A change is `alpha / rank * up @ down`, or a Kronecker product, whose rows are multiplied when they
are read.
"""

import math
from collections.abc import Mapping

from generator.checkpoints.formats.dtypes import is_float
from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.formats.quantised.packed import pack, part_of
from generator.checkpoints.formats.quantised.packing import (
    Factor,
    Kronecker,
    LowRank,
    Packing,
    Part,
)
from generator.checkpoints.identify.adapters import AdapterModule
from generator.checkpoints.identify.peft_config import Scaling

# Names of the two factors of a change, and of another two that theirs are multiplied with.
FACTORS = (("up", "down"), ("w1_a", "w1_b"))
SECOND = ("w2_a", "w2_b")
# Algorithms whose changes are known without the weights that they change.
READ = frozenset({"lora", "locon", "loha", "lokr"})
# Cores of convolutions in Tucker form: of a LoCon, and both of a LoHa, whose first factors are
# transposed.
CORES = ("mid", "t1", "t2")
INTEGERS = frozenset({"int8", "uint8", "int16", "int32", "int64"})


def change_of_module(
    module: AdapterModule, stored: Mapping[str, Tensor], scaling: Scaling | None
) -> Tensor | None:
    """The change of one module; None if it has no tensor but scalars.

    Of an algorithm whose changes depend on the weight that is changed, its first tensor stands for
    the change and is not read; nor is a change whose alpha is no number.
    """
    held = {role: stored[name] for role, name in module.tensors.items() if name in stored}
    if "diff" in held:
        return held["diff"]
    change = _kronecker(held) if "lokr" in module.algorithms else _low_rank(held, scaling)
    if change and module.algorithms <= READ and ("alpha" not in held or _alpha(held)):
        return change
    tensor = change or next((held[role] for role in held if held[role].shape), None)
    if tensor is None:
        return None
    size = max(tensor.elements, 1)
    unread = Packing(
        format="+".join(sorted(module.algorithms)), reader="", values=size, size=1, nbytes=size
    )
    return pack(tensor, unread, tensor.shape)


def _low_rank(held: Mapping[str, Tensor], scaling: Scaling | None) -> Tensor | None:
    """The product of two factors, or of two such products; None if they do not fit."""
    pair = next(((held[up], held[down]) for up, down in FACTORS if {up, down} <= held.keys()), None)
    if pair is None:
        return None
    up, down = pair
    rank, columns = down.shape[0] if down.shape else 0, math.prod(down.shape[1:])
    cores = [held[role] for role in CORES if role in held]
    kernel = cores[0].shape[2:] if cores else down.shape[2:]
    second = tuple(held[role] for role in SECOND if role in held)
    if len(cores) not in (0, max(len(second), 1)) or len({core.shape for core in cores}) > 1:
        return None
    if not all(_is_core(core, down, rank) for core in cores):
        return None
    is_across = len(cores) > 1
    if not _fit(up, down, rank) or len(up.shape) < 2:
        return None
    outputs = up.shape[1 if is_across else 0]
    if up.elements != outputs * rank:
        return None
    if second and (len(second) < 2 or not _fit(second[0], second[1], rank)):
        return None
    if second and (second[0].elements, second[1].elements) != (up.elements, down.elements):
        return None
    codes = LowRank(
        dtype=up.dtype,
        rank=rank,
        columns=columns * (math.prod(kernel) if cores else 1),
        down=part_of(down),
        second_up=part_of(second[0]) if second else None,
        second_down=part_of(second[1]) if second else None,
        alpha=_alpha(held),
        scale=scaling.at(rank) if scaling and "alpha" not in held else 1.0,
        core=part_of(cores[0]) if cores else None,
        second_core=part_of(cores[1]) if is_across else None,
        across=part_of(up) if is_across else None,
    )
    packing = Packing(
        format="loha" if second else "lora",
        reader="low_rank",
        values=max(codes.columns, 1),
        size=up.itemsize * (1 if is_across else rank),
        nbytes=up.span // (rank if is_across else 1),
        codes=codes,
    )
    return pack(up, packing, (outputs, *down.shape[1:2], *kernel))


def _kronecker(held: Mapping[str, Tensor]) -> Tensor | None:
    """The Kronecker product of two matrices, each whole or a product; None if they do not fit."""
    left, right = _factor(held, 1), _factor(held, 2)
    if left is None or right is None:
        return None
    ranks = [side.inner for side in (left, right) if side.down]
    rows = right.part.elements // right.inner
    main = held.get("w1") or held["w1_a"]
    codes = Kronecker(
        dtype=main.dtype,
        left=left,
        right=right,
        rank=ranks[-1] if ranks else 1,
        # Without a product there is no rank, and nothing is scaled.
        alpha=_alpha(held) if ranks else None,
    )
    packing = Packing(
        format="lokr",
        reader="kronecker",
        values=rows * left.columns * right.columns,
        size=left.inner * main.itemsize,
        nbytes=main.span,
        codes=codes,
    )
    kernel = held["w2"].shape[2:] if "w2" in held else ()
    kernel = held["t2"].shape[2:] if "t2" in held else kernel
    columns = left.columns * right.columns // max(math.prod(kernel), 1)
    return pack(main, packing, (main.elements // left.inner * rows, columns, *kernel))


def _factor(held: Mapping[str, Tensor], number: int) -> Factor | None:
    """One side of a LoKr; None if its tensors do not fit."""
    whole = held.get(f"w{number}")
    if whole is not None:
        columns = math.prod(whole.shape[1:])
        readable = len(whole.shape) > 1 and columns > 0 and _is_plain(whole)
        return Factor(part=part_of(whole), inner=columns, columns=columns) if readable else None
    up, down = held.get(f"w{number}_a"), held.get(f"w{number}_b")
    if up is None or down is None or not down.shape or not _fit(up, down, down.shape[0]):
        return None
    rank, columns = down.shape[0], math.prod(down.shape[1:])
    core = held.get(f"t{number}")
    if core and not (_is_core(core, down, rank) and up.shape[:1] == (rank,)):
        return None
    return Factor(
        part=part_of(up),
        inner=rank,
        columns=columns * (math.prod(core.shape[2:]) if core else 1),
        down=part_of(down),
        core=part_of(core) if core else None,
    )


def _is_core(core: Tensor, down: Tensor, rank: int) -> bool:
    """Whether this is the core of a Tucker form of this rank, of kernels of 1 x 1 around it."""
    square = len(core.shape) > 2 and core.shape[:2] == (rank, rank) and core.elements > 0
    return square and _is_plain(core) and math.prod(down.shape[2:]) == 1


def _alpha(held: Mapping[str, Tensor]) -> Part | None:
    alpha = held.get("alpha")
    if alpha is None or alpha.elements != 1 or alpha.strides or alpha.packing:
        return None
    # Trainers also write it as an integer.
    is_number = is_float(alpha.dtype) or alpha.dtype in INTEGERS
    return part_of(alpha) if is_number else None


def _fit(up: Tensor, down: Tensor, rank: int) -> bool:
    """Whether two factors can be read and multiplied."""
    return (
        _is_plain(up, down)
        and rank > 0
        and down.shape[0] == rank
        and up.elements % rank == 0
        and down.elements > 0
    )


def _is_plain(*tensors: Tensor) -> bool:
    return all(
        is_float(each.dtype) and each.strides is None and each.packing is None for each in tensors
    )
