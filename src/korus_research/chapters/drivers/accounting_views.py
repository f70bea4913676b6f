"""Accounting of both flows: bars that add up exactly, by span."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from korus_research.chapters.drivers.described import ACCOUNTS, SAME_ACCOUNTS
from korus_research.chapters.drivers.measures import of as drivers_of
from korus_research.methods.series import MN_PER_BN, Flow
from korus_research.show.figure import Figure
from korus_research.show.sourcing import source_line
from korus_research.show.table import number
from korus_research.show.theme import EXPORTS, IMPORTS, INK, bare
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd
    from matplotlib.axes import Axes

    from korus_research.data.study import Study

_VOLUME, _PRICE, _WHOLE = "#5E5E5E", "#B9B6AF", "#8A8A8A"
COLOURS: dict[Flow, str] = {"exports": EXPORTS, "imports": IMPORTS}
STATUS = {"preliminary": "preliminary", "rounded_0.1bn": "rounded to a tenth of a billion"}


def accounting_bars(study: Study) -> Figure:
    """Return the exact split of the change of exports by span: the partner's import volume and prices, the US share."""
    partner = study.names["partner"]
    where = "drivers.accounting.evaluation"
    return _bars(
        study,
        "exports",
        title=say(
            drivers_of(study),
            f"From {{baseline}} to {{evaluation}} US exports come out {{{where}.imports_total_part:abs}} {{{where}.imports_total_part:higher|lower|away}} through the value of {{partner_adjective}} imports, "
            f"{{{where}.share_part:abs}} {{{where}.share_part:higher|lower|away}} through the US share",
        ),
        subtitle=f"Change of US goods exports to {partner} by part, USD billion; the parts add up exactly",
        alt=say(
            drivers_of(study),
            "Horizontal bars by span; parts above, the whole change below.",
            f"From {{baseline}} to {{evaluation}} exports changed by {{{where}.exports_part:signed}}: volume of total imports {{{where}.volume_part:signed}}, their dollar prices {{{where}.price_part:signed}}, US share {{{where}.share_part:signed}}.",
        ),
        caption="The share divides exports f.a.s. (US statistics) by imports c.i.f. ("
        f"{study.names['partner_adjective']} statistics), so its level is too low. "
        + held_as(drivers_of(study).accounting, partner),
    )


def import_accounting_bars(study: Study) -> Figure:
    """Return the exact split of the change of imports by span: US import volume and prices, the partner's share."""
    partner = study.names["partner"]
    where = "drivers.import_accounting.evaluation"
    return _bars(
        study,
        "imports",
        title=say(
            drivers_of(study),
            f"From {{baseline}} to {{evaluation}} US imports from {{partner}} come out {{{where}.imports_total_part:abs}} {{{where}.imports_total_part:higher|lower|away}} through the value of all US imports, "
            f"{{{where}.share_part:abs}} {{{where}.share_part:higher|lower|away}} through the {{partner_adjective}} share",
        ),
        subtitle=f"Change of US goods imports from {partner} by part, USD billion; the parts add up exactly",
        alt=say(
            drivers_of(study),
            "Horizontal bars by span; parts above, the whole change below.",
            f"From {{baseline}} to {{evaluation}} imports changed by {{{where}.imports_part:signed}}: volume of all US imports {{{where}.volume_part:signed}}, their prices {{{where}.price_part:signed}}, {{partner_adjective}} share {{{where}.share_part:signed}}.",
        ),
        caption=f"Imports from {partner} and from the world are of the same statistics and basis, so that the share is a true one.",
    )


def held_as(table: pd.DataFrame, partner: str) -> str:
    """Return the sentence on the years of the buyer's total imports that are not final or are missing, from the data."""
    years: dict[str, list[int]] = {}
    held = [int(year) for year in table.index]
    for year, status in zip(held, table["status"], strict=True):
        years.setdefault(STATUS.get(str(status), ""), []).append(year)
    missing = [year for year in range(min(held), max(held)) if year not in held]
    parts = [f"{word} for {_years(each)}" for word, each in years.items() if word]
    parts += [f"missing for {_years(missing)}"] if missing else []
    return f"Total imports of {partner} are {', '.join(parts)}." if parts else ""


