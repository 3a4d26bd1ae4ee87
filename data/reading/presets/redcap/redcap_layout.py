"""The forms and the questions of a REDCap project, for whoever does not know yet which of them make which table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.reading.presets.redcap.redcap_eav import REPEAT_FORM, is_eav, list_fields, widen_rows
from attune_fit.data.reading.presets.redcap.redcap_files import read_dictionary, read_records
from attune_fit.data.reading.presets.redcap.redcap_mapping import WantedFields
from attune_fit.data.reading.presets.redcap.redcap_table import build_table

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping


class RedcapLayout(NamedTuple):
    """The forms and the questions of a project.

    Attributes
    ----------
    record : str
        The header of the record's id.
    forms : dict of str to str
        The form of each header, by its unique name; empty text for a header without one.
    labels : dict of str to str
        What people read, by header; headers of which it is not known are absent.
    sets : frozenset of str
        Headers of checkboxes.
    repeats : bool
        Whether a record can have several rows.
    """

    record: str
    forms: dict[str, str]
    labels: dict[str, str]
    sets: frozenset[str]
    repeats: bool

    def list_forms(self) -> list[str]:
        """List the forms with any field besides the record's id, in their order."""
        return list(dict.fromkeys(form for header, form in self.forms.items() if form and header != self.record))


def read_layout(folder: Path, table: str, mapping: TableMapping) -> RedcapLayout | None:
    """Return the forms and the questions of a project; None where it cannot be read: reading a table gives the reason.

    Parameters
    ----------
    folder : Path
        The clinic folder.
    table : str
        The canonical table.
    mapping : TableMapping
        Its ``file``, and its ``dictionary`` where the folder has several.
    """
    collector = FaultCollector(table)
    grid = read_records(folder, table, mapping, collector)
    if grid is None:
        return None
    dictionary = read_dictionary(folder, mapping, list_fields(grid), collector)
    if dictionary is None:
        return None
    if is_eav(grid):
        grid = widen_rows(grid, dictionary)
    records = build_table(grid, dictionary, WantedFields(table, mapping), collector)
    fields = dictionary.by_name
    labels = {header: fields[header].label for header in records.forms if header in fields and fields[header].label}
    sets = frozenset(header for header in records.forms if header in fields and fields[header].type == "checkbox")
    ids = records.cells[records.record].dropna()
    has_repeats = bool((records.get_key(REPEAT_FORM) != "").any()) or bool(ids.duplicated().any())
    return RedcapLayout(records.record, dict(records.forms), labels, sets, has_repeats)
