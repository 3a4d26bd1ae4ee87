"""Out-of-fold errors of the live model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from attune_fit.models.active_pointer import set_active_bundle
from attune_fit.training.fitting.fit_model import fit_clinic_model
from attune_fit.training.promotion.active_model_errors import crossfit_active_model
from attune_fit.workspace import open_clinic
from tests.conftest import Attune

pytestmark = pytest.mark.usefixtures("untracked")


def test_a_bundle_is_refitted_without_the_clients_it_predicts(attune: Attune, clinic: Path) -> None:
    """The same folds as the first split of its training: the same predictions, to the last digit."""
    trained = json.loads(attune("train", clinic, "--json").stdout)
    workspace = open_clinic(clinic)
    opened, tables = workspace.clinic, workspace.tables
    set_active_bundle(opened, trained["bundle"])
    result = crossfit_active_model(opened, tables, seed=opened.config.settings.seed)
    assert result is not None
    records, predictions = result
    assert len(records) == len(predictions.y) == trained["n_outcomes"]
    assert (records.y == predictions.y).all()
    fit = fit_clinic_model(opened, tables, opened.config.settings.seed)
    np.testing.assert_array_equal(predictions.score, fit.predictions_by_split["client"].score)


def test_the_starting_model_predicts_all_records_without_a_refit(clinic: Path) -> None:
    workspace = open_clinic(clinic)
    opened, tables = workspace.clinic, workspace.tables
    result = crossfit_active_model(opened, tables)
    assert result is not None
    records, predictions = result
    assert len(predictions.y) == len(records) > 0


def test_without_records_there_is_no_result(clinic: Path) -> None:
    workspace = open_clinic(clinic)
    opened, tables = workspace.clinic, workspace.tables
    assert crossfit_active_model(opened, tables.drop_outcomes()) is None
