"""Verbs about a placement that is not decided yet: its preview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.clinic_session import ClinicSession
from attune_fit.results import Result
from attune_fit.verbs.clinic_verbs import IdPairs, list_pairs

if TYPE_CHECKING:
    from attune_fit.matching.assignment.placement_preview import PlacementPreview


class PlacementVerbs(ClinicSession):
    """What a coordinator looks at before the placements become offers."""

    def preview_placement(
        self,
        policy: str = "",
        *,
        pin: IdPairs = (),
        refuse: IdPairs = (),
        keep: bool = True,
        seed: int | None = None,
        log: bool = False,
    ) -> Result:
        """Place the waiting list with pins and refusals; list what they change, who still waits, and other policies.

        Parameters
        ----------
        policy : str, optional
            Name of a policy. Default: the clinic's setting.
        pin, refuse, seed, log
            As in ``assign``.
        keep : bool, default True
            Move as few clients as possible from the placement without pins and refusals.

        Returns
        -------
        Result
            Of a :class:`PlacementPreview`. Its dict begins with the keys of ``assign``, and the frame is that of
            ``assign``: with the same options both have the same placement.

        Raises
        ------
        DataFault
            As ``assign``.
        """
        from attune_fit.matching.assignment import placement_preview
        from attune_fit.result_frames import build_assignments_frame

        name = policy or self.clinic.config.assign.policy
        one = placement_preview.preview_placement(
            self.get_scorer(seed), name, list_pairs(pin), list_pairs(refuse), keep=keep
        )
        totals = one.placement.totals
        notes = self._log_placement(one) if log else ()
        summary = f"{name}: {totals.placed} of {totals.waiting} clients placed; {len(one.changes)} changes"
        return Result(one, summary, lambda: build_assignments_frame([one.placement]), one.to_dict,
                      notes, self.list_set_aside())  # fmt: skip

    def _log_placement(self, preview: PlacementPreview) -> tuple[str, ...]:
        """Add the placement to the clinic's log; return what to know about it."""
        from attune_fit.artifact_checks import list_artifact_notes
        from attune_fit.matching.ranking_log import log_assignment

        changed = list_artifact_notes(self.clinic)
        note = log_assignment(self.clinic, preview.placement, preview.constraints, events=self.tables.last_event)
        return (*changed, *([note] if note else []))
