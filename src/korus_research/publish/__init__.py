"""Executed chapters to one page and one PDF: `publish.typeset`.

report (what chapters show, checked and numbered) > manuscript (Markdown; `blocks/` makes what has no words there)
> converters (pandoc, piece by piece) > documents (the page, or Typst's PDF). `templates/` holds look and words.
"""
