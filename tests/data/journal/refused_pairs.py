"""Events about a pair that cannot be recorded, and events that cannot be undone: rows as in ``refused_events.py``."""

from __future__ import annotations

from tests.data.journal.event_recorder import step
from tests.data.journal.refused_events import DAN, END, OFFER, SCORE, START, Refusal

PAIR_REFUSALS: dict[str, Refusal] = {
    # offers
    "a conflict in the export": Refusal(
        (), step("offered", "ben", "tom"), faults=("journal: event-against-conflict (ben, tom)",)
    ),
    "a conflict in the journal": Refusal(
        (step("conflict_set", "cat", "tom", reason="safety"),),
        OFFER,
        faults=("journal: event-against-conflict (cat, tom, 1)",),
    ),
    "a start against a conflict": Refusal(
        (), step("started", "ben", "tom"), faults=("journal: event-against-conflict (ben, tom)",)
    ),
    "a conflict twice": Refusal(
        (), step("conflict_set", "ben", "tom", reason="related"), faults=("journal: conflict-set-already (ben, tom)",)
    ),
    "an offer to a client set aside": Refusal(
        (),
        step("offered", "eve", "wes"),
        toml='[waiting]\nwhere = { column = "phq9", from = 1 }\n',
        faults=(
            "journal, client: offer-to-set-aside (client, eve)",
            "journal, therapist: offer-to-set-aside (therapist, wes)",
        ),
    ),
    "an offer twice": Refusal((OFFER,), OFFER, faults=("journal: offer-open-already (cat, tom, 1)",)),
    "an offer after it was accepted": Refusal(
        (OFFER, step("accepted", "cat", "tom")), OFFER, faults=("journal: offer-open-already (cat, tom, 2)",)
    ),
    "an offer that ends before": Refusal(
        (),
        step("offered", "cat", "tom", until="2026-06-14"),
        faults=("journal, until: offer-ends-before (2026-06-14)",),
    ),
    "an offer to a pair in therapy": Refusal(
        (), step("offered", "ann", "tom"), faults=("journal: pair-started-already (ann, tom)",)
    ),
    "no opening": Refusal((), step("offered", "cat", "una"), faults=("journal, therapist: no-opening-left (una, 1)",)),
    "no opening, held by others": Refusal(
        (OFFER, DAN, step("offered", "dan", "tom")),
        step("offered", "eve", "tom"),
        faults=("journal, therapist: no-opening-left (tom, cat, dan, 2, 3)",),
    ),
    "an opening not known": Refusal(
        (),
        step("offered", "cat", "vic"),
        toml='[rules.open_slots]\nunknown = "exclude"\n',
        faults=("journal, therapist: opening-not-known (vic)",),
    ),
    "no opening for a start": Refusal(
        (), step("started", "cat", "una"), faults=("journal, therapist: no-opening-left (una, 1)",)
    ),
    "no opening at all for an offer": Refusal(
        (OFFER, step("opening_set", None, "tom", openings=0)),
        START,
        faults=("journal, therapist: no-opening-left (tom, 1)",),
    ),
    "an answer without an offer": Refusal(
        (), step("accepted", "cat", "tom"), faults=("journal: no-offer-to-accept (cat, tom)",)
    ),
    "an answer twice": Refusal(
        (OFFER, step("accepted", "cat", "tom")),
        step("accepted", "cat", "tom"),
        faults=("journal: offer-accepted-already (cat, tom, 2)",),
    ),
    "an answer too late": Refusal(
        (step("offered", "cat", "tom", on="2026-06-01", until="2026-06-07"),),
        step("accepted", "cat", "tom"),
        faults=("journal: offer-expired (1, 2026-06-07)",),
    ),
    "an answer before the offer": Refusal(
        (OFFER,),
        step("accepted", "cat", "tom", on="2026-06-14"),
        faults=("journal, on: event-before-another (2026-06-14, 2026-06-15, 1, offered)",),
    ),
    "an answer in time, and the opening is gone": Refusal(
        (
            step("offered", "cat", "tom", on="2026-06-01", until="2026-06-07"),
            DAN,
            step("offered", "dan", "tom"),
            step("opening_set", None, "tom", openings=1),
        ),
        step("accepted", "cat", "tom", on="2026-06-05"),
        faults=("journal, therapist: no-opening-left (tom, dan, 1, 2)",),
    ),
    "a decline before the offer": Refusal(
        (OFFER,),
        step("declined", "cat", "tom", on="2026-06-14", by="client", reason="not-stated"),
        faults=("journal, on: event-before-another (2026-06-14, 2026-06-15, 1, offered)",),
    ),
    "a decline twice": Refusal(
        (step("declined", "cat", "tom", by="client", reason="not-stated"),),
        step("declined", "cat", "tom", by="client", reason="no-answer"),
        faults=("journal: pair-declined-already (cat, tom, 1)",),
    ),
    "a decline in therapy": Refusal(
        (),
        step("declined", "ann", "tom", by="client", reason="not-stated"),
        faults=("journal: pair-in-therapy (ann, tom)",),
    ),
    "an offer before the last end": Refusal(
        (START, END),
        step("offered", "cat", "tom", on="2026-06-14"),
        faults=("journal, on: event-before-another (2026-06-14, 2026-06-15, 2, ended)",),
    ),
    "an answer against a conflict": Refusal(
        (OFFER, step("conflict_set", "cat", "tom", reason="safety")),
        step("accepted", "cat", "tom"),
        faults=("journal: event-against-conflict (cat, tom, 2)",),
    ),
    "an answer in therapy": Refusal(
        (START,),
        step("accepted", "cat", "tom"),
        faults=(
            "journal: pair-started-already (cat, tom, 1)",
            "journal: no-offer-to-accept (cat, tom)",
        ),
    ),
    # therapy
    "a start twice": Refusal((START,), START, faults=("journal: pair-started-already (cat, tom, 1)",)),
    "a start before the last end": Refusal(
        (START, END),
        step("started", "cat", "tom", on="2026-06-14"),
        faults=("journal, on: event-before-another (2026-06-14, 2026-06-15, 2, ended)",),
    ),
    "an end without a start": Refusal((), END, faults=("journal: pair-not-started (cat, tom)",)),
    "an end twice": Refusal((START, END), END, faults=("journal: pair-ended-already (cat, tom, 2)",)),
    "an end before the start": Refusal(
        (START,),
        step("ended", "cat", "tom", on="2026-06-14", reason="completed"),
        faults=("journal, on: event-before-another (2026-06-14, 2026-06-15, 1, started)",),
    ),
    "an end after a dropout in the export": Refusal(
        (), step("ended", "ben", "una", reason="completed"), faults=("journal: pair-ended-already (ben, una)",)
    ),
    "an end for a reason of another event": Refusal(
        (START,),
        step("ended", "cat", "tom", reason="related"),
        faults=(
            "journal, reason: event-reason-unknown (Known: `completed`, `dropped-out`, `client-request`, and more.)",
        ),
    ),
    # scores
    "a score without a start": Refusal((), SCORE, faults=("journal: pair-not-started (cat, tom)",)),
    "a score of an unknown instrument": Refusal(
        (),
        step("score_recorded", "ann", "tom", session=4, score=4, instrument="WAI-XL"),
        faults=(
            "journal, instrument: event-instrument-unknown (Did you mean `WAI-S`? Known: `WAI-SR`, "
            "`WAI-S`, `SRS`, and more.)",
        ),
    ),
    "a score out of range": Refusal(
        (),
        step("score_recorded", "ann", "tom", session=4, score=5.5, task=0),
        faults=(
            "journal, score: event-score-out-of-range (score, WAI-SR, 1, 5)",
            "journal, task: event-score-out-of-range (task, WAI-SR, 1, 5)",
        ),
    ),
    "a score twice": Refusal(
        (START, SCORE),
        step("score_recorded", "cat", "tom", session=1, score=3, on="2026-06-15"),
        faults=("journal, score: score-recorded-already (2, cat, tom, 2)",),
    ),
    "a score of the export": Refusal(
        (),
        step("score_recorded", "ann", "tom", session=3, score=4),
        faults=("journal, score: score-recorded-already (ann, tom)",),
    ),
    "a score of the same day": Refusal(
        (),
        step("score_recorded", "ann", "tom", session=4, score=4, on="2026-05-20"),
        faults=("journal, score: score-recorded-already (ann, tom)",),
    ),
    "a score before the start": Refusal(
        (START,),
        SCORE._replace(on="2026-06-14"),
        faults=("journal, on: event-before-another (2026-06-14, 2026-06-15, 1, started)",),
    ),
    # roster
    "a check before the last one": Refusal(
        (),
        step("roster_checked", None, "tom", openings=1, on="2026-05-31"),
        faults=("journal, on: roster-checked-later (tom, 2026-05-31)",),
    ),
    "a number before the check": Refusal(
        (),
        step("opening_set", None, "tom", openings=1, on="2026-05-31"),
        faults=("journal, on: roster-checked-later (tom, 2026-05-31)",),
    ),
    "a number that cannot be read": Refusal(
        (),
        step("opening_set", None, "wes", openings=1),
        faults=("journal, therapist: roster-cell-unreadable (open_slots, wes)",),
    ),
    "a check on an earlier day": Refusal(
        (), step("roster_checked", None, "tom", on="2026-06-10"), faults=("journal, openings: openings-of-earlier-day",)
    ),
    # undone
    "nothing to undo": Refusal(
        (), step("undone", event=1, because="did-not-happen"), faults=("journal, event: no-event-to-undo",)
    ),
    "no such event": Refusal(
        (OFFER,), step("undone", event=2, because="did-not-happen"), faults=("journal, event: no-event-to-undo (2, 1)",)
    ),
    "undone twice": Refusal(
        (OFFER, step("undone", event=1, because="wrong-person")),
        step("undone", event=1, because="wrong-person"),
        faults=("journal, event: event-undone-already (1)",),
    ),
    "undo of an undo": Refusal(
        (OFFER, step("undone", event=1, because="wrong-person")),
        step("undone", event=2, because="wrong-person"),
        faults=("journal, event: undo-of-undo (2)",),
    ),
    "an offer that was accepted": Refusal(
        (OFFER, step("accepted", "cat", "tom")),
        step("undone", event=1, because="wrong-entry"),
        faults=("journal, event: event-needed-later (1, 2 (`accepted`))",),
    ),
    "a start with a score and an end": Refusal(
        (START, SCORE, END),
        step("undone", event=1, because="wrong-entry"),
        faults=("journal, event: event-needed-later (1, 2 (`score_recorded`), 3 (`ended`))",),
    ),
    "a client with events": Refusal(
        (DAN, step("offered", "dan", "tom")),
        step("undone", event=1, because="wrong-entry"),
        faults=("journal, event: event-needed-later (1, 2 (`offered`))",),
    ),
    "a decline whose opening is gone": Refusal(
        (
            OFFER,
            step("declined", "cat", "tom", by="client", reason="not-stated"),
            DAN,
            step("offered", "dan", "tom"),
            step("offered", "eve", "tom"),
        ),
        step("undone", event=2, because="wrong-entry"),
        faults=("journal, event: undo-without-opening (tom)",),
    ),
    "an event of no type": Refusal(
        (),
        step("offerd", "cat", "tom"),
        faults=(
            "journal: event-type-unknown (Did you mean `offered`? Known: `client_added`, "
            "`client_changed`, `wish_set`, and more.)",
        ),
    ),
}
