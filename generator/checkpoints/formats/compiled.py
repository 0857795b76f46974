"""Loops over numbers that run as machine code: how they are marked, and how they are called."""

from collections.abc import Callable
from ctypes import CFUNCTYPE, addressof, c_int, c_int64
from threading import Lock
from types import FunctionType
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from generator.checkpoints.formats.machine_code import MachineCode, load

Function = TypeVar("Function", bound=Callable[..., object])
# What a function of Numba's returns where no error was raised: with a result, and without one.
FINE = (0, -2)
# A flag of an array that makes no difference, as of NumPy's C interface.
OWNS_ITS_DATA = 0x0004


class _Inlined(NamedTuple):
    """A function that loops of its module call."""

    function: FunctionType
    options: dict[str, Any]


class _Loop:
    """A loop in machine code, which is loaded or compiled at the first call.

    Its arguments are arrays, integers and named tuples of arrays.
    """

    def __init__(self, function: FunctionType, options: dict[str, Any]) -> None:
        self._function = function
        self._options = options
        self._loaded: dict[object, tuple[MachineCode, Callable[..., int]]] = {}
        self._loading = Lock()

    def __call__(self, *arguments: object) -> None:
        """Run the loop; other threads go on. Raises `ArithmeticError` where it raises an error."""
        kinds: list[object] = []
        values: list[int] = []
        for argument in arguments:
            _take_apart(argument, kinds, values)
        key = tuple(kinds)
        with self._loading:
            if key not in self._loaded:
                code = load(self._function, repr(key), lambda: self._compile(arguments))
                prototype = CFUNCTYPE(c_int, *[c_int64] * (2 + len(values)))
                self._loaded[key] = code, prototype(code.address)
        _, run = self._loaded[key]
        # For a result and an error, which Numba's functions write.
        room = (c_int64 * 2)()
        if run(addressof(room), addressof(room) + 8, *values) not in FINE:
            raise ArithmeticError(f"{self._function.__name__} has raised an error")

    def _compile(self, arguments: tuple[object, ...]) -> tuple[str, str]:
        """Its code in LLVM's language, and the name that it has there."""
        from numba import njit, typeof

        # Reference counts would be for arrays that the loop creates.
        uncounted: Any = {"_nrt": False}
        known = dict(self._function.__globals__)
        for name, each in known.items():
            if isinstance(each, _Inlined):
                function = FunctionType(each.function.__code__, known, name)
                known[name] = njit(forceinline=True, **uncounted, **each.options)(function)
        function = FunctionType(self._function.__code__, known, self._function.__name__)
        made = njit(**uncounted, **self._options)(function)
        types = tuple(map(typeof, arguments))
        made.compile(types)
        return made.inspect_llvm(types), made.overloads[types].fndesc.llvm_func_name


def compiled(**options: Any) -> Callable[[Function], Function]:  # noqa: ANN401 - of many types
    """Run a loop as machine code, compiled with these `options` of Numba's.

    It returns nothing, creates no arrays, and calls only what is `inlined` in its module.
    """

    def decorate(function: Function) -> Function:
        return cast(Function, _Loop(cast(FunctionType, function), options))

    return decorate


def inlined(**options: Any) -> Callable[[Function], Function]:  # noqa: ANN401 - of many types
    """Make a function a part of the compiled loops that call it."""

    def decorate(function: Function) -> Function:
        return cast(Function, _Inlined(cast(FunctionType, function), options))

    return decorate


def _take_apart(argument: object, kinds: list[object], values: list[int]) -> None:
    """Add to `kinds` all that machine code depends on, and to `values` the numbers that it gets for
    the argument, in the order of Numba's data model."""
    if isinstance(argument, np.ndarray):
        flags = argument.flags
        kinds += argument.dtype, argument.ndim, flags.num & ~OWNS_ITS_DATA
        address, _ = argument.__array_interface__["data"]
        owner = counter = 0
        values += counter, owner, argument.size, argument.itemsize, address
        values += argument.shape
        values += argument.strides
    elif isinstance(argument, tuple):
        for part in argument:
            _take_apart(part, kinds, values)
    else:
        kinds.append("integer")
        values.append(int(cast(int, argument)))
