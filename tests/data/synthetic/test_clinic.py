import dataclasses
import datetime as dt
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import data.synthetic
from data.clinic import Clinic
from data.columns import TABLES, columns_of
from data.reading import read
from data.synthetic.clinic import AS_OF, Simulated, simulate, write, write_sample
from data.synthetic.policy import eligible
from data.synthetic.world import World

SAMPLE = Path(data.synthetic.__path__[0]) / "sample"
OTHERWISE = {  # another value for each field of World
    "mix": "wishes", "fit": 0.2, "therapist": 0.2, "occasion": 0.5, "avoidance": -0.4, "anxiety": -0.4,
    "interpersonal": -0.4, "expectancy": 0.4, "skill": 0.9, "level": 3.0, "spread": 0.4, "straight_lining": 0.9,
    "dropout": 0.6, "dropout_d": 2.0, "missing": 0.6, "unreturned": 0.6, "extremity": 2.0, "style_noise": 1.0,
    "overclaim": 0.9, "caseload_spread": 2.0, "coordinator": 3.0,
}  # fmt: skip


def test_the_same_seed_gives_the_same_tables_and_another_seed_gives_others() -> None:
    first, again, other = (simulate(60, 8, seed=seed).tables.digest() for seed in (4, 4, 5))
    assert first == again
    assert first != other


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(World)])
def test_every_number_of_a_world_changes_its_clinic(name: str) -> None:
    changed = World(**{name: OTHERWISE[name]})  # type: ignore[arg-type]
    assert simulate(120, 10, seed=3, world=changed).tables.digest() != simulate(120, 10, seed=3).tables.digest()


def test_the_first_have_met_and_the_last_wait(clinic: Simulated) -> None:
    ids = sorted(clinic.tables.clients["client_id"])
    assert set(clinic.tables.outcomes["client_id"]) == set(ids[:2_700]) == clinic.tables.met
    assert (ids[0], ids[-1]) == ("c0001", "c3000")


@pytest.mark.parametrize(
    ("asked", "waiting", "met"), [(3, None, 2), (40, None, 36), (40, 0, 40), (5, 5, 0), (1, None, 0)]
)
def test_as_many_wait_as_asked_for_and_at_least_one_unasked(asked: int, waiting: int | None, met: int) -> None:
    made = simulate(asked, 3, seed=1, waiting=waiting)
    assert len(made.tables.clients) == asked
    assert len(made.tables.met) == met


def test_one_client_and_one_therapist_are_a_clinic() -> None:
    made = simulate(1, 1, seed=1, waiting=0)
    assert made.tables.met == {"c0001"}
    assert made.truth.expected(np.array([0]), np.array([0])).shape == (1,)


def test_nobody_met_somebody_who_may_not_see_them(clinic: Simulated) -> None:
    may = eligible(clinic.truth.clients, clinic.truth.therapists)
    assert may[clinic.truth.met["client_row"], clinic.truth.met["therapist_row"]].all()
    assert may.any(axis=1).all()
    assert clinic.truth.met["probability"].between(0, 1, inclusive="right").all()


def test_nobody_met_somebody_they_know_privately(clinic: Simulated) -> None:
    both = clinic.tables.outcomes.merge(clinic.tables.conflicts, on=["client_id", "therapist_id"])
    assert len(clinic.tables.conflicts) > 20
    assert both.empty


def test_the_truth_answers_for_the_rows_of_the_tables(complete_clinic: Simulated) -> None:
    tables, truth = complete_clinic.tables, complete_clinic.truth
    for table, people in (("clients", truth.clients), ("therapists", truth.therapists)):
        told = people.frame(table)
        for name in told:
            assert getattr(tables, table)[name].astype(object).fillna("").tolist() == told[name].fillna("").tolist()
    met = zip(tables.clients["client_id"][truth.met["client_row"]],
              tables.therapists["therapist_id"][truth.met["therapist_row"]], strict=True)  # fmt: skip
    assert set(met) == set(zip(tables.outcomes["client_id"], tables.outcomes["therapist_id"], strict=True))


def test_outcomes_scatter_around_what_the_truth_expects(clinic: Simulated) -> None:
    tables, met = clinic.tables, clinic.truth.met
    expected = clinic.truth.expected(met["client_row"].to_numpy(), met["therapist_row"].to_numpy())
    first = tables.outcomes[tables.outcomes["session"] == 1].set_index("client_id")["score"]
    seen = (first.reindex(tables.clients["client_id"][met["client_row"]]).to_numpy() - 1) * 25
    kept = ~np.isnan(seen)
    assert np.corrcoef(seen[kept], expected[kept])[0, 1] ** 2 == pytest.approx(0.77, abs=0.06)
    assert (seen - expected)[kept].mean() == pytest.approx(0, abs=4 * 8.5 / np.sqrt(kept.sum()))


