"""A preset: how to read the exports of one program, and the lines of ``clinic.toml`` that it fills."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import list_columns

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.reading.rows.shared_grids import SharedGrids


class PresetInput(NamedTuple):
    """What a preset reads from, the same for all tables of a clinic while it is read.

    Attributes
    ----------
    folder : Path
        The clinic folder.
    day : date
        The day of the tables: a licence or a coverage that ended before it does not count.
    grids : SharedGrids
        Rows of files from which several tables come.
    """

    folder: Path
    day: dt.date
    grids: SharedGrids


class PresetTable(NamedTuple):
    """What a preset read of one table.

    Attributes
    ----------
    cells : DataFrame
        Text under headers; NA or empty text for a missing cell. Row labels are the row numbers of the file.
    columns : dict
        Column of Attune = header, or a table of details, as under ``columns`` in ``clinic.toml``. A header that
        ``cells`` lacks is ignored.
    keys : dict
        Other keys of ``[tables.NAME]``, such as ``dates``, ``instrument``, ``missing`` and ``set_separator``.
    dropped : tuple of str
        Headers that identify people, which ``cells`` does not have.
    """

    cells: pd.DataFrame
    columns: dict[str, Any]
    keys: dict[str, Any]
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preset:
    """The exports of one program.

    Attributes
    ----------
    name : str
        As ``source`` in ``clinic.toml``.
    label : str
        Name of the program, for messages.
    read : callable
        ``read(source, table, mapping, collector)`` reads one table from a :class:`PresetInput`. ``mapping`` is the
        clinic's own. None where the table has no file, or after an error.
        It raises a DataFault about files from which several tables come: each such fault is reported once.
    recognize : callable
        ``recognize(path)``: whether a file looks like an export of the program.
    description : str
        One sentence: what the preset reads and fills.
    own_headers : tuple of str
        Headers that the program adds to the questions, without case; ``*`` is any text.
    reads_files_together : bool
        Whether it finds the files of a table itself, and a row can be made of several of them.
    """

    name: str
    label: str
    read: Callable[..., PresetTable | None]
    recognize: Callable[[Path], bool]
    description: str
    own_headers: tuple[str, ...] = ()
    reads_files_together: bool = False

    def is_own_header(self, header: str) -> bool:
        """Return whether the program added a header to the questions."""
        return any(fnmatchcase(normalize_code(header), pattern) for pattern in self.own_headers)


def drop_identifying_columns(
    cells: pd.DataFrame, headers: Iterable[str], table: str, mapping: TableMapping
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the cells without columns that identify people, and the headers of these.

    A header that ``clinic.toml`` itself maps to an id stays: the clinic decided so.

    Parameters
    ----------
    cells : DataFrame
        Text under headers.
    headers : iterable of str
        Headers that identify people, compared without case and extra spaces.
    table : str
        The canonical table.
    mapping : TableMapping
        The clinic's own mapping.
    """
    ids = [name for name, column in list_columns(table).items() if column.kind == "id"]
    kept = {normalize_code(mapping.columns[name].header) for name in ids if name in mapping.columns}
    named = set(map(normalize_code, headers)) - kept
    is_dropped = [normalize_code(str(header)) in named for header in cells.columns]
    dropped = tuple(str(header) for header, one in zip(cells.columns, is_dropped, strict=True) if one)
    return cells.loc[:, [not one for one in is_dropped]], dropped
