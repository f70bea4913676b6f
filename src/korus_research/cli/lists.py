"""`korus agreements` and `korus partners`: the names and codes that other commands take."""

from __future__ import annotations

from typing import Annotated

import typer

from korus_research.errors import InvalidParameter


def agreements() -> None:
    """List the agreements of the package."""
    from korus_research.data.agreements import list_agreements, load_agreement

    for name in list_agreements():
        loaded = load_agreement(name)
        typer.echo(f"{name}\t{loaded.name}\tin force since {loaded.dates.in_force:%Y-%m-%d}")


def partners(
    word: Annotated[str, typer.Argument(help="Part of a name, for example japan.", show_default="all")] = "",
) -> None:
    """List the trading partners with their Census codes and the months for which data exist."""
    from korus_research.data.catalog import open_catalog
    from korus_research.data.parameters import single_partners

    catalog = open_catalog()
    trade = catalog.load("goods_trade_monthly")
    months = trade.groupby("partner")["month"].agg(["min", "max"])
    found = [(code, name) for code, name in single_partners(catalog).items() if word.lower() in name.lower()]
    held = [(code, name) for code, name in found if code in months.index]
    if not held:
        raise InvalidParameter(
            f"No partner has '{word}' in its name", expected="a part of a name", do="List all with `korus partners`"
        )
    for code, name in held:
        typer.echo(f"{code}\t{name}\t{months['min'][code]} to {months['max'][code]}")
