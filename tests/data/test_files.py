"""Files are written whole, folders held against other runs, and what the file system refuses is one clear error."""

from __future__ import annotations

import os
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
    import errno

    number = getattr(errno, code)
    with pytest.raises(OutputFolder, match=said), output_errors(tmp_path):
        raise OSError(number, os.strerror(number))


def test_other_errors_are_not_dressed_up(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), output_errors(tmp_path):
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
