"""Whether an edition holds the data that the chapter needs, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from korus_research.data.study import Study


def lacks(study: Study) -> tuple[str, str] | None:
    """Return what is missing where the panel does not hold the pair before and after entry into force."""
    pair, year = _pair(study), study.agreement.dates.in_force.year
    after = pair[(pair["year"] > year) & pair["in_force"]]
    held = after["exporter"].nunique() == 2 and bool((pair["year"] < year).any())
    return None if held else ("gravity", "panel")


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield the panel with its last year that holds the two parties' trade under the agreement."""
    pair = _pair(study)
    yield "panel", ("gravity_panel",), str(max(pair.loc[pair["in_force"], "year"], default=""))


def _pair(study: Study) -> pd.DataFrame:
    panel, parties = study.load("gravity_panel"), {study.agreement.reporter.iso3, study.agreement.partner.iso3}
    return panel[panel["exporter"].isin(parties) & panel["importer"].isin(parties)]
