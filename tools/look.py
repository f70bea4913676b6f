#!/usr/bin/env python3
"""Draw the figures of a chapter, wide and narrow, on a light and on a dark page, to look at them.

    tools/look.py CHAPTER FOLDER [--as-of 2017-11] [--agreement colombia] [--only levels]

Executes the chapter's notebook in this process and writes one PNG a figure, as it is printed and as a phone shows it.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import typst

from korus_research.publish.blocks.svg import printed
from korus_research.publish.converters.fonts import print_fonts
from korus_research.show.figure import Figure
from korus_research.show.theme import TONES

ROOT = Path(__file__).resolve().parents[1]
PAGE = """#set page(width: auto, height: auto, margin: 4mm, fill: rgb("{fill}"))
#set text(size: 8pt, fill: rgb("{ink}"))
{title}
#grid(columns: 2, column-gutter: 6mm, image("wide.svg", width: 156mm), image("narrow.svg", width: 84.7mm))
"""


def figures(chapter: str, given: dict[str, str | None]) -> Iterator[Figure]:
    """Yield the figures that the chapter's notebook shows, in its order."""
    (path,) = (ROOT / "notebooks").glob(f"*_{chapter}.ipynb")
    names: dict[str, object] = {}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body[-1] if tree.body else None
        tree.body = tree.body[:-1] if isinstance(last, ast.Expr) else tree.body
        exec(compile(tree, str(path), "exec"), names)
        if "parameters" in cell["metadata"].get("tags", []):
            names.update({key: value for key, value in given.items() if value})
        try:
            shown = (
                eval(compile(ast.Expression(last.value), str(path), "eval"), names)
                if isinstance(last, ast.Expr)
                else None
            )
        except Exception as error:  # words in the making are no reason not to look at the pictures
            print(f"{cell['id']}: {str(error)[:120]}")
            continue
        if isinstance(shown, Figure):
            yield shown


def dark(svg: str) -> str:
    """Return a picture in the tones of a dark page."""
    tones = {light.lower(): tone for light, tone in TONES.values()}
    return re.sub(r"#[0-9a-f]{6}", lambda found: tones.get(found[0], found[0]), svg)


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chapter")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--as-of")
    parser.add_argument("--agreement")
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    fonts = asked.folder / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    for font in print_fonts():
        (fonts / font.name).unlink(missing_ok=True)
        (fonts / font.name).symlink_to(font)
    for figure in figures(asked.chapter, {"as_of": asked.as_of, "agreement": asked.agreement}):
        if asked.only not in figure.id:
            continue
        start = time.process_time()
        drawn = {"wide": figure.svg, "narrow": figure.svg_narrow}
        took = time.process_time() - start
        for tone, change in (("light", str), ("dark", dark)):
            for name, svg in drawn.items():
                (asked.folder / f"{name}.svg").write_text(printed(change(svg)))
            fill, ink = (TONES[role][tone == "dark"] for role in ("paper", "ink"))
            page = PAGE.format(fill=fill, ink=ink, title=f"#text({json.dumps(str(figure.title), ensure_ascii=False)})")
            (asked.folder / "page.typ").write_text(page)
            picture = typst.compile(
                str(asked.folder / "page.typ"), font_paths=[str(fonts)], ignore_system_fonts=True, format="png", ppi=96
            )
            (asked.folder / f"{figure.id}-{tone}.png").write_bytes(picture)
        print(f"{figure.id}: {len(figure.svg):,} + {len(figure.svg_narrow):,} bytes, {took:.2f} s")


if __name__ == "__main__":
    main()
