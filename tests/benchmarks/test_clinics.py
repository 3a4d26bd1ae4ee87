"""Clinics as the outcomes came in: nested, exact, and the new clients are those of the truth."""

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.assignment_policy import has_eligible_therapist
from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.therapists import draw_therapists
from attune_fit.data.synthetic.world import World
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.matching.eligibility.rules import check_never_wishes, check_region
from benchmarks.learning import other
from benchmarks.learning.clinic import KNOWN, Clinic
from benchmarks.learning.clinics import MAKERS, clinic


def people(clients: int = 600, therapists: int = 40) -> tuple[People, People]:
    rng = np.random.default_rng(5)
    roster = draw_therapists(rng, therapists, World())
    asking = draw_clients(rng, 2 * clients)
    return asking.take(np.flatnonzero(has_eligible_therapist(asking, roster))[:clients]), roster


def test_outcomes_are_nested_and_as_many_as_asked_for(clinic: Clinic) -> None:
    few, more = clinic.at(30), clinic.at(70)
    assert len(compute_early_alliance(few, KNOWN)) == 30
    assert len(compute_early_alliance(more, KNOWN)) == 70
    assert few.met_client_ids < more.met_client_ids
    assert set(few.clients["client_id"]) == few.met_client_ids | set(clinic.new)
    assert clinic.at(0).outcomes.empty
    with pytest.raises(ValueError, match=r"this clinic has \d+ early alliance records, not 5000"):
        clinic.at(5_000)


@pytest.mark.parametrize("size", [0, 30, 70])
def test_the_rows_are_the_new_clients_in_the_order_of_the_truth(clinic: Clinic, size: int) -> None:
    tables, rows = clinic.at(size), clinic.rows(size)
    assert tables.clients["client_id"][rows].to_list() == clinic.new.to_list()
    assert not tables.met_client_ids & set(clinic.new)
    assert clinic.truth.shape == clinic.may.shape == (60, 40)
    assert clinic.may.any(axis=1).all()


@pytest.mark.parametrize("maker", list(MAKERS))
def test_who_may_see_whom_is_told_of_the_people_of_the_tables(maker: str) -> None:
    one = clinic(maker, "balanced", 2, outcomes=30, new=30)
    pairs = Pairs.cross(Sides(one.at(30)), one.rows(30))
    barred = (check_region(pairs) == 0) | (check_never_wishes(pairs) == 0)
    assert barred.any()
    assert not (one.may & barred).any()


@pytest.mark.parametrize("maker", list(MAKERS))
def test_who_is_rated_well_is_good_in_the_truth(maker: str) -> None:
    one = clinic(maker, "balanced", 2, outcomes=1_500, new=100)
    rated = compute_early_alliance(one.tables, KNOWN).groupby("therapist_row")["pomp"].agg(["mean", "size"])
    known = rated.index[rated["size"] >= 15]
    assert np.corrcoef(rated["mean"][known], one.truth.mean(axis=0)[known])[0, 1] > 0.5


def test_where_clients_met_several_whole_clients_come(crossed: Clinic) -> None:
    rated = compute_early_alliance(crossed.at(60), KNOWN)
    assert 60 <= len(rated) <= 62
    assert rated["client_row"].value_counts().max() == 3


@pytest.mark.parametrize("maker", list(MAKERS))
def test_every_maker_has_as_many_outcomes_as_asked_for_and_the_same_seed_gives_the_same(maker: str) -> None:
    one, again = (clinic(maker, "problems", 3, outcomes=40, new=10) for _ in range(2))
    assert one.most >= 40
    pd.testing.assert_frame_equal(one.at(40).outcomes, again.at(40).outcomes)
    assert (one.truth == again.truth).all()


@pytest.mark.parametrize("mix", ["balanced", "attachment"])
def test_each_part_of_the_other_maker_has_its_stated_share_of_the_variance(mix: str) -> None:
    latent = other.latent_of(mix, *people(), np.random.default_rng(6))
    assert sum(other.SHARES.values()) == pytest.approx(1)
    assert latent.fit[latent.may].var() == pytest.approx(0.05)
    assert latent.therapist.var() == pytest.approx(0.05)
    assert latent.client.var() == pytest.approx(0.30)
    by_client = np.where(latent.may, latent.fit, 0).sum(axis=1) / latent.may.sum(axis=1)
    assert np.abs(by_client).max() < 0.01  # fit is what neither has with everybody


def test_a_mix_leads_with_half_of_fit() -> None:
    shares = other.carried("attachment")
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["attachment"] == pytest.approx(0.5 + 0.5 * other.BALANCED["attachment"])
    with pytest.raises(ValueError, match="unknown mix `luck`: say balanced, or one of style, wishes"):
        other.carried("luck")


def test_forms_average_to_what_the_truth_expects() -> None:
    clients, roster = people(4_000)
    latent = other.latent_of("balanced", clients, roster, np.random.default_rng(7))
    forms = other.sessions(np.random.default_rng(8), latent, clients, roster, len(clients))
    first = forms[forms["session"] == 1]
    expected = latent.expected(first["client"].to_numpy())[np.arange(len(first)), first["therapist"]]
    missed = KNOWN["WAI-SR"].pomp(first["score"].to_numpy()) - expected
    assert missed.mean() == pytest.approx(0, abs=4 * missed.std() / np.sqrt(len(missed)))
    slope = np.polyfit(expected, missed, 1)[0]
    assert slope == pytest.approx(0, abs=0.15)
    assert latent.may[first["client"], first["therapist"]].all()
