"""Verbs about one therapist of the roster."""

from __future__ import annotations

from attune_fit.results import Result
from attune_fit.verbs.list_verbs import ListVerbs


class RosterVerbs(ListVerbs):
    """What a coordinator looks at before the row of a therapist is checked or changed."""

    def therapist(self, therapist_id: str) -> Result:
        """Return one therapist: openings and offers, the cells that an event can set, and the clients in therapy.

        Parameters
        ----------
        therapist_id : str

        Returns
        -------
        Result
            Of a :class:`TherapistRecord`. The frame has one row for each cell; codes of a set are joined by ``|``.

        Raises
        ------
        DataFault
            If no therapist has this id.

        Examples
        --------
        >>> import attune_fit as af
        >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
        >>> clinic.therapist("t06").result.cells["formats"]
        ('video', 'in person')
        """
        import pandas as pd

        from attune_fit.matching.day_lists.current_pairs import list_current_pairs
        from attune_fit.person_cells import read_person_cells
        from attune_fit.therapist_record import TherapistRecord

        wanted = str(therapist_id)
        cells = read_person_cells(self.clinic, self.tables, "therapists", wanted)
        row = next(one for one in self.roster().result.therapists if one.therapist_id == wanted)
        pairs = list_current_pairs(self.clinic, self.tables, self._find_latest_events())
        clients, unclear = (
            tuple(sorted(pair.client_id for pair in some if pair.therapist_id == wanted))
            for some in (pairs.current, pairs.unclear)
        )
        one = TherapistRecord(row, cells, clients, unclear)
        texts = ["|".join(cell) if isinstance(cell, tuple) else cell for cell in cells.values()]
        frame = {"therapist_id": wanted, "column": list(cells), "value": texts}
        openings = "unknown" if row.openings is None else row.openings
        summary = f"{wanted}: openings {openings}; {len(row.offers)} offers held; {len(clients)} clients in therapy"
        return Result(one, summary, lambda: pd.DataFrame(frame), one.to_dict)
