"""What is kept of an earlier scorer, where the tables that its results were computed from are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attune_fit.matching.ranking.scored_roster import RosterScorer

ROSTER = ("therapists",)
PEOPLE = ("clients", "therapists")

# By the name of a property of RosterScorer: the tables that it is computed from, besides the model, the clinic and the
# seed. What has no row is computed again, so a new property is right before it is quick.
SOURCES: dict[str, tuple[str, ...]] = {
    "rules": (),
    **dict.fromkeys(("therapist_ids", "rows_by_id", "is_newcomer", "tie_break_weights", "roster_effects"), ROSTER),
    "tie_break": PEOPLE,
    "turned_weights": (*PEOPLE, "preferences"),
    "met_therapists": ("therapists", "outcomes"),
    **dict.fromkeys(("main_instrument", "instrument", "limits", "points_per_pomp", "policy_digest"), ("outcomes",)),
}


def keep_unchanged_results(scorer: RosterScorer, known: RosterScorer) -> RosterScorer:
    """Return ``scorer`` with those results of ``known`` that would come out the same.

    Parameters
    ----------
    scorer, known : RosterScorer
        Of the same model and the same clinic, with the same seed and without extra rules. A table is unchanged if it is
        the same object, see :func:`take_equal_frames`.

    Returns
    -------
    RosterScorer
        The ``scorer`` that was given.
    """
    for name, sources in SOURCES.items():
        if name in vars(known) and all(getattr(scorer.tables, one) is getattr(known.tables, one) for one in sources):
            vars(scorer)[name] = vars(known)[name]  # where `cached_property` keeps it
    return scorer
