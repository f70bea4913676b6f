"""The field's estimator: pyfixest, with the options under which it equals Stata's ppmlhdfe."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from unittest.mock import patch

import numpy as np
import pandas as pd

from korus_research.errors import NotConverged


@dataclass(frozen=True)
class PyfixestFit:
    """Coefficients and their covariance (both by regressor name), the observations used, and the iterations' end."""

    coefficients: pd.Series
    covariance: pd.DataFrame
    observations: int

    def error(self, name: str) -> float:
        """Return the clustered standard error of one coefficient."""
        at = list(self.covariance.columns).index(name)
        return float(np.sqrt(self.covariance.to_numpy()[at, at]))


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

    Parameters
    ----------
    data : DataFrame
        One row an observation.
    outcome, regressors : str, sequence of str
        Columns of numbers; for PPML the outcome is in levels.
    effects, cluster : sequence of str, str
        Columns of labels; each column of `effects` is a set of fixed effects.

    Returns
    -------
    PyfixestFit. Small-sample correction G/(G-1) and none for parameters (`ssc(k_adj=False, G_adj=True)`).

    Raises
    ------
    NotConverged
        The iterations of pyfixest ended early.
    """
    columns = list(dict.fromkeys((outcome, *regressors, *effects, cluster)))
    table = data[columns].copy()
    for name in {*effects, cluster}:
        table[name] = pd.factorize(table[name])[0]
    formula = f"{outcome} ~ {' + '.join(regressors)} | {' + '.join(effects)}"
    with _same_each_time(), warnings.catch_warnings():
        import pyfixest as pf

        options = {"vcov": {"CRV1": cluster}, "ssc": pf.ssc(k_adj=False, G_adj=True)}
        warnings.simplefilter("ignore")  # it counts singletons and separated rows, which are expected
        if method == "ppml":
            fit = pf.fepois(formula, data=table, iwls_maxiter=100, **options)
        else:
            fit = pf.feols(formula, data=table, **options)
    if method == "ppml" and not fit.convergence:
        raise NotConverged(
            f"pyfixest did not converge on '{formula}'",
            expected="a relative change of the deviance below 1e-8 within 100 rounds",
            do="Look for regressors that are constant beside the fixed effects",
        )
    names = list(fit.coef().index)
    covariance = pd.DataFrame(np.asarray(fit._vcov), index=names, columns=names)
    return PyfixestFit(fit.coef(), covariance, int(fit._N))


@contextmanager
def _same_each_time() -> Iterator[None]:
    """Let pyfixest fit with one thread and take the sets of effects in the order given; then all is as it was.

    In parallel its sums come in another order each time, and the published digits with them. The pool is made at the
    first fit and kept. It also puts the effects into a Python set, whose order differs from process to process: a
    result that a script left in the store would then not be that of a report, from the ninth digit on.
    """
    threads, before = "RAYON_NUM_THREADS", os.environ.get("RAYON_NUM_THREADS")
    os.environ.setdefault(threads, "1")
    try:
        from pyfixest.estimation.formula import utils

        with patch.object(utils, "set", dict.fromkeys, create=True):
            yield
    finally:
        if before is None:
            del os.environ[threads]
