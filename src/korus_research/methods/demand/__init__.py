"""Demand equations for trade flows: estimation, prediction, bounds test, backtest."""
