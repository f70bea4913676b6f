"""poisson."""
