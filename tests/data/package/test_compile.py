"""The package made again from answers: beside the embedded rows, planted revisions, and answers that spoil a table."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from korus_research.data import open_catalog
from korus_research.data.catalog import HOME, Catalog
from korus_research.data.package.answers import Answers, Stored
from korus_research.data.package.changes import changes, schema_changes
from korus_research.data.package.compile import Compiled, compile_package, feeding, of_set
from korus_research.data.package.exchange import stage
from korus_research.data.package.merge import values_of
from korus_research.data.package.origins import origins
from korus_research.data.package.recipes import RECIPES
from korus_research.data.package.write import measured, write_package
from korus_research.data.period import last_months
from korus_research.data.schema import read_descriptor
from korus_research.data.sources import describe, names

CATALOG = open_catalog(HOME)
MONTHS = 18  # so many of the last are taken away and made again, of tables by year the last year


@pytest.fixture(scope="module")
def shortened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded package without the last periods of every table that answers reach."""
    folder = tmp_path_factory.mktemp("shortened")
    package, files = read_descriptor(HOME), {}
    for number, resource in enumerate(package["resources"]):
        dataset = CATALOG.describe(resource["name"])
        files[resource["path"]] = dataset.path.read_bytes()
        if dataset.name in RECIPES and dataset.time:
            rows = CATALOG.load(dataset.name)
            ends = last_months(rows, dataset.time)
            rows = rows[
                ends <= ends.max() - (1 if dataset.time.frequency == "year" and not dataset.time.within else MONTHS)
            ]
            made, content = measured(resource, rows, dataset.columns, key=dataset.key)
            package["resources"][number], files[resource["path"]] = made, content
    write_package(package, files, folder)
    return folder


