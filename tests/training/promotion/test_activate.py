"""Promotion, refusal and rollback of the live model."""

from __future__ import annotations

import datetime as dt
import threading
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic_lock import LOCK_FILE, ClinicBusyFault, lock_clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.journal.journal_access import open_journal
from attune_fit.data.journal.journal_event import EventDraft
from attune_fit.data.sealed_log import read_log
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.models import model_bundle
from attune_fit.models.active_pointer import STARTING_MODEL_NAME, build_bundle_path, read_active_name
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.model_bundle import RETRAIN_FIX
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.training.evaluation.paired_comparison import PairedComparison
from attune_fit.training.promotion.activate import apply_decision, promote_bundle, roll_back
from attune_fit.training.promotion.ledger import LEDGER_FILE, LedgerEntry, append_entry, read_ledger
from attune_fit.training.promotion.promotion_decision import PromotionDecision
from tests.fault_descriptions import raises_faults
from tests.models.builders import town

TABLES = town()
ACTIVATE = "attune_fit.training.promotion.activate"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """A clinic without bundles and without a ledger."""
    config = Config.model_validate(tomllib.loads(""))
    return Clinic(tmp_path, config, list_instruments(config.instruments))


def save_bundle(clinic: Clinic, records: int) -> tuple[str, AllianceModel]:
    """Save a bundle that was fitted to so many records."""
    verdict = Verdict("adds", 0.1, 0.05, 0.15, 0.01, records)
    model = replace(AllianceModel.from_published(FEATURES), n_outcomes=records, verdict=verdict, data_digest="d" * 64)
    name = model_bundle.compute_bundle_name(model)
    model_bundle.save(model, build_bundle_path(clinic, name))
    return name, model


def list_entries(clinic: Clinic) -> list[tuple[str, str, str]]:
    return [(entry.what, entry.bundle, entry.replaced) for entry in read_ledger(clinic.artifacts / LEDGER_FILE).entries]


def test_a_promotion_is_recorded_with_its_figures_and_is_live(clinic: Clinic) -> None:
    name, model = save_bundle(clinic, 100)
    figure = PairedComparison("rmse", "100 held-out records", 15.0, 15.5, 0.5, 0.1, 0.9, 100)
    assert apply_decision(
        clinic, name, model, PromotionDecision("promoted", "better", STARTING_MODEL_NAME, 0.001, (figure,))
    )
    assert read_active_name(clinic) == name
    (entry,) = read_ledger(clinic.artifacts / LEDGER_FILE).entries
    assert (entry.what, entry.bundle, entry.replaced, entry.why) == ("promoted", name, STARTING_MODEL_NAME, "better")
    assert (entry.n_outcomes, entry.data, entry.agreement) == (100, "d" * 64, 0.001)
    assert entry.verdict == model.verdict.sentence
    assert entry.compared[0]["gain"] == 0.5
    assert entry.code


def test_a_refusal_is_recorded_and_the_live_model_stays(clinic: Clinic) -> None:
    name, model = save_bundle(clinic, 100)
    assert not apply_decision(clinic, name, model, PromotionDecision("refused", "shuffled", STARTING_MODEL_NAME))
    assert read_active_name(clinic) == STARTING_MODEL_NAME
    assert list_entries(clinic) == [("refused", name, STARTING_MODEL_NAME)]


def test_a_bundle_that_is_already_live_is_kept(clinic: Clinic) -> None:
    name, model = save_bundle(clinic, 100)
    apply_decision(clinic, name, model, PromotionDecision("promoted", "", STARTING_MODEL_NAME))
    assert apply_decision(clinic, name, model, PromotionDecision("kept", "the same", name))
    assert read_active_name(clinic) == name


def test_a_refused_bundle_promoted_by_hand_goes_live_with_its_refusal_in_the_answer(clinic: Clinic) -> None:
    name, model = save_bundle(clinic, 100)
    apply_decision(
        clinic, name, model, PromotionDecision("refused", "Its outcomes look shuffled.", STARTING_MODEL_NAME)
    )
    overrides = promote_bundle(clinic, TABLES, name, "we know these rows", "the data person")
    assert read_active_name(clinic) == name
    assert overrides == f"{model.verdict.sentence} Training refused this bundle: Its outcomes look shuffled."
    entry = read_ledger(clinic.artifacts / LEDGER_FILE).entries[-1]
    assert (entry.what, entry.why, entry.by) == ("promoted by hand", "we know these rows", "the data person")


def test_rollback_goes_step_by_step_to_the_starting_model(clinic: Clinic) -> None:
    (first, one), (second, other) = save_bundle(clinic, 100), save_bundle(clinic, 200)
    apply_decision(clinic, first, one, PromotionDecision("promoted", "", STARTING_MODEL_NAME))
    apply_decision(clinic, second, other, PromotionDecision("promoted", "", first))
    assert roll_back(clinic, TABLES, "odd lists") == (first, second)
    assert read_active_name(clinic) == first
    assert roll_back(clinic, TABLES) == (STARTING_MODEL_NAME, first)
    assert not (clinic.artifacts / "live.json").exists()
    with raises_faults("artifacts/live.json: nothing-to-roll-back"):
        roll_back(clinic, TABLES)
    assert [what for what, *_ in list_entries(clinic)] == ["promoted", "promoted", "rolled back", "rolled back"]


