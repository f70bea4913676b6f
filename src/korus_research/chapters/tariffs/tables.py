"""Tables of the duties: the steps, partners and industries under added duties, the schedule by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.tariffs.measures import of as tariffs_of
from korus_research.chapters.tariffs.rates import pooled_year
from korus_research.chapters.tariffs.steps import COVERAGE, WINDOW
from korus_research.methods.series import USD_PER_BN, month_name
from korus_research.show.sourcing import source_line
from korus_research.show.table import Column, Table, number
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.chapters.tariffs.result import Tariffs
    from korus_research.data.study import Study

STEPS = ("realised_duties_monthly", "partner_duties_monthly")
WINDOWS = ("partner_duties_monthly", "sector_duties_monthly", "sector_groups")
SCHEDULE = ("realised_duties_monthly", "tariff_rates")
SHARES = ("duty_free_shares", "average_tariffs")
SHOWN = 10  # industries; the CSV holds all
STAGES = {"before": "Before", "first_day": "At the start", "year_10": "By the tenth year"}


def duty_steps(study: Study) -> Table:
    """Return the steps of the realised rate with what the same difference is elsewhere."""
    import pandas as pd

    tariffs = tariffs_of(study)
    rows = []
    data: list[tuple[str, str, str, float | None]] = []
    for step in tariffs.steps:
        interval = "\N{EN DASH}"
        if step.low is not None and step.high is not None:
            interval = f"{number(step.low, 2, signed=True)} to {number(step.high, 2, signed=True)}"
        place = "\N{EN DASH}" if step.rank is None else f"{step.rank} of {len(step.in_space) + 1}"
        rows.append(
            {
                "date": month_name(step.date.month),
                "what": step.date.label[:1].upper() + step.date.label[1:],
                "before": number(step.before, 2),
                "after": number(step.after, 2),
                "change": number(step.change, 2, signed=True),
                "interval": interval,
                "place": place,
            }
        )
        for kind, placebos in (("month", step.in_time), ("partner", step.in_space)):
            data += [(str(step.date.month), kind, str(key), float(value)) for key, value in placebos.items()]
        data.append((str(step.date.month), "step", str(step.date.month), step.change))
    last = tariffs.steps[-1]
    biggest = max(range(len(tariffs.steps)), key=lambda i: abs(tariffs.steps[i].change or 0.0))
    title = f"Largest step, {month_name(tariffs.steps[biggest].date.month)}: the realised duty {{tariffs.step.{biggest}.change:rose|fell|did not change}} by {{tariffs.step.{biggest}.change:abs}}"
    return Table(
        id="tariffs-steps",
        title=say(tariffs, title, keep=True),
        caption=(
            f"Means of the monthly rates in the {WINDOW} months before and after; a month that the date divides is in neither. Interval: the change less what the same difference is in the middle {100 * COVERAGE:.0f} percent of "
            f"other months of trade with {study.names['partner']}, whose windows overlap. Place: by the size of the fall, among all partners held."
        ),
        source=source_line(study, STEPS, str(last.date.month)),
        datasets=STEPS,
        columns=[
            Column("date", "Date", align="left", width=1.1),
            Column("what", "What applied from then", align="left", width=2),
            Column("before", "Before", "percent"),
            Column("after", "After", "percent"),
            Column("change", "Change", "points"),
            Column("interval", "Interval", "points", align="right", width=1.4),
            Column("place", "Place", align="right", width=0.9),
        ],
        rows=rows,
        row_header="date",
        data=pd.DataFrame(data, columns=["step", "tried_at", "key", "change_points"]),
        made_by="korus_research.chapters.tariffs.tables.duty_steps",
        last_period=str(last.date.month),
    )


def added_partners(study: Study) -> Table | None:
    """Return rates and imports under added duties beside other partners; None where nobody else is held."""
    tariffs = tariffs_of(study)
    added = tariffs.added
    if added is None or added.after is None or added.partners.empty:
        return None
    table = added.partners
    rows = [
        {
            "partner": tariffs.name(str(code)),
            "before": number(float(row["rate_before"]), 2),
            "after": number(float(row["rate_after"]), 1),
            "imports": number(float(row["imports_before"]) / USD_PER_BN, 1),
            "now": number(float(row["imports_after"]) / USD_PER_BN, 1),
            "change": number(float(row["change"]), 1, signed=True),
        }
        for code, row in table.iterrows()
    ]
    return _window_table(
        study,
        tariffs,
        "tariffs-added-partners",
        say(
            tariffs,
            f"{tariffs.findings().names['added_window']}: imports for consumption from {{partner}} {{tariffs.added.own.change:rose|fell|did not change}} by {{tariffs.added.own.change:abs}} on the same months of the year before, those from all others {{tariffs.added.others.change:rose|fell|did not change}} by {{tariffs.added.others.change:abs}}",
            keep=True,
        ),
        [
            Column("partner", "Partner", align="left", width=1.6),
            Column("before", "Rate before", "percent"),
            Column("after", "Rate after", "percent"),
            Column("imports", "Imports before", "USD bn"),
            Column("now", "Imports after", "USD bn"),
            Column("change", "Change", "percent"),
        ],
        rows,
        "partner",
        table.rename_axis("partner").reset_index(),
        "added_partners",
    )


def added_sectors(study: Study) -> Table | None:
    """Return the partner's industries under added duties beside all other partners; None where they are not held."""
    tariffs = tariffs_of(study)
    added = tariffs.added
    if added is None or added.sectors.empty:
        return None
    table = added.sectors
    rows = [
        {
            "sector": tariffs.spec.sector_names.get(str(code), str(code)),
            "imports": number(float(row["imports_before"]) / USD_PER_BN, 1),
            "rate": number(float(row["rate_after"]), 1),
            "rate_others": number(float(row["rate_after_others"]), 1),
            "change": number(float(row["change"]), 1, signed=True),
            "change_others": number(float(row["change_others"]), 1, signed=True),
        }
        for code, row in table.head(SHOWN).iterrows()
    ]
    partner = tariffs.name(tariffs.spec.partner)
    top = tariffs.spec.sector_names.get(str(table.index[0]), str(table.index[0])).lower()
    return _window_table(
        study,
        tariffs,
        "tariffs-added-sectors",
        say(
            tariffs,
            f"{tariffs.findings().names['added_window']}: the duty on {top} from {{partner}} was {{tariffs.added.sector1.rate_after}}, on that from all others {{tariffs.added.sector1.rate_after_others}}",
            keep=True,
        ),
        [
            Column("sector", "Industry", align="left", width=2.4),
            Column("imports", f"{partner}: imports before", "USD bn"),
            Column("rate", f"{partner}: rate after", "percent"),
            Column("rate_others", "Others: rate after", "percent"),
            Column("change", f"{partner}: imports", "percent"),
            Column("change_others", "Others: imports", "percent"),
        ],
        rows,
        "sector",
        table.rename_axis("code").reset_index(),
        "added_sectors",
    )


