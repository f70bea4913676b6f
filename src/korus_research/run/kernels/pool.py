"""The kernels of a run: a private folder of sockets, and a fork server that starts on first use."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from korus_research.data.files import temporary_folder
from korus_research.run.kernels.forked import KernelServer

if TYPE_CHECKING:
    from korus_research.run.kernels.provisioner import ChapterKernelManager

_SHORT = 80  # leaves room for korus-12345678/01/k-5: the address of a Unix socket has some 100 bytes


class KernelPool:
    """Kernels for the chapters of one run; closing it ends all of them.

    On Linux they are forked from a process that has imported everything; elsewhere, or with `plain`, they are started
    as usual. The outputs are the same.
    """

    def __init__(self, *, plain: bool = False, meanwhile: Callable[[], None] | None = None) -> None:
        self._plain = plain or sys.platform != "linux"
        self._meanwhile = meanwhile
        self._folder = sockets_folder()
        self._server: KernelServer | None = None

    def warm_up(self) -> None:
        """Start the fork server, which imports while the caller does other things, and `meanwhile` in a thread.

        A run that needs no kernel does neither.
        """
        if self._server is None and not self._plain:
            self._server = KernelServer(self._folder)
        if self._meanwhile is not None:
            threading.Thread(target=self._meanwhile, daemon=True).start()
            self._meanwhile = None

    def manager(self, name: str, environment: Mapping[str, str] | None = None) -> ChapterKernelManager:
        """Return the manager of a kernel for the chapter `name`, not started yet."""
        from korus_research.run.kernels.provisioner import chapter_manager

        self.warm_up()
        own = self._folder / name[:2]
        own.mkdir(exist_ok=True)
        return chapter_manager(own, self._server, environment)

    def close(self) -> None:
        """End all forked kernels and the processes that they started."""
        if self._server is not None:
            self._server.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> KernelPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def sockets_folder() -> Path:
    """Return a new private folder with a path short enough for Unix sockets; OutputFolder if there is no space.

    Socket addresses have at most 104 (macOS) or 108 bytes, and some job schedulers set a longer TMPDIR.
    """
    usual = temporary_folder()
    short = usual if len(os.fsencode(usual)) <= _SHORT else Path("/tmp")
    return Path(tempfile.mkdtemp(prefix="korus-", dir=short))
