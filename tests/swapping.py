"""Change functions of loaded modules in place, as if these had been loaded with a fault."""

import gc
import inspect
import sys
from pathlib import Path
from types import CodeType, FunctionType

# Code that runs while its module is loaded, though Python keeps it as functions.
COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>"}
# Functions of such modules are compiled as a whole.
MACHINE_CODE = ("@compiled", "@inlined", "numba")

# A function of the sound module, by qualified name and line -> its code with the fault.
Swaps = dict[tuple[str, int], CodeType]


def swaps(path: Path, sound: str, faulty: str) -> Swaps | None:
    """The functions in which two sources of a module differ; None if they differ elsewhere."""
    if any(mark in sound for mark in MACHINE_CODE):
        return None
    found: Swaps = {}
    codes = (compile(source, str(path), "exec") for source in (sound, faulty))
    return found if _collect(*codes, found) else None


def _collect(old: CodeType, new: CodeType, found: Swaps) -> bool:
    """Whether two bodies of a module or class differ in functions alone."""
    if (old.co_code, old.co_names) != (new.co_code, new.co_names):
        return False
    if len(old.co_consts) != len(new.co_consts):
        return False
    for one, other in zip(old.co_consts, new.co_consts, strict=True):
        if not (isinstance(one, CodeType) and isinstance(other, CodeType)):
            if repr(one) != repr(other):
                return False
        elif not one.co_flags & inspect.CO_OPTIMIZED:
            if not _collect(one, other, found):
                return False
        elif one != other:
            if one.co_name in COMPREHENSIONS or one.co_freevars != other.co_freevars:
                return False
            found[one.co_qualname, one.co_firstlineno] = other
    return True


def swap(path: Path, changed: Swaps) -> None:
    """Give all functions of a module that are loaded their other code.

    Raises:
        RuntimeError: it is loaded, but has none of them, so that no test could notice.
    """
    # Tests freeze what they have loaded, which then is not among the objects.
    gc.unfreeze()
    found = 0
    for each in gc.get_objects():
        if type(each) is FunctionType and each.__code__.co_filename == str(path):
            code = changed.get((each.__code__.co_qualname, each.__code__.co_firstlineno))
            if code:
                each.__code__, found = code, found + 1
    loaded = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    if changed and not found and str(path) in loaded:
        raise RuntimeError(f"{path} has no function to change")