def _window_table(
    study: Study,
    tariffs: Tariffs,
    id_: str,
    title: Prose,
    columns: list[Column],
    rows: list[dict[str, str]],
    header: str,
    data: pd.DataFrame,
    name: str,
) -> Table:
    names = tariffs.findings().names
    last = str(tariffs.added.after[1]) if tariffs.added is not None and tariffs.added.after is not None else ""
    return Table(
        id=id_,
        title=title,
        caption=f"Before: {names['added_before']}; after: {names['added_window']}. Imports for consumption at customs value. Description: what imports did is not what the duties did to them.",
        source=source_line(study, WINDOWS, last),
        datasets=WINDOWS,
        columns=columns,
        rows=rows,
        row_header=header,
        data=data,
        made_by=f"korus_research.chapters.tariffs.tables.{name}",
        last_period=last,
        notes=(
            f"Others are the world less {study.names['partner']}. Industries are wide: transport equipment holds cars, parts, aircraft and ships, which bear different duties.",
        ),
    )


def duty_schedule(study: Study) -> Table | None:
    """Return the statutory rates of the products held by year, beside the realised duty; None where none are held."""
    tariffs, agreement, as_of = tariffs_of(study), study.agreement, study.parameters.as_of
    parties = {party.iso3: party.short for party in (agreement.partner, agreement.reporter)}
    held = study.load("tariff_rates")
    held = held[held["importer"].isin(list(parties)) & (held["year"] <= int(as_of[:4]))]
    if held.empty:
        return None
    # A product whose schedule was amended stands twice; where both hold a year they agree, as a test says.
    lines = held.drop_duplicates(["importer", "hs", "year"], keep="last")
    rates = lines.pivot(index="year", columns=["importer", "hs"], values="rate_pct")
    names = lines.drop_duplicates(["importer", "hs"]).set_index(["importer", "hs"])["product"]
    labels = {key: f"{parties[key[0]]}: {str(names.loc[key]).split(' from ')[0]}" for key in sorted(names.index)}
    realised = {year: pooled_year(tariffs.months, year) for year in rates.index}
    first = agreement.dates.in_force.year - 1
    rows = [
        {
            "year": str(year),
            "realised": number(realised[year], 2),
            **{f"{importer}_{hs}": _rate(rates[(importer, hs)].loc[year]) for importer, hs in labels},
        }
        for year in rates.index
        if year >= first
    ]
    partner = agreement.partner.short
    return Table(
        id="tariffs-schedule",
        title=say(
            tariffs,
            "All goods from {partner}: {tariffs.rate.before} of duty in {tariffs.rate.before@period}, {tariffs.rate.quiet} in {tariffs.rate.quiet@period}; beside it the rates laid down for some products",
            keep=True,
        ),
        caption=(
            f"Realised: duty calculated at entry into the {agreement.reporter.short} on all goods from {partner}, whole years. The others: rates by the agreement's schedules for goods of the other party, in force for most of the year, by importer. "
            f"What {partner} collects in fact is not among the data."
        ),
        source=source_line(study, SCHEDULE, str(rates.index[-1])),
        datasets=SCHEDULE,
        columns=[
            Column("year", "Year", align="left", width=0.7),
            Column("realised", f"{agreement.reporter.short}: all, realised", "percent"),
            *(Column("_".join(key), label, "percent", align="right") for key, label in labels.items()),
        ],
        rows=rows,
        row_header="year",
        data=held.assign(realised_on_all_goods_pct=held["year"].map(realised)),
        made_by="korus_research.chapters.tariffs.tables.duty_schedule",
        last_period=str(rates.index[-1]),
        notes=(
            "A dash: the schedule as collected holds no rate for that year, or a month of the realised duty is missing. Duties added outside the agreement are in the realised rate alone.",
        ),
    )


