"""Build the raw columns of both sides, for methods that have to find interactions by themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Indices
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.sides import Side, Sides
from benchmarks.learning.method_inputs import MethodInputs

# Columns that only the rules need: time, place, language, payer. They are no plausible predictors of alliance.
LOGISTICS = {"languages", "region", "licensed_regions", "payer", "payers", "formats", "availability", "referred_on",
             "updated_on", "open_slots", "age_groups", "problems_not_taken"}  # fmt: skip
STRENGTH = {"must": 2.0, "prefer": 1.0, "avoid": -1.0, "never": -2.0}


def build_frames(inputs: MethodInputs) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Build the columns of the records, and those of each client with each therapist.

    Numbers are floats. Codes, and the therapist's id, are categories. A set has an indicator for each code. A wish has
    a column with its strength from -2 (never) to 2 (must). NaN means unknown.
    """
    sides = inputs.sides
    clients = pd.concat([_build_side(sides, "client"), _build_wish_columns(inputs.tables)], axis=1).add_prefix(
        "client_"
    )
    therapists = _build_side(sides, "therapist").assign(id=pd.Categorical(inputs.tables.therapists["therapist_id"]))
    therapists = therapists.add_prefix("therapist_")
    all_pairs = (
        np.repeat(inputs.client_rows, inputs.n_therapists),
        np.tile(np.arange(inputs.n_therapists), len(inputs.client_rows)),
    )
    return tuple(_join_sides(clients, therapists, *rows) for rows in ((inputs.client, inputs.therapist), all_pairs))  # type: ignore[return-value]


def _join_sides(clients: pd.DataFrame, therapists: pd.DataFrame, client: Indices, therapist: Indices) -> pd.DataFrame:
    sides = [clients.iloc[client].reset_index(drop=True), therapists.iloc[therapist].reset_index(drop=True)]
    return pd.concat(sides, axis=1)


def _build_side(sides: Sides, side: Side) -> pd.DataFrame:
    """Build the columns of one side, one row for each person."""
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
            indicators, known = sides.build_indicators(side, name), sides.is_known(side, name)
            columns |= {f"{name} {code}": indicators[code].astype(float).where(known) for code in indicators}
    return pd.DataFrame(columns)


def _build_wish_columns(tables: Tables) -> pd.DataFrame:
    """Build a column for each distinct wish; 0 means that the client does not have it."""
    wishes = tables.preferences
    strength = wishes["strength"].map(STRENGTH).astype(float)
    wish_names = "wish " + wishes["attribute"] + " " + wishes["value"]
    wide = pd.DataFrame({"client": wishes["client_id"], "wish": wish_names, "strength": strength}).pivot_table(
        index="client", columns="wish", values="strength", aggfunc="first"
    )
    return wide.reindex(tables.clients["client_id"]).fillna(0.0).reset_index(drop=True)
