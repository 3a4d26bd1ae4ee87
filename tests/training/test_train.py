"""From a clinic folder to a live model, for clinics of every kind."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.columns import TABLES
from attune_fit.data.clinic.pair_states import Offer, PairStates
from attune_fit.data.clinic_lock import lock_clinic
from attune_fit.data.command_words import format_word
from attune_fit.data.faults import DataFault
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.data.synthetic.simulate import simulate, write_clinic
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.active_model import load_active_model, load_starting_model
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.evaluation.metrics import METRICS
from attune_fit.training.methods.model_catalogue import MODELS
from attune_fit.training.promotion.activate import promote_bundle
from attune_fit.training.promotion.ledger import read_ledger as read_ledger
from attune_fit.training.promotion.mlflow_tracking import TrainingRun
from attune_fit.training.train import TrainingResult, train
from tests.fault_descriptions import raises_faults
from tests.training.builders import grow_trees_always, spoil

pytestmark = pytest.mark.usefixtures("untracked")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic clinic of 200 clients as written."""
    folder = tmp_path_factory.mktemp("drawn") / "clinic"
    write_clinic(simulate(200, 10, seed=4), folder)
    return folder


@pytest.fixture
def folder(drawn: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(drawn, tmp_path / "clinic"))


@pytest.fixture(scope="module")
def usual(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingResult:
    """What training on the clinic as drawn gives."""
    place = Path(shutil.copytree(drawn, tmp_path_factory.mktemp("usual") / "clinic"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("attune_fit.training.train.open_run_store", lambda *_: "")
        patch.setattr("attune_fit.training.promotion.run_recorder.log_training", lambda *_: "untracked")
        return trained(place)


def trained(folder: Path, messages: list[str] | None = None, trials: int = 0) -> TrainingResult:
    clinic = Clinic.open(folder)
    return train(
        clinic, read_tables(clinic), trials=trials, report_progress=(messages if messages is not None else []).append
    )


def scores_are_finite(folder: Path) -> bool:
    """Return whether the live model has a finite score for every pair."""
    clinic = Clinic.open(folder)
    tables = read_tables(clinic)
    parts = load_active_model(clinic, tables).compute_parts(Pairs.cross(Sides(tables)))
    return bool(np.isfinite(parts.score).all() and np.isfinite(parts.sd).all())


def test_a_training_leaves_a_live_bundle_a_card_and_a_line_in_the_ledger(folder: Path) -> None:
    messages: list[str] = []
    done = trained(folder, messages)
    written = {str(path.relative_to(folder / "artifacts")) for path in (folder / "artifacts").rglob("*.*")}
    files = ["bundle.json", "model.json", "recipe.json", "card.md", "card.json"]
    files += [] if done.model.learned is None else ["booster.txt"]
    assert written == {f"bundles/{done.bundle}/{file}" for file in files} | {"live.json", "ledger.jsonl", "ledger.seal"}
    assert done.folder == folder / "artifacts" / "bundles" / done.bundle
    assert done.run == "untracked"
    assert done.verdict == done.model.verdict
    assert done.n_outcomes == done.model.n_outcomes > 100
    assert set(done.metrics) <= {row.name for row in METRICS}
    assert {"out_of_fold_r", "rmse", "new_therapist_r", "later_r"} <= set(done.metrics)
    assert done.model.instrument == "WAI-SR"
    assert len(done.model.width.below) > 0
    assert done.promoted
    assert re.match(r"On \d+ held-out records: not measurably worse than the starting model \(", done.because)
    card = (done.folder / "card.md").read_text()
    assert done.verdict.sentence in card
    assert done.because in card
    assert all(f"| {row.name} |" in card for row in METRICS)
    (entry,) = read_ledger(folder / "artifacts" / "ledger.jsonl").entries
    assert (entry.what, entry.bundle, entry.replaced, entry.why) == ("promoted", done.bundle, "day0", done.because)
    assert messages[0] == f"Building the features of {done.n_outcomes} early alliance records."

    clinic = Clinic.open(folder)
    tables = read_tables(clinic)
    pairs = Pairs.cross(Sides(tables), range(5))
    assert load_active_model(clinic, tables).bundle == done.bundle
    np.testing.assert_array_equal(
        load_active_model(clinic, tables).compute_parts(pairs).score, done.model.compute_parts(pairs).score
    )


def test_a_second_training_is_compared_with_the_live_model(folder: Path, usual: TrainingResult) -> None:
    """The same tables change nothing; shuffled outcomes are refused, and the live model stays."""
    shutil.copytree(usual.folder.parent.parent, folder / "artifacts")
    card = (usual.folder / "card.md").read_bytes()
    again = trained(folder)
    assert (again.bundle, again.promoted) == (usual.bundle, True)
    assert again.because == "The new model is identical to the live bundle."
    assert (again.folder / "card.md").read_bytes() == card, "it keeps the decision that made it live"

    rng = np.random.default_rng(0)
    spoil(folder, "outcomes", lambda frame: frame.assign(client_id=frame["client_id"].map(dealt(frame, rng))))
    shuffled = trained(folder)
    assert not shuffled.promoted
    assert "show no relation to the intake answers (p = 0." in shuffled.because
    assert shuffled.because.endswith(f"Bundle {usual.bundle} stays live.")
    clinic = Clinic.open(folder)
    assert load_active_model(clinic, read_tables(clinic)).bundle == usual.bundle
    lines = read_ledger(folder / "artifacts" / "ledger.jsonl")
    assert [one.what for one in lines.entries] == ["promoted", "kept", "refused"]
    assert lines.faults == ()


def dealt(frame: pd.DataFrame, rng: np.random.Generator) -> dict[str, str]:
    """Another client for each."""
    names = frame["client_id"].unique()
    return dict(zip(names, rng.permutation(names), strict=True))


def test_a_live_bundle_that_cannot_be_read_does_not_block_training(folder: Path) -> None:
    (folder / "artifacts").mkdir()
    (folder / "artifacts" / "live.json").write_text('{"bundle": "0123456789ab"}')
    done = trained(folder)
    assert done.promoted
    assert done.because == (
        "The live model cannot be read (artifacts/live.json: it names the bundle `0123456789ab`, which is not in "
        "artifacts/bundles), so the new model was not compared with it."
    )


def test_the_same_data_and_seed_give_the_same_bytes(folder: Path, usual: TrainingResult) -> None:
    again = trained(folder)
    assert again.bundle == usual.bundle
    for file in again.folder.iterdir():
        assert file.read_bytes() == (usual.folder / file.name).read_bytes()


def test_the_order_of_rows_changes_nothing(folder: Path, usual: TrainingResult) -> None:
    for table in TABLES:
        spoil(folder, table, lambda frame: frame.sample(frac=1, random_state=7))
    assert trained(folder).bundle == usual.bundle


def test_another_day_and_an_offer_change_nothing(folder: Path, usual: TrainingResult) -> None:
    """Else each day would have a bundle of its own, and a search could not go on on the next day."""
    clinic = Clinic.open(folder)
    tables = read_tables(clinic, dt.date(2040, 2, 29))
    first = tables.outcomes.iloc[0]
    offer = Offer(str(first["client_id"]), str(first["therapist_id"]), "offered", dt.date(2040, 3, 1))
    tables = replace(tables, pair_states=PairStates(offers=(offer,)), last_event=1)
    assert tables.digest() != read_tables(clinic).digest()
    assert train(clinic, tables).bundle == usual.bundle


def test_the_names_of_people_change_nothing_but_the_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "attune", replace(MODELS["attune"], choose_recipe=grow_trees_always))
    usual = trained(Path(shutil.copytree(folder, folder.parent / "usual")))
    for table in TABLES:

        def renamed(frame: pd.DataFrame) -> pd.DataFrame:
            ids = [column for column in ("client_id", "therapist_id") if column in frame]
            return frame.assign(**{column: frame[column].map(lambda one: f"x{hash_of(one)}") for column in ids})

        spoil(folder, table, renamed)
    other = trained(folder)
    renamed_model, before = (json.loads((one.folder / "model.json").read_text()) for one in (other, usual))
    for renamed_ids, ids in zip(take_ids(renamed_model), take_ids(before), strict=True):
        assert renamed_ids == [f"x{hash_of(one)}" for one in ids]
    assert renamed_model.pop("data_digest") != before.pop("data_digest")
    assert renamed_model == before
    assert (other.folder / "booster.txt").read_bytes() == (usual.folder / "booster.txt").read_bytes()


def take_ids(model: dict[str, Any]) -> list[list[str]]:
    """Remove the ids of therapists from each part of a model, and return them."""
    effects = [model["therapists"], *(part["therapists"] for part in (model["dropout"], *model["scales"]["contrasts"]))]
    return [part.pop("ids") for part in effects]


def hash_of(name: str) -> int:
    """Another name, in another alphabetical order."""
    return (int(name[1:]) * 7919 + 13) % 100_003


def test_the_truth_beside_a_synthetic_clinic_is_never_read(folder: Path, usual: TrainingResult) -> None:
    for file in (folder / "truth").iterdir():
        file.write_bytes(b"poison")
    assert trained(folder).bundle == usual.bundle
    shutil.rmtree(folder / "truth")
    assert trained(folder).bundle == usual.bundle


def test_a_bundle_names_no_client(usual: TrainingResult) -> None:
    texts = "".join(file.read_text() for file in usual.folder.iterdir())
    assert '"c0' not in texts
    assert '"t0' in texts  # therapists' effects need their ids


def test_without_outcomes_it_is_the_model_that_ships(folder: Path) -> None:
    spoil(folder, "outcomes", lambda frame: frame[:0])
    messages: list[str] = []
    done = trained(folder, messages)
    assert messages[0] == (
        "There are no early alliance records yet, so the model is the starting model from synthetic clinics."
    )
    assert (done.verdict.kind, done.n_outcomes, done.metrics) == ("published", 0, {})
    assert (done.promoted, done.because) == (
        False,
        "There are no early alliance records to learn from. The starting model stays live.",
    )
    np.testing.assert_array_equal(done.model.evidence.mean, load_starting_model().evidence.mean)
    assert done.model.learned is None
    assert scores_are_finite(folder)


def test_one_outcome_moves_the_model_a_little(folder: Path) -> None:
    spoil(folder, "outcomes", lambda frame: frame[(frame["rater"] == "client") & frame["score"].notna()][:1])
    messages: list[str] = []
    done = trained(folder, messages)
    assert messages[1] == (
        "All records are of one client, so no metric can be measured. They still move the published weights."
    )
    assert done.verdict.sentence.startswith("Your 1 record cannot yet tell which therapist suits which client.")
    moved = np.abs(done.model.evidence.mean - load_starting_model().evidence.mean)
    assert 0 < moved[1:].max() < 1
    assert done.model.learned is None
    assert scores_are_finite(folder)


def test_one_therapist(folder: Path) -> None:
    spoil(folder, "therapists", lambda frame: frame[:1])
    (folder / "conflicts.csv").unlink()
    done = trained(folder)
    assert done.verdict.kind == "nothing"
    assert len(done.model.therapists.ids) == 1
    assert scores_are_finite(folder)


def test_ids_and_scores_alone_are_enough(folder: Path) -> None:
    (folder / "preferences.csv").unlink()
    spoil(folder, "clients", lambda frame: frame[["client_id"]])
    spoil(folder, "therapists", lambda frame: frame[["therapist_id"]])
    spoil(folder, "outcomes", lambda frame: frame[["client_id", "therapist_id", "instrument", "score"]])
    done = trained(folder)
    assert done.verdict.r is None
    assert "later_r" not in done.metrics
    assert "not measured" in (done.folder / "card.md").read_text()
    assert scores_are_finite(folder)


OWN = """
[[features]]
name = "same_field"
client = "field"
therapist = "field"
compare = "same"
direction = "+"
weight = 0.2
"""


def with_own_feature(folder: Path, effect: float) -> TrainingResult:
    """Train with a feature of the clinic's own that has an effect of ``effect`` WAI-SR points."""
    (folder / "clinic.toml").write_text((folder / "clinic.toml").read_text() + OWN)
    rng = np.random.default_rng(0)
    for table in ("clients", "therapists"):
        spoil(folder, table, lambda frame: frame.assign(field=rng.choice(["law", "art"], len(frame))))
    clients, therapists, outcomes = (
        pd.read_csv(folder / f"{table}.csv", dtype=str) for table in ("clients", "therapists", "outcomes")
    )
    same = outcomes["client_id"].map(clients.set_index("client_id")["field"]) == outcomes["therapist_id"].map(
        therapists.set_index("therapist_id")["field"]
    )
    score = np.clip(3.5 + effect * same + rng.normal(0, 0.4, len(outcomes)), 1, 5).round(3)
    spoil(folder, "outcomes", lambda frame: frame.assign(score=score))
    return trained(folder)


def test_a_feature_of_the_clinics_own_counts_when_it_adds_something(folder: Path) -> None:
    done = with_own_feature(folder, effect=0.8)
    assert done.verdict.kind == "adds"
    assert done.model.feature_names[-1] == "same_field"
    assert done.model.evidence.mean[-1] > 1.3 * 0.2 * done.model.evidence.unit
    assert scores_are_finite(folder)


def test_it_stays_at_its_prior_when_nothing_is_found(folder: Path) -> None:
    done = with_own_feature(folder, effect=0.0)
    assert done.verdict.kind == "nothing"
    evidence = done.model.evidence
    assert evidence.mean[-1] == pytest.approx(0.2 * evidence.unit)
    assert evidence.cov[-1, -1] == pytest.approx((0.05 * evidence.unit) ** 2)


def test_a_column_of_one_value_does_no_harm(folder: Path) -> None:
    spoil(folder, "clients", lambda frame: frame.assign(phq9="9", gender="f"))
    spoil(folder, "therapists", lambda frame: frame.assign(gender="f", interpersonal_skill="3"))
    trained(folder)
    assert scores_are_finite(folder)


def test_trials_are_reported_and_recorded(folder: Path) -> None:
    messages: list[str] = []
    recorded_runs: list[TrainingRun] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "attune_fit.training.promotion.run_recorder.log_training",
            lambda artifacts, bundle, training: recorded_runs.append(training),
        )
        done = trained(folder, messages, trials=1)
    assert any(line.startswith("Trial 1 of 1: lowest error so far ") for line in messages)
    assert (folder / "artifacts" / "optuna.db").exists()
    (trial,) = (part for part in recorded_runs[0].child_runs if part.name.startswith("trial"))
    assert (trial.name, trial.params["trees"], trial.params["pruned"]) == (
        "trial 0",
        TreeHyperparameters().trees,
        False,
    )
    assert 5 < trial.metrics["rmse_out_of_fold"] < 40
    sentence = "The search of 1 trial changed nothing: the default settings give the same model."
    assert done.tuning is not None
    assert done.tuning.sentence == sentence
    assert sentence in (done.folder / "card.md").read_text()
    run = recorded_runs[0]
    assert sentence in run.description
    assert done.because in run.description
    assert sentence in run.card_page
    figures = {
        *("held_out_r", "rmse", "calibration_slope", "records", "therapists"),
        *("pair_added_r", "pair_added_r_low", "pair_added_r_high", "pair_added_p"),
        *("learning_gain", "learning_gain_low", "learning_gain_high"),
    }
    assert figures <= run.metrics.keys() <= figures | {"dropout_auc", "dropout_slope"}
    assert run.metrics["held_out_r"] == done.metrics["out_of_fold_r"]
    assert (run.metrics["pair_added_r_low"], run.metrics["pair_added_p"]) == (done.verdict.low, done.verdict.p)
    assert run.metrics["records"] == done.n_outcomes


def test_a_clinic_that_cannot_be_written_is_an_error_before_anything_is_computed(folder: Path) -> None:
    (folder / "artifacts").mkdir()
    (folder / "artifacts" / "bundles").write_text("a file where the folder should be")
    messages: list[str] = []
    with raises_faults("artifacts/bundles: artifacts-not-writable (File exists)"):
        trained(folder, messages)
    assert messages == []
    assert [path.name for path in (folder / "artifacts").iterdir()] == ["bundles"]


def test_a_prediction_holds_as_often_as_it_says(usual: TrainingResult) -> None:
    assert usual.model.width.level == 0.9
    below, above = usual.model.width.compute_half_widths()
    assert 1.0 < above < below < 2.4


def test_a_training_that_cannot_decide_in_time_keeps_its_bundle_and_shows_how_to_promote_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attune_fit.training.train.LOCK_SECONDS", 0.0)
    with ExitStack() as other:

        def lock_after_fitting(line: str) -> None:
            if line.startswith("Building the features"):
                other.enter_context(lock_clinic(folder / "artifacts", "attune models rollback", lambda _: None))

        clinic = Clinic.open(folder)
        with pytest.raises(DataFault, match="no work is lost") as error:
            train(clinic, read_tables(clinic), report_progress=lock_after_fitting)
    (fault,) = error.value.faults
    (bundle,) = (folder / "artifacts" / "bundles").iterdir()
    assert fault.id == "training-not-decided"
    assert "`attune models rollback` (process " in fault.says
    assert f"attune models promote {format_word(folder)} {bundle.name} --because TEXT" in fault.fix
    assert "was not compared with it" in (bundle / "card.md").read_text()
    assert not (folder / "artifacts" / "live.json").exists()
    assert promote_bundle(clinic, read_tables(clinic), bundle.name, "by hand")
