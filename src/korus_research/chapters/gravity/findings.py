"""The findings of the gravity estimates, with ids `gravity.*`."""

from __future__ import annotations

from statistics import NormalDist

from korus_research.chapters.gravity.compared import add_compared
from korus_research.chapters.gravity.coverage import add_coverage
from korus_research.chapters.gravity.result import Gravity, percent
from korus_research.chapters.gravity.terms import WHOLE, GravityMaker, span
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.finding import Findings

NO_WINDOW = "the panel has no other years for it"
NO_BEFORE = "the panel has one year only before entry into force"
WINDOWS = ("from_1992", "from_2000", "without_entry")


def gravity_findings(gravity: Gravity) -> Findings:
    """Return every finding of the gravity estimates."""
    maker = GravityMaker(gravity)
    main = gravity.main
    period = span(main.years)
    for flow in FLOWS:
        _main(maker, flow, period)
        _windows(maker, flow)
        _path(maker, flow)
    z = NormalDist().inv_cdf(0.5 + gravity.spec.level / 2)
    low, high = main.average - z * main.average_error, main.average + z * main.average_error
    label = "trade under the average agreement of the panel, against none"
    clustered = f"{gravity.spec.level:.0%} interval, clustered by pair"
    bounds = (percent(low), percent(high))
    add = maker.add
    add(
        "average.effect",
        label,
        percent(main.average),
        "percent",
        period,
        bounds=bounds,
        interval=clustered,
        decimals=WHOLE,
    )
    reach = percent(main.test.reach(gravity.spec.level))
    add("reach", "rise at the edge of the middle of the placebo estimates", reach, "percent", period, decimals=WHOLE)
    add_compared(maker, period)
    add_coverage(maker)
    add("floor", "least p-value that so many placebos allow", main.test.floor, "probability", period, decimals=3)
    add("level", "level of the intervals", 100 * gravity.spec.level, "percent", period, decimals=0)
    add("countries", "countries of the gravity panel", float(gravity.countries), "count", period)
    add("observations", "observations of the main fit", float(main.observations), "count", period)
    inside = [main.test.reach(gravity.spec.level) > abs(main.effects[flow]) for flow in FLOWS]
    both = "whether both flows, one or neither lie within the middle of the placebo estimates"
    add("both_inside", both, float(sum(inside) - 1), "index", period)
    usual = [p >= 1 - gravity.spec.level for p in gravity.pretrend.values()]
    reason = None if usual else NO_BEFORE
    add(
        "drift_both",
        "whether both flows, neither or one moved before the agreement as comparable ones do",
        float(sum(usual) - 1) if usual else None,
        "index",
        f"{main.years[0]} to {gravity.reference_year}",
        reason=reason,
    )
    _together(maker, period)
    short = gravity.estimates.get("from_2000")
    start = None if short is None else float(short.years[0])
    reason = NO_WINDOW if start is None else None
    add("short_start", "first year of the shorter window", start, "year", period, reason=reason)
    add("reference", "last year of the panel before entry into force", float(gravity.reference_year), "year", period)
    add("first_year", "first year of the panel", float(main.years[0]), "year", period)
    add("last_year", "last year of the panel", float(main.years[-1]), "year", period)
    return maker.findings(gravity.spec.names)


def _main(maker: GravityMaker, flow: Flow, period: str) -> None:
    main, add, noun = maker.gravity.main, maker.add, maker.noun[flow]
    b, error = main.effects[flow], main.errors[flow]
    reach = main.test.reach(maker.level)
    bounds = (percent(b - reach), percent(b + reach))
    label = f"{noun} under the agreement in the gravity model"
    add(
        f"{flow}.effect",
        label,
        percent(b),
        "percent",
        period,
        decimals=WHOLE,
        bounds=bounds,
        interval=maker.randomised(main.test),
    )
    logs = (b - reach, b + reach)
    add(
        f"{flow}.log",
        f"{label}, in logs",
        b,
        "index",
        period,
        decimals=3,
        bounds=logs,
        interval=maker.randomised(main.test),
    )
    add(f"{flow}.error", f"clustered standard error of {label}, in logs", error, "index", period, decimals=3)
    add(f"{flow}.p", f"p-value by randomisation of {label}", main.test.p_value(b), "probability", period, decimals=2)
    beyond = float(main.test.beyond(b))
    add(f"{flow}.beyond", f"placebo flows at least as far from zero as {noun}", beyond, "count", period)
    inside = f"distance of {label} from the edge of the middle of the placebo estimates, in logs"
    add(f"{flow}.inside", inside, reach - abs(b), "index", period, decimals=4)
    z = NormalDist().inv_cdf(0.5 + maker.level / 2)
    bounds = (percent(b - z * error), percent(b + z * error))
    kind = f"{maker.level:.0%} interval, clustered by pair"
    add(
        f"{flow}.clustered",
        f"{label}, with the usual errors",
        percent(b),
        "percent",
        period,
        decimals=WHOLE,
        bounds=bounds,
        interval=kind,
    )
    far = f"distance of {label} beyond the edge of the clustered interval around zero, in logs"
    add(f"{flow}.clustered_beyond", far, abs(b) - z * error, "index", period, decimals=4)


