"""Clinics of every maker: nested sizes, new clients in the order of the truth, stated shares of variance."""

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.assignment_policy import has_eligible_therapist
from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.therapists import draw_therapists
from attune_fit.data.synthetic.world import World
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.rules import check_never_wishes, check_region
from benchmarks.learning import aside_forms, forms, second_simulator
from benchmarks.learning.benchmark_clinic import INSTRUMENTS_BY_NAME, BenchmarkClinic
from benchmarks.learning.clinic_makers import CLINIC_MAKERS, OTHER_WORLDS, draw_clinic


def draw_people(clients: int = 600, therapists: int = 40) -> tuple[People, People]:
    rng = np.random.default_rng(5)
    roster = draw_therapists(rng, therapists, World())
    applicants = draw_clients(rng, 2 * clients)
    return applicants.take(np.flatnonzero(has_eligible_therapist(applicants, roster))[:clients]), roster


def test_sizes_are_nested_and_exact(clinic: BenchmarkClinic) -> None:
    few, more = clinic.build_tables(30), clinic.build_tables(70)
    assert len(compute_early_alliance(few, INSTRUMENTS_BY_NAME)) == 30
    assert len(compute_early_alliance(more, INSTRUMENTS_BY_NAME)) == 70
    assert few.met_client_ids < more.met_client_ids
    assert set(few.clients["client_id"]) == few.met_client_ids | set(clinic.new_client_ids)
    assert clinic.build_tables(0).outcomes.empty
    with pytest.raises(ValueError, match=r"this clinic has \d+ early alliance records, not 5000"):
        clinic.build_tables(5_000)


@pytest.mark.parametrize("size", [0, 30, 70])
def test_the_rows_are_the_new_clients_in_the_order_of_the_truth(clinic: BenchmarkClinic, size: int) -> None:
    tables, rows = clinic.build_tables(size), clinic.find_rows(size)
    assert tables.clients["client_id"][rows].to_list() == clinic.new_client_ids.to_list()
    assert not tables.met_client_ids & set(clinic.new_client_ids)
    assert clinic.truth.shape == clinic.eligible.shape == (60, 40)
    assert clinic.eligible.any(axis=1).all()


@pytest.mark.parametrize("maker", list(CLINIC_MAKERS))
def test_eligibility_agrees_with_the_rules_on_the_tables(maker: str) -> None:
    drawn = draw_clinic(maker, "balanced", 2, outcomes=30, n_new=30)
    pairs = Pairs.cross(Sides(drawn.build_tables(30)), drawn.find_rows(30))
    is_barred = (check_region(pairs) == 0) | (check_never_wishes(pairs) == 0)
    assert is_barred.any()
    assert not (drawn.eligible & is_barred).any()


@pytest.mark.parametrize("maker", list(CLINIC_MAKERS))
def test_therapists_with_high_ratings_have_a_high_true_mean(maker: str) -> None:
    drawn = draw_clinic(maker, "balanced", 2, outcomes=1_500, n_new=100)
    rated = (
        compute_early_alliance(drawn.tables, INSTRUMENTS_BY_NAME).groupby("therapist_row")["pomp"].agg(["mean", "size"])
    )
    often_rated = rated.index[rated["size"] >= 15]
    assert np.corrcoef(rated["mean"][often_rated], drawn.truth.mean(axis=0)[often_rated])[0, 1] > 0.5


def test_clients_who_met_several_therapists_arrive_with_all_records(crossed: BenchmarkClinic) -> None:
    rated = compute_early_alliance(crossed.build_tables(60), INSTRUMENTS_BY_NAME)
    assert 60 <= len(rated) <= 62
    assert rated["client_row"].value_counts().max() == 3


@pytest.mark.parametrize("maker", list(CLINIC_MAKERS))
def test_a_clinic_has_enough_outcomes_and_is_the_same_for_the_same_seed(maker: str) -> None:
    drawn, repeated = (draw_clinic(maker, "problems", 3, outcomes=40, n_new=10) for _ in range(2))
    assert drawn.n_records >= 40
    pd.testing.assert_frame_equal(drawn.build_tables(40).outcomes, repeated.build_tables(40).outcomes)
    assert (drawn.truth == repeated.truth).all()
    assert drawn.digest == repeated.digest
    assert drawn.digest != draw_clinic(maker, "problems", 4, outcomes=40, n_new=10).digest


@pytest.mark.parametrize("maker", list(CLINIC_MAKERS))
def test_every_mix_of_a_maker_can_be_drawn(maker: str) -> None:
    for mix in CLINIC_MAKERS[maker].mixes:
        drawn = draw_clinic(maker, mix, 1, outcomes=40, n_new=20)
        assert (drawn.maker, drawn.mix) == (maker, mix)
        assert drawn.gains[0] > 1
    assert set(CLINIC_MAKERS[maker].headline) <= set(CLINIC_MAKERS[maker].mixes)


