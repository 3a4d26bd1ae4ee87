"""The clinic's tables in canonical form: what every floor above reads."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.clinic.columns import COLUMNS, TABLES, columns_of

if TYPE_CHECKING:
    from attune_fit.data.faults import Fault

Keys = npt.NDArray[np.uint64]

EMPTY = {"number": "float64", "date": "datetime64[s]"}  # every other kind is text
IDS = frozenset(column.name for column in COLUMNS if column.kind == "id")
CONTENT = frozenset(column.name for column in COLUMNS) - IDS


@dataclass(frozen=True)
class Tables:
    """A clinic's tables, checked: every canonical column is there, whatever was handed in.

    Attributes
    ----------
    clients, therapists, preferences, outcomes, conflicts : DataFrame
        Columns as in :data:`attune_fit.data.clinic.columns.COLUMNS`, then the clinic's own. Numbers are float64 with NaN for unknown,
        dates datetime64, all else text with NA for unknown; sets keep the form ``a|b``. Row labels are 0..n-1.
    as_of : date
        The day the tables speak of; the ages of roster rows are counted from it.
    notes : tuple of Fault
        What was noted while reading and did not stop it.
    met : frozenset of str
        Ids of the clients who appear in the outcomes as handed in, even where the row itself is of no use (a form
        that cannot be scored, a therapist who has left): they are not waiting.
    """

    clients: pd.DataFrame
    therapists: pd.DataFrame
    preferences: pd.DataFrame
    outcomes: pd.DataFrame
    conflicts: pd.DataFrame
    as_of: dt.date
    notes: tuple[Fault, ...] = ()
    met: frozenset[str] = frozenset()

    def digest(self) -> str:
        """SHA-256 over the canonical tables: equal data has an equal digest, whatever files it came from."""
        whole = hashlib.sha256(self.as_of.isoformat().encode())
        for name in TABLES:
            table: pd.DataFrame = getattr(self, name)
            whole.update(f"\n{name}\n".encode())
            whole.update(table.to_csv(index=False).encode())
        whole.update("\n".join(["", "met", *sorted(self.met)]).encode())
        return whole.hexdigest()

    def without_outcomes(self) -> Tables:
        """The same clinic before it recorded anything."""
        return replace(self, outcomes=self.outcomes.iloc[:0], met=frozenset())


def complete(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Canonical columns with their types, unknown where missing, then the clinic's own by name; the input is kept."""
    given = {}
    for name, column in columns_of(table).items():
        dtype = pd.api.types.pandas_dtype(EMPTY.get(column.kind, "str"))
        given[name] = frame[name].astype(dtype) if name in frame else pd.Series(index=frame.index, dtype=dtype)
    own = {name: frame[name] for name in sorted(frame.columns) if name not in given}
    both = {name: _one_zero(cells) for name, cells in {**given, **own}.items()}
    return pd.DataFrame(both).reset_index(drop=True)


def _one_zero(cells: pd.Series) -> pd.Series:
    """Numbers as float64 in which -0.0 is 0.0: the same number, the same text."""
    return cells.astype("float64") + 0.0 if pd.api.types.is_numeric_dtype(cells) else cells


def in_canonical_order(tables: Tables) -> Tables:
    """Sort rows by what they say, not by where they stood or what the ids are called.

    Training splits, sums and tie-breaks then come out the same when rows are shuffled or ids renamed. Each row's key
    is a hash of its canonical columns without ids; a client's key adds the wishes, outcomes and conflicts, a
    therapist's the outcomes and conflicts. The clinic's own columns (a name may be among them) decide only between
    rows that are otherwise alike, the id only between rows alike in everything.
    """
    links = tables.outcomes, tables.conflicts
    client, therapist = _canonical_keys(tables.clients), _canonical_keys(tables.therapists)
    client_ids, therapist_ids = pd.Index(tables.clients["client_id"]), pd.Index(tables.therapists["therapist_id"])
    wish = content_keys(tables.preferences)

    client = client + _gathered(wish, tables.preferences["client_id"], client_ids)
    for link in links:
        met = content_keys(link) + _stirred(_looked_up(therapist, link["therapist_id"], therapist_ids))
        client = client + _gathered(met, link["client_id"], client_ids)
    for link in links:
        met = content_keys(link) + _stirred(_looked_up(client, link["client_id"], client_ids))
        therapist = therapist + _gathered(met, link["therapist_id"], therapist_ids)

    clients = tables.clients.iloc[_order(tables.clients, client, client_ids)].reset_index(drop=True)
    therapists = tables.therapists.iloc[_order(tables.therapists, therapist, therapist_ids)].reset_index(drop=True)
    owners = {"client_id": pd.Index(clients["client_id"]), "therapist_id": pd.Index(therapists["therapist_id"])}

    def linked(frame: pd.DataFrame) -> pd.DataFrame:
        rows = [ids.get_indexer(pd.Index(frame[key])) for key, ids in owners.items() if key in frame]
        return frame.iloc[np.lexsort([*rows, content_keys(frame)])].reset_index(drop=True)

    return replace(
        tables,
        clients=clients,
        therapists=therapists,
        preferences=linked(tables.preferences),
        outcomes=linked(tables.outcomes),
        conflicts=linked(tables.conflicts),
    )


def content_keys(frame: pd.DataFrame) -> Keys:
    """A 64-bit hash of each row without its ids; the order of the columns does not matter."""
    return _hashed(frame[sorted(set(frame.columns) - IDS)])


def _canonical_keys(frame: pd.DataFrame) -> Keys:
    return _hashed(frame[sorted(CONTENT.intersection(frame.columns))])


def _order(frame: pd.DataFrame, keys: Keys, ids: pd.Index) -> npt.NDArray[np.intp]:
    """Rows by key, then by the clinic's own columns, then by id."""
    own = sorted(set(frame.columns) - CONTENT - IDS)
    return np.lexsort([pd.factorize(ids, sort=True)[0], _hashed(frame[own]), keys])


def _hashed(frame: pd.DataFrame) -> Keys:
    if frame.shape[1] == 0:
        return np.zeros(len(frame), dtype=np.uint64)
    return np.asarray(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)


def _looked_up(keys: Keys, ids: pd.Series, owners: pd.Index) -> Keys:
    """The key of each id; 0 for an id that has no row."""
    rows = owners.get_indexer(pd.Index(ids))
    return np.where(rows >= 0, np.append(keys, np.uint64(0))[rows], np.uint64(0))


def _gathered(keys: Keys, ids: pd.Series, owners: pd.Index) -> Keys:
    """Sum of the keys of each owner's rows, stirred: the same in any order."""
    rows = owners.get_indexer(pd.Index(ids))
    sums = np.zeros(len(owners), dtype=np.uint64)
    np.add.at(sums, rows[rows >= 0], _stirred(keys[rows >= 0]))
    return _stirred(sums)


def _stirred(keys: Keys) -> Keys:
    """Keys spread over all 64 bits, so that sums of them do not cancel (the constant is Knuth's)."""
    return keys * np.uint64(11400714819323198485) ^ (keys >> np.uint64(29))
