"""The collected published numbers, `gravity_validation_targets.csv`: its rows, their tolerances, and the test of each."""

from __future__ import annotations

import csv
import os
import re
from functools import cache
from pathlib import Path

FOLDER = Path(os.environ.get("KORUS_VALIDATION_DATA", Path(__file__).parents[3] / "shared" / "data"))
TARGETS = FOLDER / "gravity_validation_targets.csv"
Row = dict[str, str]

# What a row's tolerance is called in its text: "5e-5 (coef), 1e-4 (se)".
_STATED = re.compile(r"(\d[\d.]*(?:e-\d+)?)(?: \((\w+))?")


@cache
def targets() -> tuple[Row, ...]:
    """The rows in their order; none where the collected figures are absent."""
    if not TARGETS.is_file():
        return ()
    with TARGETS.open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


def target(id_: str, parameter: str) -> Row:
    """The one row of an id and parameter."""
    (row,) = (row for row in targets() if (row["id"], row["parameter"]) == (id_, parameter))
    return row


def tolerance(row: Row, of: str = "") -> float:
    """The tolerance that the row states, for `of` where it states several, else its first (or that of the others)."""
    stated = _STATED.findall(row["tolerance"].split(";")[0])
    named = {name: float(value) for value, name in stated if name}
    return named.get(of) or named.get("others") or float(stated[0][0])


def largest_tolerance(row: Row, of: str) -> float:
    """The tolerance stated for the largest gap of all countries: `max over 69 countries 0.011 / 1e-4`."""
    full, others = re.search(r"max over \d+ countries (\S+) / (\S+)", row["tolerance"]).groups()  # type: ignore[union-attr]
    return float(full if of == "exports_full" else others)


def printed_sum(row: Row) -> tuple[float, float]:
    """The printed sum of coefficients and its error in the row's specification."""
    total, error = re.search(r"sum of (?:RTA )?coefficients ([\d.]+) \(([\d.]+)\)", row["specification"]).groups()  # type: ignore[union-attr]
    return float(total), float(error)


GUIDE = "test_equilibrium_guide.py::test_a_row_of_the_guides_table"
PUBLISHED = "test_gravity_published.py::test_published_estimate"
OWN: dict[tuple[str, str], str] = {
    ("gegravity_stata_partial", "eu_enlargement"): "test_gravity_published.py::test_our_solver_on_stata_partial",
    (
        "gegravity_stata_ge_add",
        "w_eu, all 44 countries",
    ): "test_equilibrium_wiod.py::test_additive_deficits_against_stata",
    (
        "gegravity_stata_ge_mult",
        "w_mult, all 44 countries",
    ): "test_equilibrium_wiod.py::test_multiplicative_deficits_against_stata",
    ("scm_basque", "weight Cataluna"): "test_counterfactual_published.py::test_basque_country[weight Cataluna]",
    ("scm_basque", "weight Madrid"): "test_counterfactual_published.py::test_basque_country[weight Madrid]",
    ("sdid_prop99", "SDID"): "test_counterfactual_published.py::test_proposition_99_sdid",
    ("sdid_prop99", "SC"): "test_counterfactual_published.py::test_proposition_99_synthetic_control",
    ("sdid_prop99", "DID"): "test_counterfactual_published.py::test_proposition_99_did",
    ("did_mpdta_cs", "ATT"): "test_counterfactual_published.py::test_county_employment_by_groups",
}


def holder(row: Row) -> str:
    """The test that holds a row, as pytest names it below this folder."""
    id_, parameter = row["id"], row["parameter"]
    if id_ == "agtpa_nafta_ge":
        country, what, _ = parameter.split()
        return f"{GUIDE}[{country}-{what}]"
    return OWN.get((id_, parameter), f"{PUBLISHED}[{id_} {parameter}]")
