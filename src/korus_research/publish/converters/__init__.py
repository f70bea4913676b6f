"""Conversion of Markdown by pandoc and Typst, with fonts, references and cached pieces."""
