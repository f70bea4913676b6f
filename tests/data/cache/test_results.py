"""What is measured of a study is made once for the same content, by whichever process, and never when that differs."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import korus_research as kr
from korus_research.chapters.context.measures import of as context_of
from korus_research.chapters.topic import measured
from korus_research.data.cache import results
from korus_research.data.cache.code import read_package
from korus_research.data.cache.codec import decode, encode
from korus_research.data.cache.store import open_cache
from korus_research.errors import MissingInput, UndeclaredTable


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of results that were made and kept; every one is worth it."""
    made: list[str] = []
    keep = results._keep

    def note(cache: Any, study: Any, key: str, result: Any) -> None:
        made.append(type(result.value).__name__)
        keep(cache, study, key, result)

    monkeypatch.setattr(results, "_keep", note)
    monkeypatch.setattr(results, "WORTH", 0.0)
    return made


def test_a_second_study_takes_what_the_first_has_made(kept: list[str]) -> None:
    first = context_of(kr.open_study())
    assert kept == ["Context"]
    second = context_of(kr.open_study())
    assert kept == ["Context"]
    assert second is not first
    assert encode(second.findings()) == encode(first.findings())


def test_another_month_agreement_or_choice_is_made_anew(kept: list[str]) -> None:
    for asked in ({}, {"as_of": "2016-12"}, {"baseline_year": 2010}, {"agreement": "colombia"}):
        context_of(kr.open_study(**asked))
    assert kept == ["Context"] * 4


