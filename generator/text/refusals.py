"""Codes of refused files -> what is wrong with the file, and what to do.

A sentence begins with the field `part`, `tensor`, `member` or `matrix`, if there is one.
"""

from typing import NamedTuple


class Refused(NamedTuple):
    """The end of a sentence about a file, and the advice; `{name}` is a field, in words."""

    sentence: str
    advice: str = ""


WAIT = "Wait until nothing writes to it"
FETCH = "Fetch it again"
CONVERT = "Convert it to safetensors on a machine that you can afford to lose"
AVOID = "Weights need nothing of the kind; do not load it with torch either"
RESAVE = "Do not load it with torch unless you trust its source; save its weights as safetensors"
WHOLE = "It must have exactly the weights of the network"

# The formats of `not_weights`.
FORMATS = {
    "empty": Refused("is empty", FETCH),
    "zeros": Refused("begins with zeros", FETCH),
    "folder": Refused("is a folder, not a weight file"),
    "bare_folder": Refused("is a folder without weights"),
    "shards_alone": Refused("holds shards without their index", FETCH),
    "special_file": Refused("is a pipe, device or socket, not a weight file"),
    "git_lfs": Refused("is a Git LFS pointer, not the weights", "`git lfs pull`"),
    "web_page": Refused("is a web page, not the weights", "Download it again, logged in"),
    "xml": Refused("is an XML document, not the weights", "Download it again"),
    "json": Refused("is JSON, not the weights"),
    "hdf5": Refused("is an HDF5 file, which is not read here"),
    "gzip": Refused("is compressed with gzip", "Unpack it"),
    "7zip": Refused("is a 7-Zip archive", "Unpack it"),
    "rar": Refused("is a RAR archive", "Unpack it"),
    "empty_zip": Refused("is a zip archive without members, not the weights"),
    "bare_pickle": Refused("is a bare pickle", CONVERT),
    "numpy": Refused("is a NumPy array, not a weight file"),
    "tensorrt": Refused("is a TensorRT engine, which holds no weights that can be read"),
    "onnx": Refused("is an ONNX model, which is not read here"),
    "hub_message": Refused(
        "is a message of the Hub, not the weights", "Download it again, logged in"
    ),
    "torchscript": Refused("is a TorchScript program", "Save its state dict instead"),
    "big_endian": Refused("has big-endian numbers"),
    "unknown": Refused("is neither safetensors, GGUF nor a zip of torch.save"),
}
REFUSALS = {
    # For any file.
    "not_opened": Refused("cannot be opened ({why})"),
    "name_not_utf8": Refused("has a name that is not UTF-8", "Rename it"),
    "locale_not_utf8": Refused(
        "has a path with letters that this locale ({encoding}) lacks",
        "Set PYTHONUTF8=1, or a UTF-8 locale",
    ),
    "not_read": Refused("cannot be read at byte {offset} ({why})"),
    "shrank": Refused("ends at byte {offset}; it had {size} bytes when it was opened", WAIT),
    "changed": Refused("changed while it was read", WAIT),
    "missing": Refused("is missing, or a link that leads nowhere"),
    "outside": Refused("leads outside its folder: {name}"),
    "several_files": Refused("has {count} weight files", "Give one of them"),
    # For addresses.
    "not_reached": Refused("cannot be reached ({why})"),
    "status": Refused("is not there: the server answers {status}"),
    "no_length": Refused("has no known size: the server does not tell it"),
    "requests": Refused("needs more than {limit} requests", "Download it"),
    "redirects": Refused("is redirected more than {limit} times"),
    "hub_name": Refused("is not hf:ORGANISATION/NAME[/FILE][@REVISION]"),
    "no_files": Refused("has no weight file"),
    "no_tensors": Refused("has no tensors"),
    "lacks": Refused("lacks the tensor {name}"),
    "unlisted": Refused("has the unlisted tensor {name}"),
    "not_contiguous": Refused(
        "has over {limit} bytes at one place that are not in row-major order",
        "Save it again with `.contiguous()` tensors",
    ),
    # For a header, directory, pickle or tensor of a file.
    "too_large": Refused("has {size} bytes; the limit is {limit} bytes"),
    "truncated": Refused(
        "ends at byte {end}, but there are only {size}", "It is truncated: fetch it again"
    ),
    "trailing": Refused("has {count} bytes after the last tensor"),
    "not_parsed": Refused("cannot be read ({why})"),
    "damaged": Refused("is damaged"),
    "twice": Refused("occurs twice"),
    "overlap": Refused("starts at {start} instead of {expected}: it overlaps the one before it"),
    # For safetensors headers.
    "no_brace": Refused("does not begin with an opening brace"),
    "quotes": Refused("has more than {limit} quotes"),
    "words": Refused("has a sign, fraction or word outside its strings"),
    "repeated_key": Refused("has a repeated key {name}"),
    "bad_entry": Refused("has a bad entry ({why})"),
    "dtype": Refused("has the unknown dtype {dtype}"),
    "size": Refused("has {size} bytes for shape {shape} of {dtype}"),
    "backwards": Refused("ends at {stop}, before it starts at {start}"),
    "hole": Refused("starts at {start} instead of {expected}: it leaves a hole"),
    # For GGUF headers and quantised tensors.
    "gguf_version": Refused("is GGUF of version {version}, which is not read here"),
    "not_whole_blocks": Refused("has the shape {shape}, not whole blocks of {count} values"),
    "quant_parts": Refused("lacks the scales or the table of its quantisation"),
    "quant_shape": Refused("has another number of values than its shape, {shape}"),
    # For zip archives.
    "no_end": Refused(
        "is a zip archive that does not end with its directory",
        "It is truncated, or has extra bytes at its end",
    ),
    "encrypted": Refused("is encrypted"),
    "compressed": Refused("is compressed; torch stores members as they are"),
    "flags": Refused("has unknown flags"),
    "path": Refused("has a name that leads elsewhere"),
    "misplaced": Refused("is not at its listed offset"),
    "checksum": Refused("has a bad CRC"),
    # For pickles, and the tensors that they describe.
    "pickles": Refused("is a zip archive with {count} {name} instead of one"),
    "opcodes": Refused("has more than {limit} opcodes", AVOID),
    "opcode": Refused("uses the opcode {opcode}", AVOID),
    "operand": Refused("uses the opcode {opcode} on a value that it is not for", AVOID),
    "import": Refused("asks for {name}, a class or function that is unknown here", RESAVE),
    "attack": Refused("asks for {name}, as an attack does", AVOID),
    "escapes": Refused("writes a name with escapes", AVOID),
    "call": Refused("calls {name} in an unknown way", AVOID),
    "key_type": Refused("has a dictionary key of type {type}", AVOID),
    "key_length": Refused("has a dictionary key of {size} letters; the limit is {limit}", AVOID),
    "tensors": Refused("has {count} tensors; the limit is {limit}"),
    "name_length": Refused("has a tensor name of {size} letters; the limit is {limit}"),
    "items": Refused("makes mappings of more than {limit} items", AVOID),
    "negated": Refused("has a tensor whose values are negated or conjugated"),
    "two_dtypes": Refused("is in a storage that another tensor reads as another dtype"),
    "depth": Refused("nests deeper than {limit} levels"),
    "views": Refused("has tensors of over {times} times the size of the file"),
    "no_storage": Refused("has no storage {name}: it is missing"),
    "storage": Refused("has a storage of {size} bytes, not {expected}"),
    "bad_value": Refused("is damaged: bad {of}"),
    "too_wide": Refused("does not fit into its storage with the shape {shape}"),
    # For text encoders.
    "other_weights": Refused(
        "is nearest to {network}, but lacks {missing} of its weights and has {extra} others; the"
        " first is {name}",
        WHOLE,
    ),
    "tokens": Refused("has a vocabulary of {count} tokens; CLIP's has {expected}"),
    "positions": Refused("has {count} positions instead of {expected}"),
    "heads": Refused("has width {width}, not divisible by {heads} heads"),
    "not_a_matrix": Refused("is not a matrix"),
    "shape": Refused("has shape {shape} instead of {usual}"),
    "vectors": Refused("gives vectors ({kind}) that are NaN or infinite"),
    # For published distances.
    "not_json": Refused("is not JSON ({why})"),
    "not_archive": Refused("is not an archive of distances ({why})"),
    "too_deep": Refused("is nested too deep", "It is not an archive"),
    "neither": Refused(
        "is not an archive of distances: it has neither 'ml' nor 'kv'",
        "Matrices have ml and dm, pairs kv, da, db and err. Of checkpoints that are here,"
        " `atlas add --group ID` makes a group",
    ),
    "key_twice": Refused("has the key {name} twice"),
    "name_twice": Refused("names {name} twice in 'ml'"),
    "too_many": Refused(
        "has {count} names, whose analysis takes {needed} MiB; in the {free} MiB that are free,"
        " {limit} fit"
    ),
    "too_few": Refused("names {count} checkpoints in 'ml', at least 2 are needed"),
    "no_matrix": Refused("has no matrix in 'dm'"),
    "not_square": Refused("has {rows} rows of {lengths} distances for {count} names"),
    "impossible": Refused("has the distance {distance}, which is negative or not finite"),
    "extreme": Refused("has the distance {distance}, which cannot be squared"),
    "from_itself": Refused("has a distance of a checkpoint from itself"),
    "asymmetric": Refused("is not symmetric: rows {row} and {other} do not agree"),
    "one_has": Refused("has a distance, but only one of the two has the tensor"),
    "same_name": Refused("has the name of {name}", "Import it by itself, with --id"),
    "several_groups": Refused(
        "belong to several groups", "A file of matrices is a group of its own"
    ),
    "pair_again": Refused("compares {a} and {b} again"),
    "no_distance_of_weights": Refused("holds no distance of weights"),
    "no_reference": Refused("has no member {name}, only {members}"),
}
