"""No client is allocated twice, no plan is changed, and nothing is allocated from a file that was changed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attune_fit.data.faults import DataFault
from attune_fit.data.sealed_files import TRIALS
from attune_fit.data.sealed_log import build_end_mark_path
from attune_fit.training.trials import trial_registry
from attune_fit.training.trials.allocation import draw_arms
from attune_fit.training.trials.sealed_trial import Look
from attune_fit.training.trials.trial_progress import build_trial_status
from attune_fit.training.trials.trial_records import TrialRecords
from attune_fit.training.trials.trial_registry import (
    append_allocation,
    append_look,
    append_plan,
    find_trial,
    read_trials,
)
from tests.training.trials.builders import build_planned, draft

NAME = "first_place"


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    """A folder with a planned trial."""
    append_plan(tmp_path, build_planned())
    return tmp_path


def fault_of(error: pytest.ExceptionInfo[DataFault]) -> str:
    return error.value.faults[0].id


def build_look(**keys: Any) -> Look:
    figures = dict.fromkeys(("estimate", "low", "high", "estimate_sd", "t", "df", "p", "permutation_p", "z"), 0.5)
    return Look(**{"look": 1, "n_first": 20, "n_second": 20, **figures, "boundary": 2.9, "decision": "go on", **keys})


def test_arms_follow_the_sequence_of_the_seed(artifacts: Path) -> None:
    for number in range(12):
        append_allocation(artifacts, NAME, f"c{number}", "", draft)
    trial = find_trial(artifacts, NAME)
    arms = ["attune" if arm == 0 else "random" for arm in draw_arms(7, "", (4, 6), 12)]
    assert [one.arm for one in trial.allocations] == arms
    assert [one.place for one in trial.allocations] == list(range(1, 13))
    assert {one.order for one in trial.allocations if one.arm == "random"} == {"all_at_random"}


def test_each_stratum_has_its_own_sequence(artifacts: Path) -> None:
    for number in range(12):
        append_allocation(artifacts, NAME, f"c{number}", "ab"[number % 2], draft)
    allocations = find_trial(artifacts, NAME).allocations
    for stratum in "ab":
        own = [["attune", "random"].index(one.arm) for one in allocations if one.stratum == stratum]
        assert own == draw_arms(7, stratum, (4, 6), 6)


def test_a_second_allocation_is_the_first_one(artifacts: Path) -> None:
    _, first, is_new = append_allocation(artifacts, NAME, "c1", "", draft)
    content = (artifacts / TRIALS.file).read_bytes()
    _, second, is_new_again = append_allocation(artifacts, NAME, "c1", "other stratum", draft)
    assert (is_new, is_new_again) == (True, False)
    assert first == second
    assert (artifacts / TRIALS.file).read_bytes() == content


def test_many_allocations_at_once_give_each_client_one_place(artifacts: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        clients = [f"c{number % 10}" for number in range(40)]
        done = list(threads.map(lambda client: append_allocation(artifacts, NAME, client, "", draft), clients))
    trial = find_trial(artifacts, NAME)
    assert sorted(one.client_id for one in trial.allocations) == sorted(set(clients))
    assert sorted(one.place for one in trial.allocations) == list(range(1, 11))
    assert sum(is_new for _, _, is_new in done) == 10


def test_a_list_that_cannot_be_drafted_allocates_nobody(artifacts: Path) -> None:
    content = (artifacts / TRIALS.file).read_bytes()

    def fail(arm: int) -> dict[str, Any]:
        raise OSError("no disk")

    with pytest.raises(OSError, match="no disk"):
        append_allocation(artifacts, NAME, "c1", "", fail)
    assert (artifacts / TRIALS.file).read_bytes() == content
    _, one, _ = append_allocation(artifacts, NAME, "c1", "", draft)
    assert one.place == 1


def test_a_line_that_was_cut_off_counts_for_nothing(artifacts: Path) -> None:
    with (artifacts / TRIALS.file).open("ab") as file:
        file.write(b'{"what": "allocated", "trial": "first_place", "client_id": "c1", "str')
    assert find_trial(artifacts, NAME).allocations == ()
    _, one, is_new = append_allocation(artifacts, NAME, "c1", "", draft)
    assert (one.place, is_new) == (1, True)
    assert len(find_trial(artifacts, NAME).allocations) == 1


@pytest.mark.parametrize("change", ["edited", "removed", "end mark removed"])
def test_a_changed_file_allocates_nobody(artifacts: Path, change: str) -> None:
    for client in ("c1", "c2"):
        append_allocation(artifacts, NAME, client, "", draft)
    path = artifacts / TRIALS.file
    lines = path.read_bytes().splitlines(keepends=True)
    if change == "edited":
        path.write_bytes(b"".join([lines[0], lines[1].replace(b'"t1", "t2"', b'"t2", "t1"'), lines[2]]))
    elif change == "removed":
        path.write_bytes(b"".join(lines[:2]))
    else:
        build_end_mark_path(path).unlink()
    with pytest.raises(DataFault) as error:
        append_allocation(artifacts, NAME, "c3", "", draft)
    assert fault_of(error) == "trials-changed"


def test_a_client_is_in_one_trial_only(artifacts: Path) -> None:
    append_plan(artifacts, build_planned(name="second"))
    append_allocation(artifacts, NAME, "c1", "", draft)
    with pytest.raises(DataFault) as error:
        append_allocation(artifacts, "second", "c1", "", draft)
    assert fault_of(error) == "client-in-other-trial"
    assert len(read_trials(artifacts)) == 2


def test_a_plan_is_sealed_once_and_not_changed(artifacts: Path) -> None:
    content = (artifacts / TRIALS.file).read_bytes()
    again = append_plan(artifacts, build_planned())
    assert again.when
    assert (artifacts / TRIALS.file).read_bytes() == content
    with pytest.raises(DataFault) as error:
        append_plan(artifacts, build_planned(alpha=0.01))
    assert fault_of(error) == "trial-planned-otherwise"


def test_an_unknown_trial_is_named_with_the_known_ones(artifacts: Path) -> None:
    with pytest.raises(DataFault, match="`first_place`") as error:
        append_allocation(artifacts, "none", "c1", "", draft)
    assert fault_of(error) == "trial-not-found"


def test_nobody_is_allocated_after_the_end(artifacts: Path) -> None:
    append_allocation(artifacts, NAME, "c1", "", draft)
    append_look(artifacts, NAME, build_look(), 0)
    append_allocation(artifacts, NAME, "c2", "", draft)
    trial = append_look(artifacts, NAME, build_look(look=2, decision="no difference shown"), 1)
    assert trial.has_ended
    with pytest.raises(DataFault) as error:
        append_allocation(artifacts, NAME, "c3", "", draft)
    assert fault_of(error) == "trial-has-ended"


def test_two_looks_at_once_are_one(artifacts: Path) -> None:
    append_look(artifacts, NAME, build_look(), 0)
    with pytest.raises(DataFault) as error:
        append_look(artifacts, NAME, build_look(), 0)
    assert fault_of(error) == "trial-analysed-meanwhile"


def test_a_look_that_was_not_planned_ends_nothing(artifacts: Path) -> None:
    trial = append_look(artifacts, NAME, build_look(look=0, decision="not planned", why="a test"), 0)
    assert (trial.has_ended, trial.planned_looks, len(trial.looks)) == (False, (), 1)


def test_a_status_has_no_estimate_while_the_trial_goes_on(artifacts: Path) -> None:
    none = np.empty(0, dtype=np.intp)
    records = TrialRecords((), none, none, none, np.empty(0), (), np.empty((0, 0)))
    trial = append_look(artifacts, NAME, build_look(), 0)
    (look,) = build_trial_status(trial, records, []).to_dict()["looks"]
    assert "estimate" not in look
    trial = append_look(artifacts, NAME, build_look(look=2, decision="difference found"), 1)
    assert build_trial_status(trial, records, []).to_dict()["looks"][1]["estimate"] == 0.5


def test_a_seed_is_drawn_where_the_plan_has_none() -> None:
    seeds = {build_planned(seed=None).seed for _ in range(5)}
    assert len(seeds) == 5
    assert trial_registry.build_trial(replace(build_planned()).plan, {}, "").seed == 7
