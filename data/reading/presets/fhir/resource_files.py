"""Reading of files with FHIR resources: a resource alone, a list or a Bundle of them, or one in each line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NamedTuple

from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.formats.compressed_text import read_text_bytes
from attune_fit.data.formats.fhir_files import LINES_SUFFIXES
from attune_fit.data.formats.json_records import parse_json
from attune_fit.data.formats.size_checks import check_file_size
from attune_fit.data.reading.presets.fhir.fhir_elements import Element, find_element, find_text, list_elements

# Plain JSON and checks of our own: models of the standard refuse a whole resource for one date without its zero or one
# element of a vendor, and their messages quote the cell. Here a fault stops the cell alone.
MAX_DEPTH = 20  # Bundles in Bundles
NO_KIND = "without a kind"  # JSON without `resourceType`
_KIND = re.compile(r'"resourceType"\s*:\s*"(\w+)"')
_KIND_NAME = re.compile(r"[A-Z][A-Za-z]{2,40}")  # other text could be anything, and messages name kinds


class Resource(NamedTuple):
    """One resource, and where it is.

    Attributes
    ----------
    kind, id : str
        ``resourceType`` and ``id``. A resource without an id has the last part of its address in the Bundle; empty
        where it has none.
    body : dict
        The resource itself.
    file : str
        Name of the file.
    row : int
        Line of the file, or number of the entry in its Bundle or list, from 1.
    url : str
        Its address in the Bundle (``fullUrl``); empty outside.
    """

    kind: str
    id: str
    body: dict[str, Any]
    file: str
    row: int
    url: str = ""


class FileContent(NamedTuple):
    """What the files hold: resources of the wanted kinds, counts of all kinds, and pages of searches.

    ``pages`` are the addresses of the Bundles that are pages, and ``next_pages`` the addresses that they name as next.
    """

    resources: list[Resource]
    counts: Counter[str]
    pages: set[str]
    next_pages: list[str]


class WantedResources(NamedTuple):
    """Which resources to keep: of these kinds, and those of which ``is_needed(kind, body)`` is true."""

    kinds: frozenset[str]
    is_needed: Callable[[str, Element], bool]


def read_resources(paths: Collection[Path], wanted: WantedResources) -> FileContent:
    """Return the resources of some kinds from files.

    Parameters
    ----------
    paths : collection of Path
        The files.
    wanted : WantedResources
        Others are counted only.

    Raises
    ------
    DataFault
        With one error for each file that is damaged or cannot be opened: what it held could restrict a pair.
    """
    content, faults = FileContent([], Counter(), set(), []), list[Fault]()
    for path in paths:
        collector = FaultCollector(path.name, faults)
        try:
            if check_file_size(path, collector):
                _read_file(path, wanted, content)
        except OSError as error:
            message = f"this file cannot be read: {error.strerror or 'unreadable'}"
            collector.add_error("fhir-file-not-readable", "", message, "Allow Attune to read it.")
        except ValueError as error:  # of Attune's own: where the file is damaged
            fix = "Export it again: the download may have been cut. Move files without FHIR to another folder."
            collector.add_error("fhir-file-damaged", "", f"this file is damaged: {error}", fix)
    if faults:
        raise DataFault(faults)
    return content


def _read_file(path: Path, wanted: WantedResources, content: FileContent) -> None:
    """Add what one file holds. ValueError: it is damaged, with the place and no text of the file."""
    try:
        text = read_text_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("its text is not UTF-8") from None
    if path.name.casefold().endswith(LINES_SUFFIXES):
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                _read_line(line, path.name, number, wanted, content)
        return
    whole = _parse_json(text, "")
    entries = whole if isinstance(whole, list) else [whole]
    for number, one in enumerate(entries, 1):
        _add_resource(one, path.name, number, "", wanted, content)


def _read_line(line: str, file: str, number: int, wanted: WantedResources, content: FileContent) -> None:
    """Add the resource in a line; one of a kind that nothing reads is counted by its text."""
    named = _KIND.findall(line)
    if named and not wanted.kinds.intersection((*named, "Bundle")) and line.rstrip().endswith("}"):
        content.counts[named[0] if _KIND_NAME.fullmatch(named[0]) else NO_KIND] += 1
        return
    _add_resource(_parse_json(line, f"line {number} "), file, number, "", wanted, content)


def _parse_json(text: str, place: str) -> Any:
    try:
        return parse_json(text)
    except (ValueError, RecursionError):  # the text of the first quotes the cell
        raise ValueError(f"{place or 'it '}is not JSON") from None


def _add_resource(
    body: Any, file: str, row: int, url: str, wanted: WantedResources, content: FileContent, depth: int = 0
) -> None:
    """Add a resource, or those of a Bundle."""
    kind = find_text(body, "resourceType") if isinstance(body, dict) else ""
    if kind == "Bundle" and depth < MAX_DEPTH:
        links = {find_text(link, "relation"): find_text(link, "url") for link in list_elements(body, "link")}
        content.pages.add(links.get("self", ""))
        content.next_pages.extend(filter(None, [links.get("next", "")]))
        for number, entry in enumerate(list_elements(body, "entry"), 1):
            if find_element(entry, "resource"):
                position = row if depth else number  # the entry of the outer Bundle
                _add_resource(
                    entry["resource"], file, position, find_text(entry, "fullUrl"), wanted, content, depth + 1
                )
        return
    content.counts[kind if _KIND_NAME.fullmatch(kind) else NO_KIND] += 1
    if kind in wanted.kinds and wanted.is_needed(kind, body):
        name = find_text(body, "id") or url.rstrip("/").replace(":", "/").rsplit("/", 1)[-1]
        content.resources.append(Resource(kind, name, body, file, row, url))
