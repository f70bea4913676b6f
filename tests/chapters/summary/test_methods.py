"""The estimates of all methods side by side."""

from __future__ import annotations

import korus_research as kr
from korus_research.chapters.summary.methods import by_method, name_with
from korus_research.show.finding import Finding, Findings


def finding(key: str, value: float | None) -> Finding:
    return Finding(
        key, "an effect", value, "percent", "2013", "a basis", ("t",), reason=None if value is not None else "none"
    )


def test_only_what_is_there_and_has_a_value_is_compared() -> None:
    found = Findings(
        (
            finding("counterfactual.exports.effect", 22.0),
            finding("gravity.exports.effect", -17.0),
            finding("counterfactual.curve.exports.median", 1.0),
            finding("counterfactual.imports.effect", None),
            finding("counterfactual.exports.rule.strict", 99.0),
            finding("gravity.exports.standard.adjusted", None),
            finding("counterfactual.exports.rule.no-agreement", 21.0),
        )
    )
    assert [(e.flow, e.method, e.finding.value) for e in by_method(found)] == [
        ("exports", "Synthetic control (declared first)", 22.0),
        ("exports", "The same, energy exporters kept", 21.0),
        ("exports", "All specifications: the median", 1.0),
        ("exports", "Gravity model", -17.0),
    ]
    extremes = kr.summary.with_methods(found)
    assert extremes["summary.count"].value == 4
    assert (extremes["summary.exports.count"].value, extremes["summary.exports.above"].value) == (4, 3)
    assert extremes["summary.exports.lowest"].value == -17.0
    assert extremes["summary.exports.highest"].value == 22.0
    assert extremes["summary.imports.lowest"].value is None
    assert extremes["summary.imports.lowest"].reason == "no method has an estimate"
    assert set(found) < set(extremes)


def test_an_estimate_is_named_with_its_years() -> None:
    found = Findings((finding("gravity.reference", 2008.0),))
    assert name_with("against {gravity.reference}", found) == "against 2,008.0 percent"
    assert name_with("against {gravity.last_year}", found) is None
    assert name_with("plain", found) == "plain"
