"""The scenarios in pictures: the agreement undone by each estimate, and who gains and loses, ranked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from korus_research.chapters.gathered import gathered
from korus_research.chapters.scenarios.inputs import method
from korus_research.chapters.scenarios.measures import Scenarios, of
from korus_research.chapters.scenarios.model.choices import Key, tables_used
from korus_research.chapters.scenarios.ranges import PLACES, WORDS, range_kind, side
from korus_research.methods.equilibrium.pair import Change
from korus_research.show import theme
from korus_research.show.shown import Picture, figure
from korus_research.show.theme import AXIS, EXPORTS, IMPORTS, INK, OTHERS, QUIET, STRONG, bare
from korus_research.show.words.sentence import capital

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd
    from matplotlib.axes import Axes

    from korus_research.data.study import Study

SHOWN = 12  # third economies in a ranked picture, those that move furthest


def solved_scenarios(study: Study, findings_file: str = "") -> Scenarios:
    """Return the scenarios, with the effects of the gravity chapter from `findings_file` where the run wrote one.

    Raises
    ------
    UnknownFinding
        The file is not a list of findings.
    """
    return of(study, gathered(study, findings_file)) if findings_file else of(study)


@figure("undone")
def undone_ranges(study: Study) -> Picture | None:
    """Return what the agreement undone moves by each estimate of its effect; nothing where the scenario is left out."""
    result = of(study)
    if not (keys := result.undone):
        return None
    ranges = [
        (change, places)
        for outcome in (result.outcomes[key] for key in keys)
        for places, changes in (
            (PLACES["flow"], [outcome.flow(flow) for flow in ("exports", "imports")]),
            (PLACES["real_income"], [outcome.change(code) for code in result.parties.values()]),
        )
        for change in changes
    ]
    return _picture(result, keys, ranges, draw=lambda: _draw_undone(result, study.agreement.reporter.short))


@figure("ranked", id="scenarios-mfn-ranked")
def mfn_ranked(study: Study) -> Picture | None:
    """Return the ranked real incomes with duties back at those before the agreement."""
    return _ranked(of(study), "mfn", ("mfn",))


@figure("ranked", id="scenarios-undone-ranked")
def undone_ranked(study: Study) -> Picture | None:
    """Return the ranked real incomes with the agreement undone, one panel for each estimate of its effect."""
    return _ranked(of(study), "undone", of(study).undone)


@figure("ranked", id="scenarios-margin-ranked")
def margin_ranked(study: Study) -> Picture | None:
    """Return the ranked real incomes with the partner's margin lost, and at the latest duty where it is known."""
    latest: tuple[Key, ...] = ("duties_latest",) if "duties_latest" in of(study).outcomes else ()
    return _ranked(of(study), "margin", (*latest, "duties_margin"))


@figure("ranked", id="scenarios-duties-ranked")
def duties_ranked(study: Study) -> Picture | None:
    """Return the ranked real incomes under the new duties: on the partner alone, and on all partners."""
    return _ranked(of(study), "duties", ("duties_partner", "duties_all"))


def _ranked(result: Scenarios, which: str, keys: tuple[Key, ...]) -> Picture | None:
    """Return a panel of ranked real incomes for each scenario; nothing where one of them is left out."""
    if not keys or any(key not in result.outcomes for key in keys):
        return None
    tables = [_chosen(result, key) for key in keys]
    ranges = [((v, low, high), PLACES["real_income"]) for t in tables for v, low, high in _rows(t)]
    imputed = str(len(result.duties.without_own)) if keys[0].startswith("duties") else ""
    third = result.economies[result.furthest(keys[-1])]
    given = {"which": which, "lead": keys[-1], "third": third, "shown": str(SHOWN), "imputed": imputed}
    return _picture(result, keys, ranges, lambda: _draw_ranked(result, keys, tables), given)


def _picture(
    result: Scenarios,
    keys: tuple[Key, ...],
    ranges: list[tuple[Change, int]],
    draw: Callable[[], matplotlib.figure.Figure],
    given: Mapping[str, str] | None = None,
) -> Picture:
    """Return a picture of scenarios; `ranges` are those drawn, with the digits by which they include zero."""
    data = result.to_frame()
    sides = [side(low, high, places) for (_, low, high), places in ranges]
    return Picture(
        of=result,
        data=data[data["scenario"].isin(keys)].reset_index(drop=True),
        last=result.last(*keys),
        given={
            "lines": "; ".join(dict.fromkeys(range_kind(result, key) for key in keys)),
            "hollow": "open" if "open" in sides else "",
            "filled": "closed" if {*sides} - {"open"} else "",
            **(given or {}),
        },
        tables=tables_used(keys),
        draw=draw,
    )


