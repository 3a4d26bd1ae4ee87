"""The clinic's tables in canonical form: what every floor above reads."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from attune_fit.data.clinic.columns import TABLES, list_columns
from attune_fit.data.clinic.pair_states import PairStates
from attune_fit.data.clinic.row_hashing import encode_cells, format_sized

if TYPE_CHECKING:
    from attune_fit.data.faults import Fault, ReadFile


KIND_DTYPES = {"number": "float64", "date": "datetime64[s]"}  # every other kind is text
OPENING_COLUMNS = ["client_id", "therapist_id", "session", "measured_on"]  # of Tables.opening_records
DIGEST_VERSION = "2"  # how digests are made; digests of version 1 have no such prefix


class UnreadableCell(NamedTuple):
    """A cell of a client or therapist that is there and cannot be read.

    Attributes
    ----------
    table : {"clients", "therapists"}
    column : str
        Empty for a person who is set aside, whatever the cell or the wish.
    id : str
        Of the client or therapist.
    treatment : {"aside", "limited", "missing"}
        What it stops: the person, pairs with therapists who set a limit on the column, or only wishes about it.
    """

    table: str
    column: str
    id: str
    treatment: str


@dataclass(frozen=True)
class Tables:
    """A clinic's tables, checked: every canonical column is there, whatever was handed in.

    Attributes
    ----------
    clients, therapists, preferences, outcomes, conflicts : DataFrame
        Columns as in :data:`COLUMNS`, then the clinic's own. Numbers are float64 with NaN for unknown,
        dates datetime64, all else text with NA for unknown; sets keep the form ``a|b``. Row labels are 0..n-1.
    as_of : date
        The day the tables speak of; the ages of roster rows are counted from it.
    warnings : tuple of Fault
        What was noted while reading and did not stop it.
    met_client_ids : frozenset of str
        Ids of the clients who appear in the outcomes as handed in, even where the row itself is of no use (a form
        that cannot be scored, a therapist who has left): they are not waiting.
    unreadable : frozenset of UnreadableCell
        Cells that could restrict pairs and cannot be read. In the tables above they are missing.
    files : tuple of ReadFile
        The files that were read. They are no part of the digest: the same cells can come from other files.
    opening_records : DataFrame
        Records that only the count of openings reads, with the columns :data:`OPENING_COLUMNS`. They are those of
        clients who are not in `clients`, and those whose date cannot be read: it is missing here.
    pair_states : PairStates
        Offers, declines and ends of pairs, from the journal.
    last_event : int
        Number of the last event of the journal in these tables; 0 without a journal. It is no part of the digest.
    """

    clients: pd.DataFrame
    therapists: pd.DataFrame
    preferences: pd.DataFrame
    outcomes: pd.DataFrame
    conflicts: pd.DataFrame
    as_of: dt.date
    warnings: tuple[Fault, ...] = ()
    met_client_ids: frozenset[str] = frozenset()
    unreadable: frozenset[UnreadableCell] = frozenset()
    opening_records: pd.DataFrame = field(default_factory=lambda: complete_opening_records(pd.DataFrame()))
    files: tuple[ReadFile, ...] = ()
    pair_states: PairStates = field(default_factory=PairStates)
    last_event: int = 0

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(getattr(self, name))} {name}" for name in TABLES)
        return f"Tables({counts}, as_of={self.as_of})"

    def digest(self) -> str:
        """Return the digest of the tables: ``2:`` and a SHA-256 in hex.

        Equal data has an equal digest, whatever files it came from. Every known cell counts, ids and the clinic's own
        columns among them, and so do the order of rows and who has met a therapist. A column without a known cell does
        not count, whether it is there or not, and neither does the order of columns.
        """
        sha256 = hashlib.sha256(self.as_of.isoformat().encode())
        for name in TABLES:
            if name not in self._hashes:
                _hash_table(sha256, name, getattr(self, name))
                self._hashes[name] = sha256.copy()
            sha256 = self._hashes[name].copy()
        sha256.update(b"".join(format_sized(one.encode()) for one in sorted(self.met_client_ids)))
        if self.unreadable:  # without such cells the digest is the one of earlier versions
            unread = ["\0".join(cell).encode() for cell in sorted(self.unreadable)]
            sha256.update(b"".join(map(format_sized, unread)))
        if len(self.opening_records):
            for column in OPENING_COLUMNS:
                codes, cells = encode_cells(self.opening_records[column])
                parts = b"opening", column.encode(), *cells, codes.astype("<i8").tobytes()
                sha256.update(format_sized(b"".join(map(format_sized, parts))))
        if states := self.pair_states.serialize():
            sha256.update(format_sized(b"pairs" + states))
        return f"{DIGEST_VERSION}:{sha256.hexdigest()}"

    def digest_outcomes(self) -> str:
        """Return the digest of the rows of `outcomes` alone, SHA-256 in hex."""
        sha256 = hashlib.sha256()
        _hash_table(sha256, "outcomes", self.outcomes)
        return sha256.hexdigest()

    @cached_property
    def _hashes(self) -> dict[str, hashlib._Hash]:
        """The SHA-256 of the day and of the tables up to each one, as far as they were needed."""
        return {}

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes for a copy in another process, without what is computed from them."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def training_digest(self) -> str:
        """Return the digest of what a training reads: without the day, and without offers and other states of pairs.

        So a training on the next day gives the same bundle, unless a cell changed. Where ages come from birth dates,
        they change with the day.
        """
        return replace(self, as_of=dt.date.min, pair_states=PairStates()).digest()

    def list_set_aside(self, table: str) -> frozenset[str]:
        """Return the ids of the ``clients``, or ``therapists``, who are on no list until a cell is corrected."""
        return frozenset(cell.id for cell in self.unreadable if cell.table == table and cell.treatment == "aside")

    def list_unreadable_ids(self, table: str, column: str) -> frozenset[str]:
        """Return the ids of the ``clients``, or ``therapists``, whose cell in this column cannot be read."""
        return frozenset(cell.id for cell in self.unreadable if cell[:2] == (table, column))

    def drop_outcomes(self) -> Tables:
        """The same clinic before it recorded anything."""
        no_records = self.opening_records.iloc[:0]
        return replace(
            self, outcomes=self.outcomes.iloc[:0], met_client_ids=frozenset(), opening_records=no_records,
            pair_states=PairStates(),
        )  # fmt: skip


def take_equal_frames(tables: Tables, known: Tables | None) -> Tables:
    """Return the tables with those frames of ``known`` that are equal, so that what was computed from them is valid.

    Parameters
    ----------
    tables : Tables
        As they were read now.
    known : Tables, optional
        As they were before. Where all is equal, it is returned itself.
    """
    if known is None or tables is known:
        return tables
    names = (*TABLES, "opening_records")
    equal = {name: frame for name in names if _is_equal(frame := getattr(known, name), getattr(tables, name))}
    others = [one.name for one in fields(Tables) if one.name not in names]
    if len(equal) == len(names) and all(getattr(known, name) == getattr(tables, name) for name in others):
        return known
    taken = replace(tables, **equal)
    if taken.as_of == known.as_of:  # each hash depends on the day and on the tables before
        same = takewhile(equal.__contains__, TABLES)
        taken._hashes.update({name: known._hashes[name] for name in same if name in known._hashes})
    return taken


def _is_equal(frame: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Return whether two frames have the same columns, rows and types of cells; unknown cells are equal."""
    return frame is other or (
        frame.shape == other.shape and bool(frame.dtypes.equals(other.dtypes)) and frame.equals(other)
    )


