"""The verdict's words, which every ranking shows."""

from __future__ import annotations

import pytest

from models.verdict import Verdict

SAID = [
    (Verdict(), "Published evidence only: no outcome records of this clinic were learned from."),
    (
        Verdict("nothing", n=1),
        "Local data adds nothing measurable yet: 1 record cannot tell; the test needs at least 30 records, therapists "
        "who could have been exchanged and a feature in which they differ.",
    ),
    (
        Verdict("nothing", r=0.031, low=-0.02, high=0.09, p=0.2, n=1161),
        "Local data adds nothing measurable yet to the choice between therapists: r = .03 [-.02, .09] in your 1,161 "
        "records.",
    ),
    (
        Verdict("adds", r=0.17, low=0.1, high=0.25, p=0.002, n=797),
        "In your 797 records, local data adds r = .17 [.10, .25] to the choice between therapists.",
    ),
]


@pytest.mark.parametrize(("verdict", "sentence"), SAID)
def test_the_words(verdict: Verdict, sentence: str) -> None:
    assert verdict.sentence == sentence
