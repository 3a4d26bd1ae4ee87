"""Verbs about what has happened: the record of one client, and how offers compare with the lists they came from."""

from __future__ import annotations

from attune_fit.clinic_session import ClinicSession
from attune_fit.results import Result


class HistoryVerbs(ClinicSession):
    """Look back at what the tables and the journal hold. Nothing is ranked, and nothing is recorded."""

    def client(self, client_id: str) -> Result:
        """Return one client: the cells that an event can set, wishes, state, offers, and the events about the client.

        Parameters
        ----------
        client_id : str

        Returns
        -------
        Result
            Of a :class:`ClientRecord`. The frame has one row for each known cell and each wish.

        Raises
        ------
        DataFault
            If no client has this id.

        Examples
        --------
        >>> import attune_fit as af
        >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
        >>> one = clinic.client("c0037").result
        >>> one.state, one.version, len(one.wishes), one.cells["formats"]
        ('waiting', 0, 0, ('video',))
        """
        from attune_fit.client_record import describe_client

        wanted = str(client_id)
        one = describe_client(self, wanted)
        texts = [str(fault) for fault in self.tables.warnings if fault.side == "clients" and wanted in fault.sets_aside]
        return Result(one, one.summary, one.to_frame, one.to_dict,
                      set_aside=tuple(f"Set aside: client {wanted}. {text}" for text in texts))  # fmt: skip
