"""States of the USA by name, and the codes of the postal service that addresses and licences use."""

from __future__ import annotations

import re

from attune_fit.data.cell_parsing import normalize_code

STATES = {  # USPS Publication 28, appendix B
    "alabama": "AL",
    "alaska": "AK",
    "arizona": "AZ",
    "arkansas": "AR",
    "california": "CA",
    "colorado": "CO",
    "connecticut": "CT",
    "delaware": "DE",
    "district of columbia": "DC",
    "florida": "FL",
    "georgia": "GA",
    "hawaii": "HI",
    "idaho": "ID",
    "illinois": "IL",
    "indiana": "IN",
    "iowa": "IA",
    "kansas": "KS",
    "kentucky": "KY",
    "louisiana": "LA",
    "maine": "ME",
    "maryland": "MD",
    "massachusetts": "MA",
    "michigan": "MI",
    "minnesota": "MN",
    "mississippi": "MS",
    "missouri": "MO",
    "montana": "MT",
    "nebraska": "NE",
    "nevada": "NV",
    "new hampshire": "NH",
    "new jersey": "NJ",
    "new mexico": "NM",
    "new york": "NY",
    "north carolina": "NC",
    "north dakota": "ND",
    "ohio": "OH",
    "oklahoma": "OK",
    "oregon": "OR",
    "pennsylvania": "PA",
    "puerto rico": "PR",
    "rhode island": "RI",
    "south carolina": "SC",
    "south dakota": "SD",
    "tennessee": "TN",
    "texas": "TX",
    "utah": "UT",
    "vermont": "VT",
    "virginia": "VA",
    "washington": "WA",
    "west virginia": "WV",
    "wisconsin": "WI",
    "wyoming": "WY",
    "american samoa": "AS",
    "guam": "GU",
    "northern mariana islands": "MP",
    "virgin islands": "VI",
}
_CODES = frozenset(STATES.values())
_CAPITAL = re.compile(r"\bwashington,? d\.? ?c\b")
_STATE_NAME = re.compile(rf"\b({'|'.join(sorted(map(re.escape, STATES), key=len, reverse=True))})\b")


def normalize_state(text: str) -> str:
    """Return the code of a state that is written as its name or as its code; other text stays.

    >>> normalize_state("Massachusetts"), normalize_state("us-ma"), normalize_state("Bayern")
    ('MA', 'MA', 'Bayern')
    """
    code = text.upper().removeprefix("US-")
    return code if code in _CODES else STATES.get(normalize_code(text), text)


def find_state_names(text: str) -> set[str]:
    """Return the codes of the states whose names are in a text; codes alone are not looked for.

    >>> find_state_names("State of Michigan"), find_state_names("West Virginia Board"), find_state_names("OR nurse")
    ({'MI'}, {'WV'}, set())
    """
    plain = _CAPITAL.sub("district of columbia", normalize_code(text))
    return {STATES[name] for name in _STATE_NAME.findall(plain)}
