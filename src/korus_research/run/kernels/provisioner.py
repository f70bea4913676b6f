"""jupyter_client's provisioner for chapter kernels: forked if there is a fork server, else started as usual."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from korus_research.run.kernels.forked import ForkUnavailable
from korus_research.run.kernels.kernel import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from subprocess import Popen

    from jupyter_client.connect import KernelConnectionInfo

    from korus_research.run.kernels.forked import KernelServer

PROVISIONER = "korus-fork"  # its entry point in pyproject.toml
KERNEL = "korus-chapter"

_log = logging.getLogger(__name__)


class ForkProvisioner(LocalProvisioner):
    """Provisions a kernel forked by the server of its manager; it can be interrupted and restarted like any other.

    Without a server, or if that refuses, the kernel is started from its command.
    """

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel and return its connection information."""
        manager = self.parent
        if isinstance(manager, ChapterKernelManager) and manager.server is not None:
            connection, folder = Path(manager.connection_file), Path(kwargs.get("cwd") or Path.cwd())
            try:
                # The answer waits for the server's imports, so not on the event loop of the kernel's messages.
                process = await asyncio.to_thread(manager.server.fork, connection, folder, self.kernel_spec.env)
            except ForkUnavailable as error:
                _log.warning("Plain kernel: %s", error)
            else:
                self.process = cast("Popen[bytes]", process)  # it has the methods that are used
                self.pid, self.pgid, self.cwd = process.pid, None, str(folder)
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)


class _OneSpec(KernelSpecManager):
    """Knows only the kernel of chapters, whatever kernelspecs are installed."""

    def __init__(self, spec: KernelSpec) -> None:
        super().__init__()
        self._spec = spec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the one spec."""
        return self._spec


class ChapterKernelManager(AsyncKernelManager):
    """Manages one chapter's kernel: this interpreter, over Unix sockets, forked by `server` if there is one."""

    server: KernelServer | None = None

    def client(self, **kwargs: Any) -> Any:
        """Return a client whose channels `close` stops: nbclient leaves those of a given manager open."""
        made = super().client(**kwargs)
        self._clients = [*getattr(self, "_clients", ()), made]
        return made

    def close(self) -> None:
        """Stop the channels of all clients, and close the sockets behind them."""
        for client in getattr(self, "_clients", ()):
            client.stop_channels()
        self._clients = []
        self.context.destroy(linger=0)


def chapter_manager(
    sockets: Path, server: KernelServer | None, environment: Mapping[str, str] | None = None
) -> ChapterKernelManager:
    """Return a manager whose kernel is not started yet.

    Parameters
    ----------
    sockets : Path
        A private folder with a short path, for the connection file and sockets.
    server : KernelServer or None
        Forks the kernel; without one it is started from its command.
    environment : mapping, optional
        Variables in addition to `ENVIRONMENT`.
    """
    spec = KernelSpec(
        argv=[sys.executable, "-m", "korus_research.run.kernels.kernel", "{connection_file}"],
        display_name="Python 3 (ipykernel)",
        language="python",
        env={**ENVIRONMENT, **(environment or {})},
        metadata={"kernel_provisioner": {"provisioner_name": PROVISIONER}},
    )
    manager = ChapterKernelManager(
        kernel_name=KERNEL,
        kernel_spec_manager=_OneSpec(spec),
        client_class="korus_research.run.kernels.client.ChapterClient",
        connection_file=str(sockets / "kernel.json"),
    )
    if hasattr(os, "fork"):  # Windows, which lacks it, gets jupyter_client's usual ports on loopback
        manager.transport, manager.ip = "ipc", str(sockets / "k")
        for number, port in enumerate(("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"), start=1):
            setattr(manager, port, number)
    manager.server = server
    return manager
