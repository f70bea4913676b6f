"""Tables of the chapter: chances, what each method can see, and the agreements together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from korus_research.chapters.evidence.agreements import FIRST
from korus_research.chapters.evidence.figures import POOLED, SEEN
from korus_research.chapters.evidence.findings import SHARES
from korus_research.chapters.evidence.measures import GRAVITY, of as evidence_of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS
from korus_research.methods.synthetic.pooled import SCALES
from korus_research.show.finding import Finding
from korus_research.show.shown import DASH, Rows, Words, number, number_range, table

WORDS = Words("evidence")
SMALLEST = 0.001  # p-values below are no more than that: the draws tell no finer


@table("methods", tables=SEEN)
def methods_table(study: Study) -> Rows:
    """Return what each method can see, a row a flow and method."""
    evidence = evidence_of(study)
    found, flows, methods = evidence.findings(), WORDS.labels("flows"), WORDS.labels("methods")
    frame, rows = evidence.to_frame(), []
    shown: list[Finding] = []
    for r in frame.to_dict("records"):
        keys = ("detectable", "detectable_fall", *SHARES)
        own = {key: found[f"evidence.{r['flow']}.{r['method']}.{key}"] for key in keys}
        cells = {key: _cell(f, signed=key not in SHARES) for key, f in own.items()}
        about = {"flow": flows[r["flow"]], "method": methods[r["method"]]}
        rows.append({**about, "effect": number(r["effect"], 0, signed=True), **cells})
        shown += own.values()
    return Rows(
        of=evidence,
        rows=rows,
        data=frame,
        last=evidence.years[-4:],
        given={
            "forecast": evidence.forecaster,
            "gravity": methods[GRAVITY] if evidence.gravity else "",
            "dash": DASH if frame["detectable"].isna().any() else "",
        },
        tables=(*SEEN, "gravity_panel") if evidence.gravity else SEEN,
        findings=tuple(shown),
    )


def _cell(finding: Finding, *, signed: bool) -> str:
    return DASH if finding.value is None else number(finding.value, 0, signed=signed)


@table("chances", tables=SEEN)
def chances_table(study: Study) -> Rows:
    """Return chances and power by the leading method with those of all methods in brackets, a row a flow."""
    evidence = evidence_of(study)
    found, flows, rows = evidence.findings(), WORDS.labels("flows"), []
    for flow in FLOWS:
        cells = {
            key: _chance(*(found[f"evidence.{flow}.{name}.{key}"] for name in ("led", "lowest", "highest")))
            for key in SHARES
        }
        rows.append({"flow": flows[flow], **cells})
    return Rows(
        of=evidence,
        rows=rows,
        data=evidence.to_frame()[["flow", "method", *SHARES]],
        last=evidence.years[-4:],
        given={"forecast": evidence.forecaster},
        tables=(*SEEN, "gravity_panel") if evidence.gravity else SEEN,
    )


def _chance(led: Finding, low: Finding, high: Finding) -> str:
    if led.value is None or low.value is None:
        return DASH
    told = {"led": led, "low": low, "high": high}
    return WORDS.label("chances_cell", **{name: number(each.value, 0) for name, each in told.items()})


@table("pools", tables=POOLED)
def pools_table(study: Study) -> Rows | None:
    """Return the agreements together by method and scale, with this one and without; None where none are pooled."""
    evidence = evidence_of(study)
    if evidence.pools.empty:
        return None
    flows, methods = WORDS.labels("flows"), WORDS.labels("methods")
    rows = []
    for flow in FLOWS:
        for method in evidence.choices.pool.methods:
            cells = {
                f"{scale}_{kind}": _pooled(evidence.pool(flow, scale, own=own, method=method))
                for scale in SCALES
                for kind, own in (("with", True), ("without", False))
                if own or scale != FIRST
            }
            rows.append({"flow": flows[flow], "method": methods[method], **cells})
    return Rows(of=evidence, rows=rows, data=evidence.pools, last=evidence.years[-4:])


def _pooled(row: Mapping[str, Any]) -> str:
    if not row:
        return DASH
    inner = number_range(row["low"], row["high"], 0, signed=True)
    tiny = row["p_value"] < SMALLEST
    p_value = WORDS.label("tiny", smallest=f"{SMALLEST}") if tiny else number(row["p_value"], 3)
    return WORDS.label("pooled_cell", effect=number(row["effect"], 0, signed=True), range=inner, p_value=p_value)
