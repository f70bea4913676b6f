"""Tables of the comparison with forecasts: all in a row, how they differ, sides, published figures, sectors."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.chapters.forecasts.findings import COMPARED
from korus_research.chapters.forecasts.measures import of as forecasts_of, raw_span
from korus_research.data.study import Study
from korus_research.show.shown import DASH, Cell, Rows, Words, number, number_range, table

WORDS = Words("forecasts")
TONES = {"below": "low", "above": "high"}


@table("compared", tables=COMPARED)
def compared_table(study: Study) -> Rows:
    """Return forecasts, evaluations, our leading estimate and, apart, the raw change: a row each, a column a flow."""
    result = forecasts_of(study)
    expected, published, raw = result.expected, result.published, result.raw
    others = expected[expected["study"] != result.own.reference]
    rows: list[dict[str, Any]] = []

    def add(what: str, frames: pd.DataFrame, low: str, high: str) -> None:
        ends = {str(flow): (found[low].min(), found[high].max()) for flow, found in frames.groupby("flow")}
        rows.append({"what": what, **{flow: number_range(*two, 0, signed=True) for flow, two in ends.items()}})

    add(result.own.reference_said, expected.drop(others.index), "low", "high")
    if len(others):
        add(WORDS.label("others", count=str(others["study"].nunique())), others, "low", "high")
    for name, found in published.groupby("study", sort=False):
        add(result.said(str(name), int(found["year"].iloc[0])), found, "low", "high")
    leading = result.ours[result.ours["range"] == "interval"].groupby("flow").head(1)
    rows.append({"what": WORDS.label("our_estimate", years=result.post), **_with_range(leading)})
    seen = raw[(raw["start"] == result.baseline_year)].groupby("flow").tail(1)
    span = raw_span(*(int(seen[key].iloc[0]) for key in ("start", "first", "last")))
    add(WORDS.label("seen", years=span), seen, "change", "change")
    rows = [{"exports": "", "imports": "", **row} for row in rows]
    return Rows(of=result, data=result.to_frame(), last=str(result.post_years[1]), rows=rows)


def _with_range(leading: pd.DataFrame) -> dict[str, str]:
    """Return our estimate of each flow with its range, "+9 (-18 to +44)"; without where it has none."""
    found = {}
    for row in leading.to_dict("records"):
        found[row["flow"]] = number(row["effect"], 0, signed=True)
        if row["low"] == row["low"]:
            found[row["flow"]] += f" ({number_range(row['low'], row['high'], 0, signed=True)})"
    return found


@table("likeness", tables=("forecasts",))
def likeness_table(study: Study) -> Rows:
    """Return how the forecast and our estimate differ, aspect by aspect."""
    result = forecasts_of(study)
    words = {"years": result.post, **study.names}
    rows = [{key: text.format(**words) for key, text in like.model_dump().items()} for like in result.own.likeness]
    return Rows(of=result, last=study.last_period("forecasts"), rows=rows)


@table("held")
def held_table(study: Study) -> Rows:
    """Return our intervals held against the forecasts: a row a flow and forecast, a column an estimate."""
    result = forecasts_of(study)
    held, words, short = result.held, WORDS.labels("sides"), WORDS.labels("short")
    labels = {key: short[key] for key in held["estimate"].unique()}
    rows: list[dict[str, Cell]] = []
    # In the order of the flows, as `expected` is.
    for theirs in result.expected.to_dict("records"):
        mine = held[(held["flow"] == theirs["flow"]) & (held["study"] == theirs["study"])]
        row: dict[str, Cell] = {"forecast": number_range(theirs["low"], theirs["high"], 0, signed=True)}
        row["study"] = f"{WORDS.labels('flows')[theirs['flow']]}: {result.said(theirs['study'], theirs['year'])}"
        for key in labels:
            sides = set(mine.loc[mine["estimate"] == key, "side"])
            side = sides.pop() if len(sides) == 1 else "reaches_in" if sides else ""
            row[key] = {"text": words[side], "tone": TONES[side]} if side in TONES else words.get(side, "")
        rows.append(row)
    tables = (*COMPARED, "gravity_panel") if "gravity" in labels else COMPARED
    given: dict[str, str | list[str]] = {f"estimate_{key}": label for key, label in labels.items()}
    given["estimates"] = list(labels)
    given["reaches_in"] = words["reaches_in"] if any(words["reaches_in"] in row.values() for row in rows) else ""
    return Rows(of=result, data=held, last=str(result.post_years[1]), tables=tables, given=given, rows=rows)


@table("published", tables=("published_estimates", "goods_trade_monthly"))
def published_table(study: Study) -> Rows:
    """Return the comparable published figures, and counts of those left out by reason."""
    result = forecasts_of(study)
    judged = result.judged
    comparable = judged[judged["comparable"]].groupby(["study", "flow"]).size()
    beside, apart = WORDS.label("beside_ours"), WORDS.label("left_out")
    rows: list[dict[str, Any]] = []
    for r in result.published.to_dict("records"):
        window = str(r["window"]).replace(" vs ", " against ")
        what = f"{result.said(r['study'], r['year'])}: {r['flow']}, {window}"
        percent = number_range(r["low"], r["high"], 0, signed=True)
        rows.append({"what": what, "rows": comparable[r["study"], r["flow"]], "percent": percent, "verdict": beside})
    for r in result.reasons.to_dict("records"):
        rows.append({"what": r["why"], "rows": r["rows"], "percent": "", "verdict": apart})
    sites = judged.loc[judged["marked"], "source_address"].str.extract(r"https?://(?:www\.)?([^/]+)")[0]
    given, last = {"sites": sorted(set(sites.dropna()))}, study.last_period("published_estimates")
    return Rows(of=result, data=judged, last=last, given=given, rows=rows)


@table("sectors")
def sector_forecasts(study: Study) -> Rows | None:
    """Return forecasts by sector beside trade by sector; None where no two years of it are held by then.

    The years are those of the tables by code; a row with others has them in brackets.
    """
    result = forecasts_of(study)
    shown = result.sectors[result.sectors["change"].notna()]
    if shown.empty:
        return None
    by_code, flows = shown[~shown["commission"]], WORDS.labels("flows")
    years = {key: int((by_code if len(by_code) else shown)[key].iloc[0]) for key in ("first_year", "year", "late_year")}
    first, then, late = years.values()

    def in_year(row: dict[Any, Any], key: str, text: str) -> str:
        own = int(row[key])
        return text if own == years[key] or text == DASH else f"{text} ({own})"

    rows = [
        {
            "sector": f"{flows[r['flow']]}: {r['label']} ({r['said_in']})",
            "expected": number_range(r["low"], r["high"], 0, signed=True),
            "usd": number_range(r["usd_low"], r["usd_high"], 2, signed=True),
            "first": in_year(r, "first_year", number(r["first"], 2)),
            "then": in_year(r, "year", number(r["outcome"], 2)),
            "change": r["change"],
            "late": in_year(r, "late_year", number(r["late_change"], 0, signed=True)),
        }
        for r in shown.to_dict("records")
    ]
    tables = ["forecasts", *(f"sector_{flow}_annual" for flow in dict.fromkeys(by_code["flow"]))]
    tables += ["sector_exports_domestic"] if shown["commission"].any() else []
    given = {"first": str(first), "then": str(then), "late": [str(late)] if late != then else []}
    given["left_out"] = [f"'{sector}' ({why})" for sector, why in result.left_out.items()]
    return Rows(
        of=result,
        data=result.sectors,
        last=str(late),
        tables=tuple(tables),
        given=given,
        rows=rows,
        notes=tuple(f"{flows[r['flow']]}, {str(r['label']).lower()}: {r['note']}." for r in shown.to_dict("records")),
        findings=tuple(f for key, f in result.findings().items() if key.startswith("forecasts.sector.")),
    )
