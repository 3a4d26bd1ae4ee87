from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.synthetic import policy
from data.synthetic.clinic import Simulated, simulate
from data.synthetic.truth_files import write_truth


@pytest.fixture(scope="module")
def made() -> Simulated:
    return simulate(40, 5, seed=9)


def written(made: Simulated, folder: Path) -> dict[str, pd.DataFrame]:
    write_truth(made.tables, made.truth, folder)
    return {path.stem: pd.read_parquet(path) for path in folder.iterdir()}


def test_the_files_say_what_the_truth_says(made: Simulated, tmp_path: Path) -> None:
    files = written(made, tmp_path)
    assert set(files) == {"clients", "therapists", "met", "waiting"}
    assert files["clients"]["part"].tolist() == made.truth.client.tolist()
    assert files["therapists"]["part"].tolist() == made.truth.therapist.tolist()
    met = made.truth.met
    expected = made.truth.expected(met["client_row"].to_numpy(), met["therapist_row"].to_numpy())
    assert files["met"]["expected"].tolist() == expected.tolist()
    assert files["met"]["probability"].tolist() == met["probability"].tolist()


def test_everybody_who_waits_stands_beside_every_therapist(
    made: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "PAIRS", 10)  # several blocks
    waiting = written(made, tmp_path)["waiting"]
    assert len(waiting) == 4 * 5
    assert not set(waiting["client_id"]) & made.tables.met
    client = pd.Index(made.tables.clients["client_id"]).get_indexer(pd.Index(waiting["client_id"]))
    therapist = pd.Index(made.tables.therapists["therapist_id"]).get_indexer(pd.Index(waiting["therapist_id"]))
    assert waiting["expected"].to_numpy() == pytest.approx(made.truth.expected(client, therapist))


def test_a_clinic_where_nobody_waits_or_nobody_met_writes_empty_files(tmp_path: Path) -> None:
    assert written(simulate(4, 2, seed=1, waiting=0), tmp_path / "a")["waiting"].empty
    met = written(simulate(4, 2, seed=1, waiting=4), tmp_path / "b")["met"]
    assert met.empty
    assert list(met) == ["client_id", "therapist_id", "fit", "expected", "probability"]
    assert met["expected"].dtype == np.float64
