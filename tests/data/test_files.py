"""Files are written whole, folders held against other runs, and what the file system refuses is one clear error."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from korus_research.data.files import locked, output_errors, write_whole
from korus_research.errors import Busy, OutputFolder

NAME = "2016-12"


def test_a_second_run_is_told_who_is_busy_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from korus_research.data.files import locked\n"
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
        "import sys, time; from pathlib import Path; from korus_research.data.files import locked\n"
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
    number = getattr(errno, code)
    with pytest.raises(OutputFolder, match=said), output_errors(tmp_path):
        raise OSError(number, os.strerror(number))


def test_errors_about_other_places_are_not_dressed_up(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), output_errors(tmp_path / "out"):
        (tmp_path / "absent").read_text()
    with pytest.raises(ConnectionRefusedError), output_errors(tmp_path):
        raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")


def test_whatever_else_is_refused_below_the_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(OutputFolder, match=r"one can't be written \(No such file"), output_errors(tmp_path):
        (tmp_path / "absent" / "one").mkdir()
    with pytest.raises(OutputFolder, match=r"absent can't be written"), output_errors(tmp_path / "absent" / "x" / "y"):
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(tmp_path / "absent"))


def test_the_name_that_was_given_is_told(tmp_path: Path) -> None:
    """Not the file beside it that is written first, nor what would lie below it."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(OutputFolder, match=r"[^.]folder is a folder"), output_errors(tmp_path):
        write_whole(tmp_path / "folder", b"x")
    with pytest.raises(OutputFolder, match=r"absent/name can't be written"), output_errors(tmp_path):
        write_whole(tmp_path / "absent" / "name", b"x")
    with pytest.raises(OutputFolder, match=r"file is not a folder"), output_errors(tmp_path / "file" / "korus"):
        (tmp_path / "file" / "korus").mkdir(parents=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_no_space_elsewhere_names_the_temporary_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputFolder, match=r"elsewhere.*TMPDIR"), output_errors(tmp_path / "out"):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "elsewhere" / "x"))


def test_a_lock_that_is_a_link_or_a_folder_is_refused_and_left(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / ".a.lock").symlink_to(precious)
    (tmp_path / ".b.lock").mkdir()
    for name in "ab":
        with pytest.raises(OutputFolder, match=rf"\.{name}\.lock"), locked(tmp_path, name):
            pass
    assert precious.read_text() == "mine"


def test_a_file_system_that_can_t_flush_a_folder_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SMB and some FUSE answer EINVAL to `fsync` of a folder; to that of a file they don't."""

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fsync)
    write_whole(tmp_path / "one", b"whole")
    assert (tmp_path / "one").read_bytes() == b"whole"


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
