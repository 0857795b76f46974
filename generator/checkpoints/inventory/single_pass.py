"""One file -> its bytes, read once from first to last and handed to several consumers at a time.

Each consumer has its own thread and sees every chunk in order. Hashing and NumPy release the
interpreter lock, so the file is read about as fast as its slowest hash. A chunk's buffer is used
again when all consumers are done with it, which bounds both memory and how far they drift apart.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

from generator.checkpoints.formats.files import WeightFile

CHUNK = 4 * 2**20
BUFFERS = 6

# Takes the offset of a chunk in the file, and the chunk; must not keep it.
Consumer = Callable[[int, memoryview], None]
# Takes the number of bytes that were read since the last call.
Progress = Callable[[int], None]


def read_once(file: WeightFile, consumers: Sequence[Consumer], progress: Progress) -> None:
    """Read all of `file`, and return when every consumer has taken all of it.

    Raises:
        CheckpointError: the file shrank or cannot be read. What a consumer raises is passed on.
    """
    buffers = [memoryview(bytearray(min(CHUNK, file.size))) for _ in range(BUFFERS)]
    busy: list[list[Future[None]]] = [[] for _ in buffers]
    with ExitStack() as stack:
        threads = [stack.enter_context(ThreadPoolExecutor(1)) for _ in consumers]
        for number, offset in enumerate(range(0, file.size, CHUNK)):
            slot = number % BUFFERS
            for future in busy[slot]:
                future.result()
            chunk = buffers[slot][: min(CHUNK, file.size - offset)]
            file.read_into(chunk, offset)
            busy[slot] = [
                thread.submit(consumer, offset, chunk)
                for thread, consumer in zip(threads, consumers, strict=True)
            ]
            progress(len(chunk))
        for futures in busy:
            for future in futures:
                future.result()
