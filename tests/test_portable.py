"""Where there is no fork, no fcntl and no /proc: what Windows and macOS lack is taken away, and a small report is made."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from runnable import Notebooks, prose

from korus_research.editions.edition import open_edition

ROOT = Path(__file__).resolve().parents[1]

# Modules and functions that only POSIX or Linux has. `_posixsubprocess` and signals stay: this Python starts its
# processes with them. msvcrt stands for Windows' own, which refuses a second lock on the same bytes.
WITHOUT = """
import asyncio, getpass, os, subprocess, sys, sysconfig, types  # these take msvcrt for Windows: before it is there
import fcntl as real
def locking(descriptor, mode, count):
    try:
        real.flock(descriptor, real.LOCK_EX | real.LOCK_NB)
    except BlockingIOError:
        raise PermissionError(13, "Permission denied") from None
sys.modules["msvcrt"] = types.SimpleNamespace(locking=locking, LK_NBLCK=2)
for name in ("fcntl", "resource", "termios", "grp"):
    sys.modules[name] = None
for name in ("fork", "forkpty", "setsid", "getsid", "killpg", "getpgid", "setpgid", "pipe2", "geteuid",
             "sched_getaffinity", "sched_setaffinity", "posix_fallocate", "O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC"):
    if hasattr(os, name):
        delattr(os, name)
sysconfig.get_config_vars()  # reads a file named after the platform, once
sys.platform = "elsewhere"
import ctypes
ctypes.CDLL.__init__ = lambda self, name=None, *a, **k: (_ for _ in ()).throw(TypeError("no C library")) if name is None else None
"""
REPORT = """
import sys
from pathlib import Path
from korus_research.data.parameters import ReportParameters
from korus_research.editions.build import build_report
if __name__ == "__main__":
    import os
    assert not hasattr(os, "fork") and sys.modules["fcntl"] is None
    notebooks, out, force = Path(sys.argv[1]), Path(sys.argv[2]), len(sys.argv) > 3
    build_report(ReportParameters.parse({"as_of": "2016-12"}), out=out, notebooks=notebooks, formats=("html",), force=force)
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with what is installed here, without what Linux alone has; so are its child processes."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "venv", symlinks=True)
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    here = {str(Path(path)) for path in sys.path if path.endswith("site-packages")} | {str(ROOT / "src")}
    (packages / "without.py").write_text(WITHOUT, encoding="utf-8")
    (packages / "without.pth").write_text("\n".join([*sorted(here), "import without"]) + "\n", encoding="utf-8")
    return folder / "venv" / "bin" / "python"


def ran(python: Path, *words: str | Path, cwd: Path) -> str:
    """Return what a program prints there; it must succeed."""
    done = subprocess.run(
        [str(python), *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_every_module_can_be_imported_there(elsewhere: Path, tmp_path: Path) -> None:
    code = """
import importlib, pkgutil, korus_research
import papermill  # which loads our engine itself
for module in pkgutil.walk_packages(korus_research.__path__, "korus_research."):
    if not module.name.endswith(("__main__", ".preload")):
        importlib.import_module(module.name)
"""
    ran(elsewhere, "-c", code, cwd=tmp_path)


@pytest.mark.slow
def test_a_report_is_made_there_and_is_the_same(elsewhere: Path, tmp_path: Path) -> None:
    """To the byte what Linux makes of the same chapters, also the second time and with what the first has left."""
    notebooks = Notebooks(tmp_path / "notebooks")
    parameters = 'agreement = "korus"\nas_of = None'
    notebooks.add("01_flows", prose("Exports.", ("flows.exports", 1.0)), parameters=parameters)
    notebooks.add("02_comparators", prose("Shares.", ("comparators.share", 1.0)), parameters=parameters)
    program = tmp_path / "program.py"
    program.write_text(REPORT, encoding="utf-8")
    for again in ((), (), ("force",)):
        ran(elsewhere, program, notebooks.folder, tmp_path / "there", *again, cwd=tmp_path)
    program.write_text(REPORT.replace("assert", "pass; #"), encoding="utf-8")
    ran(Path(sys.executable), program, notebooks.folder, tmp_path / "here", cwd=tmp_path)
    there, here = (open_edition(tmp_path / name / "korus" / "2016-12") for name in ("there", "here"))
    assert there is not None
    assert here is not None
    assert there.problems() == []
    assert there.manifest["outputs"] == here.manifest["outputs"]
    assert not list((tmp_path / "there" / "korus").glob(".old-*"))


@pytest.mark.parametrize("words", [("agreements",), ("lab", "chapters", "--no-start")])
def test_commands_answer_there(elsewhere: Path, words: tuple[str, ...], tmp_path: Path) -> None:
    ran(elsewhere, "-m", "korus_research", *words, cwd=tmp_path)


def test_a_lock_is_held_there(elsewhere: Path, tmp_path: Path) -> None:
    """Another process is told at once, or waits, and gets it afterwards."""
    code = """
import subprocess, sys
from pathlib import Path
from korus_research.data.files import locked
from korus_research.errors import Busy
place = Path(sys.argv[1])
other = "import sys; from pathlib import Path; from korus_research.data.files import locked\\n" \
        "with locked(Path(sys.argv[1]), 'name', patient=len(sys.argv) > 2): print('got it', flush=True)"
with locked(place, "name"):
    refused = subprocess.run([sys.executable, "-c", other, str(place)], capture_output=True, text=True)
    assert refused.returncode == 1 and "Busy" in refused.stderr, refused
    waiting = subprocess.Popen([sys.executable, "-c", other, str(place), "wait"], stdout=subprocess.PIPE, text=True)
    try:
        waiting.wait(1)
        raise SystemExit("did not wait")
    except subprocess.TimeoutExpired:
        pass
assert waiting.communicate(timeout=30)[0] == "got it\\n"
"""
    ran(elsewhere, "-c", code, tmp_path / "place", cwd=tmp_path)


def test_no_day_is_written_as_linux_alone_can() -> None:
    """`%-d` is an error of Windows' strftime."""
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "notebooks").glob("*.ipynb")]
    found = [path.name for path in sources if re.search(r"[:'\"][^`'\"\n]*%-[dmHIMSjy]", path.read_text("utf-8"))]
    assert found == []
