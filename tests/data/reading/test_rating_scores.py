"""Ratings in a clinic's file: totals, raw items, and constants for every row."""

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from tests.data.conftest import OUTCOMES, ClinicFolder
from tests.fault_descriptions import describe_faults

ITEMS = ",".join(f"wai{item}" for item in range(1, 13))
TOML = '[tables.outcomes]\ninstrument = "wai-sr"\nrater = "client"\nsession = 3\nitems = "wai{}"\n'


def scores(clinic_folder: ClinicFolder, *forms: str, add: str = TOML) -> pd.DataFrame:
    """Return the outcomes of ann, ben and cat with these raw answers."""
    names = ("ann", "ben", "cat")[: len(forms)]
    rows = "".join(f"{name},tom,{form}\n" for name, form in zip(names, forms, strict=True))
    clinic_folder.put("outcomes.csv", f"client_id,therapist_id,{ITEMS}\n{rows}").add(add)
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


WORDS = ("Seldom", "Sometimes", "Fairly Often", "Very Often", "Always")
NUMBERS = ", ".join(f'"{word}" = {number}' for number, word in enumerate(WORDS, 1))
ITEM_CODES = f"item_codes = {{ {NUMBERS} }}\n"


def in_words(*answers: int) -> str:
    """Write a form of 12 answers in words."""
    return ",".join(WORDS[answer - 1] if answer else "" for answer in answers)


def test_answers_in_words_are_scored(clinic_folder: ClinicFolder) -> None:
    answers = (2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3)
    clinic_folder.add(TOML.strip() + "\n" + ITEM_CODES)
    row = scores(clinic_folder, in_words(*answers), in_words(*answers).upper(), add="")
    assert row["score"].tolist() == [pytest.approx(sum(answers) / 12)] * 2
    assert not clinic_folder.read().warnings


def test_answers_in_words_without_numbers_are_one_error(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("outcomes.csv", f"client_id,therapist_id,{ITEMS}\nann,tom,{in_words(*[4] * 12)}\n"
                      f"ben,tom,{in_words(*[3] * 12)}\n").add(TOML)  # fmt: skip
    errors = [fault for fault in clinic_folder.list_faults() if fault.stops]
    assert [(fault.id, fault.rows) for fault in errors] == [("answer-out-of-range-mostly", (2, 3))]
    assert "item_codes" in errors[0].fix


def test_recoded_answers_are_not_mixed_with_others(clinic_folder: ClinicFolder) -> None:
    """With 6 to 10 for 1 to 5, a 3 is no answer; 6.0 is 6."""
    codes = "item_codes = { 6 = 1, 7 = 2, 8 = 3, 9 = 4, 10 = 5 }\n"
    forms = [",".join(["6.0"] * 12), ",".join(["10"] * 12), "3," + ",".join(["8"] * 11)]
    row = scores(clinic_folder, *forms, add=TOML + codes)
    assert row["score"].tolist() == [1.0, 5.0, 3.0]
    assert [(fault.id, fault.column, fault.rows) for fault in clinic_folder.read().warnings] == [
        ("answer-out-of-range", "wai1", (4,))
    ]


def test_unlisted_words_and_words_for_missing_leave_an_item_out(clinic_folder: ClinicFolder) -> None:
    forms = ["often," + in_words(*[4] * 11), "n/a," + in_words(*[4] * 11), in_words(*[4] * 12)]
    row = scores(clinic_folder, *forms, add=TOML + ITEM_CODES)
    assert row["score"].tolist() == [4.0, 4.0, 4.0]
    assert [(fault.id, fault.rows) for fault in clinic_folder.read().warnings] == [
        ("answer-out-of-range", (2,)), ("missing-word", (3,)), ("incomplete-form", (3,)),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["wai_sr", "WAI SR", "Wai-Sr.", "waisr"])
def test_instruments_are_compared_without_punctuation(clinic_folder: ClinicFolder, name: str) -> None:
    clinic_folder.change("outcomes.csv", "WAI-SR", name)
    assert set(clinic_folder.read().outcomes["instrument"]) == {"WAI-SR"}
    clinic_folder.add(f'[tables.outcomes]\ninstrument = "{name}"\n[follow_up.weak]\n"{name}" = 3\n')
    assert not clinic_folder.list_faults()


def test_two_instruments_cannot_differ_in_punctuation_alone(clinic_folder: ClinicFolder) -> None:
    clinic_folder.add('[[instruments]]\nname = "WAI SR"\nlow = 1\nhigh = 7\n')
    assert [fault.id for fault in clinic_folder.list_faults()] == ["duplicate-instrument"]


@pytest.mark.parametrize(("column", "cell"), [
    ("rater", "T"), ("rater", "unknown"), ("session", "third"), ("session", "?"), ("session", "0"),
])  # fmt: skip
@pytest.mark.parametrize("constant", ["", '[tables.outcomes]\nrater = "client"\nsession = 3\n'])
def test_a_rating_whose_rater_or_session_cannot_be_read_is_a_visit_alone(
    clinic_folder: ClinicFolder, column: str, cell: str, constant: str
) -> None:
    clinic_folder.put("outcomes.csv", OUTCOMES + "cat,tom,3,2026-05-22,WAI-SR,client,2\n"
                      + "ann,tom,3,2026-05-23,WAI-SR,client,5\n".replace(
                          ",3," if column == "session" else ",client,", f",{cell},")).add(constant)  # fmt: skip
    tables = clinic_folder.read()
    early = compute_early_alliance(tables, Clinic.open(clinic_folder.folder).instruments)
    assert early["pomp"].tolist().count(WAI_SR.pomp(4.25)) == 1
    assert early["sessions"].tolist() == [1, 1, 1]
    assert len(tables.outcomes) == 4
    assert tables.outcomes[column].isna().sum() == 1
    (fault,) = tables.warnings
    assert (fault.column, fault.rows) == (column, (5,))


def test_an_empty_rater_or_session_counts_as_before(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("outcomes.csv", "tom,3,2026-05-20,WAI-SR,client", "tom,,2026-05-20,WAI-SR,")
    tables = clinic_folder.read()
    assert len(compute_early_alliance(tables, Clinic.open(clinic_folder.folder).instruments)) == 2
    assert not tables.warnings
