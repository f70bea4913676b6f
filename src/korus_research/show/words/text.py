"""The words of a chapter: its `words.toml`, which an editor changes with a text editor.

A text is one sentence, or several with one on a line. A line may begin with conditions:

    [if cars.raise.change] On {raise_day} the allowance went to {cars.allowance.now}.
    [unless worded_makers] For {cars.years.lacking:count} years no such count is available.
    [if tariffs.mood = open and tariffs.rate > 0] ...
    [each flow in exports, imports] US <flow> {flows.<flow>.change:rose|fell|did not change}.

A condition holds for its line and for those indented below it: an `[each step in steps]` alone on its line says all of
them for one step, then for the next.

A finding is there where its value is known, a name where it is not empty. `<flow>` stands for what `each` goes through
(a list, or a name that is one), or for what the chapter's code gives (listed in the entry as `given`).

Titles, texts, captions, notes and column heads are spoken again when a report is published, so that a change of them
executes nothing (show/words/respeak.py); only `labels`, which stand in pictures and cells, are part of what a chapter
executes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from operator import eq, ge, gt, le, lt, ne
from textwrap import dedent
from typing import Any

from korus_research.errors import InvalidWords
from korus_research.show.finding import Findings
from korus_research.show.words import file
from korus_research.show.words.prose import Prose, Source, gather, say
from korus_research.show.words.sentence import Names

HEAD = ("label", "unit")  # of a column
NOTHING = Findings()  # what a text speaks of that speaks of nothing
SAID = ("title", "subtitle", "alt", "caption", "source", "notes")  # of a figure, a table or a formula
COMPARISONS = {"=": eq, "!=": ne, ">": gt, "<": lt, ">=": ge, "<=": le}
_GIVEN = re.compile(r"<(\w+)>")


@dataclass(frozen=True)
class Words:
    """The words of one chapter, by its name: `Words("cars")`. Read when they are asked for, never at import."""

    chapter: str

    @property
    def tree(self) -> Mapping[str, Any]:
        """The content of the file, checked."""
        return file.load(file.place(self.chapter))

    def say(self, name: str, source: Source = NOTHING, /, **given: str | Sequence[str]) -> Prose:
        """Return a paragraph: the entry `name` under `say`, spoken with the findings of `source`.

        InvalidWords where there is no such entry; UnknownFinding and InvalidSentence as in `show.sentence.speak`.
        """
        entry = self.entry(f"say.{name}")
        about = entry if isinstance(entry, Mapping) else {"text": entry}
        options = {key: about[key] for key in ("role", "keep", "optional") if key in about}
        prose = spoken(about["text"], source, given, **options)
        return Prose(prose.sentences, prose.role, self.about(f"say.{name}", source, given))

    def spoken(self, at: str, source: Source = NOTHING, /, **given: str | Sequence[str]) -> Prose:
        """Return a title or an alt text, spoken with the findings of `source`; no sentence is left out."""
        return spoken(self.entry(at), source, given, keep=True)

    def text(self, at: str, source: Source = NOTHING, /, **given: str | Sequence[str]) -> str:
        """Return the text at `at` ("figure.makers.caption") without marks; empty where no condition holds."""
        return self.spoken(at, source, **given).plain

    def label(self, at: str, source: Source = NOTHING, /, **given: str | Sequence[str]) -> str:
        """Return a label: the text at `at` under `labels`."""
        return self.text(f"labels.{at}", source, **given)

    def labels(self, at: str) -> Mapping[str, str]:
        """Return a table of plain labels, by their keys, in the order of the file."""
        found: Mapping[str, str] = self.entry(f"labels.{at}")
        return found

    def parts(self, at: str, source: Source = NOTHING, /, **given: str | Sequence[str]) -> dict[str, Any]:
        """Return all words of the figure, table or formula at `at`, as they read now.

        Title and alt text are prose, notes a text a line, columns as `columns` gives them, others texts without marks.
        """
        said: dict[str, Any] = {
            key: self.spoken(f"{at}.{key}", source, **given) for key in self.entry(at) if key in SAID
        }
        for key in ("subtitle", "caption", "source"):
            if key in said:
                said[key] = said[key].plain
        if "notes" in said:
            said["notes"] = tuple(sentence.plain for sentence in said["notes"].sentences)
        return said | ({"columns": self.columns(at, source, **given)} if "columns" in self.entry(at) else {})

    def columns(self, at: str, source: Source = NOTHING, /, **given: str | Sequence[str]) -> list[dict[str, Any]]:
        """Return the columns of the table at `at` in this edition, with their heads spoken."""
        names: Names = {**gather(source).names, **given}
        columns = []
        for each, several in groupby(self.entry(f"{at}.columns"), key=lambda column: column.get("each", "")):
            word, _, over = each.partition(" in ")
            declared = list(several)
            for item in _items(over.strip(), names) if each else [""]:
                for column in declared:
                    own = {k: v.replace(f"<{word}>", item) if isinstance(v, str) else v for k, v in column.items()}
                    heads = {k: spoken(own[k], source, given, keep=True).plain for k in HEAD if k in own}
                    columns.append({**own, **heads})
        return columns

    def entry(self, at: str) -> Any:
        """Return the entry at a dotted path of the file; InvalidWords where there is none."""
        here: Any = self.tree
        for key in at.split("."):
            if isinstance(here, list) and key.isdigit() and int(key) < len(here):
                here = here[int(key)]
                continue
            if not isinstance(here, Mapping) or key not in here:
                raise InvalidWords(
                    f"{file.shown(file.place(self.chapter))}: there are no words '{at}'",
                    expected=f"one of {', '.join(here)}" if isinstance(here, Mapping) else "a text",
                    do="Add them to the file, or correct the name in the notebook or the code",
                )
            here = here[key]
        return here

    def about(self, at: str, source: Source, given: Names) -> dict[str, Any]:
        """Return where words were spoken from, for the publisher: chapter, path, and the names that they had."""
        more, names = (
            {key: value if isinstance(value, str) else list(value) for key, value in several.items()}
            for several in (given, gather(source).names)
        )
        return {"chapter": self.chapter, "at": at, "given": more, "names": names}


def spoken(text: str, source: Source, given: Names | None = None, **options: Any) -> Prose:
    """Return a text spoken with the findings of `source`; `options` are those of `prose.say`."""
    findings = gather(source)
    names: Names = {**findings.names, **(given or {})}
    return say(findings, *chosen(text, findings, names), given=given, **options)


def chosen(text: str, findings: Findings, names: Names) -> Iterator[str]:
    """Yield the sentences of a text whose conditions hold, `<word>` filled in from the names."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    while lines:
        line, rest = lines[0], lines[1:]
        below = list(takewhile(lambda other: _depth(other) > _depth(line), rest))  # noqa: B023, used at once
        lines = rest[len(below) :]
        yield from _chosen(_filled("\n".join([line.strip(), dedent("\n".join(below))]), names), findings, names)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _chosen(text: str, findings: Findings, names: Names) -> Iterator[str]:
    """Yield the sentences of a line and of those indented below it."""
    line, _, below = text.partition("\n")
    condition = file.CONDITION.match(line)
    if condition is None:
        yield from [line] if line else []
        yield from chosen(below, findings, names)
        return
    kind, asked = condition.groups()
    rest = f"{line[condition.end() :]}\n{below}"
    if kind == "each":
        word, _, over = asked.partition(" in ")
        for item in _items(over.strip(), names):
            yield from _chosen(rest.replace(f"<{word.strip()}>", item), findings, names)
    elif all(_holds(term, findings, names) for term in asked.split(" and ")) == (kind == "if"):
        yield from _chosen(rest, findings, names)


