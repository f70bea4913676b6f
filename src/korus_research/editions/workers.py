"""Worker processes that may be killed: on this machine, or on a Dask cluster, with one interface.

Both are executors of `concurrent.futures`, so the sweep and the specification curve can use either. The standard
library's pool loses all its tasks with one dead process, so each worker here is a pool of one (decision 40).
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from queue import SimpleQueue
from typing import Any, TypeVar

from korus_research.errors import InvalidParameter, NoWorkers

T = TypeVar("T")
_TRIES = 3
_PATIENCE = 3.0  # seconds for an interrupted task to clean up


class SeparateWorkers(Executor):
    """`count` independent worker processes: if one is killed, only its task is affected, and retried.

    A task whose process died three times fails with BrokenProcessPool. On Linux each worker, and its child processes,
    run on its share of the cores only.
    """

    def __init__(self, count: int) -> None:
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        self._tasks: SimpleQueue[tuple[Future[Any], Callable[..., Any], Any, Any] | None] = SimpleQueue()
        self._pools: dict[int, ProcessPoolExecutor] = {}
        self._stopped = False
        self._threads = [
            threading.Thread(target=self._work, args=(number, cores[number::count]), daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Call `fn` in one of the workers, and return the future of its result."""
        future: Future[T] = Future()
        self._tasks.put((future, fn, args, kwargs))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers when their tasks are done; with `cancel_futures`, cancel tasks that have not started."""
        while cancel_futures and not self._tasks.empty():
            if (task := self._tasks.get()) is not None:
                task[0].cancel()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads if wait else ():
            thread.join()

    def stop(self) -> None:
        """End the workers now: running tasks are interrupted as by Ctrl-C, and killed after `_PATIENCE` seconds."""
        self._stopped = True
        self.shutdown(wait=False, cancel_futures=True)
        working = [one for pool in list(self._pools.values()) for one in list((pool._processes or {}).values())]
        for process in working:
            process.terminate()
        end = time.monotonic() + _PATIENCE
        for process in working:
            process.join(max(0.0, end - time.monotonic()))
            process.kill()

    def _work(self, number: int, cores: Sequence[int]) -> None:
        try:
            while (task := self._tasks.get()) is not None:
                future, *called = task
                if not future.set_running_or_notify_cancel():
                    continue
                try:
                    future.set_result(self._result(number, cores, called))
                except BaseException as error:  # raised where the caller asks for the result
                    future.set_exception(error)
        finally:
            if (pool := self._pools.pop(number, None)) is not None:
                pool.shutdown()

    def _result(self, number: int, cores: Sequence[int], called: Sequence[Any]) -> Any:
        """Return the result of a task, retried in a new process if one dies."""
        for attempt in range(1, _TRIES + 1):
            try:
                return self._submitted(number, cores, called).result()
            except BrokenProcessPool:
                self._pools.pop(number).shutdown(wait=False)
                if self._stopped or attempt == _TRIES:
                    raise
        raise AssertionError

    def _submitted(self, number: int, cores: Sequence[int], called: Sequence[Any]) -> Future[Any]:
        try:
            if number not in self._pools:
                self._pools[number] = _pool_of_one(cores)
            return self._pools[number].submit(_call, *called)
        except OSError as error:
            raise NoWorkers(
                f"No worker process can be started ({error.strerror})",
                expected="about 20 free file descriptors per worker, and a writable /dev/shm",
                do="Raise `ulimit -n`, lower --jobs, or make each edition with `korus report`",
            ) from None


def _call(function: Callable[..., T], args: Any, kwargs: Any) -> T:
    """Return the result of `function`; if it is interrupted, end the process after its cleanup."""
    try:
        return function(*args, **kwargs)
    except KeyboardInterrupt:
        os._exit(128 + signal.SIGINT)


def _pool_of_one(cores: Sequence[int]) -> ProcessPoolExecutor:
    # Spawned: this process has threads, and a fork would copy their locks.
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin, initargs=(cores,))


def _begin(cores: Sequence[int]) -> None:
    """Run on `cores` only, and end when the parent process is gone, even if it was killed."""
    if cores:  # there are none if workers outnumber cores, or the system does not tell
        os.sched_setaffinity(0, cores)

    signal.signal(signal.SIGTERM, signal.default_int_handler)

    def watch(sentinel: int) -> None:
        connection.wait([sentinel])
        os._exit(1)

    if (parent := parent_process()) is not None:
        threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()


@contextmanager
def open_workers(count: int, scheduler: str | None = None) -> Iterator[Executor]:
    """Yield an executor: `count` processes on this machine, or the Dask cluster with a scheduler at an address.

    The workers of a cluster ("tcp://host:8786") must have this package installed and see the same folders.
    InvalidParameter if `distributed` is not installed, or there is no scheduler at the address.
    """
    if scheduler is None:
        workers = SeparateWorkers(count)
        try:
            yield workers
        except BaseException:
            workers.stop()
            raise
        workers.shutdown()
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
    except (OSError, ValueError, TypeError) as error:  # TypeError: a scheme that wants more than an address (TLS)
        raise InvalidParameter(
            f"No Dask scheduler answers at {scheduler} ({type(error).__name__})",
            expected="an address like tcp://127.0.0.1:8786",
            do="Start one (dask scheduler), or leave --scheduler out",
        ) from None
    with client:
        executor: Executor = client.get_executor(pure=False, retries=_TRIES - 1)  # type: ignore[no-untyped-call]
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False)  # Dask's then cancels running tasks, and has no other argument
            raise
        executor.shutdown()
