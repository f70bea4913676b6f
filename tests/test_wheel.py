"""What is installed elsewhere: the wheel holds everything a report needs, and nothing that it doesn't."""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from contextlib import chdir
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path, PurePosixPath

import pytest
from hatchling.build import build_sdist, build_wheel
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "korus_research"


def built(kind: str, source: Path, folder: Path) -> Path:
    """Build "wheel" or "sdist" from a checkout or an unpacked sdist into `folder`, and return it."""
    folder.mkdir(exist_ok=True)
    with chdir(source):  # as whoever installs a source does (PEP 517), without another Python
        path = folder / (build_wheel if kind == "wheel" else build_sdist)(str(folder))
    assert path.stat().st_size < 6e6, "data of 10 MB at most, packed"
    return path


@pytest.fixture(scope="module")
def wheel_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def wheel(wheel_path: Path) -> zipfile.ZipFile:
    assert wheel_path.name.endswith("-py3-none-any.whl")
    return zipfile.ZipFile(wheel_path)


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


def test_an_sdist_gives_the_same_wheel(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """And holds no file of the tests, of other people's READMEs or of an editor."""
    with tarfile.open(built("sdist", ROOT, tmp_path)) as packed:
        packed.extractall(tmp_path, filter="data")
    (source,) = (path for path in tmp_path.iterdir() if path.is_dir())
    # hatchling always takes .gitignore along, and writes PKG-INFO
    beside = {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert {path.name for path in source.iterdir()} == {"src", "notebooks", *beside}
    again = zipfile.ZipFile(built("wheel", source, tmp_path / "again"))
    assert {name: again.read(name) for name in again.namelist()} == {
        name: wheel.read(name) for name in wheel.namelist()
    }


def of_users() -> set[str]:
    """Names of the packages that a user has: what ours asks for, and what that asks for, without extras."""
    found, waiting = set[str](), ["korus-research"]
    while waiting:
        name = canonicalize_name(waiting.pop())
        try:
            asked = requires(name) or ()
        except PackageNotFoundError:  # of another system
            continue
        for one in map(Requirement, asked):
            if one.name not in found and (one.marker is None or one.marker.evaluate({"extra": ""})):
                waiting.append(one.name)
                found.add(canonicalize_name(one.name))
    return found


def imported(code: str) -> set[str]:
    """Top names of the modules that code imports, wherever it does."""
    nodes = list(ast.walk(ast.parse(code)))
    names = [one.name for node in nodes if isinstance(node, ast.Import) for one in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    return {name.partition(".")[0] for name in names}


def test_every_name_of_an_import_is_seen_and_no_word_of_a_docstring() -> None:
    code = '"""\nfrom wherever\nimport nothing\n"""\ndef f():\n    import os.path, re\n    from a.b import c\nfrom . import d\n'
    assert imported(code) == {"os", "re", "a"}


def test_every_import_is_of_a_package_that_users_have() -> None:
    """An import of a tool of the tests works here and fails there, as `distributed` did."""
    theirs, owners, found = of_users(), packages_distributions(), {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for top in imported(path.read_text(encoding="utf-8")) - {"korus_research"}:
            packages = {canonicalize_name(name) for name in owners.get(top, ())}
            if packages and not packages & theirs:
                found[top] = path.relative_to(PACKAGE).as_posix()
    assert found == {"distributed": "editions/workers.py"}, "the extra `dask`, whose absence is an error that says so"


@pytest.mark.slow
def test_alone_it_makes_a_report(wheel_path: Path) -> None:
    """In an empty environment, in an unrelated folder: report, verify, a chapter by papermill, exports by nbconvert."""
    command = [str(ROOT / "tools" / "try_alone.sh"), str(wheel_path), sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


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
        "from hashlib import sha256;"
        "tables = [kr.open_catalog().describe(name) for name in kr.open_catalog().names];"
        "print(kr.__file__, notebooks_folder(), sep='\\n');"
        "wrong = [one for one in tables if sha256(one.path.read_bytes()).hexdigest() != one.sha256];"
        "print(len(wrong), *kr.list_agreements())"
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
