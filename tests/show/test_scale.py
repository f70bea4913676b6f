"""Amounts keep at least two figures of the smaller flow, in a unit that a reader would choose."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

import korus_research as kr
from korus_research.data.agreements import list_agreements
from korus_research.show.finding import MINUS, Finding
from korus_research.show.scale import Scale, scale_of

AMOUNTS = st.floats(0.01, 2_000, allow_nan=False)


@given(sizes=st.lists(AMOUNTS, min_size=1, max_size=4))
def test_the_smallest_size_keeps_two_figures(sizes: list[float]) -> None:
    scale = scale_of(*sizes, None)
    step = 10.0**-scale.decimals
    assert min(sizes) >= 10 * step
    # No finer than needed: one decimal less would round the smallest by more than a hundredth, or it is the coarsest.
    assert scale.decimals == 1 or 10 * step > min(sizes) / 100


def test_no_size_at_all_is_the_usual_scale() -> None:
    assert scale_of() == scale_of(None) == Scale(1)


@pytest.mark.parametrize(
    ("value", "decimals", "style", "text"),
    [
        (43.4616, 1, "", "$43.5 billion"),
        (2.7151, 2, "signed", "+$2.72 billion"),
        (-0.0811, 3, "", MINUS + "$81 million"),
        (1.2345, 3, "abs", "$1,234 million"),
        (0.0004, 3, "", "$0 million"),
        (0.3506, 3, "number", "351"),
    ],
)
def test_a_finding_is_spoken_in_its_scale(value: float, decimals: int, style: str, text: str) -> None:
    finding = Finding("a.b", "a measure", value, "usd_bn", "2016", "basis", (), decimals=decimals)
    assert finding.text(style) == text  # type: ignore[arg-type]


@given(value=st.floats(-2_000, 2_000, allow_nan=False), decimals=st.sampled_from([1, 2, 3]))
def test_what_is_spoken_is_the_value(value: float, decimals: int) -> None:
    text = Finding("a.b", "m", value, "usd_bn", "2016", "basis", (), decimals=decimals).text()
    number = float(text.replace(MINUS, "-").replace("$", "").replace(",", "").split()[0])
    spoken = number / 1_000 if "million" in text else number
    assert spoken == pytest.approx(value, abs=0.5000001 * 10.0**-decimals)


@pytest.mark.parametrize("agreement", list_agreements())
def test_every_baseline_is_told_to_two_figures(agreement: str) -> None:
    study = kr.open_study(agreement)
    flows = study.flows()
    for flow in ("exports", "imports"):
        finding = flows.findings()[f"flows.{flow}.baseline"]
        raw = study.load("goods_trade_monthly")
        rows = raw[(raw["partner"] == flows.agreement.partner.census_code) & (raw["flow"] == flow)]
        total = rows.loc[rows["month"].str[:4] == str(flows.baseline_year), "value_usd_mn"].sum() / 1_000
        assert finding.value == pytest.approx(total)
        assert abs(finding.rounded - total) <= 0.05 * total
        assert len([c for c in finding.text("number") if c.isdigit()]) >= 2