def _items(over: str, names: Names) -> list[str]:
    value = names.get(over)
    if value is None:
        return [item.strip() for item in over.split(",") if item.strip()]
    return [value] if isinstance(value, str) and value else list(value)


def _filled(line: str, names: Names) -> str:
    def fill(match: re.Match[str]) -> str:
        value = names.get(match[1])
        return value if isinstance(value, str) else match[0]

    return _GIVEN.sub(fill, line)


def _holds(term: str, findings: Findings, names: Names) -> bool:
    match = file.TERM.fullmatch(term)
    if match is None:
        return False
    name, sign, value = match.groups()
    if "." in name:
        finding = findings[name] if name in findings else None  # noqa: SIM401, an unknown one is no KeyError
        if sign is None or finding is None:
            return sign is None and finding is not None and finding.known
        found: Any = finding.state if finding.unit == "choice" else finding.rounded
    else:
        found = names.get(name) or ""
        if sign is None:
            return bool(found)
    if isinstance(found, int | float):
        return bool(COMPARISONS[sign](float(found), float(value)))
    return found is not None and sign in ("=", "!=") and bool(COMPARISONS[sign](found, value))


def executed_part(parsed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a words file that a chapter's code reads: all but what is spoken again when published."""
    return {
        kind: {name: _kept(entry) for name, entry in entries.items()} if kind in file.ENTRIES else entries
        for kind, entries in parsed.items()
        if kind != "say"
    }


def _kept(entry: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in entry.items() if key not in SAID}
    kept["source"] = "source" in entry  # without one the chapter's code makes it
    if "columns" in kept:
        kept["columns"] = [{k: v for k, v in column.items() if k not in HEAD} for column in kept["columns"]]
    return kept
