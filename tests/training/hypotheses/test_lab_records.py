"""Records of a hypothesis test: outcome, term, covariates, and what falls out of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import attune_fit as af
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.mapping_config import ColumnMapping, TableMapping, TableMappings
from attune_fit.data.clinic.tables import Tables
from attune_fit.training.hypotheses.hypothesis import Hypothesis, OutcomeName
from attune_fit.training.hypotheses.lab_outcomes import compute_lab_outcomes
from attune_fit.training.hypotheses.lab_records import LabRecords, build_lab_records, find_hypothesis_faults

PRODUCT = {"client": "attachment_avoidance", "therapist": "warm_support_style", "compare": "product"}
Build = Callable[..., LabRecords]


@pytest.fixture(scope="module")
def opened() -> tuple[Clinic, Tables]:
    workspace = af.simulate(clients=160, therapists=10, seed=4).workspace()
    return workspace.clinic, workspace.tables


@pytest.fixture
def build(opened: tuple[Clinic, Tables]) -> Build:
    def build(feature: dict[str, Any] = PRODUCT, tables: Tables = opened[1], **keys: Any) -> LabRecords:
        one = Hypothesis.model_validate({"name": "one", "claim": "a claim", "feature": feature, **keys})
        return build_lab_records(opened[0], tables, one)

    return build


def take(tables: Tables, records: LabRecords, side: str, column: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    frame, rows = (tables.clients, records.client) if side == "client" else (tables.therapists, records.therapist)
    return frame[column].to_numpy(float)[rows]


def test_an_interaction_is_the_product_of_two_variables_in_their_sd(
    opened: tuple[Clinic, Tables], build: Build
) -> None:
    records = build(covariates=["clients.phq9"])
    avoidance = take(opened[1], records, "client", "attachment_avoidance")
    warmth = take(opened[1], records, "therapist", "warm_support_style")
    once = warmth[np.unique(records.therapist, return_index=True)[1]]  # each therapist counts once
    x, z = (avoidance - avoidance.mean()) / avoidance.std(), (warmth - once.mean()) / once.std()
    assert records.client_variable == pytest.approx(x)
    assert records.therapist_trait == pytest.approx(z)
    assert records.term == pytest.approx(x * z)
    phq9 = take(opened[1], records, "client", "phq9")
    assert records.covariates[:, 0] == pytest.approx((phq9 - phq9.mean()) / phq9.std())
    assert records.covariate_names[0] == "clients.phq9"


def test_a_trait_has_its_sd_over_therapists(opened: tuple[Clinic, Tables], build: Build) -> None:
    records = build({"therapist": "years_experience", "compare": "number"})
    once = records.term[np.unique(records.therapist, return_index=True)[1]]
    assert (once.mean(), once.std()) == pytest.approx((0.0, 1.0))
    years = take(opened[1], records, "therapist", "years_experience")
    assert records.therapist_scale is not None
    assert records.term * records.therapist_scale.sd + records.therapist_scale.center == pytest.approx(years)


def test_a_pair_is_adjusted_for_the_clients_mean_over_all_therapists(
    opened: tuple[Clinic, Tables], build: Build
) -> None:
    feature = {"client": "warm_support_preference", "therapist": "warm_support_style", "compare": "distance"}
    records = build(feature)
    wanted = take(opened[1], records, "client", "warm_support_preference")
    offered = take(opened[1], records, "therapist", "warm_support_style")
    distance = np.abs(wanted - offered)
    assert records.term == pytest.approx((distance - distance.mean()) / distance.std())
    all_offered = offered[np.unique(records.therapist, return_index=True)[1]]
    means = np.abs(wanted[:, None] - all_offered).mean(axis=1)
    part = records.covariates[:, records.covariate_names.index("part: client's mean over therapists")]
    assert part == pytest.approx((means - means.mean()) / means.std())
    own = records.covariates[:, records.covariate_names.index("part: client")]
    assert own == pytest.approx((wanted - wanted.mean()) / wanted.std())


def test_an_importance_multiplies_the_comparison_and_both_stay_as_parts(
    opened: tuple[Clinic, Tables], build: Build
) -> None:
    feature = {"client": "presenting_problems", "therapist": "specialties", "compare": "same", "weight_by": "phq9"}
    records = build({**feature, "center": 0.25})
    comparison = records.covariates[:, records.covariate_names.index("part: comparison")] > 0
    value = (comparison - 0.25) * take(opened[1], records, "client", "phq9")
    assert records.term == pytest.approx((value - value.mean()) / value.std())
    assert "part: importance" in records.covariate_names
    has_anxiety = opened[1].clients["presenting_problems"].str.contains("anxiety").to_numpy(float)[records.client]
    anxiety = records.covariates[:, records.covariate_names.index("part: client anxiety")]
    assert np.corrcoef(anxiety, has_anxiety)[0, 1] == pytest.approx(1.0)


def test_powers_and_thresholds_change_a_side_and_keep_its_lower_powers(
    opened: tuple[Clinic, Tables], build: Build
) -> None:
    records = build({**PRODUCT, "power": {"client": 2}, "center": {"client": 3}, "threshold": {"therapist": 0.0}})
    squared = (take(opened[1], records, "client", "attachment_avoidance") - 3) ** 2
    assert records.client_variable == pytest.approx(squared / squared.std())
    assert records.therapist_trait is not None
    assert len(np.unique(records.therapist_trait)) == 2
    assert {"part: client^1", "part: client^1 x therapist^1"} < set(records.covariate_names)


def test_both_sides_of_a_surface_share_one_centre_and_one_sd(opened: tuple[Clinic, Tables], build: Build) -> None:
    records = build({"client": "warm_support_preference", "therapist": "warm_support_style", "compare": "surface"})
    assert records.client_scale == records.therapist_scale
    assert records.client_variable is not None
    assert records.client_scale is not None
    raw = records.client_variable * records.client_scale.sd + records.client_scale.center
    assert raw == pytest.approx(take(opened[1], records, "client", "warm_support_preference"))


def test_every_pair_of_the_outcomes_is_used_or_counted(opened: tuple[Clinic, Tables], build: Build) -> None:
    records = build(
        exclusions=["caseload under 5", "second therapists", "undated ratings"],
        subgroup={"table": "clients", "column": "phq9", "at_least": 8},
    )
    n_pairs = len(opened[1].outcomes[["client_id", "therapist_id"]].drop_duplicates())
    assert len(records) + sum(records.n_dropped.values()) == n_pairs
    assert min(np.bincount(records.therapist)[np.unique(records.therapist)]) >= 5
    assert min(take(opened[1], records, "client", "phq9")) >= 8
    assert not np.isnan(records.covariates).any()


def test_a_code_decides_a_subgroup_and_an_unknown_cell_is_outside(opened: tuple[Clinic, Tables], build: Build) -> None:
    tables = opened[1]
    unknown = tables.clients["gender"].mask(tables.clients.index % 3 == 0)
    changed = replace(tables, clients=tables.clients.assign(gender=unknown))
    records = build(tables=changed, subgroup={"table": "clients", "column": "gender", "code": "woman"})
    assert set(tables.clients["gender"].iloc[records.client]) == {"woman"}
    assert not (records.client % 3 == 0).any()


def make_outcomes(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    names = ["client_id", "therapist_id", "session", "measured_on", "instrument", "score", "dropped_out"]
    outcomes = pd.DataFrame(rows, columns=names).assign(rater="client", goal=np.nan, task=np.nan, bond=np.nan)
    outcomes["measured_on"] = pd.to_datetime(outcomes["measured_on"])
    return outcomes.astype({"session": float, "score": float, "dropped_out": "str", "instrument": "str"})


@pytest.fixture
def few(opened: tuple[Clinic, Tables]) -> tuple[Clinic, Tables]:
    """Three pairs: one with sessions 1, 3 and 4; one without a third session; a client's second therapist."""
    clinic, tables = opened
    (a, b), (s, t) = tables.clients["client_id"][:2], tables.therapists["therapist_id"][:2]
    rows = [
        (a, s, 1, "2025-01-01", "WAI-SR", 3.0, None),
        (a, s, 3, "2025-02-01", "WAI-SR", 4.0, None),
        (a, s, 4, "2025-02-08", "WAI-SR", 5.0, "no"),
        (b, t, 1, "2025-01-01", "WAI-SR", 2.0, None),
        (b, s, 1, "2025-03-01", "WAI-SR", 4.0, "yes"),
        (b, s, 3, "2025-04-01", "WAI-SR", 3.0, "no"),
    ]
    return clinic, replace(tables, outcomes=make_outcomes(rows))


