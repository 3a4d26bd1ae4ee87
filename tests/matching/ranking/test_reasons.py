"""Reasons are true: they are parts of the score, and without their input the score changes as they state."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.tables import Tables
from attune_fit.features.feature import PREFERENCES_TABLE, Feature
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.rules import RULES
from attune_fit.matching.ranking.contribution_texts import UNEXPECTED_ENDINGS
from attune_fit.matching.ranking.rank import rank, rank_each
from attune_fit.matching.ranking.ranking_result import Candidate, Ranking
from attune_fit.matching.ranking.reason_criteria import ReasonCriteria
from attune_fit.matching.ranking.reasons import THERAPIST_EFFECT
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.alliance_model import AllianceModel
from tests.matching.builders import busy, experienced, opened, published, raw
from tests.strategies import clinic

POINT = 4 / 100  # WAI-SR points for one POMP
BY_NAME = {feature.name: feature for feature in FEATURES}
NO_RULES = "\n".join(f"[rules.{rule.name}]\non = false" for rule in RULES)


@pytest.fixture(scope="module")
def rankings() -> list[Ranking]:
    """Four clients with the whole roster as candidates."""
    return list(
        rank_each(
            RosterScorer.from_clinic(experienced(), opened(NO_RULES), busy()), list(busy().clients["client_id"][:4])
        )
    )


def score(model: AllianceModel, tables: Tables, client_id: str, therapist_id: str) -> float:
    """The score of one pair, POMP, by the model alone."""
    client = tables.clients["client_id"] == client_id
    therapist = tables.therapists["therapist_id"] == therapist_id
    wishes = tables.preferences["client_id"] == client_id
    alone = replace(
        tables,
        clients=tables.clients[client].reset_index(drop=True),
        therapists=tables.therapists[therapist].reset_index(drop=True),
        preferences=tables.preferences[wishes].reset_index(drop=True),
    )
    return float(model.compute_parts(Pairs.from_rows(Sides(alone), [0], [0])).score[0])


def without_input(tables: Tables, name: str, therapist_id: str) -> Tables:
    """Tables without this therapist's input of a feature, or without wishes."""
    feature = BY_NAME[name]
    if PREFERENCES_TABLE in feature.client:
        return replace(tables, preferences=tables.preferences.head(0))
    therapists = tables.therapists.copy()
    for column in feature.therapist:
        therapists.loc[therapists["therapist_id"] == therapist_id, column] = None
    return replace(tables, therapists=therapists)


def list_candidates(rankings: list[Ranking]) -> list[tuple[str, Candidate]]:
    return [(ranking.client_id, candidate) for ranking in rankings for candidate in ranking.candidates]


def test_taking_away_the_input_of_a_reason_lowers_the_score(rankings: list[Ranking]) -> None:
    n_checked = 0
    for client_id, one in list_candidates(rankings):
        before = score(experienced(), busy(), client_id, one.therapist_id)
        for reason in one.reasons:
            if reason.feature == THERAPIST_EFFECT:
                continue
            without = without_input(busy(), reason.feature, one.therapist_id)
            assert score(experienced(), without, client_id, one.therapist_id) < before
            n_checked += 1
    assert n_checked > 100


def test_taking_away_the_input_of_a_caution_raises_the_score(rankings: list[Ranking]) -> None:
    n_checked = 0
    for client_id, one in list_candidates(rankings):
        if one.caution is None or one.caution.points is None or one.caution.about == THERAPIST_EFFECT:
            continue
        before = score(experienced(), busy(), client_id, one.therapist_id)
        without = without_input(busy(), one.caution.about, one.therapist_id)
        assert score(experienced(), without, client_id, one.therapist_id) > before
        n_checked += 1
    assert n_checked > 10


def test_the_number_of_a_reason_is_its_part_less_the_average_candidates(rankings: list[Ranking]) -> None:
    model, tables = experienced(), busy()
    for ranking in rankings:
        row = int(np.flatnonzero(tables.clients["client_id"] == ranking.client_id)[0])
        parts = model.compute_contributions(Pairs.cross(Sides(tables), [row]))[0]
        place = {one: number for number, one in enumerate(tables.therapists["therapist_id"])}
        average = np.mean([parts[place[one.therapist_id]] for one in ranking.candidates], axis=0)
        for one in ranking.candidates:
            for reason in one.reasons:
                if reason.feature != THERAPIST_EFFECT:
                    column = model.feature_names.index(reason.feature)
                    added = parts[place[one.therapist_id], column] - average[column]
                    assert reason.points == pytest.approx(added * POINT, abs=1e-6)


def test_reasons_are_at_most_three_largest_first_and_have_a_text(rankings: list[Ranking]) -> None:
    for _, one in list_candidates(rankings):
        sizes = [reason.points for reason in one.reasons]
        assert len(sizes) <= 3
        assert sizes == sorted(sizes, reverse=True)
        assert all(size > 0 for size in sizes)
        assert len({reason.feature for reason in one.reasons}) == len(sizes)
        assert all(reason.says for reason in one.reasons)


