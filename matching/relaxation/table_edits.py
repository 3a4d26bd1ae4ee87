"""Cells as they would be after a change, and what there is to choose: what the rows of `RELAXATIONS` are made of."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.features.cell_values import explode_codes

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables

Choice = tuple[str, str]  # a code; of a wish its value, and the therapist's column it is about
ChoiceFunction = Callable[..., list[Choice]]  # takes tables and the client's row
EditFunction = Callable[[pd.Series, str], pd.Series]  # takes cells and a code

WEAKER_STRENGTH = {"must": "prefer", "never": "avoid"}


# ---------------------------------------------------------------------------------------------- what there is to choose
def list_no_choice(_tables: Tables, _client_row: int) -> list[Choice]:
    """Nothing to choose."""
    return [("", "")]


def list_today(tables: Tables, _client_row: int) -> list[Choice]:
    """The day the tables speak of."""
    return [(tables.as_of.isoformat(), "")]


def list_client_codes(tables: Tables, client_row: int, column: str) -> list[Choice]:
    """The client's codes, one by one; none where the cell is unknown."""
    return [(str(code), "") for code in explode_codes(tables.clients[column].iloc[[client_row]])]


def list_client_cell(tables: Tables, client_row: int, column: str) -> list[Choice]:
    """The client's codes together; none where the cell is unknown."""
    codes = list_client_codes(tables, client_row, column)
    return [("|".join(code for code, _ in codes), "")] if codes else []


def list_other_codes(
    tables: Tables, client_row: int, column: str, offered: str, payers: Sequence[str] = ()
) -> list[Choice]:
    """Codes of the roster's column ``offered`` that the client's cell does not hold; of ``payers`` only, if any."""
    codes = {(str(code), "") for code in explode_codes(tables.therapists[offered])} - set(
        list_client_codes(tables, client_row, column)
    )
    return sorted(one for one in codes if not payers or one[0] in payers)


def list_wishes(tables: Tables, client_row: int, strength: str) -> list[Choice]:
    """The client's wishes of a strength."""
    client_id = tables.clients["client_id"].iloc[client_row]
    theirs = (tables.preferences["client_id"] == client_id) & (tables.preferences["strength"] == strength)
    wishes = tables.preferences.loc[theirs, ["value", "attribute"]].drop_duplicates()
    return [(str(value), str(attribute)) for value, attribute in wishes.itertuples(index=False)]


# --------------------------------------------------------------------------------------------- cells as they would be
def add_code(cells: pd.Series, code: str) -> pd.Series:
    """Every cell with one code more; an unknown cell becomes that code.

    >>> add_code(pd.Series(["video", "group|video", None]), "group").tolist()
    ['video|group', 'group|video', 'group']
    """
    codes = explode_codes(cells)
    has = pd.Series(pd.RangeIndex(len(cells)).isin(codes.index[codes == code]), index=cells.index)
    return cells.where(has, (cells + "|" + code).fillna(code))


def remove_codes(cells: pd.Series, codes: str) -> pd.Series:
    """Cells without some codes; unknown, which is no limit, where none is left.

    >>> remove_codes(pd.Series(["grief|trauma", "grief"]), "grief|stress").tolist()
    ['trauma', nan]
    """
    gone = set(codes.split("|"))
    left = cells.map(lambda cell: "|".join(one for one in cell.split("|") if one not in gone), na_action="ignore")
    return left.where(left != "").astype("str")


def add_age(cells: pd.Series, age: str) -> pd.Series:
    """Age groups with the client's age in full years among them; no group is no limit.

    >>> add_age(pd.Series(["65-", None]), "30.5").tolist()
    ['65-|30', nan]
    """
    return add_code(cells, str(math.floor(float(age)))).where(cells.notna())


def open_one_slot(cells: pd.Series, _: str) -> pd.Series:
    """Numbers below one as one; unknown ones stay so."""
    return cells.mask(cells < 1, 1.0)


def replace_cells(cells: pd.Series, code: str) -> pd.Series:
    """Every cell as the code."""
    return pd.Series(code, index=cells.index, dtype="str")


def renew_date(cells: pd.Series, day: str) -> pd.Series:
    """Every date as that day."""
    return pd.Series(pd.Timestamp(dt.date.fromisoformat(day)), index=cells.index)


def weaken_strength(cells: pd.Series, _: str) -> pd.Series:
    """Strengths one step down: a must becomes a preference, a never something to avoid."""
    return cells.replace(WEAKER_STRENGTH)


def keep_cells(cells: pd.Series, _: str) -> pd.Series:
    """As they are."""
    return cells
