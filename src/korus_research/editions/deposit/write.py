"""README.md in the form required by data editors in the social sciences, and the RO-Crate of an edition.

Both are made from the manifest, the data package and words.toml only, and so are the same on every machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from korus_research import __version__
from korus_research.data.catalog import Catalog, open_catalog
from korus_research.data.schema import Dataset
from korus_research.data.toml import read_toml
from korus_research.editions.edition import Draft

README, CRATE, MANIFEST = "README.md", "ro-crate-metadata.json", "manifest.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.2"
WORDS = Path(__file__).with_name("words.toml")
# Executed notebooks are part of an edition, but not of the published ones; the manifest lists them (decision 124).
LEFT_OUT = "notebooks/"


def deposit(draft: Draft, about: Mapping[str, Any], versions: Mapping[str, str]) -> None:
    """Write README.md and ro-crate-metadata.json into a draft that has all other files.

    `about` and `versions` are those of the manifest. OutputFolder if they can't be written.
    """
    said, catalog = {**about, "versions": versions}, open_catalog()
    draft.write(README, readme({**said, "outputs": draft.outputs}, catalog))
    draft.write(CRATE, crate({**said, "outputs": draft.outputs}, catalog, draft.content))


def readme(manifest: Mapping[str, Any], catalog: Catalog) -> str:
    """Return the text of README.md (Markdown)."""
    from jinja2 import Environment

    words = read_toml(WORDS).content
    tables = [catalog.describe(name) for name in manifest["data"] if name in catalog.names]
    template = (resources.files(__package__ or "") / "README.md.j2").read_text(encoding="utf-8")
    environment = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)  # Markdown
    environment.filters["cell"] = lambda text: re.sub(r"\s+", " ", str(text)).replace("|", r"\|")
    return environment.from_string(template).render(
        edition=manifest,
        front=manifest.get("front") or {},
        software=words["software"],
        version=__version__,
        machine=words["machine"],
        python=_python(manifest),
        libraries={n: v for n, v in manifest["versions"].items() if n not in ("python", words["software"]["name"])},
        tables=tables,
        exhibits=_exhibits(manifest),
        kinds={name: _kind(name, words["kind"]) for name in listed(manifest) if "/" not in name},
    )


def crate(manifest: Mapping[str, Any], catalog: Catalog, folder: Path) -> str:
    """Return the text of ro-crate-metadata.json (JSON-LD) of the edition whose files are in `folder`."""
    words = read_toml(WORDS).content
    software, files = words["software"], listed(manifest)
    tables = [catalog.describe(name) for name in manifest["data"] if name in catalog.names]
    front, authors = manifest.get("front") or {}, {"@id": "#authors"}
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{front.get('title') or manifest['name']}: {manifest['edition']}",
        "description": words["says"]["description"].format(subtitle=front.get("question", ""), **manifest).strip(),
        "datePublished": manifest["published"],
        "license": {"@id": software["license_address"]},
        "author": authors,
        "publisher": authors,
        "creditText": manifest["cite_as"],
        "version": manifest["as_of"],
        "hasPart": [{"@id": name} for name in files],
        "mentions": {"@id": "#made"},
    }
    made = {
        "@id": "#made",
        "@type": "CreateAction",
        "name": words["says"]["made"],
        "instrument": {"@id": "#software"},
        "agent": authors,
        "object": _one([{"@id": f"#table-{table.name}"} for table in tables]),
        "result": [{"@id": name} for name in files],
    }
    about = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": SPECIFICATION},
    }
    program = {
        "@id": "#software",
        "@type": "CreativeWork",  # a SoftwareApplication must have an address, a SoftwareSourceCode be a file
        "name": software["title"],
        "version": __version__,
        "author": authors,
        "license": {"@id": software["license_address"]},
    }
    by = {"@id": "#authors", "@type": "Organization", "name": ", ".join(software["authors"])}
    entities = [about, root, *_files(manifest, files, folder, words), made, program, by, *_of_tables(tables, manifest)]
    licences = {table.licence_address: table.licence for table in tables}
    licences[software["license_address"]] = software["license"]
    entities += [{"@id": at, "@type": "CreativeWork", "name": name} for at, name in licences.items()]
    # A licence and a source may have the same address: the entity of the licence is kept.
    entities = list({str(one["@id"]): one for one in entities}.values())
    graph = {"@context": f"{SPECIFICATION}/context", "@graph": entities}
    return json.dumps(graph, ensure_ascii=False, indent=1) + "\n"


def listed(manifest: Mapping[str, Any]) -> list[str]:
    """Return the files that the crate of an edition lists, including the manifest."""
    names = [n for n in manifest["outputs"] if not n.startswith(LEFT_OUT) and n != CRATE]
    return sorted([*names, MANIFEST])


def _files(
    manifest: Mapping[str, Any], names: list[str], folder: Path, words: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    for name in names:
        kind, media = _kind(name, words["kind"]), words["media"].get(Path(name).suffix, "")
        known = {"encodingFormat": media} if media else {}
        if name in manifest["outputs"]:  # not the manifest: it has the hash of this file
            known |= {"sha256": manifest["outputs"][name], "contentSize": str((folder / name).stat().st_size)}
        made = words["says"]["exhibit"].format(kind=kind.lower(), name=Path(name).stem)
        yield {"@id": name, "@type": "File", "name": name, "description": made if "/" in name else kind, **known}


def _of_tables(tables: list[Dataset], manifest: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    addresses: dict[str, str] = {}
    for table in tables:
        sources = [source for source in table.sources if source.address]
        addresses |= {source.address: source.title for source in sources if source.address not in addresses}
        yield {
            "@id": f"#table-{table.name}",
            "@type": "CreativeWork",
            "name": table.title,
            "description": table.description,
            "identifier": table.name,
            "version": manifest.get("vintages", {}).get(table.name, table.vintage),
            "sha256": manifest["data"][table.name],
            "temporalCoverage": f"{table.first}/{table.last}" if table.first else "",
            "license": {"@id": table.licence_address},
            "usageInfo": table.terms,
            "isBasedOn": _one([{"@id": source.address} for source in sources]),
        }
    yield from ({"@id": at, "@type": "WebPage", "name": title} for at, title in addresses.items())


def _one(several: list[dict[str, str]]) -> list[dict[str, str]] | dict[str, str]:
    """Return the only entry of a list by itself, as RO-Crate requires."""
    return several[0] if len(several) == 1 else several


def _kind(name: str, kinds: Mapping[str, str]) -> str:
    return next((kind for key, kind in kinds.items() if name == key or name.startswith(key)), name)


def _exhibits(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each exhibit with data and its chapter, matched by the chapter's name at the beginning of its own."""
    chapters = {re.sub(r"^\d+_|\.ipynb$", "", name): name for name in manifest["chapters"]}
    names = [n for n in manifest["outputs"] if n.startswith(("figures/", "tables/")) and n.endswith(".csv")]
    names.sort()
    return [(n, next((c for k, c in chapters.items() if Path(n).name.startswith(f"{k}-")), "")) for n in names]


def _python(manifest: Mapping[str, Any]) -> str:
    """Return the version of Python without the patch number, which does not affect the bytes."""
    return ".".join(str(manifest["versions"]["python"]).split(".")[:2])
