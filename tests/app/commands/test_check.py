"""`attune check`: its exit code, and what it says about clients without a candidate."""

import json
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.command_words import format_word
from attune_fit.workspace import Workspace
from tests.conftest import Attune
from tests.data.formats.office_writers import Rows, build_xlsx

TOML = "[clinic]\nas_of = 2026-06-01\n"
CLIENTS = "client_id,region,payer\nc1,north,public\nc2,north,plan a\n"
THERAPISTS = "therapist_id,licensed_regions,payers,open_slots\nt1,north,public|plan a,2\nt2,north,public|plan a,1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clinic without faults."""
    for name, text in {"clients.csv": CLIENTS, "therapists.csv": THERAPISTS, "clinic.toml": TOML}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


def test_a_clinic_without_faults_exits_0(attune: Attune, folder: Path) -> None:
    done = attune("check", folder, "--json")
    counts = {"stops": 0, "set_aside": 0, "notes": 0, "faults": [], "unused": []}
    found = json.loads(done.stdout)
    assert (done.exit_code, {key: found[key] for key in counts}) == (0, counts)
    assert "No errors, no warnings." in attune("check", folder).output


def test_the_files_are_listed_first_with_their_rows_then_what_is_absent_and_unused(
    attune: Attune, folder: Path
) -> None:
    sheets: dict[str, Rows] = {
        "Roster": [["therapist_id", "open_slots"], ["t1", 2], ["t2", 1], ["t3", 1]],
        "Notes": [["a"]],
    }
    (folder / "therapists.csv").unlink()
    (folder / "staff.xlsx").write_bytes(build_xlsx(sheets))
    (folder / "payers.csv").write_text("who,payer\nt1,public\nt2,public\nt2,plan a\n")
    for name in ("notes.csv", "~$staff.xlsx", ".DS_Store", "README.md", "clients.csv.bak", "fairness.html"):
        (folder / name).write_text("a\n1\n")
    toml = '[tables.therapists]\nfile = "staff.xlsx"\nsheet = "roster"\n[tables.therapists.columns]\n'
    (folder / "clinic.toml").write_text(
        f'{TOML}{toml}payers = {{ file = "payers.csv", key = "who", from = "payer" }}\n'
    )
    found = json.loads(attune("check", folder, "--json").stdout)
    assert [tuple(one.values()) for one in found["tables"]] == [
        ("clients", "clients.csv", "", 2), ("therapists", "staff.xlsx", "Roster", 3), (None, "payers.csv", "", 3)
    ]  # fmt: skip
    assert found["absent"] == ["preferences", "outcomes", "conflicts"]
    assert found["unused"] == ["clients.csv.bak", "notes.csv"]
    lines = attune("check", folder, columns=10_000).output.split("\n")
    rows = [line.split() for line in lines]
    order = [
        rows.index(row)
        for row in (["clients", "clients.csv", "2"], ["therapists", "staff.xlsx,", "sheet", "Roster", "3"])
    ]
    order += [lines.index("Without a file, and optional: preferences, outcomes, conflicts.")]
    order += [lines.index("Files that no table uses: clients.csv.bak, notes.csv.")]
    order += [
        number for number, line in enumerate(lines) if "(Attune works around" in line or line.startswith("No errors")
    ]
    assert order == sorted(order)
    assert len(order) == 6


def test_the_files_are_listed_although_there_are_errors(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "client_id", "id")
    (folder / "conflicts.docx").write_text("a")
    found = json.loads(attune("check", folder, "--json").stdout)
    assert [(one["table"], one["rows"]) for one in found["tables"]] == [("clients", 2), ("therapists", 2)]
    assert (found["absent"], found["unused"]) == (["preferences", "outcomes"], ["conflicts.docx"])
    (folder / "clinic.toml").write_text(f"{TOML}[rules.no_such_rule]\non = true\n")
    (folder / "conflicts.docx").unlink()
    change(folder, "clients.csv", "id", "client_id")
    assert len(json.loads(attune("check", folder, "--json").stdout)["tables"]) == 2


def test_wishes_in_columns_of_the_clients_are_not_absent(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "payer\nc1,north,public", "wish\nc1,north,public (must)")
    wishes = '[[tables.preferences.wishes]]\ncolumn = "wish"\nattribute = "payers"\nstrength = "prefer"\n'
    (folder / "clinic.toml").write_text(f"{TOML}{wishes}")
    assert json.loads(attune("check", folder, "--json").stdout)["absent"] == ["outcomes", "conflicts"]


def test_a_warning_exits_0_and_with_strict_1(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "plan a", "plan b")
    assert attune("check", folder).exit_code == 0
    assert attune("check", folder, "--strict").exit_code == 1


