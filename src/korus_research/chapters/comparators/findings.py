"""What the comparison's findings amount to; what each is stands in `findings.toml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from korus_research.chapters.comparators.measures import RECENT, Comparators
from korus_research.methods.series import FLOWS, WORLD, Flow
from korus_research.show.declared import Value
from korus_research.show.shown import period_name
from korus_research.show.words.text import Words

WORDS = Words("comparators")


def values(comparators: Comparators) -> Iterator[Value]:
    """Yield growth beside others to the evaluation year and to the last one, then shares and ranks."""
    evaluation = comparators.evaluation_year
    last = comparators.last_year if comparators.last_year >= comparators.agreement.first_full_year else None
    for flow in FLOWS:
        yield from _growth(comparators, flow)
        growth, again = comparators.growth(flow, last), f"{flow}.evaluation.gap_world" if last == evaluation else None
        gap = growth[comparators.partner] - growth[WORLD]
        yield Value(f"{flow}.latest.gap_world", gap, _period(comparators, last), says=_way(flow), repeats=again)
        for name, year in {"baseline": comparators.baseline_year, "evaluation": evaluation}.items():
            share = _cell(comparators.shares, year, flow)
            yield Value(f"share.{flow}.{name}", share, str(year), decimals=comparators.share_decimals)
    for name, year in {"baseline": comparators.baseline_year, "evaluation": evaluation}.items():
        yield Value(f"rank.two_way.{name}", _cell(comparators.ranks, year, "two_way"), str(year))
    recent = comparators.recent
    if recent is not None:
        period = WORDS.label("recent", month=period_name(comparators.recent_end))
        for flow in FLOWS:
            share = float(recent["share"][flow])
            yield Value(f"share.{flow}.recent", share, period, decimals=comparators.share_decimals)
        yield Value("rank.two_way.recent", _known(recent["rank"]["two_way"]), period)


def names(comparators: Comparators) -> Mapping[str, str | Sequence[str]]:
    """Return the names that sentences about the comparison use."""
    own, world = comparators.vintages
    differ, years = own != world, tuple(str(year) for year in comparators.years)
    return {
        **comparators.names,
        "without": tuple(dict.fromkeys(comparators.name(code) for code in comparators.new_agreement)),
        "ends": tuple(str(year) for year in comparators.ends),
        "periods": (*years, *([RECENT] if comparators.recent is not None else [])),
        **{f"head_{year}": year for year in years},
        f"head_{RECENT}": WORDS.label("recent_head", month=period_name(comparators.recent_end)),
        **{f"{flow}_above": _above(comparators, flow) for flow in FLOWS},
        **{f"{flow}_level": _level(comparators, flow) for flow in FLOWS},
        "later": "yes" if comparators.last_year > (comparators.evaluation_year or comparators.last_year) else "",
        "world_end": period_name(str(comparators.index["exports"][WORLD].dropna().index[-1])),
        "recent_end": period_name(comparators.recent_end) if comparators.recent is not None else "",
        "selected": comparators.selected_from,
        "rest_end": _rest_end(comparators),
        "own_vintage": period_name(own) if differ else "",
        "world_vintage": period_name(world) if differ else "",
    }


def _growth(comparators: Comparators, flow: Flow) -> Iterator[Value]:
    """Yield the growth of one flow to the evaluation year: the partner's, and its distance to that of others."""
    growth, partner = comparators.growth(flow, comparators.evaluation_year), comparators.partner
    own, peers = float(growth[partner]), _peers(comparators, growth)
    known = own == own
    found = {
        "partner": own,
        "world": growth[WORLD],
        "gap_world": own - growth[WORLD],
        "rest": growth["rest"],
        "peers_above": float((peers > own).sum()) if known else None,
    }
    if flow == "exports":  # the peers are the same for both flows
        found["peers"] = float(len(peers)) if known else None
    period = _period(comparators, comparators.evaluation_year)
    for what, value in found.items():
        yield Value(f"{flow}.evaluation.{what}", value, period, says=_way(flow))


def _peers(comparators: Comparators, growth: pd.Series[float]) -> pd.Series[float]:
    return growth[[p for p in comparators.peers if p != comparators.partner]].dropna()


def _above(comparators: Comparators, flow: Flow) -> str:
    """Return how many peers did better than the partner to the evaluation year: none, some or all."""
    growth = comparators.growth(flow, comparators.evaluation_year)
    better = _peers(comparators, growth) > growth[comparators.partner]
    known = pd.notna(growth[comparators.partner]) and len(better)
    return "" if not known else "all" if better.all() else "some" if better.any() else "none"


def _level(comparators: Comparators, flow: Flow) -> str:
    """Return "yes" where the partner's share reads the same in the baseline and the evaluation year."""
    years = (comparators.baseline_year, comparators.evaluation_year)
    first, then = (_cell(comparators.shares, year, flow) for year in years)
    digits = comparators.share_decimals
    return "yes" if first is not None and then is not None and f"{first:.{digits}f}" == f"{then:.{digits}f}" else ""


def _period(comparators: Comparators, end: int | None) -> str:
    baseline = comparators.baseline_year
    return f"{baseline} to {end}" if end else f"from {baseline}"


def _way(flow: Flow) -> Mapping[str, str]:
    return {"way": WORDS.label(f"way.{flow}")}


def _cell(table: pd.DataFrame, year: int | None, column: str) -> float | None:
    return _known(table[column].loc[year]) if year is not None and year in table.index else None


def _known(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _rest_end(comparators: Comparators) -> str:
    """Return the last year of the partners without a new agreement, where the world goes on."""
    exports = comparators.annual["exports"]
    last = int(exports["rest"].dropna().index[-1])
    return str(last) if last < comparators.last_year else ""
