"""The sentence of the verdict, which every ranking shows."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from attune_fit.models.pair_effect_verdict import STARTING_MODEL_LABEL, MethodComparison, Verdict

MODEL = MethodComparison("the model", (0.1, 0.02, 0.18), (0.2, 0.1, 0.3))
COUNT = MethodComparison("the count of honoured wishes", (0.21, 0.15, 0.27), ahead=True)
START = MethodComparison(STARTING_MODEL_LABEL, (0.19, 0.1, 0.28), (0.2, 0.1, 0.3))
POWER = ((0.05, 0.1), (0.1, 0.306), (0.15, 0.6), (0.2, 0.999))

SENTENCES = [
    (Verdict(), "Published evidence only: Attune has not learned from any outcome records of this clinic."),
    (
        Verdict("nothing", n=1),
        "Your 1 record cannot yet tell which therapist suits which client. The test needs at least 30 records, "
        "therapists who could have exchanged clients, and a feature in which these therapists differ. The order of a "
        "list follows published effects and the ratings by each therapist's other clients.",
    ),
    (
        Verdict("nothing", r=0.031, low=-0.02, high=0.09, p=0.2, n=1161),
        "Your 1,161 records cannot yet tell which therapist suits which client (r = .03, 95% interval -.02 to .09). "
        "The order of a list follows published effects and the ratings by each therapist's other clients.",
    ),
    (
        Verdict("adds", r=0.17, low=0.1, high=0.25, p=0.002, n=797),
        "Tested on your 797 records, the model helps a little in choosing between therapists "
        "(r = .17, 95% interval .10 to .25).",
    ),
    (
        Verdict("adds", r=0.3, low=0.2, high=0.4, p=0.002, n=797),
        "Tested on your 797 records, the model helps in choosing between therapists "
        "(r = .30, 95% interval .20 to .40).",
    ),
    (
        Verdict("adds", r=0.1, low=0.02, high=0.18, p=0.01, n=797, compared=(MODEL, START, COUNT)),
        "Tested on your 797 records, the model helps a little in choosing between therapists "
        "(r = .10, 95% interval .02 to .18). Without learning from them it reaches r = .19. "
        "On the same records, the count of honoured wishes alone shows better who suits whom "
        "(r = .21, 95% interval .15 to .27).",
    ),
]


@pytest.mark.parametrize(("verdict", "sentence"), SENTENCES)
def test_the_sentence_gives_the_answer_first(verdict: Verdict, sentence: str) -> None:
    assert verdict.sentence == sentence


def test_the_power_sentence_gives_the_power_of_so_many_records() -> None:
    sentence = Verdict("nothing", n=240, power=POWER).power_sentence
    assert sentence == (
        "With your 240 records, the test would find a pair effect of r = .10 in 31% of cases "
        "(.05: 10%, .15: 60%, .20: 100%)."
    )
    assert Verdict("nothing", n=20).power_sentence == ""


def test_json_round_trip_keeps_every_field() -> None:
    verdict = Verdict("adds", 0.1, 0.02, 0.18, 0.01, 797, POWER, (MODEL, COUNT))
    assert Verdict.from_dict(json.loads(json.dumps(asdict(verdict)))) == verdict


def test_a_verdict_without_power_and_comparisons_can_be_read() -> None:
    assert (
        Verdict.from_dict({"kind": "published", "r": None, "low": None, "high": None, "p": None, "n": 0}) == Verdict()
    )
