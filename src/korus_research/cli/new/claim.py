"""`korus new claim NAME`: a claim as data, judged as it is, to be changed into the one that was made."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from korus_research.cli.new.files import PACKAGE, filled, refuse_name, this_checkout, write
from korus_research.errors import InvalidClaim

SOURCES = PACKAGE / "chapters" / "claims" / "sources"


def claim(
    name: Annotated[str, typer.Argument(help="The file and the claim's id, as ustr-2019-03.")],
    agreement: Annotated[str, typer.Option(metavar="NAME", help="The agreement it is about.")] = "korus",
) -> None:
    """Write a claim's file into the checkout; the chapter on claims judges it as it is."""
    new_claim(this_checkout(), name, agreement=agreement)


def new_claim(root: Path, name: str, *, agreement: str) -> list[Path]:
    """Write a source with one claim about an agreement into the checkout `root`, and return its name.

    The claim is about exports from the baseline year to the last full year, with a number of its own.

    Raises
    ------
    InvalidClaim
        The name can't be an id.
    UnknownAgreement
        There is no such agreement.
    OutputFolder
        A file of that name is there.
    """
    from korus_research.chapters.claims.lexicon import load_lexicon
    from korus_research.chapters.study import open_study
    from korus_research.data.period import month_end

    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise refuse_name(name, "small letters, digits and hyphens, as ustr-2019-03", InvalidClaim)
    files = (tomllib.loads(path.read_text(encoding="utf-8")) for path in (root / SOURCES).glob("*.toml"))
    study = open_study(agreement)
    numbers = [claim["number"] for file in files for claim in file["claim"]]
    # The first day on which the newest month of the data was published: the claim is judged in the newest edition.
    day = month_end(study.parameters.as_of) + timedelta(days=load_lexicon().publication.days)
    text = filled(
        "claim.toml.txt",
        id=name,
        agreement=study.agreement.id,
        partner=study.names["partner"],
        number=max(numbers, default=0) + 1,
        day=day,
        first=study.parameters.baseline_year,
        last=study.names["last_year"],
    )
    return write(root, {SOURCES / f"{name}.toml": text})
