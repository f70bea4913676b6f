"""The papermill engine of chapters, for reports and for `papermill --engine korus chapter.ipynb out.ipynb`.

It differs from papermill's own only in the kernel: always this interpreter, in a fixed environment, over Unix sockets,
forked if there is a fork server.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import run_sync
from papermill.engines import NBClientEngine

from korus_research.errors import UnknownParameter, unknown
from korus_research.run.chapters import assigned
from korus_research.run.kernels.pool import sockets_folder
from korus_research.run.kernels.provisioner import chapter_manager

if TYPE_CHECKING:
    from korus_research.run.kernels.provisioner import ChapterKernelManager

ENGINE = "korus"  # its entry point in pyproject.toml


class KorusEngine(NBClientEngine):  # type: ignore[misc]
    """Executes a notebook in the kernel of a chapter."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        manager: ChapterKernelManager | None = None,
        folder: Path | None = None,
        **kwargs: Any,
    ) -> Any:
        """Execute the notebook of `nb_man` and end its kernel.

        Parameters
        ----------
        nb_man : NotebookExecutionManager
            papermill's, with the notebook.
        kernel_name : str
            Not used: a chapter always runs in this interpreter.
        manager : ChapterKernelManager, optional
            Default: a plain kernel with sockets in a temporary folder.
        folder : Path, optional
            The kernel's working directory; default: the current one.
        kwargs
            Other arguments of papermill engines.

        Raises
        ------
        UnknownParameter
            A chapter is given a parameter that is not in its parameters cell.
        """
        _check_names(nb_man.nb)
        own = sockets_folder() if manager is None else None
        manager = manager or chapter_manager(own or Path(), None)
        place = folder or Path.cwd()
        try:
            return super().execute_managed_notebook(
                nb_man, kernel_name, km=manager, resources={"metadata": {"path": str(place)}}, **kwargs
            )
        finally:
            _end(manager)
            if own is not None:
                shutil.rmtree(own, ignore_errors=True)


def _check_names(notebook: Any) -> None:
    """Check that a chapter reads the given parameters: papermill only warns about others, and uses the defaults."""
    given = notebook.metadata.get("papermill", {}).get("parameters", {})
    if "korus" not in notebook.metadata or not given:
        return
    cell = next((one for one in notebook.cells if "parameters" in one.metadata.get("tags", ())), None)
    known = assigned(cell.source) if cell is not None else frozenset[str]()
    for name in given:
        if name not in known:
            what, do = "a parameter of this chapter", "See its parameters cell"
            raise unknown(UnknownParameter, name, what, sorted(known), do=do)


def _end(manager: ChapterKernelManager) -> None:
    # Waited for here: jupyter_client polls a killed kernel only every 0.1 s.
    provisioner = manager.provisioner
    if isinstance(provisioner, LocalProvisioner) and provisioner.process is not None:
        run_sync(provisioner.kill)()
        provisioner.process.wait()
    run_sync(manager.shutdown_kernel)(now=True)
    manager.close()
