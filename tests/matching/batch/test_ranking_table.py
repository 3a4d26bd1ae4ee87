"""Rows built from arrays are those of the plain frame."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.tables import Tables
from attune_fit.matching.batch.ranking_blocks import split_clients, split_parts
from attune_fit.matching.batch.ranking_table import RowSelection, build_ranking_table, convert_to_frame
from attune_fit.matching.ranking.ranking_frame import build_ranking_frame
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import clinics


def select_plainly(frame: pd.DataFrame, selection: RowSelection) -> pd.DataFrame:
    rank, is_excluded = frame["rank"].fillna(0), frame["status"] == "excluded"
    is_listed = ~is_excluded if selection.top is None else (rank > 0) & (rank <= selection.top)
    return frame[is_listed | (is_excluded & selection.has_excluded)].reset_index(drop=True)


selections = st.builds(RowSelection, st.none() | st.integers(1, 3), st.booleans())


@settings(max_examples=40)  # each clinic is costly
@given(clinics(most=5, conflicts=2, states=2), selections, st.data())
def test_the_table_has_the_rows_of_the_plain_frame(
    tables: Tables, selection: RowSelection, data: st.DataObject
) -> None:
    scorer = RosterScorer.from_clinic(published(), opened(), tables)
    everyone = range(len(tables.clients))
    rows = data.draw(st.lists(st.sampled_from(everyone), unique=True), label="clients")
    roster = scorer.score_clients(np.array(rows, dtype=np.intp))
    expected = select_plainly(build_ranking_frame(scorer, roster), selection)
    pd.testing.assert_frame_equal(convert_to_frame(build_ranking_table(scorer, roster, selection)), expected)


@pytest.mark.parametrize("selection", [RowSelection(), RowSelection(2, False), RowSelection(1, True)], ids=repr)
def test_a_busy_clinic_has_every_kind_of_row(selection: RowSelection) -> None:
    scorer = RosterScorer.from_clinic(experienced(), opened(), busy())
    roster = scorer.score_clients(np.arange(60))
    frame = build_ranking_frame(scorer, roster)
    assert set(frame["status"]) == {"ranked", "excluded"}
    assert frame["rank"].max() > 2
    pd.testing.assert_frame_equal(
        convert_to_frame(build_ranking_table(scorer, roster, selection)), select_plainly(frame, selection)
    )


@given(st.integers(1, 12), st.integers(1, 60), st.integers(1, 30))
def test_blocks_are_whole_clients_sorted_by_id_and_parts_are_whole_blocks(n: int, pairs: int, seed: int) -> None:
    scorer = RosterScorer.from_clinic(published(), opened(), busy())
    rows = np.random.default_rng(seed).permutation(60)[:n]
    blocks = split_clients(scorer, rows, pairs)
    ids = scorer.tables.clients["client_id"].to_numpy(object)
    assert ids[np.concatenate(blocks)].tolist() == sorted(ids[rows])
    assert all(0 < len(block) <= max(1, pairs // 15) for block in blocks)
    parts = split_parts(blocks, 15)
    assert [block.tolist() for part in parts for block in part] == [block.tolist() for block in blocks]


def test_without_clients_there_is_one_empty_block() -> None:
    scorer = RosterScorer.from_clinic(published(), opened(), busy())
    (block,) = split_clients(scorer, np.array([], dtype=np.intp))
    assert len(block) == 0
    assert len(split_parts([block], 15)) == 1
