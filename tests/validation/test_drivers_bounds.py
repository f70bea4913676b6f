"""Critical values of the bounds test, simulated here, beside published ones."""

from __future__ import annotations

import pytest

from korus_research.methods.demand.bounds import critical_values

SECTION = "Drivers: bounds test"
# Narayan (2005), Applied Economics 37, case III (constant, no trend): lower and upper bound by observations, regressors and
# level, as tabulated in the R package dynamac (github.com/andyphilips/dynamac, R/dynamac.R).
PUBLISHED = {
    (30, 2, 0.10): (3.437, 4.470),
    (30, 2, 0.05): (4.267, 5.473),
    (30, 2, 0.01): (6.183, 7.873),
    (35, 2, 0.10): (3.393, 4.410),
    (35, 2, 0.05): (4.183, 5.333),
    (40, 2, 0.10): (3.373, 4.377),
    (40, 2, 0.05): (4.133, 5.260),
    (40, 2, 0.01): (5.893, 7.337),
    (30, 3, 0.10): (3.008, 4.150),
    (30, 1, 0.10): (4.290, 5.080),
    (40, 3, 0.05): (3.548, 4.803),
}
# Both sides are simulated: standard errors of such quantiles with 40,000 replications are about 0.02 at ten, 0.03 at five
# and 0.08 at one percent, and the published tables interpolate nothing. Three of them, both sides together.
TOLERANCE = {0.10: 0.08, 0.05: 0.13, 0.01: 0.34}


@pytest.mark.parametrize(("observations", "regressors", "level"), PUBLISHED)
def test_simulated_bounds_are_the_published_ones(record, large, observations, regressors, level):
    replications = 200_000 if large else 40_000
    found = critical_values(observations, regressors, level, replications, 2005, short_run=False)
    for ours, theirs, name in zip(found, PUBLISHED[observations, regressors, level], ("lower", "upper"), strict=True):
        record.against(
            SECTION,
            f"{name} bound, {observations} observations, {regressors} regressors, {100 * level:.0f} percent",
            ours,
            theirs,
            tolerance=TOLERANCE[level],
            source="Narayan 2005, case III",
            form=".3f",
        )


def test_fewer_observations_need_more(record):
    """The sample is shorter than any published table: its values must continue them."""
    own, longer = (critical_values(n, 2, 0.10, 40_000, 2005, short_run=False)[1] for n in (22, 30))
    record.measured(
        SECTION,
        "upper bound, 22 observations, 2 regressors, 10 percent, above that of 30",
        f"{own:.3f}",
        bound=f"more than {longer:.3f}, less than 5",
        source="continuation of the published table",
        holds=longer < own < 5.0,
    )
