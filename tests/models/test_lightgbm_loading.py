"""LightGBM is loaded without scikit-learn by the commands, and with it in a notebook."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.models import model_bundle
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.active_pointer import build_bundle_path, set_active_bundle
from tests.models.builders import grow_catalogue_trees

COMMAND = """
import sys
from attune_fit.app.cli import main
sys.argv = ["attune", {command!r}, {folder!r}, *{options!r}]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
assert "lightgbm" in sys.modules, "the command made no use of LightGBM, so this test proves nothing"
assert "sklearn" not in sys.modules, "scikit-learn was loaded"
import sklearn.linear_model  # later imports work
"""
NOTEBOOK = """
import attune_fit.estimators
from attune_fit.models.lightgbm_loading import load_lightgbm
from lightgbm import LGBMRegressor
assert load_lightgbm().LGBMRegressor is LGBMRegressor
LGBMRegressor(n_estimators=2, verbose=-1).fit([[0.0], [1.0]] * 20, [0.0, 1.0] * 20)
"""
BOTH_WAYS = """
import sys
from attune_fit.models.lightgbm_loading import load_lightgbm, suppress_scikit_learn
{first}
suppress_scikit_learn()
load_lightgbm().LGBMRegressor()
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def activate_trees(clinic: Clinic) -> None:
    """Make a model with trees the active one of a clinic."""
    model = replace(load_starting_model(), learned=grow_catalogue_trees(FEATURES))
    name = model_bundle.save(model, build_bundle_path(clinic, model_bundle.compute_bundle_name(model)))
    set_active_bundle(clinic, name)


@pytest.mark.parametrize(("command", "options"), [("rank", ["--waiting"]), ("assign", [])])
def test_commands_that_rank_load_no_scikit_learn(clinic: Path, command: str, options: list[str]) -> None:
    activate_trees(Clinic.open(clinic))
    done = run(COMMAND.format(command=command, folder=str(clinic), options=options))
    assert done.returncode == 0, done.stderr


def test_lightgbm_has_its_estimators_in_a_notebook() -> None:
    done = run(NOTEBOOK)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("first", ["import sklearn", "load_lightgbm()"])
def test_scikit_learn_stays_where_it_is_loaded_already(first: str) -> None:
    done = run(BOTH_WAYS.format(first=first))
    assert done.returncode == 0, done.stderr
