"""A waiting list in blocks, on any number of processes, equals one client after another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.tables import Tables
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.data.parallel.local_processes import LocalProcesses
from attune_fit.matching.assignment import scored_blocks
from attune_fit.matching.assignment.waiting_list import PAIR_ARRAYS, WaitingList
from attune_fit.matching.ranking import parallel_scoring
from attune_fit.matching.ranking.parallel_scoring import choose_jobs, prepare_worker
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.matching.assignment.plain_results import build_pairs_plainly
from tests.matching.builders import busy, experienced, opened
from tests.strategies import clinic, clinics

FULL = clinic({"age": [30, 40]}, {"interpersonal_skill": [2.0, 4.9, 3.0, 4.0], "open_slots": [0, 0, 1, 0]})
WITHOUT_OPENINGS = "[rules.open_slots]\non = false"  # then no rule is left out of the bits


@settings(deadline=None, max_examples=25)
@given(
    tables=st.one_of(st.just(FULL), clinics(wishes=4, conflicts=3, states=4)),
    pairs_per_block=st.integers(1, 8),
    toml=st.sampled_from(["", WITHOUT_OPENINGS]),
)
def test_the_arrays_are_those_of_one_client_after_another(tables: Tables, pairs_per_block: int, toml: str) -> None:
    scorer = RosterScorer.from_clinic(experienced(), opened(toml), tables, 0)
    rows = find_waiting_clients(scorer.clinic, tables)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scored_blocks, "MAX_PAIRS_PER_BLOCK", pairs_per_block)
        waiting_list = WaitingList.build(scorer, rows)
    for name, values in build_pairs_plainly(scorer, rows).items():
        found = getattr(waiting_list, name)
        assert found.dtype == PAIR_ARRAYS[name][0]
        assert found.shape[0] == len(values)
        assert not len(rows) or found == pytest.approx(np.array(values), abs=1e-9)


def test_two_processes_score_the_same_waiting_list_to_the_last_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scored_blocks, "MAX_PAIRS_PER_BLOCK", 100)
    scorer = RosterScorer.from_clinic(experienced(), opened(), busy(), 0)
    rows, messages = np.arange(len(scorer.tables.clients)), list[str]()
    with LocalProcesses(2) as executor:
        executor.start(prepare_worker)
        spread = WaitingList.build(scorer, rows, messages.append, executor)
    alone = WaitingList.build(scorer, rows)
    assert len(messages) > 1  # one for each block except the last
    for name in PAIR_ARRAYS:
        assert getattr(spread, name).tobytes() == getattr(alone, name).tobytes()


def test_processes_start_only_for_a_list_that_repays_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel_scoring, "count_cores", lambda: 4)
    sizes = [choose_jobs(pairs) for pairs in (0, 1_999_999, 2_000_000, 10**9)]
    assert sizes == [1, 1, 2, 4]


def test_all_clients_are_taken_without_a_copy() -> None:
    scorer = RosterScorer.from_clinic(experienced(), opened(), busy(), 0)
    waiting_list = WaitingList.build(scorer, np.arange(len(scorer.tables.clients)))
    every = np.ones(len(waiting_list.rows), dtype=bool)
    assert waiting_list.take(every).rank is waiting_list.rank
    every[0] = False
    assert len(waiting_list.take(every).rank) == len(every) - 1
