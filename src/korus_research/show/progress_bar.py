"""A bar for work that takes long enough to wonder about: in JupyterLab and on a terminal.

A chapter of the report runs without it, since the publisher takes nothing but objects of ours for an output:
`study.specification_curve(progress=kr.progress_bar("Specifications"))` is for whoever sits in front of it.
"""

from __future__ import annotations

import html
import sys
import weakref
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress


class ProgressBar:
    """Call it with what is done and what there is to do in all; it draws itself where it was made."""

    def __init__(self, label: str, *, stream: TextIO | None = None) -> None:
        self.label = label
        self._stream = stream or sys.stderr
        self._handle: Any = None
        self._terminal: Progress | None = None
        self._task: Any = None

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        if _in_notebook():
            self._in_notebook(done, total)
        else:
            self._on_terminal(done, total)

    def _in_notebook(self, done: int, total: int) -> None:
        # rich needs ipywidgets to redraw itself in a notebook; a plain <progress> needs nothing.
        from IPython.display import HTML, display

        shown = HTML(drawn(self.label, done, total))  # type: ignore[no-untyped-call]
        if self._handle is None:
            self._handle = display(shown, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(shown)

    def _on_terminal(self, done: int, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        if self._terminal is None:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._terminal = Progress(*columns, console=Console(file=self._stream), auto_refresh=False)
            self._terminal.start()
            # A run that fails never says that it is done: the cursor must come back all the same.
            weakref.finalize(self, self._terminal.stop)
            self._task = self._terminal.add_task(self.label, total=total)
        self._terminal.update(self._task, completed=done, total=total, refresh=True)
        if done >= total:
            self._terminal.stop()


def progress_bar(label: str) -> ProgressBar:
    """Return a callable for `progress=`: called with (done, total), it draws a bar named `label`."""
    return ProgressBar(label)


def drawn(label: str, done: int, total: int) -> str:
    """Return the bar as HTML, with the numbers beside it."""
    name = html.escape(label, quote=True)
    return (
        f'<label>{name} <progress aria-label="{name}" value="{done}" max="{max(total, 1)}"></progress> '
        f"{done:,} of {total:,}</label>"
    )


def _in_notebook() -> bool:
    """Return whether a Jupyter kernel runs this: only there has a display a place that can be drawn again."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"
