import numpy as np
import pytest

from attune_fit.data.clinic.columns import STRENGTHS, list_columns
from attune_fit.data.number_ranges import parse_range
from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.code_frequencies import list_codes
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.therapists import draw_therapists
from attune_fit.data.synthetic.wishes import (
    STRENGTH_WEIGHTS,
    WISH_KINDS,
    WISH_OPTIONS,
    WishKind,
    build_wish_table,
    compute_wish_weights,
    has_wished_attributes,
)
from attune_fit.data.synthetic.world import World


@pytest.fixture(scope="module")
def clients() -> People:
    return draw_clients(np.random.default_rng(7), 8_000)


@pytest.fixture(scope="module")
def therapists() -> People:
    return draw_therapists(np.random.default_rng(8), 40, World())


@pytest.mark.parametrize("wish", WISH_KINDS, ids=lambda wish: f"{wish.attribute} {wish.allowed_values}")
def test_a_wish_names_a_column_of_therapists_and_strengths_that_add_up(wish: WishKind) -> None:
    assert wish.attribute in list_columns("therapists")
    assert sum(wish.strengths) == pytest.approx(1)
    assert len(wish.strengths) == len(STRENGTHS)


def test_no_client_has_two_wishes_about_one_attribute(clients: People) -> None:
    table = build_wish_table(clients, np.arange(len(clients)).astype(object))
    assert not table.duplicated(["client_id", "attribute"]).any()


def test_the_preferences_table_equals_the_wish_matrix(clients: People) -> None:
    sample = clients.take(np.arange(50))
    table = build_wish_table(sample, np.array([f"c{row}" for row in range(50)], dtype=object))
    rows = {(row.client_id, row.attribute, row.value, row.strength) for row in table.itertuples()}
    slow = {
        (f"c{row}", *WISH_OPTIONS[place], STRENGTHS[strength - 1])
        for (row, place), strength in np.ndenumerate(sample["wishes"])
        if strength
    }
    assert rows == slow
    assert len(table) == len(slow)


def test_a_clinic_without_wishes_has_an_empty_table(clients: People) -> None:
    without_wishes = People({"wishes": np.zeros((3, len(WISH_OPTIONS)), dtype=np.int8)})
    assert list(build_wish_table(without_wishes, np.array(["a", "b", "c"], dtype=object))) == list(
        list_columns("preferences")
    )


def test_clients_wish_for_their_own_background(clients: People) -> None:
    for place, (attribute, value) in enumerate(WISH_OPTIONS):
        if attribute == "race_ethnicity":
            has_wish = clients["wishes"][:, place] > 0
            assert clients["race_ethnicity"][has_wish, list_codes("race_ethnicity").index(value)].all()


def test_only_lgbtq_clients_wish_for_affirming_practice(clients: People) -> None:
    has_wish = clients["wishes"][:, WISH_OPTIONS.index(("lgbtq_affirming", "yes"))] > 0
    assert has_wish.mean() == pytest.approx(0.7 * clients["lgbtq"][:, 0].mean(), abs=0.01)
    assert clients["lgbtq"][has_wish, 0].all()


def test_wished_attributes_agree_with_the_text_of_the_row(therapists: People) -> None:
    rows = therapists.to_frame("therapists")
    for place, (attribute, value) in enumerate(WISH_OPTIONS):
        slow = [_has_value(cell, value) for cell in rows[attribute]]
        assert has_wished_attributes(therapists)[:, place].tolist() == slow


def test_stronger_wishes_weigh_more_and_good_and_bad_are_apart(clients: People) -> None:
    must, prefer, avoid, never = STRENGTH_WEIGHTS[1:]
    assert must > prefer > 0
    assert never > avoid > 0
    good, bad = compute_wish_weights(clients, good=True), compute_wish_weights(clients, good=False)
    assert not ((good > 0) & (bad > 0)).any()
    assert ((good > 0) | (bad > 0)).sum() == (clients["wishes"] > 0).sum()


def _has_value(cell: object, value: str) -> bool:
    if isinstance(cell, float):
        low, high = parse_range(value)
        return low <= cell <= high
    return value in str(cell).split("|")
