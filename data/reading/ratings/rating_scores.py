"""Scoring of ratings: the instrument of each, scores from raw items, and the check of their range."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from attune_fit.data import cell_parsing
from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.instruments import ALLIANCE_SCALES, Instrument, normalize_instrument_name, score_items
from attune_fit.data.clinic.mapping_config import OutcomesMapping
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.reading.columns.item_answers import read_answers
from attune_fit.data.reading.columns.source_file import SourceFile
from attune_fit.data.reading.columns.table_reader import MappedTable
from attune_fit.data.reading.ratings.unmapped_headers import check_unmapped_headers
from attune_fit.data.reading.rows.header_match import find_header, suggest_header


def find_item_headers(pattern: str | None, raw: pd.DataFrame, items: int) -> dict[int, str]:
    """Return the header of each item in the file, by item number; ``{}`` in the pattern is the number."""
    if pattern is None:
        return {}
    headers = {item: find_header(raw, pattern.replace("{}", str(item))) for item in range(1, items + 1)}
    return {item: header for item, header in headers.items() if header is not None}


def score_ratings(
    source: SourceFile, mapped: MappedTable, mapping: OutcomesMapping, instruments: Mapping[str, Instrument]
) -> MappedTable:
    """Return the outcomes with scores in the points of their instrument.

    Fills in the values that ``clinic.toml`` sets for every row, scores raw items, and checks each score against the
    range of its instrument.

    Returns
    -------
    MappedTable
        Column ``instrument`` contains names of ``instruments``, spelt as there. Scores out of range are missing.
    """
    check_unmapped_headers(source, mapped, mapping)
    frame = mapped.frame.copy()
    fixed = {"instrument": mapping.instrument, "rater": mapping.rater, "session": mapping.session}
    for name, value in fixed.items():
        if value is not None:
            constant = normalize_code(value) if isinstance(value, str) else float(value)
            frame[name] = _fill_empty_cells(source, frame, name, constant)
    frame = _map_instruments(source, frame, mapped.headers, mapping, instruments)
    if mapping.items is not None:
        frame = _score_raw_items(source, frame, mapping, instruments)
    for name in ("score", *ALLIANCE_SCALES):
        if name in frame:
            frame[name] = _mask_out_of_range(source, frame, name, mapped.headers.get(name, name), instruments)
    return MappedTable(frame, mapped.headers)


def _fill_empty_cells(source: SourceFile, frame: pd.DataFrame, name: str, constant: str | float) -> pd.Series:
    """Return a column with ``constant`` in its empty cells; a cell that cannot be read is not an empty one."""
    if name not in frame:
        return pd.Series(constant, index=frame.index)
    unreadable = source.collector.list_unreadable_rows(source.table, name)
    return frame[name].mask(frame[name].isna() & ~frame.index.isin(list(unreadable)), constant)


def _map_instruments(
    source: SourceFile, frame: pd.DataFrame, headers: dict[str, str], mapping: OutcomesMapping,
    instruments: Mapping[str, Instrument],
) -> pd.DataFrame:  # fmt: skip
    """Return the outcomes with instruments under their own names; a score without a known instrument is not used."""
    names = {normalize_instrument_name(name): name for name in instruments}
    if mapping.instrument is not None and normalize_instrument_name(mapping.instrument) not in names:
        source.collector.for_table("clinic.toml").add_error(
            "unknown-outcomes-instrument", f"tables.{source.key_path}.instrument",
            f"unknown instrument `{mapping.instrument}`",
            f"{suggest_name(mapping.instrument, instruments)} Describe your own instrument under [[instruments]].",
        )  # fmt: skip
        return frame.assign(instrument=pd.Series(index=frame.index, dtype="str"))
    raw_cells = frame.get("instrument", pd.Series(index=frame.index, dtype="str"))
    known = cell_parsing.map_distinct(raw_cells, lambda text: names.get(normalize_instrument_name(text)))
    hint = (
        "map it with `codes`, or describe your own instrument under [[instruments]]. "
        f"{suggest_name('', names.values())}"
    )
    header = headers.get("instrument", "instrument")
    bad, message = raw_cells.notna() & known.isna(), "unknown instrument"
    known = source.collector.mask_bad_cells("unlisted-instrument", header, known, bad, message, hint, raw_cells)
    has_no_instrument = frame.get("score", pd.Series(index=frame.index, dtype=float)).notna() & raw_cells.isna()
    hint = 'name the instrument: `instrument = "WAI-SR"` under [tables.outcomes].'
    scores, message = frame.get("score", raw_cells), "score without an instrument"
    source.collector.mask_bad_cells("score-without-instrument", header, scores, has_no_instrument, message, hint)
    return frame.assign(instrument=known)


def _score_raw_items(
    source: SourceFile, frame: pd.DataFrame, mapping: OutcomesMapping, instruments: Mapping[str, Instrument]
) -> pd.DataFrame:
    """Return the outcomes with scores computed from raw items; warn of incomplete forms."""
    collector, pattern = source.collector, str(mapping.items)
    names = {normalize_instrument_name(name): name for name in instruments}
    name = names.get(normalize_instrument_name(mapping.instrument or ""))
    if mapping.instrument is None:
        fix = 'Add the instrument, such as `instrument = "WAI-SR"`, under [tables.outcomes].'
        message = "items need an instrument to score them"
        collector.for_table("clinic.toml").add_error(
            "items-without-instrument", f"tables.{source.key_path}.items", message, fix
        )
    if name is None:
        return frame
    instrument = instruments[name]
    headers = find_item_headers(pattern, source.raw, instrument.items)
    lacking = [pattern.replace("{}", str(item)) for item in range(1, instrument.items + 1) if item not in headers]
    if lacking or not instrument.items:
        guess = suggest_header(pattern, source.raw, source.table, source.mapping)
        message = f"{name} has {instrument.items} items, and the file lacks {', '.join(lacking) or 'all of them'}"
        fix = f"Correct `tables.outcomes.items` in clinic.toml. {guess}"
        collector.add_error("missing-item", pattern, message, fix)
        return frame
    answers, answered = read_answers(source, headers, instrument, mapping.item_codes)
    scores, place = score_items(answers, instrument), f"{headers[1]} to {headers[instrument.items]}"
    unscored = scores["score"].isna()
    incomplete = (answered < instrument.items) & ~unscored
    message, fix = "incomplete forms", "Attune scores them from the answered items."
    collector.add_warning_for_rows("incomplete-form", place, message, fix, frame.index[incomplete])
    required = instrument.count_required_answers(instrument.items)
    message = f"forms with fewer than {required} of {instrument.items} items"
    fix = "Attune keeps them as visits without a score."
    collector.add_warning_for_rows("form-without-score", place, message, fix, frame.index[unscored])
    return frame.drop(columns=["score", *ALLIANCE_SCALES], errors="ignore").join(scores)


def _mask_out_of_range(
    source: SourceFile, frame: pd.DataFrame, name: str, header: str, instruments: Mapping[str, Instrument]
) -> pd.Series:
    """Return the scores of one scale, missing where they are out of the range of their instrument."""
    values = frame[name]
    for key, rows in frame.groupby("instrument", sort=True).groups.items():
        instrument = instruments[str(key)]
        low, high = instrument.compute_bounds(None if name == "score" else name)
        bad = values.notna() & ~values.between(low - 1e-9, high + 1e-9) & values.index.isin(np.asarray(rows))
        message = f"not between {low:g} and {high:g}, the range of {instrument.name}"
        hint = "convert them to these points with `scale`, or describe your own instrument under [[instruments]]."
        raw_cells = frame[name].where(bad.index.isin(np.asarray(rows)))
        values = source.collector.mask_bad_cells("score-out-of-range", header, values, bad, message, hint, raw_cells)
    return values
