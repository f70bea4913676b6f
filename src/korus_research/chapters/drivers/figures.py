"""The drivers' answer, and figures: predicted paths, the real exchange rate, import volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.counterfactual.findings import BASIS, DATASETS, noun_of
from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.drivers.findings import EQUATION
from korus_research.chapters.drivers.measures import of as drivers_of
from korus_research.errors import Lacking
from korus_research.methods.series import MN_PER_BN, Flow
from korus_research.show.figure import Figure
from korus_research.show.finding import Finding, Findings
from korus_research.show.sourcing import source_line
from korus_research.show.theme import EXPORTS, IMPORTS, INK, OTHERS, PARTNER, QUIET, bare, label_ends, mark_in_force
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    import matplotlib.figure

    from korus_research.data.study import Study

_TICKS = (5, 10, 20, 30, 50, 75, 100, 150, 200, 300)
MACRO = ("macro_annual",)
PRICES = ("exchange_rates_monthly", "macro_annual")


def driver_answer(study: Study) -> Prose:
    """Return the answer in two sentences: what an equation predicts and leaves over, and what its parts amount to."""
    where = "drivers.exports.evaluation"
    return say(
        drivers_of(study),
        f"An equation in {{partner_adjective}} output and the {{currency}}, with an unexplained trend of {{drivers.exports.trend:signed}} a year, predicts {{{where}.predicted}} of exports for {{evaluation}} against {{{where}.actual}}: "
        f"for everything else, the agreement among it, it leaves {{{where}.unexplained:signed}}, anywhere from {{{where}.unexplained:range}}, so that {{{where}.room:it decides nothing|something else was at work|it decides next to nothing}}.",
        f"It puts exports {{{where}.income.same_value:abs}} {{{where}.income.same_value:higher|lower|away}} had the {{currency}} kept its real value of {{drivers.before}} ({{{where}.income.same_value:range}}), "
        f"{{{where}.income.same_pace:abs}} {{{where}.income.same_pace:higher|lower|away}} had output kept its earlier pace ({{{where}.income.same_pace:range}}) and {{{where}.income.no_trend:abs}} {{{where}.income.no_trend:higher|lower|away}} without the trend ({{{where}.income.no_trend:range}}).",
        role="answer",
    )


def drivers_beside(study: Study) -> Prose | None:
    """Return how what the equation leaves over stands to the gap of the counterfactual; None where there is none."""
    drivers = drivers_of(study)
    left = drivers.findings()["drivers.exports.evaluation.unexplained"]
    year = drivers.evaluation_year
    try:
        effects = counterfactual_of(study)
    except Lacking:
        return None
    paths = effects.main["exports"].paths
    if year is None or year not in paths.index or left.low is None or left.high is None:
        return None
    gap = float(paths["actual"].loc[year] - paths["synthetic"].loc[year]) / MN_PER_BN
    both = tuple(dict.fromkeys((*left.datasets, *DATASETS)))
    label = f"the gap of the counterfactual in {noun_of(effects, 'exports')}"
    made = (
        Finding("drivers.beside.gap", label, gap, "usd_bn", str(year), BASIS, both),
        Finding("drivers.beside.room", f"how far {label} lies inside the interval of what is left over", min(gap - left.low, left.high - gap), "usd_bn", str(year), BASIS, both),
    )  # fmt: skip
    return say(
        drivers.findings() | effects.findings() | Findings(made, drivers.findings().names),
        "The counterfactual ([Chapter](#ch-counterfactual)) puts exports of {evaluation} at {drivers.beside.gap:signed} from its path: that lies {drivers.beside.room:inside the interval of what is left over, and the two do not conflict|outside the interval of what is left over, and the two conflict|on the edge of the interval of what is left over}.",
        "The main effect there {counterfactual.exports.beyond_chance:differs|does not differ|does not differ} from zero at the {counterfactual.chance_level} level.",
    )


def export_path(study: Study) -> Figure:
    """Return actual exports against the path that the partner's demand and the exchange rate predict."""
    return _path(study, "exports", EXPORTS)


def import_path(study: Study) -> Figure:
    """Return actual imports against the path that the reporter's demand and the exchange rate predict."""
    return _path(study, "imports", IMPORTS)


