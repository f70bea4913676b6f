"""Editions: making one or many, listing all of them, and explaining and comparing changes."""
