"""Ratings as handed in: totals, raw items, what holds for every row."""

import numpy as np
import pandas as pd
import pytest

from tests.data.conftest import Handed

ITEMS = ",".join(f"wai{item}" for item in range(1, 13))
TOML = '[tables.outcomes]\ninstrument = "wai-sr"\nrater = "client"\nsession = 3\nitems = "wai{}"\n'


def scores(handed: Handed, *forms: str) -> pd.DataFrame:
    """The outcomes of ann, ben, cat whose raw answers are these."""
    names = ("ann", "ben", "cat")[: len(forms)]
    rows = "".join(f"{name},tom,{form}\n" for name, form in zip(names, forms, strict=True))
    handed.put("outcomes.csv", f"client_id,therapist_id,{ITEMS}\n{rows}").add(TOML)
    return handed.read().outcomes.set_index("client_id").sort_index()


def test_raw_items_are_scored_and_the_rest_filled_in(handed: Handed) -> None:
    row = scores(handed, "4,4,5,3,5,3,5,3,5,4,3,4").to_dict("index")["ann"]
    assert (row["score"], row["goal"], row["task"], row["bond"]) == (4, 3, 4, 5)
    assert (row["instrument"], row["rater"], row["session"]) == ("WAI-SR", "client", 3)


def test_items_are_not_kept_beside_the_score(handed: Handed) -> None:
    assert not [name for name in scores(handed, ",".join("4" * 12)) if str(name).startswith("wai")]


def test_a_header_that_only_begins_like_an_item_is_read(handed: Handed) -> None:
    handed.put("outcomes.csv", "client_id,therapist_id,session,s1,s2,s3,s4\nann,tom,9,10,10,9,9\n")
    handed.add('[tables.outcomes]\ninstrument = "SRS"\nitems = "s{}"\n')
    assert handed.read().outcomes[["session", "score"]].to_numpy().tolist() == [[9, 38]]


def test_incomplete_forms_are_noted_and_scored_where_enough_is_answered(handed: Handed) -> None:
    found = scores(handed, ",".join("4" * 12), "," + ",".join("4" * 11), "4,4,4,,,,,,,,,")["score"]
    assert found[["ann", "ben"]].tolist() == [4, 4]
    assert np.isnan(found["cat"])
    assert [str(note) for note in handed.read().warnings] == [
        "outcomes, wai1 to wai12: forms with fewer than 10 of 12 items (row 4). Kept as visits without a score.",
        "outcomes, wai1 to wai12: incomplete forms (row 3). Scored from the items that were answered.",
    ]


def test_an_impossible_answer_is_unknown(handed: Handed) -> None:
    full = ",".join("4" * 12)
    assert scores(handed, "9" + full[1:], full, full)["score"].tolist() == [4, 4, 4]
    assert [str(note) for note in handed.read().warnings] == [
        "outcomes, wai1: no answer to an item of WAI-SR, which go from 1 to 5 (row 2). Read as unknown; correct it in "
        "the file if you can."
    ]


def test_a_stated_value_fills_only_what_is_not_given(handed: Handed) -> None:
    handed.change("outcomes.csv", "una,3,", "una,,").add("[tables.outcomes]\nsession = 2\n")
    assert handed.read().outcomes.set_index("client_id")["session"].to_dict() == {"ann": 3.0, "ben": 2.0}


def test_instruments_take_their_own_spelling(handed: Handed) -> None:
    handed.change("outcomes.csv", "WAI-SR", " wai-sr ")
    assert set(handed.read().outcomes["instrument"]) == {"WAI-SR"}


def test_scales_are_held_to_their_own_range(handed: Handed) -> None:
    """A scale of a sum has fewer items than the total."""
    rows = "ann,tom,SRS,40,10\nben,tom,SRS,38,9\ncat,una,SRS,30,30\n"
    handed.put("outcomes.csv", f"client_id,therapist_id,instrument,score,bond\n{rows}")
    tables = handed.read()
    assert tables.outcomes["score"].notna().all()
    assert [(note.column, note.rows) for note in tables.warnings] == [("bond", (4,))]


@pytest.mark.parametrize(("scale", "score"), [(1 / 12, 4.25), (0.1, 5.0)])
def test_a_clinics_sums_may_be_scaled(handed: Handed, scale: float, score: float) -> None:
    handed.change("outcomes.csv", "4.25", str(score / scale)).change("outcomes.csv", "3.5", str(3.5 / scale))
    handed.add(f'[tables.outcomes.columns]\nscore = {{ from = "score", scale = {scale} }}\n')
    assert handed.read().outcomes["score"].max() == pytest.approx(score)


def test_a_clinics_own_instrument_is_known_by_its_name(handed: Handed) -> None:
    handed.change("outcomes.csv", "WAI-SR", "smiles").add('[[instruments]]\nname = "Smiles"\nlow = 0\nhigh = 5\n')
    tables = handed.read()
    assert set(tables.outcomes["instrument"]) == {"Smiles"}
    assert not tables.warnings