def test_the_first_candidate_mostly_has_three_reasons(rankings: list[Ranking]) -> None:
    counts = [len(ranking.candidates[0].reasons) for ranking in rankings if ranking.candidates]
    assert np.mean(counts) > 2.5


def test_a_sentence_is_true_of_the_pair(rankings: list[Ranking]) -> None:
    tables = busy()
    values = raw(tables, FEATURES)
    for client_id, one in list_candidates(rankings):
        row = int(np.flatnonzero(tables.clients["client_id"] == client_id)[0])
        column = int(np.flatnonzero(tables.therapists["therapist_id"] == one.therapist_id)[0])
        for reason in one.reasons:
            if reason.feature == THERAPIST_EFFECT:
                continue
            number = [feature.name for feature in FEATURES].index(reason.feature)
            fact = BY_NAME[reason.feature].describe_value(float(values[row, column, number]))
            assert fact
            assert reason.says.partition("; ")[0] == fact


def criteria(*features: Feature) -> ReasonCriteria:
    return ReasonCriteria(published(features), np.zeros(len(features), dtype=bool), POINT)


def features(*names: str, **changes: float) -> tuple[Feature, ...]:
    return tuple(replace(BY_NAME[name], **changes) for name in names)  # type: ignore[arg-type]


HOURS = "mon-am|tue-pm|fri-eve"
GRIEF = {"presenting_problems": ["grief"], "availability": [HOURS]}
COVERED = clinic(GRIEF, {"specialties": ["grief", "trauma"], "availability": [HOURS, "mon-am"], "open_slots": [1, 1]})


def find_candidate(model: AllianceModel, tables: Tables, therapist_id: str = "t0") -> Candidate:
    ranking = rank(RosterScorer.from_clinic(model, opened(), tables), "c0")
    return next(one for one in ranking.candidates if one.therapist_id == therapist_id)


def test_a_feature_without_weight_is_never_a_reason() -> None:
    weighty, idle = features("slots_shared", weight=0.2), features("main_problem_covered", weight=0.0)
    reasons = find_candidate(published(weighty + idle), COVERED).reasons
    assert [reason.feature for reason in reasons] == ["slots_shared"]


def test_what_all_candidates_have_is_no_reason() -> None:
    same_focus = clinic(GRIEF, {"specialties": ["grief", "grief"]})
    assert not find_candidate(published(features("main_problem_covered", weight=0.2)), same_focus).reasons


def test_every_family_has_a_reason_before_one_has_two() -> None:
    tables = clinic(
        {"presenting_problems": ["grief|stress"], "availability": [HOURS]},
        {
            "specialties": ["grief|stress", "trauma"],
            "interpersonal_skill": [3.8, 3.0],
            "availability": [HOURS, "mon-am"],
        },
    )
    model = published(
        features("problems_covered", "main_problem_covered", weight=0.3)
        + features("slots_shared", weight=0.2)
        + features("interpersonal_skill", weight=0.1)
    )
    reasons = find_candidate(model, tables).reasons
    assert [reason.feature for reason in reasons] == ["problems_covered", "slots_shared", "interpersonal_skill"]


def test_a_single_candidate_is_compared_with_a_typical_pair() -> None:
    alone = clinic(GRIEF, {"specialties": ["grief"]})
    reasons = find_candidate(published(features("main_problem_covered", weight=0.2)), alone).reasons
    assert [reason.points for reason in reasons] == [pytest.approx(0.2 * 17 * POINT)]


@pytest.mark.parametrize("n_outcomes", [0, 500])
def test_a_part_that_acts_against_its_stated_direction_has_a_sentence_of_its_own(n_outcomes: int) -> None:
    model = replace(published(features("main_problem_covered", weight=-0.2)), n_outcomes=n_outcomes)
    assert model.features[0].direction == "+"
    more, less = UNEXPECTED_ENDINGS[n_outcomes > 0, 1], UNEXPECTED_ENDINGS[n_outcomes > 0, -1]
    reasons, caution = find_candidate(model, COVERED, "t1").reasons, find_candidate(model, COVERED, "t0").caution
    assert [reason.says for reason in reasons] == [f"does not list the client's main problem as a specialty; {more}"]
    assert caution is not None
    assert caution.says == f"Specialises in the client's main problem; {less}."


def test_a_promised_direction_is_never_reported_as_broken() -> None:
    """Trees whose zero lies elsewhere can give a met wish a part below 0: no coordinator reads that it did harm."""
    wish = BY_NAME["wishes_met"]
    assert wish.keeps_direction
    assert not criteria(wish).find_reportable(np.array([[wish.center + wish.scale]]), -1)[..., 0].any()
    assert criteria(replace(wish, keeps_direction=False)).find_reportable(np.array([[1.0]]), -1)[..., 0].all()


