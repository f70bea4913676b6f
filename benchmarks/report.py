"""How long a report takes: made from nothing, made again, and many at once; everything side by side in one run.

    python benchmarks/report.py                    all of it (some 20 minutes)
    python benchmarks/report.py start cold again   parts: start, cold, again, alone, sweep
    python benchmarks/report.py --against SRC      beside the code in another folder, such as a worktree's src/: from
                                                   nothing, with a line and with a word changed, chapters alone

cold    Our road, against the plain one (papermill, then `jupyter nbconvert --to html`, one notebook after another, in
        the environment as it is), the whole and net of what the cells themselves compute on each; and running the
        chapters against the floor: the same cells in plain processes that have imported everything, one for each core,
        in the same order, one thread a library as in our kernels, no Jupyter. The least of three rounds, in turn.
again   The same report with nothing changed, with a word of prose changed, with another baseline year.
alone   Chapters opened by themselves after a report, to the first figure or table, in a kernel with all imported.
sweep   Synthetic copies of one agreement: what the first edition of three chapters takes in its worker, what one takes
        at 1, 4, 10 and 40 editions after that, and two workers against one on whole reports, from nothing. Package and
        notebooks are copied aside.

Nothing is taken from an earlier run: the cache lies in a temporary folder. Run it on a machine with nothing else to do.
"""

from __future__ import annotations

import ast
import compileall
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import connection
from pathlib import Path
from typing import Any, cast

import korus_research
from korus_research.chapters.notebooks import notebooks_folder
from korus_research.run.cores import default_jobs
from korus_research.run.kernels.kernel import ENVIRONMENT

RUNS = 5
ROUNDS = 3
CELLS = "--cells"
ALONE = ("12", "03", "05")
AGAINST = "--against"
PARTS = ("start", "cold", "again", "alone", "sweep")
COPIES_OF = "bahrain"  # has the chapters that most agreements have
LIGHT = ("01", "02", "13")  # for many editions, since what is looked for is what the sweep adds
SIZES = (1, 4, 10, 40)
PACKAGE = Path(korus_research.__file__).resolve().parent


def seconds(*command: str, **variables: str) -> float:
    """Run a command to its end and return how long it took; its output is shown only if it fails."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **variables})
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - start


def best(*command: str) -> float:
    """Return the least of a few runs: what the command needs when nothing else disturbs it."""
    return min(seconds(*command) for _ in range(RUNS))


def shown(label: str, value: float, unit: str = "s", note: str = "") -> None:
    """Print one line."""
    print(f"{label:58}{value:8.2f} {unit:4}{note}", flush=True)


@contextmanager
def own_cache(room: Path) -> Iterator[None]:
    """Have reports use an empty cache."""
    before = os.environ.get("KORUS_CACHE")
    os.environ["KORUS_CACHE"] = str(Path(tempfile.mkdtemp(dir=room)))
    try:
        yield
    finally:
        if before is None:
            del os.environ["KORUS_CACHE"]
        else:
            os.environ["KORUS_CACHE"] = before


def report(out: Path, *options: str) -> tuple[float, list[str]]:
    """Return the seconds of `korus report`, and what it said on its way, a line each."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "korus_research", "report", "--out", str(out), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return time.perf_counter() - start, done.stderr.splitlines()


def began_publishing(lines: Sequence[str]) -> float:
    """Return when the last chapter was done: the time of the line that says so."""
    (line,) = (line for line in lines if "publishing" in line)
    return float(line[1:].split(" s]")[0])


# -- from nothing


def plain(room: Path) -> float:
    """Return the seconds of the plain loop over the same notebooks."""
    total = 0.0
    for notebook in sorted(notebooks_folder().glob("[0-9]*.ipynb")):
        executed = str(room / notebook.name)
        total += seconds(sys.executable, "-m", "papermill", "--no-progress-bar", str(notebook), executed)
        total += seconds(sys.executable, "-m", "nbconvert", "--to", "html", executed)
    return total


