import numpy as np
import pytest

from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.code_frequencies import list_codes
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.therapists import STYLES, draw_therapists
from attune_fit.data.synthetic.world import World


def draw(**world: float) -> People:
    return draw_therapists(np.random.default_rng(5), 4_000, World(**world))  # type: ignore[arg-type]


def standardize_self_rating(people: People, style: str) -> np.ndarray:
    centre = {"directiveness": 2.5, "emotional_intensity": 3.0}.get(style, 0.0)
    scale = {"directiveness": 7.5, "past_focus": 4.0}.get(style, 5.5)
    return (people[f"{style}_style"] - centre) / scale


def test_every_column_of_a_therapist_is_drawn() -> None:
    assert set(list_columns("therapists")) - set(draw().columns) == {"therapist_id", "updated_on"}


def test_professionals_are_less_directive_and_more_intense_than_clients_ask_for() -> None:
    true_style = draw()["true_style"]
    less, more = (
        read_published_statistics()["professionals_directiveness_g"].value,
        read_published_statistics()["professionals_intensity_g"].value,
    )
    assert true_style[:, 0].mean() == pytest.approx(-less, abs=0.06)
    assert true_style[:, 1].mean() == pytest.approx(more, abs=0.06)


@pytest.mark.parametrize("style", STYLES)
def test_self_ratings_lie_further_out_than_the_truth_and_go_with_it(style: str) -> None:
    people = draw()
    true_style = people["true_style"][:, STYLES.index(style)]
    assert standardize_self_rating(people, style).std() > 1.1 * true_style.std()
    assert np.corrcoef(standardize_self_rating(people, style), true_style)[0, 1] > 0.85


def test_self_ratings_without_error_equal_the_true_style() -> None:
    people = draw(extremity=1.0, style_noise=0.0)
    inside = np.abs(people["past_focus_style"]) < 9
    assert standardize_self_rating(people, "past_focus")[inside] == pytest.approx(
        people["true_style"][inside, 2], abs=0.5 / 4 + 1e-9
    )


def test_specialties_are_overclaimed_and_never_hidden() -> None:
    people = draw()
    assert (people["specialties"] >= people["true_specialties"]).all()
    assert people["specialties"].mean() > people["true_specialties"].mean() + 0.03
    assert (draw(overclaim=0.0)["specialties"] == people["true_specialties"]).all()


def test_no_therapist_refuses_a_claimed_problem() -> None:
    people = draw()
    assert people["problems_not_taken"].any()
    assert not (people["problems_not_taken"] & people["specialties"]).any()


def test_an_age_limit_is_a_limit() -> None:
    limited = draw()["age_groups"]
    assert 0.05 < limited.any(axis=1).mean() < 0.5
    assert not limited.all(axis=1).any()


def test_orientation_shows_in_style() -> None:
    people = draw()
    cbt, dynamic = (list_codes("orientations").index(code) for code in ("cbt", "psychodynamic"))
    only = people["orientations"].sum(axis=1) == 1
    past = people["true_style"][:, 2]
    assert (
        past[only & people["orientations"][:, dynamic]].mean() > past[only & people["orientations"][:, cbt]].mean() + 1
    )


def test_years_of_experience_are_possible_at_the_age() -> None:
    people = draw()
    assert (people["years_experience"] <= people["age"] - 20).all()


def test_caseloads_spread_as_stated() -> None:
    assert np.log(draw(caseload_spread=0.8)["caseload"]).std() == pytest.approx(0.8, abs=0.03)
