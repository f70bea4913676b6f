"""What surrounds a run takes no part in it: the same small report in hostile surroundings, to the byte (decision 87)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from runnable import Notebooks

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked")]

SUPPORT = Path(__file__).parents[1] / "support"
RAISES = "raise RuntimeError('of the user')\n"
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"

# What settings of a user would change: numbers and times as text, a table of pandas, a picture, an order of a set.
STATE = """
import datetime, locale, os, time
import numpy as np
import pandas as pd
from IPython.display import display
series = pd.Series([1 / 3, 1234567.891], name="toy")
shown = [f"{1234567.5:n}", time.strftime("%A %H:%M %Z", time.localtime(0)), str(np.array([1 / 3])), list({"a", "b", "c"})]
text = " | ".join([*map(str, shown), " ".join(series.to_string().split()), str(datetime.datetime.fromtimestamp(0))])
content = {"kind": "prose", "role": "text", "markdown": text.replace("'", ""), "sentences": [], "findings": []}
display({"text/html": text, "application/vnd.korus.prose+json": content}, raw=True)
"""
PICTURE = """
import seaborn as sns
from korus_research.show.figure import Figure
from korus_research.show.theme import bare, panels

def draw():
    drawn, ax = panels(2.0)
    ax.plot([2010, 2011, 2012], [1.5, -2.5, 4.0], label="수출")
    ax.text(2011, 0, "한미 -5")
    bare(ax)
    return drawn

Figure(id="flows-toy", title="Exports rose", subtitle="Toys", alt="A line rises.", caption="Toys.", source="Toy bureau",
       datasets=("partners",), data=series.to_frame(), made_by="toy", last_period="2016-12", draw=draw)
"""
BUILD = """
import sys
sys.path.append(sys.argv[1])
from pathlib import Path
from korus_research.data.parameters import ReportParameters
from korus_research.editions.build import build_report
from korus_research.run.kernels import forked
from korus_research.run.kernels.kernel import ENVIRONMENT
if __name__ == "__main__":
    forked.PRELOAD = "light"
    ENVIRONMENT["PYTHONPATH"] += ":" + sys.argv[1]
    build_report(ReportParameters.parse({"as_of": "2016-12"}), out=Path(sys.argv[3]), notebooks=Path(sys.argv[2]))
