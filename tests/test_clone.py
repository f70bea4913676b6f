"""What another machine's git makes of the repository: the same bytes, whatever it is told about line ends."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def git(*arguments: str, cwd: Path = ROOT) -> str:
    """Return what git says; skips where this is no checkout."""
    ran = subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    if ran.returncode:
        pytest.skip(f"this is no git checkout: {ran.stderr.strip()}")
    return ran.stdout


def test_line_ends_that_git_converts_change_no_file(tmp_path: Path) -> None:
    """`core.autocrlf=true` (Git for Windows' default) broke setup.sh and the checksums of 25 tables."""
    clone = tmp_path / "clone"
    git("clone", "--quiet", "-c", "core.autocrlf=true", str(ROOT), str(clone))
    listed = [name for name in git("ls-files", "-z", cwd=clone).split("\0") if name]
    assert listed
    kept = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(kept)) as packed:
        for name in listed:
            file = packed.extractfile(name)
            assert file is not None
            assert (clone / name).read_bytes() == file.read(), name


def test_pages_of_a_failed_run_are_not_committed() -> None:
    """They hold paths and tracebacks, and reports/ is published as it is."""
    for path in ("reports/korus/.failed-2026-08/error.html", "elsewhere/.failed-2026-08/error.html"):
        assert git("check-ignore", path).strip() == path
