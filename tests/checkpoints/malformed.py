"""Weight files that no reader may accept, each made by a few lines of code.

`CASES` maps a name to the function that writes the file into a folder and returns its path, and to
a part of the message with which it must be refused; `CODES` has the code of each message.
"""

import io
import json
import os
import struct
import zipfile
from typing import NamedTuple

ONE = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


class Case(NamedTuple):
    write: object
    message: str


CASES: dict[str, Case] = {}


def case(name, message):
    def register(write):
        CASES[name] = Case(write, message)
        return write

    return register


def put(folder, content, name="model.safetensors"):
    path = folder / name
    path.write_bytes(content)
    return path


def framed(header, data=b"", length=None):
    """A safetensors file with this header: JSON of a mapping, or bytes as they are."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def plain(name, message, content):
    CASES[name] = Case(lambda folder: put(folder, content), message)


def header(name, message, content, data=b"\0" * 4):
    plain(name, message, framed(content, data))


def entry(name, message, data=b"\0" * 4, **changes):
    """One tensor `x` whose entry is `ONE` with changes; a change to None removes the field."""
    fields = {key: value for key, value in {**ONE, **changes}.items() if value is not None}
    header(name, message, {"x": fields}, data)


plain("empty", "is empty", b"")
plain("seven bytes", "neither", b"\1\2\3\4\5\6\7")
plain("zeros", "begins with zeros", bytes(4096))
plain("git lfs pointer", "Git LFS", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
plain("web page", "web page", b"<!DOCTYPE html><html><body>404</body></html>")
plain("web page after blanks", "web page", b"\n\n  <HTML><head></head></HTML>")
plain("json error message", "is JSON", b'{"error": "Access to this model is restricted"}')


def gguf(name, message, shape=(4,), type_=0, at=0, data=bytes(16), copies=1, version=3):
    """A GGUF file of one tensor `x`, or of several of that name, at byte `at` of the data."""
    sides = b"".join(struct.pack("<Q", side) for side in reversed(shape))
    entry = struct.pack("<Q", 1) + b"x" + struct.pack("<I", len(shape)) + sides
    entry = (entry + struct.pack("<IQ", type_, at)) * copies
    head = b"GGUF" + struct.pack("<IQQ", version, copies, 0) + entry
    plain(f"gguf: {name}", message, head + bytes(-len(head) % 32) + data)


def gguf_field(name, message, key, value, tensors=0, rest=b""):
    """A GGUF file with one field, `value` with its type before it."""
    head = b"GGUF" + struct.pack("<IQQQ", 3, tensors, 1, len(key)) + key + value
    plain(f"gguf: {name}", message, head + rest)


gguf_field("alignment of 0", "bad alignment", b"general.alignment", struct.pack("<II", 4, 0))
gguf_field("alignment of text", "bad alignment", b"general.alignment", struct.pack("<IQ", 8, 0))
gguf_field("array of arrays", "bad array of type 9", b"a", struct.pack("<IIQ", 9, 9, 2))
gguf_field("vast array of arrays", "limit", b"a", struct.pack("<IIQ", 9, 9, 2**30))
gguf_field("unknown type of a field", "bad type 77", b"a", struct.pack("<I", 77))
gguf_field("text cut in an array", "truncated", b"a", struct.pack("<IIQQ", 9, 8, 2, 2**20))
gguf_field("long text in an array", "limit", b"a", struct.pack("<IIQQ", 9, 8, 2, 2**62))
gguf("offset of 2^64-1", "leaves a hole", at=2**64 - 1)
gguf("version 1", "version 1", version=1)
gguf("big-endian", "big-endian", version=3 << 24)
gguf("cut", "truncated", data=bytes(15))
gguf("more data", "after the last tensor", data=bytes(40))
gguf("hole", "leaves a hole", at=32, data=bytes(64))
gguf("two of a name", "twice", copies=2, shape=(0,), data=b"")
gguf("unknown type", "unknown dtype", type_=99)
gguf("part of a block", "whole blocks", type_=8, shape=(33,), data=bytes(64))
gguf("vast", "bad shape", shape=(2**40, 2**40))
gguf("nine sides", "bad shape", shape=(1,) * 9)
plain("gguf: many tensors", "limit is 100,000", b"GGUF" + struct.pack("<IQQ", 3, 2**60, 0))
plain("gguf: many fields", "truncated", b"GGUF" + struct.pack("<IQQ", 3, 0, 2**60))
plain("gguf: long text", "limit", b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**60))
array = struct.pack("<Q", 1) + b"a" + struct.pack("<IIQ", 9, 0, 2**62)
plain("gguf: long array", "limit", b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + array)
plain("gzip", "gzip", b"\x1f\x8b\x08\0" + bytes(64))
plain("noise", "neither", bytes(range(255, 0, -1)))
plain(
    "length beyond the file",
    "header ends at byte 1,008, but there are only 15",
    framed(b'{"a":1}', length=1000),
)
plain("ONNX", "ONNX model", b"\x08\x07\x12\x07pytorch\x1a\x051.13" + bytes(64))
plain("TensorRT", "TensorRT engine", b"ftrt" + bytes(64))
plain("NumPy", "NumPy array", b"\x93NUMPY\x01\x00" + bytes(64))
plain("message of the Hub", "message of the Hub", b"Entry not found")
plain("length over the limit", "limit", framed(b"{}", length=2**40))
EMPTY = {"dtype": "F16", "shape": [0], "data_offsets": [0, 0]}
plain(
    "many tensors",
    "100,001 tensors; the limit is 100,000",
    framed(json.dumps({str(number): EMPTY for number in range(100_001)}).encode()),
)
plain(
    "long name",
    "a tensor name of 65,537 letters; the limit is 65,536",
    framed(json.dumps({"x" * 65_537: EMPTY}).encode()),
)
plain("length of 2^64-1", "limit", framed(b"{}", length=2**64 - 1))
plain("length of 100 MB", "limit", framed(b"{}" + bytes(64), length=100_000_001))
header("bad utf-8", "cannot be read", b'{"\xff\xfe": {}}')
header("utf-8 surrogate", "cannot be read", b'{"\xed\xa0\x80": {}}')
header("overlong utf-8", "cannot be read", b'{"\xc0\x80": {}}')
header("escaped lone surrogate", "cannot be read", b'{"\\ud800": {}}')
header("bad json", "cannot be read", b'{"x": ')
header("json with a trailing comma", "cannot be read", b'{"x": [],}')
header("two objects", "cannot be read", b"{}{}")
header("control character in a name", "cannot be read", b'{"a\nb": {}}')
header("header padded with zeros", "cannot be read", b"{}\0\0\0\0\0\0", b"")
header("nested 100,000 deep", "cannot be read", b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
header(
    "deep metadata", "cannot be read", b'{"__metadata__":' + b'{"a":' * 99_999 + b"1" + b"}" * 10**5
)
header("entry is a list", "bad entry", b'{"x": ["F32", [1], [0, 4]]}')
header("entry is null", "bad entry", {"x": None})
header("metadata of numbers", "cannot be read", {"__metadata__": {"a": 1}, "x": ONE})
header("metadata is a list", "cannot be read", {"__metadata__": [], "x": ONE})
header("nothing but metadata", "no tensors", {"__metadata__": {"a": "b"}}, b"")
header(
    "tensor twice",
    "repeated key 'x'",
    b'{"x":%s,"x":%s}' % ((json.dumps(ONE).encode(),) * 2),
)
header(
    "field twice",
    "repeated key",
    b'{"x":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
)
header(
    "metadata key twice",
    "repeated key",
    b'{"__metadata__":{"a":"1","a":"2"},"x":%s}' % json.dumps(ONE).encode(),
)
header(
    "metadata twice",
    "repeated key",
    b'{"__metadata__":{},"__metadata__":{},"x":%s}' % json.dumps(ONE).encode(),
)
header(
    "name spelled twice",
    "repeated key",
    b'{"x":%s,"\\u0078":%s}' % ((json.dumps(ONE).encode(),) * 2),
)
entry("unknown field", "bad entry", note="hello")
entry("no dtype", "bad entry", dtype=None)
entry("no shape", "bad entry", shape=None)
entry("no offsets", "bad entry", data_offsets=None)
entry("unknown dtype", "unknown dtype", dtype="Q4_K")
entry("dtype in lower case", "unknown dtype", dtype="f32")
entry("negative offset", "bad entry", data_offsets=[-4, 0])
entry("fractional offset", "bad entry", data_offsets=[0, 4.5])
entry("float offset", "bad entry", data_offsets=[0, 4.0])
entry("boolean offset", "bad entry", data_offsets=[False, 4])
entry("text offset", "bad entry", data_offsets=["0", "4"])
header("NaN offset", "cannot be read", b'{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,NaN]}}')
header("infinite side", "cannot be read", b'{"x":{"dtype":"F32","shape":[Infinity]}}')
header("side of 1e309", "bad entry", b'{"x":{"dtype":"F32","shape":[1e309],"data_offsets":[0,4]}}')
header("exponent", "bad entry", b'{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4e0]}}')
header("side of 10^5 digits", "bad entry", b'{"x":{"dtype":"F32","shape":[' + b"9" * 10**5 + b"]}}")
header("byte order mark", "neither", b"\xef\xbb\xbf{}")
entry("vast side beside none", "bad entry", b"", shape=[2**63, 0], data_offsets=[0, 0])
header(
    "empty tensor inside another",
    "overlaps",
    {"x": ONE, "y": {**ONE, "shape": [0], "data_offsets": [2, 2]}},
)
entry("three offsets", "bad entry", data_offsets=[0, 4, 4])
entry("one offset", "bad entry", data_offsets=[4])
entry("offset over 2^63", "bad entry", data_offsets=[0, 2**63])
entry("negative size", "bad entry", shape=[-1])
entry("boolean size", "bad entry", shape=[True])
entry("overflowing shape", "bytes for", shape=[2**32, 2**32, 2**32])
entry("shape that wraps to one", "bytes for", shape=[2**62, 4, 1])
entry("65 dimensions", "bad entry", shape=[1] * 65)
entry("a million dimensions", "bad entry", shape=[2**62] * 300_000)
entry("size is not shape times dtype", "4 bytes for shape 2 of F32", shape=[2])
entry("half-byte elements that do not fill bytes", "bytes for", dtype="F4", shape=[3])
entry("ends before it starts", "before it starts", data_offsets=[4, 0])
entry("truncated data", "truncated", b"\0\0")
entry("trailing bytes", "after the last tensor", b"\0" * 5)
entry("starts late", "leaves a hole", data_offsets=[4, 8], data=b"\0" * 8)
header("-0", "sign", b'{"x":{"dtype":"F32","shape":[1],"data_offsets":[-0,4]}}')
header(
    "overlapping",
    "overlaps",
    {"x": {**ONE, "shape": [2], "data_offsets": [0, 8]}, "y": {**ONE, "data_offsets": [4, 8]}},
    b"\0" * 8,
)
header(
    "hole",
    "leaves a hole",
    {"x": ONE, "y": {**ONE, "data_offsets": [8, 12]}},
    b"\0" * 12,
)
header("two names for one place", "overlaps", {"x": ONE, "y": ONE})

# Zips and pickles --------------------------------------------------------------------------------

PROTO = b"\x80\x02"
STORAGE = b"(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0%sX\3\0\0\0cpuK%ctQ"


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value


def tensor(key=b"0", stored=4, offset=b"K\0", shape=b"K\4\x85", strides=b"K\1\x85"):
    """Opcodes of a float32 tensor over a storage of `stored` elements."""
    storage = STORAGE % (key, stored)
    hooks = b"\x89ccollections\nOrderedDict\n)R"
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + offset + shape + strides + hooks + b"tR"
    )


def state(*items):
    """A pickled dictionary of `(name, opcodes)`."""
    return PROTO + b"}(" + b"".join(text(name) + opcodes for name, opcodes in items) + b"u."


def archive(pickled, members=None, method=zipfile.ZIP_STORED, name="data.pkl"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        file.writestr(f"archive/{name}", pickled)
        for member, content in ({"data/0": bytes(16)} if members is None else members).items():
            file.writestr(f"archive/{member}", content)
    return buffer.getvalue()


def pickled(name, message, content, members=None):
    CASES[name] = Case(lambda folder: put(folder, archive(content, members), "model.ckpt"), message)


def view(name, message, **changes):
    """A tensor whose opcodes are those of a good one with changes."""
    pickled(name, message, state((b"x", tensor(**changes))))


def members(name, message, held):
    """A good pickle in an archive that holds these members besides."""
    pickled(name, message, state((b"x", tensor())), held)


GOOD = archive(state((b"x", tensor())))


def patched(name, message, old, new, count=-1):
    """A good archive with some of its bytes replaced."""
    assert old in GOOD
    CASES[name] = Case(
        lambda folder: put(folder, GOOD.replace(old, new, count), "model.ckpt"), message
    )


class Exploit(NamedTuple):
    """Opcodes, and the code and message with which they are refused."""

    opcodes: bytes
    code: str
    message: str


def exploits(sentinel):
    """Pickles that would create the file `sentinel`, by every opcode that can call something.

    Where the opcode is what must be refused, the name before it is an allowed one.
    """
    command = text(f"touch {sentinel}".encode())
    system, call = b"cos\nsystem\n", b"tR"
    storage, ordered = b"ctorch\nFloatStorage\n", b"ccollections\nOrderedDict\n"
    short = f"touch {sentinel}".encode()

    def name(opcodes, refused):
        return Exploit(opcodes, "attack", f"asks for '{refused}, as an attack does")

    def unknown(opcodes, refused):
        return Exploit(opcodes, "import", f"asks for '{refused}, a class or function")

    def opcode(opcodes, refused):
        return Exploit(opcodes, "opcode", f"uses the opcode {refused}.")

    def operand(opcodes, refused):
        return Exploit(opcodes, "operand", f"uses the opcode {refused} on a value")

    def arguments(opcodes, refused):
        return Exploit(opcodes, "call", f"calls '{refused}' in an unknown way")

    return {
        "REDUCE": name(system + b"(" + command + call, "os.system'"),
        "posix": name(b"cposix\nsystem\n(" + command + call, "posix.system'"),
        "STACK_GLOBAL": name(b"\x8c\2os\x8c\6system\x93(" + command + call, "os.system'"),
        "builtins.eval": name(
            b"cbuiltins\neval\n(" + text(b"__import__('os').system('%s')" % short) + call,
            "builtins.eval'",
        ),
        "__builtin__.exec": name(
            b"c__builtin__\nexec\n(" + text(b"open('%s','w')" % short[6:]) + call,
            "__builtin__.exec'",
        ),
        "builtins.getattr": name(
            b"cbuiltins\ngetattr\n(cos\n__dict__\n" + text(b"system") + call, "builtins.getattr'"
        ),
        "runpy": name(b"crunpy\n_run_code\n(" + command + call, "runpy._run_code'"),
        "subprocess": name(b"csubprocess\ncall\n((" + command + b"l" + call, "subprocess.call'"),
        "dotted name": unknown(
            b"\x8c\5torch\x8c\x0dos.path.joint\x93(" + command + call, "torch.os.path.joint'"
        ),
        "name with a line": unknown(
            b"\x8c\5torch\x8c\7_utils\n\x93(" + command + call, r"torch._utils\n'"
        ),
        "torch.load": name(b"ctorch\nload\n(" + command + call, "torch.load'"),
        "hub": name(b"ctorch.hub\nload\n(" + command + call, "torch.hub.load'"),
        "INST": opcode(b"(" + command + b"icollections\nOrderedDict\n", "INST"),
        "OBJ": opcode(b"(" + ordered + command + b"o", "OBJ"),
        "NEWOBJ_EX": opcode(ordered + command + b"\x85}\x92", "NEWOBJ_EX"),
        "EXT1": opcode(b"\x82\1(" + command + call, "EXT1"),
        "BUILD on an allowed name": operand(storage + b"}" + command + command + b"sb", "BUILD"),
        "BUILD with slots": operand(
            ordered + b"N}" + text(b"__call__") + ordered + b"s\x86b", "BUILD"
        ),
        "SETITEM on a name": operand(storage + command + ordered + b"s", "SETITEM"),
        "APPEND to a name": operand(storage + ordered + b"a", "APPEND"),
        "REDUCE of a value": operand(command + b"(" + command + call, "REDUCE"),
        "NEWOBJ of a value": operand(command + command + b"\x85\x81", "NEWOBJ"),
        "numpy scalar": operand(b"cnumpy.core.multiarray\nscalar\n(" + ordered + b"tb", "BUILD"),
        "persistent id": operand(ordered + command + b"\x86Q", "BINPERSID"),
        "REDUCE of a storage": arguments(storage + b"(" + command + call, "torch.FloatStorage"),
        "NEWOBJ": arguments(ordered + command + b"\x85\x81", "collections.OrderedDict"),
        "OrderedDict of a call": operand(ordered + b"(cbuiltins\nset\n)R" + call, "REDUCE"),
        "defaultdict factory": arguments(
            b"ccollections\ndefaultdict\n(" + command + call, "collections.defaultdict"
        ),
    }


EXPLOITS = exploits("/nonexistent/sentinel")
for _name, _exploit in EXPLOITS.items():
    pickled(f"pickle: {_name}", _exploit.message, state((b"x", tensor()), (b"y", _exploit.opcodes)))

pickled(
    "pickle: os.system named",
    "asks for 'os.system', as an attack does",
    state((b"x", b"cos\nsystem\n")),
)
pickled(
    "pickle: escaped name", "escapes", state((b"x", tensor().replace(b"_utils", rb"_util\x73")))
)
pickled("pickle: no tensors", "no tensors", PROTO + b"}.")
pickled("pickle: a number", "no tensors", PROTO + b"K\5.")
pickled("pickle: empty", "damaged", b"")
pickled("pickle: no stop", "damaged", state((b"x", tensor()))[:-1])
pickled("pickle: cut in an opcode", "damaged", state((b"x", tensor()))[:30])
pickled("pickle: two values", "damaged", PROTO + b"}}.")
pickled("pickle: pop of nothing", "damaged", PROTO + b"000.")
pickled("pickle: unknown memo", "damaged", PROTO + b"h\7.")
pickled("pickle: memo index of 2^31", "no tensors", PROTO + b"}r\xff\xff\xff\x7f.")
pickled("pickle: unknown opcode", "damaged", PROTO + b"\xff.")
pickled("pickle: a million opcodes", "opcodes", PROTO + b"N0" * 600_000 + b"}.")
pickled("pickle: 17 MB", "bytes", PROTO + text(bytes(17 * 2**20)) + b".")
pickled("pickle: text longer than the file", "damaged", PROTO + b"X\xff\xff\xff\xff.")
pickled("pickle: number of 10,000 digits", "damaged", PROTO + b"I" + b"9" * 10_000 + b"\n.")
# Hashing this key takes 2^100 steps.
pickled("pickle: bomb of tuples as a key", "key", PROTO + b"}" + b")" + b"2\x86" * 100 + b"Ns.")
pickled("pickle: lists 10,000 deep", "deeper", PROTO + b"]" * 10_000 + b"a" * 9_999 + b".")
pickled(
    "pickle: list of itself",
    "no tensors",
    PROTO + b"]q\0h\0a.",
)
pickled(
    "pickle: appended to a tensor", "uses the opcode APPEND on a value", PROTO + tensor() + b"K\1a."
)
pickled(
    "pickle: tensor called twice", "uses the opcode REDUCE on a value", PROTO + tensor() + b")R."
)
view("pickle: storage missing", "has no storage '7': it is missing", key=b"7")
pickled(
    "pickle: storage smaller than stated",
    "a storage of 4 bytes, not 16",
    state((b"x", tensor())),
    {"data/0": b"1234"},
)
pickled(
    "pickle: storage larger than stated",
    "a storage of 20 bytes, not 16",
    state((b"x", tensor())),
    {"data/0": bytes(20)},
)
view("pickle: tensor larger than its storage", "fit", shape=b"K\5\x85")
view("pickle: offset outside", "fit", offset=b"K\1")
view("pickle: offset negative", "bad offset", offset=b"J\xff\xff\xff\xff")
pickled(
    "pickle: strides outside", "fit", state((b"x", tensor(shape=b"K\2\x85", strides=b"K\4\x85")))
)
pickled(
    "pickle: stride of zero", "fit", state((b"x", tensor(shape=b"K\xff\x85", strides=b"K\0\x85")))
)
pickled(
    "pickle: strides negative",
    "bad strides",
    state((b"x", tensor(strides=b"J\xff\xff\xff\xff\x85"))),
)
view("pickle: too few strides", "fit", strides=b")")
view("pickle: shape of text", "bad shape", shape=text(b"a") + b"\x85")
view("pickle: shape of booleans", "bad shape", shape=b"\x88\x85")
pickled(
    "pickle: shape of 2^4000",
    "bad shape",
    state((b"x", tensor(shape=b"\x8b" + struct.pack("<I", 501) + bytes(500) + b"\1\x85"))),
)
pickled(
    "pickle: a thousand views of one storage",
    "times the size of the file",
    # The first tensor is put into the memo, the others are the same.
    PROTO
    + b"}("
    + text(b"x")
    + tensor(stored=200, shape=b"K\xc8\x85")
    + b"q\0"
    + b"".join(text(b"%d" % number) + b"h\0" for number in range(1000))
    + b"u.",
    {"data/0": bytes(800)},
)
pickled(
    "pickle: name twice",
    "occurs twice",
    state((b"a.b", tensor()), (b"a", b"}" + text(b"b") + tensor() + b"s")),
)
pickled(
    "big-endian", "big-endian", state((b"x", tensor())), {"data/0": bytes(16), "byteorder": b"big"}
)
pickled(
    "TorchScript",
    "TorchScript",
    state((b"x", tensor())),
    {"data/0": bytes(16), "constants.pkl": b"."},
)
pickled(
    "two pickles", "2 data.pkl", state((b"x", tensor())), {"data/0": bytes(16), "b/data.pkl": b"."}
)
pickled(
    "zip: parent folder", "leads elsewhere", state((b"x", tensor())), {"../../data/0": bytes(16)}
)
members("zip: backslash", "leads elsewhere", {"data\\..\\0": bytes(16)})
CASES["zip: no pickle"] = Case(
    lambda folder: put(folder, archive(b"", name="readme"), "model.ckpt"), "0 data.pkl"
)
CASES["zip: compressed"] = Case(
    lambda folder: put(
        folder, archive(state((b"x", tensor())), method=zipfile.ZIP_DEFLATED), "model.ckpt"
    ),
    "compressed",
)
CASES["zip: truncated"] = Case(lambda folder: put(folder, GOOD[:-30], "model.ckpt"), "zip")
CASES["zip: no end"] = Case(lambda folder: put(folder, GOOD[:40], "model.ckpt"), "zip")
CASES["zip: trailing bytes"] = Case(lambda folder: put(folder, GOOD + b"!", "model.ckpt"), "zip")
CASES["zip: empty archive"] = Case(
    lambda folder: put(folder, b"PK\5\6" + bytes(18), "model.ckpt"), "zip archive without members"
)


def with_64_bit_ends(count):
    """`GOOD` with 64-bit ends, of which the locator names the first; a reader must use the last."""
    start, stop = GOOD.index(b"PK\1\2"), GOOD.index(b"PK\5\6")
    members = (2, 2, stop - start, start)
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, *members)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, stop, 1)
    return GOOD[:stop] + count * end + locator + GOOD[stop:]


CASES["zip: two 64-bit ends"] = Case(
    lambda folder: put(folder, with_64_bit_ends(2), "model.ckpt"), "damaged"
)
patched("zip: bad CRC of the pickle", "bad CRC", b"storage", b"storagf")
patched(
    "zip: local name differs", "not at its listed offset", b"archive/data/0", b"archive/data/1", 1
)
patched("zip: damaged directory", "damaged", b"PK\1\2", b"PK\1\3", 1)


@case("zip: damaged member", "not at its listed offset")
def _(folder):
    head, second, rest = GOOD.split(b"PK\3\4", 2)[0], *GOOD.split(b"PK\3\4", 2)[1:]
    return put(folder, head + b"PK\3\4" + second + b"PK\3\5" + rest, "model.ckpt")


@case("zip: encrypted", "encrypted")
def _(folder):
    content = bytearray(GOOD)
    directory = content.index(b"PK\1\2")
    content[directory + 8] |= 1
    return put(folder, bytes(content), "model.ckpt")


@case("zip: member twice", "twice")
def _(folder):
    buffer = io.BytesIO(GOOD)
    with zipfile.ZipFile(buffer, "a") as file:
        # zipfile warns of the name, so it is changed afterwards.
        file.writestr("archive/data/9", bytes(16))
    return put(folder, buffer.getvalue().replace(b"data/9", b"data/0"), "model.ckpt")


@case("zip: overlapping members", "overlaps")
def _(folder):
    content = bytearray(GOOD)
    second = content.index(b"PK\1\2", content.index(b"PK\1\2") + 4)
    content[second + 42 : second + 46] = struct.pack("<I", 4)
    return put(folder, bytes(content), "model.ckpt")


# torch before 1.6 wrote a magic number, a protocol and the system's sizes, one pickle each.
plain(
    "legacy torch pickle", "pickle is damaged", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02"
)
plain("bare pickle", "bare pickle", b"\x80\4\x95\0\0\0\0\0\0\0\0}.")

# Paths -------------------------------------------------------------------------------------------


@case("missing", "cannot be opened")
def _(folder):
    return folder / "nothing.safetensors"


@case("name with a zero byte", "cannot be opened")
def _(folder):
    return folder / "a\0b.safetensors"


@case("empty folder", "without weights")
def _(folder):
    (folder / "model").mkdir()
    return folder / "model"


if hasattr(os, "mkfifo"):

    @case("pipe", "pipe")
    def _(folder):
        os.mkfifo(folder / "pipe.safetensors")
        return folder / "pipe.safetensors"

    @case("device", "device")
    def _(folder):
        (folder / "zero.safetensors").symlink_to("/dev/zero")
        return folder / "zero.safetensors"

    @case("link to itself", "cannot be opened")
    def _(folder):
        (folder / "loop.safetensors").symlink_to("loop.safetensors")
        return folder / "loop.safetensors"


def sharded(name, message, weight_map, link=None):
    def write(folder):
        inside = folder / "model"
        inside.mkdir()
        put(folder, framed({"x": ONE}, bytes(4)), "outside.safetensors")
        put(inside, framed({"x": ONE}, bytes(4)), "a.safetensors")
        if link:
            (inside / "link.safetensors").symlink_to(link)
        index = inside / "model.safetensors.index.json"
        content = (
            weight_map
            if isinstance(weight_map, bytes)
            else json.dumps({"weight_map": weight_map}).encode()
        )
        index.write_bytes(content)
        return index

    CASES[f"shards: {name}"] = Case(write, message)


@case("shards: no index", "without their index")
def _(folder):
    put(folder, framed({"x": ONE}, bytes(4)), "model-00001-of-00002.safetensors")
    return folder


sharded("missing file", "missing", {"x": "b.safetensors"})
sharded(
    "tensor twice",
    "repeated key",
    b'{"weight_map": {"x": "b.safetensors", "x": "a.safetensors"}}',
)
sharded("parent folder", "outside", {"x": "../outside.safetensors"})
sharded("absolute", "outside", {"x": "/etc/passwd"})
sharded("drive letter", "outside", {"x": "C:outside.safetensors"})
sharded("backslash", "outside", {"x": "..\\outside.safetensors"})
sharded("folder itself", "outside", {"x": "."})
sharded("link outside", "outside", {"x": "link.safetensors"}, "../outside.safetensors")
sharded("link in a circle", "missing", {"x": "link.safetensors"}, "link.safetensors")
sharded("back into the folder", "outside", {"x": "sub/../../model/a.safetensors"})
sharded("share of another machine", "outside", {"x": "\\\\host\\share\\a.safetensors"})
sharded("address", "outside", {"x": "https://example.org/a.safetensors"})
sharded("zero byte", "outside", {"x": "a\0.safetensors"})
sharded("folder that leads outside", "outside", {"x": "link.safetensors/passwd"}, "/etc")
sharded("itself", "is JSON", {"x": "model.safetensors.index.json"})
sharded("100,000 missing files", "missing", {f"t{n}": f"f{n}.safetensors" for n in range(10**5)})
sharded("unknown tensor", "lacks the tensor", {"x": "a.safetensors", "y": "a.safetensors"})
sharded("unlisted tensor", "unlisted", {"z": "a.safetensors"})
sharded("number for a name", "cannot be read", {"x": 1})
sharded("no map", "cannot be read", b"{}")
sharded("bad json", "cannot be read", b"{")
sharded("nested deep", "cannot be read", b'{"weight_map":' + b"[" * 100_000)
sharded("no tensors", "no tensors", {})

# The codes that stand for these messages.
CODES = {
    **{
        code: {each.message for each in EXPLOITS.values() if each.code == code}
        for code in ("attack", "import", "opcode", "operand", "call")
    },
    "gguf_version": ("version 1",),
    "not_whole_blocks": ("whole blocks",),
    "tensors": ("100,001 tensors; the limit is 100,000", "limit is 100,000"),
    "name_length": ("a tensor name of 65,537 letters; the limit is 65,536",),
    "not_weights": (
        "Git LFS",
        "TorchScript",
        "bare pickle",
        "big-endian",
        "device",
        "gzip",
        "is JSON",
        "is empty",
        "neither",
        "pipe",
        "web page",
        "without weights",
        "without their index",
        "begins with zeros",
        "zip archive without members",
        "ONNX model",
        "TensorRT engine",
        "NumPy array",
        "message of the Hub",
    ),
    "truncated": ("header ends at byte 1,008, but there are only 15", "truncated"),
    "too_large": ("bytes", "limit"),
    "not_parsed": ("cannot be read",),
    "bad_entry": ("bad entry",),
    "no_tensors": ("no tensors",),
    "repeated_key": ("repeated key", "repeated key 'x'"),
    "dtype": ("unknown dtype",),
    "size": ("4 bytes for shape 2 of F32", "bytes for"),
    "backwards": ("before it starts",),
    "trailing": ("after the last tensor",),
    "hole": ("leaves a hole",),
    "words": ("sign",),
    "overlap": ("overlaps",),
    "escapes": ("escapes",),
    "damaged": ("damaged", "pickle is damaged"),
    "opcodes": ("opcodes",),
    "key_type": ("key",),
    "depth": ("deeper",),
    "no_storage": ("has no storage '7': it is missing",),
    "storage": ("a storage of 20 bytes, not 16", "a storage of 4 bytes, not 16"),
    "too_wide": ("fit",),
    "bad_value": (
        "bad alignment",
        "bad array of type 9",
        "bad offset",
        "bad shape",
        "bad strides",
        "bad type 77",
    ),
    "views": ("times the size of the file",),
    "twice": ("occurs twice", "twice"),
    "pickles": ("0 data.pkl", "2 data.pkl"),
    "path": ("leads elsewhere",),
    "compressed": ("compressed",),
    "no_end": ("zip",),
    "checksum": ("bad CRC",),
    "misplaced": ("not at its listed offset",),
    "encrypted": ("encrypted",),
    "not_opened": ("cannot be opened",),
    "missing": ("missing",),
    "outside": ("outside",),
    "lacks": ("lacks the tensor",),
    "unlisted": ("unlisted",),
}
