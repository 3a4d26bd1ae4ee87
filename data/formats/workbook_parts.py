"""The files inside a workbook: which of them holds a sheet, and its XML."""

from __future__ import annotations

import codecs
import io
import posixpath
import zipfile
from pathlib import Path
from xml.etree import ElementTree

WORKBOOK, LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
OPENDOCUMENT_PART = "content.xml"


def is_opendocument(path: Path) -> bool:
    """Return whether a zip archive is an OpenDocument spreadsheet."""
    with zipfile.ZipFile(path) as archive:
        return OPENDOCUMENT_PART in archive.namelist()


def read_sheet_part(path: Path, sheet: str) -> bytes:
    """Return the XML of a sheet; of an OpenDocument spreadsheet, that of all sheets.

    Parameters
    ----------
    path : Path
        The workbook, a zip archive whose unpacked size is within the limit.
    sheet : str
        Name of the sheet.

    Raises
    ------
    ValueError
        If the workbook has no file of this sheet, or the archive is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            is_single = OPENDOCUMENT_PART in archive.namelist()
            content = archive.read(OPENDOCUMENT_PART if is_single else _find_part(archive, sheet))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise ValueError("the archive is damaged") from error
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16").encode()
    return content


def open_xml(content: bytes) -> io.BytesIO:
    """Return XML to be parsed; ValueError where it has definitions: no program writes them, and they can be endless."""
    if b"<!DOCTYPE" in content or (b"\0" in content and b"<!DOCTYPE" in content.replace(b"\0", b"")):
        raise ValueError("the file has definitions of its own")
    return io.BytesIO(content)


def read_local_name(element: ElementTree.Element) -> str:
    """Return the name of an element or attribute without its namespace, which a file can write in several ways."""
    return element.tag.rpartition("}")[2]


def _find_part(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the file in the archive that holds a sheet; ValueError if it is not found."""
    names = {name.replace("\\", "/").casefold(): name for name in archive.namelist()}
    try:
        links = ElementTree.parse(open_xml(archive.read(names[LINKS]))).getroot()  # noqa: S314
        sheets = ElementTree.parse(open_xml(archive.read(names[WORKBOOK]))).getroot()  # noqa: S314
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        key = next(
            value
            for one in sheets.iter()
            if read_local_name(one) == "sheet" and one.get("name") == sheet
            for attribute, value in one.items()
            if attribute.endswith("}id")
        )
        return names[posixpath.normpath(posixpath.join("/xl", targets[key])).lstrip("/").casefold()]
    except (KeyError, StopIteration, ElementTree.ParseError) as error:
        raise ValueError("the sheet has no file in the workbook") from error
