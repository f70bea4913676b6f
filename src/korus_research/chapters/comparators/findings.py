"""Values of the findings about other partners; `findings.toml` describes each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from korus_research.chapters.comparators.measures import RECENT, REST, Comparators
from korus_research.methods.series import FLOWS, WORLD, Flow
from korus_research.show.declared import Value
from korus_research.show.shown import Words, number, period_name

WORDS = Words("comparators")


def values(comparators: Comparators) -> Iterator[Value]:
    """Yield growth beside others to the evaluation year and to the last one, then shares and ranks."""
    evaluation, decimals = comparators.evaluation_year, comparators.share_decimals
    last = comparators.last_year if comparators.last_year >= comparators.agreement.first_full_year else None
    places = {"baseline": comparators.baseline_year, "evaluation": evaluation}
    for flow in FLOWS:
        yield from _growth(comparators, flow)
        growth, again = comparators.growth(flow, last), f"{flow}.evaluation.gap_world" if last == evaluation else None
        gap = growth[comparators.partner] - growth[WORLD]
        yield Value(f"{flow}.latest.gap_world", gap, _period(comparators, last), repeats=again)
        for name, year in places.items():
            yield Value(f"share.{flow}.{name}", comparators.shares[flow].get(year), str(year), decimals=decimals)
    for name, year in places.items():
        yield Value(f"rank.two_way.{name}", comparators.ranks["two_way"].get(year), str(year))
    if comparators.recent is not None:
        period = WORDS.label("recent", month=period_name(comparators.recent_end))
        for flow in FLOWS:
            yield Value(f"share.{flow}.recent", comparators.recent["share"][flow], period, decimals=decimals)
        yield Value("rank.two_way.recent", comparators.recent["rank"]["two_way"], period)


def names(comparators: Comparators) -> Mapping[str, str | Sequence[str]]:
    """Return the names used in sentences about the comparison."""
    own, world = comparators.vintages
    differ, years, last = own != world, [str(year) for year in comparators.years], comparators.last_year
    ends = {name: int(series.dropna().index[-1]) for name, series in comparators.annual["exports"].items()}
    return {
        **comparators.names,
        "without": list(dict.fromkeys(comparators.name(code) for code in comparators.new_agreement)),
        "ends": [str(year) for year in comparators.ends],
        "periods": [*years, *([RECENT] if comparators.recent is not None else [])],
        **{f"head_{year}": year for year in years},
        f"head_{RECENT}": WORDS.label("recent_head", month=period_name(comparators.recent_end)),
        **{f"{flow}_above": _above(comparators, flow) for flow in FLOWS},
        **{f"{flow}_level": _level(comparators, flow) for flow in FLOWS},
        "later": "yes" if last > (comparators.evaluation_year or last) else "",
        "world_end": period_name(str(comparators.index["exports"][WORLD].dropna().index[-1])),
        "recent_end": period_name(comparators.recent_end) if comparators.recent is not None else "",
        "selected": comparators.selected_from,
        "rest_end": str(ends[REST]) if ends[REST] < last else "",
        "own_vintage": period_name(own) if differ else "",
        "world_vintage": period_name(world) if differ else "",
    }


def _growth(comparators: Comparators, flow: Flow) -> Iterator[Value]:
    """Yield the growth of one flow to the evaluation year: the partner's, and its distance to that of others."""
    growth, peers = comparators.growth(flow, comparators.evaluation_year), _peers(comparators, flow)
    own = growth[comparators.partner]
    found = {
        "partner": own,
        "world": growth[WORLD],
        "gap_world": own - growth[WORLD],
        "rest": growth[REST],
        "peers_above": (peers > own).sum() if pd.notna(own) else None,
    }
    if flow == "exports":  # the peers are the same for both flows
        found["peers"] = len(peers) if pd.notna(own) else None
    period = _period(comparators, comparators.evaluation_year)
    for what, value in found.items():
        yield Value(f"{flow}.evaluation.{what}", value, period)


def _peers(comparators: Comparators, flow: Flow) -> pd.Series[float]:
    """Return the growth of the peers to the evaluation year."""
    growth = comparators.growth(flow, comparators.evaluation_year)
    return growth[[p for p in comparators.peers if p != comparators.partner]].dropna()


def _above(comparators: Comparators, flow: Flow) -> str:
    """Return whether none, some or all peers grew more than the partner to the evaluation year."""
    own = comparators.growth(flow, comparators.evaluation_year)[comparators.partner]
    better = _peers(comparators, flow) > own
    return "" if pd.isna(own) or better.empty else "all" if better.all() else "some" if better.any() else "none"


def _level(comparators: Comparators, flow: Flow) -> str:
    """Return "yes" where the partner's share reads the same in the baseline and the evaluation year."""
    years = (comparators.baseline_year, comparators.evaluation_year)
    read = [number(comparators.shares[flow].get(year), comparators.share_decimals) for year in years]
    return "yes" if read[0] == read[1] != number(None) else ""


def _period(comparators: Comparators, end: int | None) -> str:
    baseline = comparators.baseline_year
    return f"{baseline} to {end}" if end else f"from {baseline}"
