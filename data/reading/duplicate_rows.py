"""Rows that say nothing, or say the same twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector


def drop_redundant_rows(raw: pd.DataFrame, findings: FaultCollector) -> pd.DataFrame:
    """Leave out empty rows and exact copies of earlier ones, and say so."""
    empty = raw.isna().all(axis=1)
    findings.add_warning_for_rows("", "empty rows", "Left out.", raw.index[empty])
    raw = raw[~empty]
    copies = raw.duplicated()
    findings.add_warning_for_rows(
        "", "doubled rows: exact copies of earlier ones", "Each is read once.", raw.index[copies]
    )
    return raw[~copies]


def drop_duplicate_ids(frame: pd.DataFrame, key: str, header: str, findings: FaultCollector) -> pd.DataFrame:
    """Leave out rows that say the same of the same id; different rows with one id must be mended."""
    alike = frame.duplicated()
    says = "the same id twice, alike in all that is read"
    findings.add_warning_for_rows(header, says, "Each is read once.", frame.index[alike])
    frame = frame[~alike]
    again = frame[key].notna() & frame[key].duplicated(keep=False)
    if again.any():
        findings.add_error(
            header, "the same id with different content", "Keep the right row, or give each its own id.",
            frame.index[again],
        )  # fmt: skip
    return frame[~(again & frame[key].duplicated())]
