"""HEADER_CLUES: the words by which clinics call each column; a new word is one more in its row.

The words are general: usual names in intake forms, rosters and exports of practice systems, and the published short
names of scales. They are compared without case, signs, plural and filler words (see :mod:`header_scores`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from attune_fit.data.clinic.columns import COLUMNS, TABLE_ID_COLUMNS
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.guessing.words.dutch_headers import DUTCH_HEADERS
from attune_fit.data.guessing.words.english_client_headers import ENGLISH_CLIENT_HEADERS
from attune_fit.data.guessing.words.english_person_headers import ENGLISH_PERSON_HEADERS
from attune_fit.data.guessing.words.english_rating_headers import ENGLISH_RATING_HEADERS
from attune_fit.data.guessing.words.english_therapist_headers import ENGLISH_THERAPIST_HEADERS
from attune_fit.data.guessing.words.french_people_headers import FRENCH_PEOPLE_HEADERS
from attune_fit.data.guessing.words.french_rating_headers import FRENCH_RATING_HEADERS
from attune_fit.data.guessing.words.german_headers import GERMAN_HEADERS
from attune_fit.data.guessing.words.header_languages import (
    ANY_ID,
    BIRTH_DATE,
    FOREIGN_WORDS,
    SCALE_WORDS,
    TOTAL_WORDS,
)
from attune_fit.data.guessing.words.spanish_people_headers import SPANISH_PEOPLE_HEADERS
from attune_fit.data.guessing.words.spanish_rating_headers import SPANISH_RATING_HEADERS
from attune_fit.data.guessing.words.table_words import CLIENT_ID_WORDS, THERAPIST_ID_WORDS


@dataclass(frozen=True)
class HeaderClue:
    """Words for one column of one canonical table.

    Attributes
    ----------
    table, column : str
        The canonical column.
    words : tuple of str
        What clinics call it, as in :func:`attune_fit.data.guessing.header_scores.list_words`.
    source : {"from", "birth_date"}
        The key of ``clinic.toml`` for such a header.
    weight : float
        How much a match shows, in (0, 1]: less for a word that often means something else.
    """

    table: str
    column: str
    words: tuple[str, ...]
    source: str = "from"
    weight: float = 1.0


_AGE = ("age", "old", "age years", "age at intake", "age at referral")
_BIRTH = ("dob", "birth date", "date of birth", "birthday", "birthdate", "born", "birth year", "year of birth", "b day")
_GENDER = ("gender", "sex", "sex gender", "gender identity", "gender sex")
_RACE = (
    "race ethnicity",
    "race",
    "ethnicity",
    "ethnic group",
    "ethnic background",
    "background",
    "race ethnic",
    "ethnic category",
)
_LANGUAGES = (
    *("languages", "speaks", "languages spoken", "spoken languages", "language preference"),
    *("preferred language", "languages for therapy", "primary language", "therapy language"),
)
_RELIGION = ("religion", "faith", "religious affiliation", "spirituality", "religion faith", "belief", "denomination")
_FORMATS = (
    *("format", "session type", "session format", "works", "delivery", "mode", "setting"),
    *("appointment type", "telehealth", "modality of session", "session mode", "visit type"),
    *("in person or video", "delivery mode", "want meet", "meet", "meeting format", "session modality"),
    *("service mode", "how sessions", "location type", "offers sessions", "video office"),
    *("works by", "how meet", "in person or online", "contact method"),
)
_AVAILABILITY = (
    *("availability", "available", "hours", "working hours", "schedule", "available times", "times"),
    *("slots", "weekly slots", "when available", "available slots", "office hours", "open times"),
    *("preferred times", "free", "when free", "can attend", "clinic sessions", "free times", "when can attend"),
)
TIMES_WORDS = (  # headers of availability only where the cells are times of the week
    *("roster", "rota", "works", "working", "works on", "days", "working days", "work days", "shifts", "in office"),
    "sees clients",
)
_TD = ("td cd", "directiveness", "therapist directiveness")
_EI = ("ei er", "emotional intensity", "intensity")
_PAST = ("pao pro", "past focus", "past orientation", "past present")
_WARM = ("ws fc", "warm support", "warmth", "support challenge")


def _combine(before: tuple[str, ...], words: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words alone, with each word before and with each word after them."""
    return (
        *words,
        *(f"{one} {word}" for one in before for word in words),
        *(f"{word} {one}" for one in after for word in words),
    )


