"""Codes of clients and therapists that can never match."""

import pytest

from attune_fit.data.clinic.settings import Config
from attune_fit.data.faults import Fault
from attune_fit.data.reading.checks.code_comparison import format_codes, list_compared_columns
from tests.data.conftest import ClinicFolder

CLIENTS = """client_id,languages,region,payer,formats,availability,presenting_problems
ann,english,north,public,video,mon-am|tue-pm,anxiety
ben,english|spanish,north,plan a,video,mon-am,grief|trauma
cat,english,north,bcbs,in person,tue-pm,eating disorders
"""
THERAPISTS = """therapist_id,languages,licensed_regions,payers,formats,availability,specialties,problems_not_taken
tom,english|spanish,north|south,public|plan a|bcbs,video|in person,mon-am|tue-pm|fri-am,anxiety|grief,eating disorders
una,english|polish,north,public|self pay|bcbs,video,mon-am,trauma,
"""


@pytest.fixture
def folder(clinic_folder: ClinicFolder) -> ClinicFolder:
    """A clinic whose codes all match."""
    for name in ("outcomes.csv", "preferences.csv"):
        clinic_folder.drop(name)
    return clinic_folder.put("clients.csv", CLIENTS).put("therapists.csv", THERAPISTS)


def find_one(folder: ClinicFolder) -> Fault:
    """Return the only fault, which is a warning."""
    (fault,) = folder.list_faults()
    assert not fault.stops, fault
    return fault


def test_codes_that_match_are_no_warning(folder: ClinicFolder) -> None:
    """`polish`, `south`, `self pay` and `fri-am` are on the roster only; no therapist has `trauma` alone."""
    assert not folder.list_faults()


def test_the_columns_are_those_of_the_rules_in_use() -> None:
    pairs = [(one.client, one.therapist, one.rule) for one in list_compared_columns(Config())]
    assert pairs == [
        ("languages", "languages", "language"),
        ("region", "licensed_regions", "region"),
        ("payer", "payers", "payer"),
        ("formats", "formats", "format"),
        ("availability", "availability", "slot"),
        ("presenting_problems", "problems_not_taken", "problems_not_taken"),
        ("presenting_problems", "specialties", ""),
    ]
    off = Config.model_validate({"rules": {"payer": {"on": False}}})
    assert "payer" not in {one.rule for one in list_compared_columns(off)}


@pytest.mark.parametrize(
    ("header", "codes", "rule", "other", "named"),
    [
        ("region", {"north": "Northern Region"}, "region", "licensed_regions", "`northern region`"),
        ("availability", {"mon-am": "Monday morning", "tue-pm": "Tuesday"}, "slot", "availability", "`monday morning`"),
        ("languages", {"english": "en", "spanish": "es"}, "language", "languages", "`en`"),
        ("formats", {"video": "telehealth", "in person": "office"}, "format", "formats", "`telehealth`"),
    ],
)
def test_two_vocabularies_are_one_warning_that_names_codes_of_both(
    folder: ClinicFolder, header: str, codes: dict[str, str], rule: str, other: str, named: str
) -> None:
    for code, word in codes.items():
        folder.change("clients.csv", code, word)
    fault = find_one(folder)
    assert (fault.id, fault.table, fault.column, fault.rows) == ("no-shared-code", "clients", header, ())
    assert named in fault.says
    assert f"`{other}` of therapists" in fault.says
    assert f"rule `{rule}`" in fault.fix


def test_a_code_that_no_therapist_has_names_its_rows_and_the_likely_code(folder: ClinicFolder) -> None:
    fault = find_one(folder.change("clients.csv", "plan a", "Public Plus"))
    assert (fault.id, fault.column, fault.rows) == ("code-without-therapist", "payer", (3,))
    assert "`public plus`" in fault.says
    assert "Did you mean `public` for `public plus`?" in fault.fix


def test_a_code_that_no_therapist_has_and_that_is_like_none_has_no_suggestion(folder: ClinicFolder) -> None:
    fault = find_one(folder.change("clients.csv", "plan a", "plan b"))
    assert (fault.id, fault.rows) == ("code-without-therapist", (3,))
    assert "Did you mean" not in fault.fix


def test_a_set_with_another_code_that_matches_is_no_warning(folder: ClinicFolder) -> None:
    assert not folder.change("clients.csv", "english|spanish", "english|tagalog").list_faults()


def test_only_waiting_clients_need_a_therapist_with_their_code(folder: ClinicFolder) -> None:
    folder.put("outcomes.csv", "client_id,therapist_id,instrument,score\nben,tom,WAI-SR,4\n")
    assert not folder.change("clients.csv", "plan a", "plan b").list_faults()


def test_a_rule_that_is_off_compares_nothing(folder: ClinicFolder) -> None:
    folder.change("clients.csv", "plan a", "plan b").add("[rules.payer]\non = false\n")
    assert not folder.list_faults()