def run_cells(notebook: str, findings: str, room: str, tell: Any) -> None:
    """Execute a chapter's code cells in this process, drawing what they show, and send how long it took."""
    os.chdir(room)
    sources = [
        "".join(cell["source"])
        for cell in json.loads(Path(notebook).read_text())["cells"]
        if cell["cell_type"] == "code"
    ]
    scope: dict[str, Any] = {}
    start = time.perf_counter()
    for number, source in enumerate(sources):
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, notebook, "exec"), scope)
        if number == 0 and "findings_file" in scope:
            scope["findings_file"] = findings
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), notebook, "eval"), scope)
            if value is not None:
                value._repr_mimebundle_()  # a kernel draws what a cell shows
    tell.send(time.perf_counter() - start)


def floor(findings: Path, room: Path, workers: int, **variables: str) -> tuple[float, float]:
    """Return the seconds of all cells in `workers` plain processes, and their sum; imports apart.

    In an interpreter of its own, since libraries read `variables` (how many threads) when they are loaded.
    """
    command = [sys.executable, __file__, CELLS, str(findings), str(room), str(workers)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **variables})
    if done.returncode:
        sys.exit(done.stderr)
    whole, each = done.stdout.split()
    return float(whole), float(each)


def cells(findings: str, room: str, workers: int) -> None:
    """Execute the cells of all chapters and print how long that took, and the sum over chapters."""
    import korus_research.run.preload  # noqa: F401 - what kernels have imported too

    listed = tomllib.loads((notebooks_folder() / "chapters.toml").read_text())["chapter"]
    longest_first = sorted(listed, key=lambda c: (c["wave"], -c.get("seconds", 1)))
    waiting = [str(notebooks_folder() / chapter["file"]) for chapter in longest_first]
    # Forked, as a kernel is.
    context, running, each = multiprocessing.get_context("fork"), dict[int, tuple[Any, Any]](), list[float]()
    start = time.perf_counter()
    while waiting or running:
        while waiting and len(running) < workers:
            reader, writer = context.Pipe(duplex=False)
            process = context.Process(target=run_cells, args=(waiting.pop(0), findings, room, writer))
            process.start()
            writer.close()
            running[process.sentinel] = (process, reader)
        for sentinel in connection.wait(list(running)):
            process, reader = running.pop(cast("int", sentinel))
            each.append(reader.recv())
            process.join()
    print(time.perf_counter() - start, sum(each))


def cold(room: Path) -> None:
    """Print our road against the plain one and against the floor."""
    ours, floors = [], []
    for number in range(ROUNDS):  # in turn: what the machine does beside comes and goes
        out = room / f"cold{number}"
        with own_cache(room):
            spent, lines = report(out)
        ours.append((spent, began_publishing(lines)))
        (findings,) = out.glob("korus/*/findings.json")
        floors.append(floor(findings, room, default_jobs(), **ENVIRONMENT)[0])
    whole, chapters = min(ours)
    least = min(floors)
    _, one_by_one = floor(findings, room, 1)
    loop = plain(room)
    shown("korus report from nothing, HTML and PDF", whole)
    shown("  its chapters, start and planning with them", chapters)
    shown("floor: the same cells in plain processes", least, note=f" {default_jobs()} processes")
    shown("  one after another, as a plain kernel has it", one_by_one)
    shown("plain loop: papermill and nbconvert, HTML only", loop)
    shown("ratio to the plain loop", whole / loop, "")
    net = (whole - least) / (loop - one_by_one)
    shown("  net of the cells' own time", net, "", f" ({whole:.1f} - {least:.1f}) / ({loop:.1f} - {one_by_one:.1f})")
    shown("chapters against the floor", chapters / least, "")


# -- again


