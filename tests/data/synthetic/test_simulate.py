import datetime as dt
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import attune_fit.data.synthetic
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.columns import TABLES, list_columns
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.data.synthetic.assignment_policy import is_eligible
from attune_fit.data.synthetic.simulate import AS_OF, SimulatedClinic, simulate, write_clinic, write_sample
from attune_fit.data.synthetic.world import World

SAMPLE = Path(attune_fit.data.synthetic.__path__[0]) / "sample"
# The same on Python 3.11, 3.12 and 3.13.
SMALL_DIGEST = "2:4076daa71c52b3958a8ba01f7114b621da7e41db874708f5099f0a14b983fc12"
# Field -> another value, and the world in which the field has an effect.
OTHER_VALUES: dict[str, tuple[Any, dict[str, Any]]] = {
    "dyad": (0.6, {}), "fit": (0.2, {}), "therapist": (0.2, {}), "occasion": (0.5, {}), "site": (0.2, {"sites": 2}),
    "mix": ("wishes", {}), "carriers": ((("culture", 1.0),), {}), "effect_spread": (0.0, {}), "avoidance": (-0.4, {}),
    "anxiety": (-0.4, {}), "interpersonal": (-0.4, {}), "expectancy": (0.4, {}), "skill": (0.9, {}),
    "level": (3.0, {}), "spread": (0.4, {}), "skew": (-1.5, {}), "straight_lining": (0.9, {}), "profile": (0.0, {}),
    "sessions": (5, {}), "first": (0.0, {}), "growth": (0.4, {}), "persistence": (0.2, {"sessions": 6}),
    "dropout": (0.6, {}), "dropout_d": (2.0, {}), "unreturned": (0.6, {}), "unreturned_d": (2.0, {}),
    "therapist_forms": (0.9, {}), "agreement": (0.8, {}), "gap": (2.0, {}), "rater": (0.6, {"agreement": 0.1}),
    "extremity": (2.0, {}), "style_noise": (1.0, {}), "overclaim": (0.9, {}), "caseload_spread": (2.0, {}),
    "sites": (3, {}), "meetings": ("random", {}), "therapists_each": (2, {}), "coordinator": (3.0, {}),
    "self_selection": (4.0, {"meetings": "wishes"}), "confounding": (2.0, {}), "insight": (2.0, {}),
    "missing": (0.6, {}), "drift": (1.0, {}), "fading": (2.0, {"fit": 0.2}),
}  # fmt: skip


@pytest.fixture(scope="module")
def steady_clinic() -> SimulatedClinic:
    """All sessions have the same distribution, and clients return every form."""
    return simulate(2_000, 40, seed=13, world=World(first=0, growth=0, dropout=0, unreturned=0))


@cache
def digest_of(world: World) -> str:
    return simulate(120, 10, seed=3, world=world).tables.digest()


def clients_forms(clinic: SimulatedClinic) -> pd.DataFrame:
    return clinic.tables.outcomes.query("rater == 'client'")


def test_the_same_seed_gives_the_same_tables_and_another_seed_gives_others() -> None:
    first, again, other = (simulate(60, 8, seed=seed).tables.digest() for seed in (4, 4, 5))
    assert first == again
    assert first != other


def test_the_same_seed_gives_the_same_tables_on_every_python() -> None:
    """A changed published figure or draw changes ``SMALL_DIGEST`` too, and needs a line in the changelog."""
    assert simulate(60, 8, seed=4).tables.digest() == SMALL_DIGEST


@pytest.mark.parametrize("name", World.model_fields)
def test_every_number_of_a_world_changes_its_clinic(name: str) -> None:
    other_value, base = OTHER_VALUES[name]
    changed = {name: other_value, "mix": "own"} if name == "carriers" else {name: other_value}
    assert digest_of(World(**base).replace(**changed)) != digest_of(World(**base))


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("site", {"sites": 1}),
        ("persistence", {"sessions": 3}),
        ("self_selection", {"meetings": "coordinator"}),
        ("coordinator", {"meetings": "random"}),
        ("dropout_d", {"dropout": 0.0}),
        ("agreement", {"therapist_forms": 0.0}),
    ],
)
def test_a_number_that_does_not_matter_in_a_world_changes_nothing(name: str, base: dict[str, Any]) -> None:
    assert digest_of(World(**base).replace(**{name: OTHER_VALUES[name][0]})) == digest_of(World(**base))


def test_the_first_have_met_and_the_last_wait(clinic: SimulatedClinic) -> None:
    ids = sorted(clinic.tables.clients["client_id"])
    assert set(clinic.tables.outcomes["client_id"]) == set(ids[:2_700]) == clinic.tables.met_client_ids
    assert (ids[0], ids[-1]) == ("c0001", "c3000")


