"""`korus data refresh` and `build`: shown first, adopted if asked, one failing source alone, killed at any moment."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from official import Official, Reply
from refreshing import MONTH, Place, dearer, killed, raised, state
from typer.testing import CliRunner, Result

from korus_research.cli import app
from korus_research.cli.turned import turned
from korus_research.data import open_catalog, sources
from korus_research.data.catalog import HOME
from korus_research.data.package.answers import Answers
from korus_research.data.package.compile import compile_package
from korus_research.data.sources.spec import FOLDER

KILLS = 20


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "data")


@pytest.fixture
def served(official: Official, monkeypatch: pytest.MonkeyPatch) -> Official:
    """The server as if nobody had asked, named by the environment with a key for every source.

    Findings are not made: what turns has a test of its own.
    """
    official.forget()
    monkeypatch.setattr("korus_research.cli.turned.turned", lambda *given: [])
    for name, value in official.environment.items():
        monkeypatch.setenv(name, value)
    return official


def korus(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["data", *arguments])


def refresh(place: Place, *more: str) -> Result:
    return korus("refresh", "fred", "--through", MONTH, *place.options, *more)


def test_nothing_is_adopted_that_was_not_asked_for(served: Official, place: Place) -> None:
    before = state(HOME)
    served.revise("exchange_rates_monthly", dearer(1.1))
    done = refresh(place)
    assert done.exit_code == 0, done.stderr
    assert "exchange_rates_monthly: 0 new rows, 18 revised" in done.stdout
    assert "by more than 1 %" in done.stdout
    assert not place.package.exists()
    assert state(HOME) == before


@pytest.mark.slow
def test_adopted_twice_is_adopted_once_and_built_from_answers_is_the_same(served: Official, place: Place) -> None:
    served.revise("exchange_rates_monthly", dearer(1.1))
    first = refresh(place, "--adopt")
    assert first.exit_code == 0, first.stderr
    once = state(place.package)
    assert once != state(HOME)
    assert not open_catalog(place.package).verify()
    again = refresh(place, "--adopt")
    assert "Nothing changes" in again.stdout
    assert state(place.package) == once
    served.script("", *[Reply("", 500)] * 3)  # nobody is asked
    other = place.folder / "other"
    built = korus("build", "--data", str(other), "--answers", str(place.answers), "--adopt")
    assert built.exit_code == 0, built.stderr
    assert state(other) == once
    served.forget()


@pytest.mark.slow
def test_a_source_that_fails_loses_nothing_of_the_others(served: Official, place: Place) -> None:
    served.revise("exchange_rates_monthly", dearer(1.1))
    served.script("bea.gov", *[Reply("<html>maintenance</html>", 200)] * 3)
    done = korus("refresh", "bea", "fred", "--through", MONTH, *place.options, "--adopt")
    assert done.exit_code == 1
    failed = [line for line in done.stderr.splitlines() if line.startswith("UnexpectedAnswer: bea")]
    assert failed, done.stderr
    assert "Expected" in failed[0]
    assert (
        not open_catalog(place.package)
        .load("exchange_rates_monthly")
        .equals(open_catalog(HOME).load("exchange_rates_monthly"))
    )


def test_without_a_key_the_source_is_told_of_and_left(
    served: Official, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FRED_API_KEY")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place.folder))
    done = korus("refresh", "fred", "worldbank", "--through", MONTH, *place.options)
    assert done.exit_code == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("NoKey:")]
    assert "FRED_API_KEY" in line
    assert {one.dataset[0] for one in place.store.newest()} == {"worldbank"}


def test_prices_of_kosis_are_asked_by_name(served: Official, place: Place) -> None:
    prices = pd.read_csv(HOME / "consumer_prices.csv")
    months = prices[(prices["iso3"] == "KOR") & (prices["month"] > 0) & (prices["year"] >= 1990)]
    for name in ("kosis", "kosis.consumer-prices"):  # of which a plain refresh asks nothing
        done = korus("refresh", name, "--through", MONTH, *place.options)
        assert done.exit_code == 0, done.stderr
        assert f"kosis.consumer-prices: {len(months)} rows" in done.stderr
        assert "Nothing changes" in done.stdout
    (stored,) = place.store.newest()
    assert stored.dataset == ("kosis", "consumer-prices")


def test_a_file_of_lines_is_asked_for_one_month_without_a_key(
    served: Official, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CENSUS_API_KEY")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place.folder))
    asked_before = len(served.calls)
    done = korus("refresh", "census.import-files", "--since", MONTH, "--through", MONTH, *place.options)
    assert done.exit_code == 0, done.stderr
    assert [call.path.rsplit("/", 1)[1] for call in served.calls[asked_before:]] == ["IMDB2608.ZIP"]
    (stored,) = place.store.newest()
    rows = sources.parse(stored.read())
    duties = pd.read_parquet(HOME / "partner_duties_monthly.parquet").query("month == @MONTH and partner == '5800'")
    assert rows.loc[rows["partner"] == "5800", "duty_usd"].sum() == duties["duty_usd"].item()
    assert f"census.import-files: {len(rows):,} rows" in done.stderr


@pytest.mark.parametrize("names", [("import-lines", "import-files"), ("import-files", "import-lines")])
def test_what_needs_no_key_is_asked_beside_what_does(
    served: Official, place: Place, monkeypatch: pytest.MonkeyPatch, names: tuple[str, str]
) -> None:
    monkeypatch.delenv("CENSUS_API_KEY")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place.folder))
    asked = [f"census.{name}" for name in names]
    done = korus("refresh", *asked, "--since", MONTH, "--through", MONTH, *place.options)
    assert done.exit_code == 1
    assert done.stderr.count("NoKey:") == 1
    assert [one.dataset for one in place.store.newest()] == [("census", "import-files")]


def test_a_report_of_dataweb_is_asked_by_name(served: Official, place: Place) -> None:
    labels = ("HTS Number", "Country", "CSC", "2025")
    row = {"rowEntries": [{"value": value} for value in ("87032301", "South Korea", "KR", "1,234")]}
    table = {"column_groups": [{"columns": [{"label": one} for one in labels]}], "row_groups": [{"rowsNew": [row]}]}
    served.script("datawebws", Reply(json.dumps({"dto": {"tables": [table], "errors": []}})))
    done = korus("refresh", "dataweb.use-by-programme", "--through", "2025-12", *place.options)
    assert done.exit_code == 0, done.stderr
    assert "dataweb.use-by-programme: 1 row," in done.stderr


def test_what_can_be_asked_by_name_is_listed() -> None:
    asked = [tomllib.loads(path.read_text()) for path in sorted(FOLDER.glob("*.toml"))]
    rows = [line.split("\t") for line in korus("sources").stdout.splitlines()]
    assert [row[0] for row in rows] == [f"{source['id']}.{one['id']}" for source in asked for one in source["dataset"]]
    plain = {row[0]: row[1] for row in rows if row[1] in ("always", "with its key")}
    keyed = {row[0] for row in rows if row[2] != "none"}
    assert {name for name, how in plain.items() if how == "with its key"} == keyed & plain.keys()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("refresh", "fredd"), "did you mean 'fred'"),
        (("refresh", "import-files"), "did you mean 'census.import-files'"),
        (("refresh", "kosis.consumer-price"), "did you mean 'consumer-prices'"),
        (("refresh", "fred", "--through", "2026-13"), "--through is '2026-13'"),
        (("refresh", "fred", "--since", "2026-09", "--through", MONTH), "--since is 2026-09"),
        (("refresh", "worldbank", "--through", MONTH, "--answers", "FOLDER"), "FILE is a file"),
        (
            ("refresh", "fred", "kosis.consumer-prices", "--through", "1989-12"),
            "kosis.consumer-prices begins in 1990-01",
        ),
        (("refresh", "bea", "--through", "1950-12"), "There are no data up to 1950-12: bea."),
        (("refresh", "--through", "1900-12"), "There are no data up to 1900-12"),
        (("build", "--answers", "FOLDER"), "There are no stored answers"),
    ],
)
def test_a_wrong_call_is_one_line(tmp_path: Path, served: Official, arguments: tuple[str, ...], said: str) -> None:
    file = tmp_path / "FILE"
    file.write_text("in the way")
    named = [str(tmp_path / "answers") if one == "FOLDER" else one for one in arguments]
    more = ["--adopt"] if said.startswith("FILE") else ["--adopt", "--data", str(tmp_path / "none")]
    done = korus(*named, *(["--data", str(file)] if said.startswith("FILE") else []), *more)
    assert done.exit_code == 1
    assert not (tmp_path / "answers").exists(), "nothing was asked"
    assert said in str(done.exception) + done.stderr


def test_a_package_that_is_not_there_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KORUS_DATA", str(tmp_path / "none"))
    said = str(korus("list").exception)
    assert "KORUS_DATA" in said
    assert "Unset it" in said


def test_what_changes_can_be_read_by_a_program(served: Official, place: Place) -> None:
    served.revise("exchange_rates_monthly", dearer(1.1))
    done = refresh(place, "--json")
    told = json.loads(done.stdout)
    (rates, _) = told["tables"]
    assert rates["table"] == "exchange_rates_monthly"
    assert rates["most"][0]["percent"] == pytest.approx(10, abs=0.01)
    assert told["turned"] == []


@pytest.mark.slow
def test_a_sign_that_a_revision_turns_is_told(official: Official, tmp_path: Path) -> None:
    # Imports from Korea since 2025 at a tenth: whatever rose with them falls.
    from korus_research.data.package.asking import ask
    from korus_research.data.package.exchange import stage

    official.forget()
    official.revise("goods_trade_monthly", raised(0.1))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in official.environment.items():
            patch.setenv(name, value)
        answers = Answers(tmp_path / "answers", 1 << 30)
        ask(["census"], MONTH, answers, lambda source, what: None)
    official.forget()
    compiled = compile_package(HOME, answers.newest())
    found = turned(open_catalog(HOME), stage(compiled, tmp_path / "package"), compiled.tables, topics=("flows",))
    assert found
    assert {one.by for one in found} == {"revision"}
    assert all(one.id.startswith("flows.") for one in found)
    for one in found:
        signs = [text.startswith("-") for text in (one.was, one.now)]
        assert signs[0] != signs[1] or one.was != one.now


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="names are exchanged in one step on Linux")
def test_killed_at_any_moment_the_package_is_the_old_or_the_new_one(official: Official, place: Place) -> None:
    official.forget()
    done = killed(official, place, KILLS)
    official.forget()
    assert done.kills == KILLS
    assert done.while_adopting
