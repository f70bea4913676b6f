"""Markdown through pandoc and Typst, and what both need: fonts, references, pieces that earlier runs made."""