def compute(
    few: tuple[Clinic, Tables], outcome: OutcomeName, *, drops_late_sessions: bool = False
) -> dict[tuple[int, int], float]:
    clinic, tables = few
    frame = compute_lab_outcomes(clinic, tables, outcome, drops_late_sessions=drops_late_sessions)
    return {
        (int(client), int(therapist)): float(y)
        for client, therapist, y in zip(frame["client_row"], frame["therapist_row"], frame["y"], strict=True)
    }


def test_a_change_is_session_3_minus_session_1_in_pomp(few: tuple[Clinic, Tables]) -> None:
    known = compute(few, "change")
    assert (known[0, 0], known[1, 0]) == pytest.approx((25.0, -25.0))
    assert np.isnan(known[1, 1])


def test_an_unknown_dropout_is_not_a_no(few: tuple[Clinic, Tables]) -> None:
    known = compute(few, "dropout")
    assert (known[0, 0], known[1, 0]) == (0.0, 1.0)
    assert np.isnan(known[1, 1])


def test_turns_of_therapists_follow_the_dates(few: tuple[Clinic, Tables]) -> None:
    frame = compute_lab_outcomes(*few, "total").set_index(["client_row", "therapist_row"])
    assert (frame["turn"][0, 0], frame["turn"][1, 1], frame["turn"][1, 0]) == (0, 0, 1)


