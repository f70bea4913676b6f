"""Requests to official sources: rate-limited, bounded, retried where that helps, never redirected (decision 115).

Nothing that leaves this module contains a key: no answer, no error, no log.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import quote, urlsplit

from korus_research.data.sources import spec
from korus_research.data.sources.answer import REDACTED, Answer, Request
from korus_research.data.sources.failures import QuotaUsed, SourceFailed, UnexpectedAnswer, Unreachable
from korus_research.data.sources.keys import Keys, Redactor, sent
from korus_research.data.sources.reading import Reader

if TYPE_CHECKING:
    import requests
    from pydantic import SecretStr

AGAIN = frozenset({429, 500, 502, 503, 504})  # 204 is an answer, and a redirect never leads to figures
KEPT = ("content-type", "date", "last-modified", "location", "retry-after", "x-datawebapi-keyerror")
CONNECT_SECONDS = 10


@dataclass(frozen=True)
class Progress:
    """The progress of a request: `bytes` read so far, `seconds` to wait before the next attempt."""

    source: str
    dataset: str
    stage: Literal["asking", "reading", "waiting", "answered"]
    bytes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Patience:
    """How often and after which wait a request is retried; a source that asks for more than `longest` s is given up."""

    attempts: int = 5
    backoff: float = 1.0
    longest: float = 60.0
    paced: bool = True


@dataclass(frozen=True)
class _Failed:
    """An attempt without an answer; `again` says whether a retry may help."""

    found: str
    again: bool


class Web:
    """The connections to the official interfaces; a context manager that closes them.

    Parameters
    ----------
    at : str, optional
        A local address that stands in for all sources in tests ("http://127.0.0.1:8000"); the path below it begins with
        the source's host. Default: KORUS_SOURCES_AT.
    keys : Keys, optional
    on_progress : function of a Progress, optional
    patience : Patience, optional
    """

    def __init__(
        self,
        at: str | None = None,
        *,
        keys: Keys | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._at = _loopback(at if at is not None else os.environ.get("KORUS_SOURCES_AT", ""))
        self._keys = keys or Keys(spec.key_names())
        self._report = on_progress or (lambda progress: None)
        self._patience = patience or Patience(paced=not self._at)
        self._redactor = Redactor()
        self._last: dict[str, float] = {}
        self._open = ExitStack()
        self._session: requests.Session | None = None

    def __enter__(self) -> Self:
        import requests
        from requests.adapters import HTTPAdapter
        from requests.structures import CaseInsensitiveDict

        self._session = self._open.enter_context(requests.Session())
        self._open.enter_context(self._redactor.over_logs())
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=0))
        self._session.trust_env = not self._at  # no proxy on the way to this machine
        self._session.auth = lambda call: call  # otherwise passwords from ~/.netrc would be sent
        self._session.headers = CaseInsensitiveDict({"User-Agent": "korus-research", "Accept-Encoding": "gzip"})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def has_key(self, source: str) -> bool:
        """Return whether a source has its key or needs none; UnsafeKeys if the file of keys is not private."""
        key = spec.describe(source).key
        return key is None or self._keys.find(key.name) is not None

    def ask(self, request: Request) -> Iterator[Answer]:
        """Yield the answer of a source page by page; SourceFailed if there is none.

        An empty answer is valid ("no data") and the last page.
        """
        call: Request | None = request
        reader = Reader(request.source, request.dataset)
        while call is not None:
            answer = self._answer(call)
            if (failed := reader.refused(answer)) is not None:
                raise failed
            yield answer
            call = reader.more(call, answer)

    def _answer(self, request: Request) -> Answer:
        """Return the redacted answer, whatever it says; Unreachable or QuotaUsed if there is none."""
        source = spec.describe(request.source)
        secret = None
        if source.key and source.describe(request.dataset).needs_key:
            secret = self._keys.need(source.key.name, source.title, source.key.register_at)
            self._redactor.add(secret)
        attempt = 1
        while True:
            self._pace(source)
            self._report(Progress(request.source, request.dataset, "asking"))
            reply = self._attempt(request, source, secret)
            if isinstance(reply, UnexpectedAnswer):
                raise reply
            again = reply.again if isinstance(reply, _Failed) else reply.status in AGAIN
            wait = self._wait(reply, attempt)
            if not again or attempt >= self._patience.attempts or wait > self._patience.longest:
                break
            self._report(Progress(request.source, request.dataset, "waiting", seconds=wait))
            time.sleep(wait)
            attempt += 1
        self._report(Progress(request.source, request.dataset, "answered"))
        if isinstance(reply, Answer) and again and wait > self._patience.longest:
            found = f"{source.title} asks to wait {wait:,.0f} seconds (status {reply.status})"
            raise QuotaUsed(found, expected=f"figures within {self._patience.longest:.0f} seconds")
        if isinstance(reply, _Failed):
            found = f"{source.title} can't be reached for {request.dataset}: {reply.found} (attempt {attempt})"
            raise Unreachable(
                found, expected="", do="Check the connection, or try again later; other sources are not affected"
            )
        return reply

    def _pace(self, source: spec.Source) -> None:
        """Wait until the source may be asked again."""
        if not self._patience.paced:
            return
        ready = self._last.get(source.id, -1e9) + 60 / source.limits.calls_per_minute
        if (wait := ready - time.monotonic()) > 0:
            time.sleep(wait)
        self._last[source.id] = time.monotonic()

    def _wait(self, reply: Answer | _Failed, attempt: int) -> float:
        """Return the seconds until the next attempt: what the source asks for, else doubling each time."""
        from urllib3.exceptions import InvalidHeader
        from urllib3.util import Retry

        asked = reply.headers.get("retry-after", "") if isinstance(reply, Answer) else ""
        try:
            return Retry().parse_retry_after(asked) if asked else self._patience.backoff * 2.0 ** (attempt - 1)
        except InvalidHeader:
            return self._patience.backoff * 2.0 ** (attempt - 1)

    def _attempt(
        self, request: Request, source: spec.Source, secret: SecretStr | None
    ) -> Answer | _Failed | UnexpectedAnswer:
        """Make one request. No error of the HTTP library is raised, since its errors contain the key."""
        import requests
        from urllib3.exceptions import HTTPError

        assert self._session is not None  # it is used in a with statement
        limit = source.describe(request.dataset).megabytes << 20
        began = time.monotonic()
        try:
            with self._session.send(
                self._prepared(request, source, secret),
                allow_redirects=False,
                stream=True,
                timeout=(CONNECT_SECONDS, source.limits.silent_seconds),
                **self._surroundings(request.address),
            ) as response:
                content = bytearray()
                while chunk := response.raw.read1(1 << 16, decode_content=True):
                    content += chunk
                    self._report(Progress(request.source, request.dataset, "reading", bytes=len(content)))
                    if len(content) > limit:
                        return UnexpectedAnswer(
                            f"{source.title} answers {request.dataset} with more than {limit >> 20} MB",
                            expected="no more than that",
                            do="Ask for a shorter span",
                        )
                    if time.monotonic() - began > source.limits.whole_seconds:
                        return _Failed(
                            found=f"not all of it came in {source.limits.whole_seconds:.0f} seconds", again=False
                        )
                return self._made(request, response, bytes(content))
        except requests.exceptions.SSLError:
            return _Failed(found="its certificate is not trusted", again=False)
        except (requests.RequestException, HTTPError, OSError) as error:
            found, again = _said(error)
            return _Failed(found=found, again=again)

    def _prepared(self, request: Request, source: spec.Source, secret: SecretStr | None) -> requests.PreparedRequest:
        """Return the request with its key, which its repr does not show: no traceback with variables contains it."""
        import requests

        assert self._session is not None
        base = request.address
        if self._at:
            parts = urlsplit(base)
            base = f"{self._at}/{parts.netloc}{parts.path}"
        headers = {"Accept": source.accept, **({"Content-Type": "application/json"} if request.body else {})}
        key = source.key
        if secret and key and key.place == "path":
            base = base.replace("{key}", quote(secret.get_secret_value(), safe=""))
        if secret and key and key.place == "header":
            headers[key.parameter] = f"Bearer {secret.get_secret_value()}"
        address = request.at(base)
        if secret and key and key.place == "query":
            address += f"{'&' if '?' in address else '?'}{key.parameter}={sent(secret)}"
        method = "POST" if request.body else "GET"
        body = request.body.encode() or None
        return self._session.prepare_request(requests.Request(method, address, data=body, headers=headers))

    def _surroundings(self, address: str) -> dict[str, Any]:
        """Return the proxies and certificates of the user's environment."""
        assert self._session is not None
        found = self._session.merge_environment_settings(self._at or address, {}, None, None, None)
        return {name: found[name] for name in ("proxies", "verify", "cert")}

    def _made(self, request: Request, response: requests.Response, content: bytes) -> Answer:
        source = spec.describe(request.source)
        content = self._redactor.bytes(content)
        key = source.key if source.describe(request.dataset).needs_key else None
        shown = (key.parameter, REDACTED) if key and key.place == "query" else None
        made = Answer(
            source=request.source,
            dataset=request.dataset,
            request={
                "address": request.address,
                **dict(request.query),
                **({"body": request.body} if request.body else {}),
            },
            address=request.at(request.address.replace("{key}", REDACTED), shown),
            status=response.status_code,
            headers={name: self._redactor.text(response.headers[name]) for name in KEPT if name in response.headers},
            fetched=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            sha256=sha256(content).hexdigest(),
            content=content,
        )
        return Reader(request.source, request.dataset).marked(made)


