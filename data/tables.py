"""The clinic's tables in canonical form: what every floor above reads."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.columns import COLUMNS, TABLES, columns_of

if TYPE_CHECKING:
    from data.faults import Fault

Keys = npt.NDArray[np.uint64]

EMPTY = {"number": "float64", "date": "datetime64[s]"}  # every other kind is text


@dataclass(frozen=True)
class Tables:
    """A clinic's tables, checked: every canonical column is there, whatever was handed in.

    Attributes
    ----------
    clients, therapists, preferences, outcomes, conflicts : DataFrame
        Columns as in :data:`data.columns.COLUMNS`, then the clinic's own. Numbers are float64 with NaN for unknown,
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
    """Add the canonical columns that are missing, all unknown, and give each its type; the input is not changed."""
    given = {}
    for name, column in columns_of(table).items():
        dtype = pd.api.types.pandas_dtype(EMPTY.get(column.kind, "str"))
        given[name] = frame[name].astype(dtype) if name in frame else pd.Series(index=frame.index, dtype=dtype)
        if column.kind == "number":
            given[name] = given[name] + 0.0  # -0.0 becomes 0.0: the same number, the same text
    extras = {name: frame[name] for name in frame.columns if name not in given}
    return pd.DataFrame({**given, **extras}).reset_index(drop=True)


def in_canonical_order(tables: Tables) -> Tables:
    """Sort rows by what they say, not by where they stood or what the ids are called.

    Training splits, sums and tie-breaks then come out the same when rows are shuffled or ids renamed. Each row's key
    is a hash of its content without ids; a client's key adds the wishes and outcomes, a therapist's the outcomes.
    """
    client = pd.Series(content_keys(tables.clients), index=tables.clients["client_id"])
    therapist = pd.Series(content_keys(tables.therapists), index=tables.therapists["therapist_id"])
    wish, met = content_keys(tables.preferences), content_keys(tables.outcomes)
    seen = tables.outcomes["therapist_id"], tables.outcomes["client_id"]

    client = client + _gathered(wish, tables.preferences["client_id"], client.index)
    client = client + _gathered(met + _stirred(_looked_up(therapist, seen[0])), seen[1], client.index)
    therapist = therapist + _gathered(met + _stirred(_looked_up(client, seen[1])), seen[0], therapist.index)

    def ordered(frame: pd.DataFrame, own: Keys) -> pd.DataFrame:
        keys = [own]
        if "therapist_id" in frame and frame is not tables.therapists:
            keys.append(_looked_up(therapist, frame["therapist_id"]))
        if "client_id" in frame and frame is not tables.clients:
            keys.append(_looked_up(client, frame["client_id"]))
        return frame.iloc[np.lexsort(keys)].reset_index(drop=True)

    return replace(
        tables,
        clients=ordered(tables.clients, client.to_numpy()),
        therapists=ordered(tables.therapists, therapist.to_numpy()),
        preferences=ordered(tables.preferences, wish),
        outcomes=ordered(tables.outcomes, met),
        conflicts=ordered(tables.conflicts, content_keys(tables.conflicts)),
    )


def content_keys(frame: pd.DataFrame) -> Keys:
    """A 64-bit hash of each row without its ids."""
    ids = [column.name for column in COLUMNS if column.kind == "id"]
    kept = frame.drop(columns=ids, errors="ignore")
    kept = kept[sorted(kept.columns)]
    return np.asarray(pd.util.hash_pandas_object(kept, index=False), dtype=np.uint64)


def _looked_up(keys: pd.Series, ids: pd.Series) -> Keys:
    """The key of each id; 0 for an id that has no row."""
    return keys.reindex(ids.to_numpy(), fill_value=np.uint64(0)).to_numpy(np.uint64)


def _gathered(keys: Keys, owner: pd.Series, owners: pd.Index) -> pd.Series:
    """Sum of the keys of each owner's rows: the same in any order."""
    sums = pd.Series(keys).groupby(owner.to_numpy()).sum()
    return pd.Series(_stirred(_looked_up(sums, owners.to_series())), index=owners)


def _stirred(keys: Keys) -> Keys:
    """Keys spread over all 64 bits, so that sums of them do not cancel (the constant is Knuth's)."""
    return keys * np.uint64(11400714819323198485) ^ (keys >> np.uint64(29))
