"""How a clinic's files were read: the column of each header, what became of its cells, and unused headers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import is_one_of, list_distinct, normalize_code
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.instruments import normalize_instrument_name
from attune_fit.data.clinic.mapping_config import OutcomesMapping
from attune_fit.data.fault_collector import MOSTLY, SOFT, FaultCollector
from attune_fit.data.reading.columns.code_mapping import build_code_book
from attune_fit.data.reading.columns.item_answers import count_answers
from attune_fit.data.reading.columns.item_sums import count_item_answers
from attune_fit.data.reading.columns.second_file import open_second_file
from attune_fit.data.reading.columns.slot_columns import count_slot_marks
from attune_fit.data.reading.columns.source_file import CellCounts, is_uncoded_missing_word
from attune_fit.data.reading.columns.time_columns import count_time_slots
from attune_fit.data.reading.rows.header_match import find_header, list_headers, match_headers
from attune_fit.data.reading.shapes.table_parts import split_table
from attune_fit.data.reading.wishes.wish_columns import find_missing_wishes
from attune_fit.data.row_blocks import ROWS_PER_BLOCK, find_block

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.mapping_config import ColumnMapping
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.reading.columns.source_file import SourceFile
    from attune_fit.data.reading.columns.table_reader import MappedTable
    from attune_fit.data.reading.presets.preset_reader import FilledTable
    from attune_fit.data.row_blocks import JoinedRows

CONDITION = "rows (condition)"  # what reads the header that `rows` of a table names


@dataclass(frozen=True)
class HeaderReading:
    """One header of a file, and the column that it becomes.

    Attributes
    ----------
    header : str
        As the file spells it.
    column : str
        The column of Attune, or the clinic's own. A wish is ``wish: gender``, and an item of a form ``item 3``.
    cells : CellCounts
        What Attune made of the cells.
    """

    header: str
    column: str
    cells: CellCounts


@dataclass(frozen=True)
class FileReading:
    """One file of a clinic, or one table of a database.

    Attributes
    ----------
    table : str
        The canonical table. A second file has that of the column that it fills.
    file : str
        Name of the file.
    rows : int
        Rows that belong to the table.
    headers : tuple of HeaderReading
        In the order of the file. A header that two columns use is listed twice.
    unused : tuple of str
        Headers that nothing reads: neither Attune nor a key of ``clinic.toml``.
    source : str
        The preset that read the file, as in ``clinic.toml``; empty without one.
    filled : tuple of str
        The lines of ``clinic.toml`` that the preset filled: keys, then columns.
    dropped : tuple of str
        Headers that the preset left out because they identify people.
    sheet : str
        Name of the sheet; empty where the file has none, or where ``file`` names it.
    """

    table: str
    file: str
    rows: int
    headers: tuple[HeaderReading, ...]
    unused: tuple[str, ...]
    source: str = ""
    filled: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    sheet: str = ""


@dataclass
class _FileUse:
    """What was found about one file so far, by header."""

    source: SourceFile
    file: str
    found: dict[str, list[HeaderReading]] = field(default_factory=dict)

    def add(self, header: str, column: str, cells: CellCounts) -> None:
        self.found.setdefault(header, []).append(HeaderReading(header, column, cells))

    def build(self, table: str, joined: Collection[str] = ()) -> FileReading:
        headers = [header for header in list_headers(self.source.raw) if header not in joined]
        listed = tuple(one for header in headers for one in self.found.get(header, ()))
        unused = tuple(header for header in headers if header not in self.found)
        return FileReading(table, self.file, len(self.source.raw), listed, unused)


def list_file_readings(
    clinic: Clinic,
    sources: Mapping[str, SourceFile],
    tables: Mapping[str, MappedTable],
    filled: Mapping[str, Sequence[FilledTable | None]],
    collector: FaultCollector,
) -> Iterator[FileReading]:
    """Yield what was read of each file, the second files of a table after its own.

    Parameters
    ----------
    clinic : Clinic
    sources : mapping of str to SourceFile
        The files that could be opened, by table.
    tables : mapping of str to MappedTable
        Their columns, with a row for each row of ``sources``.
    filled : mapping of str to sequence of FilledTable or None
        What presets filled of each part of a table, by table.
    collector : FaultCollector
        After all checks. It holds the cells that cannot be read.
    """
    files = {one.table: one for one in reversed(collector.files)}
    for table, whole in sources.items():
        named, parts = _list_named_columns(clinic.config, table, tables), whole.parts or (whole,)
        presets = filled.get(table) or [None] * len(parts)
        for source, mapped, preset in zip(parts, split_table(tables[table]), presets, strict=True):
            names, own = _name_files(source, collector), files.get(table)
            use = _FileUse(source, names or (own.file if own else table))
            seconds = _add_columns(use, mapped, named, collector)
            _add_others(use, clinic, collector)
            joined = [one for one in collector.joined if one.section == source.collector.section]
            reading = use.build(table, {header for one in joined for header in one.headers})
            if own is not None and not names:
                reading = replace(reading, sheet=own.sheet)
            if preset is not None:
                reading = replace(reading, source=preset.preset.name, filled=preset.lines, dropped=preset.dropped)
            yield reading
            for one in joined:
                yield _build_joined_reading(use, one)
            for second in seconds:
                yield second.build(table)


def _name_files(source: SourceFile, collector: FaultCollector) -> str:
    """Return the names of the files of a table by the labels of its rows; empty where these are row numbers."""
    numbers = (source.raw.index // ROWS_PER_BLOCK).unique()
    blocks = [find_block(int(number) * ROWS_PER_BLOCK, collector.blocks) for number in numbers]
    return ", ".join(dict.fromkeys(str(block._replace(session=None)) for block in blocks if block is not None))


def _build_joined_reading(use: _FileUse, joined: JoinedRows) -> FileReading:
    """Return how a joined file was read; its cells are counted in the rows of the table."""
    key = HeaderReading(joined.key, "key", CellCounts.of_rows(joined.n_rows, joined.n_keys, 0, 0))
    listed = tuple(one for header in joined.headers for one in use.found.get(header, ()))
    unused = tuple(header for header in joined.headers if header not in use.found)
    return FileReading(joined.table, joined.file, joined.n_rows, (key, *listed), unused)


def _add_columns(
    use: _FileUse, mapped: MappedTable, named: frozenset[str], collector: FaultCollector
) -> list[_FileUse]:
    """Add the columns of a table that something reads; return its second files."""
    source, seconds = use.source, []
    known = list_columns(source.table)
    for name in mapped.headers:
        mapping = source.mapping.columns.get(name)
        if mapping is not None and mapping.file is not None:
            second = _count_second_file(source, name, mapping, collector)
            seconds += [] if second is None else [second]
        elif mapping is not None and mapping.items is not None:
            for header, (number, counts) in count_item_answers(source, name, mapping).items():
                use.add(header, f"{name}, item {number}", counts)
        elif mapping is not None and mapping.slots is not None:
            found_marks = (
                count_time_slots(source, mapping) if mapping.times else count_slot_marks(source, name, mapping)
            )
            for header, counts in found_marks.items():
                use.add(header, name, counts)
        elif mapping is not None or name in known or normalize_code(name) in named:
            found = find_header(source.raw, mapped.headers[name])
            if found is not None:
                use.add(found, name, _count_cells(source, found, name, mapped.frame[name], collector))
    return seconds


def _count_cells(
    source: SourceFile, header: str, name: str, values: pd.Series, collector: FaultCollector
) -> CellCounts:
    """Return what became of the cells under a header; ``values`` is the column in its canonical type."""
    cells = source.raw[header]
    unread = cells.index.isin(list(_list_unread_rows(source.table, header, name, collector)))
    is_missing = values.reindex(cells.index).isna().to_numpy()
    has_text = cells.notna().to_numpy()
    declared = _list_declared_rows(source.table, header, collector) & frozenset(cells.index[~has_text])
    n_unknown = int((has_text & is_missing & ~unread).sum()) + len(declared)
    return CellCounts.of_rows(len(cells), int((has_text & ~is_missing & ~unread).sum()),
                              int((has_text & unread).sum()), n_unknown)  # fmt: skip


def _list_unread_rows(table: str, header: str, name: str, collector: FaultCollector) -> frozenset[int]:
    """Return the rows with a cell that cannot be read, also where most cells are such and the fault is an error."""
    most = [
        fault.rows
        for fault in collector.faults
        if fault.table == table and fault.column == header and fault.id.endswith(MOSTLY)
    ]
    wishes = _list_wish_rows(header, collector) if table == "preferences" else frozenset[int]()
    return collector.list_unreadable_rows(table, name).union(wishes, *most)


def _list_wish_rows(header: str, collector: FaultCollector) -> frozenset[int]:
    """Return the rows with a wish that cannot be used, by a fault about this header."""
    faults = [fault for fault in collector.faults if fault.table == "preferences" and fault.column == header]
    return frozenset(row for fault in faults if fault.sets_aside or fault.id.endswith(SOFT) for row in fault.rows)


def _list_declared_rows(table: str, header: str, collector: FaultCollector) -> frozenset[int]:
    code = normalize_code(header)
    found = [one for one in collector.declared_missing if one.table == table and normalize_code(one.header) == code]
    return frozenset(row for one in found for row in one.rows)


def _count_second_file(
    source: SourceFile, name: str, mapping: ColumnMapping, collector: FaultCollector
) -> _FileUse | None:
    """Return the use of the second file of a column; it is opened again, and its faults are known already."""
    own = replace(source, collector=FaultCollector(source.table))
    second = open_second_file(own, f"tables.{source.key_path}.columns.{name}", mapping)
    if second is None:
        return None
    use = _FileUse(second.source, str(mapping.file))
    ids = second.source.raw[second.owner].notna()
    use.add(second.owner, "key", CellCounts.of_rows(len(ids), int(ids.sum()), 0, 0))
    cells = second.source.read_cells(second.member, mapping)
    book = build_code_book(None, mapping)
    words = [text for text in list_distinct(cells) if is_uncoded_missing_word(text, book, is_number=False)]
    values = cells.mask(is_one_of(cells, words))
    use.add(second.member, name, _count_cells(second.source, second.member, name, values, collector))
    return use


def _add_others(use: _FileUse, clinic: Clinic, collector: FaultCollector) -> None:
    """Add the headers that no column reads: a condition on the rows, the items of a form, and wishes."""
    source, config = use.source, clinic.config
    if source.mapping.rows is not None and (header := find_header(source.raw, source.mapping.rows.column)):
        known = source.raw[header].notna()
        use.add(header, CONDITION, CellCounts.of_rows(len(known), int(known.sum()), 0, 0))
    outcomes = source.mapping
    if isinstance(outcomes, OutcomesMapping) and outcomes.items is not None:
        by_name = {normalize_instrument_name(name): one for name, one in clinic.instruments.items()}
        instrument = by_name.get(normalize_instrument_name(outcomes.instrument or ""))
        numbered = match_headers(source.raw, outcomes.items.replace("{}", "*"))
        for number, header in numbered.items():
            if number.isdigit():
                use.add(header, f"item {number}", count_answers(source, header, instrument, outcomes.item_codes))
    for wish in config.tables.preferences.wishes if source.table == "clients" else ():
        if (header := find_header(source.raw, wish.column)) is not None:
            cells = source.read_cells(header)
            has_text = source.raw[header].notna()
            unread = has_text & has_text.index.isin(list(_list_wish_rows(header, collector)))
            unknown = has_text & ~unread & (cells.isna() | find_missing_wishes(cells, wish))
            n_read = int((has_text & ~unread & ~unknown).sum())
            use.add(header, f"wish: {wish.attribute}",
                    CellCounts.of_rows(len(cells), n_read, int(unread.sum()), int(unknown.sum())))  # fmt: skip


def _list_named_columns(config: Config, table: str, tables: Mapping[str, MappedTable]) -> frozenset[str]:
    """Return the columns of a table that keys of ``clinic.toml`` outside its mapping name, or wishes, as codes."""
    features, where = config.features, config.waiting.where
    wished = [wish.attribute for wish in config.tables.preferences.wishes]
    if "preferences" in tables and "attribute" in tables["preferences"].frame:
        wished += map(str, tables["preferences"].frame["attribute"].dropna().unique())
    named = {
        "clients": [
            *(feature.client for feature in features),
            *(feature.weight_by for feature in features),
            *config.fairness.groups,
            config.settings.site_column,
            config.assign.urgency_column,
            where.column if where is not None else None,
        ],
        "therapists": [
            *(feature.therapist for feature in features),
            *config.fairness.therapist_groups,
            config.journal.therapist_label,
            *wished,
        ],
    }
    return frozenset(normalize_code(one) for one in named.get(table, ()) if one)
