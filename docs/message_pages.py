"""The reference page of messages: each error and warning about a clinic's files, with what to do."""

from __future__ import annotations

from collections.abc import Iterable

from docs.tables import format_table
from tests.messages import PLACEHOLDER, collect_messages

FILLED_IN = {
    "{suggestion}": "Did you mean …? Known: ….",
    "{remedy}": "Run `attune train` to make a new bundle; for the starting model, install Attune again.",
}


def build_messages_page() -> str:
    """Build the page of every error and warning, by id; ``…`` is a name or a number that the message fills in."""
    by_id = {one.id: one for one in collect_messages()}
    rows = [(f"`{one.id}`", one.kind, _join(one.message), _join(one.fix)) for one in by_id.values()]
    head = (
        "# Messages\n\nEvery error and warning has an id, which stays the same when its words change. `--json` prints "
        "it as `id`, and Python has it as `fault.id`. An error has to be fixed first. Attune works around a warning, "
        "and the last column states how. An id that ends in `-mostly` is about most cells of a column: then its "
        "mapping in `clinic.toml` is likely wrong.\n\nIn this table, … is a name or a number. The only cells that a "
        "message contains are ids.\n\n"
    )
    return head + format_table(("id", "kind", "what is wrong", "what to do, or what Attune did"), rows)


def _join(forms: Iterable[str]) -> str:
    """Return every form of a text on one line."""
    return "; or: ".join(
        dict.fromkeys(PLACEHOLDER.sub(lambda found: FILLED_IN.get(found[0], "…"), form) for form in forms)
    )
