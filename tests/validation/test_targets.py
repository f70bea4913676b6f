"""Every collected published number has a test, and its tolerance is the one that was stated with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from targets import holder, largest_tolerance, printed_sum, targets, tolerance

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def collected(raw_folder) -> set[str]:
    """The names of all tests of this folder, as pytest collects them."""
    # Options of the project's own may change the form of the list.
    options = ["--collect-only", "-q", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command = [sys.executable, "-m", "pytest", *options, str(HERE)]
    listed = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, check=True).stdout
    return {line.split("validation/", 1)[1] for line in listed.splitlines() if "::" in line}


def test_every_row_is_held_by_a_test_of_its_own(collected):
    named = [holder(row) for row in targets()]
    assert len(named) == 57
    assert len(set(named)) == 57
    assert set(named) <= collected, sorted(set(named) - collected)


def test_tolerances_are_read_as_they_are_stated():
    assert tolerance({"tolerance": "5e-5 (coef), 1e-4 (se)"}, "coef") == 5e-5
    assert tolerance({"tolerance": "5e-5 (coef), 1e-4 (se)"}, "se") == 1e-4
    assert tolerance({"tolerance": "1e-6"}, "se") == 1e-6
    nafta = {"tolerance": "0.0011 (exports_full), 2e-4 (others); max over 69 countries 0.011 / 1e-4"}
    assert (tolerance(nafta, "exports_full"), tolerance(nafta, "price")) == (0.0011, 2e-4)
    assert (largest_tolerance(nafta, "exports_full"), largest_tolerance(nafta, "price")) == (0.011, 1e-4)
    several = {"tolerance": "1e-4 (SDID with package), 0.12 (SC: R stops early)"}
    assert (tolerance(several, "SDID"), tolerance(several, "SC"), tolerance(several, "DID")) == (1e-4, 0.12, 1e-4)
    assert tolerance({"tolerance": "1e-6 across diff-diff 3.13.0, csdid 0.4.3, differences 0.3.0"}) == 1e-6
    spec = "+ rta_lag4, rta_lag8, rta_lag12; sum of coefficients 0.9926 (0.0943); years 1986"
    assert printed_sum({"specification": spec}) == (0.9926, 0.0943)


def test_every_stated_tolerance_can_be_read():
    for row in targets():
        assert 0 < tolerance(row) <= 0.12, row["id"]
