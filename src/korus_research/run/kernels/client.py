"""A kernel client that detects at once that its kernel is ready."""

from __future__ import annotations

import time
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient

# Seconds until the request is repeated: the kernel may still be starting, or the answer was sent before we subscribed.
_FOR_REPLY = 1.0
_FOR_STATUS = 0.05
# Seconds to wait for the kernel's sockets before the channels are opened anyway, and between two checks.
_FOR_SOCKETS = 1.0
_LOOK = 0.002


class ChapterClient(AsyncKernelClient):
    """Like jupyter_client's, which waits for 0.2 s of silence before it considers a kernel ready.

    The status "idle" for our own request is the last message that it causes: after it, both channels are connected and
    empty.
    """

    def start_channels(self, *args: Any, **named: Any) -> None:
        """Open the channels once the kernel's sockets exist: otherwise ZMQ retries only after 0.1 s."""
        names = ("shell", "iopub", "stdin", "control", "hb")
        sockets = [Path(f"{self.ip}-{getattr(self, f'{name}_port')}") for name in names]
        deadline = time.monotonic() + (_FOR_SOCKETS if self.transport == "ipc" else 0.0)
        while time.monotonic() < deadline and not all(socket.exists() for socket in sockets):
            time.sleep(_LOOK)
        super().start_channels(*args, **named)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return when the kernel has answered on both channels.

        Raises
        ------
        RuntimeError
            It died, or did not answer within `timeout` seconds.
        """
        deadline = time.monotonic() + (timeout or float("inf"))
        while not await self._answered():
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Kernel didn't respond in {timeout:.0f} seconds")

    async def _answered(self) -> bool:
        asked = self.kernel_info()
        reply: dict[str, Any] = {"parent_header": {}}
        try:
            while reply["parent_header"].get("msg_id") != asked:
                reply = await self._async_get_shell_msg(timeout=_FOR_REPLY)
            self._handle_kernel_info_reply(reply)
            idle = False
            while not idle:
                message = await self._async_get_iopub_msg(timeout=_FOR_STATUS)
                ours = message["parent_header"].get("msg_id") == asked
                idle = ours and message["content"].get("execution_state") == "idle"
        except Empty:
            return False
        return True
