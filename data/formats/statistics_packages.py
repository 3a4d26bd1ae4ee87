"""Reading of the files of statistics programs: SPSS and Stata."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.faults import DeclaredMissing
from attune_fit.data.formats.file_layout import HEADER_ROW

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.formats.file_layout import FileLayout


def read_statistics_file(
    path: Path, layout: FileLayout, collector: FaultCollector, *, program: str
) -> pd.DataFrame | None:
    """Return the cells of a file of SPSS or Stata; None after an error.

    Values that the file declares as missing are empty, and the collector notes where. By default a variable becomes its
    value labels where each value that occurs has one; else its values stay. See :attr:`FileLayout.labels`.

    Parameters
    ----------
    path : Path
        The file.
    layout, collector
        As for every row of FORMATS; ``labels`` is the only key of ``layout`` that applies.
    program : {"SPSS", "Stata"}
        The program that wrote the file.

    Raises
    ------
    ValueError
        If the file is damaged or of another format.
    OSError
        If the file cannot be opened.
    """
    import pandas as pd

    try:
        import pyreadstat  # an extra: few clinics have such files
    except ImportError:
        message = f"{path.name} is a file of {program}, and the package that reads it is not installed"
        collector.add_error("package-not-installed", "", message, 'Run `pip install "attune-fit[formats]"`.')
        return None
    path.open("rb").close()  # pyreadstat has one error for all causes
    read = {"SPSS": pyreadstat.read_sav, "Stata": pyreadstat.read_dta}[program]
    try:
        frame, meta = read(str(path))
        declared = _read_declared_missing(path, read)
    except pyreadstat.ReadstatError as error:
        raise ValueError(str(error)) from error
    for name, values in declared.items():
        is_declared = _find_empty(frame[name]) & ~_find_empty(values)
        rows = (is_declared.to_numpy().nonzero()[0] + HEADER_ROW + 1).tolist()
        if rows:
            collector.declared_missing.append(DeclaredMissing(collector.table, str(name), tuple(rows)))
    for name, labels in meta.variable_value_labels.items():
        if layout.labels is not False:
            frame[name] = _apply_labels(frame[name], labels, is_partial=layout.labels is True)
    return pd.DataFrame(frame)


def _read_declared_missing(path: Path, read: Callable[..., Any]) -> pd.DataFrame:
    """Return the variables for which a file declares missing values, with these values; no column if there is none."""
    import pandas as pd

    _, meta = read(str(path), user_missing=True, metadataonly=True)
    if meta.file_format == "dta":  # Stata declares them in the cells, not in the head of the file
        frame, meta = read(str(path), user_missing=True)
        return pd.DataFrame(frame[list(meta.missing_user_values)])
    names = list(meta.missing_ranges)
    return pd.DataFrame(read(str(path), user_missing=True, usecols=names)[0]) if names else pd.DataFrame()


def _find_empty(values: pd.Series) -> pd.Series:
    return values.isna() | (values.astype("object") == "")


def _apply_labels(values: pd.Series, labels: dict[object, str], *, is_partial: bool) -> pd.Series:
    """Return the labels of the values.

    Where a value that occurs has no label, all values stay; with ``is_partial``, only those without a label do.
    """
    if not labels:
        return values
    known = values.dropna()
    if known.isin(list(labels)).all():
        return values.map(labels)
    return values.astype("object").map(lambda value: labels.get(value, value)) if is_partial else values
