"""`korus new agreement NAME`: a working agreement file, with marks where it must be completed by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from korus_research.cli.new.files import check_id, filled, write
from korus_research.errors import InvalidAgreement, InvalidParameter, code_meant

if TYPE_CHECKING:
    from korus_research.data.catalog import Catalog

PEERS = 5  # as many as most agreements of the package have
WORLD = "0015"
AFTER = 5  # years from the baseline year to the evaluation year, as for every agreement of the package
# The partners that the weight of the partner is compared with, as in the agreements of the package.
CONTEXT = ("1220", "2010", "5700")  # Canada, Mexico, China


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # a day has no zone
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not a date written YYYY-MM-DD, such as 2020-07-01") from None


def agreement(
    name: Annotated[str, typer.Argument(help="Name of the file and id of the agreement, for example usmca.")],
    partner: Annotated[str, typer.Option(metavar="NAME|CODE", help="The partner; `korus partners` lists them.")],
    in_force: Annotated[date, typer.Option(metavar="YYYY-MM-DD", parser=_day, help="Date of entry into force.")],
    signed: Annotated[date, typer.Option(metavar="YYYY-MM-DD", parser=_day, help="Date of signature.")],
    title: Annotated[
        str,
        typer.Option(metavar="TEXT", help="Full name of the agreement.", show_default="made from the partner's name"),
    ] = "",
) -> None:
    """Write NAME.toml into the current folder. `korus report ./NAME.toml` works at once and lists what to fill in."""
    new_agreement(Path.cwd(), name, partner=partner, in_force=in_force, signed=signed, title=title)


def new_agreement(
    folder: Path, name: str, *, partner: str, in_force: date, signed: date, title: str = ""
) -> list[Path]:
    """Write the file of an agreement with one partner of the trade table, and return its name.

    Years and peers follow a rule: the last full year before entry into force, five years later, and the largest
    partners of that year without an agreement with the United States.

    Raises
    ------
    InvalidAgreement
        The name can't be an id, or is one of the package, or the days are not in order.
    InvalidParameter
        There is no such partner, or no full year of trade before entry into force.
    OutputFolder
        A file of that name exists.
    """
    from korus_research.data.agreements import list_agreements
    from korus_research.data.catalog import open_catalog

    check_id(name, "us-japan", InvalidAgreement)
    if in_force < signed:
        raise InvalidAgreement(
            f"in force {in_force}, signed {signed}",
            expected="signature before entry into force",
            do="Correct --signed or --in-force",
        )
    if name in list_agreements():
        raise InvalidAgreement(
            f"'{name}' is an agreement of the package", expected="another name", do="Choose another name"
        )
    catalog = open_catalog()
    own, newest = find_partner(catalog, partner), catalog.last_period("goods_trade_monthly", partner=WORLD)
    years = Years(in_force, int(newest[:4]) - (newest[5:] != "12"))
    text = filled(
        "agreement.toml.txt",
        id=name,
        short=name.upper().replace("-", " "),
        title=" ".join(title.split()) or f"United States-{own.name} Agreement",
        partner=own,
        signed=signed,
        in_force=in_force,
        years=years,
        peers=largest_peers(catalog, own.code, years.baseline),
        context=[find_partner(catalog, code) for code in CONTEXT if code != own.code],
    )
    return write(folder, {Path(f"{name}.toml"): text})


@dataclass(frozen=True)
class Partner:
    """A partner of the trade table: Census code, ISO code, and the name for sentences."""

    code: str
    iso3: str
    name: str


@dataclass(frozen=True)
class Years:
    """The years of an agreement's file, by the rule of the package's own; `last` is the last full year of data."""

    in_force: date
    last: int

    @property
    def whole(self) -> bool:
        """Whether the agreement is in force for the whole year of entry into force."""
        return (self.in_force.month, self.in_force.day) == (1, 1)

    @property
    def baseline(self) -> int:
        """The last full year before entry into force."""
        return self.in_force.year - 1

    @property
    def first_full(self) -> int:
        """The first calendar year wholly under the agreement."""
        return self.in_force.year + (not self.whole)

    @property
    def partly(self) -> bool:
        """Whether the last of the baseline years is partly under the agreement."""
        return self.baselines[-1] == self.in_force.year

    @property
    def evaluation(self) -> int:
        """The year in which it is evaluated."""
        return self.baseline + AFTER

    @property
    def baselines(self) -> list[int]:
        """The baseline years: five before, and the year of entry into force if it is partly before it.

        The latter is left out until its figures are complete.
        """
        return list(range(self.baseline - 4, min(self.first_full, self.last + 1)))


def find_partner(catalog: Catalog, asked: str) -> Partner:
    """Return the single country with a Census code or name, in any case.

    InvalidParameter if there is none; a similar name is suggested.
    """
    from korus_research.data.parameters import single_partners

    known = single_partners(catalog)
    by_name = {name.lower(): code for code, name in known.items()}
    code = asked if asked in known else by_name.get(asked.lower())
    if code is None:
        raise InvalidParameter(
            f"'{asked}' is not a partner in the trade table{code_meant(asked, known)}",
            expected="the Census code or the name of a country",
            do="List them with `korus partners`",
        )
    iso3 = catalog.load("partners").set_index("partner")["iso3"]
    return Partner(code, str(iso3[code]), known[code])


def largest_peers(catalog: Catalog, own: str, year: int) -> list[Partner]:
    """Return the largest partners of a year without an agreement with the United States then or later.

    InvalidParameter if the year is not complete.
    """
    from korus_research.data.parameters import single_partners

    trade = catalog.load("goods_trade_monthly")
    known = trade["partner"].isin(single_partners(catalog))
    rows: Any = trade[trade["month"].str.startswith(str(year)) & known]
    both = rows.groupby("partner")["value_usd_mn"].agg(["sum", "size"])
    whole = both[both["size"] == 24]  # months of two flows
    if own not in whole.index:
        months: Any = trade.loc[trade["partner"] == own, "month"]
        raise InvalidParameter(
            f"The trade table has no complete {year} for '{own}': its data run from {months.min()} to {months.max()}",
            expected="entry into force after a full year of data",
            do="Choose another date of entry into force, or another partner from `korus partners`",
        )
    bound = {own, *catalog.load("us_agreements")["partner"]}
    order = [code for code in whole.sort_values("sum", ascending=False).index if code not in bound]
    return [find_partner(catalog, code) for code in order[:PEERS]]
