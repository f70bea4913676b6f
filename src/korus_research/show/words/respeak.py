"""Speaking a chapter's blocks again with today's words: a changed word executes nothing.

What a chapter has shown says from which entry of its words file it was spoken, with which names and what the chapter's
code gave. The findings are those that the edition's chapters have made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from korus_research.show.finding import Finding, Findings
from korus_research.show.words.prose import spoken_json
from korus_research.show.words.text import HEAD, Words


def respoken(kind: str, payload: Mapping[str, Any], known: Mapping[str, Finding]) -> dict[str, Any]:
    """Return a block's JSON, spoken again from the words file of its chapter; `known` is every finding of the edition.

    What is neither prose, figure, table nor formula is returned as it is, and what has no `words`, as a notebook spoke
    it by itself. InvalidWords, InvalidSentence or UnknownFinding where the words file can't be read, or says something
    that these findings do not.
    """
    about = payload.get("words")
    if not about or kind not in ("prose", "figure", "table", "formula"):
        return dict(payload)
    words, at = Words(about["chapter"]), about["at"]
    source, given = Findings.known_as(known, about["names"]), about["given"]
    if kind == "prose":
        return {**words.say(at.removeprefix("say."), source, **given).to_json(), "words": about}
    said = words.parts(at, source, **given)
    texts: dict[str, Any] = {
        key: str(said[key]) for key in ("title", "subtitle", "alt", "caption", "source") if key in said
    }
    if kind == "formula":
        return {**payload, **texts}
    again = {**payload, **texts, **spoken_json(about, *said.values())}
    before = {key for sentence in payload.get("sentences", ()) for key in sentence["findings"]}
    shown = {finding["id"]: finding for finding in payload["findings"] if finding["id"] not in before}
    again["findings"] = list({**{finding["id"]: finding for finding in again["findings"]}, **shown}.values())
    if kind == "table":
        heads = {head["key"]: {part: head[part] for part in HEAD if part in head} for head in said["columns"]}
        again["columns"] = [{**column, **heads[column["key"]]} for column in payload["columns"]]
        again["notes"] = [*about.get("notes", ()), *said.get("notes", ())]
    return again
