"""Each yes that the page offers keeps its promise: after its events, the therapist is on the list."""

import json
import shutil
from pathlib import Path

import pytest

from attune_fit.app.desk.shown.proposed_changes import list_proposals, parse_drafts
from attune_fit.data.faults import DataFault
from attune_fit.workspace import Workspace, open_clinic
from tests.conftest import SAMPLE

CLIENTS = ("c0063", "c0072")  # of the sample: without a candidate, and with one


@pytest.mark.parametrize("client", CLIENTS)
def test_each_answer_adds_a_therapist(client: str, read_only_clinic: Workspace, tmp_path: Path) -> None:
    before = set(read_only_clinic.rank(client).result.arrays.therapist_ids)
    answers = [answer for row in list_proposals(read_only_clinic, client).rows for answer in row.answers]
    assert len(answers) > 2
    for number, answer in enumerate(answers[:6]):
        folder = tmp_path / str(number)
        shutil.copytree(SAMPLE, folder)
        workspace = open_clinic(folder)
        workspace.record_all(parse_drafts(answer.events))
        assert set(workspace.rank(client).result.arrays.therapist_ids) - before, answer.label


def test_a_choice_of_codes_has_a_button_for_each(read_only_clinic: Workspace) -> None:
    rows = [row for client in read_only_clinic.list_client_ids(waiting_only=True)[:8]
            for row in list_proposals(read_only_clinic, client).rows]  # fmt: skip
    several = [row for row in rows if " or " in row.request and row.request.startswith("Ask the client") and row.answers
               and " and " not in row.request]  # fmt: skip
    assert several
    for row in several:
        events = [json.loads(answer.events) for answer in row.answers]
        assert len({json.dumps(one) for one in events}) == len(events) > 1
        assert all(": " in answer.label for answer in row.answers)


def test_a_form_that_names_no_change_is_refused() -> None:
    with pytest.raises(DataFault, match="the form does not name a change"):
        parse_drafts('[{"event": "undone", "number": 1}]')
