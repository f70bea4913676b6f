"""What NFS, Lustre and SMB refuse, call by call: the edition is made or the one before stays, and the next run tidies up."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from korus_research.data.package import exchange
from korus_research.editions.edition import Edition, drafting, open_edition
from korus_research.errors import KorusError

pytestmark = pytest.mark.slow  # `make break-test`

ABOUT = {
    "agreement": "korus",
    "as_of": "2016-12",
    "edition": "Data through December 2016",
    "name": "Toy",
    "parameters": {},
}

# A handle whose file another client removed, a server that does not answer, a lock daemon that is off, a lock or name
# that is busy, a folder that still holds a .nfs file, links and modes that SMB has not, a quota.
REFUSALS = {
    "rename": (os, (errno.ESTALE, errno.EIO, errno.EBUSY, errno.EACCES, errno.ETIMEDOUT)),
    "link": (os, (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ESTALE)),
    "unlink": (os, (errno.ESTALE, errno.EBUSY, errno.EACCES)),
    "rmdir": (os, (errno.ENOTEMPTY, errno.EBUSY, errno.ESTALE)),
    "mkdir": (os, (errno.ESTALE, errno.EDQUOT, errno.EACCES)),
    "fsync": (os, (errno.EIO, errno.ESTALE, errno.EDQUOT, errno.EINVAL, errno.ENOTSUP)),
    "stat": (os, (errno.ESTALE,)),
    "scandir": (os, (errno.ESTALE,)),
    "flock": (fcntl, (errno.ENOLCK, errno.ENOTSUP, errno.ESTALE)),
    "exchange_names": (exchange, (errno.ESTALE, errno.EIO, errno.EBUSY)),
}


@contextmanager
def refusing(owner: Any, name: str, code: int, number: int, below: Path) -> Iterator[list[int]]:
    """Let the call `number` (from 0) of a function fail that concerns a place below `below`; yields how many there were."""
    real: Callable[..., Any] = getattr(owner, name)
    calls = [0]

    def call(*arguments: Any, **more: Any) -> Any:
        place = arguments[0] if arguments else "."
        ours = isinstance(place, int) or more.get("dir_fd") is not None or str(below) in os.fsdecode(os.fspath(place))
        if ours:
            calls[0] += 1
            if calls[0] == number + 1:
                raise OSError(code, os.strerror(code), None if isinstance(place, int) else os.fspath(place))
        return real(*arguments, **more)

    setattr(owner, name, call)
    try:
        yield calls
    finally:
        setattr(owner, name, real)


def publish(target: Path, text: str) -> Edition:
    with drafting(target) as draft:
        draft.write("findings.json", f'["{text}"]')
        draft.write("report.html", f"<p>{text}</p>")
        draft.write("report.pdf", f"%PDF {text}")
        draft.write("figures/same.svg", "<svg/>")
        return draft.publish(ABOUT, ("html", "pdf"))


@pytest.mark.parametrize(("name", "code"), [(name, code) for name, (_, codes) in REFUSALS.items() for code in codes])
def test_each_refused_call_leaves_an_edition(
    name: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name != "exchange_names":  # which such disks can't
        monkeypatch.setattr(exchange, "exchange_names", lambda one, other: False)
    target, owner = tmp_path / "out" / "korus" / "2016-12", REFUSALS[name][0]
    number, refused = 0, 0
    while True:
        publish(target, "old")
        with refusing(owner, name, code, number, tmp_path / "out") as calls:
            try:
                publish(target, "new")
                told = ""
            except KorusError as error:
                told = str(error)
                refused += 1
        if calls[0] <= number:
            break
        assert "\n" not in told
        edition = open_edition(target)
        assert edition is not None, f"call {number}: {told}"
        assert edition.problems() == []
        there = (target / "report.html").read_text()
        assert there == "<p>new</p>" or (told and there == "<p>old</p>"), (
            f"call {number}: {there} after {told or 'success'}"
        )
        publish(target, "again")
        assert sorted(p.name for p in target.parent.iterdir()) == ["2016-12"], f"call {number}"
        number += 1
    assert number, f"{name} is called"
