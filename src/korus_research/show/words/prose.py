"""Paragraphs and lists of sentences that speak findings."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from korus_research.show.finding import Finding, Findings
from korus_research.show.words.sentence import Names, Sentence, keys_of, speak

PROSE_MIME = "application/vnd.korus.prose+json"
Role = Literal["text", "answer", "note", "points"]


class HasFindings(Protocol):
    """Anything that can give findings: a result, or a set of findings itself."""

    def findings(self) -> Findings:
        """Return the findings."""


Source = Findings | HasFindings | Iterable["Findings | HasFindings"]


def gather(source: Source) -> Findings:
    """Return the findings of one source or of several."""
    if isinstance(source, Findings):
        return source
    if hasattr(source, "findings"):
        return source.findings()
    found = Findings()
    for part in source:
        found = found | gather(part)
    return found


@dataclass(frozen=True)
class Prose:
    """A paragraph or a list that speaks findings. Prints as plain text; shows as HTML in JupyterLab.

    `words` says from where in a words file it was spoken, so that the publisher can speak it again (show/respeak.py).
    """

    sentences: tuple[Sentence, ...]
    role: Role = "text"
    words: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def markdown(self) -> str:
        """Pandoc Markdown with a span around each spoken number."""
        parts = [sentence.markdown for sentence in self.sentences]
        return "\n".join(f"- {p}" for p in _points(parts)) if self.role == "points" else " ".join(parts)

    @property
    def plain(self) -> str:
        """The text without marks, for titles, alt texts and the terminal."""
        return ("\n" if self.role == "points" else " ").join(s.plain for s in self.sentences)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings spoken, each once, in order."""
        return tuple({f.id: f for s in self.sentences for f in s.findings}.values())

    def __str__(self) -> str:
        return self.plain

    __repr__ = __str__

    def to_json(self) -> dict[str, Any]:
        """Return the data that the publisher reads (docs/architecture.md)."""
        return {
            "kind": "prose",
            "role": self.role,
            "markdown": self.markdown,
            "sentences": [{"template": s.template, "findings": [f.id for f in s.findings]} for s in self.sentences],
            "findings": [f.to_json() for f in self.findings],
            **({"words": self.words} if self.words else {}),
        }

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        body = [html.escape(s.plain) for s in self.sentences]
        if self.role == "points":
            starts = [s.template.startswith("**") for s in self.sentences]
            body = _points([("**" if bold else "") + text for bold, text in zip(starts, body, strict=True)])
            body = [text.removeprefix("**") for text in body]
        shown = {
            "points": "<ul>" + "".join(f"<li>{b}</li>" for b in body) + "</ul>",
            "answer": "<p><strong>" + " ".join(body) + "</strong></p>",
            "note": "<p><em>" + " ".join(body) + "</em></p>",
            "text": "<p>" + " ".join(body) + "</p>",
        }[self.role]
        return {PROSE_MIME: self.to_json(), "text/html": in_jupyter(shown), "text/plain": self.plain}


def say(
    source: Source,
    *templates: str,
    role: Role = "text",
    keep: bool = False,
    optional: bool = False,
    given: Names | None = None,
) -> Prose:
    """Return sentences that speak the findings of `source`; the language of templates is that of `show.sentence`.

    Parameters
    ----------
    source : Findings, a result, or several of them
        Where the findings (and names such as `{partner}`) come from.
    *templates : str
        One sentence each; left out where its finding repeats another in this edition.
    role : {"text", "answer", "note", "points"}
        `points` makes a list; a sentence that begins in bold starts a point, others continue it.
    keep : bool
        Keep sentences whose finding repeats another, as a title must.
    optional : bool
        Leave out sentences about findings that are not there, as those of a chapter that this edition lacks.
    given : mapping
        More names.

    Raises
    ------
    UnknownFinding, InvalidSentence
        See `speak`.
    """
    findings = gather(source)
    chosen = (t for t in templates if not optional or all(key in findings for key in keys_of(t)))
    spoken = (speak(template, findings, given) for template in chosen)
    return Prose(tuple(s for s in spoken if keep or not any(f.repeats for f in s.findings)), role)


def in_jupyter(shown: str) -> str:
    """Return HTML for JupyterLab in a wrapper that keeps its MathJax from reading dollar amounts as formulas."""
    return f'<div class="mathjax_ignore">{shown}</div>'


def _points(parts: list[str]) -> list[str]:
    """Return the points of a list: one that does not begin with bold type continues the one before, if that did."""
    points: list[str] = []
    for part in parts:
        if points and points[-1].startswith("**") and not part.startswith("**"):
            points[-1] += " " + part
        else:
            points.append(part)
    return points
