"""pyproject.toml, both locks and environment.yml describe one environment, and none of them names a machine."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
LOCKS = ("requirements.lock", "requirements-dev.lock")
SYSTEMS = {"Linux": ("linux", "x86_64"), "Darwin": ("darwin", "arm64"), "Windows": ("win32", "AMD64")}
ENTRY = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ ;\\]+)(?: ; ([^\\]+?))?(?= \\|$)", re.MULTILINE)


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(name: str) -> list[Requirement]:
    """Every pin of a lock with its marker; one name may have several pins for different Pythons."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = [Requirement(f"{n}=={v}" + (f" ; {m}" if m else "")) for n, v, m in ENTRY.findall(text)]
    starts = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(found) == len(starts), "a line of the lock was not understood"
    return found


@pytest.fixture(scope="module")
def lock() -> list[Requirement]:
    return pins(LOCKS[0])


@pytest.fixture(scope="module")
def dev_lock() -> list[Requirement]:
    return pins(LOCKS[1])


@pytest.fixture(scope="module")
def conda() -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def machine(python: str, system: str = "Linux") -> dict[str, str]:
    """The environment markers of a Python on a system."""
    platform, architecture = SYSTEMS[system]
    return {
        **{key: str(value) for key, value in default_environment().items()},
        "python_version": python,
        "python_full_version": f"{python}.1",
        "implementation_version": f"{python}.1",
        "platform_system": system,
        "sys_platform": platform,
        "platform_machine": architecture,
        "os_name": "nt" if system == "Windows" else "posix",
    }


def pinned(lock: list[Requirement], environment: dict[str, str]) -> dict[str, str]:
    """Name to version of what the lock installs there."""
    chosen: dict[str, str] = {}
    for pin in lock:
        if pin.marker is None or pin.marker.evaluate(environment):
            name = canonicalize_name(pin.name)
            assert name not in chosen, f"two pins of {name} at once"
            chosen[name] = str(pin.specifier).removeprefix("==")
    return chosen


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_locks_answer_every_requirement(
    project: dict[str, Any], lock: list[Requirement], dev_lock: list[Requirement], python: str, system: str
) -> None:
    groups = project["dependency-groups"]
    for_users = [*project["project"]["dependencies"], *groups["build"], *project["build-system"]["requires"]]
    for name, there, asked in (
        (LOCKS[0], pinned(lock, machine(python, system)), for_users),
        (LOCKS[1], pinned(dev_lock, machine(python, system)), [*for_users, *groups["dev"]]),
    ):
        for requirement in map(Requirement, asked):
            package = canonicalize_name(requirement.name)
            assert package in there, f"{package} is in pyproject.toml and not in {name}: make lock"
            assert requirement.specifier.contains(there[package], prereleases=True), (
                f"{requirement} but {name} has {there[package]}"
            )


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_tests_run_with_what_users_have(
    lock: list[Requirement], dev_lock: list[Requirement], python: str, system: str
) -> None:
    """What the tests say holds for users only if they have the same versions."""
    theirs, ours = pinned(lock, machine(python, system)), pinned(dev_lock, machine(python, system))
    assert {name: version for name, version in theirs.items() if ours.get(name) != version} == {}


def test_users_get_no_tool_of_the_tests(project: dict[str, Any], lock: list[Requirement]) -> None:
    tools = {canonicalize_name(Requirement(line).name) for line in project["dependency-groups"]["dev"]}
    tools |= {canonicalize_name(Requirement(line).name) for line in project["project"]["optional-dependencies"]["dask"]}
    allowed = {"lxml", "pyyaml"}  # tests use by name what others of a report bring along
    assert sorted(tools & {canonicalize_name(pin.name) for pin in lock} - allowed) == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    without = [block.split("\n")[0] for block in blocks if "--hash=sha256:" not in block]
    assert not without


