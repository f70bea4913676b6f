"""Facts of the brief beside the chapters' numbers: changes by year, duties in force, the agreement's age."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from korus_research.chapters.context.findings import numbered
from korus_research.chapters.evidence.measures import of as evidence_of
from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.data.agreements import Agreement
from korus_research.data.agreements.parts import Commitment
from korus_research.data.period import month_end
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS
from korus_research.show.declared import Value
from korus_research.show.finding import Findings
from korus_research.show.words.text import Words

WORDS = Words("summary")
ESTIMATED = "counterfactual.exports.beyond_chance"  # there where the chapter on the counterfactual is
AGAIN = "flows.exports.latest.change_pct"  # which says whether the newest months are new
TRADE = "goods_trade_monthly"
FORECAST, SECTORS = "evidence.exports.forecast", "sectors.exports.latest.change"
BOUGHT = "drivers.accounting.evaluation.imports_total_growth"
AGES = ("none", "one", "more")  # whole years

Names = Mapping[str, str | Sequence[str]]


def rounded(findings: Findings) -> Iterator[Value]:
    """Yield the chapters' changes of trade, which the brief tells in whole percents."""
    pairs = {f"{flow}.{end}": f"flows.{flow}.{end}.change_pct" for flow in FLOWS for end in ("evaluation", "latest")}
    for name, key in {**pairs, "bought": BOUGHT}.items():
        if key in findings:
            yield Value(name, findings[key].value, findings[key].period, reason=findings[key].reason)


def names_told(study: Study, findings: Findings) -> Names:
    """Return the names used in sentences of the brief, those of the study apart (findings.toml says what they are)."""
    agreement, as_of = study.agreement, study.parameters.as_of
    forecast = FORECAST in findings and findings[FORECAST].known
    first = "first" if study.parameters.published and study.vintage(TRADE).published else ""
    return {
        "estimated": "effects" if ESTIMATED in findings else "",
        "open_effect": "effects" if _possible(findings, 0.0) else "",
        "forecast_possible": "forecast" if forecast and _possible(findings, findings[FORECAST].value) else "",
        "again": findings[AGAIN].period if AGAIN in findings and findings[AGAIN].repeats else "",
        "revised": "revised" if as_of < study.catalog.last_period(TRADE) and not first else "",
        "first_figures": first,
        "age": _age(agreement, as_of),
        "forecaster": evidence_of(study).forecaster if forecast else "",
        **(_sellers(study) if SECTORS in findings else {}),
        **_changes(agreement, as_of),
        **_standing(agreement, as_of),
    }


def _possible(findings: Findings, percent: float | None) -> bool:
    """Return whether there is an effect on exports, and its range does not leave out one of `percent`."""
    if ESTIMATED not in findings:
        return False
    low, high = (findings[f"counterfactual.exports.leading.{end}"].value for end in ("low", "high"))
    return low is None or high is None or (percent is not None and low < percent < high)


def _age(agreement: Agreement, as_of: str) -> str:
    day, start = month_end(as_of), agreement.dates.in_force
    years = day.year - start.year - ((day.month, day.day) < (start.month, start.day))
    return WORDS.label(f"age.{AGES[min(years, len(AGES) - 1)]}", years=str(years))


def _sellers(study: Study) -> Names:
    """Return the groups of goods that gained and lost most, to the newest year by sector."""
    told = sectors_of(study).findings().names
    return {name: told.get(f"{name}_latest_first", "") for name in ("gained_exports", "lost_exports", "gained_imports")}


def _changes(agreement: Agreement, as_of: str) -> Names:
    """Return the events that changed the agreement or the duties beside it, a paragraph a year."""
    told: dict[str, list[str]] = {}
    for event in agreement.events_until(as_of):
        if event.in_brief:
            told.setdefault(str(event.date.year), []).append(event.in_brief)
    return {"change_years": list(told)} | {f"change_{year}": " ".join(lines) for year, lines in told.items()}


def _standing(agreement: Agreement, as_of: str) -> Names:
    """Return the duties in force on the last day of `as_of`, outside the agreement and under it."""
    day = month_end(as_of)
    hit = [{"goods": one.goods, "duty": one.duty} for one in reversed(agreement.standing_on(day))]
    duties = agreement.commitments_on(day, kind="duty")
    ours = [one for one in duties if one.importer == agreement.reporter.iso3]
    theirs = [one for one in duties if one.importer == agreement.partner.iso3]
    ending = [one.end_announced for one in agreement.commitments_on(day, kind="allowance") if one.end_announced]
    return {
        **numbered("hit", hit),
        "free_theirs": [_goods(one) for one in theirs if not one.value],
        "free_ours": [_goods(one) for one in ours if not one.value],
        "dutiable_ours": [
            WORDS.label("dutiable", rate=f"{one.value:g}", goods=_goods(one)) for one in ours if one.value
        ],
        "limit_ends": f"{ending[0]:%B %Y}" if ending else "",
    }


def _goods(commitment: Commitment) -> str:
    """Return the goods of a commitment without their origin: "passenger cars"."""
    return commitment.product.partition(" from ")[0].partition(",")[0]
