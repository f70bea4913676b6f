"""The page that shows why a chapter stopped."""

from __future__ import annotations

from html import escape

from korus_research.run.execution import CellFailure

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name} failed</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
pre {{ overflow-x: auto; padding: 1rem; border: 1px solid; border-radius: .3rem; font-size: .85rem; }}
</style>
</head>
<body>
<main>
<h1>{name} failed in {where}</h1>
<p><strong>{error}</strong></p>
<p>The published edition has not been touched. The notebook as far as it ran is beside this page.</p>
<h2>Source of the cell</h2>
<pre tabindex="0"><code>{source}</code></pre>
<h2>Traceback</h2>
<pre tabindex="0"><code>{traceback}</code></pre>
</main>
</body>
</html>
"""


def error_page(failure: CellFailure) -> str:
    """Return a self-contained HTML page with the failing cell, its source and the traceback."""
    return _PAGE.format(
        name=escape(failure.name),
        where=f"cell {failure.cell}" if failure.cell else "its start",
        error=escape(failure.error),
        source=escape(failure.source or "(no cell was running)"),
        traceback=escape(failure.traceback or "(none)"),
    )
