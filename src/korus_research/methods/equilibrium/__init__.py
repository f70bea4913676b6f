"""Structural gravity in general equilibrium, in exact changes of costs and duties.

`baseline` holds flows and duties, `solve` finds the new equilibrium by `market`, `pair` asks it about two parties over
a range of elasticities, `effect` takes a partial effect out of their flows.
"""
