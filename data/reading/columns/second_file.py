"""Reading of a second file, with one row for each member of a set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, map_distinct, normalize_sets, normalize_text
from attune_fit.data.reading.columns.source_file import SourceFile
from attune_fit.data.reading.rows.header_match import require_header
from attune_fit.data.reading.rows.similar_ids import normalize_id_spelling, suggest_similar_ids
from attune_fit.data.reading.rows.table_files import find_named_file, read_second_file

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import ColumnMapping


@dataclass(frozen=True)
class SecondFile:
    """A second file and its two columns.

    Attributes
    ----------
    source : SourceFile
        The file; its table is the name of the file.
    owner, member : str
        Header of the ids of the first file, and header of the members.
    """

    source: SourceFile
    owner: str
    member: str


def open_second_file(source: SourceFile, key: str, mapping: ColumnMapping) -> SecondFile | None:
    """Return the second file of a column; None, with an error, where it or a header does not exist."""
    name = str(mapping.file)
    path = find_named_file(source.folder, name, key, mapping.header, source.collector)
    if path is None:
        return None
    collector = source.collector.for_table(name, source.key_path)  # it is written like the table's own file
    second = read_second_file(path, source.mapping, mapping.sheet, key, collector)
    if second is None:
        return None
    file = SourceFile(name, second, source.mapping, source.folder, collector, source.table)
    owner = require_header(second, str(mapping.key), f"{key}.key", file.collector, file.mapping)
    member = require_header(second, mapping.header, f"{key}.from", file.collector, file.mapping)
    return None if owner is None or member is None else SecondFile(file, owner, member)


def join_members(
    source: SourceFile, key: str, name: str, second: SecondFile, members: pd.Series, ids: pd.Series
) -> pd.Series | None:
    """Return the members of each id as a set, under the row numbers of the first file.

    Parameters
    ----------
    source : SourceFile
        The first file. An id with a member that cannot be read is reported there too.
    key, name : str
        Place of the mapping in ``clinic.toml``, and name of the column.
    second : SecondFile
        The second file.
    members : Series of str
        The members, under the row numbers of the second file; missing where a cell cannot be read.
    ids : Series of str
        The ids of the first file.

    Returns
    -------
    Series or None
        Missing where an id has no member; None, with an error, where no id of the second file is known.
    """
    owners = map_distinct(second.source.raw[second.owner], normalize_text)
    rows = pd.DataFrame({"owner": owners, "member": members}).dropna()
    if not rows["owner"].isin(ids).any():
        message = f"its ids do not match any id of {source.table}"
        fix = f"Correct `{key}.key` in clinic.toml."
        second.source.collector.add_error("no-matching-id", second.owner, message, fix)
        return None
    sets = rows.drop_duplicates().groupby("owner", sort=False)["member"].agg(SET_SEPARATOR.join)
    joined = normalize_sets(ids.map(sets).astype("str"))
    _check_owners(source, name, second, owners, ids)
    unread = source.collector.list_unreadable_rows(second.source.table, name)
    bad = ids.isin(owners[owners.index.isin(list(unread))])
    if source.collector.treatments.get((source.table, name), "missing") != "missing":
        message = f"rows of {second.source.table} about these ids cannot be read"
        hint = f"correct these rows of {second.source.table}, or add to `codes`."
        source.collector.report_bad_cells(
            "second-file-not-readable",
            second.member,
            joined,
            bad,
            message,
            hint,
            name=name,
            restricts=joined.isna() | source.needs_every_code(name),
        )
    return joined


def _check_owners(source: SourceFile, name: str, second: SecondFile, owners: pd.Series, ids: pd.Series) -> None:
    """Report ids of the second file that are almost those of the first: asked about, never guessed.

    Where the members are limits, such a row, or one without an id, could limit anyone. It is an error.
    """
    folded = set(ids.dropna().map(normalize_id_spelling))
    is_similar = owners.notna() & ~owners.isin(ids) & owners.map(normalize_id_spelling, na_action="ignore").isin(folded)
    guess, collector = suggest_similar_ids(owners[is_similar], ids), second.source.collector
    column = source.find_column(name)
    if column is not None and column.is_limit:
        rows = owners.index[is_similar | owners.isna()]
        message = f"rows with limits whose ids are not in `{source.table}`"
        fix = f"They could limit anyone: correct the ids, or delete the rows. {guess}".strip()
        if len(rows):
            collector.add_error("limit-about-unknown-id", second.owner, message, fix, rows)
        return
    message, fix = f"ids that are almost those of `{source.table}`", f"Attune ignores these rows. {guess}"
    rows = owners.index[is_similar]
    collector.add_warning_for_rows("similar-id-in-second-file", second.owner, message, fix, rows)
