"""Synthetic control and its relatives, with placebo inference, pooling and a specification curve."""
