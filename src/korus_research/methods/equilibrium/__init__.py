"""Structural gravity in general equilibrium, in exact changes of costs and duties.

`baseline` has flows and duties, `solve` finds the new equilibrium with `market`, `pair` solves scenarios about two
parties over a range of elasticities, `effect` removes a partial effect from their flows.
"""
