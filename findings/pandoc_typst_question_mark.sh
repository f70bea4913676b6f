#!/usr/bin/env bash
# pandoc 3.9 (pypandoc-binary 1.17) and typst 0.15.2 (its Python wheel), seen 2026-11-29.
# Guess: pandoc's Typst writer escapes whatever Typst would read as a sign of its own, as it does with "~", "#" and "--".
# Behaviour: "-?" within a word or after a figure is written as it is. Typst reads it as a soft hyphen: a year of which the
# end is open, "1990-?", is printed as "1990", and no warning is given. At the start of a paragraph it is escaped. A hyphen
# before a digit is not escaped either, and is printed as a minus sign (U+2212). HTML made from the same source is right.
# For whoever publishes one Markdown source as HTML and as PDF by Typst.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check pypandoc-binary==1.17 typst==0.15.2 pypdf==6.1.3
cd "$room"
cat >look.py <<'PY'
import html
import io
import re
from pathlib import Path

import pypandoc
import pypdf
import typst

SEEN = {
    "Members since 1990-? by treaty.": "Members since 1990 by treaty.",
    "-? is open.": "-? is open.",
    "Fell from 3 to -4 percent.": "Fell from 3 to \N{MINUS SIGN}4 percent.",
    "Rules 3--4 and 2012-2016.": "Rules 3--4 and 2012-2016.",
}


def printed(text):
    Path("main.typ").write_text(pypandoc.convert_text(text, "typst", format="commonmark"), encoding="utf-8")
    page = pypdf.PdfReader(io.BytesIO(typst.compile("main.typ"))).pages[0].extract_text()
    return " ".join(page.replace("\N{SOFT HYPHEN}", "").split())


changed = False
for text, expected in SEEN.items():
    on_page = printed(text)
    in_html = html.unescape(re.sub("<[^>]*>", "", pypandoc.convert_text(text, "html", format="commonmark"))).strip()
    print(f"source: {text!r}\n  HTML: {in_html!r}\n  PDF:  {ascii(on_page)}")
    changed |= in_html != text or on_page != expected
raise SystemExit("the behaviour has changed" if changed else 0)
PY
"$room/venv/bin/python" look.py
