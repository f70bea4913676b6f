"""Files that the Census Bureau gives without a key: a workbook of countries, a ZIP file of a month's imports."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

import pandas as pd

from official.server import Call, Official, Reply

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WIDTHS = {"con_val_mo": 74, "dut_val_mo": 89, "cal_dut_mo": 104, "gen_val_mo": 179}


def country_workbook(goods: pd.DataFrame, partners: pd.DataFrame) -> bytes:
    """Return the workbook with a row a country and year, 0 for months not yet published."""
    wide = goods.assign(
        year=goods["month"].str[:4].astype(int),
        column=goods["flow"].str[0].str.upper() + goods["month"].str[5:].astype(int).map(lambda m: MONTHS[m - 1]),
    ).pivot_table(index=["year", "partner"], columns="column", values="value_usd_mn")
    last = wide.index.get_level_values("year") == wide.index.get_level_values("year").max()
    wide[last] = wide[last].fillna(0)
    wide = wide.reset_index().rename(columns={"partner": "CTY_CODE"})
    wide.insert(2, "CTYNAME", wide["CTY_CODE"].map(partners.set_index("partner")["name"]))
    for letter in "IE":
        wide[f"{letter}YR"] = wide[[f"{letter}{month}" for month in MONTHS]].sum(axis=1)
    order = [f"{letter}{month}" for letter in "IE" for month in (*MONTHS, "YR")]
    held = BytesIO()
    wide[["year", "CTY_CODE", "CTYNAME", *order]].to_excel(held, sheet_name="country", index=False)
    return held.getvalue()


def import_file(call: Call, table: Official) -> Reply:
    """Return a month's file: a line a country and programme, the embedded duty in halves."""
    found = re.search(r"IMDB(\d\d)(\d\d)\.ZIP$", call.path)
    rows = table("partner_duties_monthly")
    month = f"20{found[1]}-{found[2]}" if found else ""
    rows = rows[(rows["month"] == month) & (rows["partner"] != "0015")]
    if rows.empty:
        return Reply("<html><body>Not found</body></html>", 404, {"Content-Type": "text/html"})
    lines = [
        _line(row.partner, programme, month, imports, duty)
        for row in rows.itertuples()
        for programme, imports, duty in (
            ("00", row.imports_usd - row.imports_usd // 2, row.duty_usd - row.duty_usd // 2),
            ("KR", row.imports_usd // 2, row.duty_usd // 2),
        )
    ]
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("IMP_DETL.TXT", "\r\n".join(lines) + "\r\n")
        archive.writestr("COUNTRY.TXT", "")
    return Reply(held.getvalue(), headers={"Content-Type": "application/zip"})


def _line(partner: str, programme: str, month: str, imports: int, duty: int) -> str:
    line = list(" " * 450)

    def put(first: int, text: str) -> None:
        line[first - 1 : first - 1 + len(text)] = text

    put(1, "8703230140")
    put(11, partner)
    put(15, programme)
    put(17, "0404")
    put(21, "61")
    put(23, month[:4])
    put(27, month[5:])
    for name, first in WIDTHS.items():
        put(first, f"{duty if name == 'cal_dut_mo' else imports:>15d}".replace(" ", "0"))
    return "".join(line).rstrip()
