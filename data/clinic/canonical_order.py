"""The canonical order of rows: what the rows say decides, not where they were or what the ids are called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Hashes
from attune_fit.data.clinic.columns import ID_COLUMNS, list_columns
from attune_fit.data.clinic.row_hashing import hash_columns, hash_row_content
from attune_fit.data.clinic.tables import Tables

KNUTH_MULTIPLIER = np.uint64(11400714819323198485)  # 2^64 / golden ratio, odd (Knuth, TAOCP 3, section 6.4)


def sort_canonically(tables: Tables) -> Tables:
    """Sort the rows of every table by their keys, see :mod:`row_hashing`.

    Training splits, sums and tie-breaks then come out the same when rows are shuffled or ids are renamed. The key of a
    client or therapist is made of the canonical columns without ids. A client's key adds the wishes, outcomes and
    conflicts; a therapist's key adds the outcomes and conflicts. The clinic's own columns, such as a name, decide only
    between rows that are otherwise alike. The id decides only between rows that are alike in everything.
    """
    links = tables.outcomes, tables.conflicts
    client = hash_columns(tables.clients, _list_content_columns("clients", tables.clients))
    therapist = hash_columns(tables.therapists, _list_content_columns("therapists", tables.therapists))
    client_ids, therapist_ids = pd.Index(tables.clients["client_id"]), pd.Index(tables.therapists["therapist_id"])
    wishes = hash_row_content(tables.preferences)

    client = client + _sum_by_owner(wishes, tables.preferences["client_id"], client_ids)
    for link in links:
        keys = hash_row_content(link) + _mix_bits(_look_up_keys(therapist, link["therapist_id"], therapist_ids))
        client = client + _sum_by_owner(keys, link["client_id"], client_ids)
    for link in links:
        keys = hash_row_content(link) + _mix_bits(_look_up_keys(client, link["client_id"], client_ids))
        therapist = therapist + _sum_by_owner(keys, link["therapist_id"], therapist_ids)

    clients = _sort_people("clients", tables.clients, client, client_ids)
    therapists = _sort_people("therapists", tables.therapists, therapist, therapist_ids)
    owners = {"client_id": pd.Index(clients["client_id"]), "therapist_id": pd.Index(therapists["therapist_id"])}

    def sort_links(frame: pd.DataFrame) -> pd.DataFrame:
        owner_rows = [ids.get_indexer(pd.Index(frame[key])) for key, ids in owners.items() if key in frame]
        return frame.iloc[np.lexsort([*owner_rows, hash_row_content(frame)])].reset_index(drop=True)

    return replace(
        tables,
        clients=clients,
        therapists=therapists,
        preferences=sort_links(tables.preferences),
        outcomes=sort_links(tables.outcomes),
        conflicts=sort_links(tables.conflicts),
    )


def _list_content_columns(table: str, frame: pd.DataFrame) -> list[str]:
    """List the canonical columns of a table that are in the frame, without ids."""
    return [column for column in list_columns(table) if column in frame and column not in ID_COLUMNS]


def _sort_people(table: str, frame: pd.DataFrame, keys: Hashes, ids: pd.Index) -> pd.DataFrame:
    """Sort clients or therapists by key, then by the clinic's own columns, then by id."""
    own = hash_columns(frame, set(frame.columns) - set(list_columns(table)))
    order = np.lexsort([pd.factorize(ids, sort=True)[0], own, keys])
    return frame.iloc[order].reset_index(drop=True)


def _look_up_keys(keys: Hashes, ids: pd.Series, owners: pd.Index) -> Hashes:
    """Return the key of each id; 0 for an id that has no row."""
    rows = owners.get_indexer(pd.Index(ids))
    return np.where(rows >= 0, np.append(keys, np.uint64(0))[rows], np.uint64(0))


def _sum_by_owner(keys: Hashes, ids: pd.Series, owners: pd.Index) -> Hashes:
    """Sum the keys of each owner's rows and mix the sum: the result is the same in any order of rows."""
    rows = owners.get_indexer(pd.Index(ids))
    sums = np.zeros(len(owners), dtype=np.uint64)
    np.add.at(sums, rows[rows >= 0], _mix_bits(keys[rows >= 0]))
    return _mix_bits(sums)


def _mix_bits(keys: Hashes) -> Hashes:
    """Spread hashes over all 64 bits, so that sums of them do not cancel."""
    return keys * KNUTH_MULTIPLIER ^ (keys >> np.uint64(29))
