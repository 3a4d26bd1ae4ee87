"""The features of one side in docs/your-clinic.md: read, learned from records, and used for a new therapist."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.features.feature import Feature
from attune_fit.features.feature_catalogue import list_clinic_features
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.active_model import load_active_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_scales import fill_scales
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.workspace import Workspace

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "your-clinic.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", PAGE.partition("## Features of one side\n")[2], re.DOTALL)[0]
CERTIFIED, OTHER, NEW_CERTIFIED, NEW_OTHER, NEW_UNKNOWN = "t00", "t01", "t20", "t21", "t22"
N_THERAPISTS, N_RATED, N_CLIENTS = 23, 20, 240  # the last three therapists have no records
EFFECT = 12.0  # POMP of the certificate


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A clinic whose clients rate certified therapists higher."""
    folder, rng = tmp_path_factory.mktemp("one_sided"), np.random.default_rng(0)
    is_certified = np.arange(N_THERAPISTS) % 2 == 0
    therapists = pd.DataFrame({
        "therapist_id": [f"t{row:02}" for row in range(N_THERAPISTS)],
        "Certified in": np.where(is_certified, "EFT; DBT", "DBT"),
        "Training hours last year": rng.integers(0, 60, N_THERAPISTS),
        "Modality": rng.choice(["CBT", "ACT", "psychodynamic"], N_THERAPISTS),
    })  # fmt: skip
    therapists.loc[N_THERAPISTS - 1, "Certified in"] = None
    clients = pd.DataFrame({
        "client_id": [f"c{row:03}" for row in range(N_CLIENTS)],
        "Earlier therapies": rng.integers(0, 4, N_CLIENTS),
    })  # fmt: skip
    met = rng.integers(0, N_RATED, N_CLIENTS - 1)  # the last client waits
    score = 70 + EFFECT * is_certified[met] + rng.normal(0, 10, len(met))
    outcomes = pd.DataFrame({
        "client_id": clients["client_id"].iloc[:-1],
        "therapist_id": therapists["therapist_id"].iloc[met].to_numpy(),
        "session": 3, "instrument": "WAI-SR", "score": (1 + score.clip(0, 100) / 25).round(2),
    })  # fmt: skip
    for name, table in {"clients": clients, "therapists": therapists, "outcomes": outcomes}.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    (folder / "clinic.toml").write_text(f"[clinic]\nas_of = 2026-06-15\n{EXAMPLE}", encoding="utf-8")
    return Workspace(folder)


@pytest.fixture(scope="module")
def features(here: Workspace) -> dict[str, Feature]:
    rows = fill_scales(list_clinic_features(here.clinic.config, here.tables), Sides(here.tables))
    return {row.name: row for row in rows}


@pytest.fixture(scope="module")
def trained(here: Workspace, features: dict[str, Feature]) -> AllianceModel:
    early = compute_early_alliance(here.tables, here.clinic.instruments)
    records = TrainingDataset.from_tables(here.tables, early, tuple(features.values()))
    prior = load_active_model(here.clinic, here.tables).evidence
    return Recipe(prior=prior).fit(records, np.arange(len(records)))


def score(model: AllianceModel, here: Workspace) -> dict[str, float]:
    """The expected alliance of one client with each therapist, in POMP."""
    pairs = Pairs.cross(Sides(here.tables), [0])
    return dict(zip(here.tables.therapists["therapist_id"], model.compute_parts(pairs).score[0], strict=True))


def test_the_columns_named_decide_whose_feature_it_is(features: dict[str, Feature]) -> None:
    declared = {row.name: row.side for row in features.values() if row.family == "declared"}
    assert declared == {
        "training_hours": "therapist", "certified_in_eft": "therapist", "works_behaviourally": "therapist",
        "earlier_therapies": "client",
    }  # fmt: skip


def test_without_records_they_move_no_order(here: Workspace) -> None:
    scores = score(load_active_model(here.clinic, here.tables), here)
    assert np.ptp(list(scores.values())) == pytest.approx(0)


def test_records_give_a_certificate_the_weight_they_justify_also_for_a_new_therapist(
    here: Workspace, trained: AllianceModel
) -> None:
    scores = score(trained, here)
    assert 0.25 * EFFECT < scores[NEW_CERTIFIED] - scores[NEW_OTHER] < EFFECT
    assert scores[NEW_OTHER] < scores[NEW_UNKNOWN] < scores[NEW_CERTIFIED]  # an unknown value is typical
    assert scores[CERTIFIED] > scores[OTHER]


def test_a_list_says_what_the_page_says(here: Workspace, features: dict[str, Feature]) -> None:
    pairs = Pairs.cross(Sides(here.tables), [0])
    row = features["certified_in_eft"]
    values = dict(zip(here.tables.therapists["therapist_id"], row.function(pairs)[0], strict=True))
    assert row.describe_value(values[CERTIFIED]) == "is certified in emotionally focused therapy"
    assert row.describe_value(values[OTHER]) == "is not certified in emotionally focused therapy"
    assert row.describe_value(values[NEW_UNKNOWN]) == ""
    of_modality = features["works_behaviourally"].function(pairs)[0]
    modality = here.tables.therapists["Modality"].isin(["cbt", "act"])
    np.testing.assert_array_equal(of_modality, modality)


def test_a_feature_of_the_client_moves_no_order(here: Workspace, trained: AllianceModel) -> None:
    more = here.tables.clients.assign(**{"Earlier therapies": 9.0})
    pairs = Pairs.cross(Sides(here.tables), [0])
    moved = Pairs.cross(Sides(replace(here.tables, clients=more)), [0])
    before, after = (trained.compute_parts(some).score[0] for some in (pairs, moved))
    assert np.ptp(after - before) == pytest.approx(0, abs=1e-9)
    assert abs(after - before).max() > 0
