"""Processes for work that may kill its process: here, or on a Dask cluster, behind one interface.

Both are executors of `concurrent.futures`, so whatever takes one (the sweep, the specification curve) takes either.
One of the standard library loses all its tasks with one dead process: each worker here is a pool of one (decision 40).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from queue import SimpleQueue
from typing import Any, TypeVar

from korus_research.errors import InvalidParameter

T = TypeVar("T")
_TRIES = 3


class SeparateWorkers(Executor):
    """`count` worker processes, each apart from the others: one that is killed costs its task, which is tried again.

    A task whose process has died three times fails with BrokenProcessPool. On Linux each worker, and whatever it
    starts, keeps to its share of the cores: what a task computes in parallel doesn't take those of the others.
    """

    def __init__(self, count: int) -> None:
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        self._tasks: SimpleQueue[tuple[Future[Any], Callable[..., Any], Any, Any] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, args=(cores[number::count],), daemon=True) for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Have one of the workers call `fn`, and return the future of what it returns."""
        future: Future[T] = Future()
        self._tasks.put((future, fn, args, kwargs))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers when their tasks are done; with `cancel_futures`, tasks not begun are cancelled."""
        while cancel_futures and not self._tasks.empty():
            if (task := self._tasks.get()) is not None:
                task[0].cancel()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads if wait else ():
            thread.join()

    def _work(self, cores: Sequence[int]) -> None:
        pool = _pool_of_one(cores)
        try:
            while (task := self._tasks.get()) is not None:
                future, function, args, kwargs = task
                if not future.set_running_or_notify_cancel():
                    continue
                for attempt in range(1, _TRIES + 1):
                    try:
                        future.set_result(pool.submit(function, *args, **kwargs).result())
                    except BrokenProcessPool as error:
                        pool = _pool_of_one(cores)
                        if attempt < _TRIES:
                            continue
                        future.set_exception(error)
                    except BaseException as error:  # the caller's to handle, wherever it asks for the result
                        future.set_exception(error)
                    break
        finally:
            pool.shutdown()


def _pool_of_one(cores: Sequence[int]) -> ProcessPoolExecutor:
    # Spawned: this process has threads, and a fork would copy their locks.
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin, initargs=(cores,))


def _begin(cores: Sequence[int]) -> None:
    """Keep to `cores`, and end when the process that this works for is gone, also when that was killed."""
    if cores:  # fewer than workers, or not known on this system
        os.sched_setaffinity(0, cores)

    def watch(sentinel: int) -> None:
        connection.wait([sentinel])
        os._exit(1)

    if (parent := parent_process()) is not None:
        threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()


@contextmanager
def open_workers(count: int, scheduler: str | None = None) -> Iterator[Executor]:
    """Yield an executor: `count` processes of this machine, or the Dask cluster whose scheduler is at an address.

    The workers of a cluster ("tcp://host:8786") must have this package installed and see the same folders.
    InvalidParameter where `distributed` is not installed, or nobody answers at the address.
    """
    if scheduler is None:
        workers, ended = SeparateWorkers(count), False
        try:
            yield workers
            ended = True
        finally:
            workers.shutdown(wait=ended, cancel_futures=not ended)
        return
    try:
        from distributed import Client
    except ImportError:
        raise InvalidParameter(
            "--scheduler needs the package 'distributed', which is not installed",
            expected="the extra 'dask'",
            do="Install korus-research[dask], or leave --scheduler out",
        ) from None
    try:
        client = Client(scheduler, timeout=10, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise InvalidParameter(
            f"No Dask scheduler answers at {scheduler} ({type(error).__name__})",
            expected="an address like tcp://127.0.0.1:8786",
            do="Start one (dask scheduler), or leave --scheduler out",
        ) from None
    with client:
        executor: Executor = client.get_executor(pure=False, retries=_TRIES - 1)  # type: ignore[no-untyped-call]
        with executor:
            yield executor
