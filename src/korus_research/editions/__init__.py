"""Editions: one made and put in its place, many made at once, all of them listed, and why one would change."""
