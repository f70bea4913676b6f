"""Why numbers moved: planted causes come out as what they are, and earlier tables are put back as they were."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from lxml import html
from runnable import Notebooks

from korus_research.data.cache.store import digest
from korus_research.data.catalog import HOME, open_catalog
from korus_research.editions.diff import Difference, cause as why, difference
from korus_research.editions.diff.held import Held, hold
from korus_research.editions.diff.page import page_of
from korus_research.editions.diff.rerun import Found, rerun, rerun_with
from korus_research.editions.diff.text import to_text
from korus_research.editions.edition import Edition, drafting
from korus_research.errors import ChapterFailed, InvalidParameter

TABLE = "consumer_prices"


def today() -> dict[str, str]:
    catalog = open_catalog()
    return {name: catalog.describe(name).sha256 for name in catalog.names}


def outcome(month: int, data: int, method: int, *, named: bool = True) -> Found:
    """What a run finds whose inputs are 0 as they were and 1 as they are, with one pair that moves things together."""
    values = {
        "parameters": 10.0 + month,
        "data": 20.0 + data,
        "method": 30.0 + method,
        "both": 40.0 + 3 * month + 5 * data + 2 * month * data,
        "all": 50.0 + month + 2 * data + 4 * method,
        "words": 60.0,
        "same": 70.0,
    }
    texts = {name: f"{value:g}" for name, value in values.items()} | ({"words": "sixty"} if method else {})
    made = [{"id": n, "label": n, "value": v, "text": texts[n]} for n, v in values.items()]
    verdict = {"id": "x", "said": "x", "verdict": "Right" if data else "Wrong" if method else "does not hold"}
    cells = "".join(f"{one['id']},{one['value']:g},\n" for one in made)
    table = f"name,value,kind\n{cells}later {month},1,\n"  # a row that has another name a month later
    drawn = "".join(f"{year},{value}\n" for year, value in ((2011, 1), (2012, 2 + data), (2013, 3 + data + month)))
    exhibits = {"tables/toy-table": table, "figures/toy-trade": f"year,usd\n{drawn}", "tables/toy-same": "a,b\nx,1\n"}
    return Found({one["id"]: one for one in made}, {"x": verdict}, exhibits)


def edition(out: Path, month: str, found: Found, data: Mapping[str, str]) -> Edition:
    about = {"agreement": "korus", "as_of": month, "edition": month, "name": "Toy", "data": dict(data)}
    with drafting(out / "korus" / month, ()) as draft:
        draft.write("findings.json", json.dumps(list(found.findings.values())))
        draft.write("claims.csv", pd.DataFrame(found.claims.values()).to_csv(index=False))
        for name, text in found.exhibits.items():
            draft.write(f"{name}.csv", text)
        return draft.publish({**about, "parameters": {"agreement": "korus", "as_of": month}, "chapters": {}}, ())


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Edition, Edition]:
    monkeypatch.setattr(why, "rerun", lambda given, **_: outcome(int(given["as_of"] == "2026-08"), 1, 1))
    monkeypatch.setattr(why, "rerun_with", lambda tables, given: outcome(int(given["as_of"] == "2026-08"), 0, 1))
    monkeypatch.setattr(why, "hold", lambda before, folder, data: Held((TABLE,), ()))
    before = edition(tmp_path, "2026-07", outcome(0, 0, 0), today() | {TABLE: "0" * 64})
    return before, edition(tmp_path, "2026-08", outcome(1, 1, 1), today())


def test_each_planted_cause_is_found_and_nothing_else(planted: tuple[Edition, Edition]) -> None:
    found = why.cause(*planted)
    steps = {name: [(one.step, one.change) for one in shares] for name, shares in found.findings.items()}
    assert steps == {
        "parameters": [("parameters", 1.0)],
        "data": [("data", 1.0)],
        "method": [("method", 1.0)],
        "both": [("data", 5.0), ("parameters", 5.0)],  # 3 alone, and 2 with the data
        "all": [("method", 4.0), ("data", 2.0), ("parameters", 1.0)],
        "words": [("words", 0.0)],
    }
    assert [(one.step, one.before, one.now) for one in found.verdicts["x"]] == [("data", "Wrong", "Right")]
    assert found.order == ("parameters", "data", "method", "words")
    assert not found.notes


def test_cells_of_tables_and_values_of_figures_have_the_causes_of_what_they_show(
    planted: tuple[Edition, Edition],
) -> None:
    found = why.cause(*planted)
    numbers = {name: shares for name, shares in found.findings.items() if name != "words"}  # which is no cell's
    (cells,) = found.tables.values()
    told = {one.row: [(share.step, share.change) for share in one.shares] for one in cells}
    assert told == {name: [(one.step, one.change) for one in shares] for name, shares in numbers.items()}
    assert found.figures == {"figures/toy-trade": {"data": 2, "parameters": 1}}
    whole = difference(*planted).model_copy(update={"cause": found})
    assert Difference.model_validate_json(whole.to_json()) == whole
    assert "figures/toy-trade: 2/3  [data: 2, parameters: 1]" in to_text(whole)
    page = html.fromstring(page_of(whole, *planted, planted[0].folder.parent))
    (table,) = page.xpath("//section[@aria-labelledby='tables']//table")
    rows = {row[0].text_content(): row[-1].text_content() for row in table.xpath(".//tbody/tr")}
    assert rows["both"] == "data 40 → 45; parameters 45 → 50"
    assert rows.keys() == numbers.keys()
    (note,) = page.xpath("//section[@aria-labelledby='figures']//p[@class='note']")
    assert note.text_content().endswith("Moved by data: 2, parameters: 1.")


def test_where_the_chapters_fail_on_the_earlier_tables_data_and_method_are_not_parted(
    planted: tuple[Edition, Edition], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Found:
        raise ChapterFailed("02_cars.ipynb failed in cell 4", do="")

    monkeypatch.setattr(why, "rerun_with", fails)
    found = why.cause(*planted)
    assert [(one.step, one.change) for one in found.findings["all"]] == [("rest", 6.0), ("parameters", 1.0)]
    assert "02_cars.ipynb failed in cell 4" in found.notes[0]


def test_what_the_newer_edition_says_and_its_package_does_not_is_told(
    planted: tuple[Edition, Edition], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(why, "rerun", lambda given, **_: outcome(0, 1, 1))
    found = why.cause(*planted)
    assert found.findings["parameters"][-1].step == "rest"
    assert found.notes


def test_an_edition_of_other_tables_than_the_package_s_is_refused(planted: tuple[Edition, Edition]) -> None:
    before, now = planted
    with pytest.raises(InvalidParameter, match=f"was made from other tables than today's package: {TABLE} differs"):
        why.cause(now, before)


@pytest.fixture
def package(tmp_path: Path) -> tuple[Path, Callable[[str, Callable[[pd.DataFrame], pd.DataFrame]], None]]:
    """A data package of one's own, and what changes a table of it as a maintainer would."""
    folder = tmp_path / "package"
    shutil.copytree(HOME, folder)

    def change(name: str, how: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        described = json.loads((folder / "datapackage.json").read_text())
        one = next(r for r in described["resources"] if r["name"] == name)
        how(pd.read_csv(folder / one["path"], dtype=str, keep_default_na=False)).to_csv(
            folder / one["path"], index=False
        )
        one["hash"] = f"sha256:{digest((folder / one['path']).read_bytes())}"
        (folder / "datapackage.json").write_text(json.dumps(described))

    return folder, change


def of(folder: Path, tmp_path: Path) -> Edition:
    files = {r["name"]: r["hash"][7:] for r in json.loads((folder / "datapackage.json").read_text())["resources"]}
    return edition(tmp_path, "2026-07", outcome(0, 0, 0), files)


def test_earlier_tables_are_put_back_and_those_of_other_columns_are_not(package: Any, tmp_path: Path) -> None:
    folder, change = package
    change(TABLE, lambda frame: frame.iloc[:-3])
    change("partners", lambda frame: frame.assign(more="x"))
    held = hold(of(folder, tmp_path), tmp_path / "held", folder)
    assert held == Held((TABLE,), ("partners",))
    now, then = open_catalog(), open_catalog(tmp_path / "held")
    assert len(then.load(TABLE)) == len(now.load(TABLE)) - 3
    pd.testing.assert_frame_equal(then.load("partners"), now.load("partners"))


def test_a_package_that_is_not_the_edition_s_is_refused(package: Any, tmp_path: Path) -> None:
    folder, change = package
    change(TABLE, lambda frame: frame.iloc[:-3])
    before = of(folder, tmp_path)
    change(TABLE, lambda frame: frame.iloc[:-1])
    with pytest.raises(InvalidParameter, match=f"not the data package of the older edition: {TABLE} differs"):
        hold(before, tmp_path / "held", folder)
    with pytest.raises(InvalidParameter, match=r"not in the history of this checkout.*--old-data"):
        hold(before, tmp_path / "held-2")


@pytest.mark.slow
def test_chapters_run_on_other_tables_and_this_package_stays_as_it_is(package: Any, tmp_path: Path) -> None:
    folder, change = package
    change(TABLE, lambda frame: frame.iloc[:-3])
    hold(of(folder, tmp_path), tmp_path / "held", folder)
    notebooks = Notebooks(tmp_path / "notebooks")
    rows = f"""
from IPython.display import display
import korus_research as kr
count = len(kr.open_catalog().load({TABLE!r}))
spoken = dict(id="toy.rows", label="rows", value=count, unit="", decimals=0, low=None, high=None, interval=None,
              period="", basis="", datasets=[], reason=None, text=str(count))
content = dict(kind="prose", role="text", markdown="x", sentences=[], findings=[spoken])
display({{"text/html": "x", "application/vnd.korus.prose+json": content}}, raw=True)"""
    notebooks.add("01_toy", rows, tables=[TABLE])
    given = {"agreement": "korus", "as_of": "2016-12"}
    found = [rerun(given, notebooks=notebooks.folder), rerun_with(tmp_path / "held", given, notebooks=notebooks.folder)]
    counts = [one.findings["toy.rows"]["value"] for one in found]
    assert counts == [len(open_catalog().load(TABLE)), len(open_catalog().load(TABLE)) - 3]
    broken = Notebooks(tmp_path / "broken")
    broken.add("01_toy", "raise ValueError('planted')", tables=[TABLE])
    with pytest.raises(ChapterFailed, match="01_toy.ipynb failed in cell 3: ValueError: planted"):
        rerun_with(tmp_path / "held", given, notebooks=broken.folder)