def test_the_starting_model_can_be_promoted_by_name_and_rolled_back(clinic: Clinic) -> None:
    name, model = save_bundle(clinic, 100)
    apply_decision(clinic, name, model, PromotionDecision("promoted", "", STARTING_MODEL_NAME))
    promote_bundle(clinic, TABLES, STARTING_MODEL_NAME, "start afresh")
    assert read_active_name(clinic) == STARTING_MODEL_NAME
    assert roll_back(clinic, TABLES) == (name, STARTING_MODEL_NAME)
    promote_bundle(clinic, TABLES, STARTING_MODEL_NAME, "start afresh all the same")
    promote_bundle(clinic, TABLES, name, "no")
    assert roll_back(clinic, TABLES) == (STARTING_MODEL_NAME, name)


def test_rollback_repairs_a_broken_pointer_with_the_last_bundle_that_exists(clinic: Clinic) -> None:
    (first, one), (second, other) = save_bundle(clinic, 100), save_bundle(clinic, 200)
    apply_decision(clinic, first, one, PromotionDecision("promoted", "", STARTING_MODEL_NAME))
    apply_decision(clinic, second, other, PromotionDecision("promoted", "", first))
    build_bundle_path(clinic, second).rename(clinic.artifacts / "elsewhere")
    assert roll_back(clinic, TABLES) == (first, "")


def test_a_missing_bundle_is_not_made_live(clinic: Clinic) -> None:
    (first, one), (second, other) = save_bundle(clinic, 100), save_bundle(clinic, 200)
    apply_decision(clinic, first, one, PromotionDecision("promoted", "", STARTING_MODEL_NAME))
    apply_decision(clinic, second, other, PromotionDecision("promoted", "", first))
    build_bundle_path(clinic, first).rename(clinic.artifacts / "elsewhere")
    with raises_faults(f"artifacts/bundles: previous-bundle-not-found ({first}, {clinic.folder})"):
        roll_back(clinic, TABLES)
    assert read_active_name(clinic) == second


def test_a_bundle_that_cannot_be_promoted_is_an_error_and_nothing_is_recorded(clinic: Clinic) -> None:
    name, _ = save_bundle(clinic, 100)
    with raises_faults(
        f"artifacts/bundles: bundle-not-found ({name[:-1]}, Did you mean `{name}`? Known: `day0`, `{name}`.)",
    ):
        promote_bundle(clinic, TABLES, name[:-1], "why not")
    with raises_faults("--because: empty-reason"):
        promote_bundle(clinic, TABLES, name, "  ")
    with raises_faults(f"artifacts/live.json: already-live (the starting model, {clinic.folder})"):
        promote_bundle(clinic, TABLES, STARTING_MODEL_NAME, "why not")
    changed = build_bundle_path(clinic, name) / "model.json"
    changed.write_bytes(changed.read_bytes() + b" ")
    with raises_faults(f"bundle {name}, model.json: bundle-file-changed ({RETRAIN_FIX})"):
        promote_bundle(clinic, TABLES, name, "why not")
    assert list_entries(clinic) == []
    assert read_active_name(clinic) == STARTING_MODEL_NAME


