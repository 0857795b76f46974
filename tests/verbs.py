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
    stdout, stderr = io.StringIO(), io.StringIO()
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
    return subprocess.CompletedProcess(command, code, stdout.getvalue(), stderr.getvalue())


def atlas_process(*arguments: object, **options: Any) -> subprocess.CompletedProcess:
    """Run `atlas` with `arguments` in a process of its own; its output is text."""
    return subprocess.run(
        [sys.executable, "-m", "generator.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
