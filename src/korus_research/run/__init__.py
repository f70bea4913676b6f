"""From notebooks to executed chapters: which ones run, in which order, in which kernels, and what is reused."""