def _windows(maker: GravityMaker, flow: Flow) -> None:
    for key in WINDOWS:
        estimates = maker.gravity.estimates.get(key)
        label = f"{maker.noun[flow]} under the agreement in the gravity model on other years"
        if estimates is None:
            maker.add(f"{flow}.{key}", label, None, "percent", "", reason=NO_WINDOW)
            continue
        b, reach = estimates.effects[flow], estimates.test.reach(maker.level)
        bounds = (percent(b - reach), percent(b + reach))
        period, kind = span(estimates.years), maker.randomised(estimates.test)
        maker.add(f"{flow}.{key}", label, percent(b), "percent", period, decimals=WHOLE, bounds=bounds, interval=kind)


def _path(maker: GravityMaker, flow: Flow) -> None:
    gravity, noun = maker.gravity, maker.noun[flow]
    reference = gravity.reference_year
    path = gravity.path[gravity.path["flow"] == flow]
    effects = dict(zip(path["year"].tolist(), path["effect"].tolist(), strict=True))
    reaches = dict(zip(path["year"].tolist(), path["reach"].tolist(), strict=True))
    years = sorted(effects)
    after = [year for year in years if year >= gravity.spec.entry_year]
    kind = maker.randomised(gravity.main.test)
    for key, year in (("entry", after[0]), ("last", after[-1]), ("earliest", years[0])):
        b, reach = effects[year], reaches[year]
        label = f"{noun} in {year} relative to {reference} in the gravity model"
        bounds = (percent(b - reach), percent(b + reach))
        again = f"gravity.{flow}.entry" if key == "last" and year == after[0] else None
        maker.add(
            f"{flow}.{key}",
            label,
            percent(b),
            "percent",
            str(year),
            decimals=WHOLE,
            bounds=bounds,
            interval=kind,
            repeats=again,
        )
        label = f"distance of {label} from the edge of the middle of the placebo estimates, in logs"
        maker.add(f"{flow}.{key}_inside", label, reach - abs(b), "index", str(year), decimals=4, repeats=again)
    p = gravity.pretrend.get(flow)
    period = f"{years[0]} to {reference}"
    reason = None if p is not None else NO_BEFORE
    label = f"p-value of the movement of {noun} before {reference}"
    maker.add(f"{flow}.drift", label, p, "probability", period, decimals=2, reason=reason)
    usual = None if p is None else p - (1 - maker.level)
    maker.add(
        f"{flow}.drift_usual", f"{label} less that of the intervals", usual, "index", period, decimals=3, reason=reason
    )


def _together(maker: GravityMaker, period: str) -> None:
    """Both flows at once: how they moved before the agreement, what the standard decides, which intervals hold zero."""
    gravity, level = maker.gravity, maker.level
    path, reference = gravity.path, gravity.reference_year
    first, last = gravity.main.years[0], gravity.main.years[-1]
    cells = zip(
        path["year"].tolist(), path["flow"].tolist(), path["effect"].tolist(), path["reach"].tolist(), strict=True
    )
    at: dict[tuple[int, str], tuple[float, float]] = {
        (year, flow): (effect, reach) for year, flow, effect, reach in cells
    }
    before = None if first == reference else [_printed(at[first, flow][0]) for flow in FLOWS]
    moved = None if before is None else float(before[0]) if before[0] == before[1] else 0.0
    maker.add(
        "earliest_both",
        f"whether both flows stood above or below {reference} in {first} in the gravity model",
        moved,
        "index",
        str(first),
        reason=NO_BEFORE,
    )
    inside = sum(at[last, flow][1] > abs(at[last, flow][0]) for flow in FLOWS)
    label = f"whether both flows, neither or one lie within what comparable ones show in {last}"
    maker.add("last_both", label, float(inside - 1), "index", str(last))
    turned = sum(_printed(gravity.main.effects[flow]) * _printed(at[last, flow][0]) < 0 for flow in FLOWS)
    label = f"how many flows have another sign against {reference} than against all earlier years"
    maker.add("sign_turns", label, float(turned - 1), "index", period)
    holds = [e.test.reach(level) > abs(e.effects[flow]) for e in gravity.estimates.values() for flow in FLOWS]
    which = 1.0 if all(holds) else 0.0 if any(holds) else -1.0
    maker.add("intervals", "whether all intervals, by years fitted on, hold zero, or none", which, "index", period)


def _printed(logs: float) -> int:
    """The sign of an effect as it is printed."""
    shown = round(percent(logs), WHOLE)
    return (shown > 0) - (shown < 0)
