"""Pages of errors: what happened, where, and what to do; an entry that could not be saved is kept."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from attune_fit.app.desk.fault_pages import TITLES
from attune_fit.data.faults import DataFault
from attune_fit.workspace import Workspace
from tests.app.desk.conftest import visit_as
from tests.app.desk.form_parts import read_form
from tests.app.desk.page_parts import read_text

CLIENT = "c0022"


def refuse(*_: object, **__: object) -> None:
    raise DataFault.error("journal-server-not-reached", "clinic.toml", "journal.database", "Attune cannot reach the "
                          "database server of the journal", fix="Check that the server runs.")  # fmt: skip


def break_down(*_: object, **__: object) -> None:
    raise RuntimeError("secret-of-the-trace")


def test_an_address_that_is_not_there_leads_back(reading_desk: TestClient) -> None:
    answer = reading_desk.get("/nothing")
    assert answer.status_code == 404
    assert TITLES[404] in answer.text
    assert 'href="/"' in answer.text


def test_a_page_that_a_role_cannot_open_names_what_to_do(read_only_clinic: Workspace) -> None:
    answer = visit_as(read_only_clinic, "clinician", "t05").get("/clients/new")
    assert answer.status_code == 403
    assert "ask an administrator" in read_text(answer.text)


def test_an_entry_is_kept_while_the_database_is_gone(
    desk: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/clients/{CLIENT}/wishes"
    typed = {"attribute": "gender", "value": "woman", "strength": "must", "seen": "0"}
    with monkeypatch.context() as gone:
        gone.setattr(Workspace, "record", refuse)
        gone.setattr(Workspace, "count_events", refuse)
        answer = desk.post(address, data=typed)
    assert answer.status_code == 503
    assert "Your last entry is not saved" in read_text(answer.text)
    again = {name: values[0] for name, values in read_form(answer.text, address).items()}
    assert again == typed
    desk.post(address, data=again)
    assert workspace.count_events() == 1


def test_an_error_of_attune_shows_a_number_and_no_trace(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk = visit_as(workspace)
    desk._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    monkeypatch.setattr(Workspace, "client_form", break_down)
    answer = desk.get("/clients/new")
    assert answer.status_code == 500
    assert "secret-of-the-trace" not in answer.text
    number = read_text(answer.text).split("this number: ")[1][:8]
    assert number in caplog.text


def test_an_export_with_errors_is_named_without_its_cells(desk: TestClient, workspace: Workspace) -> None:
    table = Path(workspace.folder) / "therapists.csv"
    table.write_text(table.read_text().replace("therapist_id,age", "therapist,age"))
    answer = desk.get("/today")
    assert answer.status_code == 422
    assert "therapists" in read_text(answer.text)
    assert "Nothing was changed." in read_text(answer.text)


def test_a_request_that_cannot_be_read_names_its_part(reading_desk: TestClient) -> None:
    answer = reading_desk.get("/today?rows=secret")
    assert answer.status_code == 422
    assert "this part of the request: rows" in read_text(answer.text)
    assert "secret" not in answer.text.replace("/today?rows=secret", "")
