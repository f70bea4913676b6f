"""The package of a chapter as a namespace: `kr.cars.maker_points(study)`, `kr.cars.say("answer", cars)`.

A chapter is a folder. Nothing lists its parts: `of` is what it measures of a study (measures.py), `say`, `formula` and
`label` speak its words (words.toml), and every public function of its modules `figures`, `tables` and `blocks` (or
`<something>_figures` and so on) is what it shows. They are imported when one is first asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

from korus_research.errors import InvalidSentence, did_you_mean
from korus_research.show.blocks import Formula
from korus_research.show.words.prose import Prose, Source, gather
from korus_research.show.words.text import NOTHING, Words

HERE = Path(__file__).parent
SHOWS = ("figures", "tables", "blocks")


def topics() -> tuple[str, ...]:
    """Return the names of the chapters' folders, sorted."""
    return tuple(sorted(path.parent.name for path in HERE.glob("*/words.toml")))


def measured() -> tuple[str, ...]:
    """Return the topics that measure something of a study, sorted: the folders that hold `measures.py`."""
    return tuple(sorted(path.parent.name for path in HERE.glob("*/measures.py")))


def topic(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` for the package of a chapter."""

    def offered(name: str) -> Any:
        if name.startswith("__") or (HERE / package.rpartition(".")[2] / f"{name}.py").exists():
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        parts = _parts(package)
        if name not in parts:
            known = did_you_mean(name, parts)
            raise AttributeError(
                f"chapter '{package.rpartition('.')[2]}' offers no '{name}'{known}: {', '.join(parts)}"
            )
        return parts[name]

    return offered, lambda: sorted(_parts(package))


@cache
def _parts(package: str) -> Mapping[str, Any]:
    chapter = package.rpartition(".")[2]
    words = Words(chapter)
    parts: dict[str, Any] = {"say": _say(words), "label": words.label, "formula": _formula(words)}
    if (HERE / chapter / "measures.py").exists():
        parts["of"] = import_module(f"{package}.measures").of
    for path in sorted((HERE / chapter).glob("*.py")):
        if path.stem.rpartition("_")[2] in SHOWS:
            module = import_module(f"{package}.{path.stem}")
            parts |= {
                name: part
                for name, part in vars(module).items()
                if isinstance(part, FunctionType) and part.__module__ == module.__name__ and not name.startswith("_")
            }
    return parts


def _say(words: Words) -> Callable[..., Prose | None]:
    def say(name: str, source: Source = NOTHING, /, **given: str | Sequence[str]) -> Prose | None:
        """Return a paragraph, the entry `name` under `say`; None where all its conditions fail in this edition."""
        prose = words.say(name, source, **given)
        _check_source(words, name, source)
        return prose if prose.sentences else None

    return say


def _check_source(words: Words, name: str, source: Source) -> None:
    """Return if a paragraph that asks for findings of its chapter has any, which those of another chapter are not.

    Its conditions would all fail, and it would say what is said where there is nothing.
    """
    own = f"{words.chapter}."
    if not any(id_.startswith(own) for id_ in gather(source)) and re.search(
        rf"\b{re.escape(own)}\w", str(words.entry(f"say.{name}"))
    ):
        said = f"to be said of {source!r:.60}" if gather(source) else "said without a result"
        raise InvalidSentence(
            f"'{name}' of {words.chapter} is {said}",
            expected=f"what {words.chapter} measures",
            do=f'Write kr.{words.chapter}.say("{name}", study.{words.chapter}())',
        )


def _formula(words: Words) -> Callable[[str], Formula]:
    def formula(name: str) -> Formula:
        """Return the formula `[formula.NAME]`: its TeX, and how it is read aloud."""
        at = f"formula.{name}"
        return Formula(words.entry(at)["tex"], words.text(f"{at}.alt"), words.about(at, (), {}))

    return formula
