"""The registry of hypotheses: what was frozen, before which outcomes, and what was changed since."""

import datetime as dt
import json
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import attune_fit as af
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.sealed_files import HYPOTHESES, RANKING_LOG, append_sealed, check_sealed_files
from attune_fit.training.hypotheses import hypothesis_registry
from attune_fit.training.hypotheses.hypothesis import Hypothesis
from attune_fit.training.hypotheses.hypothesis_feature import HypothesisFeature
from attune_fit.training.hypotheses.hypothesis_registry import (
    HypothesisRegistry,
    append_hypothesis,
    find_registration,
    read_registry,
)

ONE = Hypothesis(
    name="one",
    claim="a claim",
    feature=HypothesisFeature(client="attachment_avoidance", therapist="warm_support_style", compare="product"),
)


@pytest.fixture(scope="module")
def tables() -> Tables:
    return af.simulate(clients=60, therapists=6, seed=5).workspace().tables


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic.open(tmp_path)


def keep_outcomes(tables: Tables, number: int) -> Tables:
    return replace(tables, outcomes=tables.outcomes.iloc[:number])


def find_sentence(clinic: Clinic, tables: Tables, hypothesis: Hypothesis = ONE) -> str:
    return find_registration(clinic, tables, hypothesis, 40).sentence


def test_a_hypothesis_that_was_not_registered(clinic: Clinic, tables: Tables) -> None:
    assert find_sentence(clinic, tables) == "Not registered before this test."
    assert not (clinic.artifacts / HYPOTHESES.file).exists()


def test_registered_before_any_outcome(clinic: Clinic, tables: Tables) -> None:
    entry = append_hypothesis(clinic, keep_outcomes(tables, 0), ONE, by="a person")
    assert (entry.n_outcomes, entry.by, entry.line, entry.digest) == (0, "a person", 1, ONE.digest)
    state = find_registration(clinic, tables, ONE, 40)
    assert state.is_registered
    assert "before any of the 40 outcomes was in the tables." in state.sentence


def test_registered_after_some_of_the_outcomes(clinic: Clinic, tables: Tables) -> None:
    some = keep_outcomes(tables, 30)
    entry = append_hypothesis(clinic, some, ONE)
    assert 0 < entry.n_outcomes < 30  # several rows of one pair are one outcome
    state = find_registration(clinic, tables, ONE, 40)
    assert (state.outcomes_present, state.outcomes_used) == (entry.n_outcomes, 40)
    assert f"after {entry.n_outcomes} of 40 outcomes were in the tables." in state.sentence


def test_registered_after_all_outcomes(clinic: Clinic, tables: Tables) -> None:
    append_hypothesis(clinic, tables, ONE)
    assert find_sentence(clinic, tables).endswith("after all 40 outcomes were in the tables.")


def test_the_outcomes_of_the_alternatives_count_too(clinic: Clinic, tables: Tables) -> None:
    unknown = tables.outcomes["dropped_out"].where(tables.outcomes["dropped_out"].isna())
    rated = replace(tables, outcomes=tables.outcomes.assign(dropped_out=unknown))
    of_dropout = ONE.model_copy(update={"outcome": "dropout"})
    assert append_hypothesis(clinic, rated, of_dropout).n_outcomes == 0
    both = Hypothesis.model_validate({**of_dropout.to_dict(), "alternatives": {"outcomes": ["total"]}})
    assert append_hypothesis(clinic, rated, both).n_outcomes > 40


def test_a_changed_file_is_named_with_its_changed_keys(clinic: Clinic, tables: Tables) -> None:
    append_hypothesis(clinic, keep_outcomes(tables, 0), ONE)
    changed = Hypothesis.model_validate(
        {**ONE.to_dict(), "direction": "+", "feature": {**ONE.to_dict()["feature"], "power": {"client": 2}}}
    )
    sentence = find_sentence(clinic, tables, changed)
    assert sentence.startswith("Changed since it was registered on ")
    assert sentence.endswith(": `direction`, `feature.power.client`.")
    assert not find_registration(clinic, tables, changed, 40).is_registered


def test_the_same_content_is_registered_once(clinic: Clinic, tables: Tables) -> None:
    append_hypothesis(clinic, tables, ONE)
    with pytest.raises(af.DataFault) as caught:
        append_hypothesis(clinic, tables, ONE)
    assert [fault.id for fault in caught.value.faults] == ["hypothesis-registered"]
    assert len(read_registry(clinic).entries) == 1


def test_a_wrong_column_is_found_before_anything_is_frozen(clinic: Clinic, tables: Tables) -> None:
    with pytest.raises(af.DataFault):
        append_hypothesis(clinic, tables, ONE.model_copy(update={"covariates": ["clients.nothing"]}))
    assert read_registry(clinic).entries == ()


