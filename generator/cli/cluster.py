"""The address of a Dask scheduler -> an executor that works there."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from generator.errors import UsageError

# Seconds.
PATIENCE = 10


@contextmanager
def executor_at(address: str | None) -> Iterator[Executor | None]:
    """An executor of the cluster whose scheduler is at `address`; None without an address.

    Raises:
        UsageError: Dask is not installed, or nothing answers there.
    """
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError as error:
        advice = "Install it with: pip install 'diffusion-atlas[cluster]'"
        raise UsageError("--scheduler", "needs Dask, which is not installed", advice) from error
    make_client: Callable[..., Any] = Client
    try:
        client = make_client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"scheduler {address}", f"cannot be reached ({reason})") from error
    with client:
        yield client.get_executor()
