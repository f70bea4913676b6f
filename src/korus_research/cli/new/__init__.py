"""`korus new agreement | chapter | claim | measure`: working templates to start from."""

from __future__ import annotations

import typer

from korus_research.cli.new.agreement import agreement
from korus_research.cli.new.chapter import chapter
from korus_research.cli.new.claim import claim
from korus_research.cli.new.files import checkout
from korus_research.cli.new.measure import measure

__all__ = ["app", "checkout"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Start an agreement, a claim, a chapter or a measure of your own from a template.",
)
for _begin in (agreement, chapter, claim, measure):
    app.command()(_begin)
