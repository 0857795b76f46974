"""A compiled loop -> machine code in memory, kept for the next process.

To load Numba takes longer than to compare two small files, so it is loaded only where a loop is
compiled.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import NamedTuple

import llvmlite
from llvmlite import binding as llvm

from generator.records.kept import kept

# Of the loop, in its object file.
SYMBOL = "loop"
# Calls that LLVM itself translates.
INTRINSIC = "llvm."


class MachineCode(NamedTuple):
    """Machine code in memory, as long as its engine lives."""

    engine: llvm.ExecutionEngine
    address: int


def load(
    function: FunctionType, kinds: str, compile_loop: Callable[[], tuple[str, str]]
) -> MachineCode:
    """The machine code of `function` for arguments of these `kinds`: kept, or else compiled.

    `compile_loop` gives the code in LLVM's language, and the name of the function in it.
    """
    source = Path(function.__code__.co_filename)
    # Each version of LLVM has its own versions of Numba.
    made_of = "\0".join((llvmlite.__version__, *_processor(), kinds, source.read_text("utf-8")))
    name = function.__name__.strip("_")
    machine_code = kept(source, name, made_of.encode(), lambda: _translated(*compile_loop()))
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(machine_code))
    engine.finalize_object()
    return MachineCode(engine, engine.get_function_address(SYMBOL))


def _translated(code: str, name: str) -> bytes:
    """The object file of one function, for this machine; it needs nothing else."""
    module = llvm.parse_assembly(code)
    for each in module.functions:
        if each.name != name and not each.is_declaration:
            # To be found elsewhere, and so left out: Numba's bridges to Python.
            each.linkage = "available_externally"
    loop = module.get_function(name)
    calls = (each for block in loop.blocks for each in block.instructions if each.opcode == "call")
    called = {list(call.operands)[-1].name for call in calls}
    assert all(each.startswith(INTRINSIC) for each in called), f"{name} calls {called}"
    loop.name = SYMBOL
    machine_code: bytes = _machine().emit_object(module)
    return machine_code


def _machine() -> llvm.TargetMachine:
    """This machine, with the settings of Numba's."""
    triple, processor, features = _processor()
    return llvm.Target.from_triple(triple).create_target_machine(
        cpu=processor,
        features=features,
        opt=3,
        reloc="static" if triple.startswith(("x86", "i386", "i686")) else "default",
        codemodel="jitdefault",
        jit=True,
    )


@cache
def _processor() -> tuple[str, str, str]:
    """Its triple, name and features."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    return llvm.get_process_triple(), llvm.get_host_cpu_name(), features
