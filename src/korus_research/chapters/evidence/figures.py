"""Figures of the chapter: effects by method, those too small to be found, and the agreements with their pool."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

import pandas as pd

from korus_research.chapters.counterfactual.effect_curve import of as curve_of
from korus_research.chapters.evidence.agreements import RAW, SCALED, percent
from korus_research.chapters.evidence.measures import Evidence, of as evidence_of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.shown import Picture, Words, figure, number, number_range, theme

WORDS = Words("evidence")
CURVE = "curve"
POOLED = ("goods_trade_monthly", "donor_status", "us_agreements")
SEEN = (*POOLED, "forecasts", "published_estimates")
LOWEST, WIDEST = -75.0, 110.0  # percent shown; what goes further is cut and ends in an arrow
TICKS = (-50, 0, 50, 100)
LONGEST = 26  # letters of a line of a row's name
NARROWEST = 4.0  # percent: a forecast narrower than that would not be seen as a band


@figure("effects", tables=SEEN)
def effects_by_method(study: Study) -> Picture:
    """Return two panels, a row a method: estimate and range beside the forecast; last, the median of the curve."""
    evidence, curve = evidence_of(study), curve_of(study).findings()
    medians = {flow: curve[f"counterfactual.curve.{flow}.median"] for flow in FLOWS}
    frame, methods = evidence.to_frame()[["flow", "method", "effect", "low", "high"]], WORDS.labels("methods")
    spread = [
        {"flow": flow, "method": CURVE, "effect": found.value, "low": found.low, "high": found.high}
        for flow, found in medians.items()
        if found.known
    ]
    shown = pd.concat([frame, pd.DataFrame(spread, columns=list(frame))], ignore_index=True)
    names = {**methods, CURVE: WORDS.label("curve")}
    listed = dict.fromkeys(shown["method"])
    order = [evidence.leading, *(each for each in listed if each != evidence.leading)][::-1]

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(0.36 * len(order) + 1.1, columns=2, sharey=True)
        for ax, flow in zip(axes, FLOWS, strict=True):
            _forecast(ax, evidence, flow)
            for row in shown[shown["flow"] == flow].to_dict("records"):
                place, leads = order.index(row["method"]), row["method"] == evidence.leading
                marker, name = "D" if row["method"] == CURVE else "o", names[str(row["method"])]
                _range(ax, place, row, theme.COLOURS[flow], marker=marker, name=name, leads=leads)
            _axis(ax, flow, len(order))
        _rows(axes, [names[m] for m in order], strong=(names[evidence.leading],))
        return drawn

    untested = {m for flow in FLOWS for m in evidence.estimated if m not in evidence.of(flow)}
    return Picture(
        of=evidence,
        data=shown,
        draw=draw,
        last=evidence.years[-4:],
        given={
            "arrows": sorted(names[m] for m in shown.loc[shown["high"] > WIDEST, "method"]),
            "hollow": sorted(names[m] for m in shown.loc[shown["low"].isna(), "method"]),
            "untested": sorted(methods[m] for m in untested),
            "spread": names[CURVE] if spread else "",
        },
        tables=(*SEEN, "gravity_panel") if evidence.gravity else SEEN,
        findings=tuple(found for found in medians.values() if found.known),
    )


@figure("seen", tables=SEEN)
def effects_too_small(study: Study) -> Picture:
    """Return two panels, a row a method: the effects that are not reliably found, the estimate, and the forecast."""
    evidence = evidence_of(study)
    frame, methods = evidence.to_frame(), WORDS.labels("methods")
    order = list(dict.fromkeys(frame["method"]))[::-1]

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(0.34 * len(order) + 1.1, columns=2, sharey=True)
        for ax, flow in zip(axes, FLOWS, strict=True):
            rows = frame[frame["flow"] == flow].set_index("method")
            for method, row in rows.to_dict(orient="index").items():
                _seen(ax, order.index(str(method)), row, theme.COLOURS[flow], leads=method == evidence.leading)
            _forecast(ax, evidence, flow)
            _axis(ax, flow, len(order))
        _rows(axes, [methods[m] for m in order], strong=(methods[evidence.leading],))
        return drawn

    wide = frame.loc[~(frame["detectable"] <= WIDEST), "method"].map(methods)
    return Picture(
        of=evidence,
        data=frame,
        draw=draw,
        last=evidence.years[-4:],
        given={"arrows": sorted(set(wide)), "forecast": evidence.forecaster},
        tables=(*SEEN, "gravity_panel") if evidence.gravity else SEEN,
    )


def _seen(ax: theme.Axes, place: int, row: Mapping[Any, Any], colour: str, *, leads: bool) -> None:
    low, high = (
        (LOWEST, WIDEST) if row["detectable"] != row["detectable"] else (row["detectable_fall"], row["detectable"])
    )
    ends = [max(low, LOWEST), min(high, WIDEST)]
    ax.barh(place, ends[1] - ends[0], left=ends[0], height=0.5, color=theme.BAND, linewidth=0, zorder=2)
    if not high < WIDEST:
        ax.plot(WIDEST * 0.985, place, marker=">", markersize=5, color=theme.OTHERS, zorder=3)
    at = min(max(row["effect"], LOWEST), WIDEST)
    ax.scatter(at, place, s=56 if leads else 32, color=colour, zorder=4)


def _forecast(ax: theme.Axes, evidence: Evidence, flow: Flow) -> None:
    ends = evidence.forecasts.get(flow)
    if ends is None:
        return
    low, high = map(percent, ends)
    middle, half = (low + high) / 2, max(high - low, NARROWEST) / 2
    ax.axvspan(middle - half, middle + half, color=theme.BAND, linewidth=0, zorder=1)
    ax.axvline(middle, color=theme.QUIET, linewidth=0.8, zorder=1)
    style: dict[str, Any] = {"ha": "center", "va": "bottom", "xycoords": ("data", "axes fraction")}
    theme.note(ax, WORDS.label("forecast"), (middle, 1.0), (0, 2), **style)


def _axis(ax: theme.Axes, flow: Flow, rows: int) -> None:
    ax.axvline(0, color=theme.AXIS, linewidth=0.8, zorder=1)
    ax.set_title(WORDS.label(f"flows.{flow}"), color=theme.COLOURS[flow], pad=14)
    theme.bare(ax, grid="x")
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(LOWEST, WIDEST)
    ax.set_ylim(-0.7, rows - 0.3)
    ax.set_xticks(TICKS)
    ax.set_xlabel(WORDS.label("percent"), loc="left")


def _rows(axes: Sequence[theme.Axes], labels: list[str], *, strong: Container[str]) -> None:
    axes[0].set_yticks(range(len(labels)), [theme.wrapped(label, LONGEST, always=True) for label in labels])
    for ax in axes:
        theme.stress(ax, (label in strong for label in labels))


@figure("together", tables=POOLED)
def agreements_together(study: Study) -> Picture | None:
    """Return two panels, a row an agreement and below them what they show together; None where none are pooled."""
    evidence = evidence_of(study)
    if evidence.pools.empty:
        return None
    each = evidence.agreements[evidence.agreements["method"] == evidence.pool_method]
    shown = each[each["effect"].notna()]
    labels = [*(WORDS.label(f"pool.{scale}") for scale in (RAW, SCALED)), *list(dict.fromkeys(shown["label"]))[::-1]]
    own = next((str(label) for label in shown.loc[shown["id"] == study.agreement.id, "label"]), "")

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(0.28 * len(labels) + 1.0, columns=2, sharey=True)
        for ax, flow in zip(axes, FLOWS, strict=True):
            colour = theme.COLOURS[flow]
            for row in shown[shown["flow"] == flow].to_dict("records"):
                tint = colour if row["label"] == own else theme.OTHERS
                _range(ax, labels.index(row["label"]), row, tint, marker="o", name=str(row["label"]))
            for place, scale in enumerate((RAW, SCALED)):
                if pooled := evidence.pool(flow, scale):
                    _range(ax, place, pooled, theme.INK, marker="D", name=labels[place])
            ax.axhline(1.5, color=theme.AXIS, linewidth=0.6)
            _axis(ax, flow, len(labels))
        _rows(axes, labels, strong=(own, WORDS.label(f"pool.{SCALED}")))
        return drawn

    pools = evidence.pools[evidence.pools["method"] == evidence.pool_method]
    return Picture(
        of=evidence,
        data=pd.concat([shown, pools], ignore_index=True).drop(columns="reason"),
        draw=draw,
        last=evidence.years[-4:],
        given={"arrows": sorted({str(label) for label in shown.loc[shown["high"] > WIDEST, "label"]})},
    )


def _range(
    ax: theme.Axes, place: int, row: Mapping[Any, Any], colour: str, *, marker: str, name: str, leads: bool = False
) -> None:
    low, high, known = row["low"], row["high"], row["low"] == row["low"]
    if known:
        ends, spread = [max(low, LOWEST), min(high, WIDEST)], row.get("method") == CURVE
        style: dict[str, Any] = {"linestyle": (0, (2, 1.5)) if spread else "-", "linewidth": 2.6 if leads else 1.6}
        ax.plot(ends, [place] * 2, color=colour, solid_capstyle="butt", zorder=3, **style)
        if high > WIDEST:
            ax.plot(WIDEST * 0.985, place, marker=">", markersize=5, color=colour, zorder=3)
    at, face = min(row["effect"], WIDEST * 0.96), colour if known else "none"
    ax.scatter(at, place, s=64 if leads else 36, facecolor=face, edgecolor=colour, marker=marker, zorder=4)
    value = number(row["effect"], 0, signed=True)
    inner = number_range(low, high, 0, signed=True) if known else ""
    theme.tip_at(ax, at, place, WORDS.label("tip", name=name, value=value, range=inner))
    theme.note(ax, value, (at, place), (0, 7 if leads else 5), colour=colour, ha="center")
