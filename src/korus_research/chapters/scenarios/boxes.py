"""The assumptions of each scenario in a box: what changes, by how much, where the figure comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.scenarios.figures import left_out, tables_used
from korus_research.chapters.scenarios.measures import of as scenarios_of
from korus_research.chapters.scenarios.terms import MODEL, USED
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.sourcing import source_line
from korus_research.show.table import Column, Table
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    from korus_research.chapters.scenarios.analyse import Scenarios
    from korus_research.data.study import Study
    from korus_research.show.finding import Findings

Rows = list[tuple[str, str, str]]
ALL = "all goods, duty over imports for consumption"


def model_box(study: Study) -> Table:
    """Return what all scenarios have in common: baseline, elasticity, deficits, numeraire."""
    result = scenarios_of(study)
    found, spec = result.findings(), result.spec
    year = found.names["model_year"]
    thetas = f"{_text(found, 'model.elasticity_low')} to {_text(found, 'model.elasticity_high')}"
    rows: Rows = [
        ("Baseline", f"{_text(found, 'model.economies')} economies in {year}, domestic sales included", "WIOD"),
        ("Sectors", "One; goods and services, inputs and final use together", "Choice"),
        ("Trade elasticity", f"{_text(found, 'model.elasticity')}; {thetas} tried", "Choice, range of the literature"),
        ("Output", "Each economy's is in fixed supply; wages and prices adjust", "Model"),
        (
            "Trade balances",
            "Each economy's balance with the world is held, in units of world output"
            if spec.deficits == "additive"
            else "Each economy's spending is held as a multiple of its output",
            "Choice: the model does not explain balances",
        ),
        ("Numeraire", "What money is counted in: world output; real changes are free of it", "Choice"),
        ("Duty revenue", "Goes back to the importer's households", "Model"),
        ("Others' policies", "As they were: no retaliation, no other change", "Choice"),
        (
            "Duties in the baseline",
            f"Those of the United States, realised in {result.duties.years[0]}; nobody else's, which are not in the data",
            "Approximation: Limits says what it does" if result.tested else "Approximation",
        ),
    ]
    return _box(study, "model", "What all scenarios assume", rows, MODEL, str(spec.baseline_year))


def undone_box(study: Study) -> Table | Prose:
    """Return the assumptions of the agreement undone."""
    result = scenarios_of(study)
    if "undone" in result.lacking:
        return left_out(study, "undone")
    found, spec = result.findings(), result.spec
    rows: Rows = []
    for key, estimate in spec.estimates.items():
        levels = f"{100 * estimate.level:.0f} percent interval"
        for flow in FLOWS:
            effect = found[f"scenarios.effect.{key}.{flow}"]
            said = f"{effect.text('signed')}; {levels} {effect.text('range')}"
            rows.append((f"Effect on goods {flow}, {estimate.name}", said, f"{estimate.chapter.capitalize()} chapter"))
    rows += [
        ("Form", "Iceberg costs in both flows: goods used up in trade, no revenue", "Choice: duties are apart below"),
        _goods(result, "services as they were"),
        (
            "Draws",
            f"{_text(found, 'model.draws')} an estimate: half on either side of it, each side as wide as the interval's; the two flows independently",
            f"Seed {spec.seed}",
        ),
        (
            "Trade elasticity",
            f"Drawn too, each of {_elasticities(result)} as often; estimates alone at {_text(found, 'model.elasticity')}",
            "Choice, range of the literature",
        ),
    ]
    title = f"What {found.names['agreement']} undone assumes"
    datasets = tables_used(tuple(spec.estimates))
    return _box(study, "undone", title, rows, datasets, str(spec.baseline_year))


def mfn_box(study: Study) -> Table | Prose:
    """Return the assumptions of the duties before the agreement back."""
    result = scenarios_of(study)
    if "mfn" in result.lacking:
        return left_out(study, "mfn")
    found, names = result.findings(), result.findings().names
    us, them = names["reporter_adjective"], names["partner_adjective"]
    first, former = result.duties.years[0], result.duties.former
    year = "" if former is None else str(former.year)
    averages = f"US International Trade Commission. {study.catalog.describe('average_tariffs').basis}"
    rows: Rows = [
        (
            f"{us} duty on {names['partner']}",
            f"From {_text(found, 'rate.partner_before')} ({first}) to {_text(found, 'rate.reporter_mfn')} ({year})",
            f"Realised: {ALL}",
        ),
        (f"{them} duty on the United States", f"From none to {_text(found, 'rate.partner_mfn')}", averages),
        (
            "In the range: the same study on both sides",
            f"From none to {_text(found, 'rate.partner_mfn')} in {names['partner']} and to {_text(found, 'rate.reporter_average')} in the United States",
            "The same study",
        ),
    ]
    if former is not None and former.first_day is not None:
        said = (
            f"From {_text(found, 'rate.partner_first_day')} to {_text(found, 'rate.partner_mfn')} in {names['partner']}, from {_text(found, 'rate.reporter_first_day')} "
            f"to {_text(found, 'rate.reporter_average')} in the United States; the rest in force before and after"
        )
        rows.append(("In the range: only the first day's cuts undone", said, "The same study"))
    rows += [
        _goods(result, "the duty times that share, on the whole flow"),
        _levied(result, "exports"),
        (
            "Flows",
            f"Those of {names['model_year']}, when part of the cuts was still to come",
            "Approximation",
        ),
        ("Left out", "Everything but duties: customs, standards, services, investment", "Choice"),
    ]
    title = f"What the duties before {names['agreement']} assume"
    return _box(study, "mfn", title, rows, USED["mfn"], str(first))


def duties_box(study: Study) -> Table | Prose:
    """Return the assumptions of the scenarios of new duties."""
    result = scenarios_of(study)
    if "duties_all" in result.lacking:
        return left_out(study, "duties_partner")
    found, names = result.findings(), result.findings().names
    partner, (before, _), when = names["partner"], result.duties.years, names["duties_after"]
    without = ", ".join(result.economies[code] for code in result.duties.without_own)

    def moved(who: str) -> str:
        return f"From {_text(found, f'rate.{who}_before')} ({before}) to {_text(found, f'rate.{who}_after')} ({when})"

    rows: Rows = [
        (f"Duty on {partner}", moved("partner"), f"Realised: {ALL}"),
        *_latest(result),
        ("Duty on all others", f"{moved('others')}, each economy its own", f"Realised: {ALL}"),
        ("Lacking an own duty or goods share", f"{without}: that of all such partners together", "The remainder"),
        _goods(result, "the duty times that share, on the whole flow"),
        _levied(result, "imports"),
        ("Goods share, other partners", "Of US imports of goods and services", "Balance of payments"),
        (
            f"Margin of {partner}",
            f"Its own duty against {_text(found, 'rate.kept')}, which keeps its price relative to others as in {before}",
            "Computed; others' duties are the new ones in both",
        ),
    ]
    last = str(result.duties.years[1])
    return _box(study, "duties", "What the scenarios of new duties assume", rows, USED["duties_all"], last)


def _latest(result: Scenarios) -> Rows:
    """The row of the latest months' duty on the partner, where there are any after the year of the new duties."""
    if "duties_latest" not in result.outcomes:
        return []
    found, names = result.findings(), result.findings().names
    said = (
        f"{_text(found, 'rate.months')} ({names['duties_latest']}); others' duties of these months are not in the data"
    )
    return [(f"The same, at the latest rate on {names['partner']}", said, f"Realised: {ALL}")]


