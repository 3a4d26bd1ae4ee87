"""Ratings: which instrument, scored from raw items where there are some, and inside its range."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from attune_fit.data import cell_parsing
from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.instruments import ALLIANCE_SCALES, Instrument, score_items
from attune_fit.data.clinic.mapping_config import OutcomesMapping
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.reading.column_reader import SourceFile
from attune_fit.data.reading.header_match import find_header, list_headers
from attune_fit.data.reading.table_reader import MappedTable


def find_item_headers(pattern: str | None, raw: pd.DataFrame, items: int) -> dict[int, str]:
    """The header of each item that is there; ``{}`` in the pattern stands for the item's number."""
    if pattern is None:
        return {}
    there = {item: find_header(raw, pattern.replace("{}", str(item))) for item in range(1, items + 1)}
    return {item: header for item, header in there.items() if header is not None}


def score_ratings(
    source: SourceFile, mapped: MappedTable, spelling: OutcomesMapping, instruments: Mapping[str, Instrument]
) -> MappedTable:
    """Fill in what holds for every row, score raw items, and check every score against its instrument.

    Returns
    -------
    Mapped
        ``instrument`` holds the names of ``instruments``, in their own spelling.
    """
    frame = mapped.frame.copy()
    fixed = {"instrument": spelling.instrument, "rater": spelling.rater, "session": spelling.session}
    for name, value in fixed.items():
        if value is not None:
            said = normalize_code(value) if isinstance(value, str) else float(value)
            frame[name] = frame[name].fillna(said) if name in frame else pd.Series(said, index=frame.index)
    frame = _map_instruments(source, frame, mapped.headers, spelling, instruments)
    if spelling.items is not None:
        frame = _score_raw_items(source, frame, spelling, instruments)
    for name in ("score", *ALLIANCE_SCALES):
        if name in frame:
            frame[name] = _mask_out_of_range(source, frame, name, mapped.headers.get(name, name), instruments)
    return MappedTable(frame, mapped.headers)


def _map_instruments(
    source: SourceFile, frame: pd.DataFrame, headers: dict[str, str], spelling: OutcomesMapping,
    instruments: Mapping[str, Instrument],
) -> pd.DataFrame:  # fmt: skip
    """Instruments under their own names; scores whose instrument is not known cannot be used."""
    names = {normalize_code(name): name for name in instruments}
    if spelling.instrument is not None and normalize_code(spelling.instrument) not in names:
        source.faults.for_table("clinic.toml").add_error(
            "tables.outcomes.instrument", f"unknown instrument `{spelling.instrument}`",
            f"{suggest_name(spelling.instrument, instruments)} Describe your own under [[instruments]].",
        )  # fmt: skip
        return frame.assign(instrument=pd.Series(index=frame.index, dtype="str"))
    given = frame.get("instrument", pd.Series(index=frame.index, dtype="str"))
    known = given.map(names).astype("str")
    likely = (
        f"bring it to ours with `codes`, or describe your own under [[instruments]]. {suggest_name('', names.values())}"
    )
    header = headers.get("instrument", "instrument")
    known = source.faults.mask_bad_cells(
        header, known, given.notna() & known.isna(), "an unknown instrument", likely, given
    )
    nameless = frame.get("score", pd.Series(index=frame.index, dtype=float)).notna() & given.isna()
    likely = 'say which it is: `instrument = "WAI-SR"` under [tables.outcomes].'
    source.faults.mask_bad_cells(
        header, frame.get("score", given), nameless, "a score whose instrument is not named", likely
    )
    return frame.assign(instrument=known)


def _score_raw_items(
    source: SourceFile, frame: pd.DataFrame, spelling: OutcomesMapping, instruments: Mapping[str, Instrument]
) -> pd.DataFrame:
    """Scores from raw items; incomplete forms are noted."""
    findings, pattern = source.faults, str(spelling.items)
    name = {normalize_code(name): name for name in instruments}.get(normalize_code(spelling.instrument or ""))
    if spelling.instrument is None:
        fix = 'Add `instrument = "WAI-SR"`, or the one it is, under [tables.outcomes].'
        findings.for_table("clinic.toml").add_error(
            "tables.outcomes.items", "items need an instrument that scores them", fix
        )
    if name is None:
        return frame
    instrument = instruments[name]
    headers = find_item_headers(pattern, source.raw, instrument.items)
    lacking = [pattern.replace("{}", str(item)) for item in range(1, instrument.items + 1) if item not in headers]
    if lacking or not instrument.items:
        headers_there = ", ".join(f"`{header}`" for header in list_headers(source.raw))
        findings.add_error(
            pattern, f"{name} has {instrument.items} items, and the file lacks {', '.join(lacking) or 'all of them'}",
            f"Correct `tables.outcomes.items` in clinic.toml. Headers: {headers_there}.",
        )  # fmt: skip
        return frame
    answers = pd.DataFrame({item: _read_answers(source, header, instrument) for item, header in headers.items()})
    given = pd.DataFrame({item: source.read_cells(header) for item, header in headers.items()}).notna().sum(axis=1)
    scores, place = score_items(answers, instrument), f"{headers[1]} to {headers[instrument.items]}"
    unscored = scores["score"].isna()
    short = (given < instrument.items) & ~unscored
    findings.add_warning_for_rows(
        place, "incomplete forms", "Scored from the items that were answered.", frame.index[short]
    )
    says = f"forms with fewer than {instrument.count_required_answers(instrument.items)} of {instrument.items} items"
    findings.add_warning_for_rows(place, says, "Kept as visits without a score.", frame.index[unscored])
    return frame.drop(columns=["score", *ALLIANCE_SCALES], errors="ignore").join(scores)


def _read_answers(source: SourceFile, header: str, instrument: Instrument) -> pd.Series:
    """Answers to one item, unknown where they are none of the possible ones."""
    given = source.read_cells(header)
    values = cell_parsing.parse_numbers(given, source.mapping.decimal)
    low, high = instrument.item_low, instrument.item_high
    bad = given.notna() & ~values.between(low, high)
    says = f"no answer to an item of {instrument.name}, which go from {low:g} to {high:g}"
    return source.faults.mask_bad_cells(header, values, bad, says, "name the right `instrument` and `items`.", given)


def _mask_out_of_range(
    source: SourceFile, frame: pd.DataFrame, name: str, header: str, instruments: Mapping[str, Instrument]
) -> pd.Series:
    """Scores outside their instrument's range are unknown."""
    values = frame[name]
    for told, rows in frame.groupby("instrument", sort=True).groups.items():
        instrument = instruments[str(told)]
        low, high = instrument.compute_bounds(None if name == "score" else name)
        bad = values.notna() & ~values.between(low - 1e-9, high + 1e-9) & values.index.isin(np.asarray(rows))
        says = f"not between {low:g} and {high:g}, the range of {instrument.name}"
        likely = "bring it to these points with `scale`, or describe your own instrument under [[instruments]]."
        values = source.faults.mask_bad_cells(
            header, values, bad, says, likely, frame[name].where(bad.index.isin(np.asarray(rows)))
        )
    return values
