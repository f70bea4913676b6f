"""The findings of the comparison with forecasts, with ids `forecasts.*`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from korus_research.chapters.flows.findings import CENSUS
from korus_research.chapters.forecasts.estimates import side
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.finding import Findings
from korus_research.show.making import Maker

if TYPE_CHECKING:
    from korus_research.chapters.forecasts.result import Forecasts

FORECAST = ("forecasts", "published_estimates", "goods_trade_monthly")
PUBLISHED = ("published_estimates", "goods_trade_monthly")
PRINTED = "range as the study prints it, no probability"
METHODS = "range over the methods of the studies, no probability"
AS_PRINTED = "as the studies print it; dollars over the Census total of the base year"
SIDES = {"below": -1.0, "includes": 0.0, "above": 1.0}
NO_INTERVAL = "the main estimate has no interval in this edition"


class _Maker(Maker):
    def __init__(self, forecasts: Forecasts) -> None:
        super().__init__("forecasts", AS_PRINTED, FORECAST, decimals={"percent": 0, "points": 0})
        self.forecasts = forecasts
        partner = forecasts.spec.names.get("partner", "the partner")
        adjective = forecasts.spec.names.get("reporter_adjective", "")
        self.noun = {
            "exports": f"{adjective} goods exports to {partner}".strip(),
            "imports": f"{adjective} goods imports from {partner}".strip(),
        }


def forecast_findings(forecasts: Forecasts) -> Findings:
    """Return every finding of the comparison."""
    maker = _Maker(forecasts)
    for flow in FLOWS:
        _expected(maker, flow)
        _against(maker, flow)
        _raw(maker, flow)
        _published(maker, flow)
    judged, until = forecasts.judged, f"published by {forecasts.spec.names.get('as_of', 'this edition')}"
    comparable = judged[judged["comparable"]]
    for key, label, count in (
        ("rows", "figures of published evaluations and like studies", len(judged)),
        ("comparable", "published figures that the declared rules let stand beside ours", len(comparable)),
        ("left_out", "published figures that the declared rules leave out", len(judged) - len(comparable)),
        ("marked", "figures that repeat a forecast as a finding", int(judged["marked"].sum())),
    ):
        maker.add(f"published.{key}", label, float(count), "count", until, datasets=("published_estimates",))
    names = {**forecasts.spec.names, "forecaster": forecasts.own.reference_short, "estimated": forecasts.post}
    for place, row in zip(("first", "second"), forecasts.reasons.to_dict("records"), strict=False):
        label = f"published figures left out for the reason that comes {place}"
        maker.add(
            f"published.why_{place}", label, float(row["rows"]), "count", until, datasets=("published_estimates",)
        )
        names[f"why_{place}"] = str(row["why"])
    _sectors(maker)
    return maker.findings(names)


def _expected(maker: _Maker, flow: Flow) -> None:
    rows = maker.forecasts.expected
    rows = rows[rows["flow"] == flow]
    noun, period = maker.noun[flow], "at full implementation"
    main = maker.forecasts.reference(flow)
    if main is not None:
        low, high = float(main["low"]), float(main["high"])
        label = f"what {maker.forecasts.own.reference_short} expected for {noun}"
        maker.add(f"{flow}.reference", label, (low + high) / 2, "percent", period, bounds=(low, high), interval=PRINTED)
        says = f"the year whose {noun} the dollars of {maker.forecasts.own.reference_short} are set against"
        base, printed = int(main["base_year"]), "it printed percentages"
        maker.add(f"{flow}.reference_base", says, float(base) or None, "year", str(base), reason=printed)
        low, high = float(main["usd_low"]), float(main["usd_high"])
        maker.add(
            f"{flow}.reference_usd",
            f"{label}, in dollars",
            (low + high) / 2,
            "usd_bn",
            period,
            bounds=(low, high),
            interval=PRINTED,
        )
    studies, low, high = rows["study"].nunique(), rows["low"].min(), rows["high"].max()
    maker.add(f"{flow}.studies", f"forecasts of {noun}", float(studies), "count", period)
    maker.add(f"{flow}.lowest", f"the lowest forecast of {noun}", low, "percent", period)
    maker.add(f"{flow}.highest", f"the highest forecast of {noun}", high, "percent", period)


def _against(maker: _Maker, flow: Flow) -> None:
    """Our main interval against the reference, and all intervals against all forecasts."""
    forecasts, noun = maker.forecasts, maker.noun[flow]
    main, theirs = _main(forecasts, flow), forecasts.reference(flow)
    both = tuple(dict.fromkeys((*FORECAST, "donor_status", "us_agreements")))
    where: float | None = None
    gap: float | None = None
    if main is not None and theirs is not None:
        low, high = float(theirs["low"]), float(theirs["high"])
        effect = float(main["effect"])
        gap = min(effect - low, 0.0) or max(effect - high, 0.0)
        if main["low"] == main["low"]:
            found = {side(main["low"], main["high"], end) for end in (low, high)}
            where = SIDES[found.pop()] if len(found) == 1 else 0.0
    period = f"{forecasts.post} against full implementation"
    label = f"where the interval of our main estimate for {noun} lies beside the forecast"
    maker.add(f"{flow}.side", label, where, "index", period, datasets=both, reason=NO_INTERVAL)
    for alone in forecasts.ours[(forecasts.ours["flow"] == flow) & (forecasts.ours["id"] == "gravity")].to_dict(
        "records"
    ):
        ends = () if theirs is None or alone["low"] != alone["low"] else (float(theirs["low"]), float(theirs["high"]))
        sides = {side(alone["low"], alone["high"], end) for end in ends}
        there = None if not sides else SIDES[sides.pop()] if len(sides) == 1 else 0.0
        label = f"where the interval of the gravity model for {noun} lies beside the forecast"
        maker.add(f"{flow}.gravity_side", label, there, "index", period, datasets=("gravity_panel", *FORECAST))
        bounds = None if alone["low"] != alone["low"] else (float(alone["low"]), float(alone["high"]))
        label = f"the effect on {noun} by the gravity model"
        maker.add(
            f"{flow}.gravity", label, float(alone["effect"]), "percent", alone["period"], bounds=bounds,
            interval=alone["kind"], datasets=("gravity_panel",),
        )  # fmt: skip
    for whole in forecasts.ours[(forecasts.ours["flow"] == flow) & (forecasts.ours["range"] == "spread")].to_dict(
        "records"
    ):
        inside = None if main is None else min(main["effect"] - whole["low"], whole["high"] - main["effect"])
        label = f"how far our main estimate for {noun} lies inside the middle nine tenths of all specifications"
        maker.add(f"{flow}.curve_room", label, inside, "points", forecasts.post, datasets=both, reason=NO_INTERVAL)
    label = f"how far our main estimate for {noun} lies from the forecast"
    maker.add(f"{flow}.gap", label, gap, "points", period, datasets=both, reason=NO_INTERVAL)
    held = forecasts.held[forecasts.held["flow"] == flow]
    datasets = (*both, "gravity_panel") if (held["estimate"] == "gravity").any() else both
    for name in ("below", "includes", "above"):
        says = {"below": "wholly below", "includes": "that include", "above": "wholly above"}[name]
        count = float((held["side"] == name).sum())
        maker.add(
            f"{flow}.{name}",
            f"comparisons with intervals {says} a forecast, {noun}",
            count,
            "count",
            period,
            datasets=datasets,
        )
    label = f"comparisons of our intervals with forecasts of {noun}"
    maker.add(f"{flow}.comparisons", label, float(len(held)), "count", period, datasets=datasets)


def _main(forecasts: Forecasts, flow: Flow) -> dict[Any, Any] | None:
    rows = forecasts.ours[(forecasts.ours["flow"] == flow) & (forecasts.ours["range"] == "interval")]
    return rows.iloc[0].to_dict() if len(rows) else None


def _raw(maker: _Maker, flow: Flow) -> None:
    rows = maker.forecasts.raw
    rows = rows[rows["flow"] == flow]
    baseline = str(maker.forecasts.spec.baseline_year)
    for start, end, change in zip(rows["start"], rows["end"], rows["change"], strict=True):
        key = f"{'baseline' if start == baseline else 'base'}_{'mean' if end.startswith('mean') else 'end'}"
        label = f"raw change of {maker.noun[flow]}"
        period = f"{start} to {end}".replace("to mean", "to the mean")
        maker.add(
            f"{flow}.raw_{key}", label, change, "percent", period, datasets=("goods_trade_monthly",), basis=CENSUS
        )


def _published(maker: _Maker, flow: Flow) -> None:
    """Comparable published figures; no finding where none was known by then (their count says so)."""
    rows = maker.forecasts.published
    rows = rows[rows["flow"] == flow]
    if rows.empty:
        return
    label = f"what published evaluations attribute to the agreement, {maker.noun[flow]}"
    low, high = float(rows["low"].min()), float(rows["high"].max())
    maker.add(
        f"{flow}.published",
        label,
        (low + high) / 2,
        "percent",
        "; ".join(rows["window"].unique()),
        datasets=PUBLISHED,
        bounds=(low, high),
        interval=METHODS,
    )
    main = _main(maker.forecasts, flow)
    inside: float | None = None
    if main is not None and main["low"] == main["low"]:
        inside = 1.0 if main["low"] <= low and high <= main["high"] else -1.0
    label = f"whether our main interval for {maker.noun[flow]} holds all of them"
    maker.add(
        f"{flow}.published_inside",
        label,
        inside,
        "index",
        maker.forecasts.post,
        datasets=PUBLISHED,
        reason=NO_INTERVAL,
    )


def _sectors(maker: _Maker) -> None:
    """Forecasts by sector and the raw changes beside them; of a sector of the Commission also that to all others."""
    for row in maker.forecasts.sectors.to_dict("records"):
        name = f"{row['flow'].removesuffix('s')}s of {str(row['label']).lower()}"
        key, period = f"sector.{row['key']}", f"{row['first_year']} to {row['year']}"
        if row["commission"]:
            noun = str(row["label"]).split()[0].lower()
            reason = "the Commission's reviews at hand do not hold it for two years by then"
            shared = {"datasets": ("sector_exports_domestic",), "basis": row["note"], "reason": reason}
            label = f"the raw change of domestic exports of {noun}"
            maker.add(f"{key}.change", label, row["change"], "percent", period, **shared)
            label = f"the raw change of domestic exports of {noun} to all others"
            maker.add(f"{key}.elsewhere", label, row["elsewhere"], "percent", period, **shared)
            continue
        ends = (row["low"], row["high"])
        maker.add(
            f"{key}.expected",
            f"the forecast for {name}",
            (ends[0] + ends[1]) / 2,
            "percent",
            "at full implementation",
            datasets=("forecasts",),
            bounds=ends,
            interval=PRINTED,
        )
        maker.add(
            f"{key}.change",
            f"the raw change of {name}",
            row["change"],
            "percent",
            period,
            datasets=(f"sector_{row['flow']}_annual",),
            basis=row["note"],
            reason="trade by sector is not held for two complete years by then",
        )
