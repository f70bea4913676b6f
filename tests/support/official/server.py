"""A server on the loopback interface that answers as the official sources were seen to; nothing leaves the machine."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import pandas as pd

# Made up, each of the form the source gives out; signs in some of them, which addresses encode.
KEYS = {
    "CENSUS_API_KEY": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
    "BEA_API_KEY": "A1B2C3D4-1111-2222-3333-ABCDEFABCDEF",
    "FRED_API_KEY": "abcdef0123456789abcdef0123456789",
    "ECOS_API_KEY": "TESTKEYOFECOS0000001",
    "KOSIS_API_KEY": "VGVzdEtleU9mS29zaXM/bWFkZSt1cD0=",
    "DATA_GO_KR_KEY": "Zm9v+made/up+key/of/the/portal==",
    "USITC_DATAWEB_TOKEN": "eyJhbGciOiJIUzUxMiJ9.bWFkZXVw.c2lnbmF0dXJl",
}
SAID = "2026-11-29"  # the day the server believes in


@dataclass(frozen=True)
class Reply:
    """One reply; `delay` seconds before it, `drip` seconds between bytes, `cut` closes the connection after so many."""

    content: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0
    drip: float = 0
    cut: int | None = None
    reset: bool = True

    @property
    def body(self) -> bytes:
        return self.content.encode() if isinstance(self.content, str) else self.content


@dataclass(frozen=True)
class Call:
    """What came: the host it was meant for, the path below it, the query in order, the headers in lower case, the body."""

    host: str
    path: str
    pairs: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def query(self) -> dict[str, str]:
        return dict(self.pairs)


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up, as some tests do."""


class Official:
    """The sources, in a with statement: `address` for `Web(at=...)`, `environment` for a process with keys.

    `script(host, replies)` has the next calls to a host answered so; `revise(table, edit)` has the answers made of an edited
    table; `calls` are those that came.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._scripts: defaultdict[str, deque[Reply]] = defaultdict(deque)
        self._edits: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {}
        self._tables: dict[object, pd.DataFrame] = {}
        self._lock = threading.Lock()
        self._server = _Quiet(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        return {"KORUS_SOURCES_AT": self.address, **KEYS}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def script(self, host: str, *replies: Reply) -> None:
        """Answer the next calls to a host (part of its name) so, one by one; then as always."""
        self._scripts[host].extend(replies)

    def forget(self) -> None:
        """Answer as always from now on, of the tables as they are embedded."""
        self._scripts.clear()
        if self._edits:
            self._edits.clear()
            self._tables.clear()

    def revise(self, table: str, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        """Make the answers of an edited embedded table from now on."""
        with self._lock:
            self._edits[table] = edit
            self._tables.clear()

    def __call__(self, name: str) -> pd.DataFrame:
        """Return the rows of an embedded table as the answers are made of them."""
        from korus_research.data.catalog import open_catalog

        with self._lock:
            if name not in self._tables:
                frame = open_catalog().load(name)
                self._tables[name] = self._edits.get(name, lambda rows: rows)(frame)
            return self._tables[name]

    def made(self, function: Callable[..., pd.DataFrame], *arguments: str) -> pd.DataFrame:
        """Return what a function makes of the tables, made once until something is revised."""
        key = (function.__name__, *arguments)
        if key not in self._tables:
            rows = function(self, *arguments)
            with self._lock:
                self._tables[key] = rows
        return self._tables[key]

    def reply(self, call: Call) -> Reply:
        """Return what a call is answered."""
        from official import bea, census, fred, imf, korea, worldbank

        for host, waiting in self._scripts.items():
            if host in call.host and waiting:
                return waiting.popleft()
        hosts = {
            "api.census.gov": census.answer,
            "www.census.gov": census.file,
            "apps.bea.gov": bea.answer,
            "api.stlouisfed.org": fred.answer,
            "api.worldbank.org": worldbank.answer,
            "api.imf.org": imf.answer,
            "ecos.bok.or.kr": korea.ecos,
            "kosis.kr": korea.kosis,
            "apis.data.go.kr": korea.customs,
        }
        made = hosts.get(call.host)
        return made(call, self) if made else Reply("no such host", 404)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                _, host, *path = parts.path.split("/")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                pairs = tuple(parse_qsl(parts.query, keep_blank_values=True))
                headers = {name.lower(): value for name, value in self.headers.items()}
                call = Call(host, "/" + "/".join(path), pairs, headers, body, time.monotonic())
                server.calls.append(call)
                try:
                    _send(self, server.reply(call))
                except OSError:
                    pass  # who asked has gone
                except Exception as error:
                    _send(self, Reply(f"the test server failed: {error!r}", 500))

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    time.sleep(reply.delay)
    body = reply.body
    headers = {"Content-Type": "application/json", "Date": "Sun, 29 Nov 2026 12:00:00 GMT", **reply.headers}
    as_it_is = reply.drip or reply.cut is not None or "Content-Encoding" in headers
    if "gzip" in handler.headers.get("Accept-Encoding", "") and len(body) > 1000 and not as_it_is:
        body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
    pieces = headers.get("Transfer-Encoding") == "chunked"
    handler.send_response_only(reply.status)
    for name, value in headers.items():
        handler.send_header(name, value)
    if reply.status != 204 and not pieces:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if reply.cut is not None:
        _cut(handler, body[: reply.cut], reset=reply.reset)
        return
    step = 1 if reply.drip else 10_000
    for at in range(0, len(body), step):
        piece = body[at : at + step]
        handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if pieces else piece)
        time.sleep(reply.drip)
    handler.wfile.write(b"0\r\n\r\n" if pieces else b"")


def _cut(handler: BaseHTTPRequestHandler, body: bytes, *, reset: bool) -> None:
    """Send what is left and close: with a reset, as by a router that forgets, or in good order."""
    handler.wfile.write(body)
    handler.wfile.flush()
    if reset:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    else:
        handler.connection.shutdown(socket.SHUT_RDWR)
    handler.connection.close()
    handler.close_connection = True


def as_json(value: object) -> Reply:
    """Return a value as a JSON answer."""
    return Reply(json.dumps(value, ensure_ascii=False))
