"""A study: one agreement, one set of parameters and the data, bound together.

Methods return results; none prints or plots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from korus_research.agreements import load_agreement
from korus_research.data import open_catalog
from korus_research.parameters import ReportParameters, ResolvedParameters

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import pandas as pd

    from korus_research.agreements import Agreement
    from korus_research.analysis.comparators import Comparators
    from korus_research.analysis.context import Context
    from korus_research.analysis.drivers import Drivers
    from korus_research.analysis.effect_curve import EffectCurve
    from korus_research.analysis.effects import Effects, Treated
    from korus_research.analysis.finding import Findings
    from korus_research.analysis.flows import Flows
    from korus_research.analysis.gravity import Gravity
    from korus_research.analysis.scenarios import PartialEffect, Scenarios
    from korus_research.analysis.series import Flow
    from korus_research.data import Catalog

__all__ = ["ReportParameters", "ResolvedParameters", "Study", "open_study"]


class Study:
    """One agreement studied with one set of parameters. Make it with `open_study`."""

    def __init__(self, agreement: Agreement, parameters: ResolvedParameters, catalog: Catalog) -> None:
        self.agreement = agreement
        self.parameters = parameters
        self.catalog = catalog
        self.load = lru_cache(maxsize=None)(self._load)
        self._solved: Scenarios | None = None

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
            "reporter_adjective": a.reporter.adjective,
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
        return self._flows

    @cached_property
    def _flows(self) -> Flows:
        from korus_research.analysis.flows import FlowsSpec, analyse_flows

        a, p = self.agreement, self.parameters
        spec = FlowsSpec(
            partner=a.partner.census_code,
            in_force=f"{a.dates.in_force:%Y-%m}",
            baseline_year=p.baseline_year,
            baseline_years=a.baseline_years,
            evaluation_year=a.evaluation_year,
            first_full_year=a.first_full_year,
            names=self.names,
        )
        prices = self.load("consumer_prices")
        return analyse_flows(
            self.load("goods_trade_monthly"),
            self.load("goods_services_bop"),
            spec=spec,
            energy=self.load("exports_energy_monthly"),
            prices=prices.loc[prices["iso3"] == a.reporter.iso3],
        )

    def comparators(self) -> Comparators:
        """The partner beside the world, partners without a new agreement and the peers (methods section 2)."""
        return self._comparators

    @cached_property
    def _comparators(self) -> Comparators:
        from korus_research.analysis.comparators import ComparatorsSpec, analyse_comparators

        a, p = self.agreement, self.parameters
        agreements = self.load("us_agreements")
        since = agreements["in_force"].str[:7]
        new = agreements.loc[(since.str[:4].astype(int) > p.baseline_year) & (since <= p.as_of), "partner"]
        own = a.partner.census_code
        spec = ComparatorsSpec(
            partner=own,
            peers=p.comparators,
            new_agreement=tuple(c for c in dict.fromkeys(new) if c != own),
            baseline_year=p.baseline_year,
            evaluation_year=a.evaluation_year,
            first_full_year=a.first_full_year,
            partner_names=self.partner_names,
            names=self.names,
        )
        return analyse_comparators(self.load("goods_trade_monthly"), self.load("partners"), spec=spec)

    def context(self) -> Context:
        """Shares of the reporter's goods trade (methods section 11)."""
        return self._context

    @cached_property
    def _context(self) -> Context:
        from korus_research.analysis.context import ContextSpec, analyse_context

        a = self.agreement
        spec = ContextSpec(
            partner=a.partner.census_code,
            others=tuple(c.census_code for c in a.context_partners),
            groups=tuple((g.key, g.name, g.members) for g in a.context_groups),
            evaluation_year=a.evaluation_year,
            partner_names=self.partner_names,
            names=self.names,
        )
        return analyse_context(self.load("goods_trade_monthly"), spec=spec)

    def drivers(self) -> Drivers:
        """What drove the flows: accounting, demand equations, what they predict (methods section 5)."""
        return self._drivers

    @cached_property
    def _drivers(self) -> Drivers:
        from korus_research.analysis.drivers import analyse_drivers
        from korus_research.analysis.drivers_spec import DriversSpec

        a, p = self.agreement, self.parameters
        rates, macro = self.load("exchange_rates_monthly"), self.load("macro_annual")
        partners = self.load("partners")
        both = set(rates["iso3"]) & set(macro["iso3"]) - {a.partner.iso3}
        others = partners.loc[partners["iso3"].isin(both), ["partner", "iso3"]]
        spec = DriversSpec(
            partner=a.partner.census_code,
            iso3=a.partner.iso3,
            reporter=a.reporter.iso3,
            baseline_year=p.baseline_year,
            before=a.dates.in_force.year - 1,
            evaluation_year=a.evaluation_year,
            first_full_year=a.first_full_year,
            others=tuple((str(code), str(iso3)) for code, iso3 in others.itertuples(index=False)),
            names=self.names,
        )
        return analyse_drivers(
            self.load("goods_trade_monthly"), rates, macro, self.load("import_demand_annual"), spec=spec
        )

    def gravity(self) -> Gravity:
        """The three-way gravity model of the agreement, with its randomisation test (methods section 4)."""
        return self._gravity

    @cached_property
    def _gravity(self) -> Gravity:
        from korus_research.analysis.gravity import GravitySpec, analyse_gravity
        from korus_research.analysis.gravity_census import annual_census

        a = self.agreement
        spec = GravitySpec.declared(a.reporter.iso3, a.partner.iso3, a.dates.in_force.year, self.names)
        census = annual_census(self.load("goods_trade_monthly"), self.load("partners"))
        return analyse_gravity(self.load("gravity_panel"), census, spec=spec)

    def scenarios(self, findings: Findings | None = None) -> Scenarios:
        """What if the agreement ended, or new duties stay (methods section 10).

        `findings` of the gravity chapter spare its estimates; what they gave holds for later calls. Without them the
        gravity model is estimated.
        """
        if self._solved is None:
            self._solved = self._scenarios(findings)
        return self._solved

    def _scenarios(self, findings: Findings | None) -> Scenarios:
        from korus_research.analysis.scenario_duties import duties_from
        from korus_research.analysis.scenarios import ScenariosSpec, analyse_scenarios, model_choices

        a, choices = self.agreement, model_choices()
        flows, economies = self.load("wiod_baseline_2014"), self.load("wiod_economies")
        flows = flows[flows["year"] == choices["baseline_year"]]
        duties = duties_from(
            economies=economies,
            goods=self.load("wiod_goods_shares"),
            bop=self.load("goods_services_bop"),
            annual=self.load("realised_duties_annual"),
            monthly=self.load("realised_duties_monthly"),
            averages=self.load("average_tariffs"),
            reporter=a.reporter.iso3,
            partner=a.partner.iso3,
            partner_code=a.partner.census_code,
            agreement_year=a.baseline_year,
            baseline_year=choices["baseline_year"],
            before=choices["before"],
            after=choices["after"],
        )
        effects = self._partial_effects(findings)
        spec = ScenariosSpec(
            reporter=a.reporter.iso3, partner=a.partner.iso3, effects=effects, names=self.names, **choices
        )
        return analyse_scenarios(flows, economies, duties, spec=spec)

    def _partial_effects(self, findings: Findings | None) -> dict[Flow, PartialEffect] | None:
        """The agreement's effects by flow, from findings of the gravity chapter or else its estimates; None without."""
        from korus_research.analysis.scenarios import effects_from
        from korus_research.errors import MissingPartner, NotIdentified

        if findings is None:
            try:
                findings = self.gravity().findings()
            except (MissingPartner, NotIdentified):
                return None
        return effects_from(findings)

    def counterfactual(self) -> Effects:
        """Estimate what trade would have been without the agreement (methods section 3)."""
        return self._counterfactual

    @cached_property
    def _counterfactual(self) -> Effects:
        from korus_research.agreements import list_agreements
        from korus_research.analysis.donors import donor_status
        from korus_research.analysis.effects import EffectsSpec, analyse_effects
        from korus_research.analysis.panel import annual_panel
        from korus_research.analysis.specifications import declared

        others = [load_agreement(name) for name in list_agreements() if name != self.agreement.id]
        listed = self.load("partner_agreements")
        own = listed.loc[listed["iso3"] == self.agreement.partner.iso3, "in_force"]
        spec = EffectsSpec(
            treated=_treated(self.agreement),
            choices=declared(),
            others=tuple(sorted((_treated(a) for a in others), key=lambda t: (t.first_full, t.id))),
            partner_agreements=tuple(map(str, own)) if len(own) else None,
            names=self.names,
        )
        panel = annual_panel(self.load("goods_trade_monthly"), self.load("partners"), self.partner_names)
        return analyse_effects(panel, donor_status(self.load("donor_status"), self.load("us_agreements")), spec=spec)

    def specification_curve(
        self, *, executor: Executor | None = None, progress: Callable[[int, int], None] | None = None
    ) -> EffectCurve:
        """Estimate the effects under every declared specification, in worker processes unless `executor` is given.

        `progress` is called with the number of specifications done and in all (`kr.progress_bar`).
        """
        from korus_research.analysis.effect_curve import analyse_curve

        return analyse_curve(self.counterfactual(), executor=executor, progress=progress)

    def as_known(self, as_of: str) -> Study:
        """Return this study on the data until an earlier month, with the same choices."""
        return Study(self.agreement, self.parameters.model_copy(update={"as_of": as_of}), self.catalog)

    def events_findings(self) -> Findings:
        """How many dated events the agreement's file holds until `as_of`, by kind."""
        from korus_research.analysis.context import event_findings

        return event_findings(self.agreement.events_until(self.parameters.as_of), self.names)

    def provenance(self) -> Findings:
        """How many tables the report rests on."""
        from korus_research.analysis.finding import Finding, Findings

        count = float(len(self.catalog.names))
        made = Finding(
            "methods.datasets", "tables in the data package", count, "count", "this edition", "datapackage.json", ()
        )
        return Findings((made,), self.names)

    def findings(self) -> Findings:
        """Every finding of every analysis of this study."""
        return self.flows().findings() | self.comparators().findings() | self.context().findings()


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


def _treated(agreement: Agreement) -> Treated:
    from korus_research.analysis.effects import Treated

    return Treated(
        id=agreement.id,
        label=f"{agreement.partner.short} {agreement.dates.in_force.year}",
        partner=agreement.partner.census_code,
        in_force=agreement.dates.in_force.year,
        first_full=agreement.first_full_year,
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
