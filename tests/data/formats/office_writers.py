"""Writers of files that Attune only reads: other libraries make them, as other programs would."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pandas as pd
import pyreadstat
import xlwt

Rows = Sequence[Sequence[Any]]
NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "calcext")
)


def build_xlsx(sheets: Mapping[str, Rows], hidden: Sequence[str] = ()) -> bytes:
    """Return the content of an Excel workbook."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def build_xls(sheets: Mapping[str, Rows]) -> bytes:
    """Return the content of a workbook of Excel before 2007."""
    workbook, day = xlwt.Workbook(), xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for name, rows in sheets.items():
        sheet = workbook.add_sheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(number, column, cell, *([day] if isinstance(cell, dt.date) else []))
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def build_ods(sheets: Mapping[str, Rows]) -> bytes:
    """Return the content of an OpenDocument spreadsheet."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(f"<table:table-row>{''.join(map(_build_ods_cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", f"<office:document-content {NAMESPACES}>{body}</office:document-content>")
    return content.getvalue()


def _build_ods_cell(cell: Any) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if str(cell).startswith("#"):
        kind = 'office:value-type="string" calcext:value-type="error"'
        return f"<table:table-cell {kind}><text:p>{cell}</text:p></table:table-cell>"
    if isinstance(cell, bool):
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(cell).lower()}"/>'
    if isinstance(cell, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
    if isinstance(cell, dt.date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell.isoformat()}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'


def write_office_file(frame: pd.DataFrame, path: Path) -> None:
    """Write a table of text in the format of the suffix."""
    if path.suffix in (".sav", ".zsav"):
        pyreadstat.write_sav(frame.fillna(""), str(path), compress=path.suffix == ".zsav")
    elif path.suffix == ".gz":
        separator = "\t" if ".tsv" in path.suffixes else ","
        path.write_bytes(gzip.compress(frame.to_csv(index=False, sep=separator).encode()))
    elif path.suffix == ".dta":
        pyreadstat.write_dta(frame.fillna(""), str(path))
    else:
        build = {".xlsx": build_xlsx, ".xlsm": build_xlsx, ".xls": build_xls, ".ods": build_ods}[path.suffix]
        rows = [list(frame.columns), *frame.astype(object).where(frame.notna(), None).to_numpy().tolist()]
        path.write_bytes(build({"Sheet1": rows}))
