"""`rank --facts` prints the two fields behind each reason, and what can be checked in the two rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from attune_fit.app.views.candidate_facts import format_fields, list_fact_lines
from attune_fit.app.views.ranking import show_ranking
from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.matching.ranking.candidate_facts import CandidateFacts, read_facts
from attune_fit.matching.ranking.compared_fields import FieldPair
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.ranking_result import Reason
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.matching.builders import opened, published
from tests.strategies import AS_OF, clinic

ROSTER: dict[str, Any] = {
    "presenting_problems": ["grief|stress"],
    "availability": ["mon-am|tue-pm"],
    "payer": ["aetna"],
    "directiveness_preference": [7.0],
}
THERAPISTS: dict[str, Any] = {
    "specialties": ["grief", "trauma"],
    "availability": ["mon-am|tue-pm", "mon-am"],
    "directiveness_style": [6.0, -9.0],
    "payers": ["aetna", None],
    "open_slots": [2.0, None],
    "updated_on": [pd.Timestamp(AS_OF - dt.timedelta(days=1)), pd.Timestamp(AS_OF - dt.timedelta(days=400))],
}
TABLES = clinic(ROSTER, THERAPISTS)


def read(therapist: int) -> CandidateFacts:
    return read_facts(RosterScorer.from_clinic(published(), opened(), TABLES).sides, 0, therapist, 180)


def test_facts_are_lines_and_unknown_is_said() -> None:
    assert list(list_fact_lines(read(0))) == [
        ("in common", "times mon-am + tue-pm, formats unknown, languages unknown, problems grief"),
        ("style", "directiveness: client prefers +7, therapist +6 (scale -15 to 15)"),
        ("roster", f"row checked on {AS_OF - dt.timedelta(days=1)}, 1 day ago; 2 openings"),
    ]
    assert [text for _, text in list_fact_lines(read(1))] == [
        "times mon-am, formats unknown, languages unknown, problems none",
        "directiveness: client prefers +7, therapist -9 (scale -15 to 15)",
        f"row checked on {AS_OF - dt.timedelta(days=400)}, 400 days ago, more than 180 days; openings unknown",
    ]


def test_several_styles_are_named_together_and_one_by_its_cells() -> None:
    one = FieldPair("warm_support_preference", -4.0, "warm_support_style", None)
    other = FieldPair("past_focus_preference", 1.0, "past_focus_style", 2.0)
    problems = FieldPair("presenting_problems", ("grief",), "specialties", ("grief", "stress"))
    reason = Reason("x", "style", "x", 0.1)
    assert format_fields(reason) == ""
    single = Reason("x", "style", "x", 0.1).attach(lambda: (one,))
    assert format_fields(single) == "client's warm support preference: -4 – therapist's warm support style: unknown"
    several = Reason("x", "style", "x", 0.1).attach(lambda: (one, other, problems))
    assert format_fields(several) == (
        "the styles below; client's presenting problems: grief – therapist's specialties: grief, stress"
    )


@pytest.mark.parametrize("facts", [True, False])
def test_a_shortlist_has_facts_only_on_request(
    facts: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    ranking = rank(RosterScorer.from_clinic(published(), opened("[rules.roster_age]\non = false"), TABLES), "c0")
    show_ranking(ranking, WAI_SR, "", band=0.55, facts=facts)
    shown = " ".join(capsys.readouterr().out.split())
    assert "specialises in the client's main problem" in shown
    for text in (
        "client's presenting problems: grief, stress – therapist's specialties: grief",
        "in common times mon-am + tue-pm",
        "to ask not known whether the client's payer is accepted; not known whether there is an opening",
    ):
        assert (text in shown) is facts
