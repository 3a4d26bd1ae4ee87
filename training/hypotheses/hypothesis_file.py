"""A hypothesis as a TOML file: reading with every error, and writing."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from attune_fit.data.clinic.config_errors import explain_errors
from attune_fit.data.faults import DataFault
from attune_fit.data.formats.toml_file import read_toml
from attune_fit.data.writing.toml_text import format_toml
from attune_fit.training.hypotheses.hypothesis import Hypothesis


def read_hypothesis(path: Path) -> Hypothesis:
    """Read a hypothesis file.

    Parameters
    ----------
    path : Path
        A TOML file with the keys of :class:`Hypothesis`.

    Raises
    ------
    DataFault
        With every error: no file, no TOML, an unknown or missing key, a value that does not fit.
    """
    try:
        return Hypothesis.model_validate(read_toml(path))
    except ValidationError as error:
        raise DataFault(explain_errors(error, Hypothesis, path.name)) from None


def format_hypothesis(hypothesis: Hypothesis) -> str:
    """Return the text of a hypothesis file: the keys that differ from their defaults."""
    return "\n".join([*format_toml(hypothesis.to_dict()), ""])
