"""Names and arguments in a pickle -> inert values in place of the objects they would create."""

from collections.abc import Sequence
from typing import NamedTuple

from generator.checkpoints.formats.dtypes import BY_NAME
from generator.checkpoints.formats.files import shown
from generator.checkpoints.formats.pickle_names import (
    MORE_ARGUMENTS,
    Name,
    is_attack,
    look_up,
)
from generator.errors import Field

INTEGERS = frozenset(
    name for name, dtype in BY_NAME.items() if dtype.fraction is None and "complex" not in name
)
# Integers up to here have hashes of their own; a dictionary of equal hashes takes quadratic time.
LARGEST_KEY = 2**60
LONGEST_KEY = 4096

# None, bool, int, float, str, bytes, list, dict, tuple, and the inert values below.
Value = object


class Storage(NamedTuple):
    """A persistent id: bytes of member `data/KEY`, `size` of them, holding elements of `dtype`.

    `dtype` is empty for a storage of bare bytes, which counts bytes. With `is_legacy`, the id has
    the field of files before torch 1.6.
    """

    key: str
    dtype: str
    size: int
    is_legacy: bool = False


class TensorView(NamedTuple):
    """A tensor over a storage; `offset` and `strides` in elements. Nothing is checked yet."""

    storage: Storage
    offset: Value
    shape: Value
    strides: Value
    dtype: str


class Inert(NamedTuple):
    """Stands for the object that the named callable would create."""

    name: str


class Forbidden(Exception):
    """Why a pickle is refused: code and fields of a `CheckpointError`; the caller adds the file.

    Without arguments, an opcode is used on a value that it is not for.
    """

    def __init__(self, code: str = "operand", **fields: Field) -> None:
        super().__init__(code, fields)
        self.code = code
        self.fields = fields


def allowed(text: Value) -> Name:
    """The entry of `module name`. Raises `Forbidden` if it is in no table."""
    name = look_up(str(text))
    if name is None:
        if is_attack(str(text)):
            raise Forbidden("attack", name=_dotted(str(text)))
        raise Forbidden("import", name=_dotted(str(text)))
    return name


def stand_in(name: Name, arguments: tuple[Value, ...]) -> Value:
    """The inert value of a call of `name`. Raises `Forbidden` for unknown arguments."""
    match name.part, arguments:
        case "mapping", ([*pairs],):  # As Python 2 wrote it.
            return _mapping(pairs)
        case "mapping", (dict() as items,):  # A Counter.
            return dict(items)
        case "mapping", () | (Name(),) | (None,):
            return {}
        case "sequence", (tuple(sizes),):
            return sizes
        case "tensor", (Storage() as storage, offset, shape, strides, *rest) if (
            storage.dtype and len(rest) in MORE_ARGUMENTS[name.text]
        ):
            _require_plain(rest)
            _require_gradient(rest[:1], storage.dtype)
            return TensorView(storage, offset, shape, strides, storage.dtype)
        case "typed tensor", (
            Storage() as storage,
            offset,
            shape,
            strides,
            gradient,
            _,
            Name() as dtype,
            *rest,
        ) if len(rest) in MORE_ARGUMENTS[name.text]:
            _require_plain([None, None, *rest])
            _require_gradient([gradient], dtype.dtype)
            if dtype.part == "dtype" and not storage.dtype:
                return TensorView(storage, offset, shape, strides, dtype.dtype)
        case "parameter", (TensorView() as view, *rest) if len(rest) in MORE_ARGUMENTS[name.text]:
            return view
        case "inert", _:
            return Inert(name.text)
    raise Forbidden("call", name=_dotted(name.text))


def _dotted(text: str) -> str:
    """`module name` as Python writes it."""
    return shown(text.replace(" ", ".", 1))


def _require_plain(rest: Sequence[Value]) -> None:
    """Raise `Forbidden` if the last arguments of a tensor say that its values are negated or
    conjugated: metadata, behind `requires_grad` and the hooks."""
    metadata = rest[2] if len(rest) > 2 else None
    if metadata and (not isinstance(metadata, dict) or any(metadata.values())):
        raise Forbidden("negated")


def _require_gradient(flags: Sequence[Value], dtype: str) -> None:
    """Raise `Forbidden` if the flag `requires_grad` is none, or is set for integers."""
    if any(not isinstance(flag, bool) or (flag and dtype in INTEGERS) for flag in flags):
        raise Forbidden


def set_items(target: Value, items: Sequence[Value]) -> None:
    """Add `items`, alternating keys and values, to the dictionary `target`.

    Raises `Forbidden` if `target` is not a dictionary or a key has a forbidden type.
    """
    if not isinstance(target, dict):
        raise Forbidden
    for key, value in zip(items[::2], items[1::2], strict=True):
        # No tuples: hashing one that contains itself many times never ends.
        if not isinstance(key, str | int | float | bytes | Name | None):
            raise Forbidden("key_type", type=type(key).__name__)
        if isinstance(key, int) and abs(key) > LARGEST_KEY:
            raise Forbidden("key_type", type="long int")
        if isinstance(key, str | bytes) and len(key) > LONGEST_KEY:
            raise Forbidden("key_length", size=len(key), limit=LONGEST_KEY)
        target[key.text if isinstance(key, Name) else key] = value


def _mapping(pairs: Sequence[Value]) -> Value:
    mapping: dict[Value, Value] = {}
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise Forbidden
        set_items(mapping, pair)
    return mapping
