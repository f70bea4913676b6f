"""Tables of the counterfactual: weights, partners left out, checks, and one choice changed at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from korus_research.chapters.counterfactual.estimates.second_shown import second_frame
from korus_research.chapters.counterfactual.estimates.side_by_side import (
    earlier_frame,
    exact_frame,
    methods_frame,
    ridges_frame,
)
from korus_research.chapters.counterfactual.figures import TABLES
from korus_research.chapters.counterfactual.measures import Effects, of as counterfactual_of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.show.finding import Finding
from korus_research.show.shown import DASH, Rows, Words, amount, number, table

WORDS = Words("counterfactual")
LEFT_OUT_ELSEWHERE = ("competitor", "pharma_gold", "china_duties", "entrepot", "sanctions")
MOST = 25  # rows of partners left out that a reader will look through; the CSV has the others
Found = Mapping[Any, Any]  # a row of a frame of estimates


def _number(column: str, decimals: int, *, signed: bool = False) -> Callable[[Found], str]:
    """Return how a cell with the number of a column is written."""
    return lambda found: number(found[column], decimals, signed=signed)


P_VALUE = _number("p_value", 2)


@table("weights", tables=TABLES)
def weights_table(study: Study) -> Rows:
    """Return the donors that make up the synthetic paths, with their weights in both."""
    effects = counterfactual_of(study)
    weights = pd.DataFrame({flow: found.weights for flow, found in effects.main.items()}).fillna(0.0)
    order = weights.loc[weights.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    rows = [
        {"donor": effects.panel.name(str(code)), **{f: number(100 * row[f], 1) if row[f] > 0 else DASH for f in FLOWS}}
        for code, row in order.iterrows()
    ]
    data = [
        {"partner": code, "name": effects.panel.name(code), "flow": flow, "weight": float(order[flow].get(code, 0.0))}
        for flow, found in effects.main.items()
        for code in found.pool.donors
    ]
    given = {f"doubtful_{flow}": _doubtful(effects, flow) for flow in FLOWS}
    return Rows(of=effects, rows=rows, data=pd.DataFrame(data), last=str(effects.window.post[1]), given=given)


def _doubtful(effects: Effects, flow: Flow) -> list[str]:
    """Return, by reason, the weight of donors that a stricter rule leaves out."""
    status = effects.status.table[effects.status.about(effects.treated)]
    weights = effects.main[flow].weights
    reasons = []
    for code in LEFT_OUT_ELSEWHERE:
        named = set(status.loc[status["reason"] == code, "partner"].astype(str))
        doubtful = {str(p): float(w) for p, w in weights.items() if str(p) in named and w > 0}
        if doubtful:
            reason = WORDS.label(f"reasons.{code}")
            share, who = f"{100 * sum(doubtful.values()):.0f}", [effects.panel.name(partner) for partner in doubtful]
            reasons.append(WORDS.label("doubtful", reason=reason[:1].lower() + reason[1:], share=share, who=who))
    return reasons


@table("dropped", tables=TABLES)
def dropped_table(study: Study) -> Rows:
    """Return the partners large enough to be donors that the main rule leaves out, each with reason and source."""
    effects = counterfactual_of(study)
    first, reasons = effects.window.pre[0], WORDS.labels("reasons")
    dropped = {flow: found.pool.dropped for flow, found in effects.main.items()}
    codes = sorted({code for each in dropped.values() for code in each}, key=lambda code: -_size(effects, code))
    rows, data = [], []
    for code in codes:
        reason = next(each[code] for each in dropped.values() if code in each)
        flows = [flow for flow in FLOWS if code in dropped[flow]]
        found, name = _status(effects, code, reason), effects.panel.name(code)
        begins = found["from_year"].min() if len(found) else float("nan")
        later = f"{begins:.0f}" if begins > first else WORDS.label("throughout")
        rows.append(
            {
                "partner": name,
                "reason": reasons.get(reason, reason),
                "since": "" if begins != begins else later,
                "flows": flows[0] if len(flows) == 1 else WORDS.label("both"),
                "note": "; ".join(dict.fromkeys(found["note"].astype(str))),
            }
        )
        known = found[["reason", "from_year", "to_year", "note", "source"]].to_dict("records") or [{"reason": reason}]
        data += [{"partner": code, "name": name, "flows": " ".join(flows), **row} for row in known]
    return Rows(
        of=effects,
        rows=rows[:MOST],
        data=pd.DataFrame(data),
        last=str(effects.window.post[1]),
        given={"hidden": str(max(0, len(rows) - MOST) or ""), "agreements_from": f"{first - effects.choices.lead}"},
    )


def _size(effects: Effects, code: str) -> float:
    """Return a partner's trade in the pre-period, both flows, USD billion a year."""
    first, last = effects.window.pre
    flows = [table[code] for table in (effects.panel.flows[flow] for flow in FLOWS) if code in table]
    means = (flow.loc[first:last].mean() for flow in flows)
    return sum(float(mean) for mean in means if mean == mean) / MN_PER_BN