_PREFERENCE = (("cnip", "c nip", "prefers"), ("preference", "wish"))
_STYLE = (("style", "own", "cnip", "c nip"), ("style", "offered"))

_ENGLISH_CLUES: tuple[HeaderClue, ...] = (
    HeaderClue("clients", "client_id", CLIENT_ID_WORDS),
    HeaderClue("clients", "client_id", ("id", "code", "number", "identifier", "key"), weight=0.85),
    HeaderClue("clients", "client_id", ("name", "client name", "patient name", "full name", "initials"), weight=0.8),
    HeaderClue("clients", "age", _AGE),
    HeaderClue("clients", "age", _BIRTH, source="birth_date"),
    HeaderClue("clients", "gender", _GENDER),
    HeaderClue("clients", "race_ethnicity", _RACE),
    HeaderClue("clients", "languages", _LANGUAGES),
    HeaderClue("clients", "religion", _RELIGION),
    HeaderClue("clients", "lgbtq", ("lgbtq", "lgbt", "lgbtqia", "lgbtq identity", "sexual minority")),
    HeaderClue(
        "clients",
        "payer",
        (
            *("payer", "payor", "pay", "insurance", "insurer", "ins", "insurance plan", "plan", "health plan"),
            "funding",
            *("insurance company", "insurance provider", "who pays", "coverage", "carrier", "primary insurance"),
        ),
    ),
    HeaderClue("clients", "formats", _FORMATS),
    HeaderClue(
        "clients",
        "region",
        (
            "region",
            "state",
            "state of residence",
            "province",
            *("province of residence", "state or territory", "province or territory", "state or province"),
            "home state",
            "residence",
            "county",
            "borough",
            "area of residence",
        ),
    ),
    HeaderClue(
        "clients",
        "referred_on",
        ("referred on", "referral date", "date of referral", "referred", "referral", "referral received"),
    ),
    HeaderClue(
        "clients",
        "referred_on",
        (
            *("called on", "called", "date called", "call date", "first call", "first contact", "first contact date"),
            *("date added", "added on", "date of contact"),
            *("contacted on", "contact date", "inquiry date", "enquiry date", "date of inquiry", "date of enquiry"),
        ),
    ),
    HeaderClue("clients", "referred_on", ("fecha alta",), weight=0.7),  # it also means the day of discharge
    HeaderClue("clients", "referred_on", ("request date", "date requested", "received", "date received"), weight=0.85),
    HeaderClue("clients", "intake_on", ("intake date", "date of intake", "intake", "intake on", "assessment date")),
    HeaderClue(
        "clients",
        "intake_on",
        ("timestamp", "submitted", "date submitted", "completed", "recorded date", "response date", "start date"),
        weight=0.9,
    ),
    HeaderClue("clients", "priority", ("priority", "urgency", "urgent", "triage", "priority level")),
    HeaderClue(
        "clients",
        "presenting_problems",
        (
            *("presenting problems", "concerns", "presenting concerns", "problems", "reasons"),
            *("reason for referral", "reason for seeking help", "main concern", "issues", "presenting issues"),
            *("chief complaint", "symptoms", "what brings you", "reason for visit", "seeking help for"),
            *("help with", "looking help", "need help"),
        ),
    ),
    HeaderClue("clients", "phq9", ("phq9", "phq 9 total", "phq9 total", "phq total", "phq", "phq9 score", "phq score")),
    HeaderClue("clients", "gad7", ("gad7", "gad 7 total", "gad7 total", "gad total", "gad", "gad7 score", "gad score")),
    HeaderClue(
        "clients",
        "attachment_avoidance",
        ("attachment avoidance", "ecr avoidance", "ecr avoid", "ecr avd", "avoidance", "ecr av"),
    ),
    HeaderClue("clients", "attachment_anxiety", ("attachment anxiety", "ecr anxiety", "ecr anx", "ecr ax")),
    HeaderClue("clients", "interpersonal_problems", ("interpersonal problems", "iip", "iip 32", "iip 64", "iip mean")),
    HeaderClue(
        "clients",
        "outcome_expectancy",
        (
            *("outcome expectancy", "expectancy", "treatment expectancy", "expectations"),
            *("expect therapy help", "ceq", "expects help", "expects improvement", "expected improvement"),
            *("hope therapy", "how much will therapy help", "therapy will help", "ceq expectancy"),
            *("expectation therapy", "think therapy help", "think counselling help", "think counseling help"),
            *("counselling will help", "counseling will help", "think treatment help"),
        ),
    ),
    HeaderClue("clients", "directiveness_preference", _combine(_PREFERENCE[0], _TD, _PREFERENCE[1])),
    HeaderClue("clients", "emotional_intensity_preference", _combine(_PREFERENCE[0], _EI, _PREFERENCE[1])),
    HeaderClue("clients", "past_focus_preference", _combine(_PREFERENCE[0], _PAST, _PREFERENCE[1])),
    HeaderClue("clients", "warm_support_preference", _combine(_PREFERENCE[0], _WARM, _PREFERENCE[1])),
    HeaderClue("clients", "availability", _AVAILABILITY),
    HeaderClue("therapists", "therapist_id", THERAPIST_ID_WORDS),
    HeaderClue("therapists", "therapist_id", ("id", "code", "number", "initials", "identifier", "key"), weight=0.85),
    HeaderClue("therapists", "therapist_id", ("name", "therapist name", "clinician name", "provider name"), weight=0.8),
    HeaderClue("therapists", "age", _AGE),
    HeaderClue("therapists", "age", _BIRTH, source="birth_date"),
    HeaderClue("therapists", "gender", _GENDER),
    HeaderClue("therapists", "race_ethnicity", _RACE),
    HeaderClue("therapists", "languages", _LANGUAGES),
    HeaderClue("therapists", "religion", _RELIGION),
    HeaderClue(
        "therapists",
        "lgbtq_affirming",
        ("lgbtq affirming", "lgbt affirming", "lgbtq friendly", "affirming", "affirming practice", "lgbtqia affirming"),
    ),
    HeaderClue(
        "therapists",
        "licensed_regions",
        (
            *("licensed regions", "license", "licence", "licensed in", "license state", "state license"),
            *("states licensed", "licensed states", "licensure", "state of license", "state", "region"),
            *("boroughs covered", "areas covered", "regions covered", "borough"),
        ),
    ),
    HeaderClue(
        "therapists",
        "payers",
        (
            *("payers", "panels", "insurance panels", "insurance accepted", "accepted insurance", "insurance"),
            *("paneled", "accepts insurance", "in network", "networks", "empanelled", "plans"),
            *("takes insurance", "payors", "accepts", "credentialed with", "ins"),
        ),
    ),
    HeaderClue("therapists", "formats", _FORMATS),
    HeaderClue("therapists", "availability", _AVAILABILITY),
    HeaderClue(
        "therapists",
        "specialties",
        (
            *("specialties", "specialities", "specialisms", "focus areas", "focus", "areas of expertise", "expertise"),
            *("treats", "specialization", "specialisation", "areas of focus", "problems treated", "works with"),
            *("clinical interests", "special interests", "areas treated", "interests", "specialist areas"),
            "problems treat",
        ),
    ),
    HeaderClue(
        "therapists",
        "open_slots",
        (
            *("open slots", "openings", "open spots", "capacity", "free slots", "spots", "vacancies", "open places"),
            *("free places", "new clients", "can take", "accepting", "availability count", "available slots"),
            *("places", "slots open", "current openings", "room for", "spaces", "free spaces", "spots left"),
            *("places left", "openings left", "slots left", "spaces left"),
        ),
    ),
    HeaderClue(
        "therapists",
        "updated_on",
        (
            *("updated on", "updated", "last updated", "roster checked", "checked", "last checked", "date updated"),
            *("verified", "last verified", "confirmed", "date checked", "checked on", "as of", "last update"),
            "reviewed",
            *("last reviewed", "as at", "date reviewed"),
        ),
    ),
    HeaderClue(
        "therapists",
        "orientations",
        (
            *("orientation", "approach", "theoretical orientation", "therapeutic approach", "approaches"),
            *("modality", "treatment approach", "methods", "modalities", "therapy type", "school", "training"),
        ),
    ),
    HeaderClue(
        "therapists",
        "years_experience",
        (
            *("years experience", "years in practice", "years of experience", "experience", "years practicing"),
            *("years licensed", "yrs experience", "experience years", "years", "years since qualifying"),
            *("years qualified", "years since qualification"),
        ),
    ),
    HeaderClue(
        "therapists",
        "interpersonal_skill",
        ("interpersonal skill", "fis", "facilitative interpersonal skill", "fis total", "fis score", "fis mean"),
    ),
    HeaderClue("therapists", "directiveness_style", _combine(_STYLE[0], _TD, _STYLE[1])),
    HeaderClue("therapists", "emotional_intensity_style", _combine(_STYLE[0], _EI, _STYLE[1])),
    HeaderClue("therapists", "past_focus_style", _combine(_STYLE[0], _PAST, _STYLE[1])),
    HeaderClue("therapists", "warm_support_style", _combine(_STYLE[0], _WARM, _STYLE[1])),
    HeaderClue(
        "therapists", "age_groups", ("age groups", "ages", "ages seen", "ages treated", "age range", "sees ages")
    ),
    HeaderClue(
        "therapists",
        "problems_not_taken",
        (
            *("problems not taken", "does not treat", "not treated", "does not take", "exclusions", "will not see"),
            *("does not see", "not seen", "will not treat"),
        ),
    ),
    HeaderClue("preferences", "client_id", CLIENT_ID_WORDS),
    HeaderClue("preferences", "attribute", ("attribute", "wish about", "about", "preference about", "topic", "field")),
    HeaderClue("preferences", "value", ("value", "wish", "preference", "wanted", "wished value", "choice")),
    HeaderClue("preferences", "strength", ("strength", "importance", "how important", "how strong", "must or prefer")),
    HeaderClue("outcomes", "client_id", CLIENT_ID_WORDS),
    HeaderClue("outcomes", "client_id", ("id", "code", "identifier"), weight=0.85),
    HeaderClue("outcomes", "therapist_id", THERAPIST_ID_WORDS),
    HeaderClue(
        "outcomes",
        "session",
        (
            *("session", "visit", "session number", "visit number", "session no", "appointment", "meeting", "occasion"),
            *("visit no", "session nr", "appointment number", "week", "timepoint", "t"),
        ),
    ),
    HeaderClue(
        "outcomes",
        "measured_on",
        (
            *("measured on", "date", "completed", "completed on", "form date", "rating date", "date completed"),
            *("session date", "visit date", "submitted", "timestamp", "response date", "survey date", "filled in"),
            *("recorded date", "end date", "completion date", "date of rating", "date of session"),
        ),
    ),
    HeaderClue("outcomes", "instrument", ("instrument", "measure", "questionnaire", "scale", "form")),
    HeaderClue("outcomes", "rater", ("rater", "rated by", "respondent", "source", "who rated", "filled in by")),
    HeaderClue(
        "outcomes",
        "score",
        (
            *("score", "total", "total score", "rating", "wai", "wai total", "wai score", "wai sr", "srs", "srs total"),
            *("alliance", "alliance score", "mean score", "srs score", "arm 5", "wai mean", "overall"),
        ),
    ),
    HeaderClue("outcomes", "goal", ("goal", "wai goal", "goal score", "goal scale")),
    HeaderClue("outcomes", "task", ("task", "wai task", "task score", "task scale")),
    HeaderClue("outcomes", "bond", ("bond", "wai bond", "bond score", "bond scale")),
    HeaderClue("outcomes", "dropped_out", ("dropped out", "dropout", "drop out", "left early", "early termination")),
    HeaderClue("conflicts", "client_id", CLIENT_ID_WORDS),
    HeaderClue("conflicts", "therapist_id", THERAPIST_ID_WORDS),
    HeaderClue("conflicts", "reason", ("reason", "why", "conflict", "note", "cause")),
)


