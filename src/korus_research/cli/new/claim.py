"""`korus new claim NAME`: a valid claim as data, to start from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from korus_research.cli.new.files import PACKAGE, check_id, filled, this_checkout, write
from korus_research.data.files import output_errors
from korus_research.errors import InvalidClaim

if TYPE_CHECKING:
    from korus_research.chapters.study import Study

SOURCES = PACKAGE / "chapters" / "claims" / "sources"


def claim(
    name: Annotated[str, typer.Argument(help="Id of the claim, for example ustr-2019-03.")],
    agreement: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="Agreement that the claim is about: a name, or your own file.")
    ] = "korus",
) -> None:
    """Add a claim that can be judged at once, to the checkout or to your own agreement's file."""
    from korus_research.data.agreements import own_file

    if own_file(agreement) is None:
        new_claim(this_checkout(), name, agreement=agreement)
    else:
        new_own_claim(Path(agreement).expanduser(), name)


def new_claim(root: Path, name: str, *, agreement: str) -> list[Path]:
    """Write a source with one claim about an agreement into the checkout `root`, and return its name.

    The claim is about exports from the baseline year to the last full year, and has the next free number.

    Raises
    ------
    InvalidClaim
        The name can't be an id.
    UnknownAgreement
        There is no such agreement.
    OutputFolder
        A file of that name exists.
    """
    from korus_research.chapters.study import open_study

    study = open_study(agreement)
    read = (tomllib.loads(path.read_text(encoding="utf-8")) for path in (root / SOURCES).glob("*.toml"))
    return write(root, {SOURCES / f"{name}.toml": _text(name, study, read)})


def new_own_claim(path: Path, name: str) -> list[Path]:
    """Append a source with one claim to the file of a user's own agreement, and return its name.

    InvalidClaim if the name can't be an id, or the file has a source of that name; other errors as in `open_study`.
    """
    from korus_research.chapters.claims.statements import load_claims
    from korus_research.chapters.study import open_study

    study, held = open_study(path), path.read_bytes()
    package = [{"claim": [{"number": claim.number} for _, claim in load_claims(study.agreement.id, as_of="9999-12")]}]
    text = _text(name, study, [*study.agreement.claims, *package])
    own = study.agreement.claims
    if name in {s["source"]["id"] for s in own} | {claim["id"] for s in own for claim in s["claim"]}:
        raise InvalidClaim(f"{path} has a claim '{name}'", expected="a new name", do="Choose another name")
    # Appended: what the user wrote stays unchanged, including line ends, permissions and links.
    added = ("\n" if held.endswith(b"\n") else "\n\n") + text
    with output_errors(path.parent, option="place"), path.open("ab") as file:
        file.write((added.replace("\n", "\r\n") if b"\r\n" in held else added).encode())
    typer.echo(path.as_posix())
    return [path]


def _text(name: str, study: Study, others: Iterable[Mapping[str, Any]]) -> str:
    """Return a source with a claim about the agreement of a study, numbered after the `others`."""
    from korus_research.chapters.claims.lexicon import load_lexicon
    from korus_research.data.period import month_end

    check_id(name, "ustr-2019-03", InvalidClaim)
    # The day on which the newest month of data was published, so that the newest edition judges the claim.
    day = month_end(study.parameters.as_of) + timedelta(days=load_lexicon().publication.days)
    return filled(
        "claim.toml.txt",
        id=name,
        agreement=study.agreement.id,
        own=study.named != study.agreement.id,
        partner=study.names["partner"],
        number=max((claim["number"] for source in others for claim in source["claim"]), default=0) + 1,
        day=day,
        first=study.parameters.baseline_year,
        last=study.names["last_year"],
    )
