"""REDCap exports with one row for each field (EAV): they become one row for each record, event and repeat."""

from __future__ import annotations

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.reading.presets.redcap.redcap_choices import ChoiceReader, build_suffix
from attune_fit.data.reading.presets.redcap.redcap_dictionary import CHECKBOX, RedcapDictionary, RedcapField

EVENT, REPEAT_FORM, REPEAT = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
ROW_KEYS = (EVENT, REPEAT_FORM, REPEAT)
EAV_HEADERS = frozenset({"record", "field_name", "value"})


def is_eav(grid: pd.DataFrame) -> bool:
    """Return whether the first row has the headers of an export with one row for each field."""
    return set(map(normalize_code, map(str, grid.iloc[0]))) >= EAV_HEADERS


def list_fields(grid: pd.DataFrame) -> list[str]:
    """Return the headers of an export, or the names of the fields of one with a row for each field."""
    headers = [normalize_code(str(cell)) for cell in grid.iloc[0]]
    if not is_eav(grid):
        return headers
    return list(map(str, grid.iloc[1:, headers.index("field_name")].unique()))


def join_fields(grid: pd.DataFrame, dictionary: RedcapDictionary) -> pd.DataFrame:
    """Return one row for each record, event and repeat; the first row has the headers, as in another export.

    Parameters
    ----------
    grid : DataFrame
        One row for each field, below the headers. Each checked box has a row of its own; others have none.
    dictionary : RedcapDictionary
        Without it, a field with several values in one row of a record is a checkbox.
    """
    body = grid.iloc[1:].set_axis([normalize_code(str(cell)) for cell in grid.iloc[0]], axis=1)
    keys = [key for key in ROW_KEYS if key in body]
    places = list(zip(body["record"], *(body[key] for key in keys), strict=True))
    boxes = _find_boxes(body, places, dictionary)
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    labels: dict[tuple[str, ...], int] = {}
    for label, place, field, value in zip(body.index, places, body["field_name"], body["value"], strict=True):
        labels.setdefault(place, int(label))
        is_box = field in boxes
        name = f"{field}___{_find_suffix(value, boxes[field])}" if is_box else field
        rows.setdefault(place, {})[name] = "1" if is_box else value
    fields = list(dict.fromkeys(name for cells in rows.values() for name in cells))
    unchecked = (f"{name}___{build_suffix(code)}" for name, field in boxes.items() if field for code in field.choices)
    fields = list(dict.fromkeys((*fields, *unchecked)))
    record = _find_record_field(rows, fields, dictionary)
    others = [name for name in fields if name != record]
    table = [[record, *keys, *others]]
    table += [[*place, *(cells.get(name, "") for name in others)] for place, cells in rows.items()]
    return pd.DataFrame(table, index=[int(grid.index[0]), *labels.values()], dtype="str")


def _find_boxes(
    body: pd.DataFrame, places: list[tuple[str, ...]], dictionary: RedcapDictionary
) -> dict[str, RedcapField | None]:
    """Return the checkbox fields, with their row of the dictionary."""
    known = dictionary.by_name
    seen, boxes = set[tuple[object, ...]](), dict[str, RedcapField | None]()
    for place, field in zip(places, body["field_name"], strict=True):
        is_several = (place, field) in seen
        seen.add((place, field))
        if (field in known and known[field].type == CHECKBOX) or (field not in known and is_several):
            boxes[field] = known.get(field)
    return boxes


def _find_suffix(value: str, field: RedcapField | None) -> str:
    """Return the end of the header of a checkbox, whose value can be a code or a label."""
    code = None if field is None else ChoiceReader(field.choices, is_label_export=False).find_code(value)
    return build_suffix(value if code is None else code)


def _find_record_field(
    rows: dict[tuple[str, ...], dict[str, str]], fields: list[str], dictionary: RedcapDictionary
) -> str:
    """Return the field that holds the record's id: the first of the dictionary, or one with the same cells."""
    if dictionary.fields:
        return dictionary.fields[0].name
    same = (name for name in fields if all(cells.get(name, place[0]) == place[0] for place, cells in rows.items()))
    return next((name for name in same if any(name in cells for cells in rows.values())), "record")