def _goods(result: Scenarios, what: str) -> tuple[str, str, str]:
    found = result.findings()
    shares = f"{_text(found, 'goods.exports')} of exports, {_text(found, 'goods.imports')} of imports"
    return ("Goods share, between the parties", f"{shares}; {what}", f"WIOD, {result.duties.goods_year}")


def _levied(result: Scenarios, flow: Flow) -> tuple[str, str, str]:
    """What it matters that services bear a part of the duty."""
    found = result.findings()
    whole, goods = (found[f"scenarios.levied.{flow}.{what}"].text("signed") for what in ("whole", "goods"))
    return (
        "Services under the duty",
        f"At given prices it moves {flow} by {whole}; levied on goods alone, {goods}",
        "Approximation, computed",
    )


def _elasticities(result: Scenarios) -> str:
    found = [f"{theta:g}" for theta in sorted(result.spec.elasticities)]
    return f"{', '.join(found[:-1])} and {found[-1]}"


def _text(found: Findings, key: str) -> str:
    return found[f"scenarios.{key}"].text()


def _box(study: Study, key: str, title: str, rows: Rows, datasets: tuple[str, ...], last: str) -> Table:
    import pandas as pd

    cells = [{"what": a, "assumed": b, "source": c} for a, b, c in rows]
    return Table(
        id=f"scenarios-box-{key}",
        title=say(scenarios_of(study), title),
        caption="Assumptions, and where each is from.",
        source=source_line(study, datasets, last),
        datasets=datasets,
        columns=[
            Column("what", "What", align="left", width=1.4),
            Column("assumed", "Assumed", align="left", width=2.6),
            Column("source", "From", align="left", width=1.5),
        ],
        rows=cells,
        row_header="what",
        data=pd.DataFrame(cells),
        made_by=f"korus_research.chapters.scenarios.boxes.{key}_box",
        last_period=last,
    )