def _hash_table(sha256: hashlib._Hash, name: str, table: pd.DataFrame) -> None:
    """Add the cells of a table to a hash."""
    sha256.update(format_sized(f"{name} {len(table)}".encode()))
    for column in sorted(table.columns):
        codes, cells = encode_cells(table[column])
        if cells:
            parts = column.encode(), *cells, codes.astype("<i8").tobytes()
            sha256.update(format_sized(b"".join(map(format_sized, parts))))


def is_current_digest(digest: str) -> bool:
    """Return whether this version of Attune makes digests of tables in the way this one was made.

    Digests made in two ways differ for the same tables, so comparing them says nothing about the tables.

    >>> is_current_digest("2:7a9ecec6e4"), is_current_digest("7a9ecec6e4")
    (True, False)
    """
    return digest.startswith(f"{DIGEST_VERSION}:")


def complete_columns(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Canonical columns with their types, unknown where missing, then the clinic's own by name; the input is kept."""
    given = {}
    for name, column in list_columns(table).items():
        dtype = pd.api.types.pandas_dtype(KIND_DTYPES.get(column.kind, "str"))
        given[name] = frame[name].astype(dtype) if name in frame else pd.Series(index=frame.index, dtype=dtype)
    own = {name: frame[name] for name in sorted(frame.columns) if name not in given}
    both = {name: _normalize_zero(cells) for name, cells in {**given, **own}.items()}
    return pd.DataFrame(both).reset_index(drop=True)


def complete_opening_records(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return rows of outcomes as ``Tables.opening_records``: each once, in an order that does not depend on theirs."""
    records = complete_columns("outcomes", outcomes)[OPENING_COLUMNS]
    return records.drop_duplicates().sort_values(OPENING_COLUMNS).reset_index(drop=True)


def _normalize_zero(cells: pd.Series) -> pd.Series:
    """Numbers as float64 in which -0.0 is 0.0: the same number, the same text."""
    return cells.astype("float64") + 0.0 if pd.api.types.is_numeric_dtype(cells) else cells