def test_later_sessions_can_be_excluded(opened: tuple[Clinic, Tables], few: tuple[Clinic, Tables]) -> None:
    clinic, tables = few
    long = {**clinic.instruments, "WAI-SR": clinic.instruments["WAI-SR"].model_copy(update={"early": (1, 5)})}
    clinic = replace(clinic, instruments=long)
    assert compute((clinic, tables), "total")[0, 0] == pytest.approx(75.0)
    assert compute((clinic, tables), "total", drops_late_sessions=True)[0, 0] == pytest.approx(62.5)


def test_an_intake_after_the_first_rating_is_excluded(opened: tuple[Clinic, Tables], build: Build) -> None:
    tables = opened[1]
    late = tables.clients["intake_on"].where(tables.clients.index % 2 == 0, pd.Timestamp("2027-01-01"))
    records = build(tables=replace(tables, clients=tables.clients.assign(intake_on=late)))
    assert not (records.client % 2).any()
    assert records.n_dropped["the intake is after the first rating"] > 10


def list_faults(build: Build, *words: Any, **keys: Any) -> list[tuple[str, str]]:
    with pytest.raises(af.DataFault) as caught:
        build(*words, **keys)
    return [(fault.id, fault.column) for fault in caught.value.faults]


def test_all_refused_columns_are_named_at_once(opened: tuple[Clinic, Tables], build: Build) -> None:
    clients = opened[1].clients.assign(wai_total=1.0)
    found = list_faults(
        build,
        {"client": "gender", "therapist": "warm_support_style", "compare": "product"},
        replace(opened[1], clients=clients),
        covariates=["clients.wai_total", "clients.client_id", "therapists.nothing", "clients.religion"],
        subgroup={"table": "clients", "column": "region", "at_most": 3},
    )
    assert sorted(found) == [
        ("excluded-column", "feature.client"),
        ("id-as-covariate", "covariates"),
        ("leaking-column", "covariates"),
        ("text-read-as-number", "covariates"),
        ("text-read-as-number", "subgroup"),
        ("unknown-column", "covariates"),
    ]


@pytest.mark.parametrize(
    ("header", "column", "advice"), [("PHQ total", "phq9", "Write `phq9`."), ("patient", "client_id", "It is an id.")]
)
def test_a_header_of_the_file_has_the_column_that_is_read_from_it(
    opened: tuple[Clinic, Tables], header: str, column: str, advice: str
) -> None:
    clients = TableMapping(columns={column: ColumnMapping.model_validate({"from": header})})
    config = opened[0].config.model_copy(update={"tables": TableMappings(clients=clients)})
    one = Hypothesis.model_validate({"name": "one", "claim": "a claim", "feature": {**PRODUCT, "client": header}})
    (fault,) = find_hypothesis_faults(replace(opened[0], config=config), opened[1], one)
    assert fault.fix.startswith(f"clinic.toml reads `{header}` as `{column}`. {advice}")
    (without,) = find_hypothesis_faults(*opened, one)
    assert "Known: " in without.fix


def test_a_therapists_own_attachment_is_refused(build: Build) -> None:
    found = list_faults(build, {"therapist": "attachment_style", "compare": "number"})
    assert found == [("leaking-column", "feature.therapist")]


def test_the_term_cannot_be_a_covariate(build: Build) -> None:
    trait = {"therapist": "years_experience", "compare": "number"}
    assert list_faults(build, trait, covariates=["therapists.years_experience"]) == [
        ("term-as-covariate", "covariates")
    ]


def test_no_record_and_a_term_that_does_not_vary_are_errors(opened: tuple[Clinic, Tables], build: Build) -> None:
    no_client = {"table": "clients", "column": "phq9", "at_least": 999}
    assert list_faults(build, subgroup=no_client) == [("no-record-for-hypothesis", "")]
    same = replace(opened[1], clients=opened[1].clients.assign(attachment_avoidance=3.0))
    assert list_faults(build, PRODUCT, same) == [("constant-term", "feature")]


def test_a_covariate_that_others_add_up_to_is_left_out(build: Build) -> None:
    names = build(covariates=["clients.phq9", "clients.gad7", "clients.phq9"]).covariate_names
    assert names[:2] == ("clients.phq9", "clients.gad7")
    assert names.count("clients.phq9") == 1
