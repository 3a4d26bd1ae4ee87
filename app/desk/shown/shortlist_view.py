"""The shortlist of one client as its page shows it: the places that are shown, their checks, and what would help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attune_fit.app.desk.shown.proposed_changes import list_proposals
from attune_fit.app.desk.wording.candidate_checks import list_checks, list_unchecked_of_all
from attune_fit.app.desk.wording.shortlist_answer import describe_first, list_band_groups

if TYPE_CHECKING:
    from attune_fit.app.desk.shown.client_summary import ClientSummary
    from attune_fit.matching.ranking.ranking_result import Ranking
    from attune_fit.results import Result
    from attune_fit.workspace import Workspace

FIRST_SHOWN = 6
EVERY_PLACE = 1_000_000  # more than a roster has
FEW = 3  # candidates up to which changes are looked for without being asked: that takes longer than the ranking


def count_places(*, is_whole: bool) -> int:
    """Return how many places the page shows at most: the first ones, or the whole list."""
    return EVERY_PLACE if is_whole else FIRST_SHOWN


def build_shortlist_view(
    workspace: Workspace, client: ClientSummary, result: Result, *, is_whole: bool, with_help: bool
) -> dict[str, Any]:
    """Return what the template of the shortlist takes.

    Parameters
    ----------
    workspace : Workspace
    client : ClientSummary
    result : Result
        Of ``Workspace.rank``. Only the records of the places that are shown are built.
    is_whole : bool
        Whether every place is shown.
    with_help : bool
        Whether changes that would help are looked for although there are many candidates.
    """
    ranking: Ranking = result.result
    n_candidates = len(ranking.candidates)
    shown = tuple(ranking.candidates[: count_places(is_whole=is_whole)])
    unchecked = list_unchecked_of_all(shown)
    is_searched = with_help or n_candidates <= FEW
    return {
        "client": client, "ranking": ranking, "bands": list_band_groups(ranking, shown), "n_shown": len(shown),
        "n_candidates": n_candidates, "answer": describe_first(ranking) if shown else "",
        "next_up": next((one for one in shown if client.find_offer(one.therapist_id) is None), None),
        "checks": {one.therapist_id: list_checks(one, client.formats, unchecked) for one in shown},
        "unchecked_of_all": [text.removeprefix("not known ") for text in unchecked],
        "mean": _compute_mean(ranking), "instrument": workspace.clinic.instruments[ranking.instrument],
        "verdict": workspace.model.verdict.plain_sentence, "warnings": list_warnings(result),
        "proposals": list_proposals(workspace, ranking.client_id) if is_searched else None,
        "is_whole": is_whole,
    }  # fmt: skip


def list_warnings(result: Result) -> list[str]:
    """List the notes that are warnings; the others name commands, and the page has the same as links."""
    return [note for note in result.notes if not note.startswith("Note: ")]


def _compute_mean(ranking: Ranking) -> float | None:
    """Return the mean estimate of the candidates; None where there is nothing to compare with."""
    points = ranking.arrays.points
    return float(points[:, 0].mean()) if len(points) > 1 else None
