"""From executed chapters to HTML pages and PDFs: `publish.publish.typeset`.

report (the chapters' blocks, checked and numbered) > manuscript (Markdown, with raw blocks from `blocks/`) > converters
(pandoc, piece by piece) > documents (the HTML page, or Typst's PDF). `templates/` has the design and the words.
"""
