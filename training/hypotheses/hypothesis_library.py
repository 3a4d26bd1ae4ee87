"""The library of published hypotheses: files that Attune ships, each with its source."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault
from attune_fit.training.hypotheses.hypothesis import Hypothesis
from attune_fit.training.hypotheses.hypothesis_file import read_hypothesis

LIBRARY = "attune_fit.training.hypotheses.library"


@cache
def list_library() -> tuple[Hypothesis, ...]:
    """List the published hypotheses, sorted by name."""
    names = sorted(entry.name for entry in files(LIBRARY).iterdir() if entry.name.endswith(".toml"))
    return tuple(Hypothesis.model_validate(tomllib.loads(read_library_file(name[: -len(".toml")]))) for name in names)


def read_library_file(name: str) -> str:
    """Return the text of one file of the library, with its comments.

    Raises
    ------
    DataFault
        If the library has no hypothesis of that name.
    """
    known = sorted(entry.name.removesuffix(".toml") for entry in files(LIBRARY).iterdir() if ".toml" in entry.name)
    if name not in known:
        message, fix = f"the library has no hypothesis `{name}`", suggest_name(name, known)
        raise DataFault.error("hypothesis-not-found", "hypothesis library", "", message, fix=fix)
    return files(LIBRARY).joinpath(f"{name}.toml").read_text(encoding="utf-8")


def find_hypothesis(hypothesis: Hypothesis | Path | str) -> Hypothesis:
    """Return a hypothesis: the object itself, a file, or one of the library by its name.

    Raises
    ------
    DataFault
        If there is no such file and no such name, or with every error of the file.
    """
    if isinstance(hypothesis, Hypothesis):
        return hypothesis
    path = Path(hypothesis)
    by_name = {one.name: one for one in list_library()}
    if not path.exists() and str(hypothesis) in by_name:
        return by_name[str(hypothesis)]
    if not path.exists():
        message, fix = "there is no such file", f"Name a hypothesis file, or one of the library. {_suggest(path)}"
        raise DataFault.error("hypothesis-file-not-found", path.name, "", message, fix=fix)
    return read_hypothesis(path)


def _suggest(path: Path) -> str:
    return suggest_name(path.stem, (one.name for one in list_library()))