@pytest.fixture(scope="module")
def rebuilt(shortened: Path, heard: Path, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    compiled = compile_package(shortened, Answers(heard, 1 << 30).newest())
    assert not compiled.problems
    return stage(compiled, tmp_path_factory.mktemp("rebuilt") / "package")


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_what_was_taken_away_is_made_again_from_answers(name: str, rebuilt: Catalog, shortened: Path) -> None:
    dataset = CATALOG.describe(name)
    key, values = list(dataset.key), values_of(dataset)
    frames = [
        catalog.load(name).set_index(key)[values].sort_index()
        for catalog in (CATALOG, rebuilt, open_catalog(shortened))
    ]
    if name in ("realised_duties_annual", "partner_duties_monthly"):
        # All countries together from 2025 are summed by the collection, which has no total of the source.
        frames = [frame.drop(index="0015", level="partner") for frame in frames]
    if name == "consumer_prices":  # years are as printed, and not asked for
        frames = [frame[frame.index.get_level_values("month") > 0] for frame in frames]
    held, made, left = frames
    assert len(left) < len(held)
    assert made.index.isin(held.index).all()
    again, taken = len(made) - len(left), len(held) - len(left)
    assert again >= 0.95 * taken, f"{again} of {taken} rows"
    both = held.reindex(made.index)
    precision = max(
        origins()[name].precision, origins().get("exchange_rates_monthly").precision if "rates" in name else 0
    )
    for column in values:
        if both[column].dtype != bool:
            gap = (both[column].astype("float64") - made[column].astype("float64")).abs()
            assert gap.max() <= precision + 1e-9, (column, gap.idxmax())


@pytest.mark.slow
def test_the_rebuilt_package_passes_every_check_of_its_own(rebuilt: Catalog) -> None:
    assert not rebuilt.verify()


@pytest.mark.slow
def test_answers_that_say_what_is_embedded_change_no_value(heard: Path) -> None:
    compiled = compile_package(HOME, Answers(heard, 1 << 30).newest())
    assert not compiled.tables
    assert not compiled.problems
    assert set(compiled.files) <= {"releases.csv"}, "ALFRED names releases that no table had"


def won(answers: Answers) -> Stored:
    """The stored answer with the monthly rates of the won."""
    return next(one for one in answers.newest() if b"EXKOUS" in one.record.read_bytes())


def told(answers: Answers, change: dict[str, str | None]) -> None:
    """Let FRED say other rates of the won than it said, by month; None takes one away."""
    before = won(answers).read()
    body = json.loads(before.content)
    rows = [one for one in body["observations"] if change.get(one["date"][:7], "") is not None]
    for one in rows:
        one["value"] = change.get(one["date"][:7]) or one["value"]
    known = {one["date"][:7] for one in rows}
    rows += [
        {**rows[-1], "date": f"{month}-01", "value": value}
        for month, value in change.items()
        if value and month not in known
    ]
    content = json.dumps(body | {"observations": rows, "count": len(rows)}).encode()
    answers.put(replace(before, content=content, sha256=sha256(content).hexdigest(), fetched="2026-12-09T10:00:00Z"))


def only_rates(answers: Answers) -> Compiled:
    return compile_package(HOME, [one for one in answers.newest() if one.dataset[1] == "exchange-rates"])


def test_a_revision_and_a_new_month_are_found_told_and_kept(answers: Answers, tmp_path: Path) -> None:
    held = CATALOG.load("exchange_rates_monthly").query("iso3 == 'KOR'").set_index("month")["lcu_per_usd"]
    told(answers, {"2025-03": f"{held['2025-03'] * 1.1:.4f}", "2026-07": "1500.5"})
    compiled = only_rates(answers)
    rates, years = changes(compiled)
    assert (rates.table, rates.added, rates.revised, rates.reached) == (
        "exchange_rates_monthly",
        1,
        1,
        ("2026-06", "2026-07"),
    )
    assert rates.most[0].percent == pytest.approx(10, abs=0.001)
    assert rates.larger == {"0.1": 1, "1": 1, "10": 0} | {"10": int(rates.most[0].percent > 10)}
    assert (years.table, years.revised) == ("currencies_annual", 1)
    assert [line.partition(":")[0] for line in schema_changes(compiled)] == ["exchange_rates_monthly_replaced"]
    catalog = stage(compiled, tmp_path / "package")
    assert not catalog.verify()
    # The year by another road: the mean of its twelve months, one of them raised by a tenth.
    year = catalog.load("currencies_annual").set_index(["iso3", "year"])["lcu_per_usd"]["KOR", 2025]
    months = held[[f"2025-{month:02d}" for month in range(1, 13)]].to_numpy()
    assert year == pytest.approx((months.sum() + 0.1 * held["2025-03"]) / 12, abs=1e-4)
    (older,) = catalog.load("exchange_rates_monthly_replaced").to_dict("records")
    assert older == {"month": "2025-03", "iso3": "KOR", "lcu_per_usd": held["2025-03"], "vintage": "2026-06"}
    then = catalog.load("exchange_rates_monthly", as_of="2026-05", published=True).query("iso3 == 'KOR'")
    assert then.set_index("month")["lcu_per_usd"].equals(held[:"2026-05"])
    assert catalog.compiled == "2026-12-09"


def test_new_tables_pass_the_standard_s_own_tool(answers: Answers, tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    told(answers, {"2025-03": "1500.0"})
    catalog = stage(only_rates(answers), tmp_path / "package")
    descriptor = {key: value for key, value in read_descriptor(catalog.folder).items() if key != "$schema"}
    package = frictionless.Package.from_descriptor(descriptor, basepath=str(catalog.folder))
    for name in ("exchange_rates_monthly_replaced", "exchange_rates_monthly", "releases"):
        report = package.get_resource(name).validate()
        assert report.valid, report.flatten(["type", "note"])


def test_the_same_answers_twice_make_the_same_bytes(answers: Answers, tmp_path: Path) -> None:
    told(answers, {"2025-03": "1500.0", "2026-07": "1500.5"})
    once = stage(only_rates(answers), tmp_path / "once")
    assert compile_package(once.folder, answers.newest()[-30:]).files.keys().isdisjoint(["exchange_rates_monthly.csv"])
    again = stage(only_rates(answers), tmp_path / "again")
    for path in once.folder.iterdir():
        assert path.read_bytes() == (again.folder / path.name).read_bytes(), path.name


def test_a_figure_that_breaks_the_schema_leaves_its_table_as_it_was(answers: Answers) -> None:
    told(answers, {"2025-03": "-3.0"})
    compiled = only_rates(answers)
    assert "exchange_rates_monthly.csv" not in compiled.files
    (problem, *_) = compiled.problems
    assert "exchange_rates_monthly" in str(problem)
    assert "-3" in str(problem)
    assert "stays as it was" in str(problem)


def test_a_damaged_answer_spoils_its_own_table_only(answers: Answers) -> None:
    told(answers, {"2026-07": "1500.5"})
    other = next(one for one in answers.newest() if b"EXJPUS" in one.record.read_bytes())
    other.content.write_bytes(b"{}")
    compiled = only_rates(answers)
    assert [str(other.record) in str(problem) for problem in compiled.problems] == [True]
    assert compiled.tables["exchange_rates_monthly"].added["iso3"].tolist() == ["KOR"]


def test_every_table_has_its_road_and_every_fed_table_its_recipe() -> None:
    assert origins().keys() == set(CATALOG.names)
    fed = {table for one in names() for part in describe(one).dataset for table in part.feeds}
    assert fed <= RECIPES.keys()
    for name in RECIPES:
        assert feeding(name), name
        assert not origins()[name].collected.startswith("all"), name
    for name, origin in origins().items():
        assert origin.obtain, name
        assert name in RECIPES or origin.collected, name
        assert (origin.releases and name in RECIPES) or not origin.releases, name


def test_what_a_table_was_made_of_is_said_in_the_package(answers: Answers) -> None:
    told(answers, {"2026-07": "1500.5"})
    resource = next(one for one in only_rates(answers).package["resources"] if one["name"] == "exchange_rates_monthly")
    assert won(answers).sha256 in {one["sha256"] for one in resource["korus:answers"]}
    assert resource["korus:vintage"].endswith("since then answers of the sources to 2026-12-09")
    assert of_set(won(answers)) == "fred.exchange-rates"
    assert resource["korus:rows"] == len(CATALOG.load(resource["name"])) + 1
    assert pd.Series(resource["korus:gaps"], dtype="str").str.startswith("As compiled before").all()


def test_a_report_of_another_package_depends_on_its_tables(
    answers: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from korus_research.data.cache.store import open_cache
    from korus_research.run.dependencies import build_inputs

    told(answers, {"2026-07": "1500.5"})
    other = stage(only_rates(answers), tmp_path / "package").folder
    embedded = build_inputs(open_cache()).tables
    monkeypatch.setenv("KORUS_DATA", str(other))
    assert open_catalog().folder == other
    inputs = build_inputs(open_cache()).tables
    assert {name for name in embedded if inputs[name] != embedded[name]} == {"exchange_rates_monthly", "releases"}


def test_the_docs_tell_how_to_obtain_each_table() -> None:
    told = (Path(__file__).parents[3] / "docs" / "refresh.md").read_text("utf-8")
    for name, origin in origins().items():
        reached = "yes" if name in RECIPES else "no"
        assert f"| `{name}` | {reached} | {origin.collected or 'nothing'} | {origin.obtain} |" in told, name
