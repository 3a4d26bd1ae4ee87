"""Print the errors and warnings of a clinic's tables, and the next command."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_faults, print_text
from attune_fit.data.command_words import format_word
from attune_fit.data.reading.rows.absent_tables import list_declared_tables

if TYPE_CHECKING:
    from attune_fit.data.faults import Fault
    from attune_fit.results import Result
    from attune_fit.workspace import Workspace

SECOND_FILE = "second file"
COUNTS = ("read", "unread", "unknown", "empty")  # numbers of cells under a header
MAX_FILES = 8  # named in one line
NO_CANDIDATE = "no-client-has-candidate"  # then neither training nor ranking helps


def show_check(result: Result, workspace: Workspace) -> None:
    """Print the files that were read, then all faults, errors first.

    Without an error, the last line is the command to go on with: training needs scores.
    """
    faults: Sequence[Fault] = result.result
    content = result.build_dict()
    _show_files(content, list_declared_tables(workspace.clinic.config))
    for file in content.get("mapping", ()):
        _show_mapping(file)
    print_faults(faults)
    if any(fault.stops for fault in faults):
        return
    people = {(fault.side, one) for fault in faults for one in fault.sets_aside}
    n_warnings = sum(not fault.sets_aside for fault in faults)
    warnings = format_count(n_warnings, "warning") if n_warnings else "no warnings"
    aside = f"{len(people)} set aside, " if people else ""
    folder = escape(format_word(workspace.folder))
    has_scores = bool(workspace.tables.outcomes["score"].notna().any())
    following = f"attune train {folder}" if has_scores else f"attune rank {folder} --waiting"
    if any(fault.id == NO_CANDIDATE for fault in faults):
        following = f"attune capacity {folder}"
    print_text(f"No errors, {aside}{warnings}. Next: [bold]{following}[/bold]")


def _show_mapping(file: dict[str, Any]) -> None:
    """Print the headers of a file with their columns and the numbers of their cells, then those that nothing reads."""
    sheet = f", sheet {file['sheet']}" if file["sheet"] else ""
    title = f"{file['table']}: {file['file']}{sheet}, {format_count(file['rows'], 'row')}"
    table = build_table(escape(title), "header", "column", *(f">{name}" for name in COUNTS))
    for one in file["headers"]:
        counts = (f"{one[name]:,}" if one[name] else "" for name in COUNTS)
        table.add_row(Text(one["header"]), Text(one["column"]), *counts)
    print_text(table)
    if file["source"]:
        lines = ", ".join(file["filled"]) or "nothing"
        print_text(Text(f"The preset {file['source']} filled these lines of [tables.{file['table']}]: {lines}."))
    if file["dropped"]:
        print_text(Text(f"Left out, because they identify people: {', '.join(file['dropped'])}."))
    if file["unused"]:
        print_text(Text(f"Columns of {file['file']} that nothing reads: {', '.join(file['unused'])}."))


def _show_files(content: dict[str, Any], declared: Collection[str]) -> None:
    """Print the tables with their files and rows, those without a file, and the files that no table uses."""
    table = build_table("", "table", "file", ">rows")
    for one in content["tables"]:
        place = f"{one['file']}, sheet {one['sheet']}" if one["sheet"] else one["file"]
        table.add_row(one["table"] or SECOND_FILE, Text(place), f"{one['rows']:,}")
    if content["tables"]:
        print_text(table)
    if lacking := [table for table in content["absent"] if table in declared]:
        print_text(Text(f"Without a file, though clinic.toml describes it: {', '.join(lacking)}."))
    if optional := [table for table in content["absent"] if table not in declared]:
        print_text(Text(f"Without a file, and optional: {', '.join(optional)}."))
    if names := content["unused"]:
        more = f" and {len(names) - MAX_FILES:,} more" if len(names) > MAX_FILES else ""
        print_text(Text(f"Files that no table uses: {', '.join(names[:MAX_FILES])}{more}."))
