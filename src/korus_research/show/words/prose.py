"""Paragraphs and lists of sentences that speak findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args

from korus_research.errors import InvalidSentence
from korus_research.show.finding import Finding, Findings
from korus_research.show.words.sentence import Names, Sentence, keys_of, speak

Role = Literal["text", "answer", "note", "points", "kicker", "standfirst", "lede", "tiles", "aside"]
ROLES: tuple[Role, ...] = get_args(Role)
HTML = "text/html"
LISTS = ("points", "tiles", "aside")  # the roles whose sentences are points of a list


class HasFindings(Protocol):
    """Anything with findings: a result."""

    def findings(self) -> Findings:
        """Return the findings."""


Source = Findings | HasFindings | Iterable["Findings | HasFindings"]


def gather(source: Source) -> Findings:
    """Return the findings of one source or of several; InvalidSentence for what has none."""
    if isinstance(source, Findings):
        return source
    if hasattr(source, "findings"):
        return source.findings()
    if isinstance(source, str) or not isinstance(source, Iterable):
        found, expected = f"{source!r} in place of findings", "a result or findings, and then the sentences"
        raise InvalidSentence(found, expected=expected, do="Write kr.say(study.flows(), '...')")
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
        return "\n".join(f"- {p}" for p in _points(parts)) if self.role in LISTS else " ".join(parts)

    @property
    def plain(self) -> str:
        """The text without marks, for titles, alt texts and the terminal."""
        return ("\n" if self.role in LISTS else " ").join(s.plain for s in self.sentences)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings spoken, each once, in order."""
        return tuple({f.id: f for s in self.sentences for f in s.findings}.values())

    def __str__(self) -> str:
        return self.plain

    __repr__ = __str__

    def to_json(self) -> dict[str, Any]:
        """Return the data that the publisher reads (show/contract.py)."""
        return {"kind": "prose", "role": self.role, "markdown": self.markdown, **spoken_json(self.words, self)}

    @property
    def html(self) -> str:
        """The sentences as inline HTML, with named references and tooltips on numbers."""
        from korus_research.show.words.lab import inline

        return " ".join(inline(sentence.markdown, sentence.findings) for sentence in self.sentences)

    @property
    def paragraph(self) -> str:
        """The paragraph or list as HTML, as JupyterLab shows it."""
        from korus_research.show.words.lab import inline

        body = [inline(s.markdown, s.findings) for s in self.sentences]
        if self.role in LISTS:
            starts = [s.template.startswith("**") for s in self.sentences]
            body = _points([("**" if bold else "") + text for bold, text in zip(starts, body, strict=True)])
            body = [f"<li>{text.removeprefix('**')}</li>" for text in body]
        around = {"answer": ("<p><strong>", "</strong></p>"), "note": ("<p><em>", "</em></p>")}
        before, after = ("<ul>", "</ul>") if self.role in LISTS else around.get(self.role, ("<p>", "</p>"))
        return before + ("" if self.role in LISTS else " ").join(body) + after

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle(self.to_json(), self.paragraph, self.plain)


def say(
    source: Source,
    *templates: str,
    role: Role = "text",
    keep: bool = False,
    optional: bool = False,
    given: Names | None = None,
) -> Prose:
    """Return sentences that speak the findings of `source`; `words/sentence.py` describes the templates.

    Names such as `{partner}` come from `source` too, and from `given`. A template is one sentence. It is left out where
    its finding repeats another in this edition, unless `keep`, as a title must; if `optional`, also where it is about
    findings that are not there, as those of a chapter that this edition lacks. The roles of `LISTS` make a list: a
    sentence that begins in bold starts a point, others continue it. Errors as in `speak`.
    """
    findings = gather(source)
    names: Names = {**findings.names, **(given or {})}
    chosen = (t for t in templates if not optional or all(_there(key, findings, names) for key in keys_of(t)))
    spoken = (speak(template, findings, given) for template in chosen)
    return Prose(tuple(s for s in spoken if keep or not any(f.repeats for f in s.findings)), role)


def _there(key: str, findings: Findings, names: Names) -> bool:
    """Whether there is a finding for a key; for one with a loop (`sectors.beef.<places>`), for each item."""
    word = re.search(r"<(\w+)>", key)
    if word is None:
        return key in findings
    items = names.get(word[1], ())
    each = [items] if isinstance(items, str) else items
    return all(_there(key.replace(word[0], item), findings, names) for item in each)


def spoken_json(words: Mapping[str, Any], *said: Prose | str, more: Iterable[Finding] = ()) -> dict[str, Any]:
    """Return the part of a block's JSON about its words: findings spoken and `more`, sentences, their origin."""
    spoken = [prose for prose in said if isinstance(prose, Prose)]
    findings = {f.id: f for prose in spoken for f in prose.findings} | {f.id: f for f in more}
    return {
        "findings": [finding.to_json() for finding in findings.values()],
        "sentences": [sentence.to_json() for prose in spoken for sentence in prose.sentences],
        **({"words": words} if words else {}),
    }


def bundle(data: Mapping[str, Any], shown: str, plain: str) -> dict[str, Any]:
    """Return a block under the MIME type of its kind (show/contract.py), as HTML for JupyterLab, and as plain text."""
    return {f"application/vnd.korus.{data['kind']}+json": data, HTML: in_notebook(shown), "text/plain": plain}


def in_notebook(shown: str) -> str:
    """Return HTML in a wrapper that keeps JupyterLab's MathJax from reading dollar amounts as formulas."""
    return f'<div class="mathjax_ignore">{shown}</div>'


def _points(parts: list[str]) -> list[str]:
    """Return the points of a list; a part without bold type at its start continues a point that has it."""
    points: list[str] = []
    for part in parts:
        if points and points[-1].startswith("**") and not part.startswith("**"):
            points[-1] += " " + part
        else:
            points.append(part)
    return points
