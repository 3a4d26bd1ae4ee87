"""The clinic's tables in canonical form: what every floor above reads."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Hashes
from attune_fit.data.clinic.columns import COLUMNS, TABLES, list_columns

if TYPE_CHECKING:
    from attune_fit.data.faults import Fault


KIND_DTYPES = {"number": "float64", "date": "datetime64[s]"}  # every other kind is text
ID_COLUMNS = frozenset(column.name for column in COLUMNS if column.kind == "id")
CONTENT_COLUMNS = frozenset(column.name for column in COLUMNS) - ID_COLUMNS


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
    """

    clients: pd.DataFrame
    therapists: pd.DataFrame
    preferences: pd.DataFrame
    outcomes: pd.DataFrame
    conflicts: pd.DataFrame
    as_of: dt.date
    warnings: tuple[Fault, ...] = ()
    met_client_ids: frozenset[str] = frozenset()

    def digest(self) -> str:
        """SHA-256 over the canonical tables: equal data has an equal digest, whatever files it came from."""
        whole = hashlib.sha256(self.as_of.isoformat().encode())
        for name in TABLES:
            table: pd.DataFrame = getattr(self, name)
            whole.update(f"\n{name}\n".encode())
            whole.update(table.to_csv(index=False).encode())
        whole.update("\n".join(["", "met", *sorted(self.met_client_ids)]).encode())
        return whole.hexdigest()

    def drop_outcomes(self) -> Tables:
        """The same clinic before it recorded anything."""
        return replace(self, outcomes=self.outcomes.iloc[:0], met_client_ids=frozenset())


def complete_columns(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Canonical columns with their types, unknown where missing, then the clinic's own by name; the input is kept."""
    given = {}
    for name, column in list_columns(table).items():
        dtype = pd.api.types.pandas_dtype(KIND_DTYPES.get(column.kind, "str"))
        given[name] = frame[name].astype(dtype) if name in frame else pd.Series(index=frame.index, dtype=dtype)
    own = {name: frame[name] for name in sorted(frame.columns) if name not in given}
    both = {name: _normalize_zero(cells) for name, cells in {**given, **own}.items()}
    return pd.DataFrame(both).reset_index(drop=True)


def _normalize_zero(cells: pd.Series) -> pd.Series:
    """Numbers as float64 in which -0.0 is 0.0: the same number, the same text."""
    return cells.astype("float64") + 0.0 if pd.api.types.is_numeric_dtype(cells) else cells


def sort_canonically(tables: Tables) -> Tables:
    """Sort rows by what they say, not by where they stood or what the ids are called.

    Training splits, sums and tie-breaks then come out the same when rows are shuffled or ids renamed. Each row's key
    is a hash of its canonical columns without ids; a client's key adds the wishes, outcomes and conflicts, a
    therapist's the outcomes and conflicts. The clinic's own columns (a name may be among them) decide only between
    rows that are otherwise alike, the id only between rows alike in everything.
    """
    links = tables.outcomes, tables.conflicts
    client, therapist = _hash_canonical_columns(tables.clients), _hash_canonical_columns(tables.therapists)
    client_ids, therapist_ids = pd.Index(tables.clients["client_id"]), pd.Index(tables.therapists["therapist_id"])
    wish = hash_row_content(tables.preferences)

    client = client + _sum_by_owner(wish, tables.preferences["client_id"], client_ids)
    for link in links:
        met = hash_row_content(link) + _mix_bits(_look_up_keys(therapist, link["therapist_id"], therapist_ids))
        client = client + _sum_by_owner(met, link["client_id"], client_ids)
    for link in links:
        met = hash_row_content(link) + _mix_bits(_look_up_keys(client, link["client_id"], client_ids))
        therapist = therapist + _sum_by_owner(met, link["therapist_id"], therapist_ids)

    clients = tables.clients.iloc[_sort_rows(tables.clients, client, client_ids)].reset_index(drop=True)
    therapists = tables.therapists.iloc[_sort_rows(tables.therapists, therapist, therapist_ids)].reset_index(drop=True)
    owners = {"client_id": pd.Index(clients["client_id"]), "therapist_id": pd.Index(therapists["therapist_id"])}

    def linked(frame: pd.DataFrame) -> pd.DataFrame:
        rows = [ids.get_indexer(pd.Index(frame[key])) for key, ids in owners.items() if key in frame]
        return frame.iloc[np.lexsort([*rows, hash_row_content(frame)])].reset_index(drop=True)

    return replace(
        tables,
        clients=clients,
        therapists=therapists,
        preferences=linked(tables.preferences),
        outcomes=linked(tables.outcomes),
        conflicts=linked(tables.conflicts),
    )


def hash_row_content(frame: pd.DataFrame) -> Hashes:
    """A 64-bit hash of each row without its ids; the order of the columns does not matter."""
    return _hash_rows(frame[sorted(set(frame.columns) - ID_COLUMNS)])


def _hash_canonical_columns(frame: pd.DataFrame) -> Hashes:
    return _hash_rows(frame[sorted(CONTENT_COLUMNS.intersection(frame.columns))])


def _sort_rows(frame: pd.DataFrame, keys: Hashes, ids: pd.Index) -> npt.NDArray[np.intp]:
    """Rows by key, then by the clinic's own columns, then by id."""
    own = sorted(set(frame.columns) - CONTENT_COLUMNS - ID_COLUMNS)
    return np.lexsort([pd.factorize(ids, sort=True)[0], _hash_rows(frame[own]), keys])


def _hash_rows(frame: pd.DataFrame) -> Hashes:
    if frame.shape[1] == 0:
        return np.zeros(len(frame), dtype=np.uint64)
    return np.asarray(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)


def _look_up_keys(keys: Hashes, ids: pd.Series, owners: pd.Index) -> Hashes:
    """The key of each id; 0 for an id that has no row."""
    rows = owners.get_indexer(pd.Index(ids))
    return np.where(rows >= 0, np.append(keys, np.uint64(0))[rows], np.uint64(0))


def _sum_by_owner(keys: Hashes, ids: pd.Series, owners: pd.Index) -> Hashes:
    """Sum of the keys of each owner's rows, stirred: the same in any order."""
    rows = owners.get_indexer(pd.Index(ids))
    sums = np.zeros(len(owners), dtype=np.uint64)
    np.add.at(sums, rows[rows >= 0], _mix_bits(keys[rows >= 0]))
    return _mix_bits(sums)


def _mix_bits(keys: Hashes) -> Hashes:
    """Hashes spread over all 64 bits, so that sums of them do not cancel (the constant is Knuth's)."""
    return keys * np.uint64(11400714819323198485) ^ (keys >> np.uint64(29))
