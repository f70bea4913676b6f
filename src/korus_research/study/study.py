"""A study: one agreement, one set of parameters and the data, bound together.

Methods return results; none prints or plots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from korus_research.agreements import load_agreement
from korus_research.data import open_catalog
from korus_research.errors import Lacking
from korus_research.parameters import ReportParameters, ResolvedParameters
from korus_research.study import described, estimated, levied

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import pandas as pd

    from korus_research.agreements import Agreement
    from korus_research.analysis.cars import Cars
    from korus_research.analysis.comparators import Comparators
    from korus_research.analysis.context import Context
    from korus_research.analysis.counterfactual.effect_curve import EffectCurve
    from korus_research.analysis.counterfactual.effects import Effects
    from korus_research.analysis.drivers.result import Drivers
    from korus_research.analysis.finding import Findings
    from korus_research.analysis.flows import Flows
    from korus_research.analysis.forecasts import Forecasts
    from korus_research.analysis.gravity.estimate import Gravity
    from korus_research.analysis.scenarios.analyse import Scenarios
    from korus_research.analysis.sectors import Sectors
    from korus_research.analysis.tariffs import Tariffs
    from korus_research.data import Catalog

T = TypeVar("T")


class Study:
    """One agreement studied with one set of parameters. Make it with `open_study`."""

    def __init__(self, agreement: Agreement, parameters: ResolvedParameters, catalog: Catalog) -> None:
        self.agreement = agreement
        self.parameters = parameters
        self.catalog = catalog
        self.load = lru_cache(maxsize=None)(self._load)
        self._made: dict[Callable[..., Any], Any] = {}

    def _load(self, dataset: str) -> pd.DataFrame:
        return self.catalog.load(dataset, as_of=self.parameters.as_of)

    def __repr__(self) -> str:
        p = self.parameters
        return (
            f"Study of {self.agreement.name} ({self.agreement.short_name}), data through {p.as_of}, "
            f"changes from {p.baseline_year}, peers {', '.join(self.partner_names[c] for c in p.comparators)}"
        )

    def _repr_html_(self) -> str:
        import html

        p = self.parameters
        rows = [
            ("Agreement", f"{self.agreement.name} ({self.agreement.short_name})"),
            ("In force", f"{self.agreement.dates.in_force:%-d %B %Y}"),
            ("Data through", self.names["as_of"]),
            ("Changes from", str(p.baseline_year)),
            ("Peers", ", ".join(self.partner_names[c] for c in p.comparators)),
        ]
        body = "".join(
            f'<tr><th style="text-align:left">{html.escape(k)}</th><td>{html.escape(v)}</td></tr>' for k, v in rows
        )
        return f"<table><caption>Study</caption><tbody>{body}</tbody></table>"

    def _once(self, make: Callable[..., T], *given: Any) -> T:
        """Return what `make` makes of this study, made once."""
        if make not in self._made:
            self._made[make] = make(self, *given)
        made: T = self._made[make]
        return made

    @cached_property
    def partner_names(self) -> dict[str, str]:
        """Names of all partners by Census code, short where the agreement gives a short one."""
        table = self.load("partners")
        # The Census writes "Korea, South".
        said = table["name"].str.replace(r"^(\w+), (North|South)$", r"\2 \1", regex=True)
        names = dict(zip(table["partner"], said, strict=True))
        own = self.agreement.partner
        short = {c.census_code: c.name for c in (*self.agreement.comparators, *self.agreement.context_partners)}
        return {**names, **short, own.census_code: own.short}

    @cached_property
    def names(self) -> dict[str, str]:
        """Names that sentences may use: of the agreement, the parties and the periods compared."""
        from korus_research.analysis.series import month_name

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
            "in_force": f"{a.dates.in_force:%-d %B %Y}",
            "in_force_month": f"{a.dates.in_force:%B %Y}",
            "first_full_year": str(a.first_full_year),
            "baseline": str(p.baseline_year),
            "evaluation": str(min(a.evaluation_year, self._last_full_year)),
            "as_of": month_name(p.as_of),
            "last_year": str(self._last_world_year),
            "latest": f"the 12 months to {month_name(p.as_of)}",
            "peers": _listed([self.partner_names[c] for c in p.comparators]),
        }

    @cached_property
    def _last_world_year(self) -> int:
        from korus_research.analysis.series import WORLD

        last = self.catalog.last_period("goods_trade_monthly", as_of=self.parameters.as_of, partner=WORLD)
        return int(last[:4]) if last.endswith("-12") else int(last[:4]) - 1

    @cached_property
    def _last_full_year(self) -> int:
        year, month = self.parameters.as_of.split("-")
        return int(year) if month == "12" else int(year) - 1

    def flows(self) -> Flows:
        """Bilateral flows with the partner (methods section 1)."""
        return self._once(described.flows)

    def comparators(self) -> Comparators:
        """The partner beside the world, partners without a new agreement and the peers (methods section 2)."""
        return self._once(described.comparators)

    def context(self) -> Context:
        """Shares of the reporter's goods trade (methods section 11)."""
        return self._once(described.context)

    def sectors(self) -> Sectors:
        """Trade with the partner by sector: contributions, shift-share, concentration (methods section 6)."""
        return self._once(described.sectors)

    def cars(self) -> Cars:
        """Makers' points against the allowance, duties and values of vehicles (methods section 7)."""
        return self._once(levied.cars)

    def tariffs(self) -> Tariffs:
        """What was levied on imports from the partner, month by month (methods section 8)."""
        return self._once(levied.tariffs)

    def drivers(self) -> Drivers:
        """What drove the flows: accounting, demand equations, what they predict (methods section 5)."""
        return self._once(estimated.drivers)

    def gravity(self) -> Gravity:
        """The three-way gravity model of the agreement, with its randomisation test (methods section 4)."""
        return self._once(estimated.gravity)

    def scenarios(self, findings: Findings | None = None) -> Scenarios:
        """What if the agreement ended, or new duties stay (methods section 10).

        `findings` of the gravity chapter spare its estimates; what they gave holds for later calls. Without them the
        gravity model is estimated.
        """
        return self._once(estimated.scenarios, findings)

    def forecasts(self, findings: Findings | None = None) -> Forecasts:
        """What was forecast and what others found, beside our estimates (methods section 9).

        `findings` of the other chapters spare the estimates of gravity, and add the specification curve; what they gave
        holds for later calls.
        """
        return self._once(estimated.forecasts, findings)

    def counterfactual(self) -> Effects:
        """Estimate what trade would have been without the agreement (methods section 3)."""
        return self._once(estimated.counterfactual)

    def specification_curve(
        self, *, executor: Executor | None = None, progress: Callable[[int, int], None] | None = None
    ) -> EffectCurve:
        """Estimate the effects under every declared specification, in worker processes unless `executor` is given.

        `progress` is called with the number of specifications done and in all (`kr.progress_bar`).
        """
        from korus_research.analysis.counterfactual.effect_curve import analyse_curve

        return analyse_curve(self.counterfactual(), executor=executor, progress=progress)

    def as_known(self, as_of: str) -> Study:
        """Return this study on the data until an earlier month, with the same choices."""
        return Study(self.agreement, self.parameters.model_copy(update={"as_of": as_of}), self.catalog)

    def events_findings(self) -> Findings:
        """How many dated events the agreement's file holds until `as_of`, by kind."""
        from korus_research.analysis.context import event_findings

        return event_findings(self.agreement.events_until(self.parameters.as_of), self.names)

    def provenance(self) -> Findings:
        """How many tables the report rests on, and how many of them were read from copies."""
        from korus_research.analysis.finding import Finding, Findings

        tables = [self.catalog.describe(name) for name in self.catalog.names]
        copied = [t for t in tables if any(source.title.startswith("read from") for source in t.sources)]
        counts = {
            "methods.datasets": ("tables in the data package", len(tables)),
            "methods.copied": (
                "tables read from copies of official files or from pages that printed them",
                len(copied),
            ),
        }
        package = ("this edition", "datapackage.json", ())
        made = [Finding(id_, label, float(count), "count", *package) for id_, (label, count) in counts.items()]
        return Findings(tuple(made), self.names)

    def findings(self) -> Findings:
        """Every finding of every analysis that this agreement and month allow, the specification curve apart."""
        found = self.flows().findings() | self.comparators().findings() | self.context().findings()
        for analysis in (self.counterfactual, self.drivers, self.gravity, self.scenarios):
            try:
                found = found | analysis().findings()
            except Lacking:
                continue
        return found


def open_study(
    agreement: str = "korus",
    *,
    as_of: str | None = None,
    baseline_year: int | str | None = None,
    comparators: Iterable[str] | str | None = None,
    catalog: Catalog | None = None,
) -> Study:
    """Open a study of one agreement.

    Parameters
    ----------
    agreement : str
        Name of a file in `agreements/` ("korus").
    as_of : str, optional
        Last month of data used, "YYYY-MM"; the values are always today's vintage.
    baseline_year : int, optional
        Year the changes are counted from.
    comparators : sequence of str, optional
        Census codes of the peers.

    Raises
    ------
    UnknownAgreement, InvalidParameter, DamagedData
        What is wrong, what was expected, and what to do.
    """
    values: dict[str, Any] = {"agreement": agreement, "as_of": as_of, "baseline_year": baseline_year}
    if comparators is not None:
        values["comparators"] = comparators if isinstance(comparators, str) else tuple(comparators)
    catalog = catalog or open_catalog()
    parameters = ReportParameters.parse(values)
    loaded = load_agreement(parameters.agreement)
    return Study(loaded, parameters.resolve(loaded, catalog), catalog)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