def _path(study: Study, flow: Flow, colour: str) -> Figure:
    import pandas as pd

    drivers = drivers_of(study)
    spec, main = drivers.spec, drivers.main(flow)
    predicted = main.prediction
    first = drivers.plan.sample.first_year
    actual = drivers.table[flow].loc[first:] / MN_PER_BN
    years = [spec.before, *predicted.years]
    start = float(actual.loc[spec.before])
    paths = {
        e.specification.id: [start, *(e.prediction.central / MN_PER_BN)]
        for e in drivers.of_demand(flow, "income")
        if e is not main
    }
    centre, low, high = ([start, *(each / MN_PER_BN)] for each in (predicted.central, predicted.low, predicted.high))

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt
        from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

        figure, ax = plt.subplots(figsize=(8.6, 3.3), layout="constrained")
        ax.fill_between(years, low, high, color=colour, alpha=0.13, linewidth=0)
        for each in paths.values():
            ax.plot(years, each, color=OTHERS, linewidth=0.9, linestyle=(0, (4, 2)))
        ax.plot(years, centre, color=colour, linewidth=1.8, linestyle=(0, (4, 2)))
        ax.plot(actual.index, actual, color=colour, linewidth=2.3)
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(FixedLocator(_TICKS))
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
        ax.yaxis.set_minor_locator(NullLocator())
        ax.set_ylim(min(*low, *actual) * 0.93, max(*high, *actual) * 1.06)
        bare(ax)
        ax.set_xlim(first, years[-1] + (years[-1] - first) * 0.2)
        ax.set_xticks([y for y in actual.index if y % 5 == 0])
        mark_in_force(ax, study.agreement.dates.in_force)
        ax.set_ylabel("USD billion, logarithmic")
        end = float(years[-1])
        others = sorted(each[-1] for each in paths.values())
        ends = [(end, float(actual.iloc[-1]), "Actual", colour), (end, centre[-1], "Predicted", colour)]
        if others:
            ends.append((end, others[len(others) // 2], "Other equations", QUIET))
        label_ends(ax, ends, x=end, strong=("Actual", "Predicted"))
        return figure

    data = pd.DataFrame({"year": actual.index, "actual_usd_bn": actual.to_numpy()}).set_index("year")
    data = data.join(pd.DataFrame({"predicted": centre, "low": low, "high": high, **paths}, index=years))
    last = str(years[-1])
    where = f"drivers.{flow}.evaluation"
    noun = f"US goods {flow} {'to' if flow == 'exports' else 'from'} {study.names['partner']}"
    whose = "{partner_adjective}" if flow == "exports" else "{reporter_adjective}"
    return Figure(
        id=f"drivers-{flow}-path",
        title=say(
            drivers,
            f"{flow.capitalize()} of {{evaluation}} were {{{where}.actual}}; {whose} output and the exchange rate predict {{{where}.predicted}}, "
            f"and what happened lies {{{where}.room:inside|outside|on the edge of}} the interval",
        ),
        subtitle=f"{noun}, actual and predicted from {spec.before} on, USD billion at current prices, logarithmic scale",
        alt=say(
            drivers,
            "A solid line of actual figures, a dashed one of predicted figures with a band, and thin dashed lines of other equations.",
            f"In {{evaluation}} actual {flow} are {{{where}.actual}}, predicted {{{where}.predicted}}, the band from {{{where}.predicted_low}} to {{{where}.predicted_high}}.",
            f"In {{drivers.last}} actual {flow} are {{drivers.{flow}.latest.actual}}, predicted {{drivers.{flow}.latest.predicted}}, the band from {{drivers.{flow}.latest.predicted_low}} to {{drivers.{flow}.latest.predicted_high}}.",
        ),
        caption=(
            f"The equation is estimated on {main.equation.years[0]}-{main.equation.years[-1]} and given the output and exchange rate of each later year. "
            f"Band: {100 * drivers.plan.uncertainty.level:.0f} percent interval, coefficients and shocks drawn again, widened to what a backtest shows. "
            f"Thin lines: other specifications on output. The hairline marks entry into force, {study.names['in_force']}."
        ),
        source=source_line(study, EQUATION, last),
        datasets=EQUATION,
        data=data.reset_index(),
        draw=draw,
        made_by=f"korus_research.chapters.drivers.figures.{'export' if flow == 'exports' else 'import'}_path",
        last_period=last,
    )


def real_exchange_rate(study: Study) -> Figure:
    """Return the real value of the partner's currency in dollars beside those of the others, last year before entry into force = 100."""
    drivers = drivers_of(study)
    spec = drivers.spec
    table = drivers.currencies.loc[drivers.plan.sample.first_year :]
    short = {c.iso3: c.name for c in (*study.agreement.comparators, *study.agreement.context_partners)}
    own = study.agreement.partner

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, ax = plt.subplots(figsize=(8.6, 3.0), layout="constrained")
        ends = []
        for iso3 in (*(c for c in table.columns if c != spec.iso3), spec.iso3):
            line = table[iso3].dropna()
            mine = iso3 == spec.iso3
            ax.plot(line.index, line, color=PARTNER if mine else OTHERS, linewidth=2.3 if mine else 1.1)
            name = own.short if mine else short.get(iso3, iso3)
            ends.append((float(line.index[-1]), float(line.iloc[-1]), name, PARTNER if mine else QUIET))
        ax.axhline(100, color="#8A8A8A", linewidth=0.8)
        bare(ax)
        first, last = int(table.index[0]), int(table.index[-1])
        ax.set_xlim(first, last + (last - first) * 0.14)
        ax.set_xticks([y for y in table.index if y % 5 == 0])
        mark_in_force(ax, study.agreement.dates.in_force)
        ax.set_ylabel(f"index, {spec.before} = 100")
        label_ends(ax, ends, x=float(last), strong=(own.short,), size=8.5)
        return figure

    last = str(drivers.last)
    currency = own.currency.name if own.currency else "currency"
    return Figure(
        id="drivers-currency",
        title=say(
            drivers,
            "From {drivers.before} to {evaluation} the {currency} {drivers.currency.evaluation.real:gained|lost|kept} {drivers.currency.evaluation.real:abs} of its real value in dollars; the median of the others {drivers.currency.evaluation.others:gained|lost|kept} {drivers.currency.evaluation.others:abs}",
        ),
        subtitle=f"Real value of the {currency} and other currencies in dollars, {spec.before} = 100; down is less dollars",
        alt=say(
            drivers,
            "Lines by year; {partner} is in colour, the other economies in grey.",
            "From {drivers.before} to {evaluation} the {currency} {drivers.currency.evaluation.real:gained|lost|kept} {drivers.currency.evaluation.real:abs} of its real value, the median of the others {drivers.currency.evaluation.others:gained|lost|kept} {drivers.currency.evaluation.others:abs}.",
            "To {drivers.last} its change is {drivers.currency.latest.real:signed}, theirs {drivers.currency.latest.others:signed}.",
        ),
        caption="Yearly averages, deflated by the consumer prices of both sides. A fall of all lines is a rise of the dollar. The axis does not start at zero.",
        source=source_line(study, PRICES, last),
        datasets=PRICES,
        data=table.rename_axis("year").reset_index(),
        draw=draw,
        made_by="korus_research.chapters.drivers.figures.real_exchange_rate",
        last_period=last,
    )


def import_volume(study: Study) -> Figure:
    """Return average growth of import volume before and after entry into force, by economy."""
    drivers = drivers_of(study)
    spec = drivers.spec
    end = drivers.evaluation_year or drivers.last
    table = drivers.growth(end).dropna(subset=["volume_before", "volume_after"]).sort_values("volume_after")
    own, reporter = study.agreement.partner, study.agreement.reporter
    short = {c.iso3: c.name for c in (*study.agreement.comparators, *study.agreement.context_partners)}
    short |= {own.iso3: own.short, reporter.iso3: reporter.short}
    after, before = f"{spec.before + 1} to {end}", f"{spec.before - drivers.plan.benchmark.years + 1} to {spec.before}"

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, ax = plt.subplots(figsize=(8.6, 0.29 * len(table) + 0.75), layout="constrained")
        for place, (iso3, row) in enumerate(table.iterrows()):
            mine = iso3 == spec.iso3
            colour = PARTNER if mine else QUIET
            then, now = float(row["volume_before"]), float(row["volume_after"])
            ax.plot([then, now], [place, place], color=PARTNER if mine else OTHERS, linewidth=2, zorder=1)
            ax.scatter(then, place, color="#FFFFFF", edgecolor=colour, s=42, linewidth=1.6, zorder=3)
            ax.scatter(now, place, color=colour, s=42, zorder=3)
            if place == len(table) - 1:
                for x, text in ((then, before), (now, after)):
                    ax.annotate(
                        text,
                        (x, place),
                        xytext=(0, 8),
                        textcoords="offset points",
                        fontsize=8,
                        color=QUIET,
                        ha="left" if x == max(then, now) else "right",
                    )
        names = [short.get(str(iso3), str(iso3)) for iso3 in table.index]
        ax.set_yticks(range(len(table)), names)
        ax.set_ylim(-0.6, len(table) - 0.2)
        for tick, iso3 in zip(ax.get_yticklabels(), table.index, strict=True):
            tick.set_color(PARTNER if iso3 == spec.iso3 else INK)
        ax.axvline(0, color="#8A8A8A", linewidth=0.8)
        bare(ax, grid="x")
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel("percent a year", loc="left")
        return figure

    where = "drivers.volume.evaluation"
    return Figure(
        id="drivers-volume",
        title=say(
            drivers,
            f"From {{{where}.after@period}} the volume of {{partner_adjective}} imports {{{where}.after:grew|shrank|stood still}} by {{{where}.after:abs}} a year, {{{where}.gap_past:abs}} {{{where}.gap_past:more than|less than|away from}} in the years before",
        ),
        subtitle=f"Volume of goods imports, average growth a year, percent: {before} (hollow) and {after} (filled)",
        alt=say(
            drivers,
            "Two dots a line, one line an economy, sorted by growth after entry into force; {partner} is in colour.",
            f"{{partner}}: {{{where}.before:signed}} a year before, {{{where}.after:signed}} after. Median of the others: {{{where}.others_before:signed}} and {{{where}.others:signed}}.",
        ),
        caption="Geometric means of yearly growth. Volumes are the IMF's; the other economies are those in the data, no group of a kind.",
        source=source_line(study, MACRO, str(end)),
        datasets=MACRO,
        data=table.rename_axis("iso3").reset_index(),
        draw=draw,
        made_by="korus_research.chapters.drivers.figures.import_volume",
        last_period=str(end),
    )
