"""KernelPool: forked or plain, they are the same to whoever uses them, and none outlives those it belongs to."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from chapter_runs import result, run
from jupyter_client.manager import AsyncKernelManager
from runnable import Notebooks, prose

from korus_research.run.kernels.forked import ForkUnavailable, KernelServer
from korus_research.run.kernels.kernel import ENVIRONMENT
from korus_research.run.kernels.pool import KernelPool
from korus_research.run.kernels.provisioner import ChapterKernelManager, ForkProvisioner

pytestmark = [pytest.mark.own_server, pytest.mark.slow]  # makes reports, small ones (decision 37)
linux = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
BOTH = pytest.mark.parametrize("plain", [pytest.param(False, marks=linux), True], ids=["forked", "plain"])


@pytest.fixture
def notebooks(tmp_path: Path) -> Notebooks:
    return Notebooks(tmp_path / "notebooks")


def wait(condition: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def said(manager: AsyncKernelManager, source: str) -> str:
    """What the kernel prints when it executes `source`."""
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    texts: list[str] = []
    await client._async_execute_interactive(
        source, timeout=60, output_hook=lambda message: texts.append(message["content"].get("text", ""))
    )
    client.stop_channels()
    return "".join(texts)


def with_kernel(use: Callable[[ChapterKernelManager], Any], *, plain: bool, folder: Path) -> Any:
    """What `use` returns for a kernel of the kind that chapters have."""

    async def whole() -> Any:
        with KernelPool(plain=plain) as kernels:
            manager = kernels.manager("01_flows")
            await manager.start_kernel(cwd=str(folder))
            try:
                return await use(manager)
            finally:
                await manager.shutdown_kernel(now=True)

    return asyncio.run(whole())


@BOTH
def test_a_kernel_is_this_interpreter_in_its_own_folder_and_process_group(plain: bool, tmp_path: Path) -> None:
    source = (
        "import os, sys; print(sys.executable, os.environ['PYTHONHASHSEED'], os.getcwd(), os.getpid() == os.getpgid(0))"
    )

    async def use(manager: ChapterKernelManager) -> tuple[str, type]:
        return await said(manager, source), type(manager.provisioner)

    text, kind = with_kernel(use, plain=plain, folder=tmp_path)
    assert text.split() == [sys.executable, "0", str(tmp_path), "True"]
    assert kind is ForkProvisioner
    assert list(tmp_path.iterdir()) == [], "log and settings of IPython lie elsewhere"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@BOTH
def test_a_kernel_listens_on_no_port_and_still_shows_what_a_forked_process_prints(plain: bool, tmp_path: Path) -> None:
    """Decision 2: sockets are files of their user. ipykernel's own pipe for forked processes was a TCP port."""
    source = (
        "import os, sys, time\n"
        "rows = [line.split() for name in ('tcp', 'tcp6') for line in open(f'/proc/net/{name}').readlines()[1:]]\n"
        "open_ports = {row[9] for row in rows if row[3] == '0A'}\n"
        "links = []\n"
        "for name in os.listdir('/proc/self/fd'):\n"
        "    try:\n"
        "        links.append(os.readlink('/proc/self/fd/' + name))\n"
        "    except OSError:\n"
        "        pass\n"
        "print(len([link for link in links if link[8:-1] in open_ports]), flush=True)\n"
        "if os.fork() == 0:\n"
        "    print('child', flush=True)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "time.sleep(0.5)\n"
    )

    async def use(manager: ChapterKernelManager) -> str:
        return await said(manager, source)

    assert with_kernel(use, plain=plain, folder=tmp_path).split() == ["0", "child"]


