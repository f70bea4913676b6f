"""Whether an edition holds the data that the chapter needs, and where they end."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from korus_research.data.study import Study
from korus_research.errors import IncompletePanel, InvalidSpecification, MissingPartner
from korus_research.methods.series import FLOWS

TRADE = "goods_trade_monthly"
# The chapters on evidence and forecasts ask of the same study, which is not kept alive by this.
_KNOWN: WeakKeyDictionary[Study, tuple[str, str] | None] = WeakKeyDictionary()


def lacks(study: Study) -> tuple[str, str] | None:
    """Return what is lacking without unbroken trade over the years of the main specification."""
    if study not in _KNOWN:
        _KNOWN[study] = _lacks(study)
    return _KNOWN[study]


def _lacks(study: Study) -> tuple[str, str] | None:
    from korus_research.chapters.counterfactual.estimates.declared import declared
    from korus_research.chapters.counterfactual.estimates.specifications import calendar_of, main_specification
    from korus_research.methods.synthetic.panel import annual_panel

    panel = annual_panel(study.load(TRADE), study.load("partners"), {})
    try:
        calendar = calendar_of(panel, study.agreement)
        for flow in FLOWS:
            main_specification(flow, calendar, declared())
    except (IncompletePanel, InvalidSpecification, MissingPartner):
        return "counterfactual", "counterfactual"
    return None


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, tables and last period in this edition."""
    yield "main", (TRADE,), last_year(study)


def last_year(study: Study) -> str:
    """Return the last year of the main specification's window; none before a full year under the agreement."""
    from korus_research.chapters.counterfactual.estimates.declared import declared
    from korus_research.chapters.counterfactual.estimates.specifications import Calendar, main_specification

    agreement, first = study.agreement, int(str(study.load(TRADE)["month"].min())[:4])
    calendar = Calendar(agreement.dates.in_force.year, agreement.first_full_year, first, int(study.names["last_year"]))
    try:
        return str(main_specification("exports", calendar, declared()).post[1])
    except IncompletePanel:
        return ""