def _status(effects: Effects, code: str, reason: str) -> pd.DataFrame:
    status = effects.status.table
    chosen = (status["partner"] == code) & (status["reason"] == reason)
    return status.loc[chosen & effects.status.about(effects.treated)]


@table("checks", tables=TABLES)
def checks_table(study: Study) -> Rows:
    """Return the checks of the main specification, for both flows."""
    effects = counterfactual_of(study)
    rows, data = [], []
    for name, label in WORDS.labels("checks").items():
        found = {flow: _check(effects, flow, name) for flow in FLOWS}
        if found["exports"][0].repeats:
            continue
        values = {flow: [_written(f) for f in each] for flow, each in found.items()}
        cells = {str(flow): WORDS.label("range", values=each) for flow, each in values.items()}
        rows.append({"check": label, **cells})
        data += [
            {"check": f.id, "flow": flow, "value": f.value, "unit": f.unit, "period": f.period}
            for flow, each in found.items()
            for f in each
        ]
    last = str(effects.window.post[1])
    return Rows(of=effects, rows=rows, data=pd.DataFrame(data), last=last, given=_timing(effects))


def _check(effects: Effects, flow: Flow, name: str) -> list[Finding]:
    findings = effects.findings()
    ends = ("_low", "_high") if name == "without_donor" else ("",)
    return [findings[f"counterfactual.{flow}.{name}{end}"] for end in ends]


def _written(finding: Finding) -> str:
    """Return a check as text for its cell: gaps and effects with their sign."""
    if finding.value is None:
        return DASH
    return finding.text("signed" if finding.unit == "percent" and "rmspe" not in finding.id else "")


def _timing(effects: Effects) -> dict[str, str]:
    """Return the years of the placebos in time, and whether they may hold effects of the agreement."""
    first, second = effects.in_time["exports"], effects.before_signature["exports"]
    if first is None:
        return {"timing": "", "moved": "", "earlier": ""}
    early = first.spec.post[1] < effects.agreement.dates.signed.year
    timing = "before" if early else "later" if second is None else "both"
    return {"timing": timing, "moved": _window(first), "earlier": "" if second is None else _window(second)}


def _window(found: Counterfactual) -> str:
    fit, effect = ([str(year) for year in years] for years in (found.spec.pre, found.spec.post))
    return WORDS.label("window", fit=fit, effect=effect)


@table("variants", tables=TABLES)
def variants_table(study: Study) -> Rows:
    """Return the effects with one choice of the main specification changed at a time."""
    effects = counterfactual_of(study)
    frame, scale = effects.variants, effects.scale
    cells = _by_flow(
        frame,
        "choice",
        "value",
        effect=_ranged,
        p=P_VALUE,
        usd=lambda found: amount(found["effect_usd_bn"], scale, signed=True),
    )
    names = frame.drop_duplicates(["choice", "value"])["cell"]
    offsets = effects.choices.curve.post_last
    return Rows(
        of=effects,
        rows=[{"variant": name, **row} for name, row in zip(names, cells.values(), strict=True)],
        data=frame.drop(columns="cell"),
        last=str(max(effects.window.post[1], *(effects.calendar.year(offset) for offset in offsets))),
        given={"lacking": frame.loc[frame["low"].isna(), "label"].tolist()},
    )


@table("methods", tables=TABLES)
def methods_table(study: Study) -> Rows:
    """Return the effects by each method, its p-value and its error over placebos, for both flows."""
    effects = counterfactual_of(study)
    frame, first = methods_frame(effects), effects.choices.first_method
    cells = _by_flow(frame, "method", effect=_ranged, p=P_VALUE, error=_number("placebo_error", 0))
    rows = []
    for name in effects.choices.methods:
        marks = [key for key, holds in (("first", name == first), ("leads", name == effects.leading)) if holds]
        said = [WORDS.label(f"marks.{key}") for key in marks]
        method = WORDS.label("marked", method=WORDS.label(f"methods.{name}"), marks=said)
        rows.append({"method": method, **cells[name,]})
    told = effects.findings()
    shown = [f for f in told.values() if ".method." in f.id]
    floors = dict.fromkeys(number(each, 3) for each in sorted(frame["p_floor"].dropna().unique()))
    last, given = str(effects.window.post[1]), {"floors": list(floors)}
    return Rows(of=effects, rows=rows, data=frame, last=last, given=given, findings=tuple(shown))


