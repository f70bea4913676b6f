"""A folder is replaced whole or not at all: by one exchange, by two renames and a journal, and after a kill between them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from korus_research.editions import exchange
from korus_research.editions.exchange import (
    exchange_names,
    locked,
    put_in_place,
    repair,
    temporary,
    write_whole,
    writing,
)
from korus_research.errors import Busy, OutputFolder

NAME = "2016-12"


def folder(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "one").write_text(text)
    (path / "two").write_text(text)
    return path


def content(path: Path) -> set[str]:
    return {file.read_text() for file in path.iterdir()}


@pytest.fixture(params=["one exchange", "two renames"])
def road(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "two renames":
        monkeypatch.setattr(exchange, "exchange_names", lambda one, other: False)
    return str(request.param)


def test_the_new_folder_takes_the_place_and_the_old_one_goes(tmp_path: Path, road: str) -> None:
    target = folder(tmp_path / NAME, "old")
    new = folder(temporary(tmp_path, NAME) / "edition", "new")
    put_in_place(new, target)
    assert content(target) == {"new"}
    new.parent.rmdir()
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_free_place_is_simply_taken(tmp_path: Path) -> None:
    put_in_place(folder(temporary(tmp_path, NAME) / "edition", "new"), tmp_path / NAME)
    assert content(tmp_path / NAME) == {"new"}


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2 is a call of Linux")
def test_linux_exchanges_two_names_in_one_step(tmp_path: Path) -> None:
    one, other = folder(tmp_path / "one", "1"), folder(tmp_path / "other", "2")
    assert exchange_names(one, other)
    assert (content(one), content(other)) == ({"2"}, {"1"})


# Kills itself with SIGKILL just before the rename, unlink or rmtree of that number: no clean-up of any kind can run.
KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from korus_research.publish import exchange
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
Path.rename, Path.unlink, shutil.rmtree = guarded(Path.rename), guarded(Path.unlink), guarded(shutil.rmtree)
parent = Path(sys.argv[1])
exchange.put_in_place(exchange.temporary(parent, "2016-12") / "edition", parent / "2016-12")
"""


@pytest.mark.parametrize("step", range(6))
def test_killed_at_any_step_the_next_start_finds_one_whole_edition(tmp_path: Path, step: int) -> None:
    folder(tmp_path / NAME, "old")
    code = KILLED.replace(
        "exchange.put_in_place(",
        "new = exchange.temporary(parent, '2016-12') / 'edition'\n"
        "new.mkdir(parents=True); (new / 'one').write_text('new'); (new / 'two').write_text('new')\n"
        "exchange.put_in_place(",
    )
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path), str(step)], check=False).returncode
    assert ended == (-signal.SIGKILL if step < 5 else 0), "rename journal, old, new; unlink journal; remove old"
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
        "2020-01",
        ".x",
    ):
        (tmp_path / name).mkdir()
    repair(tmp_path, NAME)
    assert {path.name for path in tmp_path.iterdir()} == {f".new-2020-01-{os.getpid()}", "2020-01", ".x"}


def test_a_second_run_is_told_who_is_busy_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from korus_research.editions.exchange import locked\n"
        "with locked(Path(sys.argv[1]), '2016-12'):\n    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(Busy, match=rf"process {other.pid}\) is writing .*2016-12\. Wait until it ends"),
            locked(tmp_path, NAME),
        ):
            pass
        with locked(tmp_path, "2017-01"):
            pass
        other.kill()
    with locked(tmp_path, NAME):
        assert (tmp_path / f".{NAME}.lock").exists()
    assert not list(tmp_path.iterdir())


def test_who_is_patient_waits_for_the_other_to_end(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from korus_research.editions.exchange import locked\n"
        "with locked(Path(sys.argv[1]), 'index'):\n"
        "    print('held', flush=True); time.sleep(0.5); Path(sys.argv[1], 'written').touch()"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with locked(tmp_path, "index", patient=True):
            assert (tmp_path / "written").exists()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ENOSPC", "no space left"),
        ("EDQUOT", "no space left"),
        ("EACCES", "can't be written"),
        ("EROFS", "can't be written"),
        ("ENOTDIR", "is not a folder"),
    ],
)
def test_what_the_file_system_refuses_becomes_one_clear_error(tmp_path: Path, code: str, said: str) -> None:
    import errno

    number = getattr(errno, code)
    with pytest.raises(OutputFolder, match=said), writing(tmp_path):
        raise OSError(number, os.strerror(number))


def test_other_errors_are_not_dressed_up(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), writing(tmp_path):
        (tmp_path / "absent").read_text()


def test_a_file_is_written_whole_or_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "index.html"
    write_whole(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    failing: Callable[[int], None] = full
    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new" * 1000)
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["index.html"]