def test_a_person_who_is_set_aside_exits_1(attune: Attune, folder: Path) -> None:
    change(folder, "therapists.csv", "plan a,2", "plan a,full")
    done = attune("check", folder, "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["stops"], found["set_aside"]) == (1, 0, 1)
    assert [one["sets_aside"] for one in found["faults"]] == [["t1"]]
    assert "No errors, 1 set aside, no warnings." in attune.fails("check", folder)


def test_an_error_exits_1(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "client_id", "id")
    found = json.loads(attune("check", folder, "--json").stdout)
    assert found["stops"] == 1
    assert attune("check", folder).exit_code == 1


def test_clients_without_a_candidate_are_counted_by_rule(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "plan a", "plan b")
    faults = json.loads(attune("check", folder, "--json").stdout)["faults"]
    assert [one["id"] for one in faults] == ["code-without-therapist", "clients-without-candidate"]
    assert "without a candidate: 1 of 2" in faults[-1]["says"]
    assert faults[-1]["says"].endswith("payer 1")
    assert f"attune relax {format_word(folder)} --client c2" in faults[-1]["fix"]


def test_a_roster_on_which_no_client_has_a_candidate_is_never_silent(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "north", "Northern Region")
    found = json.loads(attune("check", folder, "--json").stdout)
    assert [one["id"] for one in found["faults"]] == ["no-shared-code", "no-client-has-candidate"]
    assert found["faults"][-1]["says"].endswith("region 2")
    text = attune("check", folder, columns=10_000).output
    assert f"Next: attune capacity {format_word(folder)}" in text


def test_only_waiting_clients_are_counted(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "plan a", "plan b")
    (folder / "outcomes.csv").write_text("client_id,therapist_id,instrument,score\nc2,t1,WAI-SR,4\n")
    assert json.loads(attune("check", folder, "--json").stdout)["faults"] == []


@pytest.mark.parametrize("words", [["--waiting", "--full"], ["--waiting", "--out", "{}/out.csv"], ["--waiting"]])
def test_a_list_without_any_candidate_points_to_relax(attune: Attune, folder: Path, words: list[str]) -> None:
    change(folder, "clients.csv", "north", "Northern Region")
    text = attune("rank", folder, *(word.format(folder) for word in words), columns=10_000).output
    assert f"Next: attune relax {format_word(folder)} --client c1" in text
    assert "None of 2 clients has a candidate." in text or "No therapist is available for any of these" in text
    assert "attune assign" not in text


def test_a_written_list_counts_clients_without_a_candidate(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "plan a", "plan b")
    words = ("rank", folder, "--waiting", "--out", folder / "out.csv")
    assert json.loads(attune(*words, "--json").stdout)["without_candidate"] == ["c2"]
    assert "1 of 2 clients has no candidate." in attune(*words, columns=10_000).output
    written = pd.read_csv(folder / "out.csv")
    assert set(written.loc[written["client_id"] == "c2", "status"]) == {"excluded"}


def test_show_mapping_lists_the_headers_of_each_file_with_their_cells(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "region,payer\nc1,north,", "region,Shoe,age\nc1,north,")
    change(folder, "clients.csv", "public\nc2,north,plan a", "40,n/a\nc2,north,41,x1")
    found = json.loads(attune("check", folder, "--show-mapping", "--json").stdout)["mapping"]
    assert [(one["table"], one["file"], one["rows"]) for one in found] == [
        ("clients", "clients.csv", 2), ("therapists", "therapists.csv", 2)
    ]  # fmt: skip
    assert found[0]["headers"][2] == {
        "header": "age", "column": "age", "read": 0, "unread": 1, "unknown": 1, "empty": 0
    }  # fmt: skip
    assert found[0]["unused"] == ["Shoe"]
    output = attune("check", folder, "--show-mapping", columns=10_000).output
    lines = [line.split() for line in output.splitlines()]
    assert ["header", "column", "read", "unread", "unknown", "empty"] in lines
    assert ["age", "age", "1", "1"] in lines
    assert "clients: clients.csv, 2 rows" in output
    assert "Columns of clients.csv that nothing reads: Shoe." in output
    assert "mapping" not in json.loads(attune("check", folder, "--json").stdout)


def test_show_mapping_works_with_errors_and_the_verb_gives_the_same(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "client_id,region", "client,region")
    done = attune("check", folder, "--show-mapping", "--json")
    assert done.exit_code == 1
    mapping = Workspace(folder).list_mapping()
    assert json.loads(done.stdout)["mapping"] == mapping.to_dict()
    frame = mapping.to_frame()
    assert frame.loc[frame["column"].isna(), "header"].tolist() == ["client"]
    assert frame.loc[frame["header"] == "region", ["read", "unread", "unknown", "empty"]].to_numpy().tolist() == [
        [2, 0, 0, 0]
    ]
    assert mapping.summary == "headers read: 6, not read: 1; cells that cannot be read: 0"


def test_a_header_in_the_mapping_is_no_markup(attune: Attune, folder: Path) -> None:
    change(folder, "clients.csv", "region,payer", "[bold]region,payer")
    assert "[bold]region" in attune("check", folder, "--show-mapping", columns=10_000).output


def test_a_table_that_the_settings_describe_is_not_called_optional(attune: Attune, folder: Path) -> None:
    (folder / "clinic.toml").write_text(f'{TOML}[tables.outcomes]\ninstrument = "SRS"\n')
    output = attune("check", folder, columns=10_000).output
    assert "Without a file, though clinic.toml describes it: outcomes." in output
    assert "Without a file, and optional: preferences, conflicts." in output


def test_training_is_next_where_a_row_has_a_score(attune: Attune, folder: Path) -> None:
    visits = "client_id,therapist_id,session,score\nc1,t1,1,{}\n"
    toml = f'{TOML}[tables.outcomes]\ninstrument = "SRS"\n'
    (folder / "clinic.toml").write_text(toml)
    for score, following in (("", "rank"), ("30", "train")):
        (folder / "outcomes.csv").write_text(visits.format(score))
        assert f"Next: attune {following}" in attune("check", folder, columns=10_000).output


def test_show_mapping_names_the_sheet(attune: Attune, folder: Path) -> None:
    (folder / "therapists.csv").unlink()
    rows: Rows = [["therapist_id", "open_slots"], ["t1", 2]]
    (folder / "staff.xlsx").write_bytes(build_xlsx({"Roster": rows, "Notes": [["a"]]}))
    (folder / "clinic.toml").write_text(f'{TOML}[tables.therapists]\nfile = "staff.xlsx"\nsheet = "Roster"\n')
    assert "therapists: staff.xlsx, sheet Roster, 1 row" in attune(
        "check", folder, "--show-mapping", columns=10_000
    ).output  # fmt: skip
