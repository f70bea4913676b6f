"""The findings of the tariffs chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from korus_research.chapters.tariffs.added import OTHERS
from korus_research.chapters.tariffs.added_findings import MONTHLY, NOT_YET, added_findings
from korus_research.chapters.tariffs.rates import pooled_year
from korus_research.methods.series import USD_PER_BN, month_name
from korus_research.show.finding import Findings
from korus_research.show.making import Maker

if TYPE_CHECKING:
    from korus_research.chapters.tariffs.result import Tariffs

CONSUMPTION = "imports for consumption at customs value and calculated duty, nominal"
PARTNERS = ("realised_duties_monthly", "partner_duties_monthly")
INDUSTRIES = ("realised_duties_monthly", "sector_imports_annual", "sector_duties_annual")


def tariff_findings(tariffs: Tariffs) -> Findings:
    """Return every finding of the chapter, with ids `tariffs.*`."""
    maker = Maker("tariffs", basis=CONSUMPTION, datasets=MONTHLY, reason=NOT_YET)

    _rates(tariffs, maker)
    _steps(tariffs, maker)
    _saved(tariffs, maker)
    _margins(tariffs, maker)
    _averages(tariffs, maker)
    names = {**tariffs.spec.names, **added_findings(tariffs, maker)}
    return maker.findings(names)


def _rates(tariffs: Tariffs, maker: Maker) -> None:
    spec = tariffs.spec
    partner = spec.names.get("partner", spec.partner)
    before, last = spec.steps[0].month.year - 1, tariffs.quiet_year
    label = f"the realised duty on imports from {partner}"
    maker.add("before", "last full year before entry into force", float(before), "year", str(before))
    for name, year in (("before", before), ("quiet", last)):
        value = pooled_year(tariffs.months, year)
        maker.add(f"rate.{name}", f"{label} in {year}", value, "percent", str(year), decimals=2)
    held = tariffs.rates[[spec.partner, OTHERS]].dropna()
    own = tariffs.rates[spec.partner].dropna()
    now, both = own.index[-1], held.index[-1]
    maker.add("rate.now", f"{label} in the latest month", float(own.iloc[-1]), "percent", month_name(now), decimals=2)
    for name, column, who in (("own", spec.partner, partner), ("others", OTHERS, "all other partners")):
        maker.add(
            f"rate.both.{name}",
            f"the realised duty on imports from {who} in the latest month held for both",
            float(held[column].iloc[-1]),
            "percent",
            month_name(both),
            datasets=PARTNERS,
            decimals=2,
        )
    gap = float(held[spec.partner].iloc[-1] - held[OTHERS].iloc[-1])
    maker.add(
        "rate.both.gap",
        f"{label} less that of all other partners",
        gap,
        "points",
        month_name(both),
        datasets=PARTNERS,
        decimals=2,
    )
    missing = float(len(tariffs.gaps))
    maker.add("gaps", "months without a figure", missing, "count", f"{own.index[0]} to {now}")


def _steps(tariffs: Tariffs, maker: Maker) -> None:
    spec = tariffs.spec
    for place, step in enumerate(tariffs.steps):
        date, where = step.date, f"step.{place}"
        when = month_name(date.month)
        label = f"the change of the realised duty at the step of {when}"
        for name, value in (("before", step.before), ("after", step.after)):
            maker.add(
                f"{where}.{name}",
                f"the mean monthly rate {name} {when}",
                value,
                "percent",
                f"12 months {name} {when}",
                decimals=2,
            )
        partner = spec.names.get("partner", spec.partner)
        interval = f"range of the same difference at other months of trade with {partner}, 95 percent"
        maker.add(
            f"{where}.change",
            label,
            step.change,
            "points",
            when,
            decimals=2,
            bounds=(step.low, step.high),
            interval=interval if step.low is not None else None,
        )
        placebos = step.in_time if step.change is not None else pd.Series(dtype=float)
        largest = float(placebos.abs().max()) if len(placebos) else None
        maker.add(
            f"{where}.placebos", f"months at which the step of {when} was tried", float(len(placebos)), "count", when
        )
        maker.add(
            f"{where}.largest",
            f"the largest such change at another month than {when}",
            largest,
            "points",
            when,
            decimals=2,
        )
        reached = (
            float((placebos.abs() >= abs(step.change)).sum()) if step.change is not None and len(placebos) else None
        )
        maker.add(f"{where}.reached", f"other months with a change as large as that of {when}", reached, "count", when)
        others = step.in_space if step.change is not None else pd.Series(dtype=float)
        rank = None if step.rank is None else float(step.rank)
        said = "no other partner's duty is held for the months around it"
        maker.add(
            f"{where}.rank",
            f"the place of the fall of {when} among partners",
            rank,
            "rank",
            when,
            datasets=PARTNERS,
            reason=said,
        )
        maker.add(
            f"{where}.partners",
            f"other partners at the step of {when}",
            float(len(others)) if len(others) else None,
            "count",
            when,
            datasets=PARTNERS,
            reason=said,
        )
        parts = tariffs.parts(date) if step.change is not None else None
        period = f"{date.month.year - 1} to {date.month.year}"
        sums = {"rates": None, "basket": None} if parts is None else {k: float(parts[k].sum()) for k in parts}
        industries = "the duty by industry is not held for the year before and the year of it"
        for part, noun in (("rates", "lower rates within industries"), ("basket", "another basket of industries")):
            text = f"what {noun} amounted to in the year of the step of {when}"
            maker.add(
                f"{where}.{part}",
                text,
                sums[part],
                "points",
                period,
                datasets=INDUSTRIES,
                decimals=2,
                reason=industries,
            )
        top = None if parts is None else float(parts["rates"].min())
        text = f"what the industry with the largest part amounted to in the year of the step of {when}"
        maker.add(f"{where}.top", text, top, "points", period, datasets=INDUSTRIES, decimals=2, reason=industries)
    maker.add(
        "steps",
        f"steps of the {spec.names.get('reporter_adjective', spec.reporter_iso3)} schedule, entry into force included",
        float(len(spec.steps)),
        "count",
        "this edition",
    )


def _saved(tariffs: Tariffs, maker: Maker) -> None:
    saved, months = tariffs.savings, tariffs.months
    first, last = saved.monthly.index[0], tariffs.quiet_end
    totals = {key: saved.between(first, last, rate, months) / USD_PER_BN for key, rate in saved.base_rates.items()}
    period = f"{month_name(first)} to {month_name(last)}"
    ends = totals.values()
    noun = "duty saved on the actual imports, as calculated at entry,"
    maker.add(
        "saved.total",
        f"{noun} against the rate before the agreement",
        totals["before"],
        "usd_bn",
        period,
        bounds=(min(ends), max(ends)),
        interval="lowest and highest over base rates of the years before entry into force",
    )
    years = saved.annual.loc[: tariffs.quiet_year].loc[first.year + 1 :].dropna(subset=["matched_usd"])
    span = f"{years.index[0]} to {years.index[-1]}" if len(years) else "whole years under the agreement"
    for key, column, against in (
        ("base", "base_usd", "the rate before the agreement"),
        ("matched", "matched_usd", "the rates of partners without an agreement, industry by industry"),
    ):
        value = float(years[column].sum()) / USD_PER_BN if len(years) else None
        maker.add(
            f"saved.years.{key}", f"{noun} in whole years against {against}", value, "usd_bn", span, datasets=INDUSTRIES
        )
    _spared(tariffs, maker, years, span)
    year = tariffs.quiet_year
    for key, column in (("base", "base_usd"), ("matched", "matched_usd")):
        row = saved.annual[column].get(year)
        value = None if row is None or np.isnan(row) else float(row) / USD_PER_BN
        maker.add(f"saved.last.{key}", f"{noun} in {year}", value, "usd_bn", str(year), datasets=INDUSTRIES, decimals=2)
    share = saved.annual["base_usd"].get(year)
    whole = None if share is None else 100 * float(share) / float(saved.annual["imports_usd"].loc[year])
    maker.add("saved.last.share", f"{noun} in {year}, over those imports", whole, "percent", str(year), decimals=2)


def _spared(tariffs: Tariffs, maker: Maker, years: pd.DataFrame, span: str) -> None:
    """Make the findings of the second reading as levied, where an industry of it is held; none without such duties."""
    spared = {code: year for code, year in tariffs.spec.spared.items() if len(years) and year < int(years.index[-1])}
    if not spared:
        return
    last, partner = int(years.index[-1]), tariffs.spec.names.get("partner", tariffs.spec.partner)
    levied, held = (float(years[column].sum()) / USD_PER_BN for column in ("levied_usd", "matched_usd"))
    text = "duty saved in whole years, as calculated at entry, against the rates of partners without an agreement"
    for key, label, value in (
        ("levied", f"{text}, duties that spared {partner} included", levied),
        ("policy", f"{text}: what duties that spared {partner} add to it", levied - held),
    ):
        maker.add(f"saved.years.{key}", label, value, "usd_bn", span, datasets=INDUSTRIES)
    levied_rate = tariffs.industries["levied_rate"]
    rates = {(int(y), str(c)): float(v) for (y, c), v in zip(levied_rate.index, levied_rate, strict=True)}
    highest = max((key for key in rates if key[1] in spared and key[0] > spared[key[1]]), key=lambda key: rates[key])
    for name, (year, code) in (("before", (spared[highest[1]], highest[1])), ("highest", highest)):
        label = f"the rate of partners without an agreement in an industry that was spared, {year}"
        maker.add(f"spared.{name}", label, rates[(year, code)], "percent", str(year), datasets=INDUSTRIES, decimals=2)
    margin = float(tariffs.savings.annual["levied_margin"].loc[last])
    label = f"the preference margin in {last}, duties that spared {partner} included"
    maker.add("margin.levied", label, margin, "points", str(last), datasets=INDUSTRIES, decimals=2)


def _averages(tariffs: Tariffs, maker: Maker) -> None:
    """Make the findings of the average duties that a study counted before the agreement, both ways."""
    spec, table = tariffs.spec, tariffs.averages
    parties = {"theirs": spec.partner_iso3, "ours": spec.reporter_iso3}
    for who, importer in parties.items():
        rows = table[(table["importer"] == importer) & table["exporter"].isin(list(parties.values()))]
        by_stage = {str(stage): float(rate) for stage, rate in zip(rows["stage"], rows["rate_pct"], strict=True)}
        for stage, when in (("before", "before the agreement"), ("first_day", "after its first day")):
            whose = spec.names.get("partner_adjective" if who == "theirs" else "reporter_adjective", importer)
            label = f"the {whose} average duty on the other's goods {when}"
            maker.add(
                f"average.{who}.{stage}", label, by_stage.get(stage), "percent", when, datasets=("average_tariffs",)
            )


def _margins(tariffs: Tariffs, maker: Maker) -> None:
    margins = tariffs.savings.annual["margin"].loc[: tariffs.quiet_year].dropna()
    for name, place in (("first", 0), ("last", -1)):
        year = str(margins.index[place]) if len(margins) else "whole years"
        value = float(margins.iloc[place]) if len(margins) else None
        label = f"the preference margin over partners without an agreement in {year}"
        maker.add(f"margin.{name}", label, value, "points", year, datasets=INDUSTRIES, decimals=2)
