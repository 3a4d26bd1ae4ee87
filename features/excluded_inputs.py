"""Inputs declared never to move a ranking, with the places that still read them: one row each (declared non-use).

Three things are made from these rows: the errors about ``clinic.toml``, the page ``docs/reference/non-use.md``, and a
test. The test changes each column and checks that no ranking changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attune_fit.data.clinic.columns import list_columns
from attune_fit.features.column_names import WISH_PHRASES, has_phrase

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import CustomFeature


@dataclass(frozen=True)
class ExcludedInput:
    """One input that never moves a ranking.

    Attributes
    ----------
    name : str
        What is not used.
    clients, therapists : tuple of str
        Attune's own columns that hold it.
    phrases : tuple of str
        Names of a clinic's own columns that hold it, as regular expressions for :func:`has_phrase`.
    reason : str
        Why not.
    figures : tuple of str
        Keys of :func:`read_published_statistics` that support the reason.
    rules : tuple of str
        Eligibility rules that read it: they decide which therapists are available, never their order.
    baseline : tuple of str
        Client features that read it: they move the score of every therapist by the same amount.
    is_wishable : bool
        Whether it counts where the client asks for it: Attune then compares the therapist's column with the wish. It
        does not read the client's own column even then.
    tables : tuple of str
        Tables in which a column with such a name is refused.
    """

    name: str
    clients: tuple[str, ...]
    therapists: tuple[str, ...]
    phrases: tuple[str, ...]
    reason: str
    figures: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    baseline: tuple[str, ...] = ()
    is_wishable: bool = False
    tables: tuple[str, ...] = ("clients", "therapists")

    @property
    def fix(self) -> str:
        """What a clinic can do that wants this input to count."""
        if not self.is_wishable:
            return "Name another column."
        return (
            "Use a wish (table `preferences`), or set `weight_by` to a column of your own: how much it matters to the "
            "client."
        )

    def has_column(self, table: str, column: str) -> bool:
        """Return whether a column of a table holds this input."""
        canonical = {"clients": self.clients, "therapists": self.therapists}[table]
        if column in list_columns(table):
            return column in canonical
        return table in self.tables and has_phrase(column, self.phrases)


EXCLUDED_INPUTS: tuple[ExcludedInput, ...] = (
    ExcludedInput(
        "payment",
        ("payer",),
        ("payers",),
        (r"payers?", r"payments?", "paid", r"insur\w+", r"fees?", "co ?pay", "deductible", "billing", r"reimburse\w*",
         "sliding scale", r"(?:hourly|session) (?:rate|price)"),
        "The payer decides which therapists are available. No therapist moves up the list for bringing more money",
        rules=("payer",),
    ),
    ExcludedInput(
        "ratings of therapists",
        (),
        (),
        (r"(?<!self )(?<!observer )(?<!supervisor )rat(?:ed|ings?)", r"stars?", r"reviews?", "satisfaction",
         r"recommend\w*", "nps", "popularity", r"testimonials?"),
        "Stars and reviews show which therapists are popular with those who write them, not who suits this client. "
        "Attune learns from the `outcomes` table only; it shrinks each therapist's effect and never lists it",
        tables=("therapists",),
    ),
    ExcludedInput(
        "gender",
        ("gender",),
        ("gender",),
        (r"gender\w*", r"sex(?! therap)", r"pronouns?"),
        "A shared gender makes no difference to alliance or outcome. A client to whom it matters can state a wish",
        figures=("gender_match", "similarity_alliance"),
        is_wishable=True,
    ),
    ExcludedInput(
        "race and ethnicity",
        ("race_ethnicity",),
        ("race_ethnicity",),
        ("race", "racial", r"ethnic\w*", "nationality", "national origin",
         r"(?:country|place) of birth", r"immigra\w*"),
        "A shared background hardly changes outcomes (d = .09), though many clients wish for it (d = .63). So the wish "
        "counts, and a background that the client did not mention does not",
        figures=("race_outcome_d", "race_preference_d"),
        is_wishable=True,
    ),
    ExcludedInput(
        "faith",
        ("religion",),
        ("religion",),
        (r"religio\w*", "faith", r"spiritual\w*", "denomination"),
        "A shared faith did not change outcomes. A client to whom it matters can state a wish",
        figures=("faith_match",),
        is_wishable=True,
    ),
    ExcludedInput(
        "sexual orientation and gender identity",
        ("lgbtq",),
        ("lgbtq_affirming",),
        (r"lgb\w*", "sexual orientation", "queer", r"trans(?:gender)?"),
        "Affirming practice counts for clients who ask for it; being LGBTQ+ is not a request for it",
        figures=("affirming_practice_beta",),
        is_wishable=True,
    ),
    ExcludedInput(
        "age",
        ("age",),
        ("age",),
        (r"age(?! (?:of|at))", "aged", r"birth\w*", "dob", "years old"),
        "The same age makes no difference to alliance",
        figures=("similarity_alliance",),
        rules=("age_group",),
        baseline=("client_age",),
        is_wishable=True,
    ),
)  # fmt: skip


def has_stated_wish(row: CustomFeature) -> bool:
    """Return whether the client states how much a custom feature matters, in a column of the clinic's own.

    That column is ``weight_by``, or has the name of a wish (``faith_wanted``).
    """
    canonical = list_columns("clients")
    return row.weight_by not in (None, *canonical) or (
        row.client is not None and row.client not in canonical and has_phrase(row.client, WISH_PHRASES)
    )


def find_excluded_input(row: CustomFeature, table: str, column: str) -> ExcludedInput | None:
    """Return the excluded input that a custom feature would use by reading a column; None if there is none.

    A wishable trait is accepted where the client states how much it matters, see :func:`has_stated_wish`.
    """
    matches = (each for each in EXCLUDED_INPUTS if each.has_column(table, column))
    return next((each for each in matches if not (each.is_wishable and has_stated_wish(row))), None)
