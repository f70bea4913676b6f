"""Where a run gets its kernels: a private folder of sockets, and a fork server that starts when it is first wanted."""

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
    """KernelPool for the chapters of one run; when it is closed, none is left.

    They are forked from a process that has imported everything on Linux, and started the plain way elsewhere and where
    that is asked for. What a chapter shows is the same.
    """

    def __init__(self, *, plain: bool = False, meanwhile: Callable[[], None] | None = None) -> None:
        self._plain = plain or sys.platform != "linux"
        self._meanwhile = meanwhile
        self._folder = sockets_folder()
        self._server: KernelServer | None = None

    def warm_up(self) -> None:
        """Start the process that kernels are forked from; its imports happen while the caller does other things.

        `meanwhile` is called in a thread: a run that needs no kernel pays for neither.
        """
        if self._server is None and not self._plain:
            self._server = KernelServer(self._folder)
        if self._meanwhile is not None:
            threading.Thread(target=self._meanwhile, daemon=True).start()
            self._meanwhile = None

    def manager(self, name: str, environment: Mapping[str, str] | None = None) -> ChapterKernelManager:
        """Return the manager of a kernel, not started yet, for the chapter `name`."""
        from korus_research.run.kernels.provisioner import chapter_manager

        self.warm_up()
        own = self._folder / name[:2]
        own.mkdir(exist_ok=True)
        return chapter_manager(own, self._server, environment)

    def close(self) -> None:
        """End every forked kernel, and what it started."""
        if self._server is not None:
            self._server.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> KernelPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def sockets_folder() -> Path:
    """Return a new private folder whose name leaves room for the addresses of Unix sockets.

    Raises
    ------
    OutputFolder
        There is no temporary folder, or no space in it.
    """
    # An address has 104 bytes (macOS) or 108; some schedulers give every job a longer TMPDIR.
    usual = temporary_folder()
    short = usual if len(os.fsencode(usual)) <= _SHORT else Path("/tmp")
    return Path(tempfile.mkdtemp(prefix="korus-", dir=short))
