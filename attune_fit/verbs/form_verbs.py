"""Verbs about entering a client: what a form asks for, and finding a client by a part of the id."""

from __future__ import annotations

from collections.abc import Collection

from attune_fit.clinic_session import ClinicSession, check_at_least
from attune_fit.results import Result


class FormVerbs(ClinicSession):
    """What a page or a notebook needs to enter a client, and to find one again."""

    def client_form(self) -> Result:
        """Return what the form of a client asks for: columns, ranges, the clinic's codes, wishes, and a free id.

        Returns
        -------
        Result
            Of a :class:`ClientForm`. The frame has one row for each field of the client.

        Examples
        --------
        >>> import attune_fit as af
        >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
        >>> clinic.client_form().result.next_id
        'c0041'
        """
        import pandas as pd

        from attune_fit.form_fields import ClientForm, find_next_id, list_form_fields, list_wish_fields

        fields = list_form_fields(self.clinic, self.tables, "clients")
        wishes = list_wish_fields(self.clinic, self.tables)
        form = ClientForm(fields, wishes, next_id=find_next_id(self.tables.clients["client_id"].to_list()))
        summary = f"{len(fields)} fields of a client; a wish can be about {len(wishes)} columns"
        return Result(form, summary, lambda: pd.DataFrame([vars(one) for one in fields]), form.to_dict)

    def form_fields(self, table: str) -> Result:
        """Return the columns of ``clients`` or ``therapists`` that an event can set, with ranges and known codes.

        Parameters
        ----------
        table : {"clients", "therapists"}

        Returns
        -------
        Result
            Of a tuple of :class:`FormField`. The frame has one row for each.

        Raises
        ------
        ValueError
            If no event sets cells of this table.
        """
        import pandas as pd

        from attune_fit.form_fields import list_form_fields

        if table not in ("clients", "therapists"):
            raise ValueError(f"table is {table!r}; it must be 'clients' or 'therapists'.")
        fields = list_form_fields(self.clinic, self.tables, table)
        rows = [vars(one) for one in fields]
        return Result(fields, f"{len(fields)} fields of {table}", lambda: pd.DataFrame(rows), lambda: rows)

    def find_clients(self, text: str, *, among: Collection[str] | None = None, most: int = 50) -> Result:
        """Find the clients whose id holds a text, without regard to case; those who wait come first.

        Parameters
        ----------
        text : str
        among : collection of str, optional
            Only these ids are looked at. Default: all clients.
        most : int, default 50
            Only so many of them are listed, >= 1; all are counted.

        Returns
        -------
        Result
            Of :class:`FoundClients`. The frame has one row for each.
        """
        import pandas as pd

        from attune_fit.client_record import describe_client
        from attune_fit.form_fields import UNCLEAR, find_clients

        def find_state(client_id: str) -> str:
            one = describe_client(self, client_id)
            is_unclear = one.therapies and not any(therapy.is_current for therapy in one.therapies)
            return UNCLEAR if is_unclear else one.state

        check_at_least(1, most=most)
        waiting = self.list_client_ids(waiting_only=True)
        ids = [one for one in self.tables.clients["client_id"].to_list() if among is None or one in among]
        found = find_clients(ids, waiting, str(text), most, find_state)
        return Result(found, f"{found.total:,} clients", lambda: pd.DataFrame(found.rows), found.to_dict)
