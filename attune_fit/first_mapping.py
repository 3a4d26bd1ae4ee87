"""Write a first ``clinic.toml`` for a folder of files: what they show is guessed, and the rest is asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.clinic.clinic import CONFIG_FILE, Clinic
from attune_fit.data.command_words import format_word
from attune_fit.data.faults import DataFault
from attune_fit.data.guessing.build_mapping import build_mapping
from attune_fit.data.guessing.guess import Ask, FirstMapping, ignore_question
from attune_fit.data.guessing.mapping_text import format_mapping
from attune_fit.data.storage.atomic_write import write_atomically
from attune_fit.results import Result

if TYPE_CHECKING:
    import pandas as pd


def write_first_mapping(folder: Path | str, ask: Ask = ignore_question) -> Result:
    """Write a first ``clinic.toml`` into a folder that has none.

    Parameters
    ----------
    folder : Path or str
        Holds the clinic's files, in any form that Attune reads.
    ask : callable, optional
        Gets a question and returns the answer, or None. Default: what is not sure is left out, with a warning.

    Returns
    -------
    Result
        Its ``result`` is a :class:`FirstMapping`. No cell of a person is in it: only words and codes that are in at
        least five rows, or whole families of general words.

    Raises
    ------
    DataFault
        If the folder has a ``clinic.toml``, or no file with clients or none with therapists. Nothing is written then.
    """
    folder = Path(folder)
    path = folder / CONFIG_FILE
    _check_no_config(path)
    Clinic.open(folder)  # refuses what is no folder, and settings under another name
    mapping = build_mapping(folder, ask)
    _check_no_config(path)  # questions take time: one can have been written meanwhile
    write_atomically(path, format_mapping(mapping))
    return Result(
        mapping,
        _summarize(mapping),
        lambda: _build_frame(mapping),
        lambda: _build_content(mapping, folder),
        tuple(mapping.warnings),
    )


def _check_no_config(path: Path) -> None:
    """Refuse a folder that has a ``clinic.toml``, also as a link whose target is gone."""
    if os.path.lexists(path):
        fix = "Change it by hand, or move it away first. Nothing was changed."
        raise DataFault.error("config-exists", CONFIG_FILE, "", f"{path.parent} has a clinic.toml already", fix=fix)


def _summarize(mapping: FirstMapping) -> str:
    """Return the number of lines that were taken, and of those that were left out."""
    taken = sum(guess.value is not None for guess in mapping.guesses)
    left = sum(guess.state == "left out" and bool(guess.column) for guess in mapping.guesses)
    return f"clinic.toml with {len(mapping.config['tables'])} tables and {taken} lines; {left} left out"


def _build_frame(mapping: FirstMapping) -> pd.DataFrame:
    import pandas as pd

    columns = ["table", "header", "column", "state", "score", "reason", "file"]
    rows = [[getattr(guess, column) for column in columns] for guess in mapping.guesses]
    return pd.DataFrame(rows, columns=columns)


def _build_content(mapping: FirstMapping, folder: Path) -> dict[str, Any]:
    return {
        "config": str(folder / CONFIG_FILE),
        "tables": mapping.config["tables"],
        "waiting": mapping.config.get("waiting"),
        "lines": _build_frame(mapping).to_dict("records"),
        "unplaced": mapping.unplaced,
        "warnings": mapping.warnings,
        "next": [f"attune check {format_word(folder)}", f"attune rank {format_word(folder)} --waiting"],
    }
