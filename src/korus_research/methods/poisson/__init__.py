"""Poisson pseudo-maximum likelihood with three sets of effects, once (pyfixest) or hundreds of times (our own solver).

`cube` holds a panel, `ppml` and `hessian` solve, `placebo` does randomisation inference, `pyfixest` is the field's own.
"""
