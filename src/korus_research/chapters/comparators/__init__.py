"""comparators."""
