"""A study: one agreement, one set of parameters and the data.

It loads tables and caches results; it knows no chapter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from korus_research.data.agreements import load_agreement
from korus_research.data.cache.results import Made, made_once, note_result, note_table
from korus_research.data.catalog import open_catalog
from korus_research.data.parameters import ReportParameters, ResolvedParameters, names_by_code, partner_months
from korus_research.data.period import day_text, parse_month
from korus_research.errors import InvalidParameter, MissingInput, MissingPartner

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from korus_research.data.agreements import Agreement
    from korus_research.data.catalog import Catalog
    from korus_research.data.package.releases import Vintage

LATEST = "9999-12"  # later than any month, to find the newest release
T = TypeVar("T")
P = ParamSpec("P")


class Study:
    """One agreement studied with one set of parameters; made by `open_study`."""

    def __init__(
        self, agreement: Agreement, parameters: ResolvedParameters, catalog: Catalog, *, named: str | Path = ""
    ) -> None:
        self.agreement = agreement
        self.parameters = parameters
        self.catalog = catalog
        self.named = str(named) or parameters.agreement  # as it was opened: parameters contain no path
        self._tables: dict[str, pd.DataFrame] = {}
        self._made: dict[Callable[..., Any], Made] = {}

    def load(self, dataset: str) -> pd.DataFrame:
        """Return a table as of the study's month, read once; errors as in `Catalog.load`."""
        note_table(dataset)
        if dataset not in self._tables:
            p = self.parameters
            table = self.catalog.load(dataset, as_of=p.as_of, published=p.published)
            table.__doc__ = self.catalog.describe(dataset).card  # what `?` shows instead of pandas' docstring
            self._tables[dataset] = table
        return self._tables[dataset]

    def last_period(self, dataset: str, *, partner: str | None = None) -> str:
        """Return the last period of a table as of the study's month ("2026-07", "2024"); "" without rows by then.

        With `partner` (Census code), that of its rows; errors as in `Catalog.last_period`.
        """
        note_table(dataset)
        with suppress(MissingPartner):
            return self.catalog.last_period(dataset, as_of=self.parameters.as_of, partner=partner)
        return ""

    def vintage(self, dataset: str) -> Vintage:
        """Return the release of a table whose values this study uses, for its partner; errors as in `Catalog.vintage`.

        `published` says whether they are the values published when the study's month was new, or today's.
        """
        partner = self.agreement.partner.census_code
        found = self.catalog.vintage(dataset, self.parameters.as_of, partner=partner)
        if self.parameters.published:
            return found
        newest = self.catalog.vintage(dataset, LATEST, partner=partner).release
        return replace(
            found, release=newest, published=found.published and found.release == newest, only="", whole=True
        )

    def __repr__(self) -> str:
        p = self.parameters
        return (
            f"Study of {self.agreement.name} ({self.agreement.short_name}), data through {p.as_of}, "
            f"changes from {p.baseline_year}, peers {', '.join(self.partner_names[c] for c in p.comparators)}"
            f"{', values as published then' if p.published else ''}"
        )

    def _repr_html_(self) -> str:
        import html

        p = self.parameters
        rows = [
            ("Agreement", f"{self.agreement.name} ({self.agreement.short_name})"),
            ("In force", day_text(self.agreement.dates.in_force)),
            ("Data through", self.names["as_of"]),
            ("Changes from", str(p.baseline_year)),
            ("Peers", ", ".join(self.partner_names[c] for c in p.comparators)),
            *([("Values", "as published then, where known")] if p.published else ()),
        ]
        body = "".join(
            f'<tr><th style="text-align:left">{html.escape(k)}</th><td>{html.escape(v)}</td></tr>' for k, v in rows
        )
        return f"<table><caption>Study</caption><tbody>{body}</tbody></table>"

    def once(self, make: Callable[..., T], *given: Any, **named: Any) -> T:
        """Return `make(self, *given, **named)`, computed once per study: later arguments are ignored.

        Slow results are cached by content beyond this process, see `data.cache.results`.
        """
        if make not in self._made:
            self._made[make] = made_once(self, make, given, named)
        made = self._made[make]
        note_result(made, given, named)
        value: T = made.value
        return value

    def remembered(self, make: Callable[..., T], *given: Any, **named: Any) -> T:
        """Return `make(self, *given, **named)`, cached by content for each set of arguments."""
        made = made_once(self, make, given, named)
        note_result(made, given, named)
        value: T = made.value
        return value

    @cached_property
    def partner_names(self) -> dict[str, str]:
        """Names of all partners by Census code, the short name where the agreement has one."""
        names = names_by_code(self.load("partners"))
        own = self.agreement.partner
        short = {c.census_code: c.name for c in (*self.agreement.comparators, *self.agreement.context_partners)}
        return {**names, **short, own.census_code: own.short}

    @cached_property
    def names(self) -> dict[str, str]:
        """Names for sentences: of the agreement, the parties and the periods compared."""
        from korus_research.methods.series import month_name

        a, p = self.agreement, self.parameters
        return {
            "agreement": a.spoken,
            "agreement_name": a.name,
            "partner": a.partner.short,
            "partner_name": a.partner.name,
            "partner_adjective": a.partner.adjective,
            "currency": a.partner.currency.name if a.partner.currency else f"{a.partner.adjective} currency",
            "reporter_adjective": a.reporter.adjective,
            "signed": f"{a.dates.signed:%B %Y}",
            "in_force": day_text(a.dates.in_force),
            "in_force_month": f"{a.dates.in_force:%B %Y}",
            "first_full_year": str(a.first_full_year),
            "baseline": str(p.baseline_year),
            "evaluation": str(min(a.evaluation_year, self._last_full_year)),
            "as_of": month_name(p.as_of),
            "last_year": str(self._last_world_year),
            "latest": f"the 12 months to {month_name(p.as_of)}",
            "peers": _listed([self.partner_names[c] for c in p.comparators]),
            "published": p.values if p.published else "",
        }

    @cached_property
    def _last_world_year(self) -> int:
        from korus_research.methods.series import WORLD

        last = self.catalog.last_period("goods_trade_monthly", as_of=self.parameters.as_of, partner=WORLD)
        return int(last[:4]) if last.endswith("-12") else int(last[:4]) - 1

    @cached_property
    def _last_full_year(self) -> int:
        year, month = self.parameters.as_of.split("-")
        return int(year) if month == "12" else int(year) - 1

    def as_known(self, as_of: str) -> Self:
        """Return this study with the data up to an earlier month "YYYY-MM", and the same other parameters.

        InvalidParameter if it is not a month, is after the study's month, or before the data begin.
        """
        months = partner_months(self.catalog, self.agreement.partner.census_code)
        if not months[0] <= parse_month(as_of) <= self.parameters.as_of:
            later = self.parameters.as_of < as_of <= months[-1]
            found = "before the data begin" if as_of < months[0] else "after the last month of this study"
            raise InvalidParameter(
                f"as_of is {as_of}, {found}",
                expected=f"a month from {months[0]} to {self.parameters.as_of}",
                do=f'Use open_study(as_of="{as_of}")' if later else f"The data end in {months[-1]}",
            )
        known = self.parameters.model_copy(update={"as_of": as_of})
        return type(self)(self.agreement, known, self.catalog, named=self.named)


