"""What a chapter's kernel is, however it came to be: this interpreter, one thread a library, no start-up files."""

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
    """Return PYTHONPATH and PYTHONNOUSERSITE under which a new process runs this very package."""
    root = Path(__file__).resolve().parents[3]
    installed = {Path(sysconfig.get_path(kind)).resolve() for kind in ("purelib", "platlib")}
    own = str(root) if root not in installed else ""
    by_user = site.ENABLE_USER_SITE and root.is_relative_to(site.getusersitepackages())
    return {"PYTHONPATH": own, "PYTHONNOUSERSITE": "" if by_user else "1"}


# Read when a process starts, so the process that kernels are forked from is started with them, and so is a plain one.
# One thread each: the chapters already use every core, and sums then never depend on how work was split.
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # Arrow's allocator starts a thread when it is imported
    "MPLBACKEND": "agg",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "JOBLIB_MULTIPROCESSING": "0",  # it would try for semaphores, and warn where the machine has none
    # Modules of the environment and of this package, and none that lies in the user's folders.
    "PYTHONSAFEPATH": "1",
    **_paths(),
    # Nobody watches a chapter, and the publisher takes nothing but objects of ours.
    **dict.fromkeys(("KORUS_UNWATCHED", "TQDM_DISABLE"), "1"),
}
LOG = "kernel.log"

_PR_SET_PDEATHSIG = 1


def run_kernel(connection: Path, folder: Path, parent: int) -> None:
    """Serve as the kernel of `connection` until told to stop or until the process `parent` is gone.

    Parameters
    ----------
    connection : Path
        The connection file, as jupyter_client wrote it. Beside it lie the kernel's log and IPython's own files, so that
        nobody's start-up scripts take part in a report.
    folder : Path
        The working directory.
    parent : int
        The process that this one was started or forked by.
    """
    posix = hasattr(os, "fork")
    if posix and os.getsid(0) != os.getpid():
        os.setsid()  # a process group of its own: whatever a cell starts ends with the kernel
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
    os.environ.setdefault("HOME", str(connection.parent))  # a user without a name has none, and IPython asks for it
    os.environ.pop("PYTHONSTARTUP", None)
    _new_random_state()

    from ipykernel.kernelapp import IPKernelApp

    arguments = [f"--IPKernelApp.connection_file={connection}"]
    if posix:  # on Windows a parent is a handle, and jupyter_client hands it over
        _forked_output_through(connection.with_suffix(".pipe"))
        arguments += [f"--IPKernelApp.parent_handle={parent}"]
    IPKernelApp.launch_instance([*arguments, "--HistoryManager.enabled=False", "--InteractiveShellApp.ignore_cwd=True"])


def _forked_output_through(address: Path) -> None:
    """Take what processes forked by a cell print through a socket file; ipykernel listens on a TCP port for it."""
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
            context = zmq.Context()  # a new one: this is the process that was forked
            pipe = context.socket(zmq.PUSH)
            pipe.linger = 3000
            pipe.connect(f"ipc://{address}")
            return context, pipe

    kernelapp.IOPubThread = LocalIOPubThread  # type: ignore[attr-defined]


def die_with_parent(parent: int) -> None:
    """Have the system kill this process when `parent` ends, even during a long computation (Linux).

    ipykernel looks once a second whether its parent changed, and only between cells' system calls.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _new_random_state() -> None:
    # Forks of one process would all draw the same "random" numbers. Python reseeds its own generator at a fork; numpy
    # does not. A chapter that draws names its seed; one that forgot must not look reproducible only when forked.
    random.seed()
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed(None)


if __name__ == "__main__":
    run_kernel(Path(sys.argv[1]).resolve(), Path.cwd(), os.getppid())
