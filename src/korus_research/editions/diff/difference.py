"""The differences between two editions, from their published files: inputs and results.

Any two editions can be compared, whichever version made them (decision 91).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from korus_research.chapters.notebooks import titles_by_file
from korus_research.data.cache.store import digest
from korus_research.data.catalog import open_catalog
from korus_research.data.toml import read_toml
from korus_research.editions.diff.exhibits import exhibits, titles
from korus_research.editions.diff.models import Difference, Move
from korus_research.editions.edition import Edition, open_edition
from korus_research.errors import DamagedData, OutputFolder, did_you_mean

WORDS = Path(__file__).with_name("words.toml")
_INPUTS = ("parameters", "data", "chapters", "versions")
_PLACES = ("brief", "report", "")
_SPOKEN = re.compile(r'data-f="([^"]+)"')
_BRIEF = re.compile(r'<section class="brief".*?(?=<section class="chapter")', re.DOTALL)


def find_edition(name: str, out: Path) -> Edition:
    """Return the edition in the folder `name`, or `out/name` ("korus/2026-08"); OutputFolder if there is none."""
    for folder in (Path(name), out / name):
        if (edition := open_edition(folder)) is not None:
            return edition
    known = [path.parent.relative_to(out).as_posix() for path in sorted(out.glob("*/*/manifest.json"))]
    raise OutputFolder(
        f"'{name}' is not an edition{did_you_mean(name, known)}",
        expected="the folder of an edition, or one of " + (", ".join(known) or "those made with `korus report`"),
    )


def difference(before: Edition, now: Edition) -> Difference:
    """Return the differences between two editions; OutputFolder if a file can't be read or has changed."""
    old, new = (findings_of(edition) for edition in (before, now))
    said, says = (claims_of(edition) for edition in (before, now))
    verdicts = [(i, row["said"], said[i]["verdict"], row["verdict"]) for i, row in says.items() if i in said]
    differ = [Move(id=i, label=label, before=b, now=n, turned=named(b) != n) for i, label, b, n in verdicts if b != n]
    places = _places(now)
    moves = [move for i, one in new.items() if i in old and (move := moved(old[i], one, places.get(i, "")))]
    keys = {"claims": (list(said), list(says)), "findings": (list(old), list(new))}
    both, shown = {}, [_page(edition) for edition in (before, now)]
    for kind in ("tables", "figures"):
        had, has = (_data_files(edition, kind) for edition in (before, now))
        keys[kind] = (had, has)
        texts = [(name, read(before, f"{name}.csv"), read(now, f"{name}.csv")) for name in has if name in had]
        both[kind] = tuple(exhibits(texts, *shown, cells=kind == "tables"))
    return Difference(
        before=f"{before.manifest['name']}, {before.manifest['edition']}",
        now=f"{now.manifest['name']}, {now.manifest['edition']}",
        made_from=made_from(before, now),
        inputs={name: tuple(_inputs(name, before, now)) for name in _INPUTS},
        verdicts=tuple(move for move in differ if move.turned),
        reworded=tuple(move for move in differ if not move.turned),
        findings=tuple(sorted(moves, key=_rank)),
        **both,
        added={kind: tuple(i for i in b if i not in set(a)) for kind, (a, b) in keys.items()},
        gone={kind: tuple(i for i in a if i not in set(b)) for kind, (a, b) in keys.items()},
        compared=len(old.keys() & new.keys()),
        names=_names((before, now), shown, (old, new), keys),
    )


def made_from(before: Edition, now: Edition) -> tuple[str, str]:
    """Return the sha256 of the two manifests, which have the hashes of all files."""
    return digest(before.manifest_text), digest(now.manifest_text)


def named(verdict: str) -> str:
    """Return the present name of a verdict of any edition."""
    return str(read_toml(WORDS).content["verdict"].get(verdict, verdict))


def moved(old: Mapping[str, Any], new: Mapping[str, Any], place: str = "") -> Move | None:
    """Return the change of a finding, None if there is none."""
    then, now = (str(one.get("state") or one["text"] or "–") for one in (old, new))
    if (old["value"], old.get("state"), old["text"]) == (new["value"], new.get("state"), new["text"]):
        return None
    about = {"id": new["id"], "label": new["label"], "before": then, "now": now, "place": place}
    was, is_ = old["value"], new["value"]
    if was is None or is_ is None:
        return Move(**about, turned=(was is None) != (is_ is None) or old.get("state") != new.get("state"))
    if old.get("unit") != new.get("unit"):  # dollars, and now billions of them
        return Move(**about)
    size = abs(is_ - was) / (max(abs(is_), abs(was)) or 1.0)
    low, high = (old.get(end) for end in ("low", "high"))
    beyond = (low is not None and is_ < low) or (high is not None and is_ > high)
    return Move(**about, turned=was * is_ < 0, size=size, beyond=beyond)


