"""One process that kernels are forked from for many runs, which imports no more than a kernel needs.

Small chapters import nothing, so nothing is imported for them; and a run of tests needs that process once, not once a run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from korus_research.run.kernels import forked, pool
from korus_research.run.kernels.kernel import ENVIRONMENT

LIGHT = "light"  # a module beside this one
HERE = str(Path(__file__).parent)


class _Lent(forked.KernelServer):
    """The shared server as a run sees it: closing it ends nothing, the run's kernels end with their connections."""

    def __init__(self, server: forked.KernelServer) -> None:
        self.__dict__ = server.__dict__

    def close(self) -> None:
        pass


class Server:
    """Stands in the place of `KernelServer`."""

    def __init__(self) -> None:
        self._server: forked.KernelServer | None = None
        self._folder: Path | None = None

    def __call__(self, folder: Path, preload: Sequence[str] | None = None) -> forked.KernelServer:
        if self._server is None or self._server._process.poll() is not None:
            self.close()
            self._folder = pool.sockets_folder()
            with pytest.MonkeyPatch.context() as patch:
                find_light(patch)
                self._server = forked.KernelServer(self._folder, (LIGHT,))
        return _Lent(self._server)

    def close(self) -> None:
        """End the process, if there is one."""
        if self._server is not None and self._folder is not None:
            self._server.close()
            shutil.rmtree(self._folder, ignore_errors=True)
        self._server = None


def find_light(patch: pytest.MonkeyPatch) -> None:
    """Let a new process find that module."""
    patch.setitem(ENVIRONMENT, "PYTHONPATH", os.pathsep.join(filter(None, (HERE, ENVIRONMENT["PYTHONPATH"]))))


def use_light(patch: pytest.MonkeyPatch, shared: Server | None) -> None:
    """Fork kernels from `shared`, or else from a light process of each run's own."""
    patch.setattr(forked, "PRELOAD", LIGHT)
    if shared is None:
        find_light(patch)
    else:
        patch.setattr(pool, "KernelServer", shared)
