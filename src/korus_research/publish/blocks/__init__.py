"""What chapters show, as raw blocks of each target with Markdown between them."""