def _draw_undone(result: Scenarios, reporter: str) -> matplotlib.figure.Figure:
    keys, codes = result.undone, (result.spec.partner, result.spec.reporter)
    drawn, axes = theme.panels(0.5 * len(keys) + 0.9, columns=2, sharey=True)
    for place, key in enumerate(reversed(keys)):
        outcome = result.outcomes[key]
        for shift, flow, colour in ((0.16, "exports", EXPORTS), (-0.16, "imports", IMPORTS)):
            _draw_range(axes[0], place + shift, outcome.flow(flow), PLACES["flow"], colour)
        for shift, economy, colour in zip((0.16, -0.16), codes, (INK, QUIET), strict=True):
            _draw_range(axes[1], place + shift, outcome.change(economy), PLACES["real_income"], colour)
    legends = (
        ((WORDS.label("exports_to", result), EXPORTS), (WORDS.label("imports_from", result), IMPORTS)),
        ((str(result.findings().names["partner"]), INK), (reporter, QUIET)),
    )
    for ax, title, legend in zip(axes, WORDS.labels("panels").values(), legends, strict=True):
        ax.axvline(0, color=AXIS, linewidth=0.9, zorder=1)
        ax.set_title(title, pad=18)
        for (label, colour), x, ha in zip(legend, (0.0, 1.0), ("left", "right"), strict=True):
            ax.text(x, 1.02, label, transform=ax.transAxes, color=colour, fontweight=STRONG, va="bottom", ha=ha)
        ax.set_xlabel(WORDS.label("percent"))
        ax.locator_params(axis="x", nbins=6)
        bare(ax, grid="x")
    axes[0].set_yticks(range(len(keys)), [capital(method(result, key)) for key in reversed(keys)])
    axes[0].set_ylim(-0.5, len(keys) - 0.5)
    return drawn


def _draw_range(ax: Axes, place: float, change: Change, places: int, colour: str) -> None:
    """Draw a range with a dot for its value, hollow where it includes zero."""
    value, low, high = change
    ax.plot([low, high], [place, place], color=colour, linewidth=2.6)
    face = theme.PAPER if side(low, high, places) == "open" else colour
    ax.scatter(value, place, facecolor=face, edgecolor=colour, linewidth=1.4, s=34, zorder=3)


def _chosen(result: Scenarios, key: Key) -> pd.DataFrame:
    """Return real income of the parties and of the economies that move furthest, ranked: value, low, high, name."""
    import pandas as pd

    outcome, parties = result.outcomes[key], [result.spec.reporter, result.spec.partner]
    ends = {"value": outcome.changes, "low": outcome.low, "high": outcome.high}
    table = pd.DataFrame({end: frame["real_income"] for end, frame in ends.items()})
    others = table.loc[result.others(key), "value"]
    chosen = table.loc[[*parties, *others.abs().nlargest(SHOWN).index]].sort_values("value")
    return chosen.assign(name=[result.economies[str(code)] for code in chosen.index])


def _rows(table: pd.DataFrame) -> Iterator[Change]:
    """Yield value, low and high of each row."""
    for value, low, high in table[["value", "low", "high"]].to_numpy(dtype=float):
        yield float(value), float(low), float(high)


def _draw_ranked(result: Scenarios, keys: tuple[Key, ...], tables: list[pd.DataFrame]) -> matplotlib.figure.Figure:
    rows = max(len(table) for table in tables)
    drawn, axes = theme.panels(0.2 * rows + 0.8, columns=len(tables), squeeze=False, sharex=True)
    for ax, table, key in zip(axes[0], tables, keys, strict=True):
        _draw_ranks(ax, table, (result.spec.reporter, result.spec.partner), ticks=10 - 2 * len(keys))
        if len(keys) > 1:
            name = capital(method(result, key)) if key in result.spec.estimates else WORDS.label(f"panel.{key}", result)
            ax.set_title(name)
    return drawn


def _draw_ranks(ax: Axes, table: pd.DataFrame, parties: tuple[str, str], *, ticks: int) -> None:
    from matplotlib.ticker import MaxNLocator

    # A range that reaches zero in print reaches it in the picture too.
    drawn = table.round(PLACES["real_income"])
    for place, (code, (value, low, high)) in enumerate(zip(drawn.index, _rows(drawn), strict=True)):
        party = code in parties
        colour = INK if party else QUIET
        ax.plot([low, high], [place, place], color=colour if party else OTHERS, linewidth=2.4 if party else 1.4)
        face = theme.PAPER if side(low, high, PLACES["real_income"]) == "open" else colour
        size = 34 if party else 20
        ax.scatter(value, place, facecolor=face, edgecolor=colour, linewidth=1.2, s=size, zorder=3)
    ax.axvline(0, color=AXIS, linewidth=0.9, zorder=1)
    ax.set_yticks(list(range(len(table))), list(table["name"]))
    for label, code in zip(ax.get_yticklabels(), table.index, strict=True):
        label.set_color(INK if code in parties else QUIET)
        label.set_fontweight(STRONG if code in parties else "normal")
    ax.set_ylim(-0.7, len(table) - 0.3)
    ax.xaxis.set_major_locator(MaxNLocator(5 if theme.narrow() else ticks, steps=[1, 2, 5, 10]))
    bare(ax, grid="x")
    ax.set_xlabel(WORDS.label("percent"))