def _rate(value: float) -> str:
    """Return a statutory rate as it is written, 2.5 or 8; a dash where none is held."""
    return "\N{EN DASH}" if value != value else f"{value:g}"


def duty_free(study: Study) -> Table | None:
    """Return the shares of lines and of trade free of duty, both ways, and the averages; None where none are held."""
    shares, averages = study.load("duty_free_shares"), study.load("average_tariffs")
    agreement = study.agreement
    parties = (agreement.partner, agreement.reporter)
    kept = shares[shares["importer"].isin([p.iso3 for p in parties])]
    if kept.empty or averages.empty:
        return None
    rows = []
    for label, measure, unit in (
        ("Lines free of duty", "lines", "percent"),
        ("Value free of duty", "value", "percent"),
        ("Average duty", "average", "percent ad valorem"),
    ):
        for party in parties:
            row = {"what": f"{label}, {party.short}"}
            for stage in STAGES:
                row[stage] = _share(kept, averages, party.iso3, stage, measure)
            rows.append({**row, "unit": unit})
    year = str(int(kept["year"].max()))
    return Table(
        id="tariffs-duty-free",
        title="Duty-free shares promised",
        caption="Counted before the agreement by the US International Trade Commission on the text of that year; later changes of the text are not in it.",
        source=source_line(study, SHARES, year),
        datasets=SHARES,
        columns=[
            Column("what", "Measure and importer", align="left", width=2.4),
            *(Column(stage, text, align="right", width=1.2) for stage, text in STAGES.items()),
            Column("unit", "Unit", align="left", width=1.2),
        ],
        rows=rows,
        row_header="what",
        data=kept,
        made_by="korus_research.chapters.tariffs.tables.duty_free",
        last_period=year,
    )


def _share(shares: pd.DataFrame, averages: pd.DataFrame, importer: str, stage: str, measure: str) -> str:
    if measure == "average":
        found = averages[(averages["importer"] == importer) & (averages["stage"] == stage)]
        return number(float(found["rate_pct"].iloc[0]), 1) if len(found) else "\N{EN DASH}"
    found = shares[(shares["importer"] == importer) & (shares["stage"] == stage) & (shares["of"] == measure)]
    if found.empty:
        return "\N{EN DASH}"
    row = found.iloc[0]
    return f"{row['qualifier']} {number(float(row['share_pct']), 0)}".strip()
