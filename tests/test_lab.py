"""Copies of the chapters for JupyterLab: nothing of the user's is lost, nothing of the project's changes."""

from __future__ import annotations

import gc
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_output
from typer.testing import CliRunner

from korus_research import cli
from korus_research.chapters import notebooks
from korus_research.cli.lab import RECORD, copy_chapters, without_outputs
from korus_research.errors import InvalidFile, InvalidParameter

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two chapters."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("01_flows.ipynb", "08_cars.ipynb"):
        shutil.copy(ROOT / "notebooks" / name, folder)
    monkeypatch.setattr(notebooks, "notebooks_folder", lambda: folder)
    return folder


def test_a_changed_copy_is_never_overwritten(source: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    assert dict(copy_chapters(mine)) == {"01_flows.ipynb": "new", "08_cars.ipynb": "new"}
    assert (mine / "01_flows.ipynb").read_bytes() == (source / "01_flows.ipynb").read_bytes()
    assert dict(copy_chapters(mine)) == {}

    (mine / "01_flows.ipynb").write_text("{}", encoding="utf-8")
    assert dict(copy_chapters(mine)) == {}, "nothing newer is to be had"
    for name in ("01_flows.ipynb", "08_cars.ipynb"):
        with (source / name).open("a", encoding="utf-8") as file:
            file.write("\n")
    done = dict(copy_chapters(mine))
    assert done["08_cars.ipynb"] == "renewed"
    assert (mine / "08_cars.ipynb").read_bytes() == (source / "08_cars.ipynb").read_bytes()
    assert "kept" in done["01_flows.ipynb"]
    assert (mine / "01_flows.ipynb").read_text(encoding="utf-8") == "{}"


def test_copies_that_nobody_recorded_are_kept(source: Path, tmp_path: Path) -> None:
    list(copy_chapters(tmp_path / "mine"))
    (tmp_path / "mine" / RECORD).unlink()
    (tmp_path / "mine" / "08_cars.ipynb").write_text("{}", encoding="utf-8")
    assert set(dict(copy_chapters(tmp_path / "mine"))) == {"08_cars.ipynb"}
    assert (tmp_path / "mine" / "08_cars.ipynb").read_text(encoding="utf-8") == "{}"


def test_a_place_that_is_no_folder_is_refused(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidParameter, match="is a file"):
        list(copy_chapters(tmp_path / "file"))
    list(copy_chapters(tmp_path / "mine"))
    (tmp_path / "mine" / RECORD).write_text("[", encoding="utf-8")
    with pytest.raises(InvalidFile, match="Remove it"):
        list(copy_chapters(tmp_path / "mine"))


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")))
def test_a_chapter_that_ran_is_saved_as_its_author_wrote_it(name: str) -> None:
    """As JupyterLab saves: with outputs, counts, its Python and how its cells are folded."""
    written = nbformat.read(ROOT / "notebooks" / name, 4)
    ran = nbformat.from_dict(json.loads(json.dumps(written)))
    ran.metadata.kernelspec.display_name = "Python 3 (ipykernel)"
    ran.metadata.language_info.update(version="3.11.7", mimetype="text/x-python")
    for cell in ran.cells:
        cell.metadata.update(collapsed=True, jupyter={**cell.metadata.get("jupyter", {}), "outputs_hidden": False})
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [new_output("stream", text="shown")], 7
    model: dict[str, Any] = {"type": "notebook", "content": ran}
    without_outputs(model=model, path=name, contents_manager=None)
    assert nbformat.from_dict(model["content"]) == written


def started(monkeypatch: pytest.MonkeyPatch, *words: str, user: int = 1000) -> list[str]:
    """What JupyterLab is told by `korus lab`."""
    from jupyterlab.labapp import LabApp

    told: list[str] = []
    monkeypatch.setattr(LabApp, "launch_instance", told.extend)
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr(sys, "argv", ["korus", "lab", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    return told


@pytest.mark.parametrize("user_has", [None, "true"])
def test_jupyterlab_runs_as_if_the_user_had_started_it(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user_has: str | None
) -> None:
    """It lives for hours: with garbage collection, and its kernels with the user's environment."""
    from jupyterlab.labapp import LabApp

    seen: list[tuple[bool, str | None]] = []

    def launch(_: list[str]) -> None:
        seen.append((gc.isenabled(), os.environ.get("PYDANTIC_DISABLE_PLUGINS")))

    monkeypatch.setattr(LabApp, "launch_instance", launch)
    monkeypatch.setattr(sys, "argv", ["korus", "lab", str(tmp_path / "mine")])
    monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", "true")
    if user_has is None:
        monkeypatch.delenv("PYDANTIC_DISABLE_PLUGINS")
    gc.enable()
    try:
        with pytest.raises(SystemExit):
            cli.command()
    finally:
        gc.enable()
    assert seen == [(True, user_has)]


def test_jupyterlab_is_told_where_and_what(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert started(monkeypatch)[-1] == "korus-chapters"
    assert (tmp_path / "korus-chapters" / "01_flows.ipynb").is_file()
    told = started(monkeypatch, "other", "--", "--port", "8890")
    assert told[-3:] == ["--port", "8890", "other"]
    assert "--allow-root" not in told
    assert "root" not in capsys.readouterr().out
    assert "--allow-root" in started(monkeypatch, "--", "--no-browser", user=0)
    assert "root" in capsys.readouterr().out
    assert started(monkeypatch, "--no-start") == []


def test_a_second_folder_is_refused_and_nothing_is_copied(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["korus", "lab", "my", "chapters", "--", "--port", "8890"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert "'chapters' follows FOLDER, 'my'. Expected one folder." in capsys.readouterr().err
    assert not (tmp_path / "my").exists()


def test_the_chapters_themselves_are_saved_without_outputs(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: path.read_bytes() for path in source.iterdir()}
    told = started(monkeypatch, str(source))
    assert any("pre_save_hook" in option for option in told)
    assert {path.name: path.read_bytes() for path in source.iterdir()} == before


def test_the_help_says_a_folder_and_what_goes_to_jupyterlab() -> None:
    said = CliRunner().invoke(cli.app, ["lab", "--help"], prog_name="korus").output
    assert said.splitlines()[0] == "Usage: korus lab [OPTIONS] [FOLDER]"
    assert "korus lab -- --port 8890" in said
    assert "list[" not in said
