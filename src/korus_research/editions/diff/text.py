"""A difference as text: for a terminal, and for a pull request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from korus_research.data.toml import read_toml
from korus_research.editions.diff.difference import WORDS
from korus_research.editions.diff.models import Difference, Exhibit, Move, Share

SHOWN = 20  # lines of a part


def to_text(found: Difference) -> str:
    """Return a heading and the first lines of each part of a difference, readable as Markdown too."""
    words: Mapping[str, Any] = read_toml(WORDS).content
    step = words["step"]

    def named(name: str) -> str:
        return f"{found.names[name]} ({name})" if name in found.names else name

    only = {
        k: [f"{sign} {named(i)}" for sign, side in (("+", found.added), ("-", found.gone)) for i in side[k]]
        for k in found.added
    }
    causes = found.cause.shares if found.cause else {}

    def lines(moves: tuple[Move, ...]) -> list[str]:
        return [f"{m.label}: {m.before} -> {m.now}{_because(causes.get(m.id, ()), step)}" for m in moves]

    def moved(name: str) -> str:
        counts = found.cause.moved(name) if found.cause else {}
        return f"  [{', '.join(f'{step[one]}: {count}' for one, count in counts.items())}]" if counts else ""

    parts: dict[str, list[str]] = {
        "verdicts": lines(found.verdicts),
        "turned": lines(found.turned),
        "moved": lines(found.moved),
        **{str(name): lines(moves) for name, moves in found.inputs.items()},
        "reworded": lines(found.reworded),
        "tables": [*only["tables"], *(_exhibit(one) + moved(one.name) for one in found.tables)],
        "figures": [*only["figures"], *(_exhibit(one) + moved(one.name) for one in found.figures)],
        "claims": only["claims"],
        "findings": only["findings"],
    }
    text = [f"{found.before} -> {found.now}"]
    if found.cause:
        counted = [f"{step[name]}: {count}" for name, count in found.cause.counts]
        text += ["", words["heading"]["cause"], *(f"  {one}" for one in (*counted, *found.cause.notes))]
    for name, shown in parts.items():
        more = [f"  ... {len(shown) - SHOWN}"] if len(shown) > SHOWN else []
        head = f"{words['heading'][name]}: {len(shown) or words['heading']['none']}"
        text += ["", head, *(f"  {one}" for one in shown[:SHOWN]), *more]
    return "\n".join(text) + "\n"


def _because(shares: tuple[Share, ...], words: Mapping[str, str]) -> str:
    return f"  [{', '.join(f'{words[one.step]}: {one.before} -> {one.now}' for one in shares)}]" if shares else ""


def _exhibit(one: Exhibit) -> str:
    rows = f", +{one.rows_new} -{one.rows_gone}" if one.rows_new or one.rows_gone else ""
    title = one.now or one.before
    return f"{f'{title} ({one.name})' if title else one.name}: {one.changed}/{one.compared}{rows}"
