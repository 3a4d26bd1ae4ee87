"""Files of form programs: their headers, their separator and the form of their dates."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from attune_fit.data.cell_parsing import normalize_code, normalize_text, parse_dates
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.formats.table_formats import find_format_to_read
from attune_fit.data.reading.presets.checkbox_columns import OTHER
from attune_fit.data.reading.presets.preset import drop_identifying_columns
from attune_fit.data.reading.rows.header_match import find_header, match_headers
from attune_fit.data.reading.rows.table_files import find_file, read_grid

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.clinic.mapping_config import TableMapping

SEPARATORS = (",", ";", "\t")  # of a text file, in the order of preference
FIRST_BYTES = 65536  # of a text file, in which its first row ends
DATE_COLUMNS = {"clients": "intake_on", "therapists": "updated_on", "outcomes": "measured_on"}  # day of the answers
ID_COLUMNS = {"clients": "client_id", "therapists": "therapist_id"}  # tables with a row for each person who answers
DATE_FORMS = (  # month first before day first: the programs write it so by default
    *("%Y-%m-%d", "%Y/%m/%d %I:%M:%S %p %Z", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y"),
    *("%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y"),
)
ADDRESSES = (  # of people, in the languages of the programs' menus
    *("email", "e-mail", "email address", "e-mail address", "ip address", "ipaddr", "ip", "username", "phone"),
    *("phone number", "telephone", "address", "e-mail-adresse", "adresse e-mail", "adresse de messagerie"),
    *("correo electr\u00f3nico", "direcci\u00f3n de correo electr\u00f3nico", "correo", "ip-adresse"),
)
_AROUND = re.compile(  # at the beginning of a question
    r"^(?:\W*(?:what(?:['\u2019]s| is)|please|enter|give|write|your|the|my|(?:client|patient)(?:['\u2019]s)?|"
    r"wie (?:ist|lautet)|ihr|ihre|dein|deine|bitte|quel est|votre|cual es|su|tu)\b\W*)+"
)
NAMES = ("name", "full name", "first name", "last name", "firstname", "lastname", "your name", "surname", "vorname",
         "nachname", "nom", "pr\u00e9nom", "nombre", "apellido", "apellidos", "nombre completo",
         "first and last name", "name first and last", "legal name")  # fmt: skip


class FormFile(NamedTuple):
    """The cells of a form's file.

    Attributes
    ----------
    grid : DataFrame
        Every row as text, the rows with headers too, labelled by row number. Columns are numbers from 0.
    keys : dict
        Keys of ``[tables.NAME]`` without which the file is not read.
    """

    grid: pd.DataFrame
    keys: dict[str, str]


def read_form_file(folder: Path, table: str, mapping: TableMapping, collector: FaultCollector) -> FormFile | None:
    """Return the cells of the file of a table; None without a file, or after an error.

    A text file has the separator that its first row holds most often, where ``clinic.toml`` names none. Rows above
    the one that ``header_row`` names are left out, and so are ``skip_rows``.
    """
    path = find_file(folder, table, mapping.file, collector)
    if path is None:
        return None
    separator = find_separator(path) if "separator" not in mapping.model_fields_set else None
    keys = {"separator": separator} if separator is not None else {}
    grid = read_grid(path, mapping.model_copy(update=keys), collector)
    if grid is None:
        return None
    first = mapping.header_row[0] if mapping.header_row else 1
    grid = grid[(grid.index >= first) & ~grid.index.isin(mapping.skip_rows)]
    is_blank = grid.apply(lambda cells: cells.str.strip() == "").all(axis=1)
    return FormFile(grid[~is_blank], keys)


def find_separator(path: Path) -> str | None:
    """Return the separator of a text file where it is none that Attune takes by itself; None for other files."""
    if not find_format_to_read(path).is_text or path.suffix.casefold() == ".gz":
        return None
    with path.open("rb") as file:
        line = file.read(FIRST_BYTES).decode("utf-8", errors="replace").splitlines()
    counts = {mark: line[0].count(mark) for mark in SEPARATORS} if line else {}
    most = max(SEPARATORS, key=lambda mark: counts.get(mark, 0))
    usual = "\t" if ".tsv" in path.name.casefold() else ","
    return most if counts.get(most, 0) > counts.get(usual, 0) else None


def read_first_row(path: Path) -> list[str]:
    """Return the cells of the first row of a file with any cell; none where Attune cannot read the file.

    Of a text file, only its beginning is read. Each preset asks, so the row of a workbook is kept while it is the same.
    """
    if not path.is_file():
        return []
    state = path.stat()
    return list(_read_first_row(path, state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=32)
def _read_first_row(path: Path, _changed: int, _size: int) -> tuple[str, ...]:
    from attune_fit.data.clinic.mapping_config import TableMapping

    separator = find_separator(path)
    rows: Iterable[Iterable[str]]
    if find_format_to_read(path).is_text and path.suffix.casefold() != ".gz":
        usual = "\t" if ".tsv" in path.name.casefold() else ","
        with path.open("rb") as file:
            lines = file.read(FIRST_BYTES).decode("utf-8-sig", errors="replace").splitlines(keepends=True)
        rows = _parse_rows(lines, separator or usual)
    else:
        mapping = TableMapping() if separator is None else TableMapping(separator=separator)
        found = read_grid(path, mapping, FaultCollector(path.name))
        rows = [] if found is None else (found.loc[row] for row in found.index)
    texts = (tuple(normalize_text(str(cell)) for cell in row) for row in rows)
    return next((row for row in texts if any(row)), ())


def _parse_rows(lines: list[str], separator: str) -> Iterator[list[str]]:
    """Yield the rows of text, up to one that cannot be read."""
    try:
        yield from csv.reader(lines, delimiter=separator)
    except csv.Error:  # a cell with more letters than the reader takes
        return


def has_headers(headers: Iterable[str], needed: Sequence[Sequence[str]]) -> bool:
    """Return whether the headers have one of each of the ``needed`` groups, without case and extra spaces.

    >>> has_headers(["ID", "Start time"], [["id"], ["start time", "startzeit"]])
    True
    """
    codes = set(map(normalize_code, headers))
    return all(not codes.isdisjoint(group) for group in needed)


def add_foreign_export_error(
    label: str, needed: Sequence[Sequence[str]], table: str, collector: FaultCollector
) -> None:
    """Add the error that a file is no export of the program of its preset."""
    first = ", ".join(f"`{group[0]}`" for group in needed)
    message = f"the file does not look like an export of {label}, which has headers such as {first}"
    fix = f"Export it again as it is, or remove `source` under [tables.{table}] and map the columns yourself."
    collector.add_error("not-an-export-of-the-source", "", message, fix)


def drop_people(cells: pd.DataFrame, table: str, mapping: TableMapping) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the cells without addresses and names, and the headers of these; names of therapists stay."""
    named = {*ADDRESSES, *(() if table == "therapists" else NAMES)}
    headers = [str(header) for header in cells.columns if _shorten_question(str(header)) in named]
    return drop_identifying_columns(cells, headers, table, mapping)