def test_a_line_that_was_changed_by_hand_is_stated_with_the_registration(clinic: Clinic, tables: Tables) -> None:
    append_hypothesis(clinic, tables, ONE)
    path = clinic.artifacts / HYPOTHESES.file
    line = json.loads(path.read_text())
    assert line["n_outcomes"] > 0
    path.write_text(json.dumps({**line, "n_outcomes": 0}) + "\n")
    assert "The registry was changed: " in find_sentence(clinic, tables)
    assert not check_sealed_files(clinic.artifacts)[HYPOTHESES.file].is_whole
    assert not find_registration(clinic, tables, ONE, 40).is_registered


def test_a_registry_that_was_written_anew_lacks_the_end_that_a_log_names(clinic: Clinic, tables: Tables) -> None:
    append_hypothesis(clinic, tables, ONE)
    append_sealed(clinic.artifacts, RANKING_LOG, [{"client_id": "c1"}])
    for path in clinic.artifacts.glob("hypotheses.*"):
        path.unlink()
    append_hypothesis(clinic, keep_outcomes(tables, 0), ONE)
    state = find_registration(clinic, tables, ONE, 40)
    assert not state.is_registered
    assert "The registry was changed: " in state.sentence


@pytest.mark.parametrize("days", [-1, 2])
def test_a_clock_that_was_changed_is_stated(
    clinic: Clinic, tables: Tables, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    append_hypothesis(clinic, tables, ONE.model_copy(update={"name": "first"}))
    with monkeypatch.context() as patch:
        patch.setattr(hypothesis_registry, "dt", build_clock(days))
        append_hypothesis(clinic, keep_outcomes(tables, 0), ONE)
    assert read_registry(clinic).faults
    assert not find_registration(clinic, tables, ONE, 40).is_registered


def test_a_line_without_a_date_registers_nothing(clinic: Clinic, tables: Tables) -> None:
    fields = {"name": "one", "digest": ONE.digest, "hypothesis": {}, "n_outcomes": 0, "n_rows": 0, "outcomes": ""}
    append_sealed(clinic.artifacts, HYPOTHESES, [{**fields, "when": "long ago"}])
    assert not find_registration(clinic, tables, ONE, 40).is_registered


def build_clock(days: int) -> SimpleNamespace:
    """Return a module ``datetime`` whose clock differs by days."""
    now = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    return SimpleNamespace(
        UTC=dt.UTC, datetime=SimpleNamespace(now=lambda _: now, fromisoformat=dt.datetime.fromisoformat)
    )


def test_outcomes_hidden_at_the_registration_show_by_their_dates(clinic: Clinic, tables: Tables) -> None:
    append_hypothesis(clinic, keep_outcomes(tables, 0), ONE)
    dated = int(tables.outcomes["measured_on"].notna().sum())
    assert f"{dated} rows of `outcomes` hold an earlier date, but 0 were in the table" in find_sentence(clinic, tables)
    later = tables.outcomes.assign(measured_on=tables.outcomes["measured_on"] + pd.DateOffset(years=50))
    assert "earlier date" not in find_sentence(clinic, replace(tables, outcomes=later))


def test_rows_without_a_known_outcome_are_counted(clinic: Clinic, tables: Tables) -> None:
    unknown = tables.outcomes.assign(instrument=None)  # as when clinic.toml does not name the instrument
    append_hypothesis(clinic, replace(tables, outcomes=unknown.astype({"instrument": "str"})), ONE)
    sentence = find_sentence(clinic, tables)
    assert f"`outcomes` had {len(unknown)} rows then" in sentence
    assert "before any" not in sentence


def test_other_versions_of_a_name_are_counted(clinic: Clinic, tables: Tables) -> None:
    append_hypothesis(clinic, tables, ONE.model_copy(update={"direction": "+"}))
    append_hypothesis(clinic, tables, ONE)
    assert "1 other version with this name is registered." in find_sentence(clinic, tables)


def test_what_another_process_has_registered_meanwhile_is_not_added(
    clinic: Clinic, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    def register_first(*_: object) -> None:
        monkeypatch.undo()
        append_hypothesis(clinic, tables, ONE)

    monkeypatch.setattr(hypothesis_registry, "check_artifacts_writable", register_first)
    with pytest.raises(af.DataFault):
        append_hypothesis(clinic, tables, ONE)
    assert len(read_registry(clinic).entries) == 1


def test_a_full_disk_registers_nothing(clinic: Clinic, tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="No space"):
            append_hypothesis(clinic, tables, ONE)
    assert read_registry(clinic) == HypothesisRegistry()
    append_hypothesis(clinic, tables, ONE)
    assert find_registration(clinic, tables, ONE, 40).is_registered


def test_the_registry_holds_no_cell(clinic: Clinic, tables: Tables) -> None:
    append_hypothesis(clinic, tables, ONE)
    text = (clinic.artifacts / HYPOTHESES.file).read_text()
    assert not any(client in text for client in tables.clients["client_id"])
