from collections.abc import Mapping

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.code_frequencies import list_codes
from attune_fit.data.synthetic.fit_mechanisms import FIT_MECHANISMS
from attune_fit.data.synthetic.people import People, build_cross_rows
from attune_fit.data.synthetic.therapists import STYLES, draw_therapists
from attune_fit.data.synthetic.wishes import WISH_OPTIONS
from attune_fit.data.synthetic.world import World


@pytest.fixture(scope="module")
def clients() -> People:
    return draw_clients(np.random.default_rng(1), 60)


@pytest.fixture(scope="module")
def therapists() -> People:
    return draw_therapists(np.random.default_rng(2), 30, World())


@pytest.mark.parametrize("name", FIT_MECHANISMS)
def test_all_pairs_at_once_equal_listed_pairs(name: str, clients: People, therapists: People) -> None:
    cross = FIT_MECHANISMS[name](clients, therapists, *build_cross_rows(clients, therapists))
    c, t = (each.ravel() for each in np.indices((60, 30)))
    assert cross.shape == (60, 30)
    assert FIT_MECHANISMS[name](clients, therapists, c, t) == pytest.approx(cross.ravel())


@pytest.mark.parametrize("name", FIT_MECHANISMS)
def test_every_carrier_separates_the_therapists_of_one_client(name: str, clients: People, therapists: People) -> None:
    cross = FIT_MECHANISMS[name](clients, therapists, *build_cross_rows(clients, therapists))
    assert np.isfinite(cross).all()
    assert (cross - cross.mean(axis=1, keepdims=True)).std() > 0.01


@pytest.mark.parametrize("name", sorted(set(FIT_MECHANISMS) - {"style", "weaker"}))
def test_the_claimed_style_of_a_therapist_does_not_change_fit(name: str, clients: People, therapists: People) -> None:
    braggart = People({**therapists.columns, "directiveness_style": np.full(30, 15.0)})
    pairs = build_cross_rows(clients, therapists)
    assert (FIT_MECHANISMS[name](clients, braggart, *pairs) == FIT_MECHANISMS[name](clients, therapists, *pairs)).all()


def compute_pair(name: str, client: Mapping[str, object], therapist: Mapping[str, object]) -> float:
    """Compute a carrier for one invented pair."""
    ours, theirs = (People({k: np.array([v]) for k, v in each.items()}) for each in (client, therapist))
    return float(FIT_MECHANISMS[name](ours, theirs, np.array([0]), np.array([0]))[0])


def build_preferences(**scores: float) -> dict[str, object]:
    return {f"{style}_preference": scores.get(style, 0.0) for style in STYLES}


def test_style_fit_is_highest_at_the_preferred_style_and_falls_on_both_sides() -> None:
    at = [
        compute_pair("style", build_preferences(past_focus=4.0), {"true_style": [-1 / 3, -3 / 5.5, past, 0.0]})
        for past in (-1, 0, 1, 2, 3)
    ]
    assert np.argmax(at) == 2
    assert at[1] == pytest.approx(at[3])
    assert at[2] == pytest.approx(1)


def test_a_strong_preference_counts_more_than_a_weak_one() -> None:
    off = {"true_style": [-1 / 3, -3 / 5.5, 2.0, 0.0]}
    strong, weak = build_preferences(past_focus=-8.0), build_preferences(past_focus=0.0, warm_support=11.0)
    near = {"true_style": [-1 / 3, -3 / 5.5, 0.0, 0.0]}
    assert compute_pair("style", strong, near) - compute_pair("style", strong, off) > compute_pair(
        "style", weak, near
    ) - compute_pair("style", weak, off)


def test_each_honoured_wish_adds_less_than_the_one_before() -> None:
    places = [WISH_OPTIONS.index(each) for each in (("gender", "woman"), ("religion", "none"), ("orientations", "cbt"))]
    wishes = np.zeros(len(WISH_OPTIONS), dtype=np.int8)
    wishes[places] = 2

    def with_first(count: int) -> float:
        columns = {
            attribute: np.zeros((len(list_codes(attribute)),), dtype=bool)
            for attribute, _ in WISH_OPTIONS
            if list_codes(attribute)
        }
        for place in places[:count]:
            attribute, value = WISH_OPTIONS[place]
            columns[attribute][list_codes(attribute).index(value)] = True
        return compute_pair("wishes", {"wishes": wishes}, {**columns, "age": 45.0, "years_experience": 3.0})

    gains = np.diff([with_first(count) for count in range(4)])
    assert with_first(0) == 0
    assert (gains > 0).all()
    assert (np.diff(gains) < 0).all()


