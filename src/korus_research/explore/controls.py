"""The controls of the bench: ipywidgets for the choices, and the display of the result."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from korus_research.chapters.counterfactual.estimates.declared import declared
from korus_research.explore.estimate import Ground
from korus_research.methods.series import FLOWS
from korus_research.methods.synthetic.estimators import ESTIMATORS
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    import ipywidgets

WORDS = Words("explore")
NARROW = {"width": "330px"}
LINES = 17  # of the cell that is kept


class Controls:
    """A control for each choice, the picture beside them, and a line for messages.

    `changed(name, value)` is called when a control changes, `keep()` when the button is pressed.
    """

    def __init__(
        self, ground: Ground, months: list[str], *, changed: Callable[[str, Any], None], keep: Callable[[], None]
    ) -> None:
        import ipywidgets as widgets

        self._quiet = False
        first, last = ground.panel.years
        names = sorted(ground.panel.name(str(code)) for code in ground.panel.flows["exports"].columns)
        rules = [(rule.label, name) for name, rule in declared().rules.items()]
        years: dict[str, Any] = {"min": first, "max": last, "continuous_update": False, "readout": True}
        window = {**years, "value": (first, last)}
        made: dict[str, tuple[type, dict[str, Any]]] = {
            "partner": (widgets.Combobox, {"options": names, "ensure_option": False, "continuous_update": False}),
            "flow": (widgets.Dropdown, {"options": [(WORDS.label(f"flows.{flow}"), flow) for flow in FLOWS]}),
            "starting": (widgets.IntSlider, {**years, "value": last}),
            "before": (widgets.IntRangeSlider, window),
            "after": (widgets.IntRangeSlider, window),
            "rule": (widgets.Dropdown, {"options": rules}),
            "donors": (widgets.TagsInput, {"allowed_tags": names, "allow_duplicates": False}),
            "estimator": (
                widgets.Dropdown,
                {"options": [(WORDS.label(f"estimators.{name}"), name) for name in ESTIMATORS]},
            ),
            "as_of": (widgets.Dropdown, {"options": months}),
        }
        style, layout = {"description_width": "82px"}, widgets.Layout(**NARROW)
        self.controls: dict[str, ipywidgets.Widget] = {}
        for name, (kind, options) in made.items():
            label = WORDS.label(f"controls.{name}")
            drawn = {} if name == "donors" else {"description": label, "style": style}  # that one draws no label
            control = kind(**options, **drawn, layout=layout, tooltip=label)
            if name == "donors":
                control.placeholder = WORDS.label("controls.name_a_donor")
            control.observe(self._observer(name, changed), "value")
            self.controls[name] = control
        button = widgets.Button(description=WORDS.label("controls.keep"), layout=layout)
        button.on_click(lambda _: keep())
        self.line = widgets.HTML()
        self.picture = widgets.HTML()
        self.cell = widgets.Textarea(rows=LINES, disabled=False, layout=widgets.Layout(**NARROW, display="none"))
        head = widgets.HTML(f"<small>{html.escape(WORDS.label('controls.donors'))}</small>")
        asked = [each for name, each in self.controls.items() if name != "donors"]
        place = list(self.controls).index("donors")
        left = widgets.VBox(
            [*asked[:place], head, self.controls["donors"], *asked[place:], button, self.cell],
            layout=widgets.Layout(flex="0 0 345px"),
        )
        right = widgets.VBox([self.line, self.picture], layout=widgets.Layout(flex="1 1 0", min_width="0"))
        self.box = widgets.HBox([left, right], layout=widgets.Layout(align_items="flex-start"))
        self.box.add_class("korus-bench")

    def _observer(self, name: str, changed: Callable[[str, Any], None]) -> Callable[[Mapping[str, Any]], None]:
        def moved(change: Mapping[str, Any]) -> None:
            if not self._quiet:
                changed(name, change["new"])

        return moved

    def set(self, values: Mapping[str, Any]) -> None:
        """Set the controls to `values` without calling `changed`."""
        self._quiet = True
        try:
            for name, value in values.items():
                if self.controls[name].value != value:
                    self.controls[name].value = value
        finally:
            self._quiet = False

    def show(self, picture: str) -> None:
        """Show a picture with its tables, and no message."""
        self.line.value, self.picture.value = "", picture

    def say(self, problem: str) -> None:
        """Show a message in place of the picture."""
        self.line.value, self.picture.value = line(problem), ""

    def kept(self, code: str) -> None:
        """Show the cell that reproduces an estimate."""
        self.cell.value = code
        self.cell.layout.display = "block"


def line(problem: str) -> str:
    """Return an error message as a line of HTML."""
    return f'<p role="alert" style="color:var(--jp-error-color1,#a5121f)"><strong>{html.escape(problem)}</strong></p>'
