"""A plan of a trial as a TOML file: reading with every error."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from attune_fit.data.clinic.config_errors import explain_errors
from attune_fit.data.faults import DataFault
from attune_fit.data.formats.toml_file import read_toml
from attune_fit.training.trials.trial_plan import TrialPlan


def read_trial_plan(path: Path) -> TrialPlan:
    """Read the file of a plan.

    Parameters
    ----------
    path : Path
        A TOML file with the keys of :class:`TrialPlan`; each arm is a table ``[[arms]]``.

    Raises
    ------
    DataFault
        With every error: no file, no TOML, an unknown or missing key, a value that does not fit.
    """
    try:
        return TrialPlan.model_validate(read_toml(path))
    except ValidationError as error:
        raise DataFault(explain_errors(error, TrialPlan, path.name)) from None
