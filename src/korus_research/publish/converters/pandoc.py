"""Conversion of Markdown to a fragment of the target by pandoc."""

from __future__ import annotations

import html
import importlib.util
import re
import subprocess
from functools import cache
from pathlib import Path

from korus_research.errors import PublishFailed
from korus_research.publish.converters.fonts import HANGUL
from korus_research.publish.markup import Target
from korus_research.publish.templates import FOLDER

READER = "markdown-auto_identifiers-raw_html-raw_tex-native_divs-native_spans-yaml_metadata_block-pandoc_title_block"
FILTERS = FOLDER / "pandoc"
STYLE = FILTERS / "references.csl"
EXPECTED = (
    "text, formulas, links to places of the report or to pages, headings below the chapter's title without a level "
    "skipped; pictures as kr.Figure"
)
# To get the 64 MB that pandoc begins with takes the system as long as most pieces take pandoc.
MEMORY = ("+RTS", "-H1m", "-A16m", "-RTS")
_GUARDED = re.compile(r"korus: (.*?»)")
WRITER: dict[Target, str] = {"html": "html5", "typst": "typst-citations-smart"}
# Hyphens that Typst would convert: "-?" is a soft hyphen, "-5" a minus sign, "--" a dash.
_SHORTHAND = re.compile(r"(?<!\w)-\\?\d|-\\?[-?]")


def pandoc(
    words: str,
    target: Target,
    *,
    cited: Path | None = None,
    style: Path = STYLE,
    lists: bool = False,
    alike: bool = False,
) -> str:
    """Convert Markdown to a fragment of the target: citations resolved, formulas with alt text, Korean words marked.

    `cited` is CSL JSON with the cited references; without it citations stay as they are. `style` is the citation style.
    `lists` says that the text has the place for the list of references ("refs"); `alike` that two works have the same
    author and year, so that citations depend on all references.

    Raises
    ------
    PublishFailed
        pandoc fails or warns (a citation that is not in the bibliography, an id used twice), or is missing.
    """
    command = [
        str(_bundled()),
        f"--data-dir={FILTERS}",  # not the user's, where abbreviations of their own may be
        "--sandbox",
        "--fail-if-warnings",
        f"--from={READER}",
        f"--to={WRITER[target]}",
        *("--wrap=none", *MEMORY),
        f"--lua-filter={FILTERS / 'guard.lua'}",
        f"--lua-filter={FILTERS / 'formulas.lua'}",
    ]
    if target == "typst" and _SHORTHAND.search(words):
        command += [f"--lua-filter={FILTERS / 'hyphens.lua'}"]
    if "\\begin{" in words:
        command += [f"--lua-filter={FILTERS / 'environments.lua'}"]
    if HANGUL.search(html.unescape(words)):
        command += [f"--lua-filter={FILTERS / 'korean.lua'}"]
    if target == "html":
        command += ["--mathml", "--shift-heading-level-by=1"]
    if cited is not None:
        # pandoc takes these paths for addresses, in which %20 is a space.
        bibliography, csl = (str(path).replace("%", "%25") for path in (cited, style))
        command += ["--citeproc", f"--bibliography={bibliography}", f"--csl={csl}"]
        command += ["--metadata=link-citations:true"]
        # nocite includes all references, to list them and to tell citations apart; it is most of the cost.
        command += [f"--metadata-file={FILTERS / 'citations.json'}"] if lists or alike else []
        command += [] if lists else [f"--lua-filter={FILTERS / 'no_references.lua'}"]
    done = subprocess.run(command, input=words.encode(), capture_output=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())
        if guarded := _GUARDED.search(said):
            raise PublishFailed(guarded[1], expected=EXPECTED, do="Correct the chapter that holds it")
        raise PublishFailed(
            f"pandoc refused the text for {target}: {said or f'exit code {done.returncode}'}",
            expected="Markdown without warnings, every citation in data/tables/references.json",
            do="Correct the chapter that holds it",
        )
    return done.stdout.decode()


@cache
def _bundled() -> Path:
    """Return the pandoc of the locked environment, never the system's, whose output may differ."""
    spec = importlib.util.find_spec("pypandoc")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for name in ("pandoc", "pandoc.exe"):
            if (path := Path(place) / "files" / name).is_file():
                return path
    raise PublishFailed(
        "pandoc is missing",
        expected="the program in the package pypandoc_binary",
        do="Install the locked environment again (remove .venv, then `make report`)",
    )
