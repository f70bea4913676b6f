"""The kernel of one chapter: a fork of a process that has the heavy imports behind it, talking over Unix sockets.

It is always this interpreter, whatever kernelspecs are installed, and it opens no port. A kernel started the usual way
pays about 4.5 s for importing ipykernel, pandas, matplotlib and seaborn; this one starts in some 0.1 s.
"""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import current_process
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

# Read when a process starts, so they are set for the process that all others are forked from.
# One thread each: the chapters already use every core, and sums then never depend on how work was split.
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "MPLBACKEND": "agg",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Kernel:
    """A running kernel: leader of its own process group, child of the process that asked for it."""

    pid: int
    connection: Path

    def alive(self) -> bool:
        """Return whether it still runs; a kernel that ended is reaped."""
        try:
            return os.waitpid(self.pid, os.WNOHANG) == (0, 0)
        except ChildProcessError:
            return False

    def kill(self) -> None:
        """End it and everything it started, at once."""
        for kill in (os.killpg, os.kill):  # the group does not exist yet in the first moment of a kernel's life
            with suppress(ProcessLookupError, PermissionError):
                kill(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    def manager(self) -> AsyncKernelManager:
        """Return a kernel manager for nbclient that is attached to this kernel and does not own it."""
        from jupyter_client.manager import AsyncKernelManager

        kernel = self

        class Attached(AsyncKernelManager):
            @property
            def has_kernel(self) -> bool:
                return True

            async def _async_is_alive(self) -> bool:  # what a client asks its manager for
                return kernel.alive()

            is_alive = _async_is_alive

        manager = Attached(kernel_name="python3")
        manager.load_connection_file(str(self.connection))
        return manager


def start_kernel(folder: Path, sockets: Path, *, fork: bool) -> Kernel:
    """Start a kernel whose working directory is `folder`.

    Parameters
    ----------
    folder : Path
        Working directory, and home of IPython's own files, so that nobody's start-up scripts take part in a report.
    sockets : Path
        A folder with a short name: the address of a Unix socket has some 100 bytes.
    fork : bool
        Fork this process (which must have one thread only) rather than start a fresh interpreter.
    """
    connection = sockets / "kernel.json"
    ports = dict(zip(("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"), range(1, 6), strict=True))
    address = {"transport": "ipc", "ip": str(sockets / "k"), "key": secrets.token_hex(16)}
    text = json.dumps({**address, **ports, "signature_scheme": "hmac-sha256", "kernel_name": "python3"})
    connection.write_text(text, encoding="utf-8")  # its folder is closed to others, and so is the key
    parent = os.getpid()
    if not fork:
        command = [sys.executable, "-m", "korus_research.report.kernel", str(connection), str(folder), str(parent)]
        return Kernel(subprocess.Popen(command, env={**os.environ, **ENVIRONMENT}).pid, connection)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            become_kernel(connection, folder, parent)
            status = 0
        finally:
            os._exit(status)  # never back into the code of the process this was forked from
    return Kernel(pid, connection)


def become_kernel(connection: Path, folder: Path, parent: int) -> None:
    """Serve as the kernel of `connection` until told to stop or until `parent` is gone."""
    os.setsid()
    _end_with(parent)
    # A worker of `multiprocessing` may have no children; its fork may: the specification curve runs in a pool of them,
    # which belongs to this process group and ends with it.
    current_process().daemon = False
    os.chdir(folder)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    with (folder / "kernel.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ["IPYTHONDIR"] = str(folder / "ipython")
    os.environ.pop("PYTHONSTARTUP", None)

    from ipykernel.kernelapp import IPKernelApp

    arguments = [f"--IPKernelApp.connection_file={connection}", f"--IPKernelApp.parent_handle={parent}"]
    IPKernelApp.launch_instance([*arguments, "--HistoryManager.enabled=False"])


def _end_with(parent: int) -> None:
    # ipykernel looks once a second whether its parent changed; Linux can do it at once, even during a long computation.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


if __name__ == "__main__":
    become_kernel(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