@table("earlier", tables=TABLES)
def earlier_table(study: Study) -> Rows:
    """Return the placebos in time by method, as far as the data reach back."""
    effects = counterfactual_of(study)
    frame = earlier_frame(effects)
    rows = [
        {"years": years, "method": WORDS.label(f"methods.{name}"), **cells}
        for (years, name), cells in _by_flow(frame, "years", "method", effect=_ranged, p=P_VALUE).items()
    ]
    return Rows(of=effects, rows=rows, data=frame, last=str(effects.window.post[1]))


@table("agreements", tables=TABLES)
def other_agreements(study: Study) -> Rows:
    """Return the effects of this agreement and of other US agreements by the same code, the first in force first."""
    effects = counterfactual_of(study)
    shown = effects.agreements[effects.agreements["effect_percent"].notna()]
    order = shown.sort_values(["first_full", "id"], kind="stable")
    energy = _number("with_energy_percent", 0, signed=True)
    cells = _by_flow(order, "label", effect=_ranged, p=P_VALUE, energy=energy)
    rows = [{"agreement": label, **row} for (label,), row in cells.items()]
    last = max(effects.window.post[1], int(shown["first_full"].max()) + effects.choices.main.post[1])
    return Rows(of=effects, rows=rows, data=shown, last=str(min(last, effects.calendar.last_year)))


@table("exact", tables=TABLES)
def exact_table(study: Study) -> Rows:
    """Return the intervals and p-values by each rule for placebos that are copied exactly, old beside new."""
    effects = counterfactual_of(study)
    frame = exact_frame(effects)
    cells = _by_flow(frame, "method", "rule", effect=_ranged, p=P_VALUE, floor=_number("p_floor", 3))
    rows = []
    for (name, rule), row in cells.items():
        said = {"method": WORDS.label(f"methods.{name}"), "rule": WORDS.label(f"exact.{rule}")}
        rows.append({"rule": WORDS.label("by_rule", **said), **row})
    return Rows(of=effects, rows=rows, data=frame, last=str(effects.window.post[1]))


@table("second", tables=TABLES)
def second_inference_table(study: Study) -> Rows:
    """Return ranges and p-values of the method declared first and the one that leads, by another inference."""
    effects = counterfactual_of(study)
    frame = second_frame(effects)
    rows = []
    for (inference, method), both in frame.groupby(["inference", "method"], sort=False):
        row = {"inference": WORDS.label(f"second.{inference}", method=WORDS.label(f"methods.{method}"))}
        for cells in both.to_dict("records"):
            ends = [number(cells[end], 0, signed=True) for end in ("low", "high")]
            known = cells["low"] == cells["low"]
            row[cells["flow"]] = WORDS.label("range", values=ends) if known else number(cells["p_value"], 2)
        rows.append(row)
    sizes = [number(100 * each, 0) for each in frame["size"].dropna().unique()]
    return Rows(of=effects, rows=rows, data=frame, last=str(effects.window.post[1]), given={"sizes": sizes})


@table("ridges", tables=TABLES)
def ridges_table(study: Study) -> Rows:
    """Return the effect of synthetic control by each ridge, and how far it misses years that it was not fitted on."""
    effects = counterfactual_of(study)
    frame = ridges_frame(effects)
    cells = _by_flow(frame, "ridge", effect=_number("effect_percent", 1, signed=True), error=_number("error", 1))
    rows = [{"ridge": f"{ridge:g}", **row} for (ridge,), row in sorted(cells.items())]
    chosen = {str(flow): min(zip(own["error"], own["ridge"], strict=True))[1] for flow, own in frame.groupby("flow")}
    given = {f"chosen_{flow}": f"{chosen[flow]:g}" for flow in FLOWS}
    given["declared"] = f"{effects.choices.ridges.sc:g}"
    return Rows(of=effects, rows=rows, data=frame, last=str(effects.window.post[1]), given=given)


def _by_flow(frame: pd.DataFrame, *keys: str, **cells: Callable[[Found], str]) -> dict[tuple[Any, ...], dict[str, str]]:
    """Return a table's cells by the values of `keys`, both flows in a row: "exports_p" is cell `p` of exports.

    `frame` has a row a flow; one that a flow lacks leaves dashes, and so does a key that is in none.
    """
    names = [f"{flow}_{cell}" for flow in FLOWS for cell in cells]
    rows: dict[tuple[Any, ...], dict[str, str]] = defaultdict(lambda: dict.fromkeys(names, DASH))
    for found in frame.to_dict("records"):
        row = rows[tuple(found[key] for key in keys)]
        row |= {f"{found['flow']}_{cell}": written(found) for cell, written in cells.items()}
    return rows


def _ranged(found: Found) -> str:
    """Return an effect with its interval."""
    value, low, high = (number(found[key], 0, signed=True) for key in ("effect_percent", "low", "high"))
    known = found["low"] == found["low"]
    inner = WORDS.label("range", values=[low, high]) if known else WORDS.label("no_interval")
    return WORDS.label("ranged", value=value, range=inner)
