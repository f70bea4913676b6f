"""Prose that speaks findings.

A sentence is a template. `{flows.exports.evaluation.end}` is the finding's value; a word that depends on a number is
chosen by the sign of that number: `{flows.exports.evaluation.change:rose|fell|did not change}`. So a sentence can't
say more than its findings, and turns when they turn. A sentence whose finding has no value says that instead.
"""

from __future__ import annotations

import html
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from korus_research.errors import InvalidSentence
from korus_research.show.finding import Finding, Findings

PROSE_MIME = "application/vnd.korus.prose+json"
Role = Literal["text", "answer", "note", "points"]
_STYLES = {"", "abs", "signed", "number", "count", "range"}
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]<>$#@^~])")


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
class Sentence:
    """One sentence: its template, and what became of it with these findings."""

    template: str
    markdown: str
    plain: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Prose:
    """A paragraph or a list that speaks findings. Prints as plain text; shows as HTML in JupyterLab."""

    sentences: tuple[Sentence, ...]
    role: Role = "text"

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


def say(source: Source, *templates: str, role: Role = "text", keep: bool = False, optional: bool = False) -> Prose:
    """Return sentences that speak the findings of `source`.

    Parameters
    ----------
    source : Findings, a result, or several of them
        Where the findings (and names such as `{partner}`) come from.
    *templates : str
        One sentence each; left out where its finding repeats another in this edition. `{id}` value; `{id:abs}` size without sign, `{id:signed}`, `{id:number}` without unit, `{id:count}` in words below ten, `{id:range}` the ends of its interval;
        `{id:up|down|level}` words by the sign; `{id@period}` its period; `{name}` a name (no dot in it).
    role : {"text", "answer", "note", "points"}
        `points` makes a list; a sentence that begins in bold starts a point, others continue it.
    keep : bool
        Keep sentences whose finding repeats another, as a title must.
    optional : bool
        Leave out sentences about findings that are not there, as those of a chapter that this edition lacks.

    Raises
    ------
    UnknownFinding
        A template names a finding that the source does not have.
    InvalidSentence
        An unknown name or style, or a size without sign in a sentence that has no word for the direction.
    """
    findings = gather(source)
    chosen = (t for t in templates if not optional or all(key in findings for key in _keys(t)))
    spoken = (speak(template, findings) for template in chosen)
    return Prose(tuple(s for s in spoken if keep or not any(f.repeats for f in s.findings)), role)


def speak(template: str, findings: Findings) -> Sentence:
    """Return one sentence spoken with `findings`. See `say` for the template language and the errors."""
    used: dict[str, Finding] = {}
    no_interval: dict[str, Finding] = {}
    sized: set[str] = set()
    worded: set[str] = set()
    markdown: list[str] = []
    plain: list[str] = []
    for literal, field, spec, _ in string.Formatter().parse(template):
        markdown.append(literal)
        plain.append(_without_marks(literal))
        if field is None:
            continue
        if "." not in field:
            text = _name(field, findings.names, template)
            markdown.append(_escape(text))
            plain.append(text)
            continue
        key, _, asked = field.partition("@")
        finding = used.setdefault(key, findings[key])
        if asked:
            text = _about(finding, asked, template)
            markdown.append(_escape(text))
            plain.append(text)
            continue
        if "|" in (spec or ""):
            worded.add(key)
            text = _choose(finding, spec or "", template)
            markdown.append(text)
        elif (spec or "") in _STYLES:
            if spec == "abs":
                sized.add(key)
            if spec == "range" and finding.value is not None and finding.low is None:
                # The sentence can't be said; the finding itself is what it is, and is published so.
                finding = no_interval.setdefault(key, finding.without_value("the data allow no interval"))
            text = finding.text(spec or "")  # type: ignore[arg-type]
            markdown.append(f'[{_escape(text)}]{{.f data-f="{finding.id}"}}')
        else:
            raise InvalidSentence(
                f"'{{{key}:{spec}}}' is not a way to write a finding",
                expected="abs, signed, number, count, range, or words separated by |",
                do=f"Correct the sentence: {template}",
            )
        plain.append(text)
    if unsigned := sized - worded:
        raise InvalidSentence(
            f"The size of {', '.join(sorted(unsigned))} is spoken without its direction",
            expected="a word chosen by its sign in the same sentence, {id:up|down|level}",
            do=f"Correct the sentence: {template}",
        )
    missing = [*(f for f in used.values() if f.value is None), *no_interval.values()]
    if missing:
        text = _missing(missing)
        return Sentence(template, _escape(text), text, tuple(used.values()))
    return Sentence(template, "".join(markdown), "".join(plain), tuple(used.values()))


def _keys(template: str) -> list[str]:
    """Return the ids of the findings that a template names."""
    fields = (field for _, field, _, _ in string.Formatter().parse(template) if field)
    return [field.partition("@")[0] for field in fields if "." in field]


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


def _escape(text: str) -> str:
    return _MARKDOWN_SPECIAL.sub(r"\\\1", text)


def _about(finding: Finding, asked: str, template: str) -> str:
    if asked != "period":
        raise InvalidSentence(
            f"'@{asked}' is not something a finding says of itself",
            expected="@period",
            do=f"Correct the sentence: {template}",
        )
    return finding.period


def _name(key: str, names: Mapping[str, str], template: str) -> str:
    if key not in names:
        raise InvalidSentence(
            f"'{{{key}}}' is neither a finding nor a name",
            expected=f"a finding id (with a dot) or one of {', '.join(sorted(names))}",
            do=f"Correct the sentence: {template}",
        )
    return names[key]


def _choose(finding: Finding, spec: str, template: str) -> str:
    words = spec.split("|")
    if len(words) != 3:
        raise InvalidSentence(
            f"'{spec}' offers {len(words)} words",
            expected="three: for a positive, a negative and a zero value (up|down|level)",
            do=f"Correct the sentence: {template}",
        )
    return words[{1: 0, -1: 1, 0: 2}[finding.direction]]


def _missing(missing: list[Finding]) -> str:
    first = missing[0]
    return f"We can't tell {first.label} in this edition: {first.reason}."


def _without_marks(text: str) -> str:
    """Drop the Markdown that templates use: emphasis, links to figures and chapters, citations."""
    text = re.sub(r"\[([^\]@]*)\]\(#[^)]*\)", r"\1", text)
    text = re.sub(r"\s*\[@[^\]]*\]", "", text)
    return re.sub(r"(\*\*|\*|\\)", "", text)
