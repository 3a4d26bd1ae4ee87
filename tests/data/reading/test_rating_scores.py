"""Ratings in a clinic's file: totals, raw items, and constants for every row."""

import numpy as np
import pandas as pd
import pytest

from tests.data.conftest import ClinicFolder
from tests.fault_descriptions import describe_faults

ITEMS = ",".join(f"wai{item}" for item in range(1, 13))
TOML = '[tables.outcomes]\ninstrument = "wai-sr"\nrater = "client"\nsession = 3\nitems = "wai{}"\n'


def scores(clinic_folder: ClinicFolder, *forms: str) -> pd.DataFrame:
    """Return the outcomes of ann, ben and cat with these raw answers."""
    names = ("ann", "ben", "cat")[: len(forms)]
    rows = "".join(f"{name},tom,{form}\n" for name, form in zip(names, forms, strict=True))
    clinic_folder.put("outcomes.csv", f"client_id,therapist_id,{ITEMS}\n{rows}").add(TOML)
    return clinic_folder.read().outcomes.set_index("client_id").sort_index()


def test_raw_items_are_scored_and_constants_filled_in(clinic_folder: ClinicFolder) -> None:
    row = scores(clinic_folder, "4,4,5,3,5,3,5,3,5,4,3,4").to_dict("index")["ann"]
    assert (row["score"], row["goal"], row["task"], row["bond"]) == (4, 3, 4, 5)
    assert (row["instrument"], row["rater"], row["session"]) == ("WAI-SR", "client", 3)


def test_items_are_not_kept_with_the_score(clinic_folder: ClinicFolder) -> None:
    assert not [name for name in scores(clinic_folder, ",".join("4" * 12)) if str(name).startswith("wai")]


def test_a_header_that_only_begins_like_an_item_is_read(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("outcomes.csv", "client_id,therapist_id,session,s1,s2,s3,s4\nann,tom,9,10,10,9,9\n")
    clinic_folder.add('[tables.outcomes]\ninstrument = "SRS"\nitems = "s{}"\n')
    assert clinic_folder.read().outcomes[["session", "score"]].to_numpy().tolist() == [[9, 38]]


def test_incomplete_forms_are_a_warning_and_scored_where_enough_is_answered(clinic_folder: ClinicFolder) -> None:
    score = scores(clinic_folder, ",".join("4" * 12), "," + ",".join("4" * 11), "4,4,4,,,,,,,,,")["score"]
    assert score[["ann", "ben"]].tolist() == [4, 4]
    assert np.isnan(score["cat"])
    assert describe_faults(clinic_folder.read().warnings) == [
        "outcomes, wai1 to wai12 (row 4): form-without-score (10, 12)",
        "outcomes, wai1 to wai12 (row 3): incomplete-form",
    ]


def test_an_impossible_answer_is_missing(clinic_folder: ClinicFolder) -> None:
    full = ",".join("4" * 12)
    assert scores(clinic_folder, "9" + full[1:], full, full)["score"].tolist() == [4, 4, 4]
    assert describe_faults(clinic_folder.read().warnings) == [
        "outcomes, wai1 (row 2): answer-out-of-range (1, 5, WAI-SR)"
    ]


def test_a_stated_value_fills_only_what_is_not_given(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("outcomes.csv", "una,3,", "una,,").add("[tables.outcomes]\nsession = 2\n")
    assert clinic_folder.read().outcomes.set_index("client_id")["session"].to_dict() == {"ann": 3.0, "ben": 2.0}


def test_instruments_take_their_own_spelling(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("outcomes.csv", "WAI-SR", " wai-sr ")
    assert set(clinic_folder.read().outcomes["instrument"]) == {"WAI-SR"}


def test_scales_are_checked_against_their_own_range(clinic_folder: ClinicFolder) -> None:
    """A scale of a sum has fewer items than the total."""
    rows = "ann,tom,SRS,40,10\nben,tom,SRS,38,9\ncat,una,SRS,30,30\n"
    clinic_folder.put("outcomes.csv", f"client_id,therapist_id,instrument,score,bond\n{rows}")
    tables = clinic_folder.read()
    assert tables.outcomes["score"].notna().all()
    assert [(warning.column, warning.rows) for warning in tables.warnings] == [("bond", (4,))]


@pytest.mark.parametrize(("scale", "score"), [(1 / 12, 4.25), (0.1, 5.0)])
def test_a_clinics_sums_may_be_scaled(clinic_folder: ClinicFolder, scale: float, score: float) -> None:
    clinic_folder.change("outcomes.csv", "4.25", str(score / scale)).change("outcomes.csv", "3.5", str(3.5 / scale))
    clinic_folder.add(f'[tables.outcomes.columns]\nscore = {{ from = "score", scale = {scale} }}\n')
    assert clinic_folder.read().outcomes["score"].max() == pytest.approx(score)


def test_a_clinics_own_instrument_is_known_by_its_name(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("outcomes.csv", "WAI-SR", "smiles").add(
        '[[instruments]]\nname = "Smiles"\nlow = 0\nhigh = 5\n'
    )
    tables = clinic_folder.read()
    assert set(tables.outcomes["instrument"]) == {"Smiles"}
    assert not tables.warnings