MAX_UNSURE = 0.6
WEIGHTS = {
    "?": MAX_UNSURE,
    "~": 0.8,
}  # of a word that can mean something else: it is asked about; of a name of a person
# A key is a column, or a table and a column as in `outcomes.score`, and can end with a sign of WEIGHTS.
MORE_HEADERS = (
    *(DUTCH_HEADERS, ENGLISH_CLIENT_HEADERS, ENGLISH_PERSON_HEADERS, ENGLISH_THERAPIST_HEADERS, ENGLISH_RATING_HEADERS),
    *(FRENCH_PEOPLE_HEADERS, FRENCH_RATING_HEADERS, GERMAN_HEADERS, SPANISH_PEOPLE_HEADERS, SPANISH_RATING_HEADERS),
)


def _list_foreign_clues() -> Iterator[HeaderClue]:
    """Yield the rows of :data:`FOREIGN_WORDS` as clues, one for each table that has the column."""
    for rows in FOREIGN_WORDS.values():
        for key, words in rows.items():
            if key == ANY_ID:
                yield from (HeaderClue(table, name, words, weight=0.85) for table, name in TABLE_ID_COLUMNS.items())
            elif key == BIRTH_DATE:
                yield from (HeaderClue(table, "age", words, source="birth_date") for table in TABLE_ID_COLUMNS)
            else:
                yield from (HeaderClue(column.table, key, words) for column in COLUMNS if column.name == key)