def test_early_alliance_looks_as_published(clinic: Simulated) -> None:
    score = clinic.tables.outcomes["score"]
    assert 3.94 <= score.mean() <= 4.23
    assert 0.55 <= score.std() <= 0.80
    assert float(((score - score.mean()) ** 3).mean() / score.std() ** 3) < -0.4


def test_avoidance_goes_with_early_alliance_as_published(clinic: Simulated) -> None:
    early = clinic.tables.outcomes.groupby("client_id")["score"].mean()
    with_alliance = clinic.tables.clients.set_index("client_id")["attachment_avoidance"].corr(early)
    assert with_alliance == pytest.approx(-0.13, abs=3 / np.sqrt(2_700))


def test_everything_happened_before_the_day_the_tables_speak_of(clinic: Simulated) -> None:
    today = pd.Timestamp(AS_OF)
    tables = clinic.tables
    assert tables.outcomes["measured_on"].max() <= today
    assert tables.clients["referred_on"].max() < today
    assert tables.therapists["updated_on"].max() <= today
    referred = tables.clients.set_index("client_id")["referred_on"][tables.outcomes["client_id"]].to_numpy()
    assert (tables.outcomes["measured_on"].to_numpy() > referred).all()


def test_another_day_moves_every_date_and_nothing_else() -> None:
    there = simulate(30, 4, seed=2, as_of=AS_OF + dt.timedelta(days=10)).tables
    here = simulate(30, 4, seed=2).tables
    by_id = [tables.clients.set_index("client_id").sort_index() for tables in (here, there)]
    assert (by_id[1]["referred_on"] - by_id[0]["referred_on"]).eq(pd.Timedelta(days=10)).all()
    assert by_id[0].drop(columns="referred_on").equals(by_id[1].drop(columns="referred_on"))


@pytest.mark.parametrize("table", TABLES)
def test_no_truth_stands_in_the_tables(clinic: Simulated, table: str) -> None:
    assert list(getattr(clinic.tables, table)) == list(columns_of(table))


def test_a_written_clinic_reads_back_as_it_was_made(tmp_path: Path) -> None:
    made = simulate(70, 9, seed=8)
    write(made, tmp_path)
    tables = read(Clinic.open(tmp_path))
    assert tables.digest() == made.tables.digest()


def test_the_truth_lies_beside_the_tables_and_only_when_asked_for(tmp_path: Path) -> None:
    made = simulate(20, 4, seed=8)
    write(made, tmp_path / "with")
    write(made, tmp_path / "without", truth=False)
    assert {path.suffix for path in (tmp_path / "with" / "truth").iterdir()} == {".parquet"}
    assert not (tmp_path / "without" / "truth").exists()
    for name in ("with", "without"):
        assert not any(path.suffix == ".parquet" for path in (tmp_path / name).iterdir())


def test_clinic_toml_says_whose_it_is_and_that_nobody_is_real(tmp_path: Path) -> None:
    write(simulate(5, 2, seed=8), tmp_path, name='The "new" clinic')
    text = (tmp_path / "clinic.toml").read_text()
    assert "No real person" in text
    assert tomllib.loads(text) == {"clinic": {"name": 'The "new" clinic', "as_of": AS_OF}}


def test_the_sample_is_what_its_command_makes(tmp_path: Path) -> None:
    write_sample(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in SAMPLE.iterdir() if path.is_file()}


def test_the_sample_is_a_small_clinic_where_twenty_wait() -> None:
    tables = read(Clinic.open(SAMPLE))
    assert (len(tables.clients), len(tables.therapists)) == (80, 16)
    assert len(tables.clients) - len(tables.met) == 20


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ((0, 3, 1, None), "a clinic needs at least 1 client and 1 therapist"),
        ((3, 0, 1, None), "a clinic needs at least 1 client and 1 therapist"),
        ((3, 3, -1, None), "the seed must be 0 or larger"),
        ((3, 3, 1, 4), r"waiting must be from 0 to the number of clients \(3\)"),
        ((3, 3, 1, -1), r"waiting must be from 0 to the number of clients \(3\)"),
    ],
)
def test_numbers_no_clinic_can_have_are_refused(numbers: tuple[int, int, int, int | None], says: str) -> None:
    clients, therapists, seed, waiting = numbers
    with pytest.raises(ValueError, match=says):
        simulate(clients, therapists, seed, waiting=waiting)
