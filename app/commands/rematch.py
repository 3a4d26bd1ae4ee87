"""The command `attune rematch`."""

from __future__ import annotations

from attune_fit.app.terminal.arguments import AsJson, ClientId, ClinicFolder, Seed, Shortlist, Why
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def rematch(
    clinic: ClinicFolder,
    client: ClientId,
    shortlist: Shortlist = None,
    why: Why = False,
    seed: Seed = None,
    json: AsJson = False,
) -> None:
    """Rank again for a client who has met a therapist: without that therapist, and with the client's own ratings.

    Also shows the expected alliance after a change and without one, and what changes brought in your records.
    """
    from attune_fit.app.terminal.console import print_json, print_note, show_progress
    from attune_fit.app.views.rematch import show_rematch
    from attune_fit.matching.follow_up import rematch as follow_up_rematch
    from attune_fit.matching.follow_up.rematch_outcomes import compute_rematch_outcomes
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.matching.ranking_log import log_rankings
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        workspace = open_clinic(clinic)
        source, tables, model = workspace.clinic, workspace.tables, workspace.model
        result = follow_up_rematch.rematch(model, source, tables, client, seed)
        points_per_pomp = RosterScorer.from_clinic(model, source, tables).points_per_pomp
        outcomes = compute_rematch_outcomes(source, tables, points_per_pomp)
    if json:
        print_json({**result.to_dict(), "observed_changes": outcomes.to_dict()})
    else:
        instrument = source.instruments[result.ranking.instrument]
        show_rematch(result, outcomes, instrument, model.verdict.plain_sentence, shortlist, why=why)
    note = log_rankings(source, [result.ranking], shortlist, kind="rematch")
    if note:
        print_note(note)