def test_a_reason_needs_an_input_that_raises_the_whole_score() -> None:
    """Two features read warmth: one raises the score, the other lowers it more."""
    tables = clinic({"attachment_avoidance": [6.0]}, {"warm_support_style": [12.0, 2.0]})
    pair, own = features("avoidance_warmth", weight=0.1), features("therapist_warmth", weight=-0.4)
    assert find_candidate(published(pair), tables).reasons
    assert not find_candidate(published(pair + own), tables).reasons


def test_a_part_that_lowers_the_score_is_the_caution() -> None:
    caution = find_candidate(published(features("main_problem_covered", weight=0.2)), COVERED, "t1").caution
    assert caution is not None
    assert caution.says == "Does not list the client's main problem as a specialty."
    assert caution.points == pytest.approx(-0.2 * 17 * POINT)


def test_a_rule_that_could_not_be_checked_comes_before_any_other_caution() -> None:
    tables = replace(
        COVERED,
        clients=COVERED.clients.assign(payer="aetna"),
        therapists=COVERED.therapists.assign(payers=pd.Series(["aetna", None], dtype="str")),
    )
    caution = find_candidate(published(features("main_problem_covered", weight=0.2)), tables, "t1").caution
    assert caution is not None
    assert (caution.about, caution.points) == ("payer", None)
    assert caution.says == "Not known whether the client's payer is accepted."


def test_a_feature_known_only_for_others_is_a_caution() -> None:
    tables = clinic(GRIEF, {"specialties": ["grief", None], "age": [40, 50]})
    caution = find_candidate(published(features("main_problem_covered", weight=0.2)), tables, "t1").caution
    assert caution is not None
    assert caution.says == "Unknown here, known for other candidates: specialties."
    assert caution.points is None
    all_unknown = clinic(GRIEF, {"specialties": [None, None]})
    assert find_candidate(published(features("main_problem_covered", weight=0.2)), all_unknown, "t1").caution is None


def test_the_therapist_effect_can_be_a_reason_and_a_caution() -> None:
    tables = clinic({"age": [30]}, {"age": [40, 50]})
    model = published(features("slots_shared", weight=0.0))
    known = replace(
        model.therapists,
        ids=("t0", "t1"),
        effect=np.array([3.0, -3.0]),
        lean=np.zeros((2, 2)),
        own=np.full(2, 4.0),
    )
    model = replace(model, therapists=known)
    assert [reason.says for reason in find_candidate(model, tables, "t0").reasons] == [
        "rated higher by clients here than the model expects"
    ]
    caution = find_candidate(model, tables, "t1").caution
    assert caution is not None
    assert caution.about == THERAPIST_EFFECT


def test_a_feature_of_the_client_alone_is_never_reported(rankings: list[Ranking]) -> None:
    of_client = {feature.name for feature in FEATURES if feature.side == "client"}
    named = {reason.feature for _, one in list_candidates(rankings) for reason in one.reasons}
    assert not named & of_client


def test_a_typical_value_is_never_reported() -> None:
    """A value at the centre has no sentence, even if trees or an updated weight change the score."""
    at_centre = criteria(*FEATURES).find_reportable(np.array([[feature.center for feature in FEATURES]]), -1)
    assert not at_centre[..., :-1].any()


def test_without_features_candidates_have_no_reasons() -> None:
    tables = clinic({"age": [30]}, {"age": [40, 50]})
    ranking = rank(RosterScorer.from_clinic(AllianceModel.from_published(()), opened(), tables), "c0")
    assert [one.reasons for one in ranking.candidates] == [(), ()]


def test_where_the_client_has_a_wish_only_the_wish_is_reported() -> None:
    """For a client who asked for a focus, another feature that reads the focus is no reason."""
    wished = criteria(*FEATURES).find_wished_columns(frozenset({"specialties"}))
    left_out = {feature.name for feature, is_wished in zip(FEATURES, wished, strict=False) if is_wished}
    assert {"main_problem_covered", "problems_covered"} <= left_out
    assert not left_out & {"wishes_met", "slots_shared"}
    tables = clinic({"presenting_problems": ["grief", "grief"]}, {"specialties": ["trauma", "grief"]})
    asked = replace(tables, preferences=clinic({}, {}, [(1, "specialties", "grief", "prefer")]).preferences)
    model = published(features("main_problem_covered", weight=0.2))
    named = {
        one.client_id: {reason.feature for candidate in one.candidates for reason in candidate.reasons}
        for one in rank_each(RosterScorer.from_clinic(model, opened(), asked), ["c0", "c1"])
    }
    assert named == {"c0": {"main_problem_covered"}, "c1": set()}
