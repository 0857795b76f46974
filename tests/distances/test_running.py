"""What may happen to a long run: workers and processes killed, files changed, disks full."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import psutil
import pytest
import torch
from weight_files import expected, family, vector, write_family

from generator import processes
from generator.distances import matrix as matrix_module
from generator.distances import partial_results
from generator.distances.matrix import matrix
from generator.distances.plan import plan
from generator.errors import Refusal, UsageError
from generator.records.pairwise_sums import pack_sums

REPOSITORY = Path(__file__).parents[2]
SMALL = 5_000
# Processes that are started, waited for and killed.
pytestmark = pytest.mark.slow


@pytest.fixture
def small_tasks(monkeypatch):
    """Several tasks, though the files are small."""

    def small(members, **settings):
        return plan(members, task_elements=SMALL, **settings)

    monkeypatch.setattr(matrix_module, "plan", small)


@pytest.fixture
def members():
    return family(4, torch.float16)


@pytest.fixture
def paths(tmp_path, members):
    return write_family(tmp_path, members)


@pytest.mark.usefixtures("small_tasks")
class TestLocalWorkers:
    def test_a_killed_worker_is_replaced(self, paths):
        killed = []

        def kill(_done, _total):
            if not killed:
                worker = multiprocessing.active_children()[0]
                killed.append(worker.pid)
                worker.kill()

        result = matrix(paths, workers=2, progress=kill)
        assert killed
        assert pack_sums(result.sums) == pack_sums(matrix(paths).sums)

    def test_a_task_that_kills_twice_is_named_and_the_rest_is_kept(
        self, paths, tmp_path, monkeypatch
    ):
        folder = tmp_path / "kept"

        class Pool:
            def __init__(self, *_arguments, **_settings):
                pass

            def submit(self, function, task, folder):
                future = Future()
                if any(weight.kind == "attn2" for weight in task.weights):
                    future.set_exception(BrokenProcessPool())
                else:
                    future.set_result(function(task, folder))
                return future

            def shutdown(self, **_settings):
                pass

        monkeypatch.setattr(processes, "ProcessPoolExecutor", Pool)
        with pytest.raises(Refusal, match=r"attn2\.to_k\.weight.* died at it twice"):
            matrix(paths, workers=2, resume_folder=folder)
        monkeypatch.undo()
        kept = len(list(folder.glob("*.task")))
        assert kept > 0

    def test_a_worker_that_dies_while_results_are_added_up(self, paths):
        killed = []

        def kill(_done, _total):
            if not killed:
                killed.extend(multiprocessing.active_children())
                killed[0].kill()
                # Until the pool has noticed, and takes no more work.
                time.sleep(1)

        result = matrix(paths, workers=2, progress=kill)
        assert killed
        assert pack_sums(result.sums) == pack_sums(matrix(paths).sums)

    def test_interrupt_ends_all_workers(self, paths):
        def interrupt(_done, _total):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            matrix(paths, workers=2, progress=interrupt)
        deadline = time.monotonic() + 10
        while multiprocessing.active_children() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not multiprocessing.active_children()


@pytest.mark.usefixtures("small_tasks")
class TestResuming:
    def test_kept_results_are_used_once_and_removed(self, paths, tmp_path, monkeypatch):
        folder = tmp_path / "kept"

        def stop(done, total):
            if done > total / 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            matrix(paths, resume_folder=folder, progress=stop)
        kept = len(list(folder.glob("*.task")))
        ran = []
        run_task = partial_results.run_task
        monkeypatch.setattr(
            partial_results, "run_task", lambda task: ran.append(task) or run_task(task)
        )
        result = matrix(paths, resume_folder=folder)
        assert kept > 0
        assert len(ran) == len(set(ran)) > 0
        assert not folder.exists()
        total = len(ran) + kept
        ran.clear()
        assert pack_sums(result.sums) == pack_sums(matrix(paths).sums)
        assert len(ran) == total

    def test_a_damaged_result_is_made_again(self, paths, tmp_path):
        folder = tmp_path / "kept"

        def stop(_done, _total):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            matrix(paths, resume_folder=folder, progress=stop)
        [kept] = folder.glob("*.task")
        kept.write_bytes(kept.read_bytes()[:-100])
        result = matrix(paths, resume_folder=folder)
        assert pack_sums(result.sums) == pack_sums(matrix(paths).sums)

    def test_a_full_disk_is_named(self, paths, tmp_path, monkeypatch):
        def full(_handle):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(UsageError, match=r"cannot be written .*No space left"):
            matrix(paths, resume_folder=tmp_path / "kept")


SCRIPT = """
import sys
from pathlib import Path
from generator.distances import matrix as module
from generator.distances.plan import plan

