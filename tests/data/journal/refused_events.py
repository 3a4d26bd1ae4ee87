"""Events that cannot be recorded: what came before, what a person tries, and every fault that is reported.

These are the cases about people, fields, cells and wishes; those about pairs are in ``refused_pairs.py``. The faults
are described as :mod:`tests.fault_descriptions` does. All cases are about the clinic of :func:`build_clinic`, and are
run by ``test_refused_events.py``.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.data.conftest import ClinicFolder
from tests.data.journal.event_recorder import Step, step

OFFER = step("offered", "cat", "tom")
START = step("started", "cat", "tom")
END = step("ended", "cat", "tom", reason="completed")
SCORE = step("score_recorded", "cat", "tom", session=1, score=4.5)
DAN = step("client_added", "dan")


def build_clinic(folder: ClinicFolder) -> ClinicFolder:
    """Add a conflict, a therapist who takes no grief, one with an unreadable number, and own columns to a folder."""
    folder.put(
        "clients.csv",
        "client_id,age,gender,lgbtq,phq9,referred_on,presenting_problems,ward,Remarks\n"
        "ann,34,woman,no,12,2026-05-01,grief|trauma,b,called twice\n"
        "ben,51,man,,7,2026-05-02,grief,b,has a cat\n"
        "cat,27,woman,yes,,2026-05-20,trauma,c,works at night\n"
        "eve,27,woman,yes,twelve,2026-05-20,trauma,c,new in town\n",
    )
    folder.put(
        "therapists.csv",
        "therapist_id,age,gender,languages,problems_not_taken,open_slots,updated_on\n"
        "tom,44,man,english|spanish,grief,2,2026-06-01\n"
        "una,38,woman,english,,0,2026-06-01\n"
        "vic,51,man,english,,,2026-06-01\n"
        "wes,old,man,english,,some,2026-06-01\n",
    )
    folder.put(
        "outcomes.csv",
        "client_id,therapist_id,session,measured_on,instrument,rater,score,dropped_out\n"
        "ann,tom,3,2026-05-20,WAI-SR,client,4.25,\n"
        "ben,una,3,2026-05-21,WAI-SR,client,3.5,yes\n",
    )
    folder.put("conflicts.csv", "client_id,therapist_id,reason\nben,tom,related\n")
    return folder.add('[tables.clients.columns]\nward = { from = "ward", kind = "code" }\n')


class Refusal(NamedTuple):
    """An event that cannot be recorded.

    Attributes
    ----------
    before : tuple of Step
        Events that are recorded first.
    attempt : Step
    faults : tuple of str
        Every fault, as :func:`describe_fault` gives it.
    toml : str
        Lines added to ``clinic.toml``.
    """

    before: tuple[Step, ...]
    attempt: Step
    faults: tuple[str, ...] = ()
    toml: str = ""


VALUE_REFUSALS: dict[str, Refusal] = {
    # people and days
    "no people": Refusal(
        (),
        step("started"),
        faults=(
            "journal, client: event-person-absent (started, client, client, client)",
            "journal, therapist: event-person-absent (started, therapist, therapist, therapist)",
        ),
    ),
    "people too many": Refusal(
        (),
        step("opening_set", "cat", "tom", openings=1),
        faults=("journal, client: event-person-not-meant (opening_set, client, client)",),
    ),
    "unknown people": Refusal(
        (),
        step("offered", "Cat", "T-om", reason="x", until="soon"),
        faults=(
            "journal, client: event-about-unknown-client (Cat, Correct the id, or record `client_added` "
            "first. Did you mean `cat` for `Cat`?)",
            "journal, reason: event-field-unknown (offered, reason, Did you mean `rank`? Known: `until`, `rank`, "
            "`band`, and more.)",
            "journal, therapist: event-about-unknown-therapist (T-om, Correct the id. A new therapist "
            "comes with the export. Did you mean `tom` for `T-om`?)",
            "journal, until: event-not-a-day (until)",
        ),
    ),
    "a day after today": Refusal(
        (),
        step("client_added", "dan", on="2026-06-16"),
        faults=("journal, on: event-after-today (2026-06-16, 2026-06-15)",),
    ),
    "a day that is none": Refusal(
        (), step("client_added", "dan", on="16.6.2026"), faults=("journal, on: event-not-a-day (on)",)
    ),
    "a day in another century": Refusal(
        (),
        step("client_added", "dan", on="1026-06-15"),
        faults=("journal, on: event-too-early (1026-06-15, 1900-01-01)",),
    ),
    "a client twice": Refusal((DAN,), DAN, faults=("journal, client: client-added-already (dan)",)),
    "a client in another case": Refusal(
        (), step("client_added", "CAT"), faults=("journal, client: client-id-like-another (CAT, cat)",)
    ),
    "an id like a formula": Refusal(
        (), step("client_added", "=1+2"), faults=("journal, client: client-id-not-usable (64)",)
    ),
    "an id that means missing": Refusal(
        (), step("client_added", "n/a"), faults=("journal, client: client-id-not-usable (64)",)
    ),
    "an id as long as a text": Refusal(
        (), step("client_added", "c" * 65), faults=("journal, client: client-id-not-usable (64)",)
    ),
    # fields
    "an unknown field": Refusal(
        (),
        step("accepted", "cat", "tom", reason="x"),
        faults=(
            "journal: no-offer-to-accept (cat, tom)",
            "journal, reason: event-field-unknown (accepted, reason, Known: none.)",
        ),
    ),
    "no fields": Refusal(
        (),
        step("score_recorded", "ann", "tom"),
        faults=(
            "journal, score: event-field-absent (score_recorded, score, --score, POINTS, Total score, in "
            "the instrument's points.)",
            "journal, session: event-field-absent (score_recorded, session, --session, NUMBER, Session "
            "number; the first session is 1.)",
        ),
    ),
    "fields of other kinds": Refusal(
        (),
        step("score_recorded", "ann", "tom", session=1.5, score="good", goal=True, rater="kim", bond="nan"),
        faults=(
            "journal, bond: event-not-a-number (bond)",
            "journal, goal: event-not-a-number (goal)",
            "journal, rater: event-code-unknown (rater, Known: `client`, `therapist`, `observer`.)",
            "journal, score: event-not-a-number (score)",
            "journal, session: event-not-a-whole-number (session, 1, 1000, --session, NUMBER)",
        ),
    ),
    "numbers out of range": Refusal(
        (),
        step("opening_set", None, "tom", openings=501),
        faults=("journal, openings: event-not-a-whole-number (openings, 0, 500, --openings, NUMBER)",),
    ),
    "a session below 1": Refusal(
        (),
        step("score_recorded", "ann", "tom", session="0", score=4),
        faults=("journal, session: event-not-a-whole-number (session, 1, 1000, --session, NUMBER)",),
    ),
    "an event number below 1": Refusal(
        (),
        step("undone", event=0, because="recorded-twice"),
        faults=("journal, event: event-not-a-whole-number (event, 1, NUMBER)",),
    ),
    "empty texts": Refusal(
        (),
        step("wish_set", "cat", attribute=" ", value="", strength=""),
        faults=(
            "journal, attribute: event-not-a-text (attribute, --attribute, COLUMN)",
            "journal, strength: event-code-unknown (strength, Known: `must`, `prefer`, `avoid`, and more.)",
            "journal, value: event-not-a-text (value, --value, CODE)",
        ),
    ),
    "texts that are none": Refusal(
        (),
        step("wish_set", "cat", attribute=["gender"], value=b"man", strength=1),
        faults=(
            "journal, attribute: event-not-a-text (attribute, --attribute, COLUMN)",
            "journal, strength: event-code-unknown (strength, Known: `must`, `prefer`, `avoid`, and more.)",
            "journal, value: event-not-a-text (value, --value, CODE)",
        ),
    ),
    "days beyond all offers": Refusal(
        (),
        step("offered", "cat", "tom", on="9999-12-31", until="9999-12-31"),
        faults=(
            "journal, on: event-after-today (9999-12-31, 2026-06-15)",
            "journal, until: event-not-a-day (until)",
        ),
    ),
    "cells that are no texts": Refusal(
        (),
        step("client_changed", "cat", cells={"gender": {}, "ward": [1], "age": 10**400}),
        faults=(
            "journal, age: event-cell-not-a-number",
            "journal, gender: event-cell-not-a-text",
            "journal, ward: event-cell-not-a-text",
        ),
    ),
    "cells that are no mapping": Refusal(
        (),
        step("client_changed", "cat", cells="age=3"),
        faults=("journal, cells: event-cells-not-a-mapping",),
    ),
    "a reason of the other side": Refusal(
        (),
        step("declined", "cat", "tom", by="therapist", reason="does-not-align-preferences"),
        faults=(
            "journal, reason: event-reason-unknown (Known: `not-convenient-feasible`, "
            "`service-not-available`, `patient-ineligible`, and more.)",
        ),
    ),
    "a reason of another event": Refusal(
        (),
        step("conflict_set", "cat", "tom", reason="dropped-out"),
        faults=(
            "journal, reason: event-reason-unknown (Known: `related`, `private-contact`, `former-therapy`, and more.)",
        ),
    ),
    # cells
    "no cells": Refusal((), step("client_changed", "cat", cells={}), faults=("journal, cells: event-without-cells",)),
    "the same cells": Refusal(
        (),
        step("client_changed", "cat", cells={"age": 27, "phq9": None, "referred_on": "2026-05-20"}),
        faults=("journal, cells: event-changes-nothing",),
    ),
    "columns of no event": Refusal(
        (),
        step("client_changed", "cat", cells={"client_id": "x", "Remarks": "y", "agee": 3, "open_slots": 1}),
        faults=(
            "journal, Remarks: event-column-not-declared (clients)",
            "journal, agee: event-column-unknown (clients, Did you mean `age`? Known: `age`, `gender`, "
            "`race_ethnicity`, and more.)",
            "journal, client_id: event-column-unknown (clients, Known: `age`, `gender`, `race_ethnicity`, and more.)",
            "journal, open_slots: event-column-of-roster",
        ),
    ),
    "a column twice": Refusal(
        (), step("client_changed", "cat", cells={"age": 3, " AGE": 4}), faults=("journal, age: event-column-twice",)
    ),
    "numbers that are none": Refusal(
        (),
        step("client_changed", "cat", cells={"age": "old", "phq9": True}),
        faults=(
            "journal, age: event-cell-not-a-number",
            "journal, phq9: event-cell-not-a-number",
        ),
    ),
    "numbers beyond the limits": Refusal(
        (),
        step("client_changed", "cat", cells={"age": "111", "phq9": -1}),
        faults=(
            "journal, age: event-cell-out-of-range (0, 110, Correct the number. Years.)",
            "journal, phq9: event-cell-out-of-range (0, 27, Correct the number. PHQ-9 depression total.)",
        ),
    ),
    "days that are none": Refusal(
        (),
        step("client_changed", "cat", cells={"referred_on": "5/20/26", "intake_on": "2026-06-16"}),
        faults=(
            "journal, intake_on: event-cell-after-today",
            "journal, referred_on: event-cell-not-a-day",
        ),
    ),
    "an id that is no text": Refusal(
        (), step("client_added", "a\udcffb"), faults=("journal, client: event-id-not-a-text (client)",)
    ),
    "an unknown code": Refusal(
        (),
        step("client_changed", "cat", cells={"gender": "nonbinary"}),
        faults=("journal, gender: event-cell-with-new-code (Known: `man`, `woman`. )",),
    ),
    "a misspelt code": Refusal(
        (),
        step("client_changed", "cat", new_codes=True, cells={"gender": "wonan"}),
        faults=("journal, gender: event-cell-like-another-code (woman)",),
    ),
    "a code that is not allowed": Refusal(
        (),
        step("client_changed", "cat", new_codes=True, cells={"lgbtq": "maybe"}),
        faults=("journal, lgbtq: event-cell-not-allowed (Known: `yes`, `no`.)",),
    ),
    "a text for a code": Refusal(
        (),
        step("client_changed", "cat", new_codes=True, cells={"ward": "she asked for a room"}),
        faults=("journal, ward: event-cell-not-like-a-code (3, 40)",),
    ),
    "a word for missing": Refusal(
        (),
        step("client_changed", "cat", new_codes=True, cells={"region": "unknown"}),
        faults=("journal, region: event-cell-missing-word",),
    ),
    "two codes in one": Refusal(
        (),
        step("client_changed", "cat", cells={"gender": "man|woman"}),
        faults=("journal, gender: event-cell-with-several-codes",),
    ),
    "no range": Refusal(
        (),
        step("roster_checked", None, "tom", cells={"age_groups": "18-64|adults"}),
        faults=("journal, age_groups: event-cell-not-a-range",),
    ),
    "a problem that holds a limit": Refusal(
        (),
        step("client_changed", "cat", new_codes=True, cells={"presenting_problems": "grief of a child"}),
        faults=("journal, presenting_problems: event-cell-like-another-code (grief)",),
    ),
    "a limit that holds a problem": Refusal(
        (),
        step("roster_checked", None, "una", new_codes=True, cells={"problems_not_taken": "trauma (war)"}),
        faults=("journal, problems_not_taken: event-cell-like-another-code",),
    ),
    "an unreadable cell": Refusal(
        (), step("client_changed", "eve", cells={"phq9": 3}), faults=("journal, phq9: event-cell-unreadable (eve)",)
    ),
    "an unreadable cell of a therapist": Refusal(
        (),
        step("roster_checked", None, "wes", cells={"age": 51}),
        faults=(
            "journal, age: event-cell-unreadable (wes)",
            "journal, therapist: roster-cell-unreadable (open_slots, wes)",
        ),
    ),
    # wishes
    "a wish about no column": Refusal(
        (),
        step("wish_set", "cat", attribute="gendr", value="man", strength="must"),
        faults=(
            "journal, attribute: event-wish-about-unknown-column (Did you mean `gender`? Known: `age`, "
            "`gender`, `race_ethnicity`, and more.)",
        ),
    ),
    "a wish about a day": Refusal(
        (),
        step("wish_set", "cat", attribute="updated_on", value="2026-06-01", strength="must"),
        faults=(
            "journal, attribute: event-wish-about-unknown-column (Known: `age`, `gender`, `race_ethnicity`, and more.)",
        ),
    ),
    "a wish for an unknown code": Refusal(
        (),
        step("wish_set", "cat", attribute="gender", value="nonbinary", strength="prefer"),
        faults=("journal, gender: event-cell-with-new-code (Known: `man`, `woman`. )",),
    ),
    "a never for a code of no therapist": Refusal(
        (),
        step("wish_set", "cat", new_codes=True, attribute="gender", value="nonbinary", strength="never"),
        faults=("journal, value: event-wish-without-effect",),
    ),
    "a wish for no range": Refusal(
        (),
        step("wish_set", "cat", attribute="age", value="older", strength="must"),
        faults=("journal, value: event-wish-not-a-range",),
    ),
    "a wish for no therapist": Refusal(
        (),
        step("wish_set", "cat", attribute="therapist_id", value="zoe", strength="never"),
        faults=("journal, value: event-wish-about-unknown-therapist",),
    ),
    "a wish twice": Refusal(
        (step("wish_set", "cat", attribute="gender", value="man", strength="must"),),
        step("wish_set", "cat", attribute="Gender", value="Man", strength="must"),
        faults=("journal, strength: wish-set-already (cat)",),
    ),
    "no wish to withdraw": Refusal(
        (), step("wish_withdrawn", "cat", attribute="gender"), faults=("journal, attribute: no-wish-to-withdraw (cat)",)
    ),
    "another wish to withdraw": Refusal(
        (),
        step("wish_withdrawn", "ann", attribute="gender", value="man"),
        faults=("journal, attribute: no-wish-to-withdraw (ann)",),
    ),
    "a wish about a therapist without the id": Refusal(
        (),
        step("wish_withdrawn", "cat", attribute="therapist_id"),
        faults=(
            "journal, attribute: no-wish-to-withdraw (cat)",
            "journal, value: withdrawn-wish-without-id",
        ),
    ),
    "a withdrawn wish about no column": Refusal(
        (),
        step("wish_withdrawn", "cat", attribute="gendr"),
        faults=(
            "journal, attribute: event-wish-about-unknown-column "
            "(Did you mean `gender`? Known: `age`, `gender`, `race_ethnicity`, and more.)",
        ),
    ),
}
