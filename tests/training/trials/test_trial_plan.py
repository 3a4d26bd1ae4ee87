"""A plan is read with every error, and its keys are checked together."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from attune_fit.data.faults import DataFault
from attune_fit.training.trials.trial_file import read_trial_plan
from tests.training.trials.builders import ARMS, build_plan

TEXT = """
name = "first_place"
claim = "Order helps."
n_outcomes = 80
looks = [40]
seed = 7
[[arms]]
name = "attune"
order = "list"
[[arms]]
name = "random"
order = "all_at_random"
"""


def test_a_file_is_the_same_plan_as_the_object(tmp_path: Path) -> None:
    (tmp_path / "trial.toml").write_text(TEXT + "# a comment\n")
    plan = read_trial_plan(tmp_path / "trial.toml")
    assert plan == build_plan()
    assert plan.digest == build_plan().digest != build_plan(alpha=0.01).digest


def test_every_error_of_a_file_is_listed_at_once(tmp_path: Path) -> None:
    text = TEXT.replace("n_outcomes = 80", "n_outcomes = 8\nalfa = 0.05").replace("all_at_random", "best_first")
    (tmp_path / "trial.toml").write_text(text)
    with pytest.raises(DataFault) as error:
        read_trial_plan(tmp_path / "trial.toml")
    assert sorted(fault.id for fault in error.value.faults) == ["key-not-valid", "key-not-valid", "unknown-key"]
    assert {fault.table for fault in error.value.faults} == {"trial.toml"}


@pytest.mark.parametrize(
    "keys",
    [
        {"looks": [60, 50]},
        {"looks": [20]},
        {"looks": [80]},
        {"block_sizes": [3]},
        {"arms": ARMS[:1]},
        {"arms": [ARMS[0], {"name": "other", "order": "list"}]},
        {"arms": [ARMS[0], {"name": "attune", "order": "all_at_random"}]},
        {"stratify_by": ["therapists.age"]},
        {"name": "Two words"},
    ],
)
def test_keys_that_do_not_fit_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        build_plan(**keys)
