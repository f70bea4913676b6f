"""Additions to Typst's PDF: row headers in the structure tree, and named destinations other than headings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any, NamedTuple

ROW_MARK = "/Strong"  # exhibits.typ sets the cell that heads a row in `strong`, and no other


class Place(NamedTuple):
    """The place of a named thing: page from 1, points from its left and top edges."""

    name: str
    page: int
    x: float
    y: float


def finished(pdf: bytes, places: Sequence[Place]) -> bytes:
    """Return the PDF with tagged row headers and a named destination for each place, reproducibly."""
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as document:
        _head_rows(document)
        _name_places(document, places)
        document.save(
            out := BytesIO(),
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            fix_metadata_version=False,  # Typst's metadata declare both standards
        )
    return out.getvalue()


def elements(node: Any, kind: str) -> Iterator[Any]:
    """Iterate over the elements of the structure tree of one kind ("/Table") at or below `node`, in reading order."""
    import pikepdf

    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from elements(kid, kind)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        if str(node.S) == kind:
            yield node
        yield from elements(node.get("/K"), kind)


def _head_rows(document: Any) -> None:
    """Tag row headers with the scope "Row", and refer to them in the other cells of the row."""
    import pikepdf

    tree = document.Root.get("/StructTreeRoot")
    if tree is None:
        return
    named: list[tuple[str, Any]] = []
    for number, row in enumerate(elements(tree.get("/K"), "/TR")):
        cells = [cell for cell in row.K if isinstance(cell, pikepdf.Dictionary) and cell.get("/S") == "/TD"]
        heads = [cell for cell in cells if next(elements(cell.get("/K"), ROW_MARK), None) is not None]
        for place, head in enumerate(heads):
            name = f"row-{number}-{place}"
            named.append((name, head))
            head.S = pikepdf.Name.TH
            head.ID = pikepdf.String(name)
            _attributes(head)["/Scope"] = pikepdf.Name.Row
            for cell in cells:
                if cell.objgen != head.objgen:
                    about = _attributes(cell)
                    about["/Headers"] = pikepdf.Array([*about.get("/Headers", ()), pikepdf.String(name)])
    _index(document, tree, named)


def _attributes(cell: Any) -> Any:
    """Return the table attributes of a cell, created if there are none."""
    import pikepdf

    found = cell.get("/A", pikepdf.Array())
    several = found if isinstance(found, pikepdf.Array) else pikepdf.Array([found])
    for one in several:
        if one.get("/O") == "/Table":
            return one
    several.append(pikepdf.Dictionary(O=pikepdf.Name.Table))
    cell.A = several
    return cell.A[-1]


def _index(document: Any, tree: Any, named: Iterable[tuple[str, Any]]) -> None:
    """Add the ids of the row headers to the index of ids."""
    import pikepdf

    ids = pikepdf.NameTree(tree.IDTree) if "/IDTree" in tree else pikepdf.NameTree.new(document)
    for name, element in named:
        ids[name] = element
    tree.IDTree = ids.obj


def _name_places(document: Any, places: Iterable[Place]) -> None:
    """Add a destination for each place; those of headings, which Typst names, stay."""
    import pikepdf

    names = document.Root.get("/Names", pikepdf.Dictionary())
    known = pikepdf.NameTree(names.Dests) if "/Dests" in names else pikepdf.NameTree.new(document)
    for place in places:
        if place.name not in known:
            page = document.pages[place.page - 1]
            top = round(float(page.mediabox[3]) - place.y + 6, 2)  # a little above it
            known[place.name] = pikepdf.Array([page.obj, pikepdf.Name.XYZ, round(place.x, 2), top, 0])
    names.Dests = known.obj
    document.Root.Names = names
