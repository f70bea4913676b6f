"""What a tagged PDF says and where it is painted, read from its structure tree and content streams with pikepdf.

No layout program is asked: text is what the fonts' own maps make of the glyphs, in the order of the structure tree, which
is what assistive software reads.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf

BLOCKS = {"/P", "/H1", "/H2", "/H3", "/H4", "/LI", "/TD", "/TH", "/Caption", "/Div", "/Note", "/FENote", "/Figure"}
HEADINGS = ("/H1", "/H2", "/H3")
MM = 72 / 25.4
TOP, BOTTOM, APART = 25 * MM, (297 - 21) * MM, 12 * MM  # of the margins in report.typ
Matrix = tuple[float, float, float, float, float, float]


def _times(a: Matrix, b: Matrix) -> Matrix:
    return (
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    )


def _unicode(font: Any) -> dict[int, str]:
    """Return what each glyph of a font stands for."""
    found: dict[int, str] = {}
    text = font.ToUnicode.read_bytes().decode("latin-1")
    decoded = lambda digits: bytes.fromhex(digits).decode("utf-16-be")  # noqa: E731
    for part in re.findall(r"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        for code, digits in re.findall(r"<(\w+)>\s*<(\w+)>", part):
            found[int(code, 16)] = decoded(digits)
    for part in re.findall(r"beginbfrange(.*?)endbfrange", text, re.DOTALL):
        for first, last, digits in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", part):
            for place in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + place] = decoded(f"{int(digits, 16) + place:0{len(digits)}x}")
    return found


@dataclass
class Page:
    """What a page says by the number of its marked content, the heights (from, to) that are painted on it, and (language,
    text) of what is marked as of a language of its own.
    """

    said: dict[int, str] = field(default_factory=lambda: defaultdict(str))
    painted: list[tuple[float, float]] = field(default_factory=list)
    foreign: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class PdfText:
    """One PDF."""

    path: Path

    @cached_property
    def pdf(self) -> pikepdf.Pdf:
        return pikepdf.open(self.path)

    @cached_property
    def pages(self) -> list[Page]:
        fonts: dict[Any, dict[int, str]] = {}
        return [_read(page, fonts) for page in self.pdf.pages]

    @cached_property
    def _number(self) -> dict[Any, int]:
        return {page.obj.objgen: number for number, page in enumerate(self.pdf.pages)}

    def blocks(self) -> Iterator[tuple[str, str]]:
        """Iterate over (kind, text) of the lowest blocks in the structure tree, in reading order."""
        yield from self._blocks(self.pdf.Root.StructTreeRoot.K, "", None)

    def _blocks(self, node: Any, kind: str, page: Any) -> Iterator[tuple[str, str]]:
        texts: list[str] = []
        for piece in self._pieces(node, page):
            if isinstance(piece, str):
                texts.append(piece)
            else:
                if text := _line(texts):
                    yield kind, text
                texts = []
                yield from self._blocks(piece.K, str(piece.S), piece.get("/Pg", page))
        if text := _line(texts):
            yield kind, text

    def _pieces(self, node: Any, page: Any) -> Iterator[Any]:
        """Iterate over the texts in an element, and the blocks in it."""
        if isinstance(node, pikepdf.Array):
            for kid in node:
                yield from self._pieces(kid, page)
        elif isinstance(node, int):
            yield self.pages[self._number[page.objgen]].said.get(node, "")
        elif isinstance(node, pikepdf.Dictionary):
            page = node.get("/Pg", page)
            if node.get("/Type") == "/MCR":
                yield self.pages[self._number[page.objgen]].said.get(int(node.MCID), "")
            elif "/S" in node and str(node.S) in BLOCKS and "/K" in node:
                yield node
            elif "/K" in node and "/Alt" not in node and node.get("/S") != "/Lbl":
                yield from self._pieces(node.K, page)

    def stranded(self) -> list[str]:
        """Return the headings that are on another page than what begins after them."""
        top = self.pdf.Root.StructTreeRoot.K
        document = top[0] if isinstance(top, pikepdf.Array) else top
        places = [(one, self._page(one, None)) for one in document.K if isinstance(one, pikepdf.Dictionary)]
        apart = (
            one for (one, page), (_, following) in pairwise(places) if str(one.S) in HEADINGS and page != following
        )
        return [
            _line([piece for piece in self._pieces(one.K, one.get("/Pg")) if isinstance(piece, str)]) for one in apart
        ]

    def _page(self, node: Any, page: Any) -> int | None:
        """Return the page on which an element begins, None where it holds nothing."""
        if isinstance(node, pikepdf.Array):
            return next((found for kid in node if (found := self._page(kid, page)) is not None), None)
        if isinstance(node, int):
            return self._number[page.objgen]
        page = node.get("/Pg", page)
        if "/MCID" in node:
            return self._number[page.objgen]
        return self._page(node.K, page) if "/K" in node else None

    def blank(self) -> list[float]:
        """Return the share of each page's height between its margins where nothing is painted.

        What parts paragraphs, exhibits and sections (at most 12 mm) is not blank.
        """
        return [_blank(page.painted) for page in self.pages]


def _blank(painted: list[tuple[float, float]]) -> float:
    gaps, at = 0.0, TOP
    for low, high in [*sorted(painted), (BOTTOM, BOTTOM)]:
        gap = min(low, BOTTOM) - at
        gaps += gap if gap > APART else 0
        at = max(at, high)
    return gaps / (BOTTOM - TOP)


def _line(texts: list[str]) -> str:
    """Return the lines of a block as one: each keeps the space at its end, and a word that was divided is whole again."""
    return " ".join("".join(texts).replace("\u00ad", "").replace("\u200b", "").split())


def _read(page: Any, fonts: dict[Any, dict[int, str]]) -> Page:
    made = Page()
    height = float(page.mediabox[3])
    _paint(page, page.Resources, (1, 0, 0, 1, 0, 0), made, fonts, height)
    return made


def _paint(
    of: Any, resources: Any, matrix: Matrix, made: Page, fonts: dict[Any, dict[int, str]], height: float
) -> None:
    stack: list[Matrix] = []
    marked: list[tuple[str, int | None]] = []
    language: list[str] = []
    meant: list[str | None] = []  # what stands for the glyphs, until it is said
    known: dict[int, str] = {}
    size, text_matrix = 0.0, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    path: list[float] = []

    def at(x: float, y: float) -> float:
        return height - (matrix[1] * x + matrix[3] * y + matrix[5])

    for given in pikepdf.parse_content_stream(of):
        operands, name = list(given.operands), str(given.operator)
        if name == "q":
            stack.append(matrix)
        elif name == "Q":
            matrix = stack.pop()
        elif name == "cm":
            matrix = _times(tuple(map(float, operands)), matrix)  # type: ignore[arg-type]
        elif name in ("BDC", "BMC"):
            about = operands[1] if len(operands) > 1 else {}
            number = int(about["/MCID"]) if "/MCID" in about else None
            marked.append((str(operands[0]), number))
            language.append(str(about["/Lang"]) if "/Lang" in about else "")
            meant.append(str(about["/ActualText"]) if "/ActualText" in about else None)
        elif name == "EMC":
            marked.pop()
            meant.pop()
            language.pop()
        elif name == "Tf":
            font, size = resources.Font[str(operands[0])], float(operands[1])
            if font.objgen not in fonts:
                fonts[font.objgen] = _unicode(font)
            known = fonts[font.objgen]
        elif name == "Tm":
            text_matrix = tuple(map(float, operands))  # type: ignore[assignment]
        elif name in ("Tj", "TJ"):
            parts = operands[0] if name == "TJ" else [operands[0]]
            codes = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
            text = "".join(known.get(int.from_bytes(codes[i : i + 2]), "\ufffd") for i in range(0, len(codes), 2))
            for place in (place for place, one in enumerate(meant) if one is not None):
                text, meant[place] = str(meant[place]), ""
            inside = next((number for _, number in reversed(marked) if number is not None), None)
            artifact = any(kind == "/Artifact" for kind, _ in marked)
            if inside is not None and not artifact:
                made.said[inside] += text
            if language and language[-1]:
                made.foreign.append((language[-1], text))
            low = at(text_matrix[4], text_matrix[5])
            if text.strip():
                made.painted.append((low - size, low + 0.25 * size))
        elif name in ("m", "l"):
            path.append(at(float(operands[0]), float(operands[1])))
        elif name in ("c", "v", "y"):
            path += [at(float(operands[i]), float(operands[i + 1])) for i in range(0, len(operands), 2)]
        elif name == "re":
            x, y, _, tall = map(float, operands)
            path += [at(x, y), at(x, y + tall)]
        elif name in ("f", "F", "f*", "B", "B*", "b", "S", "s") and path:
            made.painted.append((min(path), max(path)))
            path = []
        elif name == "n":
            path = []
        elif name == "Do":
            form = resources.XObject[str(operands[0])]
            if form.get("/Subtype") == "/Form":
                own = tuple(map(float, form.get("/Matrix", (1, 0, 0, 1, 0, 0))))
                inner = Page(made.said, made.painted, made.foreign)
                _paint(form, form.get("/Resources", resources), _times(own, matrix), inner, fonts, height)  # type: ignore[arg-type]
            else:
                made.painted.append(tuple(sorted((at(0, 0), at(0, 1)))))  # type: ignore[arg-type]
