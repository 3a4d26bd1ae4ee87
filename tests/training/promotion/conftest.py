"""A whole MLflow database, made once: its tables take seconds."""

from pathlib import Path

import pytest

from attune_fit.training.promotion.mlflow_tracking import RunStore, open_run_store


@pytest.fixture(scope="session")
def mlflow_artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ``artifacts/`` with a bundle and a database without a run."""
    artifacts = tmp_path_factory.mktemp("whole") / "artifacts"
    (artifacts / "bundles" / "abc").mkdir(parents=True)
    (artifacts / "bundles" / "abc" / "bundle.json").write_text("{}")
    open_run_store(RunStore(artifacts))
    return artifacts
