"""The client side of the fork server: start it, request a kernel, and control that kernel like a child process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from korus_research.run.kernels.kernel import ENVIRONMENT

PRELOAD = "korus_research.run.preload"

_BACKLOG = 64
_STOP_SECONDS = 5.0


class ForkUnavailable(RuntimeError):
    """The fork server refuses to fork, or is gone."""


class KernelServer:
    """A fork server with its sockets in `folder`; Linux only.

    It starts at once, and imports while the caller does other things. It ends, with all its kernels, when this object
    is closed or the process that created it ends in any way. It then removes `folder`, unless it was closed before a
    kernel was requested: the creator of the folder removes it then.
    """

    def __init__(self, folder: Path, preload: Sequence[str] | None = None) -> None:
        self.address = folder / "server"
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(self.address))
        listening.listen(_BACKLOG)
        held, self._alive = os.pipe()
        self._asked = False
        command = [sys.executable, "-m", "korus_research.run.kernels.server"]
        try:
            self._process = subprocess.Popen(
                [*command, str(listening.fileno()), str(held), *(preload or (PRELOAD,))],
                pass_fds=(listening.fileno(), held),
                env={**os.environ, **ENVIRONMENT},
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C on a terminal must reach only its owner
            )
        finally:
            os.close(held)
            listening.close()

    @property
    def pid(self) -> int:
        """The process that kernels are forked from."""
        return self._process.pid

    def fork(self, connection: Path, folder: Path, environment: Mapping[str, str]) -> ForkedProcess:
        """Return a new kernel for the connection file `connection`, working in `folder`.

        Raises
        ------
        ForkUnavailable
            The server has threads, or is gone.
        """
        self._asked = True
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        request = {"connection": str(connection), "folder": str(folder), "environment": dict(environment)}
        try:
            channel.connect(str(self.address))
            channel.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(_read_line(channel))
        except (OSError, ValueError) as error:
            channel.close()
            raise ForkUnavailable(f"the process that kernels are forked from is gone ({error})") from None
        if "refused" in answer:
            channel.close()
            raise ForkUnavailable(answer["refused"])
        return ForkedProcess(answer["pid"], channel)

    def close(self) -> None:
        """End the server, its kernels, and whatever they started."""
        with suppress(OSError):
            os.close(self._alive)
        if not self._asked:  # it has no kernels, and may need another second for its imports
            self._process.kill()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class ForkedProcess:
    """A kernel forked by the server, with the part of `subprocess.Popen` that jupyter_client uses.

    Signals go through the server, its parent, so that a process with a reused number is never hit.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._channel = channel
        self._unread = b""
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        with self._lock:
            return self._read_exit(wait=False)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return the exit code."""
        with self._lock:
            code = self._read_exit(wait=True)
        return -signal.SIGKILL if code is None else code

    def send_signal(self, number: int) -> None:
        """Signal the kernel and everything in its process group."""
        with suppress(OSError):
            self._channel.sendall(json.dumps({"signal": int(number)}).encode() + b"\n")

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _read_exit(self, *, wait: bool) -> int | None:
        while self.returncode is None:
            try:
                received = self._channel.recv(1 << 12, 0 if wait else socket.MSG_DONTWAIT)
            except BlockingIOError:
                return None
            except OSError:
                received = b""
            self._unread += received
            if not received:  # the server and its kernels are gone
                self.returncode = -signal.SIGKILL
            elif b"\n" in self._unread:
                self.returncode = int(json.loads(self._unread.split(b"\n")[0])["exit"])
        self._channel.close()
        return self.returncode


def _read_line(channel: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        received = channel.recv(1)  # nothing beyond the line
        if not received:
            raise OSError("it closed the connection")
        line += received
    return line
