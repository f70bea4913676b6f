#!/usr/bin/env bash
# typst 0.15.2 (its Python wheel; pikepdf 10.18.0), seen 2026-11-29.
# Guess: text of an SVG picture is set as a browser sets it: a letter that the font lacks comes from another font, alone.
# Behaviour: all of the text is set in another font that has every letter of it, and in no part of the text is the font that
# was asked for. A `tspan` with a font of its own changes nothing; a `text` of its own does. So a minus sign (U+2212) in "-20"
# turns the digits too, and widths that whoever drew the picture measured no longer fit.
# For whoever prints pictures of matplotlib, whose text is kept as text, with Typst.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check typst==0.15.2 pikepdf==10.18.0
cd "$room"
cat >look.py <<'PY'
import io
from pathlib import Path

import pikepdf
import typst

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60" viewBox="0 0 300 60">'
    '<g font-family="Libertinus Serif" font-size="40">{texts}</g></svg>'
)


def fonts(texts):
    Path("p.svg").write_text(SVG.format(texts=texts), encoding="utf-8")
    Path("main.typ").write_text('#image("p.svg", width: 8cm)')
    with pikepdf.open(io.BytesIO(typst.compile("main.typ", ignore_system_fonts=True))) as pdf:
        every = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary)]
        return sorted({str(each.FontName).split("+")[-1] for each in every if each.get("/Type") == "/FontDescriptor"})


asked, other = "LibertinusSerif-Regular", "DejaVuSansMono"
seen = [
    fonts('<text x="5" y="45">snow man</text>'),
    fonts('<text x="5" y="45">snow \N{SNOWMAN} man</text>'),
    fonts(f'<text x="5" y="45">snow <tspan font-family="DejaVu Sans Mono">\N{SNOWMAN}</tspan> man</text>'),
    fonts('<text x="5" y="45">snow</text><text x="150" y="45">\N{SNOWMAN}</text>'),
]
for what, used in zip(("whole", "one letter missing", "in a tspan", "in a text of its own"), seen):
    print(f"{what}: {', '.join(used)}")
raise SystemExit("the behaviour has changed" if seen != [[asked], [other], [other], [other, asked]] else 0)
PY
"$room/venv/bin/python" look.py
