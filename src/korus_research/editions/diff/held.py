"""A data package with the tables of an older edition, as far as they can be found and the present code reads them.

Their columns must be the present ones; the allowed values of a column are not checked, since lists of sources grow.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import korus_research
from korus_research.data.cache.store import digest
from korus_research.data.catalog import open_catalog
from korus_research.data.schema import DESCRIPTOR
from korus_research.editions.edition import Edition
from korus_research.errors import DamagedData, InvalidParameter

Read = Callable[[str], bytes]


@dataclass(frozen=True)
class Held:
    """The tables of a package that were restored to an older state, and those that differ and could not be."""

    tables: tuple[str, ...]
    open: tuple[str, ...]


def hold(before: Edition, folder: Path, data: Path | None = None) -> Held:
    """Write the embedded package into the new `folder`, with its tables as in the edition `before`.

    `data` is the edition's own data package; default: searched in the history of the checkout. InvalidParameter if
    there is none.
    """
    known: Mapping[str, str] = before.manifest.get("data", {})
    catalog = open_catalog()
    differ = [n for n in catalog.names if known.get(n) != catalog.describe(n).sha256]
    wanted = {name: known[name] for name in differ if name in known}
    shutil.copytree(catalog.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
    held = []
    if wanted:
        read = _of_folder(data, wanted) if data is not None else _of_history(before, wanted)
        held = [name for name in wanted if _put_back(folder, name, read(name))]
    gone = [name for name in known if name not in catalog.names]
    return Held(tuple(held), (*(name for name in differ if name not in held), *gone))


def _put_back(folder: Path, name: str, content: bytes) -> bool:
    """Replace a table of the package in `folder`; return whether it can be read, else restore it."""
    descriptor = folder / DESCRIPTOR
    now = descriptor.read_text(encoding="utf-8")
    package = json.loads(now)
    one = next(resource for resource in package["resources"] if resource["name"] == name)
    path = folder / one["path"]
    kept = path.read_bytes()
    path.write_bytes(content)
    one |= {"hash": f"sha256:{digest(content)}", "korus:bytes": len(content), "korus:rows": _rows(path)}
    for field in one["schema"]["fields"]:
        field["constraints"] = {k: v for k, v in field.get("constraints", {}).items() if k not in ("enum", "pattern")}
    descriptor.write_text(json.dumps(package, ensure_ascii=False), encoding="utf-8")
    try:
        open_catalog(folder).load(name)
    except DamagedData:  # other columns, or values that the present schema does not allow
        path.write_bytes(kept)
        descriptor.write_text(now, encoding="utf-8")
        return False
    return True


def _rows(path: Path) -> int:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path).num_rows) if path.suffix == ".parquet" else len(pd.read_csv(path, dtype=str))
    except (ValueError, pa.ArrowInvalid):  # the table was of another format then
        return 0


def _of_folder(folder: Path, wanted: Mapping[str, str]) -> Read:
    try:
        package = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidParameter(f"{folder} holds no data package ({error})", expected=f"a {DESCRIPTOR}") from None
    files = _files(package)
    if wrong := [name for name, sha in wanted.items() if files.get(name, ("", ""))[1] != sha]:
        raise InvalidParameter(
            f"{folder} is not the data package of the older edition: {wrong[0]} differs",
            expected="tables with the sha256 of the edition's manifest",
        )
    return lambda name: (folder / files[name][0]).read_bytes()


def _of_history(before: Edition, wanted: Mapping[str, str]) -> Read:
    """Return a function that reads the tables from the newest commit whose data package has all of them."""
    root = Path(korus_research.__file__).resolve().parents[2]
    log = _git(root, "log", "--format=:%H", "--name-only", "--", f"*{DESCRIPTOR}") or b""
    commit = ""
    for line in filter(None, log.decode().splitlines()):
        if line.startswith(":"):
            commit = line[1:]
            continue
        described = _git(root, "show", f"{commit}:{line}")
        files = _files(json.loads(described)) if described else {}
        if all(files.get(name, ("", ""))[1] == sha for name, sha in wanted.items()):
            folder = line.rpartition("/")[0]
            return lambda name: _git(root, "show", f"{commit}:{folder}/{files[name][0]}") or b""
    raise InvalidParameter(
        f"The tables of {before.manifest['edition']} are not in the history of this checkout",
        expected="a commit whose data package has the hashes of the edition's manifest",
        do="Give its data package with --old-data DIR",
    )


def _files(package: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return path and sha256 of each table."""
    return {r["name"]: (r["path"], str(r.get("hash", "")).removeprefix("sha256:")) for r in package["resources"]}


def _git(root: Path, *arguments: str) -> bytes | None:
    """Return the output of git, None if there is no git or it fails."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