"""


@dataclass
class Place:
    """Where a run takes place: its folder, its environment, its umask."""

    folder: Path
    environment: dict[str, str]
    umask: int = 0o022
    gone: list[str] = field(default_factory=list)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the user's and return its folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path.parent

    def say(self, **values: object) -> None:
        """Set variables."""
        self.environment |= {name: str(value) for name, value in values.items()}


def modules_beside(place: Place) -> None:
    for name in ("random", "seaborn", "matplotlib", "pandas", "korus_research", "light"):
        place.write(f"{name}.py", RAISES)


def modules_on_the_path(place: Place) -> None:
    for name in ("seaborn", "wave", "light", "ipykernel_launcher"):
        on_path = place.write(f"path/{name}.py", RAISES)
    place.say(PYTHONPATH=on_path)


def user_site(place: Place) -> None:
    for name in ("usercustomize", "sitecustomize", "seaborn"):
        place.write(f".local/lib/{PYTHON}/site-packages/{name}.py", RAISES)
    place.say(HOME=place.folder, PYTHONUSERBASE=place.folder / ".local")


def site_customized(place: Place) -> None:
    settings = "import builtins, random, sys\nbuiltins.str_ = str\nrandom.seed(1)\nsys.setrecursionlimit(500)\n"
    place.say(PYTHONPATH=place.write("path/sitecustomize.py", settings))


def settings_of_pandas_and_seaborn(place: Place) -> None:
    settings = (
        "import numpy, pandas, seaborn\nnumpy.set_printoptions(precision=1)\n"
        "pandas.set_option('display.precision', 1)\npandas.options.display.float_format = '{:.0f}'.format\n"
        "seaborn.set_theme(style='darkgrid', context='poster', font='monospace')\n"
    )
    place.say(PYTHONPATH=place.write("path/sitecustomize.py", settings))


def matplotlibrc(place: Place) -> None:
    text = "text.usetex: True\nsvg.fonttype: path\nfigure.dpi: 17\nlines.linewidth: 9\nbackend: svg\n"
    place.write("matplotlibrc", text)
    place.say(MPLCONFIGDIR=place.write("mpl/matplotlibrc", text), MATPLOTLIBRC=place.folder, MPLBACKEND="pdf")


def start_up_files(place: Place) -> None:
    place.write(".ipython/profile_default/startup/00.py", RAISES)
    place.write(".ipython/profile_default/ipython_config.py", "c.InteractiveShellApp.exec_lines = ['1/0']\n")
    place.write(".jupyter/jupyter_config.py", RAISES)
    started = place.write("start.py", RAISES) / "start.py"
    place.say(HOME=place.folder, IPYTHONDIR=place.folder / ".ipython", PYTHONSTARTUP=started)


def fonts(place: Place) -> None:
    place.write("fonts.conf", "<?xml version='1.0'?><fontconfig><dir>/nowhere</dir></fontconfig>")
    place.say(FONTCONFIG_FILE=place.folder / "fonts.conf", TYPST_FONT_PATHS=place.folder, FONTCONFIG_PATH="/nowhere")


def another_language(place: Place) -> None:
    place.say(LANG="tr_TR.UTF-8", LC_ALL="de_DE.ISO-8859-1", PYTHONIOENCODING="latin-1", PYTHONUTF8=0, LANGUAGE="de")


def another_time(place: Place) -> None:
    place.say(TZ="Pacific/Kiritimati", SOURCE_DATE_EPOCH=1)


def nobody_else_may_read(place: Place) -> None:
    place.umask = 0o077


def no_home(place: Place) -> None:
    place.gone = ["HOME", "USER", "LOGNAME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"]


def switches(place: Place) -> None:
    place.say(PYTHONHASHSEED=77, PYTHONOPTIMIZE=1, OMP_NUM_THREADS=3, COLUMNS=7, NO_COLOR=1, PYTHONDEVMODE=1)


def settings_of_pandoc(place: Place) -> None:
    for name in (".pandoc/abbreviations", ".local/share/pandoc/abbreviations"):
        place.write(name, "toys\n")
    place.say(HOME=place.folder, XDG_DATA_HOME=place.folder / ".local/share", PANDOC_DATA_DIR=place.folder / ".pandoc")


HOSTILE: tuple[Callable[[Place], None], ...] = (
    modules_beside, modules_on_the_path, user_site, site_customized, settings_of_pandas_and_seaborn, matplotlibrc,
    start_up_files, fonts, another_language, another_time, nobody_else_may_read, no_home, switches, settings_of_pandoc,
)  # fmt: skip


def plain(place: Place) -> None:
    """Leave all as it is."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str] | str]:
    """The files of the report by surroundings, as digests' text; what the run said where it failed."""
    whole = tmp_path_factory.mktemp("surroundings")
    notebooks = Notebooks(whole / "notebooks")
    notebooks.add("01_flows", STATE, PICTURE)
    (whole / "build.py").write_text(BUILD)

    def run(surround: Callable[[Place], None]) -> dict[str, str] | str:
        place = Place(whole / surround.__name__, {**os.environ, "KORUS_CACHE": os.devnull})
        place.folder.mkdir()
        surround(place)
        environment = {name: value for name, value in place.environment.items() if name not in place.gone}
        out = whole / f"out-{surround.__name__}"
        command = [sys.executable, str(whole / "build.py"), str(SUPPORT), str(notebooks.folder), str(out)]
        how = {"cwd": place.folder, "env": environment, "umask": place.umask}
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, **how)
        if done.returncode:
            return done.stderr[-1500:]
        return {p.relative_to(out).as_posix(): p.read_bytes().hex() for p in sorted(out.rglob("*")) if p.is_file()}

    with ThreadPoolExecutor(2) as pool:
        several = (plain, *HOSTILE)
        return {one.__name__: files for one, files in zip(several, pool.map(run, several), strict=True)}


@pytest.mark.parametrize("surround", HOSTILE, ids=lambda one: one.__name__)
def test_the_report_is_the_same_to_the_byte(
    surround: Callable[[Place], None], made: dict[str, dict[str, str] | str]
) -> None:
    usual, here = made["plain"], made[surround.__name__]
    assert isinstance(usual, dict), usual
    assert isinstance(here, dict), here
    assert [name for name in sorted({*usual, *here}) if usual.get(name) != here.get(name)] == []
    assert {"korus/2016-12/report.html", "korus/2016-12/report.pdf"} <= usual.keys()


def test_the_report_shows_what_settings_would_change(made: dict[str, dict[str, str] | str]) -> None:
    """So that the test above can fail: the usual forms stand in it."""
    usual = made["plain"]
    assert isinstance(usual, dict)
    notebook = json.loads(bytes.fromhex(usual["korus/2016-12/notebooks/01_flows.ipynb"]))
    shown = str([cell.get("outputs") for cell in notebook["cells"]])
    for form in ("1.23457e+06 |", "Thursday 00:00 UTC", "0.333333", "1970-01-01 00:00:00", "flows-toy"):
        assert form in shown, form
