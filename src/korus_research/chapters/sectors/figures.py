"""The figure of trade by sector: which groups gained and lost, to both years compared."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.sectors.measures import Sectors, of as sectors_of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.shown import Picture, Words, figure, number, theme

WORDS = Words("sectors")
TABLES = ("sector_exports_annual", "sector_imports_annual", "sector_groups")
ROW = 0.27  # inches a group
SHOWN, AHEAD, LETTERS = 8, 3, 26  # groups drawn, groups in color, letters of a name


@figure("contributions", tables=TABLES)
def sector_contributions(study: Study) -> Picture:
    """Return the change of the groups that moved most, to the evaluation year and to the last, a panel a flow."""
    sectors = sectors_of(study)
    tables = {flow: _changes(sectors, flow) for flow in FLOWS}

    def draw() -> theme.Figure:
        height = ROW * (SHOWN + 1) + 0.8
        drawn, axes = theme.panels(height, columns=2, narrow=2 * height)
        for ax, (flow, table) in zip(axes, tables.items(), strict=True):
            _dumbbells(ax, sectors, flow, _shown(table))
        return drawn

    data = pd.concat(table.assign(flow=flow) for flow, table in tables.items()).reset_index()
    data = data[["flow", *data.columns.drop("flow")]]
    return Picture(of=sectors, data=data, draw=draw, last=str(sectors.last))


def _changes(sectors: Sectors, flow: Flow) -> pd.DataFrame:
    """Return group, name, start and change to each year compared, in the unit shown, by the change to the last."""
    parts = {end: sectors.contributions(flow, end) * sectors.scale.factor for end in sectors.ends}
    order = parts[sectors.last].index
    table = pd.DataFrame({"group_name": [sectors.name(flow, str(group)) for group in order]}, index=order)
    table["start"] = parts[sectors.last]["start"]
    return table.assign(**{f"change_to_{end}": found["change"].reindex(order) for end, found in parts.items()})


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return short name and changes of the groups that moved most in either span; the others are one row below.

    The largest gain and the largest loss to the last year, where there are any, are always among them: the text names
    them.
    """
    changes = table.filter(like="change_to_")
    last = changes.iloc[:, -1]
    named = [*last[last > 0].nlargest(1).index, *last[last < 0].nsmallest(1).index]
    moved = changes.abs().max(axis=1).sort_values(ascending=False, kind="stable")
    most = [*dict.fromkeys([*named, *moved.index])][:SHOWN]
    kept = changes[changes.index.isin(most)].set_axis(
        [_short(table.loc[g, "group_name"]) for g in table.index if g in most]
    )
    return pd.concat([kept, changes.drop(most).sum().to_frame(WORDS.label("other_groups")).T])


def _short(name: str) -> str:
    """Return a name with as many of its parts as have room."""
    kept, *rest = name.split(", ")
    for part in rest:
        if len(f"{kept}, {part}") > LETTERS:
            break
        kept = f"{kept}, {part}"
    return kept


def _dumbbells(ax: theme.Axes, sectors: Sectors, flow: Flow, table: pd.DataFrame) -> None:
    """Draw a row a group: an open point at its change to the first year compared, a full one at that to the last."""
    first, last = f"change_to_{sectors.ends[0]}", f"change_to_{sectors.ends[-1]}"
    ahead = set(table[last].iloc[:-1].abs().nlargest(AHEAD).index)  # the row of all others is none of them
    shades = [theme.COLOURS[flow] if name in ahead else theme.QUIET for name in table.index]
    reach = float(table.max().max() - min(table.min().min(), 0.0))
    for place, (name, row) in enumerate(table.iterrows()):
        ax.plot([row[first], row[last]], [place, place], color=shades[place], linewidth=1.6, zorder=2)
        text = number(float(row[last]), min(sectors.scale.shown, 1), signed=True)
        weight = theme.STRONG if name in ahead else 400
        at = (float(row.max()), place)
        theme.note(ax, text, at, (6, 0), colour=theme.INK, va="center", ha="left", fontweight=weight)
    points = {first: theme.PAPER, last: shades} if first != last else {last: shades}
    for column, face in points.items():
        ax.scatter(table[column], range(len(table)), s=26, c=face, edgecolors=shades, linewidth=1.1, zorder=3)
        for place, (name, value) in enumerate(table[column].items()):
            said = WORDS.label(
                "tip",
                group=str(name),
                year=column[-4:],
                amount=number(float(value), 1, signed=True),
                unit=sectors.scale.unit,
            )
            theme.tip_at(ax, float(value), place, said)
    theme.value_axis(ax)
    ax.set_yticks(range(len(table)), list(table.index))
    theme.stress(ax, (name in ahead for name in table.index))
    ax.set_xlim(min(float(table.min().min()), 0.0) - 0.04 * reach, float(table.max().max()) + 0.26 * reach)
    ax.set_ylim(len(table) - 0.5, -0.6)
    ax.set_title(WORDS.labels("flows")[flow], color=theme.COLOURS[flow])
    ax.set_xlabel(sectors.scale.unit, loc="left")