@pytest.mark.own_server
@BOTH
def test_modules_of_the_user_s_folders_take_no_part(
    plain: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `random.py` in the current folder killed the fork server; another `korus_research` ran under our keys."""
    import korus_research

    around, on_path = tmp_path / "around", tmp_path / "path"
    for folder in (around, on_path):
        folder.mkdir()
        for name in ("random", "wave", "korus_research"):
            (folder / f"{name}.py").write_text("raise RuntimeError('of the user')")
    monkeypatch.chdir(around)
    monkeypatch.setenv("PYTHONPATH", str(on_path))

    async def use(manager: ChapterKernelManager) -> str:
        return await said(manager, "import random, wave, korus_research; print(korus_research.__file__)")

    assert with_kernel(use, plain=plain, folder=around).strip() == korus_research.__file__


@BOTH
def test_an_interrupt_ends_a_cell_and_not_the_kernel(plain: bool, tmp_path: Path) -> None:
    async def use(manager: ChapterKernelManager) -> tuple[str, str]:
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        client.execute("kept = 6\nopen('running', 'w').close()\nimport time; time.sleep(60)")
        while not (tmp_path / "running").exists():
            await asyncio.sleep(0.02)
        await manager.interrupt_kernel()
        while (reply := await client.get_shell_msg(timeout=30))["msg_type"] != "execute_reply":
            pass
        client.stop_channels()
        return reply["content"]["ename"], await said(manager, "print(kept * 7)")

    assert with_kernel(use, plain=plain, folder=tmp_path) == ("KeyboardInterrupt", "42\n")


@BOTH
def test_a_restart_is_a_new_process_that_knows_nothing_of_the_old(plain: bool, tmp_path: Path) -> None:
    async def use(manager: ChapterKernelManager) -> tuple[str, str, str]:
        first = await said(manager, "import os; kept = 1; print(os.getpid())")
        await manager.restart_kernel(now=True)
        second = await said(manager, "import os; print(os.getpid())")
        return first, second, await said(manager, "print('kept' in globals())")

    first, second, known = with_kernel(use, plain=plain, folder=tmp_path)
    assert first != second
    assert known == "False\n"
    assert not alive(int(first))


@BOTH
def test_a_kernel_that_dies_is_noticed_with_its_exit_code(plain: bool, tmp_path: Path) -> None:
    async def use(manager: ChapterKernelManager) -> tuple[bool, Any]:
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        client.execute("import os; os._exit(7)")
        while await manager.is_alive():
            await asyncio.sleep(0.02)
        client.stop_channels()
        assert manager.provisioner is not None
        return await manager.is_alive(), await manager.provisioner.poll()

    assert with_kernel(use, plain=plain, folder=tmp_path) == (False, 7)


@BOTH
def test_a_kernel_does_not_outlive_the_process_that_asked_for_it(plain: bool, tmp_path: Path) -> None:
    """Killed as hard as can be, in the middle of a computation that never looks up."""
    script = tmp_path / "owner.py"
    script.write_text(
        textwrap.dedent(f"""
        import asyncio, time
        from pathlib import Path
        from korus_research.run.kernels.pool import KernelPool

        async def main():
            with KernelPool(plain={plain}) as kernels:
                manager = kernels.manager("01_flows")
                await manager.start_kernel(cwd={str(tmp_path)!r})
                client = manager.client()
                client.start_channels()
                await client.wait_for_ready(timeout=60)
                client.execute("import os; open('pid.new', 'w').write(str(os.getpid())); os.rename('pid.new', 'pid'); sum(range(10**12))")
                await asyncio.sleep(600)

        asyncio.run(main())
        """)
    )
    with subprocess.Popen([sys.executable, str(script)]) as owner:
        try:
            wait((tmp_path / "pid").exists, 90)
            everyone = psutil.Process(owner.pid).children(recursive=True)
        finally:
            owner.kill()
    pid = int((tmp_path / "pid").read_text())
    wait(lambda: not alive(pid))
    wait(lambda: not [p for p in everyone if alive(p.pid)])


@linux
@pytest.mark.warm
def test_forked_kernels_do_not_draw_the_same_random_numbers(notebooks: Notebooks, tmp_path: Path) -> None:
    draw = "import random, numpy as np; (random.random(), float(np.random.random()), np.random.default_rng().random())"
    notebooks.add("01_flows", draw)
    notebooks.add("02_comparators", draw)
    flows, comparators = run(notebooks, tmp_path / "work")
    one = result(flows, "flows-1")[1:-1].split(", ")
    two = result(comparators, "comparators-1")[1:-1].split(", ")
    assert not set(one) & set(two)


@linux
@pytest.mark.warm
def test_libraries_with_threads_work_in_a_forked_kernel(notebooks: Notebooks, tmp_path: Path) -> None:
    """BLAS, Arrow and the threads of pyfixest, each with more threads than one, in a copy of a process that had loaded them."""
    notebooks.add(
        "01_flows",
        "import ctypes, numpy as np\n"
        "from pathlib import Path\n"
        "(library,) = (Path(np.__file__).parents[1] / 'numpy.libs').glob('*openblas*')\n"
        "ctypes.CDLL(library).scipy_openblas_set_num_threads64_(2)\n"
        "a = np.ones((600, 600))\n"
        "float((a @ a).sum())",
        "import pyarrow as pa, pyarrow.compute as pc, pyarrow.parquet as pq\n"
        "pa.set_cpu_count(4)\n"
        "pq.write_table(pa.table({'x': list(range(200_000))}), 'x.parquet', row_group_size=10_000)\n"
        "pc.sum(pq.ParquetFile('x.parquet').read(use_threads=True)['x']).as_py()",
        "import os; os.environ['RAYON_NUM_THREADS'] = '4'\n"
        "import pandas as pd, pyfixest as pf\n"
        "data = pd.DataFrame({'y': [1.0, 2, 4, 3, 5, 7] * 50, 'x': [0.0, 1, 2, 3, 4, 5] * 50, 'g': [0, 0, 0, 1, 1, 1] * 50})\n"
        "round(float(pf.feols('y ~ x | g', data).coef()['x']), 6)",
        "import zmq; (zmq.Context.instance().closed, zmq.Context._instance_pid == __import__('os').getpid())",
    )
    (flows,) = run(notebooks, tmp_path / "work")
    assert [result(flows, f"flows-{n}") for n in (1, 2, 3)] == ["216000000.0", "19999900000", "1.75"]
    assert result(flows, "flows-4") == "(False, True)", "its ZMQ context was made after the fork"


@linux
@pytest.mark.warm
def test_a_chapter_of_ones_own_draws_what_seaborn_needs_scipy_for(notebooks: Notebooks, tmp_path: Path) -> None:
    """It looks for SciPy once, when the process that kernels are forked from imports it."""
    notebooks.add(
        "01_flows",
        "import sys; 'seaborn' in sys.modules",
        "import seaborn as sns; type(sns.clustermap([[1, 2], [3, 5], [2, 2]])).__name__",
        "import matplotlib.pyplot as plt; len(sns.kdeplot([1, 2, 4], cumulative=True, ax=plt.figure().gca()).lines)",
        "plt.close('all'); import scipy; scipy.__name__",
    )
    (flows,) = run(notebooks, tmp_path / "work")
    assert [result(flows, f"flows-{n}") for n in range(1, 5)] == ["True", "'ClusterGrid'", "1", "'scipy'"]


@pytest.fixture
def sockets() -> Iterator[Path]:
    with KernelPool(plain=True) as kernels:
        yield Path(kernels.manager("00_none").connection_file).parent.parent


@linux
def test_a_process_with_threads_is_not_forked(sockets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "threaded.py").write_text(
        "import threading, time; threading.Thread(target=time.sleep, args=(600,), daemon=True).start()"
    )
    monkeypatch.setitem(ENVIRONMENT, "PYTHONPATH", os.pathsep.join((ENVIRONMENT["PYTHONPATH"], str(tmp_path))))
    server = KernelServer(sockets, ("threaded",))
    try:
        with pytest.raises(ForkUnavailable, match="the process to be forked has 2 threads"):
            server.fork(sockets / "kernel.json", tmp_path, {})
    finally:
        server.close()


@linux
def test_a_server_that_fails_to_start_or_is_gone_says_so(sockets: Path, tmp_path: Path) -> None:
    server = KernelServer(sockets, ("no_such_module",))
    with pytest.raises(ForkUnavailable, match="is gone"):
        server.fork(sockets / "kernel.json", tmp_path, {})
    server.close()


@linux
@pytest.mark.warm
def test_what_is_imported_for_all_leaves_one_thread_and_is_shared(sockets: Path, tmp_path: Path) -> None:
    """Else every kernel would be a plain one, or memory would be paid for once a chapter."""
    server = KernelServer(sockets)
    manager = ChapterKernelManager(connection_file=str(sockets / "kernel.json"), transport="ipc", ip=str(sockets / "k"))
    for number, port in enumerate(("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"), start=1):
        setattr(manager, port, number)
    manager.write_connection_file()
    try:
        process = server.fork(sockets / "kernel.json", tmp_path, {})
        wait((sockets / "k-5").exists)
        memory = psutil.Process(process.pid).memory_full_info()
        assert memory.uss < memory.rss / 3, "less than a third of what it holds is its own"
        process.kill()
        assert process.wait() == -signal.SIGKILL
    finally:
        server.close()
    assert not alive(process.pid)


@linux
@pytest.mark.warm
def test_a_run_forks_and_what_it_shows_is_that_of_plain_kernels(notebooks: Notebooks, tmp_path: Path) -> None:
    notebooks.add(
        "01_flows", prose("Exports", ("flows.exports", 42.3)), "import sys; sys.argv[0].endswith('server.py')"
    )
    notebooks.add(
        "02_comparators",
        "{'b', 'a'}",
        "import os; sorted(k for k in os.environ if k.startswith('KORUS'))",
        tables=["partners"],
    )
    before = set(psutil.Process().children(recursive=True))  # the process that other tests fork from
    forked = [one.text for one in run(notebooks, tmp_path / "one")]
    plain = [one.text for one in run(notebooks, tmp_path / "two", plain=True)]
    assert forked[1] == plain[1]
    assert '"True"' in forked[0], "forked from the server"
    assert forked[0].replace('"True"', '"False"') == plain[0]
    started = set(psutil.Process().children(recursive=True)) - before
    assert not [p for p in started if "kernels" in " ".join(p.as_dict(["cmdline"], ad_value=[])["cmdline"])]


def test_papermill_has_the_engine_by_its_name(notebooks: Notebooks, tmp_path: Path) -> None:
    path = notebooks.add("01_flows", "import os; (as_of, os.environ['PYTHONHASHSEED'], os.environ['TZ'])")
    made = tmp_path / "made.ipynb"
    command = [
        sys.executable,
        "-m",
        "papermill",
        "--engine",
        "korus",
        "-k",
        "python3",
        "--language",
        "python",
        "-p",
        "as_of",
        "2016-12",
        str(path),
        str(made),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "('2016-12', '0', 'UTC')" in made.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made.ipynb", "notebooks"]


def test_channels_open_when_the_sockets_are_there_and_after_a_while_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_client.asynchronous.client import AsyncKernelClient

    from korus_research.run.kernels import client as own

    ports = {"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5}
    seen: list[int] = []
    monkeypatch.setattr(own, "_FOR_SOCKETS", 0.2)
    monkeypatch.setattr(AsyncKernelClient, "start_channels", lambda *_: seen.append(len(list(tmp_path.iterdir()))))
    client = own.ChapterClient(transport="ipc", ip=str(tmp_path / "k"), **ports)
    client.start_channels()
    late = threading.Timer(0.05, lambda: [(tmp_path / f"k-{port}").touch() for port in ports.values()])
    late.start()
    client.start_channels()
    late.join()
    assert seen == [0, 5]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_chapter_leaves_no_descriptor_and_no_thread(notebooks: Notebooks) -> None:
    """15 descriptors and two threads stayed of each: channels that nbclient leaves open where it is given a manager."""
    import nbformat
    import papermill

    path = notebooks.add("01_flows", "1 + 1")

    def left() -> tuple[int, int]:
        papermill.execute_notebook(
            nbformat.read(path, 4),  # type: ignore[no-untyped-call]
            None,
            engine_name="korus",
            kernel_name="python3",
            language="python",
            progress_bar=False,
        )
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir())), len(list(Path("/proc/self/task").iterdir()))

    descriptors, threads = left()
    again = left()
    assert again[0] <= descriptors
    assert again[1] <= threads
