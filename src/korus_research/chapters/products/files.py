"""Trade and duty cuts by tariff line, which the package does not hold, from two files in a folder of the user's.

The environment names the folder (`KORUS_LINES`); docs/data.md says what the files are and where they can be had.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from korus_research.errors import DamagedData
from korus_research.methods.series import FLOWS

FOLDER = "KORUS_LINES"
TRADE = ("trade.csv", ("year", "flow", "partner", "line", "value_usd"))
DUTIES = ("duties.csv", ("flow", "line", "before_pct", "after_pct"))
TEXTS = (  # column, what it is like, in words
    ("flow", "|".join(FLOWS), " or ".join(FLOWS)),
    ("line", r"\d{6,10}", "6 to 10 digits"),
    ("partner", r"\d{4}", "a Census code of four digits"),
)
DO = "Correct the file as docs/data.md says, or unset KORUS_LINES"


@dataclass(frozen=True)
class LineFiles:
    """A user's files.

    `trade` has year, flow, partner (Census code), line (digits) and value_usd; `duties` flow, line, before_pct and
    after_pct: the duty on goods of the other party before the agreement, and in the last year compared.
    """

    trade: pd.DataFrame
    duties: pd.DataFrame


def line_files(folder: Path | None = None) -> LineFiles | None:
    """Return the files of `folder`, by default the one that the environment names; None where it names none.

    Raises
    ------
    DamagedData
        A file is missing, lacks a column, or holds a value that can't be; which, and what was expected.
    """
    if folder is None:
        if not os.environ.get(FOLDER):
            return None
        folder = Path(os.environ[FOLDER])
    trade = _read(folder, *TRADE, numbers=("year", "value_usd"), key=["year", "flow", "partner", "line"])
    duties = _read(folder, *DUTIES, numbers=("before_pct", "after_pct"), key=["flow", "line"])
    return LineFiles(trade.astype({"year": int}), duties)


def _read(folder: Path, file: str, columns: tuple[str, ...], numbers: tuple[str, ...], key: list[str]) -> pd.DataFrame:
    path = folder / file
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise DamagedData(f"{path}: there is no such file", expected=f"{TRADE[0]} and {DUTIES[0]}", do=DO) from None
    except (OSError, ValueError) as problem:
        raise DamagedData(f"{path}: can't be read ({problem})", expected="a CSV file in UTF-8", do=DO) from None
    if missing := [column for column in columns if column not in table]:
        raise DamagedData(f"{path}: lacks the column {missing[0]}", expected=", ".join(columns), do=DO)
    table = table[list(columns)]
    read = table.assign(**{name: pd.to_numeric(table[name], errors="coerce") for name in numbers})
    checks = [(name, ~(read[name] >= 0), "a number of zero or more") for name in numbers]
    checks += [
        (name, ~table[name].str.fullmatch(pattern), expected) for name, pattern, expected in TEXTS if name in columns
    ]
    checks.append((key[-1], read.duplicated(key), "one row for each " + ", ".join(key)))
    for name, wrong, expected in checks:
        if wrong.any():
            place = int(wrong.to_numpy().argmax())
            found = f"{path}: line {place + 2}, column {name}: {table[name].iloc[place]!r}"
            raise DamagedData(found, expected=expected, do=DO)
    return read
