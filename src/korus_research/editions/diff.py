"""What differs between two editions, from their files: what they were made of, and what that moved.

Editions are compared as they are published, so any two can be, whichever version made them. Which of the inputs moved
a number is not said: several may have, and nothing is run again.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from korus_research.data.cache.store import digest
from korus_research.data.toml import read_toml
from korus_research.editions.edition import Edition, open_edition
from korus_research.errors import OutputFolder, did_you_mean

WORDS = Path(__file__).with_name("words.toml")
SHOWN = 20  # lines of a part that `text` shows


@dataclass(frozen=True)
class Move:
    """One thing that both editions have and that differs: `turned` where a sign or a named state changed."""

    id: str
    label: str
    before: str
    now: str
    turned: bool = False
    size: float = 0.0  # of a number: the change relative to the larger of the two


@dataclass(frozen=True)
class Difference:
    """Everything that differs between two editions; `added` and `gone` are ids that only one of them has.

    Keys of `inputs` are parameters, data, chapters and versions, of `added` and `gone` claims, findings and exhibits.
    """

    before: str
    now: str
    inputs: Mapping[str, tuple[Move, ...]]
    verdicts: tuple[Move, ...]
    findings: tuple[Move, ...]
    exhibits: tuple[str, ...]
    added: Mapping[str, tuple[str, ...]]
    gone: Mapping[str, tuple[str, ...]]

    @property
    def turned(self) -> tuple[Move, ...]:
        """The findings whose sign or state changed."""
        return tuple(move for move in self.findings if move.turned)

    def to_json(self) -> str:
        """Return all of it as JSON text."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    def to_text(self) -> str:
        """Return it for a terminal or a pull request: a heading for each part, the first lines of each."""
        said = read_toml(WORDS).content["diff"]
        only = {k: [*(f"+ {i}" for i in self.added[k]), *(f"- {i}" for i in self.gone[k])] for k in self.added}
        ranked = sorted((m for m in self.findings if not m.turned), key=lambda m: -m.size)
        parts = {
            **{name: [_line(move) for move in moves] for name, moves in self.inputs.items()},
            "verdicts": [_line(move) for move in self.verdicts],
            "claims": only["claims"],
            "turned": [_line(move) for move in self.turned],
            "moved": [_line(move) for move in ranked],
            "findings": only["findings"],
            "exhibits": [*only["exhibits"], *self.exhibits],
        }
        lines = [f"{self.before} -> {self.now}"]
        for name, found in parts.items():
            more = [f"  ... {len(found) - SHOWN}"] if len(found) > SHOWN else []
            lines += ["", f"{said[name]}: {len(found) or said['none']}", *(f"  {one}" for one in found[:SHOWN]), *more]
        return "\n".join(lines) + "\n"


def _line(move: Move) -> str:
    return f"{move.label}: {move.before} -> {move.now}"


def find_edition(name: str, out: Path) -> Edition:
    """Return the edition in the folder `name`, or `out/name` ("korus/2026-08"); OutputFolder where there is none."""
    for folder in (Path(name), out / name):
        if (edition := open_edition(folder)) is not None:
            return edition
    known = [path.parent.relative_to(out).as_posix() for path in sorted(out.glob("*/*/manifest.json"))]
    raise OutputFolder(
        f"'{name}' is no edition{did_you_mean(name, known)}",
        expected="the folder of an edition, or one of " + (", ".join(known) or "those made with `korus report`"),
    )


def difference(before: Edition, now: Edition) -> Difference:
    """Return what differs between two editions; OutputFolder where a file of one can't be read."""
    old, new = (_findings(edition) for edition in (before, now))
    said, says = (_claims(edition) for edition in (before, now))
    had, has = (_exhibits(edition) for edition in (before, now))
    both = [name for name in has if name in had]
    keys: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
        "claims": (said, says),
        "findings": (old, new),
        "exhibits": (had, has),
    }
    return Difference(
        before=f"{before.manifest['name']}, {before.manifest['edition']}",
        now=f"{now.manifest['name']}, {now.manifest['edition']}",
        inputs={name: tuple(_inputs(name, before, now)) for name in ("parameters", "data", "chapters", "versions")},
        verdicts=tuple(
            Move(i, row["said"], said[i]["verdict"], row["verdict"], turned=True)
            for i, row in says.items()
            if i in said and said[i]["verdict"] != row["verdict"]
        ),
        findings=tuple(move for i, one in new.items() if i in old and (move := _moved(old[i], one))),
        exhibits=tuple(name for name in both if had[name] != has[name]),
        added={kind: tuple(i for i in b if i not in a) for kind, (a, b) in keys.items()},
        gone={kind: tuple(i for i in a if i not in b) for kind, (a, b) in keys.items()},
    )


def _inputs(name: str, before: Edition, now: Edition) -> Iterator[Move]:
    old, new = before.manifest.get(name, {}), now.manifest.get(name, {})
    hashed = name in ("data", "chapters")
    for key in sorted(old.keys() | new.keys()):
        was, is_ = (str(side.get(key, "–")) for side in (old, new))
        if was != is_:
            yield Move(key, key, was[:8] if hashed else was, is_[:8] if hashed else is_)


def _moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> Move | None:
    """Return how a finding moved, None where it says the same."""
    then, now = (str(one.get("state") or one["text"] or "–") for one in (old, new))
    if (old["value"], old.get("state"), old["text"]) == (new["value"], new.get("state"), new["text"]):
        return None
    values = [one["value"] for one in (old, new)]
    if None in values:
        return Move(new["id"], new["label"], then, now, turned=old.get("state") != new.get("state"))
    was, is_ = values
    size = abs(is_ - was) / (max(abs(is_), abs(was)) or 1.0)
    return Move(new["id"], new["label"], then, now, turned=was * is_ < 0, size=size)


def _findings(edition: Edition) -> dict[str, Mapping[str, Any]]:
    return {one["id"]: one for one in json.loads(_read(edition, "findings.json"))}


def _claims(edition: Edition) -> dict[str, Mapping[str, str]]:
    if "claims.csv" not in edition.manifest["outputs"]:
        return {}
    return {row["id"]: row for row in csv.DictReader(_read(edition, "claims.csv").splitlines())}


def _exhibits(edition: Edition) -> dict[str, str]:
    """Return the hashes of the data of figures and tables, by file."""
    outputs: Mapping[str, str] = edition.manifest["outputs"]
    return {name: sha for name, sha in outputs.items() if name.endswith(".csv") and "/" in name}


def _read(edition: Edition, name: str) -> str:
    path = edition.folder / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OutputFolder(f"{path} can't be read ({error})", do="Make the edition again") from None
    if digest(content) != edition.manifest["outputs"].get(name):
        raise OutputFolder(f"{path} is not what was published", do="Make the edition again")
    return content.decode()
