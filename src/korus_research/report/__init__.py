"""From notebooks to one publication: run, gather, publish, edition, index."""
