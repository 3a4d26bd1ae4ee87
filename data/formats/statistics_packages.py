"""Reading of the files of statistics programs: SPSS and Stata."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.formats.file_layout import FileLayout


def read_statistics_file(
    path: Path, layout: FileLayout, collector: FaultCollector, *, program: str
) -> pd.DataFrame | None:
    """Return the cells of a file of SPSS or Stata; None after an error.

    A variable becomes its value labels where each value that occurs has one; else its values stay. Values that the file
    declares as missing are empty.

    Parameters
    ----------
    path : Path
        The file.
    layout, collector
        As for every row of FORMATS; no key of ``layout`` applies.
    program : {"SPSS", "Stata"}
        The program that wrote the file.

    Raises
    ------
    ValueError
        If the file is damaged or of another format.
    OSError
        If the file cannot be opened.
    """
    del layout
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
    except pyreadstat.ReadstatError as error:
        raise ValueError(str(error)) from error
    for name, labels in meta.variable_value_labels.items():
        frame[name] = _apply_labels(frame[name], labels)
    return pd.DataFrame(frame)


def _apply_labels(values: pd.Series, labels: dict[object, str]) -> pd.Series:
    """Return the labels of the values, or the values where one that occurs has no label."""
    known = values.dropna()
    return values.map(labels) if labels and known.isin(list(labels)).all() else values
