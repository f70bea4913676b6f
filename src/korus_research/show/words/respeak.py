"""Speaking again, with today's words, what a chapter has shown: a changed word executes nothing.

What a chapter has shown says from which entry of its words file it was spoken, with which names and what the chapter's
code gave. The findings are those that the edition's chapters have made. What has been spoken again is to the letter
what the chapter would show if it ran now (decision 141).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from korus_research.errors import KorusError
from korus_research.show.contract import MIME
from korus_research.show.finding import Finding, Findings
from korus_research.show.theme.svg import titled
from korus_research.show.words.prose import HTML, Prose, in_notebook, spoken_json
from korus_research.show.words.text import HEAD, Words

KINDS = ("prose", "figure", "table", "formula")  # that are spoken from a words file
CITED = "[@"  # of whose author and year the HTML tells, which the bibliography may give otherwise by now
Notebook = Mapping[str, Any]


def carried(notebooks: Iterable[Notebook]) -> dict[str, Finding]:
    """Return all findings in executed notebooks, by id."""
    found = {
        one["id"]: one for notebook in notebooks for block in blocks(notebook) for one in block.get("findings", ())
    }
    return {name: Finding.from_json(finding) for name, finding in found.items()}


def blocks(notebook: Notebook) -> Iterator[Mapping[str, Any]]:
    """Yield the JSON of every block in an executed notebook, in order."""
    outputs = (output.get("data", {}) for cell in notebook["cells"] for output in cell.get("outputs", ()))
    return (block for data in outputs for mime, block in data.items() if MIME.fullmatch(mime))


def spoken_again(notebook: Notebook, known: Mapping[str, Finding], *, html: bool = False) -> Notebook:
    """Return an executed notebook spoken again from today's words files and the findings of the edition.

    One that reads as before is returned as it is. With `html` the HTML for JupyterLab is made again too, which takes
    longer and nothing but the notebook itself holds. Errors as `respoken`, with chapter and cell.
    """
    chapter, cells = notebook.get("metadata", {}).get("korus", {}).get("chapter", ""), []
    for number, cell in enumerate(notebook["cells"], start=1):
        try:
            outputs = [_output(output, known, html) for output in cell.get("outputs", ())]
        except KorusError as error:
            found = f"In chapter {chapter}, cell {number}: {error.found}"
            raise type(error)(found, expected=error.expected, do=error.do) from None
        cells.append(_with(cell, "outputs", outputs))
    return _with(notebook, "cells", cells)


def respoken(data: Mapping[str, Any], known: Mapping[str, Finding], *, html: bool = True) -> Mapping[str, Any]:
    """Return the data of an output, by MIME type, spoken again from the words file of its chapter.

    `known` is every finding of the edition. What reads as before is returned as it is, and what has no `words`, as a
    notebook spoke it by itself. InvalidWords, InvalidSentence or UnknownFinding where the words file can't be read, or
    says something that these findings do not.
    """
    mime = next(filter(MIME.fullmatch, data), "")
    payload = data.get(mime, {})
    about, kind = payload.get("words"), payload.get("kind")
    if not about or kind not in KINDS:
        return data
    words, source, given = Words(about["chapter"]), Findings(known, about["names"]), about["given"]
    said: Prose | Mapping[str, Any]
    if kind == "prose":
        said = words.say(about["at"].removeprefix("say."), source, **given)
        again = {**said.to_json(), "words": about}
    else:
        said = words.parts(about["at"], source, **given)
        again = _around(payload, said, known)
    cites = html and CITED in str(payload.get("markdown") or payload.get("title"))
    if again == payload and not cites:
        return data
    made = {**data, mime: again, **(_html(again, said) if html else {})}
    return data if made == data else made


def _around(payload: Mapping[str, Any], said: Mapping[str, Any], known: Mapping[str, Finding]) -> dict[str, Any]:
    """Return the JSON of a figure, table or formula with its words as they read now."""
    about = payload["words"]
    texts = {key: str(said[key]) for key in ("title", "subtitle", "alt", "caption", "source") if key in said}
    if payload["kind"] == "formula":
        return {**payload, **texts}
    texts = {"caption": "", **texts}  # one that the words file has no more
    extra = [known[name] for name in about.get("extra", ())]
    again = {**payload, **texts, **spoken_json(about, said["title"], said.get("alt", ""), more=extra)}
    if payload["kind"] == "figure":  # a picture names itself by its title
        again |= {key: titled(payload[key], texts["title"]) for key in ("svg", "svg_narrow")}
    if payload["kind"] == "table":
        heads = {
            head["key"]: {"unit": "", **{part: head[part] for part in HEAD if part in head}} for head in said["columns"]
        }
        again["columns"] = [{**column, **heads[column["key"]]} for column in payload["columns"]]
        again["notes"] = [*about.get("notes", ()), *said.get("notes", ())]
    return again


def _html(data: Mapping[str, Any], said: Prose | Mapping[str, Any]) -> dict[str, str]:
    """Return the HTML of an output for JupyterLab; none for a formula, which shows no words."""
    from korus_research.show.figure import figure_html
    from korus_research.show.table import table_html

    if isinstance(said, Prose):
        return {HTML: in_notebook(said.paragraph)}
    make = {"figure": figure_html, "table": table_html}.get(data["kind"])
    return {HTML: in_notebook(make(data, said["title"]))} if make else {}


def _output(output: Mapping[str, Any], known: Mapping[str, Finding], html: bool) -> Mapping[str, Any]:
    data = output.get("data", {})
    return output if (now := respoken(data, known, html=html)) is data else {**output, "data": now}


def _with(node: Mapping[str, Any], key: str, parts: Sequence[object]) -> Mapping[str, Any]:
    """Return `node` with `parts` under `key`; the same object where nothing changed."""
    same = all(now is before for now, before in zip(parts, node.get(key, ()), strict=True))
    return node if same else {**node, key: parts}