def test_pythons_agree(project: dict[str, Any], conda: dict[str, Any]) -> None:
    asked = SpecifierSet(project["project"]["requires-python"])
    # Beyond both ends, so that a range that is too wide is noticed too.
    minors = [f"3.{minor}" for minor in range(8, 20)]
    assert [v for v in minors if f"{v}.1" in asked] == list(PYTHONS)

    python = next(d for d in conda["dependencies"] if isinstance(d, str) and d.split()[0] == "python")
    assert SpecifierSet(python.removeprefix("python").strip()) == asked

    named = [c.rsplit(" ", 1)[1] for c in project["project"]["classifiers"] if re.search(r":: 3\.\d+$", c)]
    assert tuple(named) == PYTHONS

    lowest = project["tool"]["mypy"]["python_version"], project["tool"]["ruff"]["target-version"]
    assert lowest == (PYTHONS[0], "py" + PYTHONS[0].replace(".", ""))

    accepted = re.search(
        r"\((\d), (\d+)\) <= sys\.version_info\[:2\] < \((\d), (\d+)\)", (ROOT / "tools" / "setup.sh").read_text()
    )
    assert accepted is not None
    low, high = accepted.groups()[:2], accepted.groups()[2:]
    assert SpecifierSet(f">={'.'.join(low)},<{'.'.join(high)}") == asked

    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]
    for job in ("test", "alone"):
        assert tuple(jobs[job]["strategy"]["matrix"]["python"]) == PYTHONS


def test_conda_takes_the_lock(conda: dict[str, Any]) -> None:
    assert conda["name"] == "korus-research"
    assert conda["channels"] == ["conda-forge"]
    plain = [d for d in conda["dependencies"] if isinstance(d, str)]
    assert [d.split()[0] for d in plain] == ["python", "pip"], "anything else would be a second answer beside the lock"
    (pip,) = (d["pip"] for d in conda["dependencies"] if isinstance(d, dict))
    assert pip == ["--requirement requirements.lock"]


def test_installed_is_what_is_locked(dev_lock: list[Requirement]) -> None:
    """What these tests run with is the lock, so that their result speaks for it."""
    from importlib.metadata import PackageNotFoundError, version

    differing = {}
    for name, wanted in pinned(dev_lock, {k: str(v) for k, v in default_environment().items()}).items():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "nothing"
        if found != wanted:
            differing[name] = f"{found} instead of {wanted}"
    assert not differing


@pytest.mark.parametrize(
    "name",
    [
        *LOCKS,
        "pyproject.toml",
        "environment.yml",
        "Makefile",
        "tools/setup.sh",
        ".ci/run",
        "Dockerfile",
        ".devcontainer/devcontainer.json",
        "binder/requirements.txt",
        "binder/postBuild",
        "tools/try_alone.sh",
        ".github/workflows/ci.yml",
        ".github/workflows/pages.yml",
    ],
)
def test_names_no_index_and_no_machine(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    options = re.findall(r"--(?:extra-)?index-url\S*|--(?:default-)?index\b|--find-links\S*|--trusted-host\S*", text)
    assert not options
    addresses = [a for a in re.findall(r"\w+://[^\s\"'<>]+", text) if "${{" not in a]
    assert not addresses, "an address belongs into documentation, not into what is installed"
    places = re.findall(r"(?<![\w.$}/])/(?:home|root|work|Users|opt|mnt|srv)/\S*", text)
    assert not places


def test_images_and_binder_take_the_lock() -> None:
    """The same versions wherever it is installed."""
    assert (ROOT / "binder" / "requirements.txt").read_text().split() == ["--requirement", "../requirements.lock"]
    assert "RUN tools/setup.sh python3 .venv run" in (ROOT / "Dockerfile").read_text()
    dev = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert dev["postCreateCommand"] == "make .venv/installed-dev"
    named = [
        (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-"),
        *re.findall(r"python:(\d+\.\d+)-", (ROOT / "Dockerfile").read_text() + dev["image"]),
    ]
    assert set(named) <= set(PYTHONS)
    assert len(named) == 3


def test_workflows_run_actions_by_commit() -> None:
    """A tag can be moved to other code; a commit can't."""
    used = [
        found
        for workflow in (ROOT / ".github" / "workflows").glob("*.yml")
        for found in re.findall(r"uses: *(\S+)", workflow.read_text(encoding="utf-8"))
    ]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name)] == []
