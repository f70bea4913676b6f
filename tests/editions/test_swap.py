"""A folder is replaced whole or not at all: by one exchange, by renames in turn, and after a kill between them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from korus_research.data.files import locked
from korus_research.editions import swap
from korus_research.editions.swap import exchange_names, repair, swap_in, temporary

NAME = "2016-12"


def folder(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "one").write_text(text)
    (path / "two").write_text(text)
    return path


def content(path: Path) -> set[str]:
    return {file.read_text() for file in path.iterdir()}


@pytest.fixture(params=["one exchange", "renames in turn"])
def road(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "renames in turn":
        monkeypatch.setattr(swap, "exchange_names", lambda one, other: False)
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
swap.exchange_names = lambda one, other: False
Path.rename, shutil.rmtree = guarded(Path.rename), guarded(shutil.rmtree)
parent = Path(sys.argv[1])
swap.swap_in(swap.temporary(parent, "2016-12") / "edition", parent / "2016-12")
"""


@pytest.mark.parametrize("step", range(5))
def test_killed_at_any_step_the_next_start_finds_one_whole_edition(tmp_path: Path, step: int) -> None:
    folder(tmp_path / NAME, "old")
    code = KILLED.replace(
        "swap.swap_in(",
        "new = swap.temporary(parent, '2016-12') / 'edition'\n"
        "new.mkdir(parents=True); (new / 'one').write_text('new'); (new / 'two').write_text('new')\n"
        "swap.swap_in(",
    )
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path), str(step)], check=False).returncode
    assert ended == (-signal.SIGKILL if step < 4 else 0), "rename target, new, old; remove old"
    with locked(tmp_path, NAME):
        repair(tmp_path, NAME)
    assert content(tmp_path / NAME) == ({"old"} if step < 2 else {"new"})
    assert [path.name for path in tmp_path.iterdir()] == [NAME], "nothing else is left"


def test_temporary_folders_of_the_dead_go_and_those_of_the_living_stay(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (
        f".new-2020-01-{dead.pid}",
        f".new-2020-01-{os.getpid()}",
        f".new-{NAME}-{os.getpid()}",
        f".old-{NAME}-{os.getpid()}",
        f".old-2019-01-{dead.pid}",
        "2020-01",
        NAME,
        ".x",
    ):
        (tmp_path / name).mkdir()
    repair(tmp_path, NAME)
    kept = {f".new-2020-01-{os.getpid()}", f".old-2019-01-{dead.pid}", "2020-01", NAME, ".x"}
    assert {path.name for path in tmp_path.iterdir()} == kept, "an old edition of another name may be the only one"
