"""Values of the chapter's findings; `findings.toml` describes each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from korus_research.chapters.forecasts.compared.flows import SIDES, side
from korus_research.chapters.forecasts.measures import Forecasts, raw_span
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.declared import Value

COMPARED = ("forecasts", "published_estimates", "goods_trade_monthly", "donor_status", "us_agreements")
TOWARDS = {"exports": "to", "imports": "from"}


def names(forecasts: Forecasts) -> Mapping[str, str]:
    """Return the names used in sentences about forecasts; `findings.toml` describes each."""
    reasons = forecasts.reasons["why"].tolist()
    return {
        **forecasts.names,
        "forecaster": forecasts.own.reference_short,
        "forecaster_named": forecasts.own.reference_said,
        "estimated": forecasts.post,
        "forecast_year": str(main["year"]) if (main := forecasts.reference("exports")) else "",
        "base_year": str(main["base_year"] or "") if main else "",
        "chosen": forecasts.own.chosen,
        "warned": forecasts.own.warned,
        **_said_by(forecasts),
        **_evaluated_by(forecasts),
        **{f"why_{place}": why for place, why in zip(("first", "second"), reasons, strict=False)},
    }


def _said_by(forecasts: Forecasts) -> dict[str, str]:
    """Return who concluded what, and when; empty where it had not been published by then."""
    found: dict[str, str] = {}
    for key, rule in forecasts.own.conclusion.items():
        years = forecasts.judged.loc[forecasts.judged["outcome"] == rule.outcome, "year"]
        found[f"{key}_by"], found[f"{key}_year"] = (rule.said, str(years.max())) if len(years) else ("", "")
    return found


def _evaluated_by(forecasts: Forecasts) -> dict[str, str]:
    """Return who evaluated the agreement, by key, and where effects were found; empty where not published by then."""
    known = set(forecasts.published["study"])
    found = {f"{key}_by": one.short if one.study in known else "" for key, one in forecasts.own.evaluation.items()}
    own, there = forecasts.own, found.get(f"{forecasts.own.effects_of}_by")
    return {**found, "effects_out": own.effects_out if there else "", "effects_in": own.effects_in if there else ""}


def values(forecasts: Forecasts) -> Iterator[Value]:
    """Yield the value of every finding of the chapter."""
    for flow in FLOWS:
        for part in (_expected, _counted, _raw, _published):
            yield from (v._replace(says={"towards": TOWARDS[flow], **v.says}) for v in part(forecasts, flow))
        side = _side(_main(forecasts, flow), forecasts.reference(flow))
        yield Value(f"{flow}.side", side, says={"towards": TOWARDS[flow]})
    judged = forecasts.judged
    comparable = int(judged["comparable"].sum())
    yield Value("published.rows", len(judged))
    yield Value("published.comparable", comparable)
    yield Value("published.left_out", len(judged) - comparable)
    yield Value("published.marked", judged["marked"].sum())
    for place, count in zip(("first", "second"), forecasts.reasons["rows"], strict=False):
        yield Value(f"published.why_{place}", count)
    yield from _concluded(forecasts)
    yield from _sectors(forecasts)


def _middle(id_: str, low: float, high: float, period: str | None = None, **about: Any) -> Value:
    """Return a range as a finding: its middle, with both ends."""
    return Value(id_, (low + high) / 2, period, (low, high), **about)


def _concluded(forecasts: Forecasts) -> Iterator[Value]:
    """Yield the reference study's forecast of output, and what others concluded beside the flows."""
    if forecasts.output is not None:
        yield _middle("output", *forecasts.output)
    judged = forecasts.judged
    for key, rule in forecasts.own.conclusion.items():
        figures = judged.loc[judged["outcome"] == rule.outcome].dropna(subset="estimate")
        if len(figures):
            ends = float(figures["estimate"].min()), float(figures["estimate"].max())
            years = sorted(figures["window"].unique())
            yield Value(f"found.{key}", sum(ends) / 2, " and ".join(years), ends if len(years) > 1 else (None, None))