def again(room: Path) -> None:
    """Print what a report costs when little or nothing has changed since the last."""
    notebooks = room / "checkout" / "notebooks"
    run = [sys.executable, "-m", "korus_research", "report", "--out", str(room / "again")]
    where = {"PYTHONPATH": str(copied(room, "checkout"))}
    seconds(*run, **where)
    shown("no change", min(seconds(*run, **where) for _ in range(RUNS)))
    words = []
    for number in range(RUNS):
        path = notebooks / "01_flows.ipynb"
        notebook = json.loads(path.read_text())
        last = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"][-1]
        last["source"] = f"Limits, in other words: {number}."
        path.write_text(json.dumps(notebook))
        words.append(seconds(*run, **where))
    shown("a word of prose", min(words))
    spent, lines = report_there(room, run, where, "--baseline", "2010")
    ran = sorted(line.split("] ")[1].split(":")[0] for line in lines if ": done in" in line)
    shown("another baseline year", spent, note=f" ran {', '.join(name[:2] for name in ran)}")


def report_there(room: Path, run: Sequence[str], where: dict[str, str], *options: str) -> tuple[float, list[str]]:
    """Return the seconds of a report of the copied checkout, and what it said."""
    start = time.perf_counter()
    done = subprocess.run([*run, *options], capture_output=True, text=True, check=True, env={**os.environ, **where})
    return time.perf_counter() - start, done.stderr.splitlines()


def copied(room: Path, name: str, copies: int = 0, chapters: Sequence[str] = ()) -> Path:
    """Return the `src` of a copy of the package and its notebooks, with `copies` synthetic agreements.

    Where `chapters` names any, by their numbers, the copy has those only.
    """
    src = room / name / "src"
    if not src.exists():
        shutil.copytree(PACKAGE, src / "korus_research", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(notebooks_folder(), room / name / "notebooks")
        listed = room / name / "notebooks" / "chapters.toml"
        lines = [
            line
            for line in listed.read_text().splitlines()
            if not chapters or "file" not in line or line.split('"')[1].startswith(tuple(chapters))
        ]
        listed.write_text("\n".join(lines))
        compileall.compile_dir(src, quiet=2)  # as after a first run, where Python may keep what it compiles
    agreements = src / "korus_research" / "data" / "agreements"
    text = (agreements / f"{COPIES_OF}.toml").read_text()
    for number in range(copies):
        # Of another name, or the sentences of one would be those of the other, and remembered.
        made = text.replace(f'id = "{COPIES_OF}"', f'id = "copy{number:02d}"')
        made = made.replace(f'name = "{COPIES_OF.title()}"', f'name = "{COPIES_OF.title()} {number:02d}"')
        if f'"copy{number:02d}"' not in made or f' {number:02d}"' not in made:
            sys.exit(f"{COPIES_OF}.toml does not name itself")
        (agreements / f"copy{number:02d}.toml").write_text(made)
    return src


# -- beside other code


@dataclass(frozen=True)
class Checkout:
    """A copy of some code and its notebooks, with a cache of its own."""

    name: str
    src: Path
    room: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this code is started with."""
        return {"PYTHONPATH": str(self.src), "KORUS_CACHE": str(self.room / f"{self.name}-cache")}

    def report(self) -> float:
        """Return the seconds of a report."""
        out = str(self.room / f"{self.name}-out")
        return seconds(sys.executable, "-m", "korus_research", "report", "--out", out, **self.environment)

    def from_nothing(self, _: int) -> float:
        """Return the seconds of a report when nothing is remembered and nothing was made."""
        for folder in ("cache", "out"):
            shutil.rmtree(self.room / f"{self.name}-{folder}", ignore_errors=True)
        return self.report()

    def line_changed(self, number: int) -> float:
        """Return the seconds of a report after a line was added to the code that measures cars."""
        places = ("chapters/cars/measures.py", "analysis/cars/result.py")
        (path,) = (path for place in places if (path := self.src / "korus_research" / place).exists())
        path.write_text(f"{path.read_text()}\nADDED = {number}\n")
        return self.report()

    def word_changed(self, number: int) -> float:
        """Return the seconds of a report after a sentence of chapter 01 was changed: in its words or its notebook."""
        words = self.src / "korus_research" / "chapters" / "flows" / "words.toml"
        if words.exists():
            words.write_text(re.sub(r'(?m)^(subtitle = "[^"]*)"$', rf'\1 ({number})"', words.read_text(), count=1))
            return self.report()
        path = self.src.parent / "notebooks" / "01_flows.ipynb"
        notebook = json.loads(path.read_text())
        last = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"][-1]
        last["source"] = f"Limits, in other words: {number}."
        path.write_text(json.dumps(notebook))
        return self.report()

    def first_shown(self, _: int, chapter: str) -> float:
        """Return the seconds to the first figure or table of a chapter that is opened alone."""
        (notebook,) = (self.src.parent / "notebooks").glob(f"{chapter}_*.ipynb")
        command = [sys.executable, "-c", FIRST_SHOWN, str(notebook)]
        environment = {**os.environ, **self.environment, **ENVIRONMENT}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            sys.exit(done.stderr)
        return float(done.stdout.split()[-1])


# A program of its own: it runs with other code too.
FIRST_SHOWN = """
import ast, json, sys, time
from importlib import import_module
for name in ("korus_research.run.preload", "korus_research.report.kernels.warm"):
    try:
        import_module(name)
    except ImportError:
        pass
scope = {}
start = time.perf_counter()
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), scope)
        value = None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), scope)
        if value is not None:
            value._repr_mimebundle_()
        if type(value).__name__ in ("Figure", "Table", "Cards"):
            break
