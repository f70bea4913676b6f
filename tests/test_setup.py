"""`tools/setup.sh` where something lacks: one line says what was found, one what to do, and nothing half made is left."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NEEDED = ("bash", "dirname", "mktemp", "rm", "grep", "tail", "sed", "touch", "env")


def python(folder: Path, name: str, *, version: str, venv: bool = True) -> None:
    """Put a Python on the PATH that knows its version, and maybe can't make environments, as Debian's without python3-venv."""
    fits = version.startswith(("3.11.", "3.12.", "3.13."))
    text = f"""#!/usr/bin/env bash
case "$1 $2" in
  "--version ") echo "Python {version}" ;;
  "-c "*print*) echo "Python {version.rpartition(".")[0]}" ;;
  "-c "*) exit {int(not fits)} ;;
  "-m venv") {"exit 0" if venv else 'mkdir -p "$3/bin"; echo "ensurepip is not available" >&2; exit 1'} ;;
esac
"""
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PATH with a shell's tools and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in (*NEEDED, "mkdir"):
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    return folder


def setup(path: Path, *words: str, **more: str) -> tuple[int, list[str]]:
    """Return exit code and lines of what the script says on stderr."""
    command = [shutil.which("bash") or "bash", str(ROOT / "tools" / "setup.sh"), *words]
    environment = {"PATH": str(path), "HOME": str(path.parent), **more}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stderr.splitlines()


def test_another_python_is_named_only_if_it_is_here(path: Path, tmp_path: Path) -> None:
    code, said = setup(path, "python3.12", str(tmp_path / "venv"))
    assert (code, len(said)) == (1, 2)
    assert "no python3.12" in said[0]
    assert "3.11, 3.12 or 3.13" in said[0]
    assert "Install one" in said[1]
    python(path, "python3.13", version="3.13.2")
    code, said = setup(path, "python3.12", str(tmp_path / "venv"))
    assert (code, len(said)) == (1, 2)
    assert "PYTHON=python3.13" in said[1]


def test_no_python_at_all_and_one_that_is_too_old(path: Path, tmp_path: Path) -> None:
    for found in ("no Python", "Python 3.9.2"):
        code, said = setup(path, "", str(tmp_path / "venv"))
        assert (code, len(said)) == (1, 2)
        assert found in said[0]
        python(path, "python3", version="3.9.2")
    assert not (tmp_path / "venv").exists()


def test_an_older_default_is_passed_over(path: Path, tmp_path: Path) -> None:
    """The next that fits is taken, and fails here for another reason."""
    python(path, "python3", version="3.9.2")
    python(path, "python3.11", version="3.11.4", venv=False)
    code, said = setup(path, "", str(tmp_path / "venv"))
    assert code == 1
    assert "Python 3.11.4 can't make a virtual environment" in said[-2]
    assert "python3-venv" in said[-1]
    assert not (tmp_path / "venv").exists(), "half of an environment would be taken for one"


def test_an_environment_of_another_python_is_not_taken_for_one(path: Path, tmp_path: Path) -> None:
    made = tmp_path / "venv" / "bin"
    made.mkdir(parents=True)
    python(made, "python", version="3.11.7")
    python(path, "python3.13", version="3.13.0")
    code, said = setup(path, "python3.13", str(tmp_path / "venv"))
    assert (code, len(said)) == (1, 2)
    assert "3.11" in said[0]
    assert "3.13" in said[0]
    assert "make clean" in said[1]
    assert (made / "python").exists()


@pytest.mark.slow
def test_without_a_network(path: Path, tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9/simple"  # nothing listens on the discard port
    code, said = setup(
        path, sys.executable, str(tmp_path / "venv"),
        PIP_INDEX_URL=nowhere, PIP_CONFIG_FILE=os.devnull, PIP_RETRIES="0",
    )  # fmt: skip
    assert code == 1
    assert "package index" in said[-2]
    assert "network" in said[-1]
    assert len(said) <= 4, "no traceback"
