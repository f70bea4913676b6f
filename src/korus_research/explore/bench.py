"""The bench: a study's estimate with its choices as interactive controls; a static picture where it is published."""

from __future__ import annotations

import importlib.util
from contextlib import suppress
from inspect import signature
from typing import Any

from korus_research.data.study import Study
from korus_research.errors import InvalidParameter, KorusError, unknown
from korus_research.explore.controls import Controls, line
from korus_research.explore.estimate import Estimate, estimate, ground_of
from korus_research.explore.figures import summary
from korus_research.explore.partners import agreement_of, partner_code
from korus_research.explore.tables import balance, donors, effect
from korus_research.show.words.prose import bundle

CHOICES = {"as_of", *signature(estimate).parameters} - {"study"}
USUAL = {"before": None, "after": None}
FIRST = 2013  # the first year whose December the control offers as the end of the data


class Bench:
    """One estimate whose choices can be changed, by controls in JupyterLab or by `choose`.

    Attributes
    ----------
    study : Study
        The study, with data up to its last month.
    kept : list of Estimate
        Estimates kept with "keep this": `kr.explore.together(*bench.kept)` draws them on one chart.
    problem : str
        Why the present choices can't be estimated, in one line; "" if they can.
    """

    def __init__(self, study: Study, flow: str = "exports", **choices: Any) -> None:
        if not isinstance(study, Study):
            found = f"{type(study).__name__} in place of a study"
            raise InvalidParameter(found, expected="a study", do="Open one with kr.open_study()")
        self.study = study
        self.kept: list[Estimate] = []
        self.problem = ""
        self._asked: dict[str, Any] = {"flow": flow, "as_of": study.parameters.as_of}
        self._found: Estimate | None = None
        self._drawn: dict[tuple[Any, str], str] = {}
        self._controls: Controls | None = None
        self.choose(**choices)

    @property
    def estimate(self) -> Estimate:
        """The estimate for the present choices; raises the error if they can't be estimated."""
        return self._estimated() if self._found is None or self.problem else self._found

    @property
    def code(self) -> str:
        """A cell that reproduces the estimate."""
        return self.estimate.code

    def choose(self, **changes: Any) -> None:
        """Change choices: `as_of`, and those of `kr.estimate`; if they can't be estimated, `problem` says why.

        Another partner, start or month resets the windows to the declared ones, unless they are given too.
        """
        if wrong := changes.keys() - CHOICES:
            raise unknown(InvalidParameter, min(wrong), "a choice", sorted(CHOICES))
        if {"partner", "starting", "as_of"} & changes.keys():
            self._asked |= USUAL
        if "partner" in changes:
            self._asked["starting"] = self._start_kept(changes["partner"])
        self._asked |= changes
        try:
            self._found, self.problem = self._estimated(), ""
        except KorusError as error:
            self.problem = str(error)
        if self._controls is not None:
            self._redraw(self._controls)

    def keep(self) -> Estimate:
        """Keep the present estimate, show the cell that reproduces it, and return it."""
        found = self.estimate
        self.kept.append(found)
        if self._controls is not None:
            self._controls.kept(found.code)
        return found

    @property
    def controls(self) -> Controls:
        """The controls, created on first use."""
        if self._controls is None:
            years = range(FIRST, int(self.study.parameters.as_of[:4]))
            months = [*(f"{year}-12" for year in years), self.study.parameters.as_of]
            self._controls = Controls(
                ground_of(self.study),
                list(dict.fromkeys(months)),
                changed=lambda name, value: self.choose(**{name: value}),
                keep=self._keep_said,
            )
            self._redraw(self._controls)
        return self._controls

    def _start_kept(self, partner: str | int) -> int | None:
        """Return the present first year for a partner without an agreement; None: use that of the agreement."""
        with suppress(KorusError):
            if self._found is not None and agreement_of(self.study, partner_code(self.study, partner)) is None:
                return self._found.choices.starting
        return None

    def _keep_said(self) -> None:
        if not self.problem:
            self.keep()

    def _estimated(self) -> Estimate:
        given = {name: value for name, value in self._asked.items() if value not in (None, (), [])}
        as_of, flow = given.pop("as_of"), given.pop("flow")
        study = self.study if as_of == self.study.parameters.as_of else self.study.as_known(as_of)
        return estimate(study, flow, **given)

    def _redraw(self, controls: Controls) -> None:
        if self.problem or self._found is None:
            controls.say(self.problem)
            return
        found = self._found
        named = {
            "partner": found.partner,
            "donors": [found.panel.name(code) for code in found.choices.donors],
            "as_of": found.study.parameters.as_of,
        }
        controls.set({name: named.get(name, getattr(found.choices, name, None)) for name in controls.controls})
        controls.show(self._picture(found))

    def _picture(self, found: Estimate) -> str:
        """Return figure and tables as HTML, cached by choices."""
        key = (found.choices, found.study.parameters.as_of)
        if key not in self._drawn:
            tables = "".join(f"<div>{made.html}</div>" for made in (effect(found), balance(found), donors(found)))
            beside = f'<div style="display:flex;flex-wrap:wrap;gap:2em;align-items:flex-start">{tables}</div>'
            self._drawn[key] = (
                f'<div class="mathjax_ignore" style="line-height:1.35">{summary(found).html}{beside}</div>'
            )
        return self._drawn[key]

    def __repr__(self) -> str:
        return f"Bench({self.problem or self.estimate!r})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the controls, and for viewers without widgets the picture that is published."""
        if self.problem:
            shown = {"text/html": line(self.problem), "text/plain": self.problem}
        else:
            figure = summary(self.estimate)
            shown = {**figure._repr_mimebundle_(), **bundle(figure.to_json(), self._picture(self.estimate), repr(self))}
        if importlib.util.find_spec("ipywidgets") is None:
            return shown
        view: dict[str, Any] = self.controls.box._repr_mimebundle_()
        return {**view, **shown}


def bench(study: Study, flow: str = "exports", **choices: Any) -> Bench:
    """Return a bench, to see the study's main estimate with other choices.

    Parameters
    ----------
    study : Study
        The study whose estimate the bench starts with.
    flow : str
        "exports" or "imports" of the United States.
    choices
        Arguments of `kr.estimate` to start with, in place of the declared ones: `partner="Vietnam", starting=2015`.

    Returns
    -------
    Bench
        Controls in JupyterLab, a picture elsewhere. `bench.estimate` is the estimate shown, `bench.code` a cell that
        reproduces it.
    """
    return Bench(study, flow, **choices)
