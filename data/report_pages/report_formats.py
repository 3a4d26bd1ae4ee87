"""The kinds of files that a report can be written to, by the end of the file's name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from attune_fit.data.faults import DataFault

Format = TypeVar("Format")


def choose_report_format(target: Path, formats: Mapping[str, Format]) -> Format:
    """Return the function of ``formats`` that formats a report for a file of this name.

    Parameters
    ----------
    target : Path
    formats : mapping of str to function
        By the end of a name, such as ``.html``.

    Raises
    ------
    DataFault
        If the name ends in another way.

    Examples
    --------
    >>> choose_report_format(Path("Report.HTML"), {".html": repr, ".json": str}) is repr
    True
    """
    if target.suffix.lower() not in formats:
        fix = f"End the name in {' or '.join(formats)}."
        message = "this report cannot be written to a file of this kind"
        raise DataFault.error("unknown-report-type", target.name, "", message, fix=fix)
    return formats[target.suffix.lower()]
