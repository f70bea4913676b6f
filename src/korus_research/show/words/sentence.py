"""One sentence: a template spoken with findings and names.

`{cars.single.share}` is a finding's value, `{cars.single.share@period}` its period, `@low` and `@high` the ends of its
interval, `{partner}` a name. After a colon stands how it is written, or words to choose from:

- `{id:abs}` its size without sign, `{id:signed}`, `{id:number}` without unit, `{id:count}` in words below ten,
  `{id:range}` the ends of its interval; `{name:^}` or `{id:count^}` with a capital;
- `{id:rose|fell|did not change}` words by the sign of the value;
- `{id:open=may be raised|closed=is closed}` words by the state of a choice, `*=` for all others;
- `{id:#reaches|reach}` words for none or one, and for more; of a name that is a list, by its length;
- `{id:?words where it is known|words where it is not}` (a name: where it is not empty).

- `{codes:*{name_<codes>} for {context.share.<codes>}|, | and }` words for each item of a name that is a list, what
  stands between them, and what before the last, if not the same.

Words to choose from may hold fields of their own. A sentence so can't say more than its findings, and turns when they
turn; where one has no value, the sentence says that instead (decisions 5 and 6).
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from korus_research.errors import InvalidSentence
from korus_research.show.finding import STYLES, Finding, Findings

Names = Mapping[str, str | Sequence[str]]
ENDS = ("low", "high")
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]<>$#@^~])")


@dataclass(frozen=True)
class Sentence:
    """One sentence: its template, and the text it gave with these findings."""

    template: str
    markdown: str
    plain: str
    findings: tuple[Finding, ...]
    names: Names = field(default_factory=dict, compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the template and the ids of the findings that it speaks."""
        return {"template": self.template, "findings": [finding.id for finding in self.findings]}


def listed(words: Sequence[str]) -> str:
    """Return `A`, `A and B` or `A, B and C`; empty for no words."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def capital(text: str) -> str:
    """Return `text` with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def speak(template: str, findings: Findings, given: Names | None = None) -> Sentence:
    """Return one sentence spoken with `findings`, their names and those `given`.

    UnknownFinding where the template names a finding that is not there; InvalidSentence for an unknown name or way of
    writing, or a size without sign in a sentence that has no word for its direction.
    """
    speaker = _Speaker(template, findings, {**findings.names, **(given or {})})
    speaker.speak(template)
    used = tuple(speaker.used.values())
    if unsigned := speaker.sized - speaker.worded:
        expected = "a word chosen by its sign in the same sentence, {id:up|down|level}"
        raise speaker.wrong(f"The size of {', '.join(sorted(unsigned))} is spoken without its direction", expected)
    if missing := [*(f for f in used if not f.known), *speaker.no_interval.values()]:
        text = f"We can't tell {missing[0].label}: {missing[0].reason}."
        return Sentence(template, escape(text), text, used, speaker.names)
    return Sentence(template, "".join(speaker.markdown), "".join(speaker.plain), used, speaker.names)


def fields(template: str) -> Iterator[tuple[str, str]]:
    """Yield name and specification of each field of a template, those within words to choose from too.

    InvalidSentence where a brace lacks its partner.
    """
    for _, name, spec, _ in _parsed(template):
        if name is not None:
            yield name, spec or ""
            for word in _split(spec or ""):
                if "{" in word:
                    yield from fields(word)


def keys_of(template: str) -> list[str]:
    """Return the ids of the findings that a template names."""
    return [name.partition("@")[0] for name, _ in fields(template) if "." in name]


