"""A verb of the command line, run from outside or, which takes no seconds to start, in place."""

import contextlib
import io
import subprocess
import sys
import warnings
from typing import Any
from unittest.mock import patch

from generator.cli import main


def atlas(*arguments: object) -> subprocess.CompletedProcess:
    """Run `atlas` with `arguments` in this process, as in one of its own; its output is text.

    What it does not catch is a bug, and fails the test.
    """
    command = ["atlas", *map(str, arguments)]
    # With bytes below, as real ones have.
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    code: object = 0
    with (
        patch.object(sys, "argv", command),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
        warnings.catch_warnings(),
    ):
        # As they are outside of tests.
        warnings.resetwarnings()
        try:
            main()
        except SystemExit as exit_:
            code = exit_.code
    said = []
    for stream in (stdout, stderr):
        stream.seek(0)
        said.append(stream.read())
    return subprocess.CompletedProcess(command, code, *said)


def atlas_process(*arguments: object, **options: Any) -> subprocess.CompletedProcess:
    """Run `atlas` with `arguments` in a process of its own; its output is text."""
    return subprocess.run(
        [sys.executable, "-m", "generator.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