def test_the_ledger_is_written_before_the_pointer_moves(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    name, model = save_bundle(clinic, 100)

    def raise_disk_full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("attune_fit.training.promotion.activate.append_entry", raise_disk_full)
    with pytest.raises(OSError, match="No space"):
        apply_decision(clinic, name, model, PromotionDecision("promoted", "", STARTING_MODEL_NAME))
    assert read_active_name(clinic) == STARTING_MODEL_NAME


def test_a_promotion_that_cannot_be_written_changes_nothing(
    clinic: Clinic, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger, the pointer and the champion alias are moved together or not at all."""
    aliases: list[str] = []
    monkeypatch.setattr(f"{ACTIVATE}.set_champion_alias", lambda _, name: aliases.append(name))
    (first, one), (second, other) = save_bundle(clinic, 100), save_bundle(clinic, 200)
    apply_decision(clinic, first, one, PromotionDecision("promoted", "", STARTING_MODEL_NAME))
    apply_decision(clinic, second, other, PromotionDecision("promoted", "", first))
    ledger = read_ledger(clinic.artifacts / LEDGER_FILE)
    monkeypatch.setattr(f"{ACTIVATE}.read_ledger", lambda _: ledger)
    (clinic.artifacts / LEDGER_FILE).unlink()
    (clinic.artifacts / LEDGER_FILE).mkdir()  # writing there fails for an administrator too
    for act in (lambda: promote_bundle(clinic, TABLES, first, "why not"), lambda: roll_back(clinic, TABLES)):
        with raises_faults(f"artifacts/{LEDGER_FILE}: artifacts-not-writable (Is a directory)"):
            act()
    assert aliases == []
    assert read_active_name(clinic) == second
    assert capfd.readouterr() == ("", "")


def test_a_promotion_writes_ledger_then_pointer_then_alias(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    name, _ = save_bundle(clinic, 100)
    seen: list[tuple[int, str]] = []
    monkeypatch.setattr(
        f"{ACTIVATE}.set_champion_alias",
        lambda _, bundle: seen.append((len(list_entries(clinic)), read_active_name(clinic))),
    )
    promote_bundle(clinic, TABLES, name, "why not")
    assert seen == [(1, name)]


def test_the_ledger_holds_the_end_of_the_journal_and_a_damaged_one_stops_nothing(clinic: Clinic) -> None:
    day = dt.date(2026, 1, 5)
    journal, draft = open_journal(clinic), EventDraft("opening_set", day, None, "t05", {"openings": 1})
    event = journal.record(lambda _: draft, actor="anna", now=dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC))
    for name, end in ((save_bundle(clinic, 100)[0], ChainHead(1, event.seal)), (save_bundle(clinic, 200)[0], None)):
        promote_bundle(clinic, TABLES, name, "why not")
        assert read_log(clinic.artifacts / LEDGER_FILE)[-1].heads.get("journal") == end
        (clinic.artifacts / "journal.db").write_bytes(b"no database" * 100)


def test_no_alias_moves_if_the_ledger_cannot_be_written(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    name, _ = save_bundle(clinic, 100)
    aliases: list[str] = []

    def raise_disk_full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"{ACTIVATE}.set_champion_alias", lambda _, bundle: aliases.append(bundle))
    monkeypatch.setattr(f"{ACTIVATE}.append_entry", raise_disk_full)
    with pytest.raises(OSError, match="No space"):
        promote_bundle(clinic, TABLES, name, "why not")
    assert aliases == []
    assert read_active_name(clinic) == STARTING_MODEL_NAME
    assert not (clinic.artifacts / LOCK_FILE).exists()


@pytest.mark.parametrize("content", ["folder", "no database", "dangling link"])
def test_a_broken_mlflow_stops_no_promotion_and_no_rollback(clinic: Clinic, content: str) -> None:
    name, _ = save_bundle(clinic, 100)
    database = clinic.artifacts / "mlflow.db"
    make: dict[str, Callable[[], object]] = {
        "folder": database.mkdir,
        "no database": lambda: database.write_bytes(b"not a database" * 100),
        "dangling link": lambda: database.symlink_to("elsewhere"),
    }
    make[content]()
    lines: list[str] = []
    promote_bundle(clinic, TABLES, name, "why not", report_progress=lines.append)
    assert read_active_name(clinic) == name
    assert roll_back(clinic, TABLES, report_progress=lines.append) == (STARTING_MODEL_NAME, name)
    assert read_active_name(clinic) == STARTING_MODEL_NAME
    assert [line.startswith("MLflow cannot be used (artifacts/mlflow.db: ") for line in lines] == [True, True]
    assert lines[0].endswith("Only the alias `champion` in MLflow is not, until the next training.")


def test_the_second_of_two_promotions_at_once_finds_the_bundle_live(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one waits for the lock, and reads the pointer after that."""
    name, _ = save_bundle(clinic, 100)
    outcomes: list[str] = []
    waits = threading.Event()

    def promote() -> None:
        try:
            promote_bundle(clinic, TABLES, name, "why not", report_progress=lambda _: waits.set())
            outcomes.append("live")
        except DataFault as fault:
            outcomes.extend(one.id for one in fault.faults)

    second = threading.Thread(target=promote)

    def write_slowly(path: Path, entry: LedgerEntry, *others: Any) -> LedgerEntry:
        if second.ident is None:
            second.start()
            assert waits.wait(20)
        return append_entry(path, entry, *others)

    monkeypatch.setattr(f"{ACTIVATE}.append_entry", write_slowly)
    promote()
    second.join()
    assert outcomes == ["live", "already-live"]
    assert list_entries(clinic) == [("promoted by hand", name, STARTING_MODEL_NAME)]


@pytest.mark.parametrize("verb", ["promote", "rollback"])
def test_a_locked_clinic_is_one_fault_that_names_the_owner(
    clinic: Clinic, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attune_fit.data.clinic_lock.WAIT_SECONDS", 0.0)
    with (
        lock_clinic(clinic.artifacts, "attune train", lambda _: None),
        pytest.raises(ClinicBusyFault, match=r"`attune train` \(process \d+ on .*\) is still at work"),
    ):
        promote_bundle(clinic, TABLES, "0" * 12, "why not") if verb == "promote" else roll_back(clinic, TABLES)


def test_figures_that_cannot_be_written_as_json_are_an_error_not_a_line(clinic: Clinic) -> None:
    name, model = save_bundle(clinic, 100)
    odd = PairedComparison("rmse", "", np.nan, 1.0, 0.0, 0.0, 0.0, 1)
    with pytest.raises(ValueError, match="not JSON compliant"):
        apply_decision(clinic, name, model, PromotionDecision("promoted", "", STARTING_MODEL_NAME, None, (odd,)))
    assert list_entries(clinic) == []