module.plan = lambda members, **settings: plan(members, task_elements=5000, **settings)
folder, kept = map(Path, sys.argv[1:])

def say(_done, _total):
    print("one more", flush=True)

module.matrix(sorted(folder.glob("m*")), resume_folder=kept, progress=say)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL on Windows")
def test_kill_9_leaves_whole_results(paths, tmp_path, monkeypatch):
    folder = tmp_path / "kept"
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path), str(folder)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
    )
    with process:
        process.stdout.readline()
        process.stdout.readline()
        process.kill()
    kept = len(list(folder.glob("*.task")))
    assert kept >= 2

    def small(members, **settings):
        return plan(members, task_elements=5000, **settings)

    monkeypatch.setattr(matrix_module, "plan", small)
    result = matrix(paths, resume_folder=folder)
    assert pack_sums(result.sums) == pack_sums(matrix(paths).sums)


POOL = """
import sys, time
from generator.processes import worker_pools

def rest(seconds):
    print("here", flush=True)
    time.sleep(seconds)

if __name__ == "__main__":
    with worker_pools(2) as new_pool:
        pool = new_pool()
        list(pool.map(rest, [1, 1]))
        time.sleep(60)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL on Windows")
def test_kill_9_leaves_no_workers(tmp_path):
    script = tmp_path / "pool.py"
    script.write_text(POOL)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen(
        [sys.executable, str(script)], env=environment, stdout=subprocess.PIPE
    )
    with process:
        process.stdout.readline()
        workers = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    assert workers
    assert psutil.wait_procs(workers, timeout=20)[1] == []


@pytest.mark.usefixtures("small_tasks")
@pytest.mark.parametrize("number", [0, 2])
@pytest.mark.parametrize("change", ["truncate", "touch", "remove", "rewrite"])
def test_a_file_that_changes_is_dropped_by_name(paths, members, number, change):
    def disturb(done, total):
        path = paths[number]
        if done < total / 2 and path.exists():
            if change == "truncate":
                os.truncate(path, path.stat().st_size // 4)
            elif change == "touch":
                os.utime(path, ns=(1, 1))
            elif change == "rewrite":
                # With nothing to see in size and time of modification.
                status, content = path.stat(), path.read_bytes()
                path.write_bytes(content[:-8] + b"anything")
                os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
            else:
                path.unlink()

    result = matrix(paths, ("l2", "l0"), progress=disturb)
    assert result.matrix.members == tuple(f"m{n}.safetensors" for n in range(4) if n != number)
    [error] = result.refused
    assert error.subject == f"m{number}.safetensors"
    rest = [each for n, each in enumerate(members) if n != number]
    for i, a in enumerate(rest):
        for j, b in enumerate(rest):
            want = expected(vector(a, "denoiser"), vector(b, "denoiser"))
            got = result.matrix.components["denoiser"]
            assert got.l2[i][j] == pytest.approx(want["l2"], rel=1e-6, abs=0)
            assert got.l0[i][j] == want["l0"]


@pytest.fixture(scope="module")
def cluster():
    """A Dask cluster of two workers, each a process of its own."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.mark.usefixtures("small_tasks")
@pytest.mark.filterwarnings("default")
class TestCluster:
    def test_it_gives_the_same_bits(self, paths, cluster):
        result = matrix(paths, executor=cluster.get_executor())
        assert pack_sums(result.sums) == pack_sums(matrix(paths).sums)

    def test_a_lost_worker_is_replaced(self, paths, cluster):
        workers = list(cluster.run(os.getpid).values())

        def kill(_done, _total):
            if workers:
                os.kill(workers.pop(), signal.SIGKILL)

        result = matrix(paths, executor=cluster.get_executor(), progress=kill)
        assert not workers
        assert pack_sums(result.sums) == pack_sums(matrix(paths).sums)


class LosingExecutor:
    """Whatever it is given is lost with its worker, as Dask says it."""

    def submit(self, *_arguments):
        class KilledWorker(Exception):
            pass

        future = Future()
        future.set_exception(KilledWorker("lost"))
        return future


@pytest.mark.usefixtures("small_tasks")
def test_a_task_whose_workers_are_lost_twice_is_named(paths):
    with pytest.raises(Refusal, match="lost at it twice") as refusal:
        matrix(paths, executor=LosingExecutor())
    assert "denoiser/" in refusal.value.subject