def escape(text: str) -> str:
    """Return text with Markdown's signs escaped."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", text)


def without_marks(text: str) -> str:
    """Drop the Markdown that templates use: emphasis, links to figures and chapters, citations."""
    text = re.sub(r"\[([^\]@]*)\]\(#[^)]*\)", r"\1", text)
    text = re.sub(r"\s*\[@[^\]]*\]", "", text)
    return re.sub(r"(\*\*|\*|\\)", "", text)


@dataclass
class _Speaker:
    """The state of speaking one template: the text so far, and the findings used."""

    template: str
    findings: Findings
    names: Names
    used: dict[str, Finding] = field(default_factory=dict)
    no_interval: dict[str, Finding] = field(default_factory=dict)
    sized: set[str] = field(default_factory=set)
    worded: set[str] = field(default_factory=set)
    markdown: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)

    def speak(self, template: str) -> None:
        for literal, name, spec, _ in _parsed(template):
            self.say(literal, without_marks(literal))
            if name is not None:
                (self.finding if "." in name else self.name)(name, spec or "")

    def say(self, markdown: str, plain: str) -> None:
        self.markdown.append(markdown)
        self.plain.append(plain)

    def words(self, words: str) -> None:
        """Say words that were chosen, which may hold fields of their own."""
        if "{" in words:
            self.speak(words)
        else:
            self.say(words, words)

    def wrong(self, found: str, expected: str) -> InvalidSentence:
        return _wrong(found, expected, self.template)

    def name(self, name: str, spec: str) -> None:
        if name not in self.names:
            expected = f"a finding id (with a dot) or one of {', '.join(sorted(self.names))}"
            raise self.wrong(f"'{{{name}}}' is neither a finding nor a name", expected)
        value = self.names[name]
        text = value if isinstance(value, str) else listed(value)
        if spec[:1] == "?":
            self.words(self.choice(spec[1:], 2)[not text])
        elif spec[:1] == "#":
            self.words(self.choice(spec[1:], 2)[not isinstance(value, str) and len(value) > 1])
        elif spec[:1] == "*":
            self.each(name, [value] if isinstance(value, str) else value, *_split(spec[1:]))
        elif spec in ("", "^"):
            text = capital(text) if spec else text
            self.say(escape(text), text)
        else:
            raise self.wrong(f"'{{{name}:{spec}}}' is not a way to write a name", "^, #one|many or ?yes|no")

    def each(self, name: str, items: Sequence[str], words: str, between: str = ", ", last: str = "") -> None:
        for place, item in enumerate(items):
            self.words((last or between if place == len(items) - 1 else between) if place else "")
            self.words(words.replace(f"<{name}>", item))

    def finding(self, name: str, spec: str) -> None:
        key, _, asked = name.partition("@")
        if spec[:1] == "?":
            self.words(self.choice(spec[1:], 2)[not (key in self.findings and self.findings[key].known)])
            return
        finding = self.used.setdefault(key, self.findings[key])
        if asked in ENDS:
            finding = self.end(finding, asked)
        elif asked:
            if asked != "period":
                raise self.wrong(f"'@{asked}' is not something a finding says of itself", "@period, @low or @high")
            self.say(escape(finding.period), finding.period)
            return
        if spec[:1] == "#":
            self.words(self.choice(spec[1:], 2)[finding.rounded not in (0, 1, -1)])
        elif finding.unit == "choice":
            self.words(self.state(finding, spec))
        elif "|" in spec:
            self.worded.add(name)
            self.words(self.choice(spec, 3)[{1: 0, -1: 1, 0: 2}[finding.direction]])
        else:
            self.value(finding, spec, name)

    def end(self, finding: Finding, asked: str) -> Finding:
        """Return a finding whose value is an end of its interval; the sentence can't be said where there is none."""
        end = finding.low if asked == "low" else finding.high
        return replace(finding, value=end) if end is not None else self.lacks_interval(finding)

    def lacks_interval(self, finding: Finding) -> Finding:
        # The sentence can't be said; the finding itself is what it is, and is published so.
        return self.no_interval.setdefault(finding.id, finding.without_value("the data allow no interval"))

    def value(self, finding: Finding, spec: str, name: str) -> None:
        style = spec.removesuffix("^")
        if style not in STYLES:
            expected = "abs, signed, number, count, range, or words separated by |"
            raise self.wrong(f"'{{{finding.id}:{spec}}}' is not a way to write a finding", expected)
        if style == "abs":
            self.sized.add(name)
        if style == "range" and finding.value is not None and finding.low is None:
            finding = self.lacks_interval(finding)
        text = finding.text(style)  # type: ignore[arg-type]
        text = capital(text) if spec.endswith("^") else text
        self.say(f'[{escape(text)}]{{.f data-f="{finding.id}"}}', text)

    def choice(self, spec: str, count: int) -> list[str]:
        words = _split(spec)
        if len(words) != count:
            what = {
                2: "two: for one or none, and for more (#reaches|reach), or for known and unknown (?yes|no)",
                3: "three: for a positive, a negative and a zero value (up|down|level)",
            }[count]
            raise self.wrong(f"'{spec}' offers {len(words)} words", what)
        return words

    def state(self, finding: Finding, spec: str) -> str:
        words = dict(word.partition("=")[::2] for word in _split(spec))
        if unknown := [state for state in words if state not in (*finding.states, "*")]:
            expected = f"one of {', '.join(finding.states)}, or * for all others"
            raise self.wrong(f"'{unknown[0]}' is no state of {finding.id}", expected)
        if lacking := [state for state in finding.states if state not in words and "*" not in words]:
            raise self.wrong(f"{finding.id} may be '{lacking[0]}', for which there are no words", "state=words")
        return "" if finding.state is None else words.get(finding.state, words.get("*", ""))


def _parsed(template: str) -> Iterator[tuple[str, str | None, str | None, str | None]]:
    try:
        yield from string.Formatter().parse(template)
    except ValueError as error:
        raise _wrong(f"A brace stands alone ({error})", "{ with }, and {{ for a brace as such", template) from None


def _split(spec: str) -> list[str]:
    """Split words to choose from at the bars outside braces."""
    words, depth = [""], 0
    for sign in spec:
        depth += (sign == "{") - (sign == "}")
        if sign == "|" and not depth:
            words.append("")
        else:
            words[-1] += sign
    return words


def _wrong(found: str, expected: str, template: str) -> InvalidSentence:
    return InvalidSentence(found, expected=expected, do=f"Correct the sentence: {template}")
