"""An edition is the same bytes whichever way it was made: from what earlier runs left, or executed anew."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import korus_research
from korus_research.chapters.notebooks import notebooks_folder

pytestmark = pytest.mark.slow  # executes an early edition twice, a quarter of what the newest costs

AS_OF = "2014-06"


class Checkout:
    """A copy of the sources, whose words are changed, and a cache of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.package = folder, folder / "src" / "korus_research"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(Path(korus_research.__file__).parent, self.package, ignore=ignored)
        shutil.copytree(notebooks_folder(), folder / "notebooks")
        self.words = {path: path.read_text("utf-8") for path in self.package.glob("chapters/*/words.toml")}

    def report(self, out: str, *options: str) -> dict[str, str]:
        """Make the edition and return the hash of each of its files."""
        command = [sys.executable, "-m", "korus_research", "report", "--as-of", AS_OF, "--out", out, *options]
        paths = {"PYTHONPATH": str(self.folder / "src"), "KORUS_CACHE": str(self.folder / "cache")}
        done = subprocess.run(
            command, cwd=self.folder, env={**os.environ, **paths}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        edition = self.folder / out / "korus" / AS_OF
        files = (path for path in edition.rglob("*") if path.is_file())
        return {str(path.relative_to(edition)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def reword(self) -> int:
        """Change a word in every text that is spoken when a report is published; return in how many entries."""
        changed = 0
        for path, text in self.words.items():
            entries = re.split(r"(?m)^(?=\[)", text)
            kept = [one if one.startswith("[labels") else one.replace(" the ", " the very ") for one in entries]
            kept = [re.sub(r'(?m)^((?:title|alt) = "[^"]*)"', r'\1, as it is"', one) for one in kept]
            changed += sum(a != b for a, b in zip(entries, kept, strict=True))
            path.write_text("".join(kept), "utf-8")
        return changed

    def restore(self) -> None:
        """Change the words back."""
        for path, text in self.words.items():
            path.write_text(text, "utf-8")


def test_words_changed_and_changed_back_give_what_executing_gives(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    fresh = checkout.report("site")
    assert checkout.reword() > 300
    changed = checkout.report("site")
    assert changed["report.html"] != fresh["report.html"]
    assert changed["notebooks/01_flows.ipynb"] != fresh["notebooks/01_flows.ipynb"]
    assert checkout.report("executed", "--force") == changed
    checkout.restore()
    assert checkout.report("site") == fresh
    assert checkout.report("executed") == fresh
