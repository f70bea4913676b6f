"""How long a refresh of all tables takes, and what two hundred kills leave of it.

    python benchmarks/refresh.py [--kills 200]

Both run against the loopback server of the tests, which answers as the official sources were seen to. The refresh is a
process of `korus data refresh --adopt`: every data set asked, stored, compiled, shown with the findings that
turn, and adopted; seconds and peak memory are those of that process. A first run fills the store; the second is after
a revision, a third finds nothing new.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from official import Official  # type: ignore[import-not-found]  # noqa: E402
from refreshing import (  # type: ignore[import-not-found]  # noqa: E402
    COMMAND,
    MONTH,
    Place,
    killed,
    raised,
)


def measured(server: Official, place: Place) -> tuple[float, float, float]:
    """Return wall seconds, CPU seconds and peak megabytes of one refresh that adopts."""
    arguments = [*COMMAND, "refresh", "--through", MONTH, "--adopt", *place.options]
    began = time.monotonic()
    process = os.posix_spawn(sys.executable, arguments, {**os.environ, **server.environment})
    _, status, used = os.wait4(process, 0)
    if status:
        raise SystemExit(f"the refresh ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="How long a refresh takes, and what kills leave of it.")
    parser.add_argument(
        "--kills", type=int, default=0, help="how often a refresh is killed, half of the times adopting"
    )
    parser.add_argument("--seed", type=int, default=20120315, help="of the moments at which it is killed")
    parser.add_argument("--skip-times", action="store_true", help="kills only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, Official() as server:
        os.environ["KORUS_CACHE"] = str(Path(scratch) / "cache")
        place = Place(Path(scratch) / "timed")
        for name in () if options.skip_times else ("first, nothing stored", "after a revision", "nothing new"):
            if name == "after a revision":
                server.revise("goods_trade_monthly", raised(1.02))
                server.revise("partner_duties_monthly", raised(1.02))
            wall, cpu, peak = measured(server, place)
            print(f"{name:24}{wall:6.1f} s wall, {cpu:5.1f} s CPU, {peak:,.0f} MB", flush=True)
        if options.kills:
            done = killed(server, Place(Path(scratch) / "killed"), options.kills, seed=options.seed)
            print(
                f"{done.kills} kills ({done.while_adopting} while adopting): {done.old} times the old package, "
                f"{done.new} times the new one, none broken; {done.seconds:,.0f} s"
            )


if __name__ == "__main__":
    main()
