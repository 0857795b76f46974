"""The address of a Dask scheduler -> an executor on its cluster."""

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from typing import Any

from generator.errors import MissingExtra, UsageError

# Seconds.
PATIENCE = 10


@contextmanager
def executor_at(address: str | None) -> Iterator[Executor | None]:
    """An executor on the cluster with the scheduler at `address`; None without an address.

    Raises:
        MissingExtra: Dask is not installed.
        UsageError: the scheduler does not answer.
    """
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtra("--scheduler", "cluster") from error
    make_client: Callable[..., Any] = Client
    try:
        client = make_client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"scheduler {address}", f"cannot be reached ({reason})") from error
    with client:
        yield _Cluster(client, address)


class _Cluster(Executor):
    """An executor that stops waiting for results when the cluster has no workers."""

    def __init__(self, client: Any, address: str) -> None:  # noqa: ANN401 - Dask has no types
        self._client, self._address = client, address
        self._require_workers()

    def submit(
        self,
        function: Callable[..., Any],
        /,
        *arguments: Any,  # noqa: ANN401 - Dask has no types
        **named: Any,  # noqa: ANN401
    ) -> "Future[Any]":
        """Run `function` on a worker."""
        future = _Waiting(self._require_workers)
        inner = self._client.submit(function, *arguments, **named, pure=False)
        inner.add_done_callback(future.take)
        return future

    def _require_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except (TimeoutError, OSError) as error:
            advice = "Start some: dask worker ADDRESS"
            raise UsageError(f"scheduler {self._address}", "has no workers", advice) from error


class _Waiting(Future[Any]):
    """A result that a worker computes, or will compute when there are workers again."""

    def __init__(self, require_workers: Callable[[], None]) -> None:
        super().__init__()
        self._require_workers = require_workers

    def take(self, inner: Any) -> None:  # noqa: ANN401 - Dask has no types
        """Copy the outcome of Dask's future."""
        error = inner.exception() if inner.status != "cancelled" else CancelledError()
        if error:
            self.set_exception(error)
        else:
            self.set_result(inner.result())

    def result(self, timeout: float | None = None) -> Any:  # noqa: ANN401 - whatever it is
        """The result. Raises `UsageError` if there are no workers for `PATIENCE` seconds."""
        while timeout is None:
            try:
                return super().result(PATIENCE)
            except TimeoutError:
                if self.done():
                    raise
                self._require_workers()
        return super().result(timeout)