def _expected(forecasts: Forecasts, flow: Flow) -> Iterator[Value]:
    main = forecasts.reference(flow)
    if main is not None:
        yield _middle(f"{flow}.reference", main["low"], main["high"])
        yield _middle(f"{flow}.reference_usd", main["usd_low"], main["usd_high"])
    judged = forecasts.judged
    narrow = judged.loc[judged["outcome"].isin(forecasts.own.narrower.get(flow, ())), "estimate"]
    yield Value(f"{flow}.narrower", narrow.iloc[0] if len(narrow) else None)
    rows = forecasts.expected[forecasts.expected["flow"] == flow]
    if flow == "exports":
        yield Value(f"{flow}.studies", rows["study"].nunique())
    yield Value(f"{flow}.lowest", rows["low"].min())
    yield Value(f"{flow}.highest", rows["high"].max())


def _counted(forecasts: Forecasts, flow: Flow) -> Iterator[Value]:
    """Yield counts of all our intervals against all forecasts."""
    held = forecasts.held[forecasts.held["flow"] == flow]
    tables = (*COMPARED, "gravity_panel") if (held["estimate"] == "gravity").any() else COMPARED
    for name in SIDES:
        yield Value(f"{flow}.{name}", (held["side"] == name).sum(), tables=tables)
    yield Value(f"{flow}.comparisons", len(held), tables=tables)


def _main(forecasts: Forecasts, flow: Flow) -> dict[Any, Any] | None:
    rows = forecasts.ours[(forecasts.ours["flow"] == flow) & (forecasts.ours["range"] == "interval")]
    return rows.iloc[0].to_dict() if len(rows) else None


def _side(ours: Mapping[Any, Any] | None, theirs: Mapping[Any, Any] | None) -> str | None:
    """Return where an interval of ours lies beside both ends of a forecast; None without either."""
    if ours is None or theirs is None or ours["low"] != ours["low"]:
        return None
    found = {side(ours["low"], ours["high"], float(theirs[end])) for end in ("low", "high")}
    return found.pop() if len(found) == 1 else "includes"


def _raw(forecasts: Forecasts, flow: Flow) -> Iterator[Value]:
    for row in forecasts.raw[forecasts.raw["flow"] == flow].to_dict("records"):
        since = "baseline" if row["start"] == forecasts.baseline_year else "base"
        until = "end" if row["first"] == row["last"] else "mean"
        period = raw_span(row["start"], row["first"], row["last"])
        if (since, until) != ("base", "end"):
            yield Value(f"{flow}.raw_{since}_{until}", row["change"], period.replace("to mean", "to the mean"))


def _published(forecasts: Forecasts, flow: Flow) -> Iterator[Value]:
    """Yield the effects that each evaluation known by then attributes to the agreement."""
    rows = forecasts.published[forecasts.published["flow"] == flow]
    for key, one in forecasts.own.evaluation.items():
        for row in rows[rows["study"] == one.study].to_dict("records"):
            says = {"evaluator": one.said}
            yield _middle(f"{flow}.published.{key}", row["low"], row["high"], row["window"], says=says)


def _sectors(forecasts: Forecasts) -> Iterator[Value]:
    """Yield forecasts by sector, and raw changes beside them (of the Commission's sectors also to all others)."""
    for row in forecasts.sectors.to_dict("records"):
        key, period, sector = f"sector.{row['key']}", f"{row['first_year']} to {row['year']}", str(row["label"]).lower()
        if row["commission"]:
            about: dict[str, Any] = {"basis": row["note"], "says": {"sector": sector.split()[0]}}
            yield Value(f"{key}.change", row["change"], period, **about)
            yield Value(f"{key}.elsewhere", row["elsewhere"], period, **about)
            continue
        about = {"says": {"flow": row["flow"], "sector": sector}}
        yield _middle(f"{key}.expected", row["low"], row["high"], **about)
        tables = (f"sector_{row['flow']}_annual",)
        yield Value(f"{key}.change", row["change"], period, basis=row["note"], tables=tables, **about)
