"""One change to a clinic's tables: describe it, and apply it to a copy of the tables."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from attune_fit.data.outcomes.openings import (
    OPEN_SLOTS,
    UPDATED_ON,
    count_held_openings,
    count_openings,
    count_starts,
)
from attune_fit.matching.eligibility.rules import RULES
from attune_fit.matching.relaxation.table_edits import list_wishes

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.relaxation.relaxations import Relaxation

OPENING_COLUMNS = (f"therapists.{OPEN_SLOTS}", f"therapists.{UPDATED_ON}")  # the openings are computed from both
WISH_QUESTIONS = {"must": "the client requires", "never": "the client rules out"}  # rules about wishes


@dataclass(frozen=True)
class TableChange:
    """A row of :data:`RELAXATIONS` with the chosen rule and code.

    Attributes
    ----------
    relaxation : Relaxation
    rule : str
        Name of the rule the change is meant to lift.
    code : str
        The code the cell gains, or its new value; for a wish the value of the wish; for a question to the client the
        column that is unknown. Empty where there is no choice.
    attribute : str
        For a wish, the column of `therapists` it is about; else empty.
    wishes : str
        For a question about wishes, the wishes as text, such as ``religion: none``; else empty.
    """

    relaxation: Relaxation
    rule: str
    code: str = ""
    attribute: str = ""
    wishes: str = ""

    @property
    def is_by_client(self) -> bool:
        """Return whether the client makes the change, so that it applies to every therapist at once."""
        return self.relaxation.side == "client"

    @property
    def is_certain(self) -> bool:
        """Return whether the change edits a cell; a question has an open answer."""
        return bool(self.relaxation.changed_column)

    @property
    def kind(self) -> tuple[str, str, str]:
        """Return the kind: changes of one kind differ only in the code; wishes about two columns are two kinds."""
        return self.relaxation.name, self.rule, self.attribute

    @property
    def description(self) -> str:
        """Return the change as a clause without a full stop."""
        return self._fill(self.relaxation.template)

    def format_request(self, therapists: str) -> str:
        """Return the change as a request without a full stop, to these therapists or to the client."""
        return self._fill(self.relaxation.request or self.relaxation.template, therapists)

    def _fill(self, template: str, therapists: str = "") -> str:
        attribute = self.attribute.replace("_", " ")
        code = self.code if self.is_certain else self.code.replace("_", " ")  # of a question it is a column
        return template.format(code=code, attribute=attribute, unknown=self._describe_question(), therapists=therapists)

    def _describe_question(self) -> str:
        """Return what is unknown, to follow "ask the therapist"."""
        if self.rule not in WISH_QUESTIONS:
            unknown = next(rule.unknown_text for rule in RULES if rule.name == self.rule)
            return unknown.removeprefix("not known ")
        whose = WISH_QUESTIONS[self.rule]
        return f"about {self.wishes}, which {whose}" if self.wishes else f"about what {whose}"

    def apply(self, tables: Tables, client_id: str, therapist_ids: Collection[str]) -> Tables:
        """Return a copy of the tables with the client's cell changed, or the cells of some therapists."""
        if not self.is_certain:
            return tables
        table, column = self.relaxation.changed_column.split(".")
        frame: pd.DataFrame = getattr(tables, table)
        if table == "therapists":
            is_changed = frame["therapist_id"].isin(list(therapist_ids))
        else:
            is_changed = frame["client_id"] == client_id
        if self.attribute:
            is_wish = (frame["attribute"] == self.attribute) & (frame["value"] == self.code)
            is_changed &= is_wish & (frame["strength"] == self.rule)
        cells = frame[column]
        changed = cells.where(~is_changed, self.relaxation.edit(cells, self.code)).astype(cells.dtype)
        edited: dict[str, Any] = {table: frame.assign(**{column: changed})}
        changed_tables = replace(tables, **edited)
        has_openings = self.relaxation.changed_column in OPENING_COLUMNS
        return self._set_openings(tables, changed_tables, is_changed) if has_openings else changed_tables

    def _set_openings(self, tables: Tables, changed: Tables, is_changed: pd.Series) -> Tables:
        """Write the `open_slots` that leave the therapist the openings of before, or those the change makes.

        Openings are `open_slots` minus the starts since `updated_on` and the offers, so a change of either cell alone
        would mean another number of openings than the sentence about the change.
        """
        openings = pd.Series(count_openings(tables), index=is_changed.index)
        if self.relaxation.changed_column == OPENING_COLUMNS[0]:
            openings = self.relaxation.edit(openings, self.code)
        taken = count_starts(changed) + count_held_openings(changed)
        open_slots = tables.therapists[OPEN_SLOTS].where(~is_changed, openings + taken)
        return replace(changed, therapists=changed.therapists.assign(**{OPEN_SLOTS: open_slots}))


def join_alternatives(changes: Sequence[TableChange]) -> TableChange:
    """Join changes that differ only in the code, for their description: the codes joined by "or"."""
    return replace(changes[0], code=" or ".join(change.code for change in changes))


def list_changes(relaxations: Sequence[Relaxation], tables: Tables, client_row: int) -> tuple[TableChange, ...]:
    """List every possible change for a client, in the order of the table; many of them add no candidate.

    Where a rule cannot be checked because a cell of the client is unknown, the client is asked for it, and no therapist
    is asked about that rule.
    """
    missing = find_missing_columns(tables, client_row)
    questions = {rule: _format_wishes(list_wishes(tables, client_row, rule)) for rule in WISH_QUESTIONS}
    return tuple(
        TableChange(row, rule, *choice, wishes="" if row.changed_column else questions.get(rule, ""))
        for row in relaxations
        for rule in row.rules
        for choice in row.choices(tables, client_row)
        if row.changed_column or choice[0] == missing.get(rule, "")
    )


def find_missing_columns(tables: Tables, client_row: int) -> dict[str, str]:
    """Find the column of `clients` that is unknown for the client, by each rule that reads it."""
    missing: dict[str, str] = {}
    for rule in RULES:
        for table, column in (place.split(".") for place in rule.input_columns):
            if table == "clients" and pd.isna(tables.clients[column].iloc[client_row]):
                missing.setdefault(rule.name, column)
    return missing


def _format_wishes(wishes: Sequence[tuple[str, str]]) -> str:
    return " and ".join(f"{attribute.replace('_', ' ')}: {value}" for value, attribute in wishes)
