"""Checks of the ratings as a whole: forms entered twice, and outcomes without any score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.columns.table_reader import MappedTable

FORM_COLUMNS = ("client_id", "therapist_id", "session", "measured_on", "instrument", "rater")  # what makes one form


def check_ratings(outcomes: MappedTable, collector: FaultCollector) -> None:
    """Warn of one form that was entered twice with different scores, and of outcomes without any score.

    Two rows are one form if they agree in :data:`FORM_COLUMNS`, where a missing rater is the client. At least the
    session or the day has to be known.
    """
    frame = outcomes.frame
    if frame.empty or any(fault.stops and fault.table == collector.table for fault in collector.faults):
        return None  # an error about the scores is reported already
    if "score" not in frame or frame["score"].isna().all():
        message = "no row has a score"
        fix = (
            "Attune learns nothing from these rows: they are visits only. Map the column `score`, or set `items` under "
            "[tables.outcomes]."
        )
        return collector.add_warning("outcomes-without-score", outcomes.headers.get("score", ""), message, fix)
    forms = pd.DataFrame({name: frame[name] for name in FORM_COLUMNS if name in frame} | {"score": frame["score"]})
    if "rater" in forms:
        forms["rater"] = forms["rater"].fillna("client")
    is_dated = forms.reindex(columns=["session", "measured_on"]).notna().any(axis=1)
    forms = forms[is_dated & forms["score"].notna()]
    keys = [name for name in FORM_COLUMNS if name in forms]
    forms = forms[forms.duplicated(keys, keep=False)]
    if forms.empty:
        return None
    is_different = forms.groupby(keys, dropna=False)["score"].transform("nunique") > 1
    message = "one form entered more than once, with different scores"
    fix = "Attune counts every row, so that their mean is used. Keep the row that is right."
    header = outcomes.headers.get("score", "score")
    return collector.add_warning_for_rows("repeated-form", header, message, fix, forms.index[is_different])
