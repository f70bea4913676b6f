"""The process that kernels are forked from: it imports once what every chapter needs, then forks on request.

It has one thread and no ZMQ context, so that a fork is a clean copy: no lock is held by a thread that the copy lacks,
and each kernel creates its context after the fork. While a library has left a thread running it refuses to fork, and
the caller starts a plain kernel instead.

A request is one line of JSON on its own connection: {"connection": path, "folder": path, "environment": {name: value}}.
The answer is {"pid": n} or {"refused": why}. After that, {"signal": n} signals the kernel's process group, {"exit":
code} reports its end, and closing the connection, also by the caller's death, kills the kernel.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from korus_research.run.kernels.kernel import run_kernel

_LINE = 1 << 16


@dataclass
class _Kernel:
    """One kernel and the connection of its requester."""

    connection: socket.socket
    pid: int = 0
    unread: bytes = b""
    over: bool = field(default=False)

    def send(self, message: dict[str, Any]) -> None:
        with suppress(OSError):  # the requester is gone, as the selector will report
            self.connection.sendall(json.dumps(message).encode() + b"\n")

    def signal(self, number: int) -> None:
        for send in (os.killpg, os.kill):  # a kernel has no process group of its own at first
            with suppress(ProcessLookupError, PermissionError):
                send(self.pid, number)


class Server:
    """Forks kernels on requests to `listening`, until `alive` (a pipe held open by the owner) is closed."""

    def __init__(self, listening: socket.socket, alive: int) -> None:
        self._listening = listening
        self._kernels: dict[int, _Kernel] = {}
        self._selector = selectors.DefaultSelector()
        self._woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._wake = wake
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        for descriptor, handle in ((listening, self._accept), (alive, None), (self._woken, self._reap)):
            self._selector.register(descriptor, selectors.EVENT_READ, handle)

    def serve(self) -> None:
        """Serve until the owner is gone, then kill all kernels."""
        try:
            while True:
                for key, _ in self._selector.select():
                    if key.data is None:
                        return
                    key.data(key.fileobj)
        finally:
            for kernel in self._kernels.values():
                kernel.signal(signal.SIGKILL)

    def _accept(self, _: Any) -> None:
        connection, _address = self._listening.accept()
        self._selector.register(connection, selectors.EVENT_READ, self._read_requests)
        self._kernels[connection.fileno()] = _Kernel(connection)

    def _read_requests(self, connection: socket.socket) -> None:
        kernel = self._kernels[connection.fileno()]
        try:
            received = connection.recv(_LINE)
        except OSError:
            received = b""
        if not received:
            self._end(kernel)
            return
        *lines, kernel.unread = (kernel.unread + received).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "signal" in message:
                if kernel.pid and not kernel.over:
                    kernel.signal(message["signal"])
            else:
                self._fork(kernel, message)

    def _end(self, kernel: _Kernel) -> None:
        if kernel.pid and not kernel.over:
            kernel.signal(signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(kernel.pid, 0)
        del self._kernels[kernel.connection.fileno()]
        self._selector.unregister(kernel.connection)
        kernel.connection.close()

    def _fork(self, kernel: _Kernel, request: dict[str, Any]) -> None:
        if (threads := len(list(Path("/proc/self/task").iterdir()))) > 1:
            kernel.send({"refused": f"the process to be forked has {threads} threads"})
            return
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                self._close_inherited()
                os.environ.update(request["environment"])
                run_kernel(Path(request["connection"]), Path(request["folder"]), parent)
                status = 0
            finally:
                os._exit(status)  # never return into the server's loop
        kernel.pid = pid
        kernel.send({"pid": pid})

    def _close_inherited(self) -> None:
        # In the fork: other requesters' connections must not be kept open by this kernel.
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))

    def _reap(self, _: Any) -> None:
        with suppress(BlockingIOError):
            os.read(self._woken, _LINE)
        for kernel in self._kernels.values():
            if kernel.pid and not kernel.over:
                with suppress(ChildProcessError):
                    pid, status = os.waitpid(kernel.pid, os.WNOHANG)
                    if pid:
                        kernel.over = True
                        kernel.signal(signal.SIGKILL)  # processes that a cell left behind in the group
                        kernel.send({"exit": os.waitstatus_to_exitcode(status)})


def main() -> None:
    """Import everything, then serve. Arguments: the descriptors of the listening socket and of the owner's pipe."""
    listening, alive = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    folder = Path(listening.getsockname()).parent
    for name in sys.argv[3:]:
        __import__(name)
    try:
        Server(listening, alive).serve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # in case the owner was killed


if __name__ == "__main__":
    main()
