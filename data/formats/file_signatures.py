"""SIGNATURES: the kinds of content that Attune recognises by the first bytes of a file, whatever its name."""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from attune_fit.data.formats.compressed_text import match_damaged_text, match_gzip_text

HEAD_BYTES = 512  # bytes at the start of a file by which its kind is known


@dataclass(frozen=True)
class Signature:
    """A kind of content.

    Attributes
    ----------
    name : str
        As people call it, with its article; used in messages.
    is_match : callable
        ``is_match(head, path)`` returns whether a file with these first bytes is of this kind.
    format : str or None
        Name of the row of FORMATS that reads it; None where Attune cannot read it.
    advice : str
        What to do. Where Attune reads it: the ending that its name should have.
    """

    name: str
    is_match: Callable[[bytes, Path], bool]
    format: str | None
    advice: str


def find_signature(path: Path) -> Signature | None:
    """Return the kind of a file by its content; None for plain text and for what Attune does not recognise.

    Raises
    ------
    OSError
        If the file cannot be opened.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return next((row for row in SIGNATURES if row.is_match(head, path)), None)


def is_plain_text(path: Path) -> bool:
    """Return whether the first bytes of a file are text, in any encoding of one byte for each letter or in UTF-8.

    Raises
    ------
    OSError
        If the file cannot be opened.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return len(head) > 0 and not any(byte < 32 and byte not in b"\t\r\n" for byte in head)


def _starts_with(*starts: bytes) -> Callable[[bytes, Path], bool]:
    return lambda head, _path: head.startswith(starts)


def _holds_text(pattern: bytes) -> Callable[[bytes, Path], bool]:
    form = re.compile(pattern, re.IGNORECASE)
    return lambda head, _path: form.match(head.removeprefix(codecs.BOM_UTF8).lstrip()) is not None


def _holds_part(*parts: str) -> Callable[[bytes, Path], bool]:
    """Return a check for a zip archive with one of these files inside."""

    def is_match(head: bytes, path: Path) -> bool:
        if not head.startswith(b"PK") or not zipfile.is_zipfile(path):
            return False
        with zipfile.ZipFile(path) as archive:
            return not set(parts).isdisjoint(archive.namelist())

    return is_match


def _is_archive(head: bytes, path: Path) -> bool:
    """Return whether a file is an archive; of zip archives, a whole one."""
    is_zip = head.startswith(b"PK") and zipfile.is_zipfile(path)
    return is_zip or head.startswith((b"7z\xbc\xaf\x27\x1c", b"Rar!"))


def _is_opendocument(head: bytes, _path: Path) -> bool:
    return head.startswith(b"PK") and b"opendocument.spreadsheet" in head


def _is_stata(head: bytes, _path: Path) -> bool:
    """Return whether a file is of Stata: by its tag since version 13, by version and byte order before."""
    is_old = len(head) > 3 and 104 <= head[0] <= 115 and head[1] in (1, 2) and head[2] == 1 and head[3] == 0
    return is_old or head.startswith(b"<stata_dta>")


UNPACK = "Unpack it, and name the file that was inside."
SAVE_AS = "Open it where it was made, and save it as a workbook (.xlsx) or as CSV in UTF-8."
READ_BY_SQL = 'Read it with `sql = "sqlite:///FILE"` in place of `file`, or save the table as CSV in UTF-8.'

SIGNATURES = (
    Signature("an Excel workbook", _holds_part("xl/workbook.xml", "xl/workbook.bin"), "Excel workbook", ".xlsx"),
    Signature("an OpenDocument spreadsheet", _is_opendocument, "OpenDocument spreadsheet", ".ods"),
    Signature("an Excel workbook", _starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "Excel workbook", ".xls"),
    Signature("a Parquet file", _starts_with(b"PAR1"), "Parquet", ".parquet"),
    Signature("a file of SPSS", _starts_with(b"$FL2", b"$FL3"), "SPSS", ".sav"),
    Signature("a file of Stata", _is_stata, "Stata", ".dta"),
    Signature("a TSV file that gzip has compressed", match_gzip_text(".tsv"), "TSV (gzip)", ".tsv.gz"),
    Signature("a text file that gzip has compressed", match_gzip_text(), "CSV (gzip)", ".csv.gz"),
    Signature("a damaged compressed text file", match_damaged_text, None, "Export or copy it again."),
    Signature("a compressed file", _starts_with(b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"), None, UNPACK),
    Signature("an archive", _is_archive, None, UNPACK),
    Signature("a damaged archive or workbook", _starts_with(b"PK\x03\x04"), None, "Export or copy it again."),
    Signature("a PDF file", _starts_with(b"%PDF"), None, SAVE_AS),
    Signature("a database of SQLite", _starts_with(b"SQLite format 3\0"), None, READ_BY_SQL),
    Signature("a database", _starts_with(b"\0\1\0\0Standard "), None, SAVE_AS),
    Signature("a web page", _holds_text(rb"(<!--.*?-->\s*)?<(!doctype|html|head|body|table|meta)\b"), None, SAVE_AS),
    Signature("an XML file", _holds_text(rb"<\?xml\b"), None, SAVE_AS),
    Signature("a text document", _holds_text(rb"\{\\rtf"), None, SAVE_AS),
    Signature("a JSON file", _holds_text(rb'(\[\s*)?[\[{]\s*("|\})'), None, SAVE_AS),
)
