"""How long the whole report takes, against the plain way: papermill, then `jupyter nbconvert --to html`, one by one.

    python benchmarks/report.py [--as-of 2016-12] [--skip-plain]

Both roads run the same notebooks with the same parameters in the same environment. Ours ends with one HTML file, one
PDF and all tables and figures; the plain one with a separate HTML file for each notebook.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from korus_research.report.chapters import notebooks_folder

RUNS = 5


def seconds(*command: str) -> float:
    """Run a command to its end and return how long it took; its output is shown only if it fails."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - start


def best(*command: str) -> float:
    """Return the least of a few runs: what the command needs when nothing else disturbs it."""
    return min(seconds(*command) for _ in range(RUNS))


def ours(folder: Path, as_of: str | None) -> float:
    """Return the seconds of `korus report`, HTML and PDF."""
    chosen = ["--as-of", as_of] if as_of else []
    return seconds(sys.executable, "-m", "korus_research", "report", "--out", str(folder / "reports"), *chosen)


def plain(folder: Path, as_of: str | None) -> float:
    """Return the seconds of the plain loop over the same notebooks."""
    chosen = ["-p", "as_of", as_of] if as_of else []
    total = 0.0
    for notebook in sorted(notebooks_folder().glob("*.ipynb")):
        executed = str(folder / notebook.name)
        total += seconds(sys.executable, "-m", "papermill", "--no-progress-bar", str(notebook), executed, *chosen)
        total += seconds(sys.executable, "-m", "nbconvert", "--to", "html", executed)
    return total


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--as-of")
    parser.add_argument("--skip-plain", action="store_true", help="only our own road and the start-up times")
    chosen = parser.parse_args()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    compiled = "not kept" if sys.dont_write_bytecode else "kept"
    print(f"Python {sys.version.split()[0]}, {cores} cores, compiled modules {compiled}")
    print(f"import korus_research    {best(sys.executable, '-c', 'import korus_research'):6.2f} s (best of {RUNS})")
    print(f"korus --help             {best(sys.executable, '-m', 'korus_research', '--help'):6.2f} s (best of {RUNS})")
    with tempfile.TemporaryDirectory(prefix="korus-benchmark-") as name:
        whole = ours(Path(name), chosen.as_of)
        print(f"korus report, HTML, PDF  {whole:6.1f} s")
        if not chosen.skip_plain:
            loop = plain(Path(name), chosen.as_of)
            print(f"papermill and nbconvert  {loop:6.1f} s (HTML only)")
            print(f"ratio                    {loop / whole:6.1f}")


if __name__ == "__main__":
    main()
