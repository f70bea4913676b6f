"""Tables of the duties: the steps, partners and industries under added duties, the schedule by year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Literal

import pandas as pd

from korus_research.chapters.tariffs.measures import ORIGINS, applied_by_origin, of as tariffs_of
from korus_research.chapters.tariffs.rates import pooled_year
from korus_research.chapters.tariffs.steps import COVERAGE, WINDOW
from korus_research.data.period import day_text
from korus_research.data.study import Study
from korus_research.methods.series import USD_PER_BN, month_name
from korus_research.show.shown import DASH, Prose, Rows, Words, capital, number, number_range, table

WORDS = Words("tariffs")
SHOWN = 10  # industries; the CSV holds all
STAGES = ("before", "first_day", "year_10")


@table("steps", tables=("realised_duties_monthly", "partner_duties_monthly"))
def duty_steps(study: Study) -> Rows:
    """Return the steps of the realised rate, and the same differences at other months and partners."""
    tariffs = tariffs_of(study)
    rows = []
    data: list[tuple[str, str, str, float | None]] = []
    for step in tariffs.steps:
        month, rank, total = step.date.month, step.rank, str(len(step.in_space) + 1)
        row = {"date": month_name(month), "what": step.date.goods or WORDS.label("entry")}
        known = step.low is not None and step.high is not None
        row["interval"] = number_range(step.low, step.high, 2, signed=True) if known else ""
        row["place"] = "" if rank is None else WORDS.label("place", rank=str(rank), partners=total)
        rows.append({**row, "before": step.before, "after": step.after, "change": step.change})
        for kind, placebos in (("month", step.in_time), ("partner", step.in_space)):
            data += [(str(month), kind, str(key), float(value)) for key, value in placebos.items()]
        data.append((str(month), "step", str(month), step.change))
    largest = max(range(len(tariffs.steps)), key=lambda place: abs(tariffs.steps[place].change or 0.0))
    frame = pd.DataFrame(data, columns=["step", "tried_at", "key", "change_points"])
    given = {"largest": str(largest), "window": str(WINDOW), "coverage": f"{100 * COVERAGE:.0f}"}
    return Rows(of=tariffs, data=frame, last=str(tariffs.steps[-1].date.month), given=given, rows=rows)


@table("added-partners", tables=("partner_duties_monthly",))
def added_partners(study: Study) -> Rows | None:
    """Return rates and imports under added duties beside other partners; None where nobody else is held."""
    keys = {"rate_before": "before", "rate_after": "after", "imports_before": "imports", "imports_after": "now"}
    return _added(study, "partner", keys, {**tariffs_of(study).partner_names, **WORDS.labels("partners")})


def _added(
    study: Study, of: Literal["partner", "sector"], keys: Mapping[str, str], called: Mapping[str, str]
) -> Rows | None:
    """Return partners or industries under added duties; `keys` maps columns of the frame to those of the table."""
    if (added := (tariffs := tariffs_of(study)).added) is None:
        return None
    frame, after = (added.partners, added.after) if of == "partner" else (added.sectors, added.sectors_after)
    if after is None or frame.empty:
        return None
    shown = frame.assign(**{key: frame[key] / USD_PER_BN for key in ("imports_before", "imports_after")})
    records = shown.rename(columns=keys).to_dict("records")
    rows = [{**row, of: called.get(str(code), str(code))} for code, row in zip(frame.index, records, strict=True)]
    data = frame.rename_axis("partner" if of == "partner" else "code").reset_index()
    return Rows(of=tariffs, data=data, last=str(after[1]), rows=rows)


@table("added-sectors", tables=("sector_duties_monthly", "sector_groups"))
def added_sectors(study: Study) -> Rows | None:
    """Return the partner's industries under added duties beside all other partners; None where they are not held."""
    keys = {"imports_before": "imports", "rate_after": "rate", "rate_after_others": "rate_others"}
    shown = _added(study, "sector", keys, tariffs_of(study).sector_names)
    return None if shown is None else replace(shown, rows=shown.rows[:SHOWN])


@table("schedule", tables=("realised_duties_monthly", "tariff_rates"))
def duty_schedule(study: Study) -> Rows | None:
    """Return the statutory rates of the products held by year, beside the realised duty; None where none are held."""
    tariffs, agreement, as_of = tariffs_of(study), study.agreement, study.parameters.as_of
    parties = {party.iso3: party.short for party in (agreement.partner, agreement.reporter)}
    held = study.load("tariff_rates")
    held = held[held["importer"].isin(list(parties)) & (held["year"] <= int(as_of[:4]))]
    if held.empty:
        return None
    # A product whose schedule was amended stands twice; where both hold a year they agree, as a test says.
    lines = held.drop_duplicates(["importer", "hs", "year"], keep="last")
    lines = lines.assign(line=lines["importer"] + "_" + lines["hs"].str.replace(".", ""))
    rates = lines.pivot(index="year", columns="line", values="rate_pct")
    about = lines.sort_values(["importer", "hs"], kind="stable").drop_duplicates("line").set_index("line")
    given: dict[str, str | list[str]] = {"lines": list(about.index)}
    for line, row in about.iterrows():
        given |= {f"importer_{line}": parties[row["importer"]], f"product_{line}": row["product"].split(" from ")[0]}
    realised = {year: pooled_year(tariffs.months, year) for year in rates.index}
    rows = [
        {"year": str(year), "realised": realised[year], **{str(line): _rate(value) for line, value in row.items()}}
        for year, row in rates.loc[agreement.dates.in_force.year - 1 :].iterrows()
    ]
    data = held.assign(realised_on_all_goods_pct=held["year"].map(realised))
    return Rows(of=tariffs, data=data, last=str(rates.index[-1]), given=given, rows=rows)


