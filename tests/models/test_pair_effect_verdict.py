"""The sentence of the verdict, which every ranking shows."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from attune_fit.models.pair_effect_verdict import MethodComparison, Verdict

MODEL = MethodComparison("the model", (0.1, 0.02, 0.18), (0.2, 0.1, 0.3))
COUNT = MethodComparison("the count of honoured wishes", (0.21, 0.15, 0.27), ahead=True)
HELPED, UNCLEAR, KEPT = (0.04, 0.02, 0.06), (0.01, -0.02, 0.04), (-0.04, -0.06, -0.02)
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
        Verdict("adds", r=0.1, low=0.02, high=0.18, p=0.01, n=797, compared=(MODEL, COUNT), learned=HELPED),
        "Tested on your 797 records, the model helps a little in choosing between therapists "
        "(r = .10, 95% interval .02 to .18). With the weights it began with: r = .06. "
        "Your records changed it by .04 (95% interval .02 to .06). "
        "On the same records, the count of honoured wishes alone shows better who suits whom "
        "(r = .21, 95% interval .15 to .27).",
    ),
    (
        Verdict("adds", r=0.15, low=0.06, high=0.24, p=0.01, n=797, learned=UNCLEAR),
        "Tested on your 797 records, the model helps a little in choosing between therapists "
        "(r = .15, 95% interval .06 to .24). With the weights it began with: r = .14. "
        "Your records changed it by .01 (95% interval -.02 to .04), which is no measurable change.",
    ),
    (
        Verdict("adds", r=0.19, low=0.1, high=0.28, p=0.01, n=797, learned=KEPT),
        "Tested on your 797 records, the model helps a little in choosing between therapists "
        "(r = .19, 95% interval .10 to .28). The model keeps the weights it began with: weights learned from your "
        "records were worse by .04 (95% interval .02 to .06).",
    ),
    (
        Verdict("nothing", r=0.031, low=-0.02, high=0.09, p=0.2, n=1161, learned=UNCLEAR),
        "Your 1,161 records cannot yet tell which therapist suits which client (r = .03, 95% interval -.02 to .09). "
        "The order of a list follows published effects and the ratings by each therapist's other clients. "
        "With the weights it began with: r = .02. "
        "Your records changed it by .01 (95% interval -.02 to .04), which is no measurable change.",
    ),
]


@pytest.mark.parametrize(("verdict", "sentence"), SENTENCES)
def test_the_sentence_gives_the_answer_first(verdict: Verdict, sentence: str) -> None:
    assert verdict.sentence == sentence


@pytest.mark.parametrize(
    ("learned", "end"),
    [
        (None, "."),
        (HELPED, ", more than before it learned from them."),
        (UNCLEAR, ", about as much as before it learned from them."),
        (KEPT, ", with the weights it began with."),
    ],
)
def test_the_plain_sentence_names_the_records_as_a_help_only_where_they_helped(
    learned: tuple[float, float, float] | None, end: str
) -> None:
    sentence = Verdict("adds", r=0.19, low=0.1, high=0.28, p=0.01, n=797, learned=learned).plain_sentence
    assert sentence == "Tested on your 797 records, the model helps a little in choosing between therapists" + end


def test_starting_weights_are_kept_only_where_the_whole_interval_is_below_zero() -> None:
    kept = [Verdict(learned=learned).keeps_starting_weights for learned in (None, HELPED, UNCLEAR, KEPT)]
    assert kept == [False, False, False, True]


def test_the_power_sentence_gives_the_power_of_so_many_records() -> None:
    sentence = Verdict("nothing", n=240, power=POWER).power_sentence
    assert sentence == (
        "With your 240 records, the test would find a pair effect of r = .10 in 31% of cases "
        "(.05: 10%, .15: 60%, .20: 100%)."
    )
    assert Verdict("nothing", n=20).power_sentence == ""


def test_json_round_trip_keeps_every_field() -> None:
    verdict = Verdict("adds", 0.1, 0.02, 0.18, 0.01, 797, POWER, (MODEL, COUNT), KEPT)
    assert Verdict.from_dict(json.loads(json.dumps(asdict(verdict)))) == verdict


def test_a_verdict_without_power_and_comparisons_can_be_read() -> None:
    assert (
        Verdict.from_dict({"kind": "published", "r": None, "low": None, "high": None, "p": None, "n": 0}) == Verdict()
    )
