"""The bench without a browser: its controls, its lines, what it draws again, and where it is published."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

import korus_research as kr

pytestmark = pytest.mark.shared_results

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "bench.ipynb"


@pytest.fixture
def bench(study):
    return kr.bench(study)


@pytest.fixture(scope="module")
def used(study):
    """A bench with its controls, which each test leaves as it found it: what has been drawn is not drawn again."""
    made = kr.bench(study)
    assert made.controls
    return made


def test_it_begins_with_the_main_estimate(study, bench):
    assert bench.estimate.found.effect_log == study.counterfactual().main["exports"].effect_log
    assert kr.bench(study, "imports", estimator="did").estimate.found.spec.estimator == "did"


def test_moving_a_control_redraws_and_moves_the_others(bench):
    controls = bench.controls
    first = controls.picture.value
    controls.controls["partner"].value = "Vietnam"
    controls.controls["starting"].value = 2015
    assert bench.estimate.choices.before == (2002, 2012)
    assert controls.controls["before"].value == (2002, 2012)
    assert "Vietnam" in controls.picture.value
    assert controls.picture.value != first
    controls.controls["as_of"].value = "2019-12"
    assert bench.estimate.study.parameters.as_of == "2019-12"
    assert controls.controls["after"].value == (2015, 2019)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("donors", ["Japan"], "1 donor named"),
        ("before", (1987, 1988), "at least 3 donors, 3 years"),
        ("partner", "Atlantis", "is not a partner"),
        ("as_of", "2013-12", ""),
    ],
)
def test_a_bad_choice_is_one_line_and_goes_away(used, name, value, said):
    bench = used
    bench.controls.controls[name].value = value
    if said:
        assert said in bench.problem
        assert said in bench.controls.line.value
        assert bench.controls.picture.value == ""
        with pytest.raises(kr.KorusError):
            _ = bench.code
        assert not bench.kept
    else:
        assert not bench.problem
    bench.choose(donors=None, before=None, partner="Korea", as_of=bench.study.parameters.as_of)
    assert not bench.problem
    assert bench.controls.line.value == ""
    assert "<img" in bench.controls.picture.value


def test_what_has_been_drawn_is_drawn_once(bench, monkeypatch):
    bench.choose(flow="imports")
    drawn = bench.controls.picture.value

    def never(*_args, **_named):
        raise AssertionError

    bench.choose(flow="exports")
    monkeypatch.setattr(sys.modules["korus_research.explore.bench"], "summary", never)
    bench.choose(flow="imports")
    assert bench.controls.picture.value == drawn


def test_keep_this_writes_a_cell_that_makes_the_same_estimate(bench):
    bench.choose(partner="Vietnam", starting=2016, flow="imports")
    bench.controls.box.children[0].children[-2].click()
    assert bench.kept == [bench.estimate]
    names: dict[str, object] = {}
    exec(bench.controls.cell.value, names)
    assert names["mine"].found.effect_log == bench.estimate.found.effect_log


def test_without_widgets_it_is_a_picture(used, monkeypatch):
    bench, there = used, importlib.util.find_spec
    shown = bench._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in shown
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ipywidgets" else there(name))
    alone = bench._repr_mimebundle_()
    assert set(alone) == set(shown) - {"application/vnd.jupyter.widget-view+json"}
    assert alone["application/vnd.korus.figure+json"]["alt"]
    assert "<table" in alone["text/html"]
    bench.choose(donors=["Japan"])
    assert "1 donor named" in bench._repr_mimebundle_()["text/html"]
    bench.choose(donors=None)


def test_the_notebook_is_committed_as_chapters_are_and_is_none():
    from korus_research.chapters.notebooks import titles

    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    assert all(cell["id"] for cell in notebook["cells"])
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook["cells"])
    assert notebook["metadata"]["korus"]["chapter"] not in titles()


@pytest.mark.slow
def test_papermill_runs_it_and_every_exporter_shows_it(tmp_path):
    def run(*command: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]

    run("papermill", str(NOTEBOOK), "bench.ipynb", "-p", "agreement", "korus", "--log-level", "ERROR")
    for form, name in (("html", "plain.html"), ("korus-html", "ours.html"), ("korus-pdf", "ours.pdf")):
        run("nbconvert", "bench.ipynb", "--to", form, "--output", name)
    ours = (tmp_path / "ours.html").read_text("utf-8")
    assert ours.count('<figure class="picture') == 5
    assert (tmp_path / "ours.pdf").read_bytes().startswith(b"%PDF-")
    plain = (tmp_path / "plain.html").read_text("utf-8")
    assert plain.count("data:image/svg+xml") + plain.count("data:image/png") >= 4


def test_a_choice_that_is_none_is_refused_and_forgotten(bench):
    with pytest.raises(kr.KorusError, match="'colour' is not a choice"):
        bench.choose(colour="red")
    bench.choose(flow="imports")
    assert not bench.problem
    assert bench.estimate.flow == "imports"
