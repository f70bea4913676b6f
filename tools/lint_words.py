"""Lint the words of the chapters: what they name must be there, and how they read is counted.

    python tools/lint_words.py             errors, and each sentence that breaks a rule of style

Errors: a words or findings file that can't be read, a finding or name that no file declares, an entry that neither code
nor notebook asks for, a block of the storyboard that no words file has. Rules of style: docs/change_words.md. Both
fail.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from korus_research.chapters.topic import topics
from korus_research.data.toml import read_toml
from korus_research.errors import KorusError
from korus_research.publish.storyboard.parts import storyboard
from korus_research.show.declared import declarations
from korus_research.show.words import file
from korus_research.show.words.sentence import fields

ROOT = Path(__file__).resolve().parent.parent
SPEAKING = (*topics(), "explore")  # the folders that have words and findings
BANNED = re.compile(
    r"\b(held|bas[ei]s|told from|as said|undone|the agreement among it|what came|beside|in 0|vintage)\b|\bcan't tell\b"
)
WORDS_A_SENTENCE, WORDS_AN_ANSWER, NUMBERS_AN_ANSWER, WORDS_A_TITLE, NUMBERS_A_TITLE = 25, 60, 4, 14, 2
_CONDITION = re.compile(r"^\s*(\[(?:if|unless|each)\s[^\]]*\]\s*)+")
_ASKED = re.compile(r"[\w<>-]+(?:\.[\w<>-]+)+")
_SIGNED = re.compile(r":(?:signed|range)\}")
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Text:
    """One line of a words file: which chapter's, where it stands, and what the entry is given by code."""

    chapter: str
    at: str
    line: str
    given: frozenset[str]

    @property
    def place(self) -> str:
        """File, line and key."""
        read = read_toml(file.place(self.chapter))
        keys = [int(key) if key.isdigit() else key for key in self.at.split(".")]
        return f"{file.shown(read.path)}, line {read.line(*keys)}, {self.at}"


def texts(chapter: str) -> Iterator[Text]:
    """Yield every line of a chapter's words."""
    tree = file.load(file.place(chapter))
    for at, text, given in _strings(tree, "", frozenset()):
        for line in text.splitlines():
            if line.strip():
                yield Text(chapter, at, line.strip(), given)


def _strings(tree: Any, at: str, given: frozenset[str]) -> Iterator[tuple[str, str, frozenset[str]]]:
    if isinstance(tree, str):
        yield at, tree, given
    elif isinstance(tree, Mapping):
        given = frozenset(tree.get("given", given))
        for key, value in tree.items():
            if key not in ("given", "tex", "role", "key", "align", "first"):
                yield from _strings(value, f"{at}.{key}".lstrip("."), given)
    elif isinstance(tree, list):
        for place, value in enumerate(tree):
            yield from _strings(value, f"{at}.{place}", given)


def lacking(text: Text, names: frozenset[str]) -> Iterator[str]:
    """Yield what a line names that no findings file, no chapter and no entry declares."""
    opening = _CONDITION.match(text.line)
    heads = re.findall(r"\[(if|unless|each)\s+([^\]]*)\]", opening.group()) if opening else []
    over = {asked.partition(" in ")[0].strip() for kind, asked in heads if kind == "each"}
    known = names | text.given | over
    asked = [term for kind, condition in heads if kind != "each" for term in re.split(r" and ", condition)]
    named = [re.split(r"\s*(?:!=|>=|<=|=|>|<)\s*", re.sub(r"<\w+>", "x", term).strip())[0] for term in asked]
    loose = text.at.startswith("labels.")
    for name in [*named, *(key.partition("@")[0] for key, _ in fields(text.line[opening.end() if opening else 0 :]))]:
        if "." in name:
            if not _declared(name):
                yield f"finding '{name}'"
        elif not loose and not _matches(name, known):
            yield f"name '{name}'"


def _declared(id_: str) -> bool:
    chapter, _, rest = id_.partition(".")
    return chapter in SPEAKING and rest in declarations(chapter)


def _matches(name: str, known: frozenset[str]) -> bool:
    if name in known:
        return True
    patterns = [re.sub(r"<\w+>", r"\\w+", one) for one in known if "<" in one]
    return any(re.fullmatch(pattern, re.sub(r"<\w+>", "x", name)) for pattern in patterns)


def unused(chapter: str) -> Iterator[str]:
    """Yield entries of a chapter's words that neither its code nor its notebook asks for."""
    sources = [path.read_text("utf-8") for path in sorted(file.folder(chapter).glob("*.py"))]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        sources += ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]
    said = {
        text
        for source in sources
        if f"kr.{chapter}" in source or "Words(" in source or "@figure" in source or "@table" in source
        for text in _constants(source)
    }
    tree = file.load(file.place(chapter))
    for kind in ("say", "figure", "table", "formula"):
        for name in tree.get(kind, {}):
            if not any(name == one or f"{kind}.{name}" in one for one in said) and not _made_up(name, sources):
                yield f"{kind}.{name}"


