"""`attune models`: the list, promotion by hand, rollback and the model card."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from attune_fit.models.active_pointer import STARTING_MODEL_NAME
from tests.conftest import SAMPLE, Attune


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """The sample clinic, trained: so few records that they do not differ from shuffled ones."""
    folder = tmp_path_factory.mktemp("promoting") / "clinic"
    shutil.copytree(SAMPLE, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("attune_fit.training.train.open_run_store", lambda *_: "")
        patch.setattr("attune_fit.training.promotion.run_recorder.log_training", lambda *_: "untracked")
        patch.setattr("attune_fit.data.parallel.executor.count_cores", lambda: 1)
        patch.setattr("attune_fit.training.promotion.promotion_decision.compute_shuffle_p_value", lambda *_: 0.4)
        return folder, json.loads(Attune()("train", folder, "--json").stdout)


@pytest.fixture
def clinic(once: tuple[Path, dict[str, object]], tmp_path: Path) -> Path:
    """A copy of it, with a bundle that was refused."""
    return Path(shutil.copytree(once[0], tmp_path / "clinic"))


@pytest.fixture
def bundle(once: tuple[Path, dict[str, object]]) -> str:
    """The name of the refused bundle."""
    return str(once[1]["bundle"])


def live(attune: Attune, clinic: Path) -> str:
    return str(json.loads(attune("models", "list", clinic, "--json").stdout)["live"])


def test_a_refused_training_is_reported_and_ranking_names_the_next_command(
    attune: Attune, clinic: Path, once: tuple[Path, dict[str, object]]
) -> None:
    assert once[1]["promoted"] is False
    assert "show no relation to the intake answers (p = 0.40)" in str(once[1]["because"])
    done = attune("rank", clinic, "--waiting")
    assert done.exit_code == 0
    assert "no model trained on them is live. See: attune models list" in " ".join(done.output.split())
    assert "Published evidence only" in " ".join(done.output.split())


def test_list_shows_bundles_decisions_and_what_is_live(attune: Attune, clinic: Path, bundle: str) -> None:
    report = json.loads(attune("models", "list", clinic, "--json").stdout)
    assert (report["live"], report["bundles"], report["faults"]) == (
        STARTING_MODEL_NAME,
        [STARTING_MODEL_NAME, bundle],
        [],
    )
    assert [one["what"] for one in report["ledger"]] == ["refused"]
    shown = attune("models", "list", clinic).output
    assert f"●   {STARTING_MODEL_NAME}" in shown
    assert "refused" in shown
    assert bundle in shown


def test_by_hand_and_back(attune: Attune, clinic: Path, bundle: str) -> None:
    done = attune("models", "promote", clinic, bundle, "--because", "we know [these] rows", "--by", "me")
    assert done.exit_code == 0, done.output
    assert "Training refused this bundle: The outcomes of these" in " ".join(done.output.split())
    assert live(attune, clinic) == bundle
    assert "we know [these] rows" in attune("models", "list", clinic).output
    assert json.loads(attune("models", "rollback", clinic, "--json").stdout) == {
        "live": STARTING_MODEL_NAME,
        "replaced": bundle,
    }
    assert live(attune, clinic) == STARTING_MODEL_NAME
    assert attune("models", "promote", clinic, bundle, "--because", "a test").exit_code == 0
    command = f'To return: attune models promote {clinic} {bundle} --because "..."'
    assert command in attune("models", "rollback", clinic, columns=10_000).output
    assert "the starting model is live" in attune.fails("models", "rollback", clinic)


def test_an_unknown_bundle_is_named_with_those_there_are(attune: Attune, clinic: Path, bundle: str) -> None:
    for words in (("promote", clinic, bundle[:-1], "--because", "x"), ("card", clinic, bundle[:-1])):
        output = attune.fails("models", *words)
        assert f"there is no bundle `{bundle[:-1]}`" in output
        assert f"Did you mean `{bundle}`?" in output
    assert "Missing option '--because'" in attune.fails("models", "promote", clinic, bundle, code=2)


def test_the_clinic_may_come_first(attune: Attune, clinic: Path, bundle: str) -> None:
    assert attune("models", clinic, "--json").stdout == attune("models", "list", clinic, "--json").stdout
    assert attune("models", clinic, "card", bundle).stdout == attune("models", "card", clinic, bundle).stdout
    assert "Usage: attune models" in attune("models").output


def test_the_card_reads_well_and_goes_to_a_file(attune: Attune, clinic: Path, bundle: str) -> None:
    shown = attune("models", "card", clinic, bundle).output
    assert f"Model card: {bundle}" in shown
    assert "Refused. The outcomes of these" in shown
    assert "In the ledger" in shown
    facts = json.loads(attune("models", "card", clinic, bundle, "--json").stdout)
    assert facts["history"][0]["what"] == "refused"
    for file in ("card.md", "card.json", "card.html"):
        assert attune("models", "card", clinic, bundle, "--out", clinic / file).exit_code == 0
    assert (clinic / "card.md").read_text().startswith(f"# Model card: {bundle}\n")
    assert json.loads((clinic / "card.json").read_text()) == facts
    assert f"<h1>Model card: {bundle}</h1>" in (clinic / "card.html").read_text(encoding="utf-8")
    before = (clinic / "clients.csv").read_bytes()
    assert "is one of the clinic's own files" in attune.fails("models", "card", clinic, "--out", clinic / "clients.csv")
    assert (clinic / "clients.csv").read_bytes() == before


def test_what_is_live_has_a_card_even_without_a_training(attune: Attune, clinic: Path) -> None:
    assert "Model card: day0" in attune("models", "card", clinic).output


def test_a_card_that_is_gone_is_a_fault(attune: Attune, clinic: Path, bundle: str) -> None:
    (clinic / "artifacts" / "bundles" / bundle / "card.json").write_text("{")
    assert "its card cannot be read Run `attune train` to make a new bundle" in attune.fails(
        "models", "card", clinic, bundle
    )


def test_a_ledger_that_was_changed_gives_a_warning(attune: Attune, clinic: Path, bundle: str) -> None:
    attune("models", "promote", clinic, bundle, "--because", "x")
    path = clinic / "artifacts" / "ledger.jsonl"
    path.write_text(path.read_text().replace("show no relation", "show a relation"))
    (clinic / "artifacts" / "live.json").unlink()
    done = attune("models", "list", clinic)
    assert done.exit_code == 0
    output = " ".join(done.output.split())
    assert "Warning: the ledger was changed or is incomplete: line 1 was changed" in output
    assert f"the ledger names `{bundle}` as live, artifacts/live.json names `day0`" in output
