"""Figures of trade by sector: contributions, paths, shift-share, shares before the tables begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.chapters.sectors.published import SHARED
from korus_research.chapters.sectors.trade import BLOCKS, ENERGY, MACHINERY, REST, TRANSPORT
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.figure import Figure
from korus_research.show.sourcing import source_line
from korus_research.show.table import number
from korus_research.show.theme import EXPORTS, IMPORTS, INK, QUIET, STRONG, bare, halo, label_ends
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd
    from matplotlib.axes import Axes

    from korus_research.chapters.sectors.result import Sectors
    from korus_research.chapters.sectors.spec import Span
    from korus_research.data.study import Study

TABLES = ("sector_exports_annual", "sector_imports_annual", "sector_groups")
COLOURS: dict[Flow, str] = {"exports": EXPORTS, "imports": IMPORTS}
PALE: dict[Flow, str] = {"exports": "#A9CDE4", "imports": "#EFBE9C"}
BLOCK_TITLES: dict[Flow, dict[str, str]] = {
    "exports": {
        MACHINERY: "Machinery (HS 84-85)",
        TRANSPORT: "Transport (HS 86-89)",
        ENERGY: "Energy (HS 27)",
        REST: "All else",
    },
    "imports": {
        MACHINERY: "Machinery (NAICS 333-335)",
        TRANSPORT: "Transport (NAICS 336)",
        ENERGY: "Energy (NAICS 211, 324)",
        REST: "All else",
    },
}
BASIS_NOTE = (
    "Exports are total exports by HS chapter, imports are imports for consumption by NAICS industry: two "
    "classifications, whose groups do not match at their edges."
)
FIRST_TO_END = "From {sectors.first} to {sectors.end}"


def sector_contributions(study: Study) -> Figure:
    """Return contributions of groups of sectors to the change of both flows, to the evaluation year, sorted."""
    return _contributions(study, "evaluation")


def sector_contributions_latest(study: Study) -> Figure | None:
    """Return the same to the last year complete in both flows; None where that is the evaluation year."""
    sectors = sectors_of(study)
    return None if sectors.last == sectors.end else _contributions(study, "latest")


def _contributions(study: Study, span: Span) -> Figure:
    import pandas as pd

    sectors = sectors_of(study)
    end, scale = sectors.year(span), sectors.scale
    tables = {flow: sectors.contributions(flow, end) for flow in FLOWS}
    key, year = ("", "{sectors.end}") if span == "evaluation" else ("-latest", "{sectors.last}")

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        rows = max(len(table) for table in tables.values())
        figure, axes = plt.subplots(1, 2, figsize=(8.6, 0.235 * rows + 0.75), layout="constrained")
        for ax, (flow, table) in zip(axes, tables.items(), strict=True):
            values = table["change"] * scale.factor
            names = [sectors.name(flow, str(group)) for group in table.index]
            blocks = [sectors.block_of(flow, str(group)) for group in table.index]
            _ranked(ax, values.tolist(), names, blocks, flow, scale.shown)
            total = number(float(table["change"].sum()) * scale.factor, scale.shown, signed=True)
            ax.set_title(f"{flow.capitalize()}: {total} in all", color=COLOURS[flow], fontsize=9.5)
            ax.set_xlabel(scale.unit, loc="left")
            ax.set_ylim(rows - 0.4, -0.6)
        return figure

    data = pd.concat(
        [
            table.assign(flow=flow, group_name=[sectors.name(flow, str(g)) for g in table.index])
            for flow, table in tables.items()
        ]
    )
    where = {flow: f"sectors.{flow}.{span}" for flow in FLOWS}
    noun = study.names["partner"]
    return Figure(
        id=f"sectors-contributions{key}",
        title=say(
            sectors,
            f"From {{sectors.first}} to {year} {{top_exports_{span}}} comes first among exports ({{{where['exports']}.top:signed}}) and {{bottom_exports_{span}}} last ({{{where['exports']}.bottom:signed}}); "
            f"among imports {{top_imports_{span}}} ({{{where['imports']}.top:signed}}) and {{bottom_imports_{span}}} ({{{where['imports']}.bottom:signed}})",
            keep=True,
        ),
        subtitle=f"Change in US exports to and imports for consumption from {noun} by group of sectors, {sectors.first} to {end}, {scale.unit} (nominal)",
        alt=say(
            sectors,
            "Two panels of horizontal bars, sorted by size; machinery and transport equipment are dark, the rest pale.",
            f"Exports changed by {{{where['exports']}.change:signed}} in all: machinery {{sectors.machinery.exports.{span}.change:signed}}, transport equipment {{sectors.transport.exports.{span}.change:signed}}, energy {{sectors.energy.exports.{span}.change:signed}}, all else {{sectors.other.exports.{span}.change:signed}}.",
            f"Imports changed by {{{where['imports']}.change:signed}}: machinery {{sectors.machinery.imports.{span}.change:signed}}, transport equipment {{sectors.transport.imports.{span}.change:signed}}, energy {{sectors.energy.imports.{span}.change:signed}}, all else {{sectors.other.imports.{span}.change:signed}}.",
            keep=True,
        ),
        caption=f"The bars of a panel add up to the change of its flow. Dark: machinery and transport equipment. {BASIS_NOTE}",
        source=source_line(study, TABLES, str(end)),
        datasets=TABLES,
        data=data.reset_index()[["flow", "group", "group_name", "start", "end", "change", "growth", "points"]],
        draw=draw,
        made_by="korus_research.chapters.sectors.figures.sector_contributions" + key.replace("-", "_"),
        last_period=str(end),
    )


def _ranked(ax: Axes, values: list[float], names: list[str], blocks: list[str], flow: Flow, decimals: int) -> None:
    """Draw sorted bars from the top, each with its value beyond its end."""
    reach = max(*values, 0.0) - min(*values, 0.0)
    for place, (value, block) in enumerate(zip(values, blocks, strict=True)):
        dark = block in (MACHINERY, TRANSPORT)
        ax.barh(place, value, color=COLOURS[flow] if dark else PALE[flow], height=0.68)
        shift = 0.025 * reach * (1 if value >= 0 else -1)
        side = "left" if value >= 0 else "right"
        text = number(value, decimals, signed=True)
        ax.text(value + shift, place, text, va="center", ha=side, fontsize=8, color=INK, path_effects=halo())
    ax.axvline(0, color="#8A8A8A", linewidth=0.8)
    ax.set_yticks(range(len(names)), names, fontsize=8.3)
    for label, block in zip(ax.get_yticklabels(), blocks, strict=True):
        strong = block in (MACHINERY, TRANSPORT)
        label.set_color(INK if strong else QUIET)
        label.set_fontweight(STRONG if strong else 400)
    ax.tick_params(axis="y", length=0)
    # Room for the values, which stand beyond the bars.
    ax.set_xlim(min(*values, 0.0) - (0.3 if min(values) < 0 else 0.02) * reach, max(*values, 0.0) + 0.24 * reach)
    bare(ax, grid="x")


def sector_paths(study: Study) -> Figure:
    """Return trade in machinery, transport equipment, energy and all else by year, as small multiples."""
    import pandas as pd

    sectors = sectors_of(study)
    scale = sectors.scale
    last = max(sectors.trade[flow].years[-1] for flow in FLOWS)
    span = range(sectors.first, last + 1)
    # A year that is not complete is a gap in the line.
    paths = {
        flow: pd.DataFrame({b: sectors.trade[flow].block(b) for b in BLOCKS}).reindex(span) * scale.factor
        for flow in FLOWS
    }

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(2, 4, figsize=(8.6, 3.7), sharex=True, sharey="row", layout="constrained")
        for row, (flow, table) in zip(axes, paths.items(), strict=True):
            for ax, block in zip(row, BLOCKS, strict=True):
                line = table[block]
                ax.plot(line.index, line, color=COLOURS[flow], marker="o", markersize=2.6, linewidth=1.6)
                for year in dict.fromkeys((sectors.first, sectors.end, int(line.dropna().index[-1]))):
                    _year_value(ax, line, year, floor=0.15 * float(table.max().max()))
                ax.set_title(BLOCK_TITLES[flow][block], fontsize=8.6, color=COLOURS[flow])
                bare(ax)
                ax.set_xlim(sectors.first - 0.9, last + 0.9)
                ax.set_xticks([y for y in span if (y - sectors.first) % 4 == 0 or len(span) <= 4])
            row[0].set_ylim(0, float(table.max().max()) * 1.16)
            row[0].set_ylabel(f"{flow.capitalize()}, {scale.short}")
        return figure

    data = pd.concat([table.assign(flow=flow) for flow, table in paths.items()]).rename_axis("year").reset_index()
    gaps = [f"{flow} of {year} hold {held} months" for flow in FLOWS for year, held in sectors.trade[flow].gaps.items()]
    left_out = f" Left out, not filled: {'; '.join(gaps)}." if gaps else ""
    return Figure(
        id="sectors-paths",
        title=say(
            sectors,
            FIRST_TO_END
            + " exports of transport equipment {sectors.transport.exports.evaluation.change:rose|fell|changed} by {sectors.transport.exports.evaluation.change:abs} and those of machinery {sectors.machinery.exports.evaluation.change:rose|fell|changed} by {sectors.machinery.exports.evaluation.change:abs}; "
            "to {sectors.last} energy is {sectors.energy.exports.latest.change:signed} of {sectors.exports.latest.change:signed}",
            keep=True,
        ),
        subtitle=f"US exports to and imports for consumption from {study.names['partner']} by year, {scale.unit} (nominal)",
        alt=say(
            sectors,
            "Small panels of lines by year, exports above and imports below: machinery, transport equipment, energy, all else.",
            "Exports of machinery go from {sectors.machinery.exports.evaluation.start} in {sectors.first} to {sectors.machinery.exports.evaluation.end} in {sectors.end} and {sectors.machinery.exports.latest.end} in {sectors.last}; of transport equipment from {sectors.transport.exports.evaluation.start} to {sectors.transport.exports.evaluation.end} and {sectors.transport.exports.latest.end}; of energy from {sectors.energy.exports.evaluation.start} to {sectors.energy.exports.evaluation.end} and {sectors.energy.exports.latest.end}.",
            "Imports of machinery go from {sectors.machinery.imports.evaluation.start} to {sectors.machinery.imports.evaluation.end} and {sectors.machinery.imports.latest.end}, of transport equipment from {sectors.transport.imports.evaluation.start} to {sectors.transport.imports.evaluation.end} and {sectors.transport.imports.latest.end}.",
            keep=True,
        ),
        caption=f"Complete years; the scale is the same within a row and starts at zero.{left_out} {BASIS_NOTE}",
        source=source_line(study, TABLES, str(last)),
        datasets=TABLES,
        data=data[["flow", "year", *BLOCKS]],
        draw=draw,
        made_by="korus_research.chapters.sectors.figures.sector_paths",
        last_period=str(last),
    )


def _year_value(ax: Axes, line: pd.Series[float], year: int, *, floor: float) -> None:
    """Write a year's value above its point, or below where the line is higher on both sides and above `floor`."""
    value = float(line.loc[year])
    around = [float(line.loc[y]) for y in (year - 1, year + 1) if y in line.index]
    low = value > floor and all(other > value for other in around)
    ax.annotate(
        number(value, 1),
        (year, value),
        xytext=(0, -5 if low else 5),
        textcoords="offset points",
        ha="center",
        va="top" if low else "bottom",
        fontsize=7.8,
        color=INK,
        path_effects=halo(),
    )