def test_the_stable_world_is_the_drifting_one_without_change_over_time() -> None:
    drifting, stable = (OTHER_WORLDS[name].model_dump() for name in ("drifting", "stable"))
    assert {name for name in drifting if drifting[name] != stable[name]} == {"drift", "fading"}
    assert (stable["drift"], stable["fading"]) == (0, 0)


@pytest.mark.parametrize("mix", ["balanced", "attachment"])
def test_each_part_of_the_second_simulator_has_its_stated_share_of_the_variance(mix: str) -> None:
    latent = second_simulator.draw_latent_truth(mix, *draw_people(), np.random.default_rng(6))
    assert sum(second_simulator.SHARES.values()) == pytest.approx(1)
    assert latent.fit[latent.eligible].var() == pytest.approx(0.05)
    assert latent.therapist.var() == pytest.approx(0.05)
    assert latent.client.var() == pytest.approx(0.30)
    by_client = np.where(latent.eligible, latent.fit, 0).sum(axis=1) / latent.eligible.sum(axis=1)
    assert np.abs(by_client).max() < 0.01  # fit has no main effect of the client


def test_the_form_that_names_a_mix_has_half_of_the_fit() -> None:
    shares = second_simulator.compute_form_shares("attachment")
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["attachment"] == pytest.approx(0.5 + 0.5 * second_simulator.BALANCED["attachment"])
    alone = second_simulator.compute_form_shares("threshold")
    assert sum(alone.values()) == pytest.approx(1)
    assert alone["threshold"] == pytest.approx(0.5)
    assert second_simulator.compute_form_shares("local") == {"local": 1.0}
    with pytest.raises(ValueError, match="unknown mix `luck`: use balanced, or one of style, wishes"):
        second_simulator.compute_form_shares("luck")


def test_the_mean_of_returned_forms_is_the_expected_alliance() -> None:
    clients, roster = draw_people(4_000)
    latent = second_simulator.draw_latent_truth("balanced", clients, roster, np.random.default_rng(7))
    forms = second_simulator.draw_sessions(np.random.default_rng(8), latent, clients, roster, len(clients))
    first = forms[forms["session"] == 1]
    expected = latent.compute_expected_alliance(first["client"].to_numpy())[np.arange(len(first)), first["therapist"]]
    error = INSTRUMENTS_BY_NAME["WAI-SR"].pomp(first["score"].to_numpy()) - expected
    assert error.mean() == pytest.approx(0, abs=4 * error.std() / np.sqrt(len(error)))
    slope = np.polyfit(expected, error, 1)[0]
    assert slope == pytest.approx(0, abs=0.15)
    assert latent.eligible[first["client"], first["therapist"]].all()


def test_opposite_styles_suit_in_the_form_of_complementarity() -> None:
    clients, roster = draw_people()
    form = forms.compute_complementarity_form(clients, roster, np.random.default_rng(9))
    similar = forms.compute_style_form(clients, roster, np.random.default_rng(9))
    assert np.corrcoef(center_twice(form).ravel(), center_twice(similar).ravel())[0, 1] < -0.5


def test_the_threshold_form_is_one_where_every_need_is_met() -> None:
    clients, roster = draw_people()
    form = forms.compute_threshold_form(clients, roster, np.random.default_rng(9))
    assert set(np.unique(form)) == {0.0, 1.0}
    unmet = (clients["phq9"][:, None] >= 15) & (roster["years_experience"] < 10)
    assert unmet.any()
    assert not form[unmet].any()


def test_a_kept_aside_form_has_effects_of_either_sign_and_the_stated_share() -> None:
    clients, roster = draw_people()
    terms = aside_forms.list_pair_terms(clients, roster)
    design = np.stack([center_twice(term).ravel() for term in terms], axis=1)
    form = aside_forms.compute_signed_form(clients, roster, np.random.default_rng(10))
    weights = np.linalg.lstsq(design, center_twice(form).ravel(), rcond=None)[0]
    assert (weights > 0.01).any()
    assert (weights < -0.01).any()
    assert weights[0] > 0  # honoured wishes never do harm
    for mix in aside_forms.ASIDE_FORMS:
        latent = second_simulator.draw_latent_truth(mix, clients, roster, np.random.default_rng(6))
        assert latent.fit[latent.eligible].var() == pytest.approx(0.08)


def test_a_local_form_has_few_values() -> None:
    form = aside_forms.compute_local_form(*draw_people(), np.random.default_rng(11))
    assert len(np.unique(form.round(9))) <= 2**aside_forms.N_RULES


def center_twice(values: Floats) -> Floats:
    """Subtract the means of clients and of therapists."""
    return np.asarray(values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean())
