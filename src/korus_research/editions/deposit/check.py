"""Check README.md and ro-crate-metadata.json of an edition against its files, hashes and tables."""

from __future__ import annotations

import json
from collections.abc import Iterator

from korus_research.data.cache.store import digest
from korus_research.data.catalog import open_catalog
from korus_research.editions.deposit.write import CRATE, LEFT_OUT, README, crate, listed, readme
from korus_research.editions.edition import Edition


def untruths(edition: Edition) -> list[str]:
    """Return the false statements in README.md and the crate of an edition, one line each.

    Statements about tables are checked if the data package is the edition's. Editions of older versions, which have
    neither file, are not checked.
    """
    if CRATE not in edition.manifest["outputs"]:
        return []
    try:
        entities = {one["@id"]: one for one in json.loads((edition.folder / CRATE).read_text("utf-8"))["@graph"]}
    except (OSError, ValueError, LookupError, TypeError) as error:
        return [f"{CRATE} can't be read ({error})"]
    return [*_of_files(edition, entities), *_of_tables(edition, entities)] or list(_made_again(edition))


def _of_files(edition: Edition, entities: dict[str, dict[str, object]]) -> Iterator[str]:
    said = {name for name, one in entities.items() if one.get("@type") == "File"}
    yield from (f"{CRATE} doesn't list {name}" for name in listed(edition.manifest) if name not in said)
    for name in sorted(said):
        path, known = edition.folder / name, entities[name].get("sha256")
        if not path.is_file():
            yield f"{CRATE} lists {name}, which is not there"
        elif known is not None and digest(path.read_bytes()) != known:
            yield f"{CRATE}: {name} has another sha256"
    there = {p.relative_to(edition.folder).as_posix() for p in edition.folder.rglob("*") if p.is_file()}
    yield from (f"{CRATE} doesn't list {n}" for n in sorted(there - said - {CRATE}) if not n.startswith(LEFT_OUT))


def _of_tables(edition: Edition, entities: dict[str, dict[str, object]]) -> Iterator[str]:
    for name, sha in edition.manifest["data"].items():
        if entities.get(f"#table-{name}", {}).get("sha256") != sha:
            yield f"{CRATE}: another sha256 of table {name}"


def _made_again(edition: Edition) -> Iterator[str]:
    """Yield the files that differ from those made again, if the data package is the edition's."""
    catalog, manifest = open_catalog(), edition.manifest
    if any(name not in catalog.names or catalog.describe(name).sha256 != sha for name, sha in manifest["data"].items()):
        return
    outputs = {name: sha for name, sha in manifest["outputs"].items() if name != CRATE}
    first = {name: sha for name, sha in outputs.items() if name != README}  # the files when the README was made
    again = {
        README: readme({**manifest, "outputs": first}, catalog),
        CRATE: crate({**manifest, "outputs": outputs}, catalog, edition.folder),
    }
    for name, text in again.items():
        if (edition.folder / name).read_bytes() != text.encode():
            yield f"{name} says other than manifest and tables"
