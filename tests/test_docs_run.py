"""What the pages tell one to type does what they say: Python blocks run in order, commands of ours are there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import korus_research as kr
from korus_research import cli
from korus_research.chapters.notebooks import notebooks_folder

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "methods").glob("*.md")), ROOT / "README.md"]
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
QUICK = (
    "agreements",
    "partners",
    "new agreement",
    "new claim ustr-2021-03 --agreement ./usmca.toml",
    "data list",
)  # they change nothing but the current folder


def blocks(page: Path, language: str) -> list[str]:
    """The code of a page in one language, without the indentation of a list it stands in."""
    found = [(len(indent), text) for indent, name, text in BLOCK.findall(page.read_text("utf-8")) if name == language]
    return [re.sub(rf"^ {{{indent}}}", "", text, flags=re.MULTILINE) for indent, text in found]


def typed(page: Path) -> list[list[str]]:
    """The commands of ours in the shell blocks of a page, as words."""
    return ours(line for block in blocks(page, "sh") for line in block.splitlines())


def named(page: Path) -> list[list[str]]:
    """The commands of ours that stand in backticks."""
    return ours(re.findall(r"`((?:\.venv/bin/)?korus [^`]+)`", page.read_text("utf-8")))


def ours(lines: Iterable[str]) -> list[list[str]]:
    found = [shlex.split(line.removeprefix(".venv/bin/"), comments=True) for line in lines]
    return [words[1:] for words in found if words and words[0] == "korus"]


def type_quick(page: Path) -> list[str]:
    """Run those commands of a page's blocks that take no time; return their names. AssertionError if one fails."""
    quick = [words for words in typed(page) if " ".join(words).startswith(QUICK)]
    for words in quick:
        done = CliRunner().invoke(cli.app, words)
        assert done.exit_code == 0, (words, done.exception)
    return [" ".join(words) for words in quick]


@pytest.mark.slow
@pytest.mark.shared_results
@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=lambda p: p.stem)
def test_python_on_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    type_quick(ROOT / "docs" / "own.md")  # usmca.toml, which other pages name too
    here: dict[str, Any] = {"kr": kr}  # a page that says nothing else goes on from there
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), here)  # our own pages


def options(command: Any, words: list[str]) -> None:
    """Follow the words of a command as far as they are ours; AssertionError at the first that isn't."""
    for word in words:
        if getattr(command, "commands", None):
            assert word in command.commands or word.startswith("-"), " ".join(words)
            command = command.commands.get(word, command)
        elif word.startswith("--"):
            assert word in {name for one in command.params for name in one.opts} | {"--help"}, " ".join(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_commands_on_a_page_are_there(page: Path) -> None:
    for words in [*typed(page), *named(page)]:
        options(get_command(cli.app), [word for word in words if "|" not in word])


def test_the_commands_of_bring_your_own_do_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = type_quick(ROOT / "docs" / "own.md")
    assert any(words.startswith("partners ") for words in ran)
    assert (tmp_path / "usmca.toml").is_file()


def test_a_notebook_that_a_page_names_is_there() -> None:
    names = {path.name for path in notebooks_folder().glob("*.ipynb")}
    for page in PAGES:
        for name in re.findall(r"\b(\d\d_\w+\.ipynb)\b", page.read_text("utf-8")):
            assert name in names, f"{page.name} names {name}"
