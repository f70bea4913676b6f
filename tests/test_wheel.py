"""What is installed elsewhere: the wheel holds everything a report needs, and nothing that it doesn't."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "korus_research"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    assert path.name.endswith("-py3-none-any.whl")
    assert path.stat().st_size < 6e6, "data of 10 MB at most, packed"
    return zipfile.ZipFile(path)


def committed(*places: str) -> set[str]:
    listed = subprocess.run(["git", "ls-files", "-z", *places], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}


def test_holds_the_whole_package(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    expected = {name.removeprefix("src/") for name in committed("src/korus_research")}
    expected |= {f"korus_research/{name}" for name in committed("notebooks")}
    assert expected <= names
    # One of each kind by name, so that a rule that forgets a kind on both sides is noticed.
    for needed in (
        "korus_research/py.typed",
        "korus_research/data/agreements/korus.toml",
        "korus_research/chapters/claims/lexicon.toml",
        "korus_research/data/tables/datapackage.json",
        "korus_research/data/tables/goods_trade_monthly.parquet",
        "korus_research/notebooks/chapters.toml",
        "korus_research/notebooks/01_flows.ipynb",
        "korus_research/publish/templates/report.typ",
        "korus_research/publish/templates/styles/0_report.css",
    ):
        assert needed in names


def test_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    code, data, looks = (
        {".py", ".typed", ".txt", ".md"},
        {".toml", ".json", ".csv", ".parquet", ".ipynb"},
        {".css", ".html", ".js", ".typ", ".lua", ".csl", ".j2"},
    )
    suffixes = code | data | looks
    strange = []
    for name in wheel.namelist():
        path = PurePosixPath(name)
        if path.parts[0].endswith(".dist-info"):
            continue
        if (
            path.parts[0] != "korus_research"
            or path.suffix not in suffixes
            or any(p.startswith((".", "__pycache__")) for p in path.parts)
        ):
            strange.append(name)
    assert not strange


def test_holds_the_same_bytes(wheel: zipfile.ZipFile) -> None:
    for place in ("data", "chapters"):
        for path in sorted((PACKAGE / place).rglob("*.*")):
            if "__pycache__" not in path.parts:
                packed = wheel.read(f"korus_research/{path.relative_to(PACKAGE).as_posix()}")
                assert hashlib.sha256(packed).digest() == hashlib.sha256(path.read_bytes()).digest(), path.name


def test_says_what_it_offers(wheel: zipfile.ZipFile) -> None:
    (points,) = (n for n in wheel.namelist() if n.endswith(".dist-info/entry_points.txt"))
    offered = wheel.read(points).decode()
    for line in ("korus = korus_research.cli:command", "korus-html = ", "korus-pdf = "):
        assert line in offered
    assert any(name.endswith("/LICENSE") for name in wheel.namelist())


def test_finds_chapters_and_data_when_installed(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """Unpacked far from the checkout, the package finds its own chapters, agreements and figures."""
    wheel.extractall(tmp_path)
    code = (
        "import korus_research as kr;"
        "from korus_research.chapters.notebooks import notebooks_folder;"
        "print(kr.__file__); print(notebooks_folder()); print(len(kr.open_catalog().verify()), *kr.list_agreements())"
    )
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"]
    # Coverage would count this copy as a second package, of which little runs.
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(
        command, cwd=tmp_path, env=unmeasured, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    module, folder, rest = done.stdout.splitlines()
    assert Path(module).is_relative_to(tmp_path)
    assert Path(folder) == tmp_path / "korus_research" / "notebooks"
    assert rest == " ".join(
        ["0", *sorted(p.stem for p in (ROOT / "src/korus_research/data/agreements").glob("*.toml"))]
    )