def test_other_code_is_other_content(kept: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    context_of(kr.open_study())
    package = results._package()
    source = package.sources["methods/series.py"]
    changed = {**package.sources, "methods/series.py": type(source)("other", source.imports)}
    monkeypatch.setattr(results, "_package", lambda: type(package)(package.folder, changed))
    context_of(kr.open_study())
    assert len(kept) == 2, "which context imports"
    changed["chapters/cars/values.py"] = source
    context_of(kr.open_study())
    assert len(kept) == 2, "which it does not"


def test_other_tables_are_other_content(kept: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    context_of(kr.open_study())
    described = results._described
    monkeypatch.setattr(results, "_described", lambda d: described(d) + "x" * (d.name == "vehicle_points"))
    context_of(kr.open_study())
    assert len(kept) == 1
    monkeypatch.setattr(results, "_described", lambda d: described(d) + "x" * (d.name == "goods_trade_monthly"))
    context_of(kr.open_study())
    assert len(kept) == 2


def test_code_that_was_written_while_this_process_ran_is_not_trusted(
    kept: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("korus_research.data.cache.code._STARTED", 0.0)
    context_of(kr.open_study())
    context_of(kr.open_study())
    assert kept == []


@pytest.mark.parametrize("content", [b"", b"garbage" * 50])
def test_a_damaged_result_is_made_again(kept: list[str], content: bytes) -> None:
    context_of(kr.open_study())
    for path in (open_cache().folder / "result").rglob("*"):
        if path.is_file():
            path.write_bytes(content)
    context_of(kr.open_study())
    assert kept == ["Context"] * 2


def test_a_sound_entry_of_foreign_content_is_made_again(kept: list[str]) -> None:
    context_of(kr.open_study())
    cache = open_cache()
    for path in (cache.folder / "result").rglob("*"):
        if path.is_file():
            cache.put(f"result-{path.name}", b"\x02" + bytes(7) + b"{}")
    context_of(kr.open_study())
    assert kept == ["Context"] * 2


def test_a_cache_that_cannot_be_written_costs_time_only(kept: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KORUS_CACHE", os.devnull)
    assert encode(context_of(kr.open_study())) == encode(context_of(kr.open_study()))
    assert len(kept) == 2


def test_a_chapter_may_not_use_a_table_by_way_of_a_remembered_result(
    kept: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    context_of(kr.open_study())
    study = kr.open_study()
    monkeypatch.setenv("KORUS_DECLARED_TABLES", "partners")
    with pytest.raises(UndeclaredTable):
        context_of(study)


@pytest.mark.shared_results
def test_what_was_given_first_holds_and_is_not_passed_on() -> None:
    from korus_research.chapters.forecasts.measures import of as forecasts_of
    from korus_research.show.finding import Findings

    study = kr.open_study()
    nothing = Findings((), study.names)
    given = forecasts_of(study, nothing)
    assert forecasts_of(study) is given
    made = results.Made(given, frozenset(), results.given_digest((nothing,), {}), (nothing,))
    assert made.is_of((nothing,), {})
    assert made.is_of((Findings((), dict(study.names)),), {})
    assert not made.is_of((), {})
    with results._following() as uses:
        forecasts_of(study)
    assert not uses.certain


# Of those that are estimated longest the other results hold the parts: they are made again with whole reports.
LONG = ("counterfactual", "evidence", "gravity", "reversal", "scenarios")


@pytest.mark.shared_results  # those that the topic's own result rests on; that one is made here
@pytest.mark.parametrize("topic", [pytest.param(t, marks=[pytest.mark.slow] * (t in LONG)) for t in measured()])
def test_what_is_read_is_what_was_made(study: Any, topic: str) -> None:
    """Each topic's result can be remembered; what it finds afterwards is equal to the last bit."""
    of = getattr(import_module(f"korus_research.chapters.{topic}.measures"), "of", None)
    if of is None:
        pytest.skip("the ledger is judged, not measured")
    given = [study.gravity().findings()] if topic == "claims" else []  # as in a report
    try:
        made = getattr(of, "__wrapped__", of)(study, *given)
    except MissingInput:
        pytest.skip("not for this agreement")
    again = decode(encode(made))
    assert type(again) is type(made)
    vars(again).pop("_findings", None)
    assert encode(again.findings()) == encode(made.findings())


SCRIPT = """
import hashlib
import korus_research as kr
from korus_research.chapters.context.measures import of
from korus_research.data.cache import results
from korus_research.data.cache.codec import encode
results.WORTH = 0.0
print(hashlib.sha256(encode(of(kr.open_study()))).hexdigest())
"""


def test_two_processes_share_it_whatever_their_hash_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    monkeypatch.setenv("KORUS_CACHE", str(tmp_path / "cache"))
    read_package(open_cache())  # which it need not read again
    run, environment = [sys.executable, "script.py"], {**os.environ, "PYTHONHASHSEED": "1"}
    done = subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    monkeypatch.setattr(results, "WORTH", 0.0)
    assert hashlib.sha256(encode(context_of(kr.open_study()))).hexdigest() == done.stdout.strip()
    assert len(list((tmp_path / "cache" / "result").rglob("?" * 64))) == 1


def _asked(study: Any, make: Any, begin: Any, said: Any) -> None:
    begin.wait()
    said.put(results.made_once(study, make, (), {}).value)


def test_of_two_processes_that_want_it_at_once_one_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KORUS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(results, "WORTH", 0.0)
    (tmp_path / "cache").mkdir(mode=0o700)

    def slow(study: Any) -> float:
        (tmp_path / str(time.time_ns())).touch()
        time.sleep(0.5)
        return 7.0

    slow.__module__ = context_of.__module__  # a result of ours: one that is remembered
    fork = multiprocessing.get_context("fork")
    begin, said = fork.Barrier(2), fork.SimpleQueue()
    both = [fork.Process(target=_asked, args=(kr.open_study(), slow, begin, said)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert [one.exitcode for one in both] == [0, 0]
    assert [said.get(), said.get()] == [7.0, 7.0]
    assert len([path for path in tmp_path.iterdir() if path.name.isdigit()]) == 1


def test_integers_of_which_some_are_missing_are_kept_as_they_are() -> None:
    ranks = pd.Series([3, None, 2**60 + 1], dtype="Int64", name="rank")
    pd.testing.assert_series_equal(decode(encode(ranks)), ranks)
