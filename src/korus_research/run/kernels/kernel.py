"""A chapter's kernel, forked or not: this interpreter, one thread per library, no start-up files."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import site
import sys
import sysconfig
from pathlib import Path


def _paths() -> dict[str, str]:
    """Return PYTHONPATH and PYTHONNOUSERSITE with which a new process imports this same package."""
    root = Path(__file__).resolve().parents[3]
    installed = {Path(sysconfig.get_path(kind)).resolve() for kind in ("purelib", "platlib")}
    own = str(root) if root not in installed else ""
    by_user = site.ENABLE_USER_SITE and root.is_relative_to(site.getusersitepackages())
    return {"PYTHONPATH": own, "PYTHONNOUSERSITE": "" if by_user else "1"}


# Read at process start, so both the fork server and plain kernels are started with them. One thread each: the chapters
# already use every core, and sums then do not depend on how work is split.
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    # glibc keeps memory that arrays have left, for the next: the system gives it page by page, which takes time.
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),  # the most that it takes
    "MALLOC_TRIM_THRESHOLD_": str(512 << 20),
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # Arrow's allocator starts a thread when it is imported
    "MPLBACKEND": "agg",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "JOBLIB_MULTIPROCESSING": "0",  # it would warn on machines without semaphores
    # Only modules of the environment and of this package, none from the user's folders.
    "PYTHONSAFEPATH": "1",
    **_paths(),
    # Nobody watches a chapter, and the publisher accepts only our own outputs.
    **dict.fromkeys(("KORUS_UNWATCHED", "TQDM_DISABLE"), "1"),
}
LOG = "kernel.log"

_PR_SET_PDEATHSIG = 1


def run_kernel(connection: Path, folder: Path, parent: int) -> None:
    """Run as the kernel of `connection` until it is stopped or the process `parent` is gone.

    Parameters
    ----------
    connection : Path
        jupyter_client's connection file. The kernel's log and IPython's own files are put beside it, so that no
        start-up scripts of the user affect a report.
    folder : Path
        The working directory.
    parent : int
        The process that started or forked this one.
    """
    posix = hasattr(os, "fork")
    if posix and os.getsid(0) != os.getpid():
        os.setsid()  # a process group of its own: processes started by a cell end with the kernel
    die_with_parent(parent)
    os.chdir(folder)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    with (connection.parent / LOG).open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ["IPYTHONDIR"] = str(connection.parent / "ipython")
    os.environ.setdefault("HOME", str(connection.parent))  # IPython needs one, and a nameless user has none
    os.environ.pop("PYTHONSTARTUP", None)
    _new_random_state()

    from ipykernel.kernelapp import IPKernelApp

    arguments = [f"--IPKernelApp.connection_file={connection}"]
    if posix:  # on Windows jupyter_client passes a handle
        _forked_output_through(connection.with_suffix(".pipe"))
        arguments += [f"--IPKernelApp.parent_handle={parent}"]
    IPKernelApp.launch_instance([*arguments, "--HistoryManager.enabled=False", "--InteractiveShellApp.ignore_cwd=True"])


def _forked_output_through(address: Path) -> None:
    """Receive the output of processes forked by a cell through a socket file, not ipykernel's TCP port."""
    import zmq
    from ipykernel import kernelapp
    from ipykernel.iostream import IOPubThread
    from zmq.eventloop.zmqstream import ZMQStream

    class LocalIOPubThread(IOPubThread):
        def _setup_pipe_in(self) -> None:
            self._pipe_uuid = os.urandom(16)
            pipe = self.socket.context.socket(zmq.PULL)
            pipe.linger = 0
            pipe.bind(f"ipc://{address}")
            self._pipe_in = ZMQStream(pipe, self.io_loop)
            self._pipe_in.on_recv(self._handle_pipe_msg)

        def _setup_pipe_out(self) -> tuple[zmq.Context[zmq.Socket[bytes]], zmq.Socket[bytes]]:
            context = zmq.Context()  # a new one, since this is the forked process
            pipe = context.socket(zmq.PUSH)
            pipe.linger = 3000
            pipe.connect(f"ipc://{address}")
            return context, pipe

    kernelapp.IOPubThread = LocalIOPubThread  # type: ignore[attr-defined]


def die_with_parent(parent: int) -> None:
    """Have the kernel of Linux kill this process when `parent` ends, even during a long computation.

    ipykernel checks its parent only once a second, and not during a computation.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _new_random_state() -> None:
    # Forks of one process would all draw the same random numbers: Python reseeds its generator in a fork, numpy does
    # not. Chapters use explicit seeds; one that forgot must not look reproducible when forked.
    random.seed()
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed(None)


if __name__ == "__main__":
    run_kernel(Path(sys.argv[1]).resolve(), Path.cwd(), os.getppid())
