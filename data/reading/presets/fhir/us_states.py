"""States of the USA by name, and the codes of the postal service that addresses and licences use."""

from __future__ import annotations

import re

from attune_fit.data.cell_parsing import normalize_code

_NAMES = """
AL Alabama, AK Alaska, AZ Arizona, AR Arkansas, CA California, CO Colorado, CT Connecticut, DE Delaware,
DC District of Columbia, FL Florida, GA Georgia, HI Hawaii, ID Idaho, IL Illinois, IN Indiana, IA Iowa, KS Kansas,
KY Kentucky, LA Louisiana, ME Maine, MD Maryland, MA Massachusetts, MI Michigan, MN Minnesota, MS Mississippi,
MO Missouri, MT Montana, NE Nebraska, NV Nevada, NH New Hampshire, NJ New Jersey, NM New Mexico, NY New York,
NC North Carolina, ND North Dakota, OH Ohio, OK Oklahoma, OR Oregon, PA Pennsylvania, PR Puerto Rico, RI Rhode Island,
SC South Carolina, SD South Dakota, TN Tennessee, TX Texas, UT Utah, VT Vermont, VA Virginia, WA Washington,
WV West Virginia, WI Wisconsin, WY Wyoming, AS American Samoa, GU Guam, MP Northern Mariana Islands,
VI Virgin Islands
"""  # USPS Publication 28, appendix B
STATES = {normalize_code(one.strip()[3:]): one.strip()[:2] for one in _NAMES.split(",")}
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
