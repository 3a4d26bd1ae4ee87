"""The columns whose cells an event can set, and the codes that are known in each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import COLUMNS, ID_COLUMNS, SPECIALTIES, Column, Kind, list_columns
from attune_fit.data.reading.checks.code_comparison import CodeColumn
from attune_fit.data.reading.columns.limit_codes import list_codes

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.mapping_config import ColumnMapping
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.clinic.tables import Tables

ROSTER_COLUMNS = frozenset({"open_slots", "updated_on"})  # an event of their own sets them
PERSON_TABLES = ("clients", "therapists")


class RecordableColumn(NamedTuple):
    """A column whose cells an event can set.

    Attributes
    ----------
    name : str
    kind : {"code", "set", "number", "date"}
    canonical : Column or None
        None for a column of the clinic's own.
    """

    name: str
    kind: Kind
    canonical: Column | None = None


def list_recordable_columns(clinic: Clinic, tables: Tables, table: str) -> dict[str, RecordableColumn]:
    """Return the columns of ``clients`` or ``therapists`` that an event can set, by name.

    They are the canonical columns without ids, openings and the day of the check. Of the clinic's own columns they are
    those that ``clinic.toml`` declares with ``kind``, ``codes`` or ``slots``, or that a setting uses. Any other one can
    hold names and texts about people, which a journal must not keep.
    """
    frame, mappings = getattr(tables, table), getattr(clinic.config.tables, table).columns
    known = {
        name: RecordableColumn(name, column.kind, column)
        for name, column in list_columns(table).items()
        if name not in ID_COLUMNS | ROSTER_COLUMNS
    }
    declared = [name for name, one in mappings.items() if one.kind or one.codes or one.implied_kind]
    own = dict.fromkeys([*declared, *_iterate_used_columns(clinic.config, table)])
    return known | {
        name: RecordableColumn(name, _find_kind(frame[name], mappings.get(name)))
        for name in own
        if name in frame and name not in list_columns(table) and not _is_text(frame[name])
    }


def _is_text(cells: pd.Series) -> bool:
    """Return whether the cells are texts about people rather than codes, see :class:`CodeColumn`."""
    return pd.api.types.is_string_dtype(cells) and CodeColumn("", "", cells).is_text


def _iterate_used_columns(config: Config, table: str) -> Iterator[str]:
    """Yield the columns of a table that settings name."""
    if table == "clients":
        if config.waiting.where is not None:
            yield config.waiting.where.column
        yield from filter(None, (config.settings.site_column, config.assign.urgency_column))
        yield from config.fairness.groups
    else:
        yield from config.fairness.therapist_groups
    for feature in config.features:
        yield from filter(
            None, (feature.client, feature.weight_by) if table == "clients" else (feature.therapist,)
        )  # fmt: skip


def _find_kind(cells: pd.Series, mapping: ColumnMapping | None) -> Kind:
    """Return the kind of a column of the clinic's own."""
    declared = None if mapping is None else mapping.kind or mapping.implied_kind
    if declared not in (None, "id"):
        return declared
    if pd.api.types.is_numeric_dtype(cells):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(cells):
        return "date"
    return "set" if mapping is not None and mapping.split else "code"


def list_known_codes(
    clinic: Clinic, tables: Tables, table: str, name: str, owners: Collection[str] = PERSON_TABLES
) -> set[str]:
    """Return the codes that are known in a column of ``clients`` or ``therapists``.

    They are the codes allowed in it, and the codes in its cells. Those of the columns with which it is compared count
    too, and those that ``codes`` of ``clinic.toml`` lists for any of these columns.
    ``owners`` are the tables whose cells count.
    """
    known: set[str] = set()
    for owner, column in list_related_columns(clinic.config, table, name):
        canonical, frame = list_columns(owner).get(column), getattr(tables, owner)
        known.update(canonical.codes if canonical else ())
        if owner in owners and column in frame and pd.api.types.is_string_dtype(frame[column]):
            known |= list_codes(frame[column])
        mapping = getattr(clinic.config.tables, owner).columns.get(column)
        listed = mapping.codes.values() if mapping is not None else ()
        known |= {normalize_code(target) for targets in listed for target in targets}
    return known - {""}


def list_related_columns(config: Config, table: str, name: str) -> set[tuple[str, str]]:
    """Return the columns that share their codes with one column, and this column: (table, name) of each.

    They have the same name in the other table, or a rule or a feature of the clinic compares them.
    """
    links = [*_iterate_links(), *_iterate_feature_links(config)]
    related, grew = {(table, name)}, True
    while grew:
        related |= {(owner, column) for _, column in related for owner in PERSON_TABLES}
        found = {end for link in links for end in link if not related.isdisjoint(link)}
        grew, related = not found <= related, related | found
    return related


def _iterate_feature_links(config: Config) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Yield the columns that a feature of the clinic compares; a feature over one column compares none."""
    for feature in config.features:
        if feature.client is not None and feature.therapist is not None:
            yield ("clients", feature.client), ("therapists", feature.therapist)


def _iterate_links() -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Yield the columns of codes that a rule or the model compares."""
    yield ("clients", SPECIALTIES[0]), ("therapists", SPECIALTIES[1])
    coded = [column for column in COLUMNS if column.kind in ("code", "set") and column.rule and not column.has_ranges]
    for one in coded:
        for other in coded:
            if one.rule == other.rule and (one.table, other.table) == PERSON_TABLES:
                yield (one.table, one.name), (other.table, other.name)
