"""What is declared never to move a ranking, and where it is read all the same: one row for each.

From these rows come the refusals of ``clinic.toml``, the page ``docs/reference/non-use.md``, and the test that changes
each column and finds every ranking as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attune_fit.data.clinic.columns import columns_of
from attune_fit.features.column_names import ASKED_FOR, says

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import DeclaredFeature


@dataclass(frozen=True)
class NonUse:
    """One declared non-use.

    Attributes
    ----------
    name : str
        What is not used.
    clients, therapists : tuple of str
        The canonical columns that hold it.
    phrases : tuple of str
        What a column of the clinic's own is called that holds it, as :func:`attune_fit.features.column_names.says` reads it.
    because : str
        Why not.
    figures : tuple of str
        Keys of :func:`attune_fit.data.published_statistics.figures` it rests on.
    rules : tuple of str
        Rules that read it: they decide who may be offered, never in which order.
    baseline : tuple of str
        Features of the client that read it: they move the level shown, by the same for every therapist.
    wish : bool
        Whether it counts where the client asks for it: the therapist's column is then held against the wish. The
        client's own column is not read even then.
    tables : tuple of str
        Where a column is refused for its name.
    """

    name: str
    clients: tuple[str, ...]
    therapists: tuple[str, ...]
    phrases: tuple[str, ...]
    because: str
    figures: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    baseline: tuple[str, ...] = ()
    wish: bool = False
    tables: tuple[str, ...] = ("clients", "therapists")

    @property
    def instead(self) -> str:
        """What a clinic can do that wants it to count."""
        if not self.wish:
            return "Name another column."
        return (
            "Take it as a wish (`preferences`), or name as `weight_by` a column of your own with what it matters to "
            "the client."
        )

    def holds(self, table: str, column: str) -> bool:
        """Whether a column of a table holds it."""
        own = {"clients": self.clients, "therapists": self.therapists}[table]
        if column in columns_of(table):
            return column in own
        return table in self.tables and says(column, self.phrases)


NON_USE: tuple[NonUse, ...] = (
    NonUse(
        "payment",
        ("payer",),
        ("payers",),
        (r"payers?", r"payments?", "paid", r"insur\w+", r"fees?", "co ?pay", "deductible", "billing", r"reimburse\w*",
         "sliding scale", r"(?:hourly|session) (?:rate|price)"),
        "Who pays decides who can be offered. Whoever is offered is not suggested sooner for bringing more",
        rules=("payer",),
    ),
    NonUse(
        "ratings of therapists",
        (),
        (),
        (r"(?<!self )(?<!observer )(?<!supervisor )rat(?:ed|ings?)", r"stars?", r"reviews?", "satisfaction",
         r"recommend\w*", "nps", "popularity", r"testimonials?"),
        "Stars and reviews say who is liked by those who leave them, not who suits this client. What is learned from "
        "is the `outcomes` table alone, and a therapist's own part of it is shrunken and never listed",
        tables=("therapists",),
    ),
    NonUse(
        "gender",
        ("gender",),
        ("gender",),
        (r"gender\w*", r"sex(?! therap)", r"pronouns?"),
        "Sharing it makes no difference to alliance or outcome. Who minds can say so",
        figures=("gender_match", "similarity_alliance"),
        wish=True,
    ),
    NonUse(
        "race and ethnicity",
        ("race_ethnicity",),
        ("race_ethnicity",),
        ("race", "racial", r"ethnic\w*", "nationality", "national origin",
         r"(?:country|place) of birth", r"immigra\w*"),
        "Sharing it hardly changes outcomes (d = .09), though many wish for it (d = .63): the wish is what counts, and "
        "nobody is sorted by a background they did not bring up",
        figures=("race_outcome_d", "race_preference_d"),
        wish=True,
    ),
    NonUse(
        "faith",
        ("religion",),
        ("religion",),
        (r"religio\w*", "faith", r"spiritual\w*", "denomination"),
        "Sharing it did not change outcomes. Who minds can say so",
        figures=("faith_match",),
        wish=True,
    ),
    NonUse(
        "sexual orientation and gender identity",
        ("lgbtq",),
        ("lgbtq_affirming",),
        (r"lgb\w*", "sexual orientation", "queer", r"trans(?:gender)?"),
        "Affirming practice is for those who ask for it; being LGBTQ+ is not an order",
        figures=("affirming_practice_beta",),
        wish=True,
    ),
    NonUse(
        "age",
        ("age",),
        ("age",),
        (r"age(?! (?:of|at))", "aged", r"birth\w*", "dob", "years old"),
        "Being of one age makes no difference to alliance",
        figures=("similarity_alliance",),
        rules=("age_group",),
        baseline=("client_age",),
        wish=True,
    ),
)  # fmt: skip


def not_used(row: DeclaredFeature, table: str, column: str) -> NonUse | None:
    """The non-use that a declared feature would break by reading a column; None where there is none.

    A trait that may be wished for can be compared where the client says what it matters, in a column of the clinic's
    own: in ``weight_by``, or in one that is a wish by its name (``faith_wanted``).
    """
    known = columns_of("clients")
    asked_for = row.weight_by not in (None, *known) or (row.client not in known and says(row.client, ASKED_FOR))
    return next((one for one in NON_USE if one.holds(table, column) and not (one.wish and asked_for)), None)
