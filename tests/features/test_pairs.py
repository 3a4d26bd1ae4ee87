from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.tables import Tables
from attune_fit.features import pair_frame
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from tests.features.plain import Row, codes, each_pair
from tests.strategies import clinic, clinics, crowd

LANGUAGES = clinic(
    clients={"languages": ["english|spanish", "french", None], "age": [30, 40, None]},
    therapists={"languages": ["spanish|english|german", "english", None], "age": [None, 50, 60]},
)
few = settings(max_examples=25, deadline=None)


def test_shared_codes_are_counted() -> None:
    pairs = Pairs.cross(Sides(LANGUAGES))
    expected = [[2, 1, np.nan], [0, 0, np.nan], [np.nan, np.nan, np.nan]]
    np.testing.assert_array_equal(pairs.count_shared_codes("languages", "languages"), expected)


@few
@given(clinics(columns=("languages", "presenting_problems", "specialties", "race_ethnicity"), wishes=0))
def test_shared_and_same_agree_with_a_loop_over_pairs(tables: Tables) -> None:
    def shared(client: Row, therapist: Row, main: bool = False) -> float:
        of_client, of_therapist = codes(client["presenting_problems"]), codes(therapist["specialties"])
        if of_client is None or of_therapist is None:
            return math.nan
        return float(len(set(of_client[:1] if main else of_client) & set(of_therapist)))

    def same(client: Row, therapist: Row) -> float:
        of_client, of_therapist = codes(client["race_ethnicity"]), codes(therapist["race_ethnicity"])
        return (
            math.nan if of_client is None or of_therapist is None else float(bool(set(of_client) & set(of_therapist)))
        )

    pairs = Pairs.cross(Sides(tables))
    columns = ("presenting_problems", "specialties")
    np.testing.assert_array_equal(pairs.count_shared_codes(*columns), each_pair(tables, shared))
    main = each_pair(tables, lambda client, therapist: shared(client, therapist, main=True))
    np.testing.assert_array_equal(pairs.count_shared_codes(*columns, main=True), main)
    np.testing.assert_array_equal(pairs.has_shared_code("race_ethnicity", "race_ethnicity"), each_pair(tables, same))


@few
@given(clinics(columns=("languages",), wishes=0), st.sampled_from(["english", "spanish", "klingon"]))
def test_has_and_count_agree_with_a_loop(tables: Tables, code: str) -> None:
    def has(client: Row, therapist: Row) -> float:
        of_therapist = codes(therapist["languages"])
        return math.nan if of_therapist is None else float(code in of_therapist)

    def count(client: Row, therapist: Row) -> float:
        return math.nan if client["languages"] is None else float(len(codes(client["languages"]) or ()))

    pairs = Pairs.cross(Sides(tables))
    np.testing.assert_array_equal(
        pairs.broadcast(pairs.has_code("therapist", "languages", code)), each_pair(tables, has)
    )
    np.testing.assert_array_equal(pairs.broadcast(pairs.count_codes("client", "languages")), each_pair(tables, count))


def test_a_column_the_clinic_does_not_have_is_unknown() -> None:
    pairs = Pairs.cross(Sides(LANGUAGES))
    assert np.isnan(pairs.take_client_numbers("shoe_size")).all()
    assert np.isnan(pairs.has_shared_code("shoe_size", "languages")).all()
    assert np.isnan(pairs.count_codes("therapist", "shoe_size")).all()
    assert not pairs.is_known("client", "shoe_size").any()


def test_a_client_without_wishes_states_none() -> None:
    assert Pairs.cross(Sides(LANGUAGES)).count_stated_wishes("prefer").tolist() == [[0], [0], [0]]


@few
@given(clinics())
def test_a_frame_is_finite_or_nan_and_the_same_for_a_cross_and_a_list_of_pairs(tables: Tables) -> None:
    sides = Sides(tables)
    cross = PairFrame.from_pairs(Pairs.cross(sides), FEATURES).values
    assert cross.shape == (len(tables.clients), len(tables.therapists), len(FEATURES))
    assert not np.isinf(cross).any()
    clients, therapists = np.indices(cross.shape[:2]).reshape(2, -1)
    listed = PairFrame.from_pairs(Pairs.from_rows(sides, clients, therapists), FEATURES).values
    np.testing.assert_allclose(listed, cross.reshape(-1, len(FEATURES)), rtol=1e-12)


@pytest.mark.parametrize("n_pairs", [1, 7, 60, 10_000])
def test_values_do_not_depend_on_the_blocks_nor_on_the_order_of_the_pairs(
    n_pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = Sides(crowd())
    whole = PairFrame.from_pairs(Pairs.cross(sides), FEATURES).values
    monkeypatch.setattr(pair_frame, "BLOCK_PAIRS", n_pairs)
    np.testing.assert_array_equal(PairFrame.from_pairs(Pairs.cross(sides), FEATURES).values, whole)
    clients, therapists = np.random.default_rng(0).integers(0, 25, (2, 90))
    for order in (np.argsort(clients, kind="stable"), np.arange(90)):
        listed = PairFrame.from_pairs(Pairs.from_rows(sides, clients[order], therapists[order]), FEATURES).values
        np.testing.assert_array_equal(listed, whole[clients[order], therapists[order]])


def test_a_block_keeps_what_was_computed_and_other_pairs_keep_nothing() -> None:
    pairs = Pairs.cross(Sides(LANGUAGES))
    ((_, block),) = pairs.iterate_blocks(100)
    assert block.count_shared_codes("languages", "languages") is block.count_shared_codes("languages", "languages")
    assert pairs.count_shared_codes("languages", "languages") is not pairs.count_shared_codes("languages", "languages")


def test_standardized_values_are_centered_and_scaled() -> None:
    more = next(feature for feature in FEATURES if feature.name == "more_languages")
    frame = PairFrame.from_pairs(Pairs.cross(Sides(LANGUAGES)), [more])
    expected = [(1 - more.center) / more.scale, (0 - more.center) / more.scale, np.nan]
    np.testing.assert_allclose(frame.standardize()[0, :, 0], expected)


def test_no_pairs_make_an_empty_frame() -> None:
    sides = Sides(LANGUAGES)
    assert PairFrame.from_pairs(Pairs.from_rows(sides, [], []), FEATURES).values.shape == (0, len(FEATURES))
    assert PairFrame.from_pairs(Pairs.cross(sides, []), FEATURES).values.shape == (0, 3, len(FEATURES))
