"""The forms and the questions of a REDCap project, before it is clear which of them make which table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.reading.presets.redcap.redcap_eav import is_eav, join_fields, list_fields
from attune_fit.data.reading.presets.redcap.redcap_files import read_dictionary, read_records
from attune_fit.data.reading.presets.redcap.redcap_headers import has_label_headers
from attune_fit.data.reading.presets.redcap.redcap_mapping import WantedFields
from attune_fit.data.reading.presets.redcap.redcap_table import build_table

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.reading.rows.shared_grids import SharedGrids


class RedcapLayout(NamedTuple):
    """The forms and the questions of a project.

    Attributes
    ----------
    record : str
        The header of the record's id.
    forms : dict of str to str
        The form of each header, by its unique name; empty text for a header without one.
    labels : dict of str to str
        What people read, by variable name; none where the headers are labels.
    """

    record: str
    forms: dict[str, str]
    labels: dict[str, str]

    def list_forms(self) -> list[str]:
        """List the forms with any field besides the record's id, in their order."""
        return list(dict.fromkeys(form for header, form in self.forms.items() if form and header != self.record))


def read_layout(folder: Path, table: str, mapping: TableMapping, grids: SharedGrids) -> RedcapLayout | None:
    """Return the forms and the questions of a project; None where it cannot be read: reading a table gives the reason.

    Parameters
    ----------
    folder : Path
        The clinic folder.
    table : str
        The canonical table.
    mapping : TableMapping
        Its ``file``, and its ``dictionary`` where the folder has several.
    grids : SharedGrids
        Rows of files that were read before.
    """
    collector = FaultCollector(table)
    grid = read_records(folder, table, mapping, collector, grids)
    if grid is None:
        return None
    dictionary = read_dictionary(folder, mapping, list_fields(grid), collector)
    if dictionary is None:
        return None
    if is_eav(grid):
        grid = join_fields(grid, dictionary)
    records = build_table(grid, dictionary, WantedFields(table, mapping), collector)
    has_labels = has_label_headers(list(map(str, grid.iloc[0])), dictionary)
    labels = {} if has_labels else {field.name: field.label for field in dictionary.fields if field.label}
    names = {label: name for name, label in labels.items() if list(labels.values()).count(label) == 1}
    forms = {names.get(header, header): form for header, form in records.forms.items()}
    return RedcapLayout(names.get(records.record, records.record), forms, labels)
