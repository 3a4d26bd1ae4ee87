"""Both sides' columns as they stand, for methods that are to find out for themselves what suits what."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Indices
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Side, Sides
from benchmarks.learning.seen import Seen

# What only the rules need: when, where, in which language, who pays. Nobody would feed it to a model of alliance.
LOGISTICS = {"languages", "region", "licensed_regions", "payer", "payers", "formats", "availability", "referred_on",
             "updated_on", "open_slots", "age_groups", "problems_not_taken"}  # fmt: skip
STRENGTH = {"must": 2.0, "prefer": 1.0, "avoid": -1.0, "never": -2.0}


def frames(seen: Seen) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Columns of the records, and of each client with each therapist.

    Numbers are floats, codes (the therapist's id too) categories, sets an indicator for each of their codes, wishes a
    column for each with its strength from -2 (never) to 2 (must); NaN where unknown.
    """
    sides = seen.met.sides
    clients = pd.concat([_side(sides, "client"), _wishes(seen.tables)], axis=1).add_prefix("client_")
    therapists = _side(sides, "therapist").assign(id=pd.Categorical(seen.tables.therapists["therapist_id"]))
    therapists = therapists.add_prefix("therapist_")
    everyone = np.repeat(seen.rows, seen.therapists), np.tile(np.arange(seen.therapists), len(seen.rows))
    return tuple(_beside(clients, therapists, *rows) for rows in ((seen.client, seen.therapist), everyone))  # type: ignore[return-value]


def _beside(clients: pd.DataFrame, therapists: pd.DataFrame, client: Indices, therapist: Indices) -> pd.DataFrame:
    both = [clients.iloc[client].reset_index(drop=True), therapists.iloc[therapist].reset_index(drop=True)]
    return pd.concat(both, axis=1)


def _side(sides: Sides, side: Side) -> pd.DataFrame:
    """One row a person."""
    table = sides.tables.clients if side == "client" else sides.tables.therapists
    columns: dict[str, pd.Series | pd.Categorical] = {}
    for name, row in list_columns(f"{side}s").items():
        if row.kind == "id" or name in LOGISTICS:
            continue
        if row.kind == "number":
            columns[name] = pd.Series(sides.convert_to_numbers(side, name))
        elif row.kind == "code":
            columns[name] = pd.Categorical(table[name])
        else:
            held, known = sides.build_indicators(side, name), sides.is_known(side, name)
            columns |= {f"{name} {code}": held[code].astype(float).where(known) for code in held}
    return pd.DataFrame(columns)


def _wishes(tables: Tables) -> pd.DataFrame:
    """A column for each distinct wish; 0 where a client has not got it."""
    wishes = tables.preferences
    strength = wishes["strength"].map(STRENGTH).astype(float)
    named = "wish " + wishes["attribute"] + " " + wishes["value"]
    wide = pd.DataFrame({"client": wishes["client_id"], "wish": named, "strength": strength}).pivot_table(
        index="client", columns="wish", values="strength", aggfunc="first"
    )
    return wide.reindex(tables.clients["client_id"]).fillna(0.0).reset_index(drop=True)
