"""A second engine for models with fixed effects: pyfixest, with the options under which it equals Stata's ppmlhdfe."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class PyfixestFit:
    """Coefficients and their covariance, both by regressor name, and the observations used."""

    coefficients: pd.Series
    covariance: pd.DataFrame
    observations: int

    def error(self, name: str) -> float:
        """Return the clustered standard error of one coefficient."""
        return float(np.sqrt(np.diag(self.covariance)[list(self.covariance.columns).index(name)]))


def fit_pyfixest(
    data: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    effects: Sequence[str],
    cluster: str,
    method: Literal["ppml", "ols"] = "ppml",
) -> PyfixestFit:
    """Fit PPML or OLS with fixed effects, standard errors clustered by one column.

    `outcome` (for PPML in levels) and `regressors` name columns of numbers, `effects` and `cluster` columns of labels,
    each of `effects` a set of fixed effects. The correction is G/(G-1), none for parameters.
    """
    import pyfixest as pf

    table = data[list(dict.fromkeys((outcome, *regressors, *effects, cluster)))].copy()
    for name in {*effects, cluster}:
        table[name] = pd.factorize(table[name])[0]
    formula = f"{outcome} ~ {' + '.join(regressors)} | {' + '.join(effects)}"
    options = {"vcov": {"CRV1": cluster}, "ssc": pf.ssc(k_adj=False, G_adj=True)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it counts singletons and separated rows, which are expected
        if method == "ppml":
            fit = pf.fepois(formula, data=table, iwls_maxiter=100, **options)
            assert fit.convergence, formula
        else:
            fit = pf.feols(formula, data=table, **options)
    names = list(fit.coef().index)
    return PyfixestFit(fit.coef(), pd.DataFrame(np.asarray(fit._vcov), index=names, columns=names), int(fit._N))
