"""`policy-value` on a whole clinic: it joins log, journal and outcomes, and says what the records cannot say."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import attune_fit as af
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.matching.ranking.rank import rank_each
from attune_fit.matching.ranking_log import log_rankings
from attune_fit.policy_value import CANNOT_SAY, FIRST, PolicyValueReport
from attune_fit.policy_value_records import NO_RATING, NO_START, join_lists
from attune_fit.workspace import Workspace
from benchmarks.policy_clinics import LoggedClinic, write_logged_clinic
from tests.conftest import SAMPLE, Attune

N = 130


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> LoggedClinic:
    return write_logged_clinic(tmp_path_factory.mktemp("policy") / "clinic", 3, N, n_therapists=16, population=420)


@pytest.fixture(scope="module")
def report(made: LoggedClinic) -> PolicyValueReport:
    one: PolicyValueReport = Workspace(made.folder).policy_value().result
    return one


def test_it_answers_from_the_log_and_the_outcomes(report: PolicyValueReport, made: LoggedClinic) -> None:
    value = report.value
    assert (report.n_lists, report.n_with_draw, dict(report.left_out)) == (N, N, {})
    assert report.places[FIRST] != 0
    assert 50 <= value.effective_size <= N
    assert value.gain is not None
    assert value.policy is not None
    assert value.gain.low < made.first - made.done < value.gain.high
    assert value.gain.high - value.gain.low < 10
    assert report.rank is not None
    assert report.rank.b < 0, "the lists are valid here"
    assert "95% interval" in report.summary


def test_dict_frame_and_json_have_the_figures_and_hide_small_counts(
    report: PolicyValueReport, made: LoggedClinic, attune: Attune, tmp_path: Path
) -> None:
    plain = json.loads(attune("policy-value", made.folder, "--json").stdout)
    assert plain["gain"]["value"] == pytest.approx(report.value.gain and report.value.gain.value)
    assert (plain["has_answer"], plain["refusal"]) == (True, "")
    frame = report.to_frame().set_index("figure")
    assert frame.loc["difference", "low"] == pytest.approx(plain["gain"]["low"])
    shown = [count for count in report.places.values() if isinstance(count, int)]
    assert all(count == 0 or count >= 10 for count in shown)
    assert N - sum(shown) not in range(1, 10)
    assert "n" not in plain["rank"], "less the places, it gives how often a therapist was not on the list"
    done = attune("policy-value", made.folder, "--out", tmp_path / "value.csv")
    assert "effective sample size" in done.output
    assert len((tmp_path / "value.csv").read_text().splitlines()) == 1 + len(frame)


def test_a_line_without_the_draw_counts_as_it_was(
    made: LoggedClinic, report: PolicyValueReport, tmp_path: Path
) -> None:
    folder = tmp_path / "clinic"
    shutil.copytree(made.folder, folder)
    log = folder / "artifacts" / "rankings.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    log.write_text("".join(json.dumps({name: one[name] for name in one if name != "draw"}) + "\n" for one in lines))
    value: PolicyValueReport = Workspace(folder).policy_value().result
    assert (value.n_lists, value.n_with_draw) == (N, 0)
    assert value.value.effective_size < report.value.effective_size, "the draw is information"


def test_few_lists_cannot_say_and_no_list_says_how_to_start(clinic: Path, attune: Attune) -> None:
    done = attune("policy-value", clinic)
    assert done.exit_code == 0
    assert CANNOT_SAY in done.output
    assert "The log has no list" in done.output


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    folder = tmp_path / "clinic"
    shutil.copytree(SAMPLE, folder)
    return folder


def log_lists(folder: Path, client_ids: list[str], kind: str = "rank", day: int = 1, shown: int | None = None) -> None:
    workspace = af.open_clinic(folder)
    rankings = list(rank_each(workspace.get_scorer(None), client_ids))
    now = dt.datetime(2026, 1, day, tzinfo=dt.UTC)
    assert log_rankings(Clinic.open(folder), rankings, shown, now, kind) is None


def test_the_first_start_after_the_list_counts_and_the_offer_names_the_list(clinic: Path) -> None:
    waiting = list_waiting(clinic)
    client = waiting[0]
    log_lists(clinic, waiting[:3], day=1)
    log_lists(clinic, [client], day=2, shown=1)
    log_lists(clinic, [client], kind="rematch", day=3)
    therapist = af.open_clinic(clinic).rank(client).to_frame()["therapist_id"].iloc[0]
    record_start(clinic, client, therapist, line=1)
    joined = join_lists(Workspace(clinic))
    assert (joined.n_clients, joined.left_out) == (3, {NO_START: 2, NO_RATING: 1})
    fields: dict[str, Any] = {"session": 3, "instrument": "WAI-SR", "rater": "client", "score": 4.0}
    Workspace(clinic).record("score_recorded", client=client, therapist=therapist, actor="ana", **fields)
    (record,) = join_lists(Workspace(clinic)).records
    assert record.chosen == 1
    assert record.y == pytest.approx(75)
    assert record.draw is not None
    assert len(record.shown) > 1, "the list of line 1, which the offer names"


def record_start(folder: Path, client: str, therapist: str, line: int) -> None:
    workspace = Workspace(folder)
    workspace.record("offered", client=client, therapist=therapist, line=line, actor="ana")
    workspace.record("accepted", client=client, therapist=therapist, actor="ana")
    workspace.record("started", client=client, therapist=therapist, actor="ana")


def list_waiting(folder: Path) -> list[str]:
    workspace = af.open_clinic(folder)
    scorer = workspace.get_scorer(None)
    ids = workspace.tables.clients["client_id"]
    waiting = [one for one in ids if one not in set(workspace.tables.outcomes["client_id"])]
    return [one.client_id for one in rank_each(scorer, waiting) if len(one.candidates) > 1]