def measured(measure: Callable[Concatenate[Study, P], T]) -> Callable[Concatenate[Study, P], T]:
    """Cache a function of a study: computed once per study, and by content across processes.

    Arguments after the first call are ignored. The result must not be modified, and must depend on nothing but its
    inputs: no clock, no randomness without a seed.
    """

    @wraps(measure)
    def of(study: Study, /, *given: P.args, **named: P.kwargs) -> T:
        if not isinstance(study, Study):
            raise InvalidParameter(
                f"{study!r:.60} is not a study",
                expected="what `open_study` returns",
                do="Write study = kr.open_study()",
            )
        return study.once(measure, *given, **named)

    return of


def known(measure: Callable[[Study], T], study: Study) -> T | None:
    """Return `measure(study)`, or None if the agreement or the data lack what it needs."""
    try:
        return measure(study)
    except MissingInput:
        return None


def open_study(
    agreement: str | Path = "korus",
    *,
    as_of: str | None = None,
    baseline_year: int | str | None = None,
    comparators: Iterable[str | int] | str | int | None = None,
    values: str = "today",
    catalog: Catalog | None = None,
) -> Study:
    """Open a study of one agreement.

    Parameters
    ----------
    agreement : str or Path
        Name of one of the package's agreements ("korus"), or the path of a TOML file.
    as_of : str, optional
        Last month of data used, "YYYY-MM".
    baseline_year : int, optional
        Year that changes are counted from.
    comparators : str, int or sequence of them, optional
        Census codes of the peers.
    values : {"today", "published"}
        Today's values, or those published when the month `as_of` was new, as far as the package has them;
        `Study.vintage` says which a table has.

    Raises
    ------
    UnknownAgreement, InvalidAgreement, InvalidParameter, DamagedData
        What is wrong, what was expected, and what to do.
    """
    chosen = {"as_of": as_of, "baseline_year": baseline_year, "comparators": comparators, "values": values}
    catalog = catalog or open_catalog()
    parameters = ReportParameters.parse({"agreement": agreement, **chosen})
    loaded = load_agreement(parameters.agreement)
    resolved = parameters.resolve(loaded, catalog)
    return Study(loaded, resolved, catalog, named="" if resolved.agreement == loaded.id else agreement)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
