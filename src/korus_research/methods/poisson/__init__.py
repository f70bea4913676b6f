"""Poisson pseudo-maximum likelihood with three sets of effects, hundreds of times.

`cube` holds a panel, `ppml` and `hessian` solve, `placebo` does randomisation inference.
"""
