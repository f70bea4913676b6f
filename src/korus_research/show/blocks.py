"""Blocks that are neither figure nor table: formulas, the claims, the list of datasets."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from korus_research.errors import InvalidFigure
from korus_research.show import contract
from korus_research.show.words.prose import Source, bundle, gather


@dataclass(frozen=True)
class Block:
    """Data under one of our MIME types (show/contract.py), with the HTML that JupyterLab shows.

    InvalidFigure is raised where the data are not what the contract says of the kind.
    """

    kind: str
    data: Mapping[str, Any]
    shown: str

    def __post_init__(self) -> None:
        contract.read(self.kind, self.data)

    def __repr__(self) -> str:
        return f"Block({self.kind}: {self.data.get('title', self.data.get('id', ''))})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle({"kind": self.kind, **self.data}, self.shown, repr(self))


@dataclass(frozen=True)
class Formula:
    """A displayed formula in TeX, and how it is read aloud; InvalidFigure where either is empty."""

    tex: str
    alt: str
    words: dict[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if not self.tex.strip() or not self.alt.strip():
            raise InvalidFigure(
                "A formula lacks its TeX or its words", expected="both", do="Write how it is read aloud"
            )

    def __repr__(self) -> str:
        return f"Formula({self.alt})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        data = {"kind": "formula", "tex": self.tex, "alt": self.alt, **({"words": self.words} if self.words else {})}
        return {
            "application/vnd.korus.formula+json": data,
            "text/latex": f"$\\displaystyle {self.tex}$",
            "text/plain": self.alt,
        }


def formula(tex: str, *, alt: str) -> Formula:
    """Return a displayed formula; `alt` reads it aloud. Errors as for `Formula`."""
    return Formula(tex, alt)


def findings_list(source: Source) -> Block:
    """Return all findings of a result: listed in JupyterLab, and gathered by a run for other chapters.

    The report itself doesn't show this block; it links each spoken number to the list of all findings.
    """
    findings = gather(source)
    rows = [(f.id, f"{f.text()} ({f.period}; {f.basis})") for f in findings.values()]
    return Block("findings", {"findings": findings.to_json()}, listing(rows, "Findings of this chapter"))


def listing(rows: list[tuple[str, str]], caption: str) -> str:
    """Return a two-column HTML table for JupyterLab."""
    body = "".join(
        f'<tr><th scope="row" style="text-align:left">{html.escape(a)}</th>'
        f'<td style="text-align:left">{html.escape(b)}</td></tr>'
        for a, b in rows
    )
    return f"<table><caption>{html.escape(caption)}</caption><tbody>{body}</tbody></table>"