def _shorten_question(header: str) -> str:
    """Return what a question asks for, without the words around it.

    >>> _shorten_question("What is your full name?"), _shorten_question("E-mail address *"), _shorten_question("Age")
    ('full name', 'e-mail address', 'age')
    """
    return _AROUND.sub("", normalize_code(header).translate({ord("("): None, ord(")"): None})).strip(" ?:*.!")


def fill_answer_date(
    cells: pd.DataFrame,
    headers: Sequence[str],
    table: str,
    mapping: TableMapping,
    label: str,
    collector: FaultCollector,
) -> dict[str, dict[str, str]]:
    """Return the line of the column with the day of the answers: the first of the ``headers`` that has dates."""
    found = (find_header(cells, header) for header in headers)
    header = next((one for one in found if one is not None and (select_cells(cells, one) != "").any()), None)
    name = DATE_COLUMNS.get(table)
    if header is None or name is None:
        return {}
    own = mapping.columns.get(name)
    is_set = (own is not None and own.dates is not None) or mapping.dates is not None
    form = None if is_set else find_date_form(select_cells(cells, header), header, table, label, collector)
    return {name: {"from": header, **({"dates": form} if form not in (None, "%Y-%m-%d") else {})}}


def find_date_form(cells: pd.Series, header: str, table: str, label: str, collector: FaultCollector) -> str | None:
    """Return the first of :data:`DATE_FORMS` that reads all cells; None where none does.

    Where day and month can be exchanged, the form in which the days never go back is taken: a program adds answers
    at the end. Where both do, or neither, the month comes first, and a warning names the key that changes this.
    """
    known = cells[cells.str.contains(r"\d", regex=True)]  # a word such as `unknown` has no form
    days = {form: parse_dates(known, form) for form in DATE_FORMS}
    fitting = [form for form in DATE_FORMS if days[form].notna().all()]
    if len(fitting) < 2 or fitting[0] == "%Y-%m-%d":
        return fitting[0] if fitting else None
    ordered = [form for form in fitting if days[form].is_monotonic_increasing]
    if len(ordered) != 1 and not days[fitting[0]].equals(days[fitting[1]]):
        message = f"{label} wrote dates in which day and month can be exchanged"
        fix = f'Attune reads `{fitting[0]}`. If that is wrong, set `dates = "{fitting[1]}"` under [tables.{table}].'
        collector.add_warning("day-or-month-first", header, message, fix)
    return (ordered if len(ordered) == 1 else fitting)[0]