def _list_more_clues() -> Iterator[HeaderClue]:
    """Yield the rows of :data:`MORE_HEADERS` as clues, one for each table that has the column."""
    for rows in MORE_HEADERS:
        for key, words in rows.items():
            table, _, name = key.rstrip("".join(WEIGHTS)).rpartition(".")
            weight = WEIGHTS.get(key[-1], 1.0)
            if name == BIRTH_DATE:
                yield from (HeaderClue(one, "age", words, "birth_date", weight) for one in TABLE_ID_COLUMNS)
                continue
            tables = (table,) if table else tuple(column.table for column in COLUMNS if column.name == name)
            yield from (HeaderClue(one, name, words, weight=weight) for one in tables)


def _list_rating_clues() -> Iterator[HeaderClue]:
    """Yield the words of a total and of the scales, alone and after the name of an instrument: `WAI-SR total`."""
    names = ("wai", "arm", *(one.name for one in INSTRUMENTS))
    words = {"score": TOTAL_WORDS, **SCALE_WORDS}
    for column, endings in words.items():
        yield HeaderClue("outcomes", column, (*endings, *(f"{name} {end}" for name in names for end in endings)))


HEADER_CLUES: tuple[HeaderClue, ...] = (
    *_ENGLISH_CLUES,
    *_list_foreign_clues(),
    *_list_more_clues(),
    *_list_rating_clues(),
)
