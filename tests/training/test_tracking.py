"""One MLflow run for each training, in the clinic's folder, in silence."""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path

import pytest

from training.tracking import CHAMPION, EXPERIMENT, MODEL, track


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")
def test_a_run_holds_settings_figures_hashes_and_the_bundle(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bundle = tmp_path / "artifacts" / "bundles" / "abc"
    bundle.mkdir(parents=True)
    (bundle / "bundle.json").write_text("{}")
    before = dict(os.environ), logging.getLogger("mlflow").level, list(warnings.filters)

    runs = [
        track(tmp_path / "artifacts", bundle, {"seed": 3}, {"rmse": 15.5}, {"data": "d1", "bundle": "abc"})
        for _ in range(2)
    ]

    assert capfd.readouterr() == ("", "")
    assert (dict(os.environ), logging.getLogger("mlflow").level, list(warnings.filters)) == before
    assert sorted(path.name for path in (tmp_path / "artifacts").iterdir()) == ["bundles", "mlflow.db", "mlruns"]

    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{tmp_path / 'artifacts' / 'mlflow.db'}")
    run = client.get_run(runs[1])
    assert run.info.status == "FINISHED"
    assert run.data.params == {"seed": "3"}
    assert run.data.metrics == {"rmse": 15.5}
    assert run.data.tags == {"data": "d1", "bundle": "abc", "mlflow.runName": "abc"}
    assert [file.path for file in client.list_artifacts(runs[1], "bundle")] == ["bundle/bundle.json"]
    assert client.get_model_version_by_alias(MODEL, CHAMPION).run_id == runs[1]
    assert len(client.search_runs([client.get_experiment_by_name(EXPERIMENT).experiment_id])) == 2
