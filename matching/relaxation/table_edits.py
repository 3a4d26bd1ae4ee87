"""Choices and cell edits of the rows of :data:`RELAXATIONS`."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.features.cell_values import explode_codes

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables

Choice = tuple[str, str]  # a code and ""; for a wish its value and the column of `therapists` it is about
ChoiceFunction = Callable[..., list[Choice]]  # takes tables and the client's row
EditFunction = Callable[[pd.Series, str], pd.Series]  # takes cells and a code

WEAKER_STRENGTH = {"must": "prefer", "never": "avoid"}


# ------------------------------------------------------------------------------------------------------------- choices
def list_no_choice(_tables: Tables, _client_row: int) -> list[Choice]:
    """Return the one empty choice, for a change without a code."""
    return [("", "")]


def list_missing_columns(tables: Tables, client_row: int) -> list[Choice]:
    """List the columns of `clients` in which the client's cell is unknown, one choice for each."""
    cells = tables.clients.iloc[client_row]
    return [(str(name), "") for name in tables.clients.columns[cells.isna().to_numpy(bool)]]


def list_today(tables: Tables, _client_row: int) -> list[Choice]:
    """Return the date of the tables (``as_of``) as the only choice."""
    return [(tables.as_of.isoformat(), "")]


def list_client_codes(tables: Tables, client_row: int, column: str) -> list[Choice]:
    """List the client's codes, one choice for each; none where the cell is unknown."""
    return [(str(code), "") for code in explode_codes(tables.clients[column].iloc[[client_row]])]


def list_client_cell(tables: Tables, client_row: int, column: str) -> list[Choice]:
    """Return the client's codes together as one choice; none where the cell is unknown."""
    codes = list_client_codes(tables, client_row, column)
    return [("|".join(code for code, _ in codes), "")] if codes else []


def list_other_codes(
    tables: Tables, client_row: int, column: str, offered: str, payers: Sequence[str] = ()
) -> list[Choice]:
    """List the codes in the roster's column ``offered`` that the client's cell lacks; only ``payers``, if given."""
    codes = {(str(code), "") for code in explode_codes(tables.therapists[offered])} - set(
        list_client_codes(tables, client_row, column)
    )
    return sorted(choice for choice in codes if not payers or choice[0] in payers)


def list_wishes(tables: Tables, client_row: int, strength: str) -> list[Choice]:
    """List the client's wishes of one strength."""
    client_id = tables.clients["client_id"].iloc[client_row]
    is_wish = (tables.preferences["client_id"] == client_id) & (tables.preferences["strength"] == strength)
    wishes = tables.preferences.loc[is_wish, ["value", "attribute"]].drop_duplicates()
    return [(str(value), str(attribute)) for value, attribute in wishes.itertuples(index=False)]


# ---------------------------------------------------------------------------------------------------------- cell edits
def add_code(cells: pd.Series, code: str) -> pd.Series:
    """Return the cells with one more code; an unknown cell becomes that code.

    >>> add_code(pd.Series(["video", "group|video", None]), "group").tolist()
    ['video|group', 'group|video', 'group']
    """
    codes = explode_codes(cells)
    has_code = pd.Series(pd.RangeIndex(len(cells)).isin(codes.index[codes == code]), index=cells.index)
    return cells.where(has_code, (cells + "|" + code).fillna(code))


def remove_codes(cells: pd.Series, codes: str) -> pd.Series:
    """Return the cells without some codes; unknown (which is no limit) where no code is left.

    >>> remove_codes(pd.Series(["grief|trauma", "grief"]), "grief|stress").tolist()
    ['trauma', nan]
    """
    removed = set(codes.split("|"))
    rest = cells.map(lambda cell: "|".join(code for code in cell.split("|") if code not in removed), na_action="ignore")
    return rest.where(rest != "").astype("str")


def add_age(cells: pd.Series, age: str) -> pd.Series:
    """Return the age groups with the client's age in full years added; an unknown cell (no limit) stays unknown.

    >>> add_age(pd.Series(["65-", None]), "30.5").tolist()
    ['65-|30', nan]
    """
    return add_code(cells, str(math.floor(float(age)))).where(cells.notna())


def open_one_slot(cells: pd.Series, _: str) -> pd.Series:
    """Return the cells with at least one slot; unknown cells stay unknown."""
    return cells.mask(cells < 1, 1.0)


def replace_cells(cells: pd.Series, code: str) -> pd.Series:
    """Return the code in every cell."""
    return pd.Series(code, index=cells.index, dtype="str")


def renew_date(cells: pd.Series, day: str) -> pd.Series:
    """Return that day in every cell."""
    return pd.Series(pd.Timestamp(dt.date.fromisoformat(day)), index=cells.index)


def weaken_strength(cells: pd.Series, _: str) -> pd.Series:
    """Return weaker strengths: `must` becomes `prefer`, `never` becomes `avoid`."""
    return cells.replace(WEAKER_STRENGTH)


def keep_cells(cells: pd.Series, _: str) -> pd.Series:
    """Return the cells unchanged."""
    return cells