def sector_shift(study: Study) -> Figure:
    """Return the shift-share of exports: its parts with and without energy, and the local shift by group."""
    sectors = sectors_of(study)
    end, scale = sectors.end, sectors.scale
    groups = sectors.shift_by_group("exports", end)
    parts = {energy: sectors.shift("exports", end, energy=energy).sum() for energy in (True, False)}
    names = {
        "common": "Growth elsewhere",
        "mix": "Mix of sectors",
        "local": "Beyond that",
        "change": "All three",
    }

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, (left, right) = plt.subplots(
            1, 2, figsize=(8.6, 0.235 * len(groups) + 0.75), width_ratios=[1, 1.15], layout="constrained"
        )
        values = [float(part[key]) * scale.factor for part in parts.values() for key in names]
        reach = max(*values, 0.0) - min(*values, 0.0)
        for place, key in enumerate(names):
            for step, energy in enumerate((True, False)):
                value, y = float(parts[energy][key]) * scale.factor, place + (-0.19 if energy else 0.19)
                # An outline and not the pale colour, which on the right means other sectors.
                face = EXPORTS if energy else "white"
                left.barh(y, value, height=0.34, color=face, edgecolor=EXPORTS, linewidth=0.9)
                sign = 1 if value >= 0 else -1
                left.text(
                    value + sign * 0.035 * reach,
                    y,
                    number(value, scale.shown, signed=True)
                    + ((" all", " without energy")[step] if key == "change" else ""),
                    va="center",
                    ha="left" if sign > 0 else "right",
                    fontsize=8,
                    path_effects=halo(),
                )
        left.axvline(0, color="#8A8A8A", linewidth=0.8)
        left.set_yticks(range(len(names)), list(names.values()), fontsize=8.3)
        left.tick_params(axis="y", length=0)
        left.set_ylim(len(names) - 0.5, -0.5)
        left.set_xlim(min(*values, 0.0) - 0.35 * reach, max(*values, 0.0) + 0.55 * reach)
        bare(left, grid="x")
        left.set_title("Parts of the change of exports", color=EXPORTS, fontsize=9.5)
        shown = (groups["local"] * scale.factor).tolist()
        labels = [sectors.name("exports", str(group)) for group in groups.index]
        blocks = [sectors.block_of("exports", str(group)) for group in groups.index]
        _ranked(right, shown, labels, blocks, "exports", scale.shown)
        right.set_ylim(len(shown) - 0.4, -0.6)
        right.set_title("Beyond the same sector elsewhere", color=EXPORTS, fontsize=9.5)
        for ax in (left, right):
            ax.set_xlabel(scale.unit, loc="left")
        return figure

    where = "sectors.exports.evaluation"
    return Figure(
        id="sectors-shift",
        title=say(
            sectors,
            f"Of the change in exports from {{sectors.first}} to {{sectors.end}}, {{{where}.shift.elsewhere:signed}} is what US exports of the same sectors did elsewhere and {{{where}.shift.local:signed}} is left beyond it, without energy {{{where}.shift_without_energy.local:signed}}",
        ),
        subtitle=f"Shift-share of the change in US exports to {study.names['partner']}, {sectors.first} to {end}, against US exports to all others, {scale.unit}",
        alt=say(
            sectors,
            "Bars in two panels: the parts of the change of exports on the left, what is left beyond growth elsewhere by group on the right.",
            f"Growth of all sectors elsewhere amounts to {{{where}.shift.common:signed}}, the mix of sectors to {{{where}.shift.mix:signed}}, what is left to {{{where}.shift.local:signed}}.",
            "Of what is left, machinery has {sectors.machinery.exports.evaluation.local:signed}, transport equipment {sectors.transport.exports.evaluation.local:signed}, energy {sectors.energy.exports.evaluation.local:signed}, all else {sectors.other.exports.evaluation.local:signed}.",
        ),
        caption=(
            f"An identity by HS chapter: the three parts add up to the change, whatever its cause. Elsewhere is the world less {study.names['partner']}. "
            "Outlined on the left: without energy, where growth elsewhere is that of all other chapters. Dark on the right: machinery and transport equipment."
        ),
        source=source_line(study, TABLES[:1] + TABLES[2:], str(end)),
        datasets=TABLES[:1] + TABLES[2:],
        data=_shift_data(sectors, groups),
        draw=draw,
        made_by="korus_research.chapters.sectors.figures.sector_shift",
        last_period=str(end),
    )


