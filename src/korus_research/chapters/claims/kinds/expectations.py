"""Claims about what was expected: our estimate against the official forecast, or against what was promised.

One comparison decides, the first: the method that errs least over placebos against the lowest figure of the official
forecast, or against the amount. All others are told beside it. What the rule would say in worlds whose effect is known
is read from the placebos of the same estimate: `odds`.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from korus_research.chapters.claims.kinds.measured import Condition, Measured, Odds, World
from korus_research.chapters.claims.statements import Claim
from korus_research.chapters.counterfactual.estimates.declared import declared
from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.forecasts.measures import Forecasts, of as forecasts_of
from korus_research.data.study import Study, known
from korus_research.methods.series import FLOWS, MN_PER_BN
from korus_research.methods.synthetic.power import Sensitivity
from korus_research.show.declared import basis_of
from korus_research.show.finding import Findings
from korus_research.show.words.text import Words

WORDS = Words("claims")


def judged_month(study: Study) -> str:
    """Return the last month of the main specification's years, on which forecasts are judged."""
    return f"{study.agreement.first_full_year + declared().main.post[1]}-12"


def known_forecasts(study: Study, findings: Findings | None) -> Forecasts | None:
    """Return the comparison with forecasts; None without forecasts or estimates.

    Gravity is taken from `findings` of another month where that month's panel ends with the same year: it is then the
    same estimate. Else it is estimated.
    """
    year = findings["gravity.last_year"].value if findings and "gravity.last_year" in findings else None
    if findings is None or year != float(study.load("gravity_panel")["year"].max()):
        return known(forecasts_of, study)
    gravity = gravity_alone(findings)
    return known(lambda months: forecasts_of(months, gravity), study)


def gravity_alone(findings: Findings) -> Findings:
    """Return the findings of gravity, by id."""
    return Findings(tuple(f for key, f in sorted(findings.items()) if key.startswith("gravity.")))


def expectation_measures(claim: Claim, study: Study, findings: Findings | None) -> list[Measured]:
    """Return every comparison of an interval with a forecast, or with the amount promised; the first one decides.

    It is that of the method that leads with the lowest official forecast. In points: the effect less the forecast. In
    USD billion: the effect applied to the trade of the claim's base year.
    Empty where the study has no forecasts or no estimates.
    """
    result = known_forecasts(study, findings)
    if result is None:
        return []
    return _amounts(claim, result) if claim.unit == "usd_bn" else _shortfalls(claim, result)


def _shortfalls(claim: Claim, result: Forecasts) -> list[Measured]:
    held = result.held[result.held["flow"] == claim.what]
    years = dict(zip(result.expected["study"], result.expected["year"], strict=True))
    both = set(held.loc[held["end"] == "high", "study"])
    found = []
    for row in held.to_dict("records"):
        theirs, forecast = result.said(row["study"], years[row["study"]]), row["forecast"]
        end = row["end"] if row["study"] in both else ""
        said = {"ours": row["label"], "post": result.post, "theirs": theirs, "end": end, "forecast": f"{forecast:.0f}"}
        one = Measured(
            row["effect"] - forecast,
            WORDS.label("expected.against", **said),
            result.post,
            basis_of(f"counterfactual.{claim.what}.effect"),
            ("forecasts", "published_estimates", *_datasets(row["estimate"])),
            row["low"] - forecast,
            row["high"] - forecast,
            forecast=forecast,
            of_percent=(1.0, -forecast),
            theirs=theirs,
        )
        found.append(one)
    return found


def _amounts(claim: Claim, result: Forecasts) -> list[Measured]:
    level = float(result.annual[claim.what].loc[int(claim.base_year or 0)]) / MN_PER_BN / 100
    ours = result.ours[(result.ours["flow"] == claim.what) & (result.ours["range"] == "interval")].dropna(subset="low")
    words = {"post": result.post, "flow": claim.what, "year": str(claim.base_year)}
    return [
        Measured(
            row["effect"] * level,
            WORDS.label("expected.amount", ours=row["label"], **words),
            result.post,
            basis_of(f"counterfactual.{claim.what}.effect"),
            _datasets(row["id"]),
            row["low"] * level,
            row["high"] * level,
            forecast=claim.stated / level,
            of_percent=(level, 0.0),
        )
        for row in ours.to_dict("records")
    ]


def expectation_conditions(claim: Claim, study: Study) -> tuple[Condition, ...]:
    """Return the falsification test: the harshest placebo in time, the one furthest from zero, is within chance.

    One as large as the estimate that is judged, and within chance still, is a test without power: it holds None.
    """
    effects = known(counterfactual_of, study)
    if effects is None:
        return ()
    findings = effects.findings()
    found, p = (findings[f"counterfactual.{claim.what}.{key}"] for key in ("harshest", "harshest_p"))
    if found.value is None or p.value is None:
        return (Condition(WORDS.label("expected.no_test"), holds=False, premise=False),)
    passed, own = p.value >= declared().chance, findings[f"counterfactual.{claim.what}.leading"].value or 0.0
    powerless = passed and abs(found.value) >= abs(own)
    says = WORDS.label(
        "expected.test",
        Findings((replace(found, id="claims.value.measured"),)),
        period=found.period,
        flow=claim.what,
        p=p.text(),
        passed="yes" if passed else "",
        powerless="yes" if powerless else "",
    )
    return (Condition(says, None if powerless else passed, premise=False),)


def odds(claim: Claim, study: Study, decisive: Measured) -> Odds | None:
    """Return the chance that the forecast was reached, and what the rule says in worlds of known effect; else None.

    Every placebo shows an error that the estimate may have. With each of them, of either sign, around an effect of
    nothing, of half the forecast and of the forecast, the rule is run as it is run on the estimate. The falsification
    test is the same in all of them, and left out.
    """
    effects = known(counterfactual_of, study)
    found = None if effects is None or claim.what not in FLOWS else effects.led[claim.what]
    if found is None or not found.errors_log.size or decisive.forecast is None:
        return None
    seen = Sensitivity(found.effect_log, found.errors_log, found.level)
    forecast, (factor, shift) = math.log1p(decisive.forecast / 100), decisive.of_percent
    worlds = []
    for key, percent in (("none", 0.0), ("half", decisive.forecast / 2), ("all", decisive.forecast)):
        at, half = seen.worlds(math.log1p(percent / 100))
        ends = np.array([factor * 100 * np.expm1(at + off) + shift for off in (0.0, -half, half)])
        each = [replace(decisive, value=v, low=low, high=high) for v, low, high in ends.T.tolist()]
        right, out = sum(m.right(claim) for m in each), sum(m.excluded(claim) for m in each)
        worlds.append(World(key, percent, 100 * right / len(each), 100 * out / len(each)))
    return Odds(100 * seen.at_least(forecast), 100 * seen.power(forecast), decisive.forecast, tuple(worlds))


def _datasets(estimate: str) -> tuple[str, ...]:
    return ("gravity_panel",) if estimate == "gravity" else ("goods_trade_monthly", "donor_status", "us_agreements")
