"""Names of fields that hold who a person is: names, addresses, telephone numbers."""

from __future__ import annotations

import re

from attune_fit.data.cell_parsing import normalize_code

_WORDS = frozenset(
    (
        *("email", "mail", "phone", "telephone", "mobile", "fax", "address", "street", "ssn", "username", "signature"),
        *("firstname", "lastname", "fullname", "surname", "forename", "forenames", "fname", "lname"),
    )
)
_NAMES = frozenset({"name", "names"})
_OF_THINGS = frozenset(  # whose name identifies no person
    (
        *("drug", "med", "meds", "medication", "school", "company", "employer", "hospital", "clinic", "site"),
        *("program", "event", "form", "instrument", "language", "test", "study", "scale", "file", "plan"),
        *("provider", "therapist", "clinician", "insurance", "insurer", "payer"),
    )
)


def is_identifying_name(header: str) -> bool:
    """Return whether a header is called like the name, an address or a number of a person.

    >>> [is_identifying_name(name) for name in ("first_name", "E-mail", "telephone_1", "payer_name", "age")]
    [True, True, True, False, False]
    """
    words = set(re.findall(r"[^\W\d_]+", normalize_code(header).replace("e-mail", "email")))
    return not words.isdisjoint(_WORDS) or (not words.isdisjoint(_NAMES) and words.isdisjoint(_OF_THINGS))
