"""Tables of the gravity estimates: by years fitted on, by comparable pairs, by year, beside the synthetic control."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.gravity.choices import MAIN
from korus_research.chapters.gravity.estimate import percent
from korus_research.chapters.gravity.findings import WORDS, compared
from korus_research.chapters.gravity.measures import Gravity, of
from korus_research.methods.series import FLOWS
from korus_research.show.shown import Rows, table
from korus_research.show.table import number
from korus_research.show.words.sentence import capital

if TYPE_CHECKING:
    from korus_research.data.study import Study
    from korus_research.show.finding import Findings
    from korus_research.show.words.prose import Prose

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
    import pandas as pd

    result = of(study)
    found = result.findings()
    rows: list[dict[str, object]] = []
    data: list[dict[str, object]] = []
    for standard, standing in result.main.standings.items():
        against = WORDS.label(f"against.{standard}", result, first=str(result.main.years[0]))
        row: dict[str, object] = {"against": against, "error": 100 * standing.error}
        data.append({"standard": standard, "chosen": standard == result.main.standard, "error_logs": standing.error})
        for flow in FLOWS:
            effect = found[f"gravity.{flow}.standard.{standard}"]
            row |= {flow: effect.value, f"{flow}_range": _interval(effect.low, effect.high)}
            data[-1] |= {flow: effect.value, f"{flow}_low": effect.low, f"{flow}_high": effect.high}
        rows.append(row)
    return Rows(of=result, data=pd.DataFrame(data), last=result.last, rows=rows)


@table("parts", tables=PANEL)
def parts_table(study: Study) -> Rows:
    """Return the intervals among parts of the comparable pairs: never, always under an agreement, the large ones."""
    import pandas as pd

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


@table("phase", tables=PANEL)
def years_table(study: Study) -> Rows:
    """Return the yearly effects under the agreement relative to the last year before it in the panel."""
    result, in_force = of(study), study.agreement.dates.in_force
    path = result.path[result.path["year"] >= result.spec.entry_year]
    rows = []
    for year, part in path.groupby("year"):
        row: dict[str, object] = {"year": str(year)}
        if year == in_force.year:
            row["year"] = WORDS.label("partly", year=str(year), month=f"{in_force:%B}")
        for _, line in part.iterrows():
            flow, effect, reach = line["flow"], line["effect"], line["reach"]
            row[f"{flow}_effect"] = percent(effect)
            row[f"{flow}_range"] = _interval(percent(effect - reach), percent(effect + reach))
            row[f"{flow}_p"] = line["p"]
        rows.append(row)
    return Rows(of=result, data=path, last=result.last, rows=rows)


@table("beside_counterfactual", id="gravity-beside-counterfactual")
def beside_counterfactual(study: Study) -> Rows:
    """Return the effects of this chapter and of the synthetic control side by side, with what differs in method."""
    import pandas as pd

    gravity, control = of(study), counterfactual_of(study)
    spoken = _both(study)
    after = ", ".join(str(year) for year in gravity.main.years if year >= gravity.spec.entry_year)
    of_control = control.findings()["counterfactual.exports.effect"]
    lines = [
        *((standard, f"gravity.{{}}.standard.{standard}", after) for standard in gravity.main.standings),
        ("control", "counterfactual.{}.effect", of_control.period),
    ]
    rows, data = [], []
    for key, id_, period in lines:
        row: dict[str, object] = {
            "method": WORDS.label(f"method.{'control' if key == 'control' else 'gravity'}"),
            "against": WORDS.label(f"against.{key}", gravity, first=str(gravity.main.years[0])),
            "period": period,
        }
        for flow in FLOWS:
            found = (gravity if key != "control" else control).findings()[id_.format(flow)]
            row[flow] = number(found.value, found.decimals, signed=True)
            row[f"{flow}_range"] = _interval(found.low, found.high, found.decimals)
            data.append(
                {"finding": found.id, "flow": flow, "percent": found.value, "low": found.low, "high": found.high,
                 "interval": found.interval, "period": period, "basis": found.basis}
            )  # fmt: skip
        rows.append(row)
    tables = tuple(dict.fromkeys((*PANEL, *of_control.datasets)))
    return Rows(of=spoken, data=pd.DataFrame(data), last=gravity.last, rows=rows, tables=tables)


def disagreement(study: Study) -> Prose:
    """Return where the two methods differ and how far that goes, flow by flow."""
    return WORDS.say("disagreement", _both(study))


def _both(study: Study) -> list[Gravity | Findings]:
    """Return what sentences about both methods speak of: each chapter's findings, and how they compare."""
    gravity, control = of(study), counterfactual_of(study).findings()
    return [gravity, control, compared(gravity.findings(), control)]


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


def _interval(low: float | None, high: float | None, decimals: int = 0) -> str:
    """Return both ends of an interval, as in a cell of a table."""
    return WORDS.label("range", low=number(low, decimals, signed=True), high=number(high, decimals, signed=True))
