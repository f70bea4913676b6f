"""The blocks of chapters as raw blocks of each target, with Markdown between them."""