def _constants(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    yield from (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def _made_up(name: str, sources: list[str]) -> bool:
    """Whether an f-string of the code can make the name: `f"answer_{flow}"`."""
    for source in sources:
        for node in ast.walk(ast.parse(source)) if 'f"' in source or "f'" in source else ():
            if isinstance(node, ast.JoinedStr):
                parts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else r"[\w-]+" for v in node.values]
                if re.fullmatch(f"(?:(?:say|figure|table|formula)\\.)?{''.join(parts)}", name):
                    return True
    return False


def broken_rules(text: Text) -> Iterator[str]:
    """Yield the rules of style that a line breaks; those of report.md marked with a star."""
    kind, _, part = text.at.partition(".")
    part = part.rpartition(".")[2]
    body = _CONDITION.sub("", text.line)
    plain = _longest(body)
    words, numbers = len(plain.split()), plain.count("\N{BULLET}")
    if part == "title":
        if words > WORDS_A_TITLE:
            yield f"title of more than {WORDS_A_TITLE} words"
        if numbers > NUMBERS_A_TITLE:
            yield f"title of more than {NUMBERS_A_TITLE} numbers"
    elif kind == "say" or part in ("caption", "notes", "alt"):
        for sentence in re.split(r"(?<=[.!?:;])\s+", plain):
            if len(sentence.split()) > WORDS_A_SENTENCE:
                yield f"sentence of more than {WORDS_A_SENTENCE} words"
                break
    if (kind == "say" or part in ("title", "alt")) and _SIGNED.search(body):
        yield "a sign in prose"
    if kind != "labels" and BANNED.search(plain):
        yield "a word that is out of the prose"
    if part == "source" and body.startswith("Source: ") and body[8:9] in "{pa":
        yield "a source line that does not begin with the agency"


def long_answers(chapter: str) -> Iterator[str]:
    """Yield the answers of a chapter that have too many words or numbers."""
    for name, entry in file.load(file.place(chapter)).get("say", {}).items():
        if isinstance(entry, Mapping) and entry.get("role") == "answer":
            lines = [_longest(_CONDITION.sub("", line)) for line in entry["text"].splitlines()]
            words, numbers = sum(len(line.split()) for line in lines), sum(line.count("\N{BULLET}") for line in lines)
            if words > WORDS_AN_ANSWER or numbers > NUMBERS_AN_ANSWER:
                yield f"say.{name}"


def _longest(template: str) -> str:
    """Return a template with each finding as a bullet, each name as a word, and the longest of words to choose from."""
    while match := re.search(r"\{([^{}]*)\}", template):
        name, _, spec = match[1].partition(":")
        chosen = max((w.partition("=")[2] or w for w in spec.lstrip("#?*").split("|")), key=len) if "|" in spec else ""
        number = "." in name and not name.endswith("@period")
        shown = chosen if "|" in spec else "\N{BULLET}" if number else "name"
        template = template[: match.start()] + shown + template[match.end() :]
    return re.sub(r"\[@[^\]]*\]|(?<=\])\(#[^)]*\)", "", template)


def main() -> int:
    """Print what is wrong; return the exit code."""
    errors: list[str] = []
    rules: dict[str, list[str]] = {}
    names = frozenset(study_names())
    for chapter in SPEAKING:
        try:
            declared = (file.folder(chapter) / "findings.toml").exists()
            own = names | set(declarations(chapter).names if declared else ())
            for text in texts(chapter):
                errors += [f"{text.place}: no file declares the {what}" for what in lacking(text, frozenset(own))]
                for rule in broken_rules(text):
                    rules.setdefault(rule, []).append(f"{text.place}: {text.line[:160]}")
            errors += [f"{file.shown(file.place(chapter))}: nobody asks for {at}" for at in unused(chapter)]
            rules.setdefault("answer of more than 60 words or 4 numbers", []).extend(
                f"chapters/{chapter}: {at}" for at in long_answers(chapter)
            )
        except KorusError as error:
            errors.append(str(error))
    for section in storyboard():
        unknown = [name for name in section.names if not _told(name)]
        errors += [f"storyboard, {section.id}: no words file has '{name}'" for name in unknown]
        titles = [_CONDITION.sub("", line) for line in section.title.splitlines()]
        titles += (name.lstrip("# ") for name in section.names if name.startswith("#"))
        long = [title for title in titles if len(title.split()) > WORDS_A_TITLE]
        rules.setdefault(f"title of more than {WORDS_A_TITLE} words", []).extend(long)
    for rule, places in sorted(rules.items()):
        print(*(f"{rule}: {place}" for place in places), sep="\n", end="\n" if places else "")
    print(*errors, sep="\n") if errors else print("words: nothing that they name is missing")
    return int(bool(errors) or any(rules.values()))


def _told(name: str) -> bool:
    """Whether a words file has what a storyboard names; exhibits are known by the editions that show them."""
    if name.count(".") < 2:
        return True
    chapter, kind, key = name.split(".", 2)
    return chapter in topics() and key in file.load(file.place(chapter)).get(kind, {})


def study_names() -> tuple[str, ...]:
    """Return the names that every study gives to sentences."""
    from korus_research.data.study import open_study

    return tuple(open_study().names)


if __name__ == "__main__":
    sys.exit(main())
