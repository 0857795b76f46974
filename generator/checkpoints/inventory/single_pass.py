"""One file -> its bytes, read once in order and handed to several consumers in parallel.

Each consumer has its own thread and sees every chunk in order. Hashing and NumPy release the GIL,
so reading is about as fast as the slowest hash. A buffer is reused when all consumers are done with
its chunk, which bounds the memory.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

from generator.checkpoints.formats.files import WeightFile

CHUNK = 4 * 2**20
BUFFERS = 6

# Takes the offset of a chunk in the file, and the chunk, which it must not keep.
Consumer = Callable[[int, memoryview], None]
# Takes the number of bytes read since its last call.
Progress = Callable[[int], None]


def read_once(file: WeightFile, consumers: Sequence[Consumer], progress: Progress) -> None:
    """Read all of `file`; return when every consumer has processed it.

    Raises:
        CheckpointError: the file shrank or cannot be read. Errors of consumers are passed on.
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