def _rate(value: float) -> str:
    """Return a statutory rate as it is written, 2.5 or 8; a dash where none is held."""
    return DASH if value != value else f"{value:g}"


@table("duty-free", tables=("duty_free_shares", "average_tariffs"))
def duty_free(study: Study) -> Rows | None:
    """Return the shares of lines and of trade free of duty, both ways, and the averages; None where none are held."""
    shares, averages = study.load("duty_free_shares"), study.load("average_tariffs")
    parties = (study.agreement.partner, study.agreement.reporter)
    kept = shares[shares["importer"].isin([p.iso3 for p in parties])]
    if kept.empty or averages.empty:
        return None
    said: dict[tuple[str, str, str], str] = {}  # the first that is held of each
    for r in averages.to_dict("records"):
        said.setdefault((r["importer"], r["stage"], "average"), number(r["rate_pct"], 1))
    for r in kept.to_dict("records"):
        said.setdefault((r["importer"], r["stage"], r["of"]), f"{r['qualifier']} {number(r['share_pct'], 0)}".strip())
    rows = []
    for measure, party in product(("lines", "value", "average"), parties):
        what = WORDS.label(f"promised.{measure}", party=party.short)
        stages = {stage: said.get((party.iso3, stage, measure), DASH) for stage in STAGES}
        unit = WORDS.label("ad_valorem" if measure == "average" else "percent")
        rows.append({"what": what, **stages, "unit": unit})
    return Rows(of=tariffs_of(study), data=kept, last=str(int(kept["year"].max())), rows=rows)


@table("applied", tables=("partner_tariffs_annual",))
def partner_applied(study: Study) -> Rows | None:
    """Return the partner's applied tariff by origin and year; None where none are held."""
    tariffs = tariffs_of(study)
    held = applied_by_origin(tariffs)
    if held.empty:
        return None
    wide = held.pivot(index="year", columns="origin", values="value").reindex(columns=list(ORIGINS.values()))
    wide.columns = pd.Index(list(ORIGINS))
    rows = [{"year": str(year), **row} for year, row in wide[wide["own"].notna()].to_dict("index").items()]
    return Rows(of=tariffs, data=held, last=str(wide.index[-1]), rows=rows)


@table("by-chapter", tables=("partner_tariff_chapters",))
def partner_by_chapter(study: Study) -> Rows | None:
    """Return the chapters on whose imports the partner's agreements lower its duties most; None where none are held."""
    held = study.load("partner_tariff_chapters")
    held = held[held["importer"] == study.agreement.partner.iso3]
    if held.empty:
        return None
    cut = held["imports_usd_bn"] * (held["mfn_pct"] - held["applied_pct"])
    shown = held.loc[cut.sort_values(ascending=False, kind="stable").index[:SHOWN]]
    chapters, year = Words("products").labels("chapters"), str(shown["year"].max())
    rows = [{**row, "chapter": capital(chapters[row["hs2"]])} for row in shown.to_dict("records")]
    return Rows(of=tariffs_of(study), data=held, last=year, rows=rows, given={"year": year})


def chapters_that_gained(study: Study) -> Prose | None:
    """Return the sentence that introduces duties by tariff chapter; None where that table is not shown."""
    shown = partner_by_chapter(study)
    return WORDS.say("by_chapter", tariffs_of(study), by_chapter_year=shown.last_period) if shown else None


@table("utilisation", tables=("utilisation_rates",))
def use_of_preference(study: Study) -> Rows | None:
    """Return published rates of use in three definitions, never in one series; None where none are held."""
    held = study.load("utilisation_rates")
    # They are of one agreement only: the table has no column for it.
    if held.empty or study.agreement.partner.iso3 != "KOR":
        return None
    shown = held[held["goods"].eq("all") & held["firms"].eq("all")]
    order = shown["definition"].map(list(WORDS.labels("definitions")).index)
    shown = shown.assign(order=order).sort_values(["order", "period_end"])
    rows = [
        {
            "definition": WORDS.label(f"definitions.{row['definition']}"),
            "flow": WORDS.label(f"flows.{row['flow']}"),
            "period": _period(row["period"]),
            "rate": row["rate_pct"],
        }
        for row in shown.to_dict("records")
    ]
    return Rows(of=tariffs_of(study), data=held, last=str(held["period_end"].max()), rows=rows)


def _period(text: str) -> str:
    """Return a period of the table in words: `2012-03-15..2012-05-14` is "March 15 to May 14, 2012"."""
    year, half = text[:4], {"H1": "first half", "Q1": "first quarter"}.get(text[-2:])
    if half:
        return f"{year}, {half}"
    ends = [date.fromisoformat(end) for end in text.split("..") if len(end) == len("2012-03-15")]
    if ends:
        return f"{ends[0]:%B} {ends[0].day} to {day_text(ends[-1])}"
    first, _, last = text.partition("..")
    if last:
        return f"{date(int(year), int(first[5:]), 1):%B} to {month_name(f'{year}-{last}')}"
    return month_name(first) if len(first) == len("2012-03") else first
