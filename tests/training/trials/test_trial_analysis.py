"""Looks come when they were planned, decide by their boundary, and keep the error rate of the whole trial."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.data.faults import DataFault
from attune_fit.training.trials import trial_power
from attune_fit.training.trials.allocation import draw_arms, list_blocks
from attune_fit.training.trials.sealed_trial import Trial
from attune_fit.training.trials.trial_analysis import analyse_records, build_analysis_plan, choose_look
from attune_fit.training.trials.trial_power import draw_normal, run_trials, simulate_trials
from attune_fit.training.trials.trial_records import TrialRecords
from tests.training.trials.builders import build_plan, build_planned


def build_records(y: Floats) -> TrialRecords:
    n = len(y)
    arms, blocks = np.array(draw_arms(7, "", (4, 6), n)), np.array(list_blocks(7, "", (4, 6), n))
    return TrialRecords(("",) * n, arms, np.zeros(n, dtype=int), blocks, y, (None,) * n, np.empty((n, 0)))


def draw_records(n: int, effect: float, seed: int = 1) -> TrialRecords:
    records = build_records(np.random.default_rng(seed).standard_normal(n))
    return replace(records, y=records.y + effect * (records.arm == 0))


def add_look(trial: Trial, records: TrialRecords, number: int, **keys: Any) -> Trial:
    return replace(trial, looks=(*trial.looks, analyse_records(trial, records, number, n_permutations=99, **keys)))


def test_a_look_before_its_time_is_refused_and_one_with_a_reason_is_marked() -> None:
    trial = build_planned()
    with pytest.raises(DataFault, match="next planned look is at 40") as error:
        choose_look(trial, 39)
    assert error.value.faults[0].id == "trial-look-not-due"
    assert choose_look(trial, 39, unplanned="a question of the board") == 0
    assert (choose_look(trial, 40), choose_look(trial, 80), choose_look(trial, 55, end="recruitment ended")) == (
        1,
        2,
        2,
    )
    look = analyse_records(trial, draw_records(39, 3.0), 0, why="a question of the board", n_permutations=99)
    assert (look.decision, look.ends_trial) == ("not planned", False)


def test_a_look_is_made_once() -> None:
    trial = add_look(build_planned(), draw_records(40, 0.0), 1)
    with pytest.raises(DataFault, match="next planned look is at 80"):
        choose_look(trial, 60)
    assert choose_look(trial, 80) == 2


def test_two_reasons_are_refused() -> None:
    with pytest.raises(DataFault) as error:
        choose_look(build_planned(), 50, unplanned="a", end="b")
    assert error.value.faults[0].id == "trial-two-reasons"


def test_a_large_difference_stops_the_trial_at_the_first_look() -> None:
    trial = add_look(build_planned(), draw_records(40, 2.0), 1)
    look = trial.looks[0]
    assert look.decision == "difference found"
    assert look.boundary == pytest.approx(2.963, abs=0.001)
    assert look.low < 2.0 < look.high
    assert choose_look(trial, 80) is None


def test_a_boundary_knows_the_earlier_looks_and_the_outcomes_of_now() -> None:
    trial = add_look(build_planned(), draw_records(52, 0.0), 1)
    assert trial.looks[0].boundary == pytest.approx(2.963 / np.sqrt(52 / 40), abs=0.08)  # a later look: a lower one
    trial = add_look(trial, draw_records(80, 0.0), 2)
    last = trial.looks[1]
    assert last.decision == "no difference shown"
    assert 1.96 < last.boundary < 2.02
    assert last.low < last.estimate < last.high


def test_an_early_end_spends_what_is_left() -> None:
    trial = add_look(build_planned(), draw_records(40, 0.0), 1)
    last = analyse_records(trial, draw_records(60, 0.0), 2, is_last=True, why="recruitment ended", n_permutations=99)
    assert last.ends_trial
    assert last.boundary == pytest.approx(1.965, abs=0.01)


def test_clients_without_an_outcome_do_not_count() -> None:
    records = draw_records(60, 0.0)
    part = replace(records, y=np.where(np.arange(60) < 44, records.y, np.nan))
    assert part.n_outcomes == 44
    assert analyse_records(build_planned(), part, 1, n_permutations=99).n == 44


def test_a_small_arm_is_hidden() -> None:
    with pytest.raises(DataFault) as error:
        analyse_records(build_planned(), draw_records(16, 0.0), 0, n_permutations=99)
    assert error.value.faults[0].id == "arm-too-small"


def test_more_strata_than_outcomes_are_one_error() -> None:
    records = draw_records(40, 0.0)
    with pytest.raises(DataFault) as error:
        analyse_records(build_planned(), replace(records, stratum=np.arange(40)), 1, n_permutations=99)
    assert error.value.faults[0].id == "too-few-for-strata"


def test_the_plan_in_words_has_what_is_fixed_beforehand() -> None:
    text = build_analysis_plan(build_plan(stratify_by=["clients.region"], covariates=["clients.phq9"]))
    for part in ("attune (list)", "40, 80 outcomes", "2.96, 1.97", "clients.region", "clients.phq9", "0.3 SD", "HC2"):
        assert part in text


def test_power_by_simulation_is_the_power_of_theory() -> None:
    plan = build_plan(n_outcomes=126, looks=[], smallest_effect=0.5)
    power = simulate_trials(plan, n_runs=4_000)
    assert power.power == pytest.approx(0.798, abs=0.02)  # two-sample t, 63 in each arm
    assert power.null_rate == pytest.approx(0.05, abs=0.012)
    assert power.n_for_80 == 126
    assert (power.drawn_from, power.wrong_sign) == ("normal", 0.0)
    assert 1.0 < power.exaggeration < 1.25


def test_a_large_trial_is_simulated_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = build_plan(looks=())
    whole = run_trials(plan, 0.3, 500, np.random.default_rng(3), draw_normal)
    monkeypatch.setattr(trial_power, "MAX_CELLS", 80 * 7)
    parts = run_trials(plan, 0.3, 500, np.random.default_rng(3), draw_normal)
    assert np.array_equal(whole.estimate, parts.estimate)
    assert np.array_equal(whole.rejects, parts.rejects)


def test_power_uses_the_outcomes_of_the_clinic() -> None:
    own = np.random.default_rng(1).beta(5, 1, 300) * 100
    power = simulate_trials(build_plan(smallest_effect=0.6), own, n_runs=400)
    assert power.drawn_from == "records"
    assert power.sd == pytest.approx(own.std(ddof=1))
    dropout = simulate_trials(build_plan(outcome="dropout"), n_runs=200)
    assert dropout.drawn_from == "published"


def test_looks_of_simulated_trials_cover_and_do_not_inflate() -> None:
    plan = build_plan(n_outcomes=120, looks=[40, 80], smallest_effect=0.5)
    null = run_trials(plan, 0.0, 6_000, np.random.default_rng(3), draw_normal)
    assert null.rejects.mean() == pytest.approx(0.05, abs=0.009)
    planted = run_trials(plan, 0.5, 3_000, np.random.default_rng(4), draw_normal)
    assert np.mean((planted.low <= 0.5) & (planted.high >= 0.5)) > 0.93
    assert planted.n_outcomes.mean() < 110
