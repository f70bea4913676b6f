"""`korus data refresh` in a process of its own against the loopback server, and killed at any moment."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from official import Official

from korus_research.data.package.answers import Answers
from korus_research.data.schema import DESCRIPTOR

MONTH = "2026-08"
COMMAND = [sys.executable, "-c", "from korus_research.cli import command; command()", "data"]


@dataclass(frozen=True)
class Place:
    """Where a refresh works: its package and its stored answers."""

    folder: Path

    @property
    def package(self) -> Path:
        return self.folder / "package"

    @property
    def answers(self) -> Path:
        return self.folder / "answers"

    @property
    def options(self) -> list[str]:
        return ["--data", str(self.package), "--answers", str(self.answers)]

    @property
    def store(self) -> Answers:
        return Answers(self.answers, 1 << 30)


def start(server: Official, *arguments: str) -> subprocess.Popen[str]:
    """Start a command of `korus data`; its keys and the address of the server are in its environment."""
    environment = {**os.environ, **server.environment}
    pipe = subprocess.PIPE
    return subprocess.Popen([*COMMAND, *arguments], env=environment, text=True, stdout=pipe, stderr=pipe)


def run(server: Official, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of `korus data` to its end."""
    process = start(server, *arguments)
    out, err = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def state(package: Path) -> str:
    """Return the digest of a whole package: every table has the hash that the descriptor says, or this raises."""
    described = (package / DESCRIPTOR).read_bytes()
    for resource in json.loads(described)["resources"]:
        found = hashlib.sha256((package / resource["path"]).read_bytes()).hexdigest()
        assert resource["hash"] == f"sha256:{found}", resource["name"]
    return hashlib.sha256(described).hexdigest()


def raised(factor: float, partner: str = "5800") -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return a revision: what a partner traded or paid in 2026 times a factor, in whole units where they are."""

    def edit(rows: pd.DataFrame) -> pd.DataFrame:
        rows = rows.copy()
        mine = (rows["partner"] == partner) & (rows["month"] >= "2026-01")
        for name in [str(name) for name in rows if "usd" in str(name)]:
            moved = rows.loc[mine, name] * factor
            rows.loc[mine, name] = moved.round().astype("int64") if rows[name].dtype == "int64" else moved.round(1)
        return rows

    return edit


def dearer(factor: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return a revision of exchange rates: the dollar of 2025 and 2026 in won times a factor."""

    def edit(rows: pd.DataFrame) -> pd.DataFrame:
        mine = (rows["iso3"] == "KOR") & (rows["month"] >= "2025-01")
        return rows.assign(lcu_per_usd=rows["lcu_per_usd"].mask(mine, (rows["lcu_per_usd"] * factor).round(4)))

    return edit


@dataclass
class Killed:
    """What became of so many kills: states seen after them, and when each came."""

    kills: int = 0
    while_adopting: int = 0
    old: int = 0
    new: int = 0
    seconds: float = 0.0
    left: list[str] = field(default_factory=list)


def killed(server: Official, place: Place, times: int, *, seed: int = 20120315) -> Killed:
    """Kill a refresh `times` times, each after a revision, every other while it adopts, and check what is left.

    A refresh that ends before it is killed does not count.

    After each kill the package must be whole, the one before or the one after, and every stored answer that has a record
    must be what was answered; at the end a refresh that nobody kills adopts the last revision. AssertionError otherwise.
    """
    dice, done, began = random.Random(seed), Killed(), time.monotonic()
    arguments = ("refresh", "fred", "--through", MONTH, "--adopt", *place.options)
    first = run(server, *arguments)
    assert first.returncode == 0, first.stderr
    length = _seconds(server, arguments)
    before = state(place.package)
    for number in range(4 * times):
        if done.kills == times:
            break
        server.revise("exchange_rates_monthly", dearer(1.01 + 0.001 * number))
        process = start(server, *arguments)
        adopting = number % 2 == 1
        if adopting:
            while process.poll() is None and not any(place.folder.glob(".new-*")):
                time.sleep(0.001)
            time.sleep(dice.uniform(0, length / 16))
        else:
            time.sleep(dice.uniform(0, length * 0.75))
        ended = process.poll() is not None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        after = state(place.package)
        done.kills += not ended
        done.while_adopting += adopting and not ended
        done.new += after != before
        done.old += after == before
        before = after
        for one in place.store.vintages():
            one.read()
    assert run(server, *arguments).returncode == 0
    assert state(place.package) != before or times == 0 or done.new
    done.left = sorted(path.name for path in place.folder.iterdir())
    assert done.left == ["answers", "package"], done.left
    done.seconds = time.monotonic() - began
    return done


def _seconds(server: Official, arguments: tuple[str, ...]) -> float:
    server.revise("exchange_rates_monthly", dearer(1.005))
    began = time.monotonic()
    assert run(server, *arguments).returncode == 0
    return time.monotonic() - began
