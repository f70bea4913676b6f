"""What an error tells one to do can be done: each command, option, file and name in the text of an error is there.

The texts are read from the source: what is given to an error of ours, whichever function makes it. A command that is
told is run, and must print what somebody sent there looks for.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import korus_research as kr
from korus_research import cli
from korus_research.data.parameters import ReportParameters

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "korus_research"
HOLE = "…"  # what a text has in the place of a value

# What somebody looks for who is sent to a command: it must print all of these.
SHOWS = {
    "korus partners": ("5880\tJapan", "2010\tMexico"),
    "korus data list": ("goods_trade_monthly", "partners"),
    "korus data sources": ("census.import-files", "kosis.consumer-prices", "USITC_DATAWEB_TOKEN"),
    "korus data show gravity_panel": ("exporter", "importer", "trade_usd_mn"),
    "korus data show preference_lines": ("hs8", "duty_usd", "2024"),
    "korus report --help": ("--as-of", *ReportParameters.model_fields),
    "korus report": None,  # makes an edition: tests/run
    "korus lab": None,  # opens JupyterLab: tests/test_lab.py
    "korus agreements": ("colombia",),
}
# Commands of others, and words between backticks that are no command.
OTHERS = {"jupyter nbconvert --execute", "ulimit -n"}


@cache
def told() -> tuple[tuple[str, str], ...]:
    """Every text of an error: file with line, and the text, values replaced by a hole."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for text in texts(node):
                found.append((f"{path.relative_to(PACKAGE)}:{text.lineno}", said(text)))
    return tuple(found)


def texts(node: ast.AST) -> Iterator[ast.expr]:
    """The texts that are given as `do` or `expected`, by keyword, by a name of that meaning, or to a ValueError."""
    given: list[ast.expr] = []
    if isinstance(node, ast.keyword) and node.arg in ("do", "expected"):
        given = [node.value]
    elif isinstance(node, ast.Assign) and all(isinstance(t, ast.Name | ast.Tuple) for t in node.targets):
        names = [n.id.strip("_").lower() for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
        given = [node.value] if {"do", "expected", "repair"} & set(names) else []
    elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        given = list(node.exc.args)
    for value in given:
        whole = [n for n in ast.walk(value) if isinstance(n, ast.JoinedStr)]
        within = {id(part) for joined in whole for part in ast.walk(joined)} - {id(joined) for joined in whole}
        yield from (n for n in ast.walk(value) if isinstance(n, ast.JoinedStr) and id(n) not in within)
        yield from (
            n for n in ast.walk(value)
            if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in within
        )  # fmt: skip


def said(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in parts)


def commands() -> set[tuple[str, str]]:
    """Where a text tells a command of ours, and the command."""
    quoted = ((where, one) for where, text in told() for one in re.findall(r"`([^`]+)`", text))
    return {(where, one) for where, one in quoted if one.startswith("korus ")}


def options_of(words: list[str]) -> set[str]:
    """The options of a command, given as words; AssertionError where there is no such command."""
    command = get_command(cli.app)
    for word in words:
        known = getattr(command, "commands", None)
        if known is None:
            break
        assert word in known, f"there is no command {' '.join(words)}"
        command = known[word]
    return {"--help", "-h", *(name for one in command.params for name in one.opts)}


def every_option(command: Any) -> Iterator[str]:
    """The options of a command and of all below it."""
    yield from (name for one in command.params for name in one.opts)
    for below in getattr(command, "commands", {}).values():
        yield from every_option(below)


def test_the_texts_are_found() -> None:
    seen = " ".join(text for _, text in told())
    for known in ("Choose another --out", "Census codes in four digits", "a date without quotes", "Correct the file"):
        assert known in seen
    assert len(commands()) > 5


def test_every_command_of_ours_is_there_with_its_options() -> None:
    for where, command in commands():
        words = command.split()[1:]
        names = [word for word in words if not word.startswith("-") and not word.isupper() and HOLE not in word]
        options = {word for word in words if word.startswith("-")}
        assert options <= options_of(names), f"{where} tells `{command}`"


def test_every_command_shows_what_one_is_sent_there_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: False, raising=False)
    whole = {command for _, command in commands() if HOLE not in command and not re.search(r"\b[A-Z]{2,}", command)}
    assert whole <= set(SHOWS), "tell here what somebody looks for who is sent to the new ones"
    for command in whole:
        if (looked_for := SHOWS[command]) is not None:
            done = CliRunner().invoke(cli.app, command.split()[1:])
            assert done.exit_code == 0, command
            for word in looked_for:
                assert word in done.output, f"`{command}` says nothing of {word}"


def test_every_option_that_is_told_is_one_of_some_command() -> None:
    known = set(every_option(get_command(cli.app)))
    for where, text in told():
        for option in re.findall(r"(?<![\w`-])--[a-z-]+", re.sub(r"`[^`]*`", "", text)):
            assert option in known, f"{where} tells {option}"


def test_every_file_that_is_told_is_there() -> None:
    for where, text in told():
        for name in re.findall(r"(?<![\w./-])(?:[a-z_]+/)+[\w.-]+\.(?:py|toml|md|json|ipynb)\b", text):
            places = [base / name for base in (ROOT, PACKAGE)]
            assert any(place.exists() for place in places), f"{where} tells {name}"


def test_every_other_command_is_known() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for where, text in told():
        for command in re.findall(r"`([a-z][^`]* [^`]+)`", text):
            if command.startswith("make "):
                assert re.search(rf"^{command.split()[1]}:", makefile, re.M), f"{where} tells `{command}`"
            elif not command.startswith("korus ") and re.fullmatch(r"[a-z]+ [\w -]+", command):
                assert command in OTHERS or HOLE in command, f"{where} tells `{command}`"


def test_every_function_of_ours_that_is_told_is_there() -> None:
    for where, text in told():
        for name in re.findall(r"\bkr\.(\w+)", text):
            assert hasattr(kr, name), f"{where} tells kr.{name}"
        for name in re.findall(r"\b(open_study|open_catalog|load_agreement)\b", text):
            assert hasattr(kr, name), where
