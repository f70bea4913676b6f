"""A Chromium without anybody's profile, an edition to look at, and a JupyterLab of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's Chromium. KORUS_REQUIRE_BROWSER=1, as in .ci/run, makes its absence a failure."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = f"no Chromium here: none of {', '.join(NAMES)} is on the PATH"
        if os.environ.get("KORUS_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def playwright() -> Iterator[Any]:
    """Playwright's driver, which comes with its wheel; its own browsers are not needed. Two at a time won't do."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver


@dataclass
class Visit:
    """A page as it was opened, and everything it asked for."""

    page: Any
    requests: list[str]


@pytest.fixture
def browse(chromium: str, playwright: Any, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    """Open an address in a browser with a new, empty profile: `browse(url, width=..., scheme=..., script=...)`."""
    with contextlib.ExitStack() as open_contexts:

        def visit(
            url: str, *, width: int = 1440, height: int = 900, scheme: str = "light", script: bool = True
        ) -> Visit:
            context = playwright.chromium.launch_persistent_context(
                str(tmp_path / f"profile-{len(list(tmp_path.glob('profile-*')))}"),
                executable_path=chromium,
                headless=True,
                args=FLAGS,
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                java_script_enabled=script,
            )
            open_contexts.callback(context.close)
            page = context.pages[0]
            requests: list[str] = []
            page.on("request", lambda request: requests.append(request.url))
            page.goto(url)
            return Visit(page, requests)

        yield visit


@pytest.fixture(scope="session")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of editions: the one named by KORUS_EDITIONS, else made now by `korus report`."""
    given = os.environ.get("KORUS_EDITIONS")
    if given:
        folder = Path(given).resolve()
        assert list(folder.glob("*/*/report.html")), f"KORUS_EDITIONS names {folder}, which holds no edition"
        return folder
    folder = tmp_path_factory.mktemp("reports")
    command = [sys.executable, "-m", "korus_research", "report", "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def newest(editions: Path) -> Path:
    """The newest edition in that folder."""
    return max(editions.glob("*/*/report.html"), key=lambda path: path.parent.name).parent


@pytest.fixture
def screenshot(tmp_path: Path) -> Callable[..., Path]:
    """Take a screenshot of what is in view and fail if it is blank: `screenshot(page, "name")`."""

    def take(page: Any, name: str) -> Path:
        path = tmp_path / f"{name}.png"
        page.screenshot(path=str(path), animations="disabled")
        with Image.open(path) as picture:
            grey = picture.convert("L")
            histogram = grey.histogram()
            shades = sum(1 for count in histogram if count)
            background = max(histogram) / (grey.width * grey.height)
        # Text alone brings dozens of shades by its smoothed edges; an empty page has one or two.
        assert shades > 30, f"{path} shows {shades} shades"
        assert background < 0.995, f"{background:.1%} of {path} is one shade"
        return path

    return take


@pytest.fixture(scope="module")
def lab_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the chapters for JupyterLab to serve."""
    folder = tmp_path_factory.mktemp("lab") / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    return folder


@pytest.fixture(scope="module")
def lab(lab_folder: Path) -> Iterator[str]:
    """The address of a JupyterLab on loopback that serves the copy, with nobody's settings."""
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", f"--ServerApp.root_dir={lab_folder}"]
    with serving(command, home=lab_folder.parent) as address:
        yield address


@pytest.fixture(scope="session")
def serve() -> Callable[..., contextlib.AbstractContextManager[str]]:
    """Start another JupyterLab than `lab`: see `serving`."""
    return serving


@contextlib.contextmanager
def serving(command: list[str], *, home: Path, **how: Any) -> Iterator[str]:
    """Start a command that ends in JupyterLab (`how`: as of Popen), and yield its address; it has nobody's settings."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {
        name: str(home / name.lower())
        for name in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTERLAB_WORKSPACES_DIR",
            "IPYTHONDIR",
        )
    }
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.open_browser": False,
        "ServerApp.password": "",
        "IdentityProvider.token": "",
        "LabApp.expose_app_in_browser": True,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    # A notice that asks whether to fetch news would cover the chapter.
    notices = Path(folders["JUPYTERLAB_SETTINGS_DIR"]) / "@jupyterlab" / "apputils-extension"
    notices.mkdir(parents=True)
    settings = json.dumps({"fetchNews": "false", "checkForUpdates": False})
    (notices / "notification.jupyterlab-settings").write_text(settings)
    log = home / "server.log"
    environment = {**os.environ, **how.pop("env", {}), **folders, "HOME": str(home)}
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, *(f"--{key}={value}" for key, value in options.items())],
            stdout=output,
            stderr=output,
            env=environment,
            **how,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{address}/api/status", timeout=5):
                    break
            except OSError:
                assert server.poll() is None, f"JupyterLab ended:\n{log.read_text()}"
                assert time.monotonic() < deadline, f"JupyterLab does not answer:\n{log.read_text()}"
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()  # the server ends its kernels first
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