def _shift_data(sectors: Sectors, groups: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = groups.assign(group_name=[sectors.name("exports", str(g)) for g in groups.index]).rename_axis("group")
    sums = {
        name: sectors.shift("exports", sectors.end, energy=energy).sum()
        for name, energy in (("all", True), ("all_without_energy", False))
    }
    whole = pd.DataFrame(sums).T.rename_axis("group").assign(group_name="")
    return pd.concat([rows, whole]).reset_index()


def sector_shares(study: Study) -> Figure | None:
    """Return shares of machinery and transport equipment in goods before the tables begin; None without such data."""
    import pandas as pd

    sectors = sectors_of(study)
    tables = sectors.shares
    if any(table.empty for table in tables.values()):
        return None
    names = {code: str(sectors.labels.loc[[("wiod", code)]].iloc[0]) for code in SHARED.values()}
    last = int(tables["exports"].index[-1])

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        labels: list[list[tuple[float, float, str, str]]] = []
        top = max(float(table[list(names)].max().max()) for table in tables.values())
        figure, axes = plt.subplots(1, 3, figsize=(8.6, 2.5), sharey=True, layout="constrained")
        for ax, (code, name) in zip(axes, names.items(), strict=True):
            ends = []
            for flow in FLOWS:
                line = tables[flow][code]
                ax.plot(line.index, line, color=COLOURS[flow])
                end = float(line.iloc[-1])
                verb = "to" if flow == "exports" else "from"
                ends.append((float(last), end, f"{verb} {study.names['partner']} {number(end, 0)}", COLOURS[flow]))
            ax.set_title(name, fontsize=9, color=INK)
            ax.set_ylim(0, top * 1.06)
            bare(ax)
            first = int(tables["exports"].index[0])
            ax.set_xlim(first, last + 0.48 * (last - first))
            ax.set_xticks([year for year in tables["exports"].index if year % 5 == 0])
            labels.append(ends)
        axes[0].set_ylabel("percent of goods")
        for ax, ends in zip(axes, labels, strict=True):
            label_ends(ax, ends, x=float(last), size=8.3)
        return figure

    data = pd.concat([table[list(names)].assign(flow=flow) for flow, table in tables.items()])
    return Figure(
        id="sectors-before",
        title=say(
            sectors,
            "From {sectors.wiod.transport.imports.change@period} the share of transport equipment in the goods that the United States buys from {partner} {sectors.wiod.transport.imports.change:rose|fell|changed} by {sectors.wiod.transport.imports.change:abs}, that of machinery not elsewhere classified in what it sells {sectors.wiod.machinery.exports.change:rose|fell|changed} by {sectors.wiod.machinery.exports.change:abs}",
        ),
        subtitle=f"Share of three sectors in US goods sales to and purchases from {study.names['partner']}, percent",
        alt=say(
            sectors,
            "Three panels with two lines each.",
            "In what the United States sells, machinery not elsewhere classified goes from {sectors.wiod.machinery.exports.start} to {sectors.wiod.machinery.exports.end}, electrical and optical equipment from {sectors.wiod.electrical.exports.start} to {sectors.wiod.electrical.exports.end}, transport equipment from {sectors.wiod.transport.exports.start} to {sectors.wiod.transport.exports.end}.",
            "In what it buys, they go from {sectors.wiod.machinery.imports.start} to {sectors.wiod.machinery.imports.end}, from {sectors.wiod.electrical.imports.start} to {sectors.wiod.electrical.imports.end} and from {sectors.wiod.transport.imports.start} to {sectors.wiod.transport.imports.end}.",
        ),
        caption="Shares only: the levels of the input-output tables are at basic prices, without re-exports and balanced, and can't be joined to customs figures. N.e.c.: not elsewhere classified. The sectors are those of ISIC, third revision, and match neither HS chapters nor NAICS industries.",
        source=source_line(study, ("wiod_sector_shares", "sector_groups"), str(last)),
        datasets=("wiod_sector_shares", "sector_groups"),
        data=data.rename(columns=names).rename_axis("year").reset_index(),
        draw=draw,
        made_by="korus_research.chapters.sectors.figures.sector_shares",
        last_period=str(last),
    )
