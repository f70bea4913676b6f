"""Figures and tables of the comparison with other partners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.comparators.measures import of as comparators_of
from korus_research.methods.series import WORLD
from korus_research.show.figure import Figure
from korus_research.show.sourcing import period_name, source_line
from korus_research.show.table import Column, Table, number
from korus_research.show.theme import (
    EXPORTS,
    IMPORTS,
    INK,
    QUIET,
    bare,
    label_ends,
    mark_dates,
    mark_in_force,
    month_ends,
    on_axis,
    year_ticks,
)
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    import matplotlib.figure

    from korus_research.data.study import Study

DATA = ("goods_trade_monthly", "partners")
PEERS = "Peers, median"
BAND = "#DAD8D2"
TICKS = (12.5, 25, 50, 75, 100, 150, 200, 300, 400, 600, 800)


def comparator_index(study: Study) -> Figure:
    """Return two panels, exports and imports: the partner against the world and the peers, baseline year = 100."""
    result = comparators_of(study)
    spec = result.spec
    first = f"{spec.baseline_year - 7}-12"
    shown = {flow: table.drop(columns="rest").loc[first:] for flow, table in result.index.items()}
    partner = study.names["partner"]
    room = max(0.3, 0.021 * max(len(result.name(code)) for code in (*spec.peers, spec.partner)))

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt
        from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

        figure, axes = plt.subplots(1, 2, figsize=(8.6, 2.9), sharey=True, layout="constrained")
        labels: list[list[tuple[float, float, str, str]]] = []
        for ax, (flow, table), colour in zip(axes, shown.items(), (EXPORTS, IMPORTS), strict=True):
            days = month_ends(table.index)
            peers = table[list(spec.peers)].dropna()
            # One band and not a line for each peer: which of them moved how is in the table.
            ax.fill_between(month_ends(peers.index), peers.min(axis=1), peers.max(axis=1), color=BAND, linewidth=0)
            lines = {
                PEERS: (peers.median(axis=1), QUIET, 1.2, "-"),
                "World": (table[WORLD].dropna(), INK, 1.4, (0, (1, 1.2))),
                partner: (table[spec.partner].dropna(), colour, 2.5, "-"),
            }
            ends = []
            for name, (line, shade, width, dash) in lines.items():
                dates = month_ends(line.index)
                ax.plot(dates, line, color=shade, linewidth=width, linestyle=dash)
                ends.append((on_axis(dates[-1]), float(line.iloc[-1]), name, shade))
            at, right = peers.iloc[-1].sort_values(), on_axis(month_ends(peers.index)[-1])
            ends += [(right, float(at.iloc[k]), result.name(str(at.index[k])), QUIET) for k in (-1, 0)]
            labels.append(list(dict.fromkeys(ends)))
            ax.set_yscale("log")
            ax.yaxis.set_major_locator(FixedLocator(TICKS))
            ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            ax.yaxis.set_minor_locator(NullLocator())
            ax.axhline(100, color="#8A8A8A", linewidth=0.8)
            bare(ax)
            ax.set_xlim(days[0], days[-1] + (days[-1] - days[0]) * room)
            year_ticks(ax, days[0].year, days[-1].year, 5)
            ax.set_title(flow.capitalize(), color=colour, pad=16)
            mark_dates(ax, [(study.agreement.dates.in_force, "in force")])
        low = min(float(table.min().min()) for table in shown.values())
        high = max(float(table.max().max()) for table in shown.values())
        axes[0].set_ylim(low * 0.9, high * 1.15)
        axes[0].set_ylabel(f"index, {spec.baseline_year} = 100, logarithmic")
        for ax, ends in zip(axes, labels, strict=True):
            label_ends(ax, ends, x=max(end[0] for end in ends), strong=(partner,), size=8.5)
        return figure

    last = max(str(table[spec.partner].dropna().index[-1]) for table in shown.values())
    world_last = str(shown["exports"][WORLD].dropna().index[-1])
    return Figure(
        id="comparators-index",
        title=say(
            result,
            "From {baseline} to {evaluation}, exports to {partner} {comparators.exports.evaluation.gap_world:outgrew|lagged|matched} those to the world by "
            "{comparators.exports.evaluation.gap_world:abs}; imports {comparators.imports.evaluation.gap_world:outgrew|lagged|matched} those from the world by {comparators.imports.evaluation.gap_world:abs}",
        ),
        subtitle=f"US goods trade by partner, sums of 12 months, {spec.baseline_year} = 100, logarithmic scale",
        alt=say(
            result,
            "Two panels of lines; {partner} is in colour, the world dotted, the peers a grey band with their median.",
            "From {baseline} to {evaluation} exports to {partner} changed by {comparators.exports.evaluation.partner:signed}, to the world by {comparators.exports.evaluation.world:signed}.",
            "Imports from {partner} changed by {comparators.imports.evaluation.partner:signed}, from the world by {comparators.imports.evaluation.world:signed}.",
        ),
        caption=f"Band: from the lowest to the highest of the peers ({study.names['peers']}), named at its ends. Equal distances are equal percent changes. Lines end where their own source ends (the world in {period_name(world_last)}). The hairline marks entry into force, {study.names['in_force']}.",
        source=source_line(study, DATA, last),
        datasets=DATA,
        data=result.to_frame().astype({"month": str}),
        draw=draw,
        made_by="korus_research.chapters.comparators.figures.comparator_index",
        last_period=last,
    )


def share_over_time(study: Study) -> Figure:
    """Return the partner's share of the reporter's exports and imports over time."""
    result = comparators_of(study)
    shares = result.shares.loc[result.shares.index >= result.spec.baseline_year - 11]

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, ax = plt.subplots(figsize=(8.6, 3.0), layout="constrained")
        ends = []
        for flow, colour in (("exports", EXPORTS), ("imports", IMPORTS)):
            ax.plot(shares.index, shares[flow], color=colour)
            ends.append((float(shares[flow].iloc[-1]), f"of US {flow}", colour))
        ax.set_ylim(0, None)
        bare(ax)
        ax.set_xlim(shares.index[0], shares.index[-1] + (shares.index[-1] - shares.index[0]) * 0.14)
        ax.set_xticks([y for y in shares.index if y % 5 == 0 or y == shares.index[-1]])
        mark_in_force(ax, study.agreement.dates.in_force)
        ax.set_ylabel("percent")
        end = float(shares.index[-1])
        label_ends(ax, [(end, *each) for each in ends], x=end)
        return figure

    last = str(shares.index[-1])
    return Figure(
        id="comparators-share",
        title=say(
            result,
            "From {baseline} to {last_year}, the share of {partner} in US imports {comparators.share.imports.latest_change:rose|fell|went} from {comparators.share.imports.baseline} "
            "to {comparators.share.imports.latest}, its share of US exports {comparators.share.exports.latest_change:rose|fell|went} from "
            "{comparators.share.exports.baseline} to {comparators.share.exports.latest}",
            keep=True,
        ),
        subtitle=f"Share of {study.names['partner']} in US goods exports and imports by year, percent",
        alt=say(
            result,
            "Two lines by year.",
            "The share of exports was {comparators.share.exports.baseline} in {baseline} and {comparators.share.exports.evaluation} in {evaluation}; "
            "that of imports {comparators.share.imports.baseline} and {comparators.share.imports.evaluation}.",
        ),
        caption="Complete years in which the world total is held, drawn at mid-year. The axis starts at zero. "
        + _vintages(study),
        source=source_line(study, DATA, last),
        datasets=DATA,
        data=shares.join(result.ranks.add_prefix("rank_")).rename_axis("year").reset_index(),
        draw=draw,
        made_by="korus_research.chapters.comparators.figures.share_over_time",
        last_period=last,
    )


def growth_table(study: Study) -> Table | None:
    """Return growth by partner from the baseline to the evaluation year and to the last; None without a later year."""
    import pandas as pd

    result = comparators_of(study)
    spec, evaluation, latest = result.spec, result.evaluation_year, result.last_year
    ends = [y for y in dict.fromkeys((evaluation, latest)) if y and y > spec.baseline_year]
    if not ends:
        return None
    growth = {(flow, end): result.growth(flow, end) for end in ends for flow in ("exports", "imports")}
    order = [spec.partner, *spec.peers, "rest", WORLD]
    columns = [Column("partner", "Partner", align="left", width=2.2)] + [
        Column(f"{flow}_{end}", f"{flow.capitalize()} to {end}", "percent") for flow, end in growth
    ]
    rows = [
        {
            "partner": result.name(code),
            **{f"{flow}_{end}": number(g[code], signed=True) for (flow, end), g in growth.items()},
        }
        for code in order
    ]
    data = pd.DataFrame(
        [
            {"partner": code, "name": result.name(code), **{f"{f}_{e}": g[code] for (f, e), g in growth.items()}}
            for code in order
        ]
    )
    without = ", ".join(dict.fromkeys(result.name(c) for c in spec.new_agreement))
    return Table(
        id="comparators-growth",
        title=say(
            result,
            "From {baseline} to {evaluation}, exports to {comparators.exports.evaluation.peers_above:count} of {comparators.exports.evaluation.peers:count} peers did better than those to {partner}; "
            "imports from {comparators.imports.evaluation.peers_above:count} of {comparators.imports.evaluation.peers:count} did",
        ),
        caption=f"Growth of US goods trade from {spec.baseline_year}, percent, nominal.",
        source=source_line(study, (*DATA, "us_agreements"), str(latest)),
        datasets=(*DATA, "us_agreements"),
        columns=columns,
        rows=rows,
        row_header="partner",
        data=data,
        made_by="korus_research.chapters.comparators.figures.growth_table",
        last_period=str(latest),
        notes=(
            f"Partners without a new agreement: the world less {study.names['partner']}"
            + (
                f" and less the partners whose agreement with the United States entered into force after {spec.baseline_year} ({without})."
                if without
                else "."
            ),
            f"Agreements that were replaced, amended or limited to parts of trade do not count as new. The world includes {study.names['partner']} itself.",
            *((_vintages(study),) if _vintages(study) else ()),
        ),
    )


def rank_table(study: Study) -> Table:
    """Return the partner's share and rank in the reporter's trade at the baseline, evaluation and last years."""
    result = comparators_of(study)
    years = [y for y in dict.fromkeys((result.spec.baseline_year, result.evaluation_year, result.last_year)) if y]
    names = {"exports": "Exports", "imports": "Imports", "two_way": "Two-way trade"}
    columns = [Column("what", "US goods trade", align="left", width=1.6)]
    for year in years:
        columns += [
            Column(f"share_{year}", f"Share {year}", "percent"),
            Column(f"rank_{year}", f"Rank {year}", align="right"),
        ]
    rows = []
    for key, name in names.items():
        row = {"what": name}
        for year in years:
            row[f"share_{year}"] = number(float(result.shares[key].loc[year]), result.share_decimals)
            row[f"rank_{year}"] = str(int(result.ranks[key].loc[year]))
        rows.append(row)
    data = result.shares.join(result.ranks.add_prefix("rank_")).loc[years].rename_axis("year").reset_index()
    return Table(
        id="comparators-rank",
        title=say(
            result,
            "In two-way goods trade {partner} was the {comparators.rank.two_way.baseline} partner of the United States in {baseline} and the "
            "{comparators.rank.two_way.evaluation} in {evaluation}",
        ),
        caption=("Rank among single countries; 1 is the largest. " + _vintages(study)).strip(),
        source=source_line(study, DATA, str(years[-1])),
        datasets=DATA,
        columns=columns,
        rows=rows,
        row_header="what",
        data=data,
        made_by="korus_research.chapters.comparators.figures.rank_table",
        last_period=str(years[-1]),
    )


def _vintages(study: Study) -> str:
    """Return a sentence where the last year compares a partner and a world of different vintages, else nothing."""
    result, trade = comparators_of(study), study.load("goods_trade_monthly")
    rows = trade[trade["month"] == f"{result.last_year}-12"].set_index("partner")["vintage"]
    own, world = (str(rows.loc[[code]].iloc[0]) for code in (result.spec.partner, WORLD))
    if own == world:
        return ""
    return f"The figures of {result.last_year} are of vintage {own} for {study.names['partner']} and of {world} for the world."
