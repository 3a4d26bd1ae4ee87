"""The verdict's words, which every ranking shows."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from attune_fit.models.pair_effect_verdict import MethodComparison, Verdict

MODEL = MethodComparison("the model", (0.1, 0.02, 0.18), (0.2, 0.1, 0.3))
COUNT = MethodComparison("the count of honoured wishes", (0.21, 0.15, 0.27), ahead=True)
POWER = ((0.05, 0.1), (0.1, 0.306), (0.15, 0.6), (0.2, 0.999))

SAID = [
    (Verdict(), "Published evidence only: no outcome records of this clinic were learned from."),
    (
        Verdict("nothing", n=1),
        "Local data adds nothing measurable yet: 1 record cannot tell; the test needs at least 30 records, therapists "
        "who could have been exchanged and a feature in which they differ. The order of a list follows published "
        "effects and how a therapist's other clients rated.",
    ),
    (
        Verdict("nothing", r=0.031, low=-0.02, high=0.09, p=0.2, n=1161),
        "Local data adds nothing measurable yet to the choice between therapists: r = .03 [-.02, .09] in your 1,161 "
        "records. The order of a list follows published effects and how a therapist's other clients rated.",
    ),
    (
        Verdict("adds", r=0.17, low=0.1, high=0.25, p=0.002, n=797),
        "In your 797 records, the pair part adds r = .17 [.10, .25] to the choice of therapist.",
    ),
    (
        Verdict("adds", r=0.1, low=0.02, high=0.18, p=0.01, n=797, compared=(MODEL, COUNT)),
        "In your 797 records, the pair part adds r = .10 [.02, .18] to the choice of therapist. On the same "
        "records, the count of honoured wishes alone knows more of who suits whom: r = .21 [.15, .27].",
    ),
]


@pytest.mark.parametrize(("verdict", "sentence"), SAID)
def test_the_words(verdict: Verdict, sentence: str) -> None:
    assert verdict.sentence == sentence


def test_what_such_records_can_show_is_told_beside_it() -> None:
    told = Verdict("nothing", n=240, power=POWER).power_sentence
    assert told == (
        "With your 240 records a pair effect of r = .10 would be found in 31% of cases (.05: 10%, .15: 60%, .20: 100%)."
    )
    assert Verdict("nothing", n=20).power_sentence == ""


def test_json_keeps_all_of_it() -> None:
    one = Verdict("adds", 0.1, 0.02, 0.18, 0.01, 797, POWER, (MODEL, COUNT))
    assert Verdict.from_dict(json.loads(json.dumps(asdict(one)))) == one


def test_a_verdict_written_before_there_was_power_can_be_read() -> None:
    assert (
        Verdict.from_dict({"kind": "published", "r": None, "low": None, "high": None, "p": None, "n": 0}) == Verdict()
    )
