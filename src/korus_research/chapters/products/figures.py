"""The figure of the preference line by line."""

from __future__ import annotations

from korus_research.chapters.products.measures import of as products_of
from korus_research.chapters.products.tables import groups
from korus_research.data.study import Study
from korus_research.show.shown import Picture, Words, figure, theme

WORDS = Words("products")


@figure("use", tables=("preference_lines",))
def preference_use(study: Study) -> Picture:
    """Return the use of the preference by size of the line and by the duty that others paid."""
    result = products_of(study)
    data = groups(result)

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(2.8, columns=2, sharey=True)
        for ax, (kind, rows) in zip(axes, data.groupby("kind", sort=False), strict=True):
            places = range(len(rows))
            bars = ax.bar(places, rows["use"].fillna(0), color=theme.IMPORTS, width=0.66)
            for place, name, use in zip(places, rows["name"], rows["use"], strict=True):
                if use == use:
                    ax.text(place, use + 1.5, f"{use:.0f}", ha="center", fontsize=8.5)
                    row = WORDS.label(f"row.{kind}", name=name)
                    theme.tip(bars[place], WORDS.label("tip", row=row, use=f"{use:.0f}"))
            ax.set_xticks(list(places), list(rows["name"]), fontsize=8)
            ax.set_title(WORDS.label(f"by.{kind}"), fontsize=9.5)
            ax.set_ylim(0, 108)
            theme.bare(ax)
        axes[0].set_ylabel(WORDS.label("axis"))
        return drawn

    return Picture(of=result, data=data, last=str(result.preference.year), draw=draw)
