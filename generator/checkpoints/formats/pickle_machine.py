"""Pickle -> plain values and descriptions of tensors, executing nothing.

This interprets the opcodes that `torch.save` writes; it is not Python's unpickler with a filter. It
never imports, calls or reads an attribute. Where the C unpickler trusts its input (a memo index
allocates a table of that size; hashing a key nested a hundred deep never ends), this uses a
dictionary and a list of allowed key types. Everything else is refused.
"""

import pickletools
import warnings
from collections.abc import Callable

from generator.checkpoints.formats.pickle_names import Name
from generator.checkpoints.formats.pickle_values import (
    Forbidden,
    Inert,
    Storage,
    Value,
    allowed,
    set_items,
    stand_in,
)
from generator.errors import CheckpointError

# A full training checkpoint of SD1 has 3,000 tensors of about 40 opcodes each.
LARGEST_PICKLE = 16 * 2**20
MOST_OPCODES = 500_000
# Items of mappings made by calls: a list can be passed to any number of them. Real files pass a few
# thousand pairs, once.
MOST_ITEMS = 200_000


def read_pickle(content: bytes, subject: str) -> Value:
    """The value that `content` describes; see `read_next_pickle`."""
    return read_next_pickle(content, subject)[0]


def read_next_pickle(content: bytes, subject: str) -> tuple[Value, int]:
    """The value that the first pickle in `content` describes, and the number of its bytes.

    `subject` names the file in errors.

    Raises:
        CheckpointError: the pickle uses an opcode, name or value that weights do not need, is
            damaged, or exceeds `LARGEST_PICKLE` bytes or `MOST_OPCODES` opcodes.
    """
    if len(content) > LARGEST_PICKLE:
        raise CheckpointError(
            subject, "too_large", part="pickle", size=len(content), limit=LARGEST_PICKLE
        )
    machine = _Machine()
    name, length = "", 0
    try:
        with warnings.catch_warnings():
            # pickletools warns of unknown escapes in texts.
            warnings.simplefilter("ignore")
            for number, (opcode, argument, place) in enumerate(pickletools.genops(content)):
                name = opcode.name
                if number > MOST_OPCODES:
                    raise Forbidden("opcodes", limit=MOST_OPCODES)
                if name == "GLOBAL" and _is_escaped(argument, content, place or 0):
                    raise Forbidden("escapes")
                machine.step(name, argument)
                length = (place or 0) + 1
        return machine.result(), length
    except Forbidden as refusal:
        found = {"part": "pickle", "opcode": name, **refusal.fields}
        raise CheckpointError(subject, refusal.code, **found) from None
    except (ValueError, IndexError, KeyError, OverflowError) as error:
        raise CheckpointError(subject, "damaged", part="pickle") from error


def _is_escaped(name: Value, content: bytes, place: int) -> bool:
    """Whether pickletools read a different name at `place` than Python's unpickler would."""
    return not content.startswith(str(name).replace(" ", "\n", 1).encode(), place + 1)


