"""What is declared never to move a ranking, and where it is read all the same: one row for each.

From these rows come the refusals of ``clinic.toml``, the page ``docs/reference/non-use.md``, and the test that changes
each column and finds every ranking as it was.
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
    """One declared non-use.

    Attributes
    ----------
    name : str
        What is not used.
    clients, therapists : tuple of str
        The canonical columns that hold it.
    phrases : tuple of str
        What a column of the clinic's own is called that holds it, as :func:`has_phrase` reads it.
    reason : str
        Why not.
    figures : tuple of str
        Keys of :func:`read_published_statistics` it rests on.
    rules : tuple of str
        Rules that read it: they decide who may be offered, never in which order.
    baseline : tuple of str
        Features of the client that read it: they move the level shown, by the same for every therapist.
    is_wishable : bool
        Whether it counts where the client asks for it: the therapist's column is then held against the wish. The
        client's own column is not read even then.
    tables : tuple of str
        Where a column is refused for its name.
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
        """What a clinic can do that wants it to count."""
        if not self.is_wishable:
            return "Name another column."
        return (
            "Take it as a wish (`preferences`), or name as `weight_by` a column of your own with what it matters to "
            "the client."
        )

    def has_column(self, table: str, column: str) -> bool:
        """Whether a column of a table holds it."""
        own = {"clients": self.clients, "therapists": self.therapists}[table]
        if column in list_columns(table):
            return column in own
        return table in self.tables and has_phrase(column, self.phrases)


EXCLUDED_INPUTS: tuple[ExcludedInput, ...] = (
    ExcludedInput(
        "payment",
        ("payer",),
        ("payers",),
        (r"payers?", r"payments?", "paid", r"insur\w+", r"fees?", "co ?pay", "deductible", "billing", r"reimburse\w*",
         "sliding scale", r"(?:hourly|session) (?:rate|price)"),
        "Who pays decides who can be offered. Whoever is offered is not suggested sooner for bringing more",
        rules=("payer",),
    ),
    ExcludedInput(
        "ratings of therapists",
        (),
        (),
        (r"(?<!self )(?<!observer )(?<!supervisor )rat(?:ed|ings?)", r"stars?", r"reviews?", "satisfaction",
         r"recommend\w*", "nps", "popularity", r"testimonials?"),
        "Stars and reviews say who is liked by those who leave them, not who suits this client. What is learned from "
        "is the `outcomes` table alone, and a therapist's own part of it is shrunken and never listed",
        tables=("therapists",),
    ),
    ExcludedInput(
        "gender",
        ("gender",),
        ("gender",),
        (r"gender\w*", r"sex(?! therap)", r"pronouns?"),
        "Sharing it makes no difference to alliance or outcome. Who minds can say so",
        figures=("gender_match", "similarity_alliance"),
        is_wishable=True,
    ),
    ExcludedInput(
        "race and ethnicity",
        ("race_ethnicity",),
        ("race_ethnicity",),
        ("race", "racial", r"ethnic\w*", "nationality", "national origin",
         r"(?:country|place) of birth", r"immigra\w*"),
        "Sharing it hardly changes outcomes (d = .09), though many wish for it (d = .63): the wish is what counts, and "
        "nobody is sorted by a background they did not bring up",
        figures=("race_outcome_d", "race_preference_d"),
        is_wishable=True,
    ),
    ExcludedInput(
        "faith",
        ("religion",),
        ("religion",),
        (r"religio\w*", "faith", r"spiritual\w*", "denomination"),
        "Sharing it did not change outcomes. Who minds can say so",
        figures=("faith_match",),
        is_wishable=True,
    ),
    ExcludedInput(
        "sexual orientation and gender identity",
        ("lgbtq",),
        ("lgbtq_affirming",),
        (r"lgb\w*", "sexual orientation", "queer", r"trans(?:gender)?"),
        "Affirming practice is for those who ask for it; being LGBTQ+ is not an order",
        figures=("affirming_practice_beta",),
        is_wishable=True,
    ),
    ExcludedInput(
        "age",
        ("age",),
        ("age",),
        (r"age(?! (?:of|at))", "aged", r"birth\w*", "dob", "years old"),
        "Being of one age makes no difference to alliance",
        figures=("similarity_alliance",),
        rules=("age_group",),
        baseline=("client_age",),
        is_wishable=True,
    ),
)  # fmt: skip


def find_excluded_input(row: CustomFeature, table: str, column: str) -> ExcludedInput | None:
    """The non-use that a declared feature would break by reading a column; None where there is none.

    A trait that may be wished for can be compared where the client says what it matters, in a column of the clinic's
    own: in ``weight_by``, or in one that is a wish by its name (``faith_wanted``).
    """
    known = list_columns("clients")
    asked_for = row.weight_by not in (None, *known) or (
        row.client not in known and has_phrase(row.client, WISH_PHRASES)
    )
    return next(
        (one for one in EXCLUDED_INPUTS if one.has_column(table, column) and not (one.is_wishable and asked_for)), None
    )