def _loopback(at: str) -> str:
    """Return a local address, "" for none; SourceFailed for any other, to which keys would be sent."""
    if not at:
        return ""
    parts = urlsplit(at)
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise SourceFailed(
            f"The sources can't be asked at {at!r:.80}",
            expected="an address of this machine, as http://127.0.0.1:8000",
            do="Take KORUS_SOURCES_AT out of the environment",
        )
    return at.rstrip("/")


def _said(error: Exception) -> tuple[str, bool]:
    """Return what went wrong, and whether to retry; the library's own message contains the address."""
    chain: list[object] = [error]
    while (last := chain[-1]) is not None and len(chain) < 6:
        inner = getattr(last, "reason", None) or (last.args[0] if isinstance(last, Exception) and last.args else None)
        chain.append(inner if isinstance(inner, Exception) else None)
    names = [type(one).__name__ for one in chain if one is not None]
    known = {
        "NameResolutionError": "its name is not known here",
        "ConnectTimeoutError": f"no connection in {CONNECT_SECONDS} seconds",
        "ReadTimeoutError": "no answer in time",
        "ProxyError": "the proxy refused",
        "NewConnectionError": "the connection was refused",
        "IncompleteRead": "the answer broke off",
        "DecodeError": "the answer can't be unpacked",
        "ProtocolError": "the connection was cut",
    }
    found = next((words for name, words in known.items() if name in names), names[0])
    return found, "NameResolutionError" not in names  # without a network nine sources would take minutes to fail