class _Machine:
    """The pickle machine's stack, marks and memo."""

    def __init__(self) -> None:
        self.stack: list[Value] = []
        self.below: list[list[Value]] = []
        self.memo: dict[int, Value] = {}
        self.items = 0

    def step(self, opcode: str, argument: Value) -> None:
        """Execute one opcode, or raise `Forbidden`."""
        if opcode in PUSHING:
            self.stack.append(argument)
        elif opcode in CONSTANTS:
            self.stack.append(CONSTANTS[opcode]())
        elif opcode in STEPS:
            STEPS[opcode](self, argument)
        else:
            raise Forbidden("opcode")

    def result(self) -> Value:
        """The value on the stack at the end."""
        (value,) = self.stack
        return value

    def mark(self, _: Value) -> None:
        self.below.append(self.stack)
        self.stack = []

    def pop_mark(self) -> list[Value]:
        """Everything above the last mark."""
        above, self.stack = self.stack, self.below.pop()
        return above

    def drop_mark(self, _: Value) -> None:
        self.pop_mark()

    def pop(self, _: Value) -> None:
        if self.stack:
            self.stack.pop()
        else:
            self.pop_mark()

    def duplicate(self, _: Value) -> None:
        self.stack.append(self.stack[-1])

    def put(self, index: Value) -> None:
        self.memo[_integer(index)] = self.stack[-1]

    def memoize(self, _: Value) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def get(self, index: Value) -> None:
        self.stack.append(self.memo[_integer(index)])

    def make_list(self, _: Value) -> None:
        items = self.pop_mark()
        self.stack.append(items)

    def make_tuple(self, _: Value) -> None:
        items = self.pop_mark()
        self.stack.append(tuple(items))

    def make_dict(self, _: Value) -> None:
        items = self.pop_mark()
        self.stack.append({})
        set_items(self.stack[-1], items)

    def append(self, _: Value) -> None:
        item = self.stack.pop()
        self._extend([item])

    def extend(self, _: Value) -> None:
        self._extend(self.pop_mark())

    def set_item(self, _: Value) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        set_items(self.stack[-1], [key, value])

    def set_items(self, _: Value) -> None:
        items = self.pop_mark()
        set_items(self.stack[-1], items)

    def name(self, argument: Value) -> None:
        """GLOBAL: `argument` is `module name`."""
        self.stack.append(allowed(argument))

    def stack_name(self, _: Value) -> None:
        """STACK_GLOBAL: module and name lie on the stack."""
        name, module = self.stack.pop(), self.stack.pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise Forbidden
        self.stack.append(allowed(f"{module} {name}"))

    def call(self, _: Value) -> None:
        """REDUCE and NEWOBJ: replace name and arguments by an inert value."""
        arguments, name = self.stack.pop(), self.stack.pop()
        if not isinstance(name, Name) or not isinstance(arguments, tuple):
            raise Forbidden
        self.items += sum(len(each) for each in arguments if isinstance(each, list | dict))
        if self.items > MOST_ITEMS:
            raise Forbidden("items", limit=MOST_ITEMS)
        self.stack.append(stand_in(name, arguments))

    def build(self, _: Value) -> None:
        """BUILD: drop the attributes of a mapping (`_metadata`) or of an inert value, but for the
        parameters of a module that is a mapping."""
        state = self.stack.pop()
        target = self.stack[-1]
        if not isinstance(target, dict | Inert):
            raise Forbidden
        if isinstance(target, dict) and isinstance(state, dict):
            parameters = state.get("_parameters")
            if isinstance(parameters, dict):
                target.update(parameters)

    def persistent(self, _: Value) -> None:
        """BINPERSID: `("storage", class, key, device, size)`; before torch 1.6, with the storage
        that it is a view of."""
        identity = self.stack.pop()
        match identity:
            case (
                "storage",
                Name(part="storage", dtype=dtype),
                str(key),
                str(),
                int(size),
                *view,
            ) if view in ([], [None]):
                self.stack.append(Storage(key, dtype, size, bool(view)))
            # Before torch 1.6: the class of a module, with its source code.
            case ("module", Name() as name, *_):
                self.stack.append(name)
            case _:
                raise Forbidden

    def nothing(self, _: Value) -> None:
        """PROTO, FRAME, STOP: `genops` ends the loop."""

    def _extend(self, items: list[Value]) -> None:
        target = self.stack[-1]
        if not isinstance(target, list):
            raise Forbidden
        target.extend(items)


def _integer(index: Value) -> int:
    if not isinstance(index, int):
        raise Forbidden
    return index


def _tuple_of(size: int) -> Callable[[_Machine, Value], None]:
    def make(machine: _Machine, _: Value) -> None:
        items = [machine.stack.pop() for _ in range(size)]
        machine.stack.append(tuple(reversed(items)))

    return make


# Opcodes that push their own argument.
PUSHING = frozenset(
    {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"}
    | {"STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"}
    | {"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}
)
CONSTANTS: dict[str, Callable[[], Value]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": list,
}
# Missing here, so refused: INST, OBJ, NEWOBJ_EX, PERSID, EXT1, EXT2, EXT4 and the buffers.
STEPS: dict[str, Callable[[_Machine, Value], None]] = {
    "PROTO": _Machine.nothing,
    "FRAME": _Machine.nothing,
    "STOP": _Machine.nothing,
    "MARK": _Machine.mark,
    "POP": _Machine.pop,
    "POP_MARK": _Machine.drop_mark,
    "DUP": _Machine.duplicate,
    "PUT": _Machine.put,
    "BINPUT": _Machine.put,
    "LONG_BINPUT": _Machine.put,
    "MEMOIZE": _Machine.memoize,
    "GET": _Machine.get,
    "BINGET": _Machine.get,
    "LONG_BINGET": _Machine.get,
    "LIST": _Machine.make_list,
    "TUPLE": _Machine.make_tuple,
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "DICT": _Machine.make_dict,
    "APPEND": _Machine.append,
    "APPENDS": _Machine.extend,
    "ADDITEMS": _Machine.extend,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "GLOBAL": _Machine.name,
    "STACK_GLOBAL": _Machine.stack_name,
    "REDUCE": _Machine.call,
    "NEWOBJ": _Machine.call,
    "BUILD": _Machine.build,
    "BINPERSID": _Machine.persistent,
}
