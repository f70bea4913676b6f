"""Claims about what was expected: intervals of our estimates held against forecasts, or against what was promised."""

from __future__ import annotations

from korus_research.chapters.claims.kinds.measured import Condition, Measured, known, unknown
from korus_research.chapters.claims.statements import Claim
from korus_research.chapters.counterfactual.estimates.declared import declared
from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.forecasts.measures import Forecasts
from korus_research.chapters.forecasts.measures import of as forecasts_of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow
from korus_research.show.declared import basis_of
from korus_research.show.finding import Findings
from korus_research.show.words.text import Words

WORDS = Words("claims")


def judged_month(study: Study) -> str:
    """Return the month whose data end the years that the main specification covers: forecasts are judged on these."""
    return f"{study.agreement.first_full_year + declared().main.post[1]}-12"


def known_forecasts(study: Study, findings: Findings | None) -> Forecasts | None:
    """Return the comparison of a study with forecasts; None where there are none, or no estimates.

    Gravity is taken from `findings` of another month where that month's panel ends with the same year: it is then the
    same estimate. Else it is estimated.
    """
    gravity = None
    if findings is not None and _same_panel(study, findings):
        gravity = Findings(tuple(f for key, f in sorted(findings.items()) if key.startswith("gravity.")))
    return known(lambda months: forecasts_of(months) if gravity is None else forecasts_of(months, gravity), study)


def expectation_measures(claim: Claim, study: Study, findings: Findings | None) -> list[Measured]:
    """Return every comparison of an interval with a forecast, or with the amount promised, the main estimate first.

    In points: the effect less the forecast. In USD billion: the effect applied to the trade of the claim's base year.
    Empty where the study has no forecasts or no estimates.

    Raises InvalidClaim: the claim is about neither exports nor imports, or has an amount without its base year.
    """
    if claim.what not in FLOWS or (claim.unit == "usd_bn") == (claim.base_year is None):
        raise unknown(claim, "exports or imports, in points, or in USD billion with a base_year")
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
        theirs = result.said(row["study"], years[row["study"]])
        found.append(
            Measured(
                row["effect"] - row["forecast"],
                WORDS.label(
                    "expected.against",
                    ours=row["label"],
                    post=result.post,
                    theirs=theirs,
                    end=row["end"] if row["study"] in both else "",
                    forecast=f"{row['forecast']:.0f}",
                ),
                result.post,
                basis_of(f"counterfactual.{claim.what}.effect"),
                ("forecasts", "published_estimates", *_datasets(row["estimate"])),
                row["low"] - row["forecast"],
                row["high"] - row["forecast"],
            )
        )
    return found


def _amounts(claim: Claim, result: Forecasts) -> list[Measured]:
    flow: Flow = "exports" if claim.what == "exports" else "imports"
    level = float(result.annual[flow].loc[int(claim.base_year or 0)]) / MN_PER_BN / 100
    ours = result.ours[
        (result.ours["flow"] == flow) & (result.ours["range"] == "interval") & result.ours["low"].notna()
    ]
    return [
        Measured(
            row["effect"] * level,
            WORDS.label("expected.amount", ours=row["label"], post=result.post, flow=flow, year=str(claim.base_year)),
            result.post,
            basis_of(f"counterfactual.{claim.what}.effect"),
            _datasets(row["id"]),
            row["low"] * level,
            row["high"] * level,
        )
        for row in ours.to_dict("records")
    ]


def expectation_conditions(claim: Claim, study: Study) -> tuple[Condition, ...]:
    """Return the falsification test: the main specification finds nothing in a time before entry into force."""
    effects = known(counterfactual_of, study)
    if effects is None:
        return ()
    findings = effects.findings()
    found, p = (findings[f"counterfactual.{claim.what}.{key}"] for key in ("in_time", "in_time_p"))
    if found.value is None or p.value is None:
        return (Condition(WORDS.label("expected.no_test", label=found.label), holds=False, premise=False),)
    passed = p.value >= declared().chance
    says = WORDS.label(
        "expected.test", period=found.period, effect=found.text("signed"), p=p.text(), passed="yes" if passed else ""
    )
    return (Condition(says, passed, premise=False),)


def _same_panel(study: Study, findings: Findings) -> bool:
    if "gravity.last_year" not in findings:
        return False
    return findings["gravity.last_year"].value == float(study.load("gravity_panel")["year"].max())


def _datasets(estimate: str) -> tuple[str, ...]:
    return ("gravity_panel",) if estimate == "gravity" else ("goods_trade_monthly", "donor_status", "us_agreements")
