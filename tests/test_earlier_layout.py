"""A clinic folder that the version before worked in: its bundle, ledger, logs, MLflow runs and Optuna study are read.

``tests/golden/earlier_layout.tgz`` was written by version 0.1.0 as it was before the package had one name: a synthetic
clinic of 80 clients, one training with one Optuna trial, its bundle promoted by hand, two lists and a placement.
"""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.training.promotion.ledger import LEDGER_FILE, read_ledger
from tests.conftest import Attune

ARCHIVE = Path(__file__).resolve().parent / "golden" / "earlier_layout.tgz"
BUNDLE = "f372c2bf4cdf"


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The folder as the version before left it."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "earlier"


def test_the_bundle_of_before_ranks(earlier: Path, attune: Attune) -> None:
    listed = json.loads(attune("models", "list", earlier, "--json").stdout)
    assert (listed["live"], listed["faults"]) == (BUNDLE, [])
    ranked = json.loads(attune("rank", earlier, "--waiting", "--json").stdout)
    assert {one["bundle"] for one in ranked} == {BUNDLE}
    assert all(one["candidates"] for one in ranked[:1])
    assert attune("models", "card", earlier).exit_code == 0


def test_the_ledger_of_before_goes_on(earlier: Path, attune: Attune) -> None:
    before = read_ledger(earlier / "artifacts" / LEDGER_FILE).entries
    assert [one.what for one in before] == ["refused", "promoted by hand"]
    assert attune("models", "rollback", earlier, "--because", "a test").exit_code == 0
    after = read_ledger(Clinic.open(earlier).artifacts / LEDGER_FILE)
    assert after.entries[:2] == before
    assert not after.faults


def test_a_training_goes_on_in_the_databases_of_before(
    earlier: Path, attune: Attune, mlflow_client: Callable[[Path], Any]
) -> None:
    done = attune("train", earlier, "--trials", 1, "--json")
    assert done.exit_code == 0, done.output
    assert "optuna.db holds 1 earlier search of other records or of an earlier version" in done.stderr

    client = mlflow_client(earlier / "artifacts" / "mlflow.db")
    versions = client.search_model_versions("name='attune'")
    assert {one.tags["bundle"] for one in versions} == {BUNDLE, json.loads(done.stdout)["bundle"]}
