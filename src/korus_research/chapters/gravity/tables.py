"""Tables of the gravity estimates: by years fitted on, by what flows are compared with, by comparable pairs."""

from __future__ import annotations

from statistics import NormalDist

import pandas as pd

from korus_research.chapters.gravity.choices import MAIN
from korus_research.chapters.gravity.estimate import percent
from korus_research.chapters.gravity.findings import WORDS
from korus_research.chapters.gravity.measures import Gravity, of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS
from korus_research.show.shown import Rows, capital, number, table

PANEL = ("gravity_panel",)


@table("windows", tables=PANEL)
def windows_table(study: Study) -> Rows:
    """Return the effects on every window with their intervals by randomisation, the average agreement beside them."""
    result = of(study)
    frame = result.to_frame()
    rows = [
        {
            "window": _window_name(result, str(line["window"])),
            "flow": capital(str(line["flow"])),
            "effect": percent(line["effect"]),
            "range": _interval(percent(line["low"]), percent(line["high"])),
            "p": line["p"],
            "average": _average(result, float(line["average"]), float(line["average_error"])),
            "placebos": str(line["placebos"]),
        }
        for _, line in frame.iterrows()
    ]
    given = {"reporter": study.agreement.reporter.short, "without": _without_entry(result)}
    return Rows(of=result, data=frame, last=result.last, rows=rows, given=given)


def _without_entry(result: Gravity) -> str:
    """Return the year of entry into force where some window leaves it out, else nothing."""
    without = any(e.window.without_entry for e in result.estimates.values())
    return str(result.spec.entry_year) if without else ""


@table("standards", tables=PANEL)
def standards_table(study: Study) -> Rows:
    """Return both flows by what they are compared with, and how far each way errs on placebo flows (decision 71)."""
    result = of(study)
    found = result.findings()
    rows, data = [], []
    for standard, standing in result.main.standings.items():
        line: dict[str, object] = {
            "standard": standard,
            "chosen": standard == result.main.standard,
            "error_logs": standing.error,
        }
        against = WORDS.label(f"against.{standard}", result, first=str(result.main.years[0]))
        row: dict[str, object] = {"against": against, "error": 100 * standing.error}
        for flow in FLOWS:
            effect = found[f"gravity.{flow}.standard.{standard}"]
            row |= {flow: effect.value, f"{flow}_range": _interval(effect.low, effect.high)}
            line |= {flow: effect.value, f"{flow}_low": effect.low, f"{flow}_high": effect.high}
        rows.append(row)
        data.append(line)
    return Rows(of=result, data=pd.DataFrame(data), last=result.last, rows=rows)


@table("parts", tables=PANEL)
def parts_table(study: Study) -> Rows:
    """Return the intervals among parts of the comparable pairs: never, always under an agreement, the large ones."""
    result = of(study)
    found = result.findings()
    rows, data = [], []
    for part in ("all", "never", "always", "large"):
        pairs = found["gravity.pairs" if part == "all" else f"gravity.pairs_{part}"]
        row: dict[str, object] = {"part": WORDS.label(f"parts.{part}", result), "pairs": pairs.text()}
        line: dict[str, object] = {"part": part, "pairs": pairs.value}
        for flow in FLOWS:
            effect = found[f"gravity.{flow}.{'effect' if part == 'all' else part}"]
            p = found[f"gravity.{flow}.{'p' if part == 'all' else f'{part}_p'}"].value
            row |= {f"{flow}_range": _interval(effect.low, effect.high), f"{flow}_p": p}
            line |= {f"{flow}_low": effect.low, f"{flow}_high": effect.high, f"{flow}_p": p}
        rows.append(row)
        data.append(line)
    return Rows(of=result, data=pd.DataFrame(data), last=result.last, rows=rows)


def _average(result: Gravity, logs: float, error: float) -> str:
    """Return the average agreement's effect with its interval, as in a cell of a table."""
    reach = NormalDist().inv_cdf(0.5 + result.spec.level / 2) * error
    ends = _interval(percent(logs - reach), percent(logs + reach))
    return f"{number(percent(logs), 0, signed=True)} ({ends})"


def _window_name(result: Gravity, key: str) -> str:
    """Return `1988 to 2016`, and whether these are the main years or leave the year of entry out."""
    years, window = result.estimates[key].years, result.estimates[key].window
    kind = "main" if key == MAIN else "without_entry" if window.without_entry else "other"
    return WORDS.label(f"window.{kind}", result, first=str(years[0]), last=str(years[-1]))


def _interval(low: float | None, high: float | None) -> str:
    """Return both ends of an interval, percent, as in a cell of a table."""
    return WORDS.label("range", low=number(low, 0, signed=True), high=number(high, 0, signed=True))
