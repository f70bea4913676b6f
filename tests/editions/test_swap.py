"""A folder is replaced whole or not at all: by one exchange, by renames in turn, and after a kill between them."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from korus_research.data.files import locked
from korus_research.data.package import exchange
from korus_research.data.package.exchange import exchange_names, temporary
from korus_research.editions.swap import MANIFEST, repair, swap_in

NAME = "2016-12"


def folder(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "one").write_text(text)
    (path / "two").write_text(text)
    (path / MANIFEST).write_text(text)
    return path


def content(path: Path) -> set[str]:
    return {file.read_text() for file in path.iterdir()}


@pytest.fixture(params=["one exchange", "renames in turn"])
def road(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "renames in turn":
        monkeypatch.setattr(exchange, "exchange_names", lambda one, other: False)
    return str(request.param)


def test_the_new_folder_takes_the_place_and_the_old_one_goes(tmp_path: Path, road: str) -> None:
    target = folder(tmp_path / NAME, "old")
    new = folder(temporary(tmp_path, NAME) / "edition", "new")
    swap_in(new, target)
    assert content(target) == {"new"}
    new.parent.rmdir()
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_free_place_is_simply_taken(tmp_path: Path) -> None:
    swap_in(folder(temporary(tmp_path, NAME) / "edition", "new"), tmp_path / NAME)
    assert content(tmp_path / NAME) == {"new"}


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2 is a call of Linux")
def test_linux_exchanges_two_names_in_one_step(tmp_path: Path) -> None:
    one, other = folder(tmp_path / "one", "1"), folder(tmp_path / "other", "2")
    assert exchange_names(one, other)
    assert (content(one), content(other)) == ({"2"}, {"1"})


# Kills itself with SIGKILL just before the rename or rmtree of that number: no clean-up of any kind can run.
KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from korus_research.data.package import exchange
from korus_research.editions import swap
left = int(sys.argv[2])
def guarded(real):
    def step(*args, **more):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return real(*args, **more)
    return step
exchange.exchange_names = lambda one, other: False
Path.rename, shutil.rmtree = guarded(Path.rename), guarded(shutil.rmtree)
parent = Path(sys.argv[1])
swap.swap_in(exchange.temporary(parent, "2016-12") / "edition", parent / "2016-12")
"""


@pytest.mark.parametrize("step", range(5))
def test_killed_at_any_step_the_next_start_finds_one_whole_edition(tmp_path: Path, step: int) -> None:
    folder(tmp_path / NAME, "old")
    code = KILLED.replace(
        "swap.swap_in(",
        "new = exchange.temporary(parent, '2016-12') / 'edition'\n"
        "new.mkdir(parents=True); (new / 'one').write_text('new'); (new / 'manifest.json').write_text('new')\n"
        "swap.swap_in(",
    )
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path), str(step)], check=False).returncode
    assert ended == (-signal.SIGKILL if step < 4 else 0), "rename target, new; remove old, new"
    with locked(tmp_path, NAME):
        repair(tmp_path, NAME)
    assert content(tmp_path / NAME) == ({"old"} if step < 2 else {"new"})
    assert [path.name for path in tmp_path.iterdir()] == [NAME], "nothing else is left"


def refuses_to_rename(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    """Let `target` be as in the lower layer of an overlay: what is in it can be removed, its name can't be changed."""
    real, lower = Path.rename, [target]

    def rename(path: Path, to: Path) -> Path:
        if path in lower:
            raise OSError(errno.EXDEV, "Invalid cross-device link", str(path))
        if to in lower:
            lower.remove(to)
        return real(path, to)

    monkeypatch.setattr(exchange, "exchange_names", lambda one, other: False)
    monkeypatch.setattr(Path, "rename", rename)


def test_a_folder_of_an_image_s_lower_layer_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = folder(tmp_path / NAME, "old")
    new = folder(temporary(tmp_path, NAME) / "edition", "new")
    refuses_to_rename(monkeypatch, target)
    swap_in(new, target)
    assert content(target) == {"new"}
    assert not (tmp_path / f".old-{NAME}").exists()


def test_killed_while_a_lower_layer_is_cleared_the_old_edition_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = folder(tmp_path / NAME, "old")
    new = folder(temporary(tmp_path, NAME) / "edition", "new")
    refuses_to_rename(monkeypatch, target)
    real = exchange.shutil.rmtree

    def killed(path: Path, *args: object, **more: object) -> None:
        (path / "one").unlink()
        raise KeyboardInterrupt

    monkeypatch.setattr(exchange.shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        swap_in(new, target)
    monkeypatch.setattr(exchange.shutil, "rmtree", real)
    with locked(tmp_path, NAME):
        repair(tmp_path, NAME)
    assert content(target) == {"old"}
    assert len(list(target.iterdir())) == 3


def test_what_nobody_holds_is_repaired_and_what_somebody_holds_is_left(tmp_path: Path) -> None:
    """Asked of locks alone: the holder may be in a container, where its process number means nothing here."""
    for name in ("held", "left", "only"):
        folder(tmp_path / f".new-2020-01-{name}", "new")
    folder(tmp_path / ".old-2020-01-only", "old")
    folder(tmp_path / f".old-{NAME}", "old")
    folder(tmp_path / NAME, "new")
    (tmp_path / ".x").mkdir()
    with locked(tmp_path, "2020-01-held"), locked(tmp_path, NAME):
        repair(tmp_path, NAME)
        kept = {".2020-01-held.lock", f".{NAME}.lock", ".new-2020-01-held", "2020-01-only", NAME, ".x"}
        assert {path.name for path in tmp_path.iterdir()} == kept
    assert content(tmp_path / NAME) == {"new"}
    assert content(tmp_path / "2020-01-only") == {"old"}, "the only edition of its name"
