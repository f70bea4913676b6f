"""Kernels of chapters: forked from a process that has imported everything, or started as usual."""
