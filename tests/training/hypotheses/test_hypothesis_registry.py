"""The registry of hypotheses: what was frozen, before which outcomes, and what was changed since."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import attune_fit as af
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.sealed_files import HYPOTHESES, check_sealed_files
from attune_fit.training.hypotheses.hypothesis import Hypothesis
from attune_fit.training.hypotheses.hypothesis_feature import HypothesisFeature
from attune_fit.training.hypotheses.hypothesis_registry import append_hypothesis, find_registration, read_registry

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
    assert state.sentence.endswith("before any of the 40 outcomes was in the tables.")


def test_registered_after_some_of_the_outcomes(clinic: Clinic, tables: Tables) -> None:
    some = keep_outcomes(tables, 30)
    entry = append_hypothesis(clinic, some, ONE)
    assert 0 < entry.n_outcomes < 30  # several rows of one pair are one outcome
    state = find_registration(clinic, tables, ONE, 40)
    assert (state.outcomes_present, state.outcomes_used) == (entry.n_outcomes, 40)
    assert state.sentence.endswith(f"after {entry.n_outcomes} of 40 outcomes were in the tables.")


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


def test_the_registry_holds_no_cell(clinic: Clinic, tables: Tables) -> None:
    append_hypothesis(clinic, tables, ONE)
    text = (clinic.artifacts / HYPOTHESES.file).read_text()
    assert not any(client in text for client in tables.clients["client_id"])