@pytest.mark.parametrize(
    ("clients", "waiting", "met"), [(3, None, 2), (40, None, 36), (40, 0, 40), (5, 5, 0), (1, None, 0)]
)
def test_the_number_of_waiting_clients_is_the_given_one_or_at_least_one(
    clients: int, waiting: int | None, met: int
) -> None:
    clinic_made = simulate(clients, 3, seed=1, waiting=waiting)
    assert len(clinic_made.tables.clients) == clients
    assert len(clinic_made.tables.met_client_ids) == met


def test_one_client_and_one_therapist_are_a_clinic() -> None:
    clinic_made = simulate(1, 1, seed=1, waiting=0)
    assert clinic_made.tables.met_client_ids == {"c0001"}
    assert clinic_made.truth.compute_expected_alliance(np.array([0]), np.array([0])).shape == (1,)


def test_no_client_met_an_ineligible_therapist(clinic: SimulatedClinic) -> None:
    eligible = is_eligible(clinic.truth.clients, clinic.truth.therapists)
    assert eligible[clinic.truth.episodes["client_row"], clinic.truth.episodes["therapist_row"]].all()
    assert eligible.any(axis=1).all()
    assert clinic.truth.episodes["probability"].between(0, 1, inclusive="right").all()


def test_in_a_confounded_clinic_hard_clients_met_strong_therapists() -> None:
    truth = simulate(1_000, 30, seed=6, world=World(confounding=2, therapist=0.1)).truth
    client, therapist = truth.client[truth.episodes["client_row"]], truth.therapist[truth.episodes["therapist_row"]]
    assert np.corrcoef(client, therapist)[0, 1] < -0.3


def test_with_insight_of_coordinators_the_episodes_have_a_higher_pair_effect() -> None:
    with_eye, without = (simulate(1_000, 30, seed=6, world=World(insight=by)).truth for by in (1.5, 0.0))
    parts = [
        truth.compute_parts(truth.episodes["client_row"].to_numpy(), truth.episodes["therapist_row"].to_numpy())
        for truth in (with_eye, without)
    ]
    pairs, error = [(each.fit + each.chemistry).mean() for each in parts], np.sqrt(World().dyad / 900)
    assert pairs[0] > 8 * error
    assert abs(pairs[1]) < 5 * error  # coordinators prefer some attributes that produce fit


def test_the_truth_answers_for_the_rows_of_the_tables(complete_clinic: SimulatedClinic) -> None:
    tables, truth = complete_clinic.tables, complete_clinic.truth
    for table, people in (("clients", truth.clients), ("therapists", truth.therapists)):
        cells = people.to_frame(table)
        for name in cells:
            assert getattr(tables, table)[name].astype(object).fillna("").tolist() == cells[name].fillna("").tolist()
    met = zip(tables.clients["client_id"][truth.episodes["client_row"]],
              tables.therapists["therapist_id"][truth.episodes["therapist_row"]], strict=True)  # fmt: skip
    assert set(met) == set(zip(tables.outcomes["client_id"], tables.outcomes["therapist_id"], strict=True))


def test_outcomes_scatter_around_what_the_truth_expects(steady_clinic: SimulatedClinic) -> None:
    tables, met = steady_clinic.tables, steady_clinic.truth.episodes
    expected = steady_clinic.truth.compute_expected_alliance(
        met["client_row"].to_numpy(), met["therapist_row"].to_numpy()
    )
    first = clients_forms(steady_clinic).query("session == 1").set_index("client_id")["score"]
    rated = (first.reindex(tables.clients["client_id"][met["client_row"]]).to_numpy() - 1) * 25
    assert np.corrcoef(rated, expected)[0, 1] ** 2 == pytest.approx(0.77, abs=0.06)
    assert (rated - expected).mean() == pytest.approx(0, abs=4 * 8.5 / np.sqrt(len(rated)))


def test_the_mean_of_the_early_sessions_is_what_the_truth_expects() -> None:
    clinic = simulate(2_000, 40, seed=14, world=World(dropout=0, unreturned=0, growth=0.2))
    client, therapist = (clinic.truth.episodes[f"{side}_row"].to_numpy() for side in ("client", "therapist"))
    early = clients_forms(clinic).groupby("client_id")["score"].mean()
    rated = (early.reindex(clinic.tables.clients["client_id"][client]).to_numpy() - 1) * 25
    difference = rated - clinic.truth.compute_expected_alliance(client, therapist)
    assert difference.mean() == pytest.approx(0, abs=4 * difference.std() / np.sqrt(len(difference)))


def test_early_alliance_looks_as_published(clinic: SimulatedClinic) -> None:
    score = clients_forms(clinic)["score"]
    assert 3.94 <= score.mean() <= 4.23
    assert 0.55 <= score.std() <= 0.80
    assert float(((score - score.mean()) ** 3).mean() / score.std() ** 3) < -0.4