def _rank(move: Move) -> tuple[bool, bool, int, float]:
    """Return the sort key of a changed finding: the most important first."""
    return not move.turned, move.before == move.now, _PLACES.index(move.place), -move.size


def findings_of(edition: Edition) -> dict[str, Mapping[str, Any]]:
    """Return the findings of an edition by id; OutputFolder as in `read`, and if the file is invalid."""
    try:
        return {one["id"]: one for one in json.loads(read(edition, "findings.json"))}
    except (ValueError, TypeError, KeyError, RecursionError):
        found = f"{edition.folder / 'findings.json'} holds no findings"
        raise OutputFolder(found, do="Make the edition again") from None


def claims_of(edition: Edition) -> dict[str, Mapping[str, str]]:
    """Return the rows of an edition's table of claims by id, none if it has no such table."""
    if "claims.csv" not in edition.manifest["outputs"]:
        return {}
    return by_id(read(edition, "claims.csv"))


def by_id(claims: str) -> dict[str, Mapping[str, str]]:
    """Return the rows of a table of claims by id."""
    return {row["id"]: row for row in csv.DictReader(claims.splitlines())}


def read(edition: Edition, name: str) -> str:
    """Return the text of a file of an edition; OutputFolder if it is missing or differs from what was published."""
    path = edition.folder / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OutputFolder(f"{path} can't be read ({error})", do="Make the edition again") from None
    if digest(content) != edition.manifest["outputs"].get(name):
        raise OutputFolder(f"{path} was changed after it was published", do="Make the edition again")
    return content.decode()


def _inputs(name: str, before: Edition, now: Edition) -> Iterator[Move]:
    old, new = before.manifest.get(name, {}), now.manifest.get(name, {})
    hashed = name in ("data", "chapters")
    labels = table_titles() if name == "data" else titles_by_file() if name == "chapters" else {}
    for key in sorted(old.keys() | new.keys()):
        was, is_ = (str(side.get(key, "–")) for side in (old, new))
        if was != is_:
            yield Move(
                id=key, label=labels.get(key, key), before=was[:8] if hashed else was, now=is_[:8] if hashed else is_
            )


def table_titles() -> dict[str, str]:
    """Return the titles of the present tables by name; none if the data package can't be read."""
    try:
        catalog = open_catalog()
    except DamagedData:
        return {}
    return {name: catalog.describe(name).title for name in catalog.names}


def _names(
    editions: tuple[Edition, Edition],
    pages: list[str],
    findings: tuple[Mapping[str, Any], Mapping[str, Any]],
    keys: Mapping[str, tuple[list[str], list[str]]],
) -> dict[str, str]:
    """Return titles of tables of the data package, and of findings and exhibits that only one edition has."""
    found = table_titles()
    for page, own in zip(pages, findings, strict=True):
        found |= {name: one["label"] for name, one in own.items()} | titles(page)
    only = {name for had, has in keys.values() for name in set(had) ^ set(has)}
    tables = {name for edition in editions for name in edition.manifest.get("data", {})}
    return {name: found[name] for name in sorted(only | tables) if found.get(name)}


def data_of(edition: Edition) -> dict[str, str]:
    """Return the data of all figures and tables of an edition as CSV, by file name without extension."""
    names = (name for kind in ("tables", "figures") for name in _data_files(edition, kind))
    return {name: read(edition, f"{name}.csv") for name in names}


def _data_files(edition: Edition, kind: str) -> list[str]:
    """Return the data files of the exhibits of a kind, without extension."""
    outputs: Mapping[str, str] = edition.manifest["outputs"]
    return [name.removesuffix(".csv") for name in outputs if name.startswith(f"{kind}/") and name.endswith(".csv")]


def _page(edition: Edition) -> str:
    return "".join(read(edition, f) for f in ("report.html", "annex.html") if f in edition.manifest["outputs"])


def _places(edition: Edition) -> dict[str, str]:
    """Return where an edition first mentions each finding: the brief, or the report."""
    page = read(edition, "report.html") if "report.html" in edition.manifest["outputs"] else ""
    brief = _BRIEF.search(page)
    places = dict.fromkeys(_SPOKEN.findall(page), "report")
    return places | dict.fromkeys(_SPOKEN.findall(brief[0]) if brief else (), "brief")
