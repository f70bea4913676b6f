"""The scheduled workflow: nothing it may do is more than it needs, and its steps do what they say, with others' tools faked."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".github" / "workflows" / "refresh.yml"
SECRET = re.compile(r"secrets\.(\w+)")
TABLES = "src/korus_research/data/tables"


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def test_the_job_with_keys_may_not_write_and_the_job_that_writes_has_no_key(workflow: dict[str, Any]) -> None:
    make, propose = workflow["jobs"]["make"], workflow["jobs"]["propose"]
    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in make
    assert propose["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert not SECRET.findall(str(propose))
    assert make["steps"][0]["with"]["persist-credentials"] is False
    with_keys = [step for step in make["steps"] if SECRET.findall(str(step))]
    assert [step["name"] for step in with_keys] == ["Ask the sources"]
    asked = (ROOT / "src" / "korus_research" / "data" / "sources" / "asked").glob("*.toml")
    keys = {tomllib.loads(path.read_text(encoding="utf-8")).get("key", {}).get("name") for path in asked} - {None}
    assert set(SECRET.findall(str(with_keys))) == keys


def test_actions_are_pinned_by_commit_and_no_text_from_outside_gets_into_a_script(workflow: dict[str, Any]) -> None:
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    uses = [step["uses"] for step in steps if "uses" in step]
    assert uses
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one) for one in uses)
    assert not [step["name"] for step in steps if "${{" in step.get("run", "")]


KORUS = r"""#!/usr/bin/env bash
echo "korus $*" >>"$CALLS"
case "$1 $2" in
  "data refresh") echo "goods_trade_monthly: 96 new rows"; [ -z "$REVISED" ] || echo "$REVISED" >src/korus_research/data/tables/t.csv; exit "$REFRESHED" ;;
  diff*) [[ -z "$UNTOLD" || "$*" != *--cause* ]] || exit 1; echo "KORUS -> KORUS"; echo "the balance: -1 -> -2" ;;
esac
"""
MAKE = r"""#!/usr/bin/env bash
echo "make $*" >>"$CALLS"
case "$1" in
  report) mkdir -p "reports/korus/$NEWEST"; echo "{\"$REVISED\": 1}" >"reports/korus/$NEWEST/manifest.json"; echo "$REVISED" >reports/index.html ;;
  test) echo "1 failed"; exit "$TESTED" ;;
esac
"""
GH = r"""#!/usr/bin/env bash
echo "gh $*" >>"$CALLS"
case "$1 $2" in
  "pr list") [ -z "$OPEN" ] || echo "$OPEN" ;;
  *) while [ $# -gt 0 ]; do [ "$1" != --body-file ] || cp "$2" "$BODY"; shift; done ;;
esac
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


Steps = Callable[..., dict[str, str]]


@pytest.fixture
def steps(tmp_path: Path, workflow: dict[str, Any]) -> Steps:
    """Return what runs the scripts of both jobs in a small checkout, and returns what they said and called."""
    origin, checkout, tools, temp = (tmp_path / name for name in ("origin.git", "checkout", "tools", "temp"))
    git(tmp_path, "init", "--quiet", "--bare", str(origin))
    git(tmp_path, "clone", "--quiet", str(origin), str(checkout))
    for name, text in ((f"{TABLES}/t.csv", "1\n"), ("reports/korus/2026-08/manifest.json", "{}\n")):
        (checkout / name).parent.mkdir(parents=True)
        (checkout / name).write_text(text)
    (checkout / ".gitignore").write_text(".venv\nproposal\n")
    git(checkout, "add", "-A")
    git(checkout, "commit", "--quiet", "-m", "first")
    git(checkout, "push", "--quiet", "origin", "HEAD:main")
    (checkout / ".venv" / "bin").mkdir(parents=True)
    for place, text in ((checkout / ".venv/bin/korus", KORUS), (tools / "make", MAKE), (tools / "gh", GH)):
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
        place.chmod(0o755)
    temp.mkdir()

    def script(job: str, folder: Path, env: dict[str, str]) -> None:
        for step in workflow["jobs"][job]["steps"]:
            if "run" in step:
                command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
                subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, text=True)

    def run(
        newest: str = "2026-09",
        revised: str = "2",
        refreshed: int = 0,
        tested: int = 0,
        is_open: str = "",
        untold: str = "",
    ) -> Any:
        env = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "RUNNER_TEMP": str(temp), "THROUGH": ""}
        env |= {"GITHUB_OUTPUT": str(temp / "out"), "CALLS": str(temp / "calls"), "BODY": str(temp / "body")}
        env |= {
            "NEWEST": newest,
            "REVISED": revised,
            "REFRESHED": str(refreshed),
            "TESTED": str(tested),
            "OPEN": is_open,
            "UNTOLD": untold,
        }
        script("make", checkout, env)
        said = dict(line.split("=", 1) for line in (temp / "out").read_text().split())
        if said["changed"] == "true":
            (checkout / "proposal").rename(temp / "proposal")
            second = tmp_path / "second"
            git(tmp_path, "clone", "--quiet", "--branch", "main", str(origin), str(second))
            script("propose", second, {**env, "NAME": said["name"], "BASE": "main", "GH_TOKEN": "x"})
            said["files"] = git(origin, "diff", "--name-only", "main", f"refresh/{said['name']}")
            said["body"] = (temp / "body").read_text()
        return said | {"calls": (temp / "calls").read_text()}

    return run


def test_a_new_month_becomes_a_pull_request_with_the_difference_as_its_text(steps: Steps) -> None:
    said = steps()
    assert "korus diff korus/2026-08 korus/2026-09 --cause --keep" in said["calls"]
    assert set(said["files"].split()) == {
        f"{TABLES}/t.csv",
        "reports/index.html",
        "reports/korus/2026-09/manifest.json",
    }
    assert "gh pr create --base main --head refresh/2026-09 --title Figures and edition 2026-09" in said["calls"]
    assert "the balance: -1 -> -2" in said["body"]
    assert "goods_trade_monthly: 96 new rows" in said["body"]
    assert said["body"].startswith("Every source answered.\nThe tests pass.\n")


def test_revised_figures_of_the_same_month_are_compared_with_what_was_published(steps: Steps) -> None:
    said = steps(newest="2026-08", is_open="7")
    assert re.search(r"korus diff \S+/published/korus/2026-08 reports/korus/2026-08 --cause\n", said["calls"])
    assert "gh pr edit refresh/2026-08" in said["calls"]
    assert "gh pr create" not in said["calls"]


def test_a_source_or_a_test_that_fails_is_told_and_stops_nothing(steps: Steps) -> None:
    said = steps(refreshed=1, tested=2)
    assert said["body"].startswith("Not every source answered as it should")
    assert "Tests fail" in said["body"]


def test_where_the_cause_can_not_be_told_the_difference_is(steps: Steps) -> None:
    said = steps(untold="1")
    assert "What moved the numbers could not be told" in said["body"]
    assert "the balance: -1 -> -2" in said["body"]


def test_without_other_figures_nothing_is_made_or_proposed(steps: Steps) -> None:
    said = steps(revised="")
    assert said["changed"] == "false"
    assert "make report" not in said["calls"]
    assert "gh" not in said["calls"]