def _years(years: list[int]) -> str:
    *first, last = map(str, years)
    return f"{', '.join(first)} and {last}" if first else last


def _bars(study: Study, flow: Flow, *, title: Prose, subtitle: str, alt: Prose, caption: str) -> Figure:
    import pandas as pd

    drivers = drivers_of(study)
    table, spec, end = drivers.accounts(flow), drivers.spec, drivers.accounting_last(flow)
    held = table.index[table["volume"].notna()].tolist()
    wanted = (spec.baseline_year, drivers.evaluation_year, held[-1] if held else None, end)
    stops = sorted({y for y in wanted if y is not None and y in table.index and y >= spec.baseline_year})
    spans = list(pairwise(stops))
    splits = {span: drivers.split(span[0], span[1], flow)["usd_mn"] / MN_PER_BN for span in spans}
    names = {
        "volume": ("Volume of total imports", _VOLUME),
        "price": ("Dollar prices of total imports", _PRICE),
        "imports_total": ("Total imports, not split", _WHOLE),
        "share": (f"{'US' if flow == 'exports' else study.names['partner_adjective']} share of them", COLOURS[flow]),
        flow: ("US exports, all together" if flow == "exports" else f"US imports from {study.names['partner']}", INK),
    }

    def shown(split: pd.Series[float]) -> dict[str, float]:
        whole = split.isna().any()
        return {k: float(split[k]) for k in names if k in split.dropna() and (k != "imports_total" or whole)}

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(
            1, len(spans), figsize=(8.6, 2.3), sharex=True, sharey=True, layout="constrained", squeeze=False
        )
        rows = [k for k in names if any(k in shown(split) for split in splits.values())]
        values = [v for split in splits.values() for v in shown(split).values()]
        reach = max(abs(v) for v in values)
        for ax, (span, split) in zip(axes[0], splits.items(), strict=True):
            for key, value in shown(split).items():
                place = len(rows) - rows.index(key)
                ax.barh(place, value, color=names[key][1], height=0.62)
                _beside(ax, value, place, reach)
            ax.axvline(0, color="#8A8A8A", linewidth=0.8)
            ax.set_title(f"{span[0]} to {span[1]}", fontsize=9.5)
            bare(ax, grid="x")
            ax.set_xlim(min(0.0, *values) - 0.5 * reach, max(0.0, *values) + 0.4 * reach)
            ax.set_yticks([len(rows) - i for i in range(len(rows))], [names[k][0] for k in rows])
            ax.tick_params(axis="y", length=0)
        axes[0][0].set_xlabel("USD billion", loc="left")
        return figure

    parts: list[pd.DataFrame] = [
        drivers.split(first, last, flow).assign(first=first, last=last).rename_axis("part").reset_index()
        for first, last in spans
    ]
    datasets = ACCOUNTS if flow == "exports" else SAME_ACCOUNTS
    return Figure(
        id="drivers-accounting" if flow == "exports" else "drivers-import-accounting",
        title=title,
        subtitle=subtitle,
        alt=alt,
        caption=f"Each part is its log change times the logarithmic mean of {flow} at both ends. "
        f"Prices are the value of imports over their volume (IMF); where no volume is held, total imports are not split. {caption}".rstrip(),
        source=source_line(study, datasets, str(end)),
        datasets=datasets,
        data=pd.concat(parts, ignore_index=True),
        draw=draw,
        made_by=f"korus_research.chapters.drivers.accounting_views.{'' if flow == 'exports' else 'import_'}accounting_bars",
        last_period=str(end),
    )


def _beside(ax: Axes, value: float, place: float, reach: float) -> None:
    """Write a bar's value beyond its end."""
    text = number(value, 1, signed=True)
    ax.text(
        value + (0.02 if value >= 0 else -0.02) * reach,
        place,
        text,
        va="center",
        ha="left" if value >= 0 else "right",
        fontsize=8.5,
        color=INK,
    )
