"""The examples do what their pages say: check, train, rank, explain, on real and on messy files."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Attune

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
pytestmark = pytest.mark.usefixtures("untracked")


@pytest.fixture(scope="module", params=["riverside", "dining"])
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of an example; the tests of a module train it once."""
    folder = tmp_path_factory.mktemp("examples") / str(request.param)
    shutil.copytree(EXAMPLES / str(request.param), folder)
    return folder


@pytest.mark.slow
def test_the_whole_road(attune: Attune, example: Path) -> None:
    checked = json.loads(attune("check", example, "--json").stdout)
    assert checked["stops"] == 0
    trained = json.loads(attune("train", example, "--json").stdout)
    assert trained["n_outcomes"] > 700
    done = attune("rank", example, "--waiting", "--why")
    assert done.exit_code == 0, done.output
    assert trained["verdict"]["sentence"] in " ".join(done.output.split()) or "No client waits" in done.output
    target = example.parent / "list.csv"
    assert attune("rank", example, "--all", "--out", target).exit_code == 0
    first = pd.read_csv(target, dtype=str).iloc[0]
    words = ("--client", first["client_id"], "--therapist", first["therapist_id"])
    told = json.loads(attune("explain", example, *words, "--json").stdout)
    assert told["score"] == pytest.approx(float(first["score"]), abs=1e-6)
    assert sum(told["parts"].values()) == pytest.approx(told["score"], abs=1e-9)
    assert attune("explain", example, *words).exit_code == 0
    if example.name == "dining":
        assert trained["verdict"]["kind"] == "nothing", "there is next to nothing to find in these ratings"
    else:
        waiting = example.parent / "waiting.csv"
        assert attune("rank", example, "--waiting", "--out", waiting).exit_code == 0
        rows = pd.read_csv(waiting, dtype=str)
        assert len(rows) == 120 * 38
        assert rows.loc[rows["status"] == "excluded", "rule"].notna().all()
