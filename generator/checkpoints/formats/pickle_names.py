"""Names allowed in pickles of weights, and the inert value that each is read as.

Other names are refused. No name is ever imported.
"""

from typing import NamedTuple

from generator.checkpoints.formats.dtypes import BY_NAME, BY_STORAGE


class Name(NamedTuple):
    """`module name` as a pickle writes it, and its role in a weight file.

    `part` is one of `mapping`, `sequence`, `tensor`, `typed tensor`, `parameter`, `storage`,
    `dtype` and `inert`; `dtype` is that of a storage or dtype, empty for bytes without one.
    """

    text: str
    part: str
    dtype: str = ""


MAPPINGS = (
    "collections OrderedDict",
    "collections defaultdict",
    "collections Counter",
    "builtins dict",
    # Mappings under other names: hyperparameters of Lightning, parameters of a module.
    "pytorch_lightning.utilities.parsing AttributeDict",
    "lightning.pytorch.utilities.parsing AttributeDict",
    "lightning_fabric.utilities.data AttributeDict",
    "lightning.fabric.utilities.data AttributeDict",
    "torch.nn.modules.container ParameterDict",
)
SEQUENCES = ("torch Size",)
TENSORS = ("torch._utils _rebuild_tensor", "torch._utils _rebuild_tensor_v2")
# A dtype over a storage of bytes, for dtypes without a storage class, such as float8.
TYPED_TENSORS = ("torch._utils _rebuild_tensor_v3",)
PARAMETERS = (
    "torch._utils _rebuild_parameter",
    "torch._utils _rebuild_parameter_with_state",
    "torch.nn.parameter Parameter",
)
# How many arguments each takes behind those that are read (`torch/_utils.py`).
MORE_ARGUMENTS = {
    "torch._utils _rebuild_tensor": (0,),
    "torch._utils _rebuild_tensor_v2": (2, 3),
    "torch._utils _rebuild_tensor_v3": (0, 1),
    "torch._utils _rebuild_parameter": (2,),
    "torch._utils _rebuild_parameter_with_state": (3,),
    "torch.nn.parameter Parameter": (0, 1),
}
BYTE_STORAGES = ("torch.storage UntypedStorage", "torch UntypedStorage")
# Objects that trainers store beside the weights. They become values without content.
INERT = (
    "_codecs encode",
    "argparse Namespace",
    "builtins bytearray",
    "builtins complex",
    "builtins float",
    "builtins int",
    "builtins list",
    "builtins set",
    "builtins slice",
    "builtins str",
    "builtins tuple",
    "datetime datetime",
    "datetime timedelta",
    "lightning.pytorch.callbacks.model_checkpoint ModelCheckpoint",
    "numpy dtype",
    "numpy ndarray",
    "numpy._core.multiarray _reconstruct",
    "numpy._core.multiarray scalar",
    "numpy.core.multiarray _reconstruct",
    "numpy.core.multiarray scalar",
    "omegaconf.base ContainerMetadata",
    "omegaconf.base Metadata",
    "omegaconf.dictconfig DictConfig",
    "omegaconf.listconfig ListConfig",
    "omegaconf.nodes AnyNode",
    "pathlib Path",
    "pathlib PosixPath",
    "pathlib PurePosixPath",
    "pathlib WindowsPath",
    "pytorch_lightning.callbacks.early_stopping EarlyStopping",
    "pytorch_lightning.callbacks.model_checkpoint ModelCheckpoint",
    "torch device",
    "typing Any",
)

NAMES = {
    name.text: name
    for name in (
        *(Name(text, "mapping") for text in MAPPINGS),
        *(Name(text, "sequence") for text in SEQUENCES),
        *(Name(text, "tensor") for text in TENSORS),
        *(Name(text, "typed tensor") for text in TYPED_TENSORS),
        *(Name(text, "parameter") for text in PARAMETERS),
        *(Name(text, "storage") for text in BYTE_STORAGES),
        *(Name(f"torch {storage}", "storage", dtype.name) for storage, dtype in BY_STORAGE.items()),
        *(Name(f"torch {dtype}", "dtype", dtype) for dtype in BY_NAME),
        *(Name(text, "inert") for text in INERT),
    )
}
# Modules that run commands, code or other pickles, or reach for files and networks: no trainer's
# state needs them. After the lists of picklescan and fickling.
ATTACK_WORDS = """
    _aix_support _io _osx_support _pickle _posixsubprocess _pyrepl _thread aiohttp asyncio bdb
    cProfile cloudpickle code codeop commands compileall ctypes dill distutils doctest ensurepip
    fileinput ftplib http httplib idlelib imaplib imp importlib io lib2to3 linecache marshal
    multiprocessing nt nturl2path operator os pdb pickle pickletools pip pkgutil poplib posix
    posixpath profile pty py_compile pydoc requests runpy shelve shutil signal site smtplib socket
    socketserver ssl subprocess sys sysconfig threading timeit trace urllib urllib2 urllib3 venv
    webbrowser zipfile zipimport
"""
ATTACKS = frozenset(ATTACK_WORDS.split())
# The same in modules that also have harmless names.
ATTACK_NAMES = frozenset(
    {
        *(f"builtins {name}" for name in ("__import__", "apply", "breakpoint", "compile")),
        *(f"builtins {name}" for name in ("delattr", "eval", "exec", "execfile", "file")),
        *(f"builtins {name}" for name in ("getattr", "globals", "input", "open", "setattr")),
        "numpy load",
        "torch load",
        "torch.serialization load",
    }
)
ATTACK_MODULES = ("numpy.testing._private.utils", "torch.hub", "torch._dynamo", "torch._inductor")
# Protocol 2 writes Python 2's name of `builtins`.
OLD_BUILTINS = "__builtin__ "


def look_up(text: str) -> Name | None:
    """The entry of `module name`; None if it is not allowed."""
    return NAMES.get(_modern(text))


def is_attack(text: str) -> bool:
    """Whether `module name` is used to run something, and not merely unknown."""
    modern = _modern(text)
    module = modern.partition(" ")[0]
    dangerous = any(f"{module}.".startswith(f"{each}.") for each in ATTACK_MODULES)
    return dangerous or modern in ATTACK_NAMES or module.partition(".")[0] in ATTACKS


def _modern(text: str) -> str:
    if text.startswith(OLD_BUILTINS):
        return f"builtins {text.removeprefix(OLD_BUILTINS)}"
    return text
