"""Who is set aside is named by every verb that lists people; a verb about such a client is refused."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import attune_fit as af
from attune_fit.clinic_session import MOST_SET_ASIDE_TEXTS
from attune_fit.data.command_words import format_word
from attune_fit.data.faults import DataFault
from tests.conftest import Attune
from tests.data.conftest import ClinicFolder

CLIENTS = "client_id,age,gender,referred_on\nann,34,woman,2026-05-01\nben,51,man,2026-05-02\ncat,27,woman,2026-05-20\n"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic in which ann has a wish that cannot be read, and tom openings; no client has met a therapist."""
    made = ClinicFolder(tmp_path_factory.mktemp("clinic")).put("clients.csv", CLIENTS)
    made.change("preferences.csv", "must", "shall").change("therapists.csv", ",2,", ",few,").drop("outcomes.csv")
    return made.change("therapists.csv", "english,0", "english,3").folder


@pytest.mark.parametrize(
    "call",
    [
        lambda one: one.rank("ben"),
        lambda one: one.rank_waiting(),
        lambda one: one.worklist(),
        lambda one: one.assign(),
        lambda one: one.capacity(),
    ],
)
def test_every_list_names_who_is_set_aside(clinic: Path, call: Callable[[af.Workspace], af.Result]) -> None:
    result = call(af.open_clinic(clinic))
    assert [text.split(".")[0] for text in result.set_aside] == ["Set aside: client ann", "Set aside: therapist tom"]
    assert "ann" in repr(result)
    assert pickle.loads(pickle.dumps(result)).set_aside == result.set_aside  # noqa: S301


@pytest.mark.parametrize("verb", ["rank", "relax", "rematch"])
def test_a_client_who_is_set_aside_gets_the_reason(clinic: Path, verb: str) -> None:
    with pytest.raises(DataFault) as raised:
        getattr(af.open_clinic(clinic), verb)("ann")
    assert [fault.sets_aside for fault in raised.value.faults] == [("ann",)]
    assert "preferences, strength" in str(raised.value)


def test_all_others_are_ranked_and_placed(clinic: Path, tmp_path: Path) -> None:
    opened = af.open_clinic(clinic)
    assert {one.client_id: len(one.candidates) for one in opened.rank_waiting().result} == {
        "ann": 0,
        "ben": 1,
        "cat": 1,
    }
    placed = opened.assign().to_frame().set_index("client_id")["therapist_id"].dropna()
    assert placed.to_dict() == {"ben": "una", "cat": "una"}
    opened.write_rankings(tmp_path / "all.csv")
    rows = pd.read_csv(tmp_path / "all.csv")
    assert len(rows) == 6  # the whole roster for every client
    assert rows[rows["client_id"] == "ann"]["rule"].str.contains("readable").all()
    entries = {one.client_id: one.is_set_aside for one in opened.worklist().result}
    assert entries == {"ann": True, "ben": False, "cat": False}


def test_the_commands_say_it_first_and_end_as_they_should(clinic: Path, attune: Attune) -> None:
    def run(*words: str) -> tuple[int, str]:
        result = attune(words[0], clinic, *words[1:], columns=80)
        return result.exit_code, result.stdout if words[0] != "rank" or "ann" not in words else result.output

    code, text = run("rank", "--waiting")
    assert (code, text.splitlines()[0][:21]) == (0, "Set aside: client ann")
    assert run("rank", "--client", "ben")[0] == 0
    assert run("assign")[0] == 0
    code, text = run("rank", "--client", "ann")
    assert code == 1
    assert "client ann" in text
    code, text = run("check")
    assert code == 1
    assert "client ann" in " ".join(text.split())


def test_many_faults_are_named_without_their_remedies(clinic: Path, tmp_path: Path) -> None:
    wishes = [f"ann,gender,woman,{word}" for word in ("must",)] + ["ben,gender,womn,never", "cat,height,3,must"]
    made = ClinicFolder(tmp_path).put("clients.csv", CLIENTS).drop("outcomes.csv")
    made.put("preferences.csv", "\n".join(["client_id,attribute,value,strength", *wishes, "ann,age,old,must", ""]))
    made.change("therapists.csv", ",2,2026-06-01", ",few,last week")
    texts = af.open_clinic(tmp_path).list_set_aside()
    assert len(texts) == MOST_SET_ASIDE_TEXTS + 1
    assert texts[-1] == f"Set aside too: therapist tom. What to do: attune check {format_word(tmp_path)}"