print(time.perf_counter() - start)
"""


def register(src: Path, pyproject: Path) -> None:
    """Write the entry points of a project beside its code, where they are found before those that are installed."""
    project = tomllib.loads(pyproject.read_text())["project"]
    folder = src / f"korus_research-{project['version']}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: korus-research\nVersion: {project['version']}\n")
    groups = project.get("entry-points", {})
    lines = [
        line for name, entries in groups.items() for line in (f"[{name}]", *(f"{k} = {v}" for k, v in entries.items()))
    ]
    (folder / "entry_points.txt").write_text("\n".join(lines) + "\n")


def beside(room: Path, other: Path | None) -> None:
    """Print what our code takes, beside other code where that is given: the least of three rounds, in turn."""
    codes = {"ours": PACKAGE.parent} | ({"theirs": other} if other is not None else {})
    checkouts = []
    for name, src in codes.items():
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(src / "korus_research", room / name / "src" / "korus_research", ignore=ignored)
        shutil.copytree(src.parent / "notebooks", room / name / "notebooks")
        register(room / name / "src", src.parent / "pyproject.toml")
        compileall.compile_dir(room / name / "src", quiet=2)
        checkouts.append(Checkout(name, room / name / "src", room))
    asked: dict[str, Callable[[Checkout, int], float]] = {
        "a report from nothing": Checkout.from_nothing,
        "a changed line in the measures of cars": Checkout.line_changed,
        "a changed word": Checkout.word_changed,
    }
    asked |= {f"chapter {c} alone, to the first figure": partial(Checkout.first_shown, chapter=c) for c in ALONE}
    if other is None:
        asked = {what: measure for what, measure in asked.items() if "alone" in what}
        checkouts[0].report()
    whole: dict[str, float] = {}
    for what, measure in asked.items():
        found: dict[str, list[float]] = {one.name: [] for one in checkouts}
        for number in range(ROUNDS):
            for one in checkouts:
                found[one.name].append(measure(one, number))
        least = {name: min(values) for name, values in found.items()}
        whole = whole or least
        for name, value in least.items():
            shown(f"{what} ({name})", value)
        if other is not None:
            shown("  ours over theirs", least["ours"] / least["theirs"], "")
            if "line" in what:
                shown("  ours over their whole report", least["ours"] / whole["theirs"], "")


# -- many


SWEEP = """
import os, sys
from pathlib import Path
from korus_research.editions.sweep import orders, sweep
from korus_research.editions.workers import open_workers
if __name__ == "__main__":
    made = orders(sys.argv[3:], [], out=Path(sys.argv[1]), formats=("html", "pdf"))
    if sys.argv[2] == "1" and hasattr(os, "sched_getaffinity"):
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])  # one worker of two: it has one core, not both
    with open_workers(int(sys.argv[2])) as executor:
        found = sweep(made, executor)
    if failed := [one.problem for one in found if one.problem]:
        sys.exit(failed[0])
    print(sum(one.seconds for one in found) / len(found))
