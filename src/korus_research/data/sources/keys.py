"""Keys to the official interfaces: where they are read from, and how they are kept out of all that is written."""

from __future__ import annotations

import logging
import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

from pydantic import SecretStr

from korus_research.data.sources.answer import REDACTED
from korus_research.data.sources.failures import NoKey, UnsafeKeys
from korus_research.errors import did_you_mean

_NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
SHORTEST = 8  # anything shorter may occur in the figures by chance, and redaction would change them


class Keys:
    """The user's keys: from the environment, else from a file that only the user can read.

    `known` are the names that a key may have. The file is `keys.toml` in the user's configuration folder, or the one
    that KORUS_KEYS names; UnsafeKeys if others can read it, it is inside a checkout, or it is not TOML with names and
    strings.
    """

    def __init__(self, known: Mapping[str, str], environment: Mapping[str, str] | None = None) -> None:
        self._known = known
        self._environment = os.environ if environment is None else environment
        self._file: dict[str, SecretStr] | None = None

    @property
    def path(self) -> Path:
        """The path of the file of keys, whether or not it exists."""
        from platformdirs import user_config_path

        named = self._environment.get("KORUS_KEYS")
        return Path(named).expanduser() if named else user_config_path("korus") / "keys.toml"

    def find(self, name: str) -> SecretStr | None:
        """Return the key of that name, or None; UnsafeKeys if its value can't be a key, or the file is not private."""
        if value := self._environment.get(name, "").strip():
            return _checked(value, f"{name} of the environment")
        if self._file is None:
            self._file = dict(self._read())
        return self._file.get(name)

    def need(self, name: str, source: str, register: str) -> SecretStr:
        """Return the key of that name; NoKey if there is none."""
        if (found := self.find(name)) is None:
            raise NoKey(
                f"{source} needs a key and none is known",
                expected=f'{name} in the environment, or {name} = "..." in {self.path}',
                do=f"Get one at {register}",
            )
        return found

    def _read(self) -> Iterator[tuple[str, SecretStr]]:
        path = self.path
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno())
                _refuse_unsafe(path, mode)
                content = tomllib.loads(file.read().decode("utf-8-sig"))
        except FileNotFoundError:
            return
        except (OSError, ValueError) as problem:
            # A decoding error's own message may quote the file.
            why = problem.strerror if isinstance(problem, OSError) else "it is no TOML in UTF-8"
        else:
            for name, value in content.items():
                if name not in self._known:
                    found = f"{path}: {name[:40]!r} is the name of no key{did_you_mean(name, self._known)}"
                    raise UnsafeKeys(found, expected=f"one of {', '.join(sorted(self._known))}", do="Correct the file")
                yield name, _checked(value, f"{name} in {path}")
            return
        raise UnsafeKeys(f"{path} can't be read: {why}", expected='lines such as NAME = "key"', do="Correct the file")


def _checked(value: object, where: str) -> SecretStr:
    if not isinstance(value, str) or len(value) < SHORTEST or not re.fullmatch(r"[!-~]+", value):
        raise UnsafeKeys(
            f"{where} is not a key",
            expected=f"{SHORTEST} or more letters, digits and signs, without spaces",
            do="Copy the key again",
        )
    return SecretStr(value)


def _refuse_unsafe(path: Path, found: os.stat_result) -> None:
    """Refuse a file of keys that others can read or that could be committed; `found` is of the open file."""
    # On Windows owner and mode say nothing; the user's folder is private there.
    shared = os.name != "nt" and (found.st_uid != os.getuid() or bool(found.st_mode & 0o077))
    if shared or not stat.S_ISREG(found.st_mode):
        raise UnsafeKeys(
            f"{path} can be read by others (mode {stat.S_IMODE(found.st_mode):04o})",
            expected="a file of your own with mode 0600",
            do=f"chmod 600 {path}",
        )
    if any((folder / ".git").exists() for folder in path.resolve().parents):
        do = "Move it to your configuration folder, or name another place in KORUS_KEYS"
        raise UnsafeKeys(
            f"{path} lies in a checkout",
            expected="a place outside of any checkout, where it cannot be committed",
            do=do,
        )


class Redactor:
    """Removes keys from text and bytes, in every form in which an answer, an address or an error may contain them.

    BEA echoes a request in capitals, others percent-encode it, JSON and XML escape characters: so letters match in
    either case, and every other character also in its escaped forms.
    """

    def __init__(self) -> None:
        self.__patterns: dict[str, re.Pattern[bytes]] = {}

    def add(self, key: SecretStr) -> None:
        """Redact a key, and its percent-decoded form, from now on."""
        for form in {key.get_secret_value(), unquote(key.get_secret_value())}:
            if len(form) >= SHORTEST:
                self.__patterns[form] = re.compile(b"".join(map(_forms, form)), re.IGNORECASE)

    def bytes(self, content: bytes) -> bytes:
        """Return the content with REDACTED for every key, and for the beginning of one at a truncated end."""
        for form, pattern in self.__patterns.items():
            content = pattern.sub(REDACTED.encode(), content)
            tail = content[-len(form) :].lower()
            cut = next((n for n in range(len(form) - 1, 5, -1) if tail.endswith(form[:n].lower().encode())), 0)
            content = content[: len(content) - cut] + (REDACTED.encode() if cut else b"")
        return content

    def text(self, content: str) -> str:
        """Return the text with REDACTED for every key."""
        return self.bytes(content.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    @contextmanager
    def over_logs(self) -> Iterator[None]:
        """Redact the log of the HTTP library, which has the address of every request at the level DEBUG."""

        def clean(record: logging.LogRecord) -> bool:
            record.msg, record.args = self.text(record.getMessage()), ()
            record.exc_info = record.exc_text = None
            return True

        loggers = [logging.getLogger(f"urllib3.{name}") for name in ("connectionpool", "connection", "util.retry")]
        for logger in loggers:
            logger.addFilter(clean)
        try:
            yield
        finally:
            for logger in loggers:
                logger.removeFilter(clean)


def _forms(sign: str) -> bytes:
    plain = re.escape(sign)
    if sign.isalnum():
        return plain.encode()
    code = f"{ord(sign):02x}"
    # The plain character last: of %25 it would match only the first character.
    forms = [rf"%(?:25)*{code}", rf"\\u00{code}", rf"&#(?:x0*{code}|0*{ord(sign)});", rf"\\{plain}", plain]
    if sign in _NAMED:
        forms.insert(0, f"&{_NAMED[sign]};")
    return f"(?:{'|'.join(forms)})".encode()


def sent(key: SecretStr) -> str:
    """Return a key percent-encoded exactly once, even if the user copied it encoded.

    data.go.kr issues each key in both forms, and rejects one that is encoded twice as not registered (code 30).
    """
    value = key.get_secret_value()
    return value if unquote(value) != value else quote(value, safe="")
