"""Poisson pseudo-maximum likelihood with three-way fixed effects, fast enough for hundreds of fits.

`cube` has the panel, `ppml`, `hessian` and `iterative` solve, `placebo` and `standard` do randomization inference.
"""
