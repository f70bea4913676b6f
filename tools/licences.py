#!/usr/bin/env python3
"""Write docs/licences.md: under which licence each package that a report needs is, by what the installed package says.

    tools/licences.py [--check]

--check writes nothing and exits with 1 where the page differs, or a package states no licence.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK, PAGE = ROOT / "requirements.lock", ROOT / "docs" / "licences.md"

HEAD = """# Licences of what a report needs

Written by `tools/licences.py` from what the packages of `requirements.lock` say of themselves; `make check` compares.
The code of this project is under MIT, the embedded figures under the terms of their sources ([data.md](data.md)).

Two packages bring something under another licence than their Python code: `pypandoc_binary` brings pandoc (GPL 2 or
later), which is run as a program of its own and not linked; `koreanize-matplotlib` brings the Nanum fonts (SIL Open
Font License 1.1).

| licence | packages |
|---|---|
"""
# What is said in classifiers or at length, by its SPDX name.
NAMES = {
    r"apache.*2|^apache software license$|^apache$": "Apache-2.0",
    r"\bmit\b": "MIT",
    r"3-clause|new bsd|modified bsd|^bsd license$|^bsd$|bsd 3": "BSD-3-Clause",
    r"2-clause": "BSD-2-Clause",
    r"mozilla.*2|mpl.?2": "MPL-2.0",
    r"python software foundation|^psf": "PSF-2.0",
    r"isc": "ISC",
    r"zpl|zope": "ZPL-2.1",
    r"hpnd": "HPND",
}


def licence(name: str) -> str:
    """Return the licence of an installed package as its metadata state it, or an empty string."""
    about = metadata.metadata(name).json
    if stated := about.get("license_expression"):
        return str(stated)
    classifiers = [str(c).rpartition(" :: ")[2] for c in about.get("classifier", []) if str(c).startswith("License ::")]
    told = [*classifiers, *str(about.get("license", "")).splitlines()[:1]]
    for text in filter(None, told):
        for pattern, short in NAMES.items():
            if re.search(pattern, text, re.IGNORECASE):
                return short
    return next(filter(None, told), "")


def page() -> tuple[str, list[str]]:
    """Return the text of the page, and the packages that state no licence; what is not for this system is left out."""
    names = sorted({match[1] for match in re.finditer(r"^([A-Za-z0-9._-]+)==", LOCK.read_text("utf-8"), re.MULTILINE)})
    by_licence: dict[str, list[str]] = defaultdict(list)
    for name in names:
        try:
            by_licence[licence(name)].append(name)
        except metadata.PackageNotFoundError:  # for another system or Python
            continue
    lines = [f"| {key} | {', '.join(by_licence[key])} |" for key in sorted(by_licence) if key]
    return HEAD + "\n".join(lines) + "\n", by_licence.get("", [])


def main() -> int:
    """Write or compare the page; return 1 where something is to be done."""
    text, silent = page()
    if silent:
        print(f"docs/licences.md: {', '.join(silent)} state no licence. Look it up and say so in tools/licences.py")
        return 1
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text("utf-8") != text:
            print("docs/licences.md is not what the lock says. Run tools/licences.py")
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
