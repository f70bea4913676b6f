"""The findings of the flows: one place where each measure gets its id, label, basis and rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from korus_research.show.finding import Finding, Findings, Unit

if TYPE_CHECKING:
    from korus_research.chapters.flows.measures import Flows, Series

CENSUS = "Census basis, goods, nominal, not seasonally adjusted"
BOP = {
    "bop_goods": "balance-of-payments basis, goods, nominal",
    "bop_services": "balance-of-payments basis, services, nominal",
    "bop_goods_services": "balance-of-payments basis, goods and services, nominal",
}
NO_FULL_YEAR = "no full year under the agreement lies within the data of this edition"
_DATASET = {"census_goods": "goods_trade_monthly"}
_NOUN = {"exports": "exports to", "imports": "imports from", "balance": "balance with"}
_GOODS = {
    "census_goods": "goods ",
    "bop_goods": "goods ",
    "bop_services": "services ",
    "bop_goods_services": "goods and services ",
}


class _Maker:
    """Collects findings about one pair of countries, so that each line below names only what differs."""

    def __init__(self, flows: Flows) -> None:
        self.flows = flows
        self.reporter = flows.spec.names.get("reporter_adjective", "US")
        self.partner = flows.spec.names.get("partner", flows.spec.partner)
        self.made: list[Finding] = []

    def noun(self, what: str, series: Series = "census_goods") -> str:
        article = "the " if what == "balance" else ""
        return f"{article}{self.reporter} {_GOODS[series]}{_NOUN[what]} {self.partner}"

    def absent(self, series: Series) -> str | None:
        """Return why a series has no figure at all for this partner, None where it has some."""
        if series == "census_goods" or series in self.flows.levels.index.get_level_values("series"):
            return None
        return f"the tables on that basis hold no figures of their own for {self.partner}"

    def span(self, period: str, series: Series = "census_goods") -> str:
        return self.flows.span(period if period.isdigit() or series == "census_goods" else f"{series}:{period}")

    def add(
        self,
        id_: str,
        label: str,
        value: float | None,
        unit: Unit,
        period: str,
        *,
        series: Series = "census_goods",
        datasets: tuple[str, ...] = (),
        basis: str = "",
        reason: str | None = None,
        decimals: int = -1,
        repeats: str | None = None,
    ) -> None:
        if decimals < 0 and unit == "usd_bn":
            decimals = self.flows.scale.decimals
        if repeats is None and ".latest." in f".{id_}":
            twin = f"flows.{id_.replace('latest', 'evaluation')}"
            again = self.flows.latest_is_evaluation and series == "census_goods"
            # What can't be told of either period is said once.
            unknown = value is None and any(f.id == twin and f.value is None and f.reason == reason for f in self.made)
            repeats = twin if again or unknown else None
        self.made.append(
            Finding(
                id=f"flows.{id_}",
                label=label,
                value=value,
                unit=unit,
                period=period,
                basis=basis or BOP.get(series, CENSUS),
                datasets=datasets or (_DATASET.get(series, "goods_services_bop"),),
                reason=reason if value is None else None,
                decimals=decimals,
                repeats=repeats,
            )
        )

    def pair(self, prefix: str, what: str, start: str, end: str, series: Series = "census_goods") -> None:
        """Add the level at the end, the change and, for flows, the percent change between two periods."""
        flows, noun = self.flows, self.noun(what, series)
        first, last = flows.level(what, start, series), flows.level(what, end, series)
        change = flows.change(what, start, end, series)
        from_, to = self.span(start, series), self.span(end, series)
        period = f"{from_} to {to}"
        reason = self.absent(series) or f"the data hold no {noun} for {to if last is None else from_}"
        if last is None and end.isdigit() and flows.evaluation_year is None and not self.absent(series):
            reason = NO_FULL_YEAR
        self.add(f"{prefix}.end", f"{noun} in {to}", last, "usd_bn", to, series=series, reason=reason)
        self.add(f"{prefix}.change", f"the change in {noun}", change, "usd_bn", period, series=series, reason=reason)
        if what != "balance":
            percent = None if change is None or not first else 100 * change / first
            label = f"the percent change in {noun}"
            self.add(f"{prefix}.change_pct", label, percent, "percent", period, series=series, reason=reason)


def flow_findings(flows: Flows) -> Findings:
    """Return every finding of the flows of one partner, with ids `flows.*`."""
    make = _Maker(flows)
    baseline, spec = str(flows.spec.baseline_year), flows.spec
    evaluation = str(flows.evaluation_year or spec.first_full_year)
    for what in ("exports", "imports", "balance"):
        make.add(
            f"{what}.baseline", f"{make.noun(what)} in {baseline}", flows.level(what, baseline), "usd_bn", baseline
        )
        make.pair(f"{what}.evaluation", what, baseline, evaluation)
        make.pair(f"{what}.latest", what, baseline, "latest12")
        make.pair(f"{what}.prior", what, "prior12", evaluation)
    _balance(make, baseline, evaluation)
    _sensitivity(make)
    for series in ("bop_goods", "bop_services", "bop_goods_services"):
        for what in ("exports", "imports", "balance"):
            label = f"{make.noun(what, series)} in {baseline}"
            make.add(
                f"{series}.{what}.baseline",
                label,
                flows.level(what, baseline, series),
                "usd_bn",
                baseline,
                series=series,
                reason=make.absent(series),
            )
            make.pair(f"{series}.{what}.evaluation", what, baseline, evaluation, series)
            make.pair(f"{series}.{what}.latest", what, baseline, "latest12", series)
    _energy(make)
    _purchasing_power(make, baseline, evaluation)
    return Findings(tuple(make.made), spec.names)


def _balance(make: _Maker, baseline: str, evaluation: str) -> None:
    flows = make.flows
    for name, end in (("evaluation", evaluation), ("latest", "latest12")):
        period = f"{flows.span(baseline)} to {flows.span(end)}"
        d_imports = flows.change("imports", baseline, end)
        label = f"the part of the change in {make.noun('balance')} that comes from imports"
        value = None if d_imports is None else -d_imports
        make.add(f"balance.{name}.from_imports", label, value, "usd_bn", period)
        first, last = flows.level("balance", baseline), flows.level("balance", end)
        deficits = first is not None and last is not None and first < 0 and last < 0
        ratio = last / first if deficits and first and last else None
        make.add(
            f"deficit.{name}.ratio",
            f"the goods deficit with {make.partner} as a multiple of that of {baseline}",
            ratio,
            "times",
            period,
            reason="a ratio of deficits needs a deficit in both years",
        )
        for what in ("exports", "imports"):
            prior_change = flows.change(what, "prior12", end)
            make.add(
                f"{what}.{name}.change_since_prior12",
                f"the change in {make.noun(what)} since the 12 months before entry into force",
                prior_change,
                "usd_bn",
                f"{flows.span('prior12')} to {flows.span(end)}",
            )


def _sensitivity(make: _Maker) -> None:
    """How far the change depends on the starting point: its range over those before the year of entry into force."""
    flows = make.flows
    starts = list(flows.starts_before)
    years = [start for start in starts if start.isdigit()]
    period = f"starting points {years[0]} to {years[-1]}"
    period += f" and {flows.span('prior12')}" if "prior12" in starts else ""
    for what in ("exports", "imports", "balance"):
        grid, noun = flows.grid(what).loc[starts], make.noun(what)
        newest = "latest12" if "latest12" in grid else str(flows.last_year)
        for name, column in (("evaluation", str(flows.evaluation_year)), ("latest", newest)):
            cells = grid[column].dropna().tolist() if column in grid else []
            to = flows.span(column) if column in grid else "the evaluation year"
            low, high = min(cells, default=None), max(cells, default=None)
            falls = float(sum(cell < 0 for cell in cells)) if cells else None
            counted = float(len(cells)) if cells else None
            prefix = f"grid.{what}.{name}"
            make.add(
                f"{prefix}.low",
                f"the smallest change in {noun} to {to} over all starting points",
                low,
                "usd_bn",
                period,
                reason=NO_FULL_YEAR,
            )
            make.add(
                f"{prefix}.high",
                f"the largest change in {noun} to {to} over all starting points",
                high,
                "usd_bn",
                period,
                reason=NO_FULL_YEAR,
            )
            above = f"how many starting points are above {noun} of {to}"
            make.add(f"{prefix}.falls", above, falls, "count", period, reason=NO_FULL_YEAR)
            compared = "how many starting points are compared"
            make.add(f"{prefix}.baselines", compared, counted, "count", period, reason=NO_FULL_YEAR)


def _energy(make: _Maker) -> None:
    """Exports with and without energy: from the evaluation year to the latest 12 months that the chapters have."""
    flows = make.flows
    table = {} if flows.energy is None else flows.energy.to_dict(orient="index")
    keys = [str(key) for key in table]
    evaluation = str(flows.evaluation_year)
    start = evaluation if evaluation in keys[:-1] else next(iter(keys[:-1]), None)
    values: dict[str, float | None] = {}
    small = False
    if start is not None:
        first, last = table[start], table[keys[-1]]
        change = {key: float(last[key] - first[key]) for key in ("exports", "energy", "other")}
        small, same_way = abs(change["exports"]) < 1, change["energy"] * change["exports"] > 0
        values = {
            "total": change["exports"],
            "energy": change["energy"],
            "other": change["other"],
            "other_pct": 100 * change["other"] / float(first["other"]),
            "share": 100 * change["energy"] / change["exports"] if same_way and not small else None,
        }
    noun, unit = make.noun("exports"), {"other_pct": "percent", "share": "percent"}
    labels = {
        "total": f"the change in {noun}",
        "energy": f"the change in US energy exports (HS 27) to {make.partner}",
        "other": f"the change in {noun} other than energy (HS 27)",
        "other_pct": f"the percent change in {noun} other than energy (HS 27)",
        "share": f"the share of energy (HS 27) in the change of {noun}",
    }
    why = "exports as a whole changed by less than $1 billion" if small else "energy and exports moved in opposite ways"
    reasons = {"share": why}
    lacking = "exports by chapter are held from 2013 on, and two periods are needed"
    if flows.energy_elsewhere:
        lacking = f"exports by chapter are held for other countries, not for {make.partner}"
        labels["total"] = f"what part of the change in {noun} is energy (HS 27)"
    for id_, label in labels.items():
        make.add(
            f"energy.{id_}",
            label,
            values.get(id_),
            cast("Unit", unit.get(id_, "usd_bn")),
            f"{start} to {flows.span(keys[-1])}" if start is not None else "no two periods",
            datasets=("exports_energy_monthly", "goods_trade_monthly"),
            reason=reasons.get(id_ if values else "", lacking),
            repeats="flows.energy.other" if id_ == "share" and not values else None,
        )


def _purchasing_power(make: _Maker, baseline: str, evaluation: str) -> None:
    flows = make.flows
    prices = {} if flows.prices is None else flows.prices.to_dict()
    for what in ("exports", "imports"):
        first, last = flows.level(what, baseline), flows.level(what, evaluation)
        value = None
        if first and last and flows.evaluation_year and {int(baseline), int(evaluation)} <= set(prices):
            value = 100 * ((last / prices[int(evaluation)]) / (first / prices[int(baseline)]) - 1)
        make.add(
            f"{what}.evaluation.real_pct",
            f"the percent change in the purchasing power of {make.noun(what)}",
            value,
            "percent",
            f"{baseline} to {evaluation}",
            basis=f"{CENSUS}, deflated by US consumer prices (CPI-U); purchasing power, not volume",
            datasets=("goods_trade_monthly", "consumer_prices"),
            reason="consumer prices for both years are needed",
        )
