"""Trade in general equilibrium, in exact changes of costs and duties: `solve` for whoever asks, `market` clears."""