"""


def swept(room: Path, src: Path, workers: int, count: int, *, before: int = 0) -> tuple[float, float]:
    """Return the seconds of a sweep of `count` copies, and those that an edition took in its worker.

    The cache is empty, but for what `before` other copies left there, which are made first.
    """
    program, out, cache = room / "sweep.py", Path(tempfile.mkdtemp(dir=room)), tempfile.mkdtemp(dir=room)
    program.write_text(SWEEP)
    names = [f"copy{number:02d}" for number in range(before + count)]
    run = [sys.executable, str(program), str(out), str(workers)]
    environment = {**os.environ, "PYTHONPATH": str(src), "KORUS_CACHE": cache}
    if before:
        subprocess.run([*run, *names[:before]], capture_output=True, check=True, env=environment)
    start = time.perf_counter()
    done = subprocess.run([*run, *names[before:]], capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        sys.exit(done.stderr)
    return time.perf_counter() - start, float(done.stdout)


def sweep(room: Path, sizes: Sequence[int] = SIZES) -> None:
    """Print what an edition takes by the number of editions, and what a second worker brings."""
    light = copied(room, "light", max(sizes) + 1, chapters=LIGHT)
    shown("first edition of all, which reads the package too", swept(room, light, 2, 1)[1])
    each = {}
    for count in sizes:
        wall, each[count] = swept(room, light, 2, count, before=1)
        shown(
            f"sweep of {count}, chapters {', '.join(LIGHT)}, 2 workers", wall, note=f" {each[count]:.2f} s an edition"
        )
    shown("longest over shortest edition by size", max(each.values()) / min(each.values()), "")
    whole = copied(room, "whole", 4)
    spent = {workers: swept(room, whole, workers, 4)[0] for workers in (2, 1)}
    for workers, taken in spent.items():
        shown(f"sweep of 4 whole reports, {workers} worker{'s' * (workers > 1)}", taken)
    shown("two workers against one, each with a core", spent[1] / spent[2], "")


def main() -> None:
    """Measure and print the parts that are asked for."""
    if sys.argv[1:2] == [CELLS]:
        cells(sys.argv[2], sys.argv[3], int(sys.argv[4]))
        return
    if sys.argv[1:2] == [AGAINST]:
        with tempfile.TemporaryDirectory(prefix="korus-benchmark-") as name:
            beside(Path(name), Path(sys.argv[2]).resolve())
        return
    parts = sys.argv[1:] or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        sys.exit(f"{', '.join(unknown)}: not a part. Parts: {', '.join(PARTS)}")
    compiled = "not kept" if sys.dont_write_bytecode else "kept"
    print(
        f"Python {sys.version.split()[0]}, {default_jobs()} cores; compiled modules {compiled}, but for copies of ours"
    )
    with tempfile.TemporaryDirectory(prefix="korus-benchmark-") as name:
        room = Path(name)
        if "start" in parts:
            shown("import korus_research", best(sys.executable, "-c", "import korus_research"))
            shown("korus --help", best(sys.executable, "-m", "korus_research", "--help"))
        for part, measure in (
            ("cold", cold),
            ("again", again),
            ("alone", lambda room: beside(room, None)),
            ("sweep", sweep),
        ):
            if part in parts:
                with own_cache(room):
                    measure(room)


if __name__ == "__main__":
    main()
