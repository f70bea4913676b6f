"""Speaking a chapter's blocks again with today's words: a changed word executes nothing.

What a chapter has shown says from which entry of its words file it was spoken, with which names and what the chapter's
code gave. The findings are those that the edition's chapters have made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from korus_research.show.finding import Finding, Findings
from korus_research.show.words.prose import Prose
from korus_research.show.words.sentence import Names
from korus_research.show.words.text import HEAD, Words

Payload = Mapping[str, Any]


def respoken(kind: str, payload: Payload, known: Mapping[str, Finding]) -> dict[str, Any]:
    """Return a block's JSON, spoken again from the words file of its chapter.

    Parameters
    ----------
    kind : str
        prose, figure, table or formula; others are returned as they are.
    payload : mapping
        The block's JSON; without `words` it is returned as it is, as one that a notebook spoke by itself.
    known : mapping
        Every finding of the edition, by id.

    Raises
    ------
    InvalidWords, InvalidSentence, UnknownFinding
        The words file can't be read, or says something that these findings do not.
    """
    about, again = payload.get("words"), _AGAIN.get(kind)
    if not about or again is None:
        return dict(payload)
    speaker = _Again(Words(about["chapter"]), about["at"], Findings.known_as(known, about["names"]), about["given"])
    return {**payload, **again(speaker, payload)}


class _Again:
    """The words of one block, and what they are spoken with."""

    def __init__(self, words: Words, at: str, source: Findings, given: Names) -> None:
        self.words, self.at, self.source, self.given = words, at, source, given
        self.entry = words.entry(at)

    def spoken(self, key: str) -> Prose:
        return self.words.spoken(f"{self.at}.{key}", self.source, **self.given)

    def text(self, key: str) -> str:
        return self.words.text(f"{self.at}.{key}", self.source, **self.given) if key in self.entry else ""


def _prose(again: _Again, payload: Payload) -> dict[str, Any]:
    said = again.words.say(again.at.removeprefix("say."), again.source, **again.given).to_json()
    return {key: said[key] for key in ("role", "markdown", "sentences", "findings")}


def _figure(again: _Again, payload: Payload) -> dict[str, Any]:
    title, alt = again.spoken("title"), again.spoken("alt")
    return {
        "title": title.plain,
        "alt": alt.plain,
        "subtitle": again.text("subtitle"),
        **_shared(again, payload, title, alt),
    }


def _table(again: _Again, payload: Payload) -> dict[str, Any]:
    title = again.spoken("title")
    heads = {head["key"]: head for head in again.words.columns(again.at, again.source, **again.given)}
    columns = [
        {**column, **{part: heads[column["key"]][part] for part in HEAD if part in heads[column["key"]]}}
        for column in payload["columns"]
    ]
    notes = again.words.lines(f"{again.at}.notes", again.source, **again.given) if "notes" in again.entry else ()
    return {
        "title": title.plain,
        "columns": columns,
        "notes": [*payload["words"].get("notes", ()), *notes],
        **_shared(again, payload, title),
    }


def _formula(again: _Again, payload: Payload) -> dict[str, Any]:
    return {"alt": again.text("alt")}


def _shared(again: _Again, payload: Payload, *said: Prose) -> dict[str, Any]:
    """Return caption, source, findings and sentences of a figure or table."""
    spoken = {finding.id: finding.to_json() for prose in said for finding in prose.findings}
    before = {key for sentence in payload.get("sentences", ()) for key in sentence["findings"]}
    shown = {f["id"]: f for f in payload["findings"] if f["id"] not in before}
    return {
        **({"caption": again.text("caption")} if "caption" in again.entry else {}),
        **({"source": again.text("source")} if "source" in again.entry else {}),
        "findings": list({**spoken, **shown}.values()),
        "sentences": [
            {"template": s.template, "findings": [f.id for f in s.findings]} for prose in said for s in prose.sentences
        ],
    }


_AGAIN = {"prose": _prose, "figure": _figure, "table": _table, "formula": _formula}
