"""Tables without a file: a file under almost the same name, or keys of ``clinic.toml`` about an absent table."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import RESTRICTING_TABLES, TABLE_ID_COLUMNS, TABLES
from attune_fit.data.command_words import format_word
from attune_fit.data.formats.file_patterns import HIDDEN, match_names
from attune_fit.data.formats.table_formats import CANONICAL_SUFFIX, FORMATS, find_suffix, format_suffixes
from attune_fit.data.formats.workbooks import list_sheets
from attune_fit.data.reading.rows.table_files import add_irregular_file_error
from attune_fit.data.storage.regular_file import describe_irregular_file

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.fault_collector import FaultCollector

MIN_SIMILARITY = 0.9  # of two names, as in difflib: `conflict` and `Conflicts (1)` are near to `conflicts`
CONFIG_FILE = "clinic.toml"
SUFFIXES = (*(suffix for row in FORMATS for suffix in row.suffixes), ".txt")
STOPPING_TABLES = (*TABLE_ID_COLUMNS, *RESTRICTING_TABLES)  # without the last two, restrictions would be lost
OTHER_NAMES = {"preferences": ("wish", "wishes")}
KEYS_OF_OTHER_FILES = {"wishes"}  # wishes can be in columns of the clients' file


def report_absent_table(clinic: Clinic, table: str, collector: FaultCollector) -> None:
    """Report that a table has no file: see :func:`check_absent_table`; without clients or therapists it is an error."""
    check_absent_table(clinic, table, collector)
    if table in TABLE_ID_COLUMNS and not any(one.stops and one.table == table for one in collector.faults):
        known = format_suffixes(f"{table}{{}}")
        folder = format_word(clinic.folder)
        has_config = (clinic.folder / CONFIG_FILE).exists()
        init = "" if has_config else f" `attune init {folder}` writes a first clinic.toml for files under other names."
        fix = f"Add {known}, or name your file: `file` under [tables.{table}] in clinic.toml.{init}"
        collector.add_error("table-not-found", "", "the clinic folder does not have this table", fix)


def check_absent_table(clinic: Clinic, table: str, collector: FaultCollector) -> None:
    """Report that a table without a file is probably there, as a file or as a sheet, or is in ``clinic.toml``.

    An error where the table restricts or is required. Outcomes use openings up, so a file whose whole name is almost
    theirs is an error too. One that only holds such a word is a warning: a new clinic has no outcomes yet.

    Parameters
    ----------
    clinic : Clinic
        Its folder has no file under the name of the table.
    table : str
        One of TABLES.
    collector : FaultCollector
        Collects the fault. Nothing is added where it has an error about the table.
    """
    if any(fault.stops and fault.table == table for fault in collector.faults):
        return
    similar = next(iter(list_unread_files(clinic, list_similar_files(table, clinic.folder.iterdir()))), None)
    stops = table in STOPPING_TABLES or (similar is not None and _is_whole_name(similar, table))
    add_fault = collector.add_error if stops else collector.add_warning
    keys = table in list_declared_tables(clinic.config)
    rename = "If it is not this table, give it a name that is not like it."
    if similar is not None and describe_irregular_file(similar):
        add_irregular_file_error(similar, "", f"tables.{table}", collector)
    elif similar is not None and find_suffix(similar) not in SUFFIXES:
        fix = f"Save the table as {format_suffixes(f'{table}{{}}')}. {rename}"
        add_fault("table-in-another-form", "", f"{similar.name} is not read, because Attune reads no such file", fix)
    elif similar is not None:
        suffix = find_suffix(similar)
        proposed = f"{table}{suffix if suffix in SUFFIXES[:-1] else CANONICAL_SUFFIX}"
        message = f"{similar.name} is not read, because the file of this table has another name"
        fix = f'Rename it to {proposed}, or add `file = "{similar.name}"` under [tables.{table}]. {rename}'
        add_fault("table-under-another-name", "", message, fix)
    elif (found := _find_unread_sheet(clinic, table)) is not None:
        name, sheet = found
        message = f"the sheet `{sheet}` of {name} is not read, though it is called like this table"
        fix = (
            f'Add `file = "{name}"` and `sheet = "{sheet}"` under [tables.{table}]. If it is not this table, give it a '
            "name that is not like it."
        )
        add_fault("sheet-not-read", "", message, fix)
    elif keys and table not in TABLE_ID_COLUMNS:  # a required table has an error of its own
        message = f"clinic.toml describes this table, and the folder has no file {table}{CANONICAL_SUFFIX}"
        add_fault("table-without-file", "", message, f"Add the file, or delete [tables.{table}] from clinic.toml.")


def list_declared_tables(config: Config) -> list[str]:
    """Return the tables that have a file by the keys of ``clinic.toml`` about them."""
    return [table for table in TABLES if getattr(config.tables, table).model_fields_set - KEYS_OF_OTHER_FILES]


def list_unread_files(clinic: Clinic, paths: list[Path]) -> list[Path]:
    """Return the files that the clinic does not read."""
    used = clinic.list_input_files() if paths else frozenset()
    return [path for path in paths if Path(os.path.realpath(path)) not in used or describe_irregular_file(path)]


def list_similar_files(table: str, paths: Iterable[Path]) -> list[Path]:
    """Return the paths whose names are almost the name of a table, the nearest first.

    Of files that can hold a table, a word of the name is enough. Hidden files and lock files of office programs, such
    as ``~$clients.xlsx``, hold none.

    >>> paths = [Path(name) for name in ("conflict_list.csv", "Conflict.csv", "conflict list.docx", "notes.csv")]
    >>> [[str(path) for path in list_similar_files(table, paths)] for table in ("conflicts", "outcomes")]
    [['Conflict.csv', 'conflict_list.csv'], []]
    """
    named = sorted(path for path in paths if not path.name.startswith(HIDDEN))
    near = [
        path
        for path in named
        if _is_whole_name(path, table) or (find_suffix(path) in SUFFIXES and is_similar_name(path.stem, table))
    ]
    return sorted(near, key=lambda path: _measure_similarity(path.stem, table), reverse=True)


def _is_whole_name(path: Path, table: str) -> bool:
    """Return whether a name up to its first dot, without digits and signs, is almost the name of a table."""
    name = path.name.partition(".")[0]
    return any(_measure_similarity(name, meant) >= MIN_SIMILARITY for meant in (table, *OTHER_NAMES.get(table, ())))


def is_similar_name(name: str, table: str) -> bool:
    """Return whether a name of a file or a sheet is almost the name of a table, or holds such a word.

    >>> [is_similar_name(name, "preferences") for name in ("Preferences (1)", "client wishes", "preference", "notes")]
    [True, True, True, False]
    """
    words = re.split(r"[\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
    return any(
        _measure_similarity(word, meant) >= MIN_SIMILARITY
        for word in (name, *words)
        for meant in (table, *OTHER_NAMES.get(table, ()))
    )


def _measure_similarity(name: str, table: str) -> float:
    """Return how similar two names are, in [0, 1], without case, digits and signs."""
    return difflib.SequenceMatcher(None, re.sub(r"[\W\d_]", "", name.casefold()), table).ratio()


def check_unread_sheets(clinic: Clinic, collector: FaultCollector) -> None:
    """Warn of sheets that no table reads, in the workbooks of the clinic: one can hold pairs that must not meet."""
    sheets = [sheet for _, sheet in _list_unread_sheets(clinic, set(TABLES))]
    listed = [f"`{sheet}`" for sheet in sheets if not any(is_similar_name(sheet, table) for table in TABLES)]
    if listed:  # the others have an error of their own
        message = f"sheets that no table reads: {', '.join(listed)}"
        fix = "If one holds conflicts or wishes, name it: `sheet` under [tables.conflicts] or [tables.preferences]."
        collector.add_warning("unread-sheet", "", message, fix)


def _find_unread_sheet(clinic: Clinic, table: str) -> tuple[str, str] | None:
    """Return a workbook of the clinic, and its sheet that is called like a table and that no other table reads."""
    unread = _list_unread_sheets(clinic, set(TABLES) - {table})
    return next((found for found in unread if is_similar_name(found[1], table)), None)


def _list_unread_sheets(clinic: Clinic, tables: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the workbooks of the clinic with their sheets that no table reads; ``tables`` can have sheets unnamed."""
    named = [sheet for mapping in clinic.list_mappings() for sheet in mapping.list_sheets()]
    patterns = [*map(normalize_code, named), *tables]
    files = {Path(os.path.realpath(path)) for path in clinic.list_input_paths() if path.is_file()}
    for path in sorted(files):
        sheets = list_sheets(path) if path.name != CONFIG_FILE else []
        for sheet in sheets if len(sheets) > 1 else ():  # the only sheet is read, whatever its name
            if not any(match_names([normalize_code(sheet)], pattern) for pattern in patterns):
                yield path.name, sheet
