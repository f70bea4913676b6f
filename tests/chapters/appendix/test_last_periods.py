"""Where each chapter's figures end: against the chapters as committed, and against the files read by another road."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import korus_research as kr
from korus_research import data
from korus_research.chapters.notebooks import titles

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"
FOLDER = Path(data.__file__).parent / "tables"


def rows(study):
    return kr.appendix.last_periods(study).rows


def test_every_row_is_of_a_chapter_and_of_tables_that_it_declares(study):
    metadata = [json.loads(p.read_text("utf-8"))["metadata"]["korus"] for p in sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))]
    declared = {titles()[m["chapter"]]: m["tables"] for m in metadata}
    for row in rows(study):
        assert set(str(row["tables"]).split(", ")) <= set(declared[str(row["chapter"])]), row
    # Claims are each judged on the months before it was made; the summary and the methods repeat the others.
    assert set(declared) - {str(row["chapter"]) for row in rows(study)} == {
        titles()[name] for name in ("summary", "claims", "methods")
    }


def test_periods_are_those_of_the_files(study):
    last = {str(row["what"]): row["last"] for row in rows(study)}
    with (FOLDER / "exports_energy_monthly.csv").open(encoding="utf-8") as file:
        assert max(r["month"] for r in csv.DictReader(file) if r["partner"] == "5800") == "2026-05"
    assert last["Exports of energy by month"] == "May 2026"
    with (FOLDER / "vehicle_points.csv").open(encoding="utf-8") as file:
        assert max(r["period_end"] for r in csv.DictReader(file) if r["counts"] != "to_us") == "2025-07"
    assert last["Makers' figures"] == "July 2025"
    assert last["Years of the main estimate"] == str(study.counterfactual().main["exports"].spec.post[1])


@pytest.mark.parametrize(("agreement", "lacks"), [("chile", {"Cars"}), ("bahrain", {"Cars", "Drivers", "Scenarios"})])
def test_a_chapter_without_figures_has_no_row(agreement, lacks):
    found = {row["chapter"] for row in rows(kr.open_study(agreement))}
    assert {titles()["flows"], titles()["comparators"]} <= found
    assert not lacks & found


def test_no_period_is_later_than_the_edition(column_study):
    for row in rows(column_study):
        assert int(str(row["last"]).split("-")[0].split()[-1]) <= 2017