@pytest.mark.parametrize(
    ("file", "old", "new", "table", "column", "row", "question"),
    [
        ("clients.csv", "bcbs", "bcsb", "clients", "payer", 4, "`bcbs` for `bcsb`"),
        ("clients.csv", "plan a", "plan_a", "clients", "payer", 3, "`plan a` for `plan_a`"),
        ("clients.csv", "english|spanish", "english|spansh", "clients", "languages", 3, "`spanish` for `spansh`"),
        ("clients.csv", "anxiety", "anxeity", "clients", "presenting_problems", 2, "`anxiety` for `anxeity`"),
        ("therapists.csv", ",trauma,", ",trauma|greif,", "therapists", "specialties", 3, "`grief` for `greif`"),
        ("therapists.csv", "self pay|bcbs", "bcsb", "therapists", "payers", 3, "`bcbs` for `bcsb`"),
    ],
)  # fmt: skip
def test_a_likely_misspelling_is_a_warning_on_its_side(
    folder: ClinicFolder, file: str, old: str, new: str, table: str, column: str, row: int, question: str
) -> None:
    fault = find_one(folder.change(file, old, new))
    assert (fault.id, fault.table, fault.column, fault.rows) == ("similar-code", table, column, (row,))
    assert f"Did you mean {question}?" in fault.fix


@pytest.mark.parametrize(("code", "other"), [("1.0", "1"), ("01", "1"), ("1.00", "1"), ("1.0", "01"), ("7", "007")])
def test_one_number_in_two_forms_is_asked_about(folder: ClinicFolder, code: str, other: str) -> None:
    folder.change("clients.csv", "plan a", code).change("therapists.csv", "plan a", other)
    fault = find_one(folder)
    assert (fault.id, fault.column, fault.rows) == ("similar-code", "payer", (3,))


def test_two_spellings_are_asked_about_once_where_each_is_on_one_side_only(folder: ClinicFolder) -> None:
    fault = find_one(folder.change("therapists.csv", "mon-am|tue-pm|fri-am", "monam|tue-pm").change(
        "therapists.csv", "video,mon-am", "video,monam"))  # fmt: skip
    assert (fault.id, fault.table, fault.column, fault.rows) == ("similar-code", "clients", "availability", (2, 3))


def test_the_rarer_spelling_is_taken_for_the_misspelt_one(folder: ClinicFolder) -> None:
    """Two clients have the problem as it is usually written, so that the limit is the misspelt one."""
    folder.change("clients.csv", "grief|trauma", "grief|eating disorders")
    fault = find_one(folder.change("therapists.csv", ",eating disorders", ",eating disorder"))
    assert (fault.id, fault.table, fault.column, fault.rows) == (
        "similar-code", "therapists", "problems_not_taken", (2,))  # fmt: skip
    assert "Did you mean `eating disorders` for `eating disorder`?" in fault.fix


def test_a_client_with_another_problem_than_a_limit_in_another_spelling_is_found(folder: ClinicFolder) -> None:
    """The limit matches one client, so that only the other spelling of another client shows the fault."""
    fault = find_one(folder.change("clients.csv", "grief|trauma", "grief|eating disorder"))
    assert (fault.id, fault.table, fault.rows) == ("similar-code", "clients", (3,))


def test_a_limit_that_concerns_no_client_names_its_row(folder: ClinicFolder) -> None:
    fault = find_one(folder.change("therapists.csv", ",trauma,", ",trauma,psychosis"))
    assert (fault.id, fault.table, fault.column, fault.rows) == (
        "limit-without-client", "therapists", "problems_not_taken", (3,))  # fmt: skip
    assert "`psychosis`" in fault.says


@pytest.mark.parametrize("limit", ["trauma", "eating disorders", "anxiety", "grief"])
def test_a_limit_of_a_client_a_specialty_or_another_therapist_is_known(folder: ClinicFolder, limit: str) -> None:
    assert not folder.change("therapists.csv", ",trauma,", f",trauma,{limit}").list_faults()


def test_a_limit_that_two_therapists_have_or_codes_list_is_known(folder: ClinicFolder) -> None:
    folder.change("therapists.csv", ",trauma,", ",trauma,psychosis")
    mapping = '{ from = "problems_not_taken", other = "keep", codes = { PS = "psychosis" } }'
    assert find_one(folder).id == "limit-without-client"
    folder.change("therapists.csv", "|grief,eating disorders", "|grief,eating disorders|psychosis")
    assert not folder.list_faults()
    folder.change("therapists.csv", "disorders|psychosis", "disorders")
    assert not folder.add(f"[tables.therapists.columns]\nproblems_not_taken = {mapping}\n").list_faults()


def test_few_and_short_codes_are_named() -> None:
    counts = {f"code {number:02}": 1 for number in range(12)} | {"x" * 41: 3}
    assert format_codes(counts, are_texts=False).endswith("`code 07` and 5 more")
    assert format_codes({"x" * 41: 1}, are_texts=False) == "1 text"


def test_a_column_in_which_most_clients_have_their_own_text_is_not_quoted(folder: ClinicFolder) -> None:
    """The header of the payer was taken for another one: its cells are no codes."""
    rows = "".join(f"client{number},english,person {number}\n" for number in range(25))
    fault = find_one(folder.put("clients.csv", "client_id,languages,payer\n" + rows))
    assert (fault.id, fault.column) == ("no-shared-code", "payer")
    assert "clients have 25 different texts" in fault.says
    assert "person" not in str(fault)
    assert "`public`" in fault.says


def test_a_long_text_is_never_quoted(folder: ClinicFolder) -> None:
    text = "pays when the case about her house is settled"
    fault = find_one(folder.change("clients.csv", "plan a", text))
    assert fault.id == "code-without-therapist"
    assert text not in str(fault)


def test_codes_are_compared_after_they_are_translated(folder: ClinicFolder) -> None:
    folder.change("clients.csv", "plan a", "A").add(
        '[tables.clients.columns]\npayer = { from = "payer", other = "keep", codes = { A = "plan a" } }\n'
    )
    assert not folder.list_faults()