def compute_coverage(*skilled: str, main: str, others: tuple[str, ...] = ()) -> float:
    problems, skills = (np.isin(list_codes("problem"), each) for each in ((main, *others), skilled))
    client = {"presenting_problems": problems, "main": list_codes("problem").index(main)}
    return compute_pair("problems", client, {"true_specialties": skills})


def test_the_main_problem_counts_more_than_another() -> None:
    assert compute_coverage("ocd", main="ocd", others=("grief",)) > compute_coverage(
        "grief", main="ocd", others=("grief",)
    )


def test_little_is_gained_before_about_half_of_the_problems_are_covered() -> None:
    everything = ("ocd", "grief", "family", "stress")
    steps = ((), ("grief",), ("grief", "ocd"), everything)
    none, some, most, complete = (compute_coverage(*skilled, main="ocd", others=everything[1:]) for skilled in steps)
    assert most - some > 2 * (some - none)
    assert complete > most


def compute_attachment(avoidance: float, anxiety: float, structure: float, warmth: float) -> float:
    client = {"attachment_avoidance": avoidance, "attachment_anxiety": anxiety}
    return compute_pair("attachment", client, {"true_style": [structure, 0.0, 0.0, warmth]})


def test_warmth_helps_avoidant_clients_and_structure_helps_anxious_clients() -> None:
    assert compute_attachment(6.0, 3.9, 0.0, 1.0) > compute_attachment(6.0, 3.9, 0.0, -1.0)
    assert compute_attachment(3.2, 6.0, 1.0, 0.0) > compute_attachment(3.2, 6.0, -1.0, 0.0)
    assert compute_attachment(3.2, 3.9, 1.0, 1.0) == pytest.approx(0)


def test_a_rare_shared_background_adds_more() -> None:
    def same(code: str) -> float:
        race, faith = (np.isin(list_codes("race_ethnicity"), code), np.isin(list_codes("religion"), "none"))
        client = {"race_ethnicity": race, "religion": faith, "lgbtq": [False, True]}
        return compute_pair(
            "culture", client, {"race_ethnicity": race, "religion": ~faith, "lgbtq_affirming": [True, False]}
        )

    assert same("black") > same("white") > 0


def test_the_weaker_link_is_never_above_either(clients: People, therapists: People) -> None:
    pairs = build_cross_rows(clients, therapists)
    weaker, style, problems = (
        FIT_MECHANISMS[name](clients, therapists, *pairs) for name in ("weaker", "style", "problems")
    )
    slow: Floats = np.where(style < problems, style, problems)
    assert (weaker == slow).all()


def test_complementarity_is_highest_for_opposite_styles() -> None:
    client = build_preferences(
        directiveness=10.0, emotional_intensity=3.0
    )  # one SD above the typical preference, and the typical one
    at = [compute_pair("complement", client, {"true_style": [style, 0.0, 9.0, 9.0]}) for style in (-3, -2, -1, 0, 1)]
    assert at[2] == pytest.approx(0)
    assert np.argmax(at) == 2
    assert at[1] == pytest.approx(at[3])
    assert compute_pair("complement", client, {"true_style": [90.0, 90.0, 0.0, 0.0]}) == pytest.approx(-2)


def test_similar_styles_raise_style_fit_and_lower_complementarity_fit() -> None:
    client = build_preferences(directiveness=17.5, emotional_intensity=14.0)  # two SD above the typical preference
    alike, apart = ({"true_style": [style, style, 0.0, 0.0]} for style in (2.0, -2.0))
    assert compute_pair("style", client, alike) > compute_pair("style", client, apart)
    assert compute_pair("complement", client, alike) < compute_pair("complement", client, apart)


def compute_threshold(directiveness: float, style: float, skilled: str = "ocd") -> float:
    client = {**build_preferences(directiveness=directiveness), "main": list_codes("problem").index("ocd")}
    skills = np.isin(list_codes("problem"), skilled)
    return compute_pair("threshold", client, {"true_style": [style, 0.0, 0.0, 0.0], "true_specialties": skills})


def test_a_therapist_without_the_skill_has_no_threshold_fit() -> None:
    assert [compute_threshold(2.5, 0.0), compute_threshold(2.5, 0.0, skilled="grief")] == [1, 0]


@pytest.mark.parametrize(("end", "side"), [("from", 1), ("to", -1)])
def test_a_strong_preference_rules_out_the_wrong_side_and_a_weaker_one_nothing(end: str, side: int) -> None:
    strong = read_published_statistics()[f"cnip_directiveness_{end}"].value
    assert [compute_threshold(strong, side * style) for style in (3.0, -0.4, -0.6, -3.0)] == [1, 1, 0, 0]
    assert compute_threshold(strong - 0.1 * side, side * -3.0) == 1
