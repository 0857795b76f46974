import subprocess
import sys

import malformed
import pytest
from effort import little_effort

from generator.checkpoints.formats.opening import open_checkpoint
from generator.errors import CheckpointError
from generator.text.coded import error_text

# For every refused file, beyond start-up.
MEGABYTES = 200


@pytest.mark.parametrize("name", malformed.CASES)
def test_refuses(name, tmp_path_factory):
    write, message = malformed.CASES[name]
    # Not named after the case, since messages hold the path.
    folder = tmp_path_factory.mktemp("file")
    path = write(folder)
    with little_effort(path), pytest.raises(CheckpointError) as caught:
        open_checkpoint(path)
    text = error_text(caught.value)
    assert message in text
    assert message in malformed.CODES[caught.value.code]
    assert "\n" not in text
    assert len(text) < 1000
    assert str(folder)[:40] in text


@pytest.mark.parametrize("name", ["bad json", "metadata of numbers"])
def test_what_a_parser_says_is_told(name, tmp_path):
    path = malformed.CASES[name].write(tmp_path)
    with pytest.raises(CheckpointError) as caught:
        open_checkpoint(path)
    assert str(caught.value.__cause__) in error_text(caught.value)


def test_there_are_enough_cases():
    assert len(malformed.CASES) >= 60


PEAK = """
import sys, resource
from pathlib import Path
from generator.checkpoints.formats.opening import open_checkpoint
from generator.errors import CheckpointError
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
start = peak()
for path in sys.argv[1:]:
    try:
        open_checkpoint(Path(path))
    except CheckpointError:
        pass
print(peak() - start)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no getrusage on Windows")
def test_refuses_in_little_memory(tmp_path):
    paths = []
    for number, (name, made) in enumerate(malformed.CASES.items()):
        if "zero byte" not in name:
            folder = tmp_path / str(number)
            folder.mkdir()
            paths.append(str(made.write(folder)))
    # The largest headers that are read at all, of the kinds that take most memory.
    entry = b'"%d":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'
    largest = {
        "names": b"{" + b",".join(entry % number for number in range(140_000)) + b"}",
        "metadata": b'{"__metadata__":{'
        + b",".join(b'"%d":""' % n for n in range(680_000))
        + b"}}",
        "escapes": b'{"__metadata__":{"a":"' + b"\\n" * 4_000_000 + b'"}}',
    }
    for name, header in largest.items():
        paths.append(str(malformed.put(tmp_path, malformed.framed(header, b"!"), name)))
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *paths], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < MEGABYTES
