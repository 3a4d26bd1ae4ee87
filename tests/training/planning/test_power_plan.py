"""A power plan: its request, its sizes, and its sentences."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from attune_fit.data.faults import DataFault
from attune_fit.training.planning.planned_study import PlannedStudy
from attune_fit.training.planning.power_plan import PowerPlan, StudySize, simulate_power_plan
from attune_fit.training.planning.power_request import PowerRequest
from attune_fit.training.planning.power_sentences import describe_answer, list_sentences
from attune_fit.training.planning.simulated_power import PowerCell
from attune_fit.training.planning.study_sources import NormalPopulation
from attune_fit.training.planning.therapist_search import TherapistNeed

OWN = StudySize(18, 290)


def list_faults(request: PowerRequest) -> list[tuple[str, str]]:
    with pytest.raises(DataFault) as caught:
        request.check()
    return sorted((fault.id, fault.column) for fault in caught.value.faults)


def build_plan(found: int, *, effect: float = 0.1, failed: int = 0, ceiling: float | None = None) -> PowerPlan:
    study = PlannedStudy("interaction", effect, 20, 500)
    cell = PowerCell(study, 1_000, found, found // 10, {"few-therapists": failed} if failed else {}, 2.25)
    need = TherapistNeed(effect, 25.0, 0.8, 49, cell)
    return PowerPlan(study, "normal numbers", (cell,), (ceiling,), (need,), None, 0.8, 0)


def test_a_request_lists_all_its_errors_at_once() -> None:
    request = PowerRequest(effects=["observed", 2], therapists=[0], therapist_share=1.5, rate=0.0, precision=0.5)
    found = [("observed-power", "effect"), ("power-effect", "effect")]
    found += [("power-number", name) for name in ("precision", "rate")]
    assert list_faults(request) == [*found, ("power-number", "therapist-share"), ("power-number", "therapists")]


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        (PowerRequest(effects=[0.9], therapist_share=0.3), ("power-variance", "effect")),
        (PowerRequest(therapists=[40], outcomes=[30]), ("power-outcomes", "outcomes")),
        (PowerRequest(effects=["much"]), ("power-effect", "effect")),
        (PowerRequest(kind="surface"), ("power-number", "kind")),
        (PowerRequest(therapists=[5_000], caseload=1_000), ("power-size", "outcomes")),
    ],
)
def test_a_study_that_cannot_be_simulated_is_refused(request_: PowerRequest, fault: tuple[str, str]) -> None:
    assert list_faults(request_) == [fault]


@pytest.mark.parametrize("effect", ["observed", "Estimate", PowerCell, None])
def test_an_effect_from_the_data_is_refused(effect: object) -> None:
    assert list_faults(PowerRequest(effects=[effect])) == [("observed-power", "effect")]


def test_sizes_are_those_asked_for_or_the_clinics_own() -> None:
    assert PowerRequest().list_sizes(None) == [(10, 250), (20, 500), (40, 1000), (100, 2500)]
    assert PowerRequest().list_sizes(OWN)[:3] == [(10, 161), OWN, (20, 322)]
    assert PowerRequest(outcomes=[300, 600]).list_sizes(OWN) == [(18, 300), (18, 600)]
    assert PowerRequest(therapists=[30, 5], outcomes=[90]).list_sizes(OWN) == [(5, 90), (30, 90)]
    assert PowerRequest(therapists=[18], caseload=4).list_sizes(OWN) == [(18, 72)]


def test_the_answer_follows_the_power() -> None:
    assert describe_answer(build_plan(150)) == (
        "With 20 therapists and 500 outcomes, the test finds an effect of 0.10 in 15% of studies. "
        "That is too little for an answer: 80% count as enough."
    )
    assert describe_answer(build_plan(810)).endswith("That is about the 80% that count as enough.")
    assert describe_answer(build_plan(950)).endswith("Such a study can give an answer.")
    assert "false alarm in 5% of studies" in describe_answer(build_plan(50, effect=0.0))
    assert describe_answer(build_plan(0, failed=1_000)).endswith("such a study cannot be tested.")


def test_sentences_say_what_is_needed_and_what_went_wrong() -> None:
    sentences = list(list_sentences(build_plan(150, failed=20, ceiling=0.44)))
    assert sentences == [
        "An effect of 0.10 needs about 49 therapists with 25 outcomes each for 80%.",
        "With 20 therapists, more clients alone do not help enough. The limit is 44% for an effect of 0.10.",
        "If such a study is significant nevertheless, its estimate is on average 2.2 times the true effect, "
        "and has the wrong sign in 10% of cases.",
        "20 of 1,000 simulated tests had no result, and count as not found (20: too few therapists for the number of "
        "terms).",
    ]
    never = replace(build_plan(990), needs=(TherapistNeed(0.1, 25.0, 0.8, None, build_plan(300).cells[0]),))
    assert next(list_sentences(never)).startswith("An effect of 0.10 needs more than 1,000 therapists")


def test_a_plan_has_every_effect_and_size_and_is_json() -> None:
    steps: list[str] = []
    plan = simulate_power_plan(
        PlannedStudy("trait", 0.0, 30, 300), NormalPopulation(), effects=[0.0, 0.3], sizes=[StudySize(10, 100), OWN],
        population="normal numbers", own_size=OWN, precision=0.03, report_progress=steps.append,
    )  # fmt: skip
    assert [(cell["therapists"], cell["effect"]) for cell in plan.to_dict()["cells"]] == [
        (10, 0.0), (10, 0.3), (18, 0.0), (18, 0.3),
    ]  # fmt: skip
    assert [need.effect for need in plan.needs] == [0.3], "no number of therapists finds an effect of 0"
    assert plan.needs[0].caseload == 10
    assert len(steps) == 5
    assert steps[-1].endswith("4 of 5 steps")
    assert json.loads(json.dumps(plan.to_dict(), allow_nan=False))["own_size"] == {"therapists": 18, "outcomes": 290}
    assert describe_answer(plan).startswith("With 18 therapists and 290 outcomes"), "the clinic's own size comes first"
