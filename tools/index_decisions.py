"""Write docs/decisions/README.md from the decisions, by the folder they are about.

python tools/index_decisions.py            write it
python tools/index_decisions.py --check    fail where it is not what it would write
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "decisions"
FOLDERS = ("methods", "data", "show", "chapters", "run", "publish", "editions", "tests", "tools")
HEAD = """# Decisions by folder

One file per decision: what was chosen, why, and what follows. Comments in the code name the decision they rest on
("decision 38"). A decision that was replaced says by which, and is listed last in its folder. Written by
`tools/index_decisions.py`.
"""
_TITLE = re.compile(r"# (\d+)\. .+")
_WHAT = re.compile(r"\*\*What:\*\* (.+)\.")
_WHERE = re.compile(r"\*\*Where:\*\* (.+)\. \*\*Status:\*\* (.+)\.")


class Decision(NamedTuple):
    """One decision, as its first lines say it."""

    number: int
    what: str
    where: tuple[str, ...]
    status: str
    file: str

    @property
    def taken_back(self) -> bool:
        """Whether it holds no more, or in parts only."""
        return not self.status.startswith("in force")


def decisions(folder: Path = FOLDER) -> list[Decision]:
    """Return the decisions by number.

    Raises
    ------
    SystemExit
        A file does not begin as they all do.
    """
    found = []
    for path in sorted(folder.glob("[0-9]*.md")):
        lines = path.read_text("utf-8").splitlines()
        title, what, where = _TITLE.match(lines[0]), _WHAT.match(lines[2]), _WHERE.match(lines[3])
        if not (title and what and where):
            raise SystemExit(f"{path.name}: expected `# N. Title`, `**What:** ...`, `**Where:** ... **Status:** ...`")
        folders = tuple(re.findall(r"`([\w/.]+)`", where[1]))
        found.append(Decision(int(title[1]), what[1], folders, where[2], path.name))
    return found


def index(found: list[Decision]) -> str:
    """Return the index as Markdown: a table a folder, what was taken back last."""
    text = [HEAD]
    for folder in FOLDERS:
        own = [d for d in found if any(w.split("/")[0] == folder for w in d.where)]
        if not own:
            continue
        text.append(f"\n## {folder}\n\n| | what | where | status |\n|---|---|---|---|")
        for d in sorted(own, key=lambda d: (d.taken_back, d.number)):
            where = ", ".join(f"`{w}`" for w in d.where if w.split("/")[0] == folder)
            text.append(f"| [{d.number}]({d.file}) | {d.what} | {where} | {d.status} |")
    return "\n".join(text) + "\n"


def main() -> int:
    """Write the index, or say whether it is current."""
    text, place = index(decisions()), FOLDER / "README.md"
    if "--check" in sys.argv[1:]:
        current = place.is_file() and place.read_text("utf-8") == text
        if not current:
            print("docs/decisions/README.md is not current: run python tools/index_decisions.py")
        return int(not current)
    place.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
