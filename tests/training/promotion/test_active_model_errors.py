"""What the live model errs by is asked of records it was not made from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from attune_fit.models.active_model import set_active_bundle
from attune_fit.training.promotion.active_model_errors import crossfit_active_model
from attune_fit.workspace import read_clinic
from tests.conftest import Attune

pytestmark = pytest.mark.usefixtures("untracked")


def test_a_bundle_is_made_anew_without_the_clients_it_is_asked_about(attune: Attune, clinic: Path) -> None:
    """The same folds as in its training: the same error, to the last digit."""
    trained = json.loads(attune("train", clinic, "--json").stdout)
    opened, tables = read_clinic(clinic)
    set_active_bundle(opened, trained["bundle"])
    found = crossfit_active_model(opened, tables, seed=opened.config.settings.seed)
    assert found is not None
    records, told = found
    assert len(records) == len(told.y) == trained["n_outcomes"]
    assert (records.y == told.y).all()
    assert float(np.sqrt(np.mean((told.y - told.score) ** 2))) == pytest.approx(trained["metrics"]["rmse"], abs=1e-9)


def test_day_0_has_seen_no_record_and_is_asked_as_it_is(clinic: Path) -> None:
    opened, tables = read_clinic(clinic)
    found = crossfit_active_model(opened, tables)
    assert found is not None
    assert len(found[1].y) == len(found[0]) > 0


def test_without_records_nothing_is_held_back(clinic: Path) -> None:
    opened, tables = read_clinic(clinic)
    assert crossfit_active_model(opened, tables.drop_outcomes()) is None