def test_avoidance_goes_with_early_alliance_as_is_true_of_this_clinic(clinic: SimulatedClinic) -> None:
    early = clients_forms(clinic).groupby("client_id")["score"].mean()
    with_alliance = clinic.tables.clients.set_index("client_id")["attachment_avoidance"].corr(early)
    assert with_alliance == pytest.approx(clinic.truth.world.avoidance, abs=3 / np.sqrt(2_700))


def test_another_day_moves_every_date_and_nothing_else() -> None:
    there = simulate(30, 4, seed=2, as_of=AS_OF + dt.timedelta(days=10)).tables
    here = simulate(30, 4, seed=2).tables
    by_id = [tables.clients.set_index("client_id").sort_index() for tables in (here, there)]
    assert (by_id[1]["referred_on"] - by_id[0]["referred_on"]).eq(pd.Timedelta(days=10)).all()
    assert by_id[0].drop(columns="referred_on").equals(by_id[1].drop(columns="referred_on"))


@pytest.mark.parametrize("table", TABLES)
def test_the_tables_contain_no_truth(clinic: SimulatedClinic, table: str) -> None:
    assert list(getattr(clinic.tables, table)) == list(list_columns(table))


def test_a_written_clinic_reads_back_as_it_was_made(tmp_path: Path) -> None:
    clinic_made = simulate(70, 9, seed=8)
    write_clinic(clinic_made, tmp_path)
    tables = read_tables(Clinic.open(tmp_path))
    assert tables.digest() == clinic_made.tables.digest()


def test_the_truth_is_written_only_on_request(tmp_path: Path) -> None:
    clinic_made = simulate(20, 4, seed=8)
    write_clinic(clinic_made, tmp_path / "with")
    write_clinic(clinic_made, tmp_path / "without", truth=False)
    truth = {"world.toml", "met.parquet", "pairs.parquet", "people.npz", "README.txt"}
    assert {path.name for path in (tmp_path / "with" / "truth").iterdir()} == truth
    assert not (tmp_path / "without" / "truth").exists()
    for name in ("with", "without"):
        assert not truth & {path.name for path in (tmp_path / name).iterdir()}


def test_clinic_toml_has_the_name_and_the_notice_that_no_person_is_real(tmp_path: Path) -> None:
    write_clinic(simulate(5, 2, seed=8), tmp_path, name='The "new" clinic')
    text = (tmp_path / "clinic.toml").read_text()
    assert "No real person" in text
    assert tomllib.loads(text) == {"clinic": {"name": 'The "new" clinic', "as_of": AS_OF}}


def test_a_clinic_of_several_sites_sets_its_site_column_and_reads_back(tmp_path: Path) -> None:
    clinic_made = simulate(60, 9, seed=8, world=World(sites=3))
    write_clinic(clinic_made, tmp_path)
    assert tomllib.loads((tmp_path / "clinic.toml").read_text())["settings"] == {"site_column": "site"}
    clinic = Clinic.open(tmp_path)
    assert clinic.config.settings.site_column == "site"
    assert read_tables(clinic).digest() == clinic_made.tables.digest()


def test_the_sample_is_what_its_command_makes(tmp_path: Path) -> None:
    write_sample(tmp_path)
    clinic_made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert clinic_made == {path.name: path.read_bytes() for path in SAMPLE.iterdir() if path.is_file()}


def test_the_sample_is_a_small_clinic_where_twenty_wait() -> None:
    tables = read_tables(Clinic.open(SAMPLE))
    assert (len(tables.clients), len(tables.therapists)) == (80, 16)
    assert len(tables.clients) - len(tables.met_client_ids) == 20


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ((0, 3, 1, None), "a clinic needs at least 1 client and 1 therapist"),
        ((3, 0, 1, None), "a clinic needs at least 1 client and 1 therapist"),
        ((3, 3, -1, None), "the seed must be 0 or larger"),
        ((3, 3, 1, 4), r"waiting must be from 0 to the number of clients \(3\)"),
        ((3, 3, 1, -1), r"waiting must be from 0 to the number of clients \(3\)"),
    ],
)
def test_numbers_no_clinic_can_have_are_refused(numbers: tuple[int, int, int, int | None], message: str) -> None:
    clients, therapists, seed, waiting = numbers
    with pytest.raises(ValueError, match=message):
        simulate(clients, therapists, seed, waiting=waiting)


def test_more_sites_than_therapists_are_refused() -> None:
    with pytest.raises(ValueError, match="4 sites need at least as many therapists, not 3"):
        simulate(10, 3, 1, World(sites=4))