def list_mapped_headers(cells: pd.DataFrame, mapping: TableMapping) -> set[str]:
    """Return the headers of a file that columns of ``clinic.toml`` name, by themselves or by a pattern."""
    patterns = [one for column in mapping.columns.values() for one in column.patterns or [column.header]]
    return {header for pattern in patterns if pattern for header in match_headers(cells, pattern).values()}


def fill_person_id(cells: pd.DataFrame, headers: Sequence[str], table: str) -> Mapping[str, str]:
    """Return the line of the id of the people who answer: the first header whose cells mostly differ.

    A cell that is not there, or is there twice, concerns this person alone: the ids of all others stay the same. A
    text that most responses share, such as a site, is no id. Only in a table with a row for each person; elsewhere
    the number of a response is no id of a client.
    """
    found = (find_header(cells, header) for header in headers)
    ids = [one for one in found if one is not None and _names_people(select_cells(cells, one))]
    return {ID_COLUMNS[table]: ids[0]} if ids and table in ID_COLUMNS else {}


def is_limit_question(question: str, mapping: TableMapping, table: str) -> bool:
    """Return whether a question is the header of a column where an empty cell means no limit."""
    limits = [name for name, column in list_columns(table).items() if column.is_limit]
    return any(normalize_code(mapping.get_header(name)) == normalize_code(question) for name in limits)


def report_limits_in_own_words(
    cells: pd.DataFrame,
    header: str,
    question: str,
    ids: Mapping[str, str],
    mapping: TableMapping,
    collector: FaultCollector,
) -> None:
    """Set the therapists aside who wrote a limit in their own words: no client has a code for it.

    Parameters
    ----------
    cells : DataFrame
        Text under the headers of the file.
    header, question : str
        The header of the answers in own words, and the question that it belongs to.
    ids : mapping of str to str
        The line of the id that the preset fills.
    mapping : TableMapping
        The clinic's own. A column whose ``codes`` list ``other`` gives such an answer a meaning.
    collector : FaultCollector
    """
    known = list_columns(collector.table) if collector.table == "therapists" else {}
    limits = [
        mapping.columns.get(name)
        for name, column in known.items()
        if column.is_limit and normalize_code(mapping.get_header(name)) == normalize_code(question)
    ]
    is_answered = select_cells(cells, header).str.strip() != ""
    named = find_header(cells, mapping.get_header("therapist_id")) or ids.get("therapist_id")
    if named is None or not is_answered.any() or all(one is not None and OTHER in one.codes for one in limits):
        return
    people = [normalize_text(one) for one in select_cells(cells, named)[is_answered]]
    message = "limits in the therapists' own words"
    fix = "Attune offers these therapists to no client: choose one of the answers, or list `other` in `codes`."
    collector.add_set_aside("limit-in-own-words", header, message, fix, cells.index[is_answered], people)


def _names_people(cells: pd.Series) -> bool:
    """Return whether more than half of the cells that are not empty are different ones."""
    known = cells[cells.str.strip() != ""]
    return 2 * known.nunique() > len(known)


def select_cells(cells: pd.DataFrame, header: str) -> pd.Series:
    """Return the first column under a header: a question can be called like a column of the program."""
    return cells.iloc[:, list(cells.columns).index(header)]
