"""WORD_MEANINGS: words in cells of clinics, and the canonical codes that they mean: one row for each column."""

from __future__ import annotations

_VIDEO, _IN_PERSON, _BOTH = ("video",), ("in person",), ("video", "in person")

WORD_MEANINGS: dict[str, tuple[dict[str, tuple[str, ...]], ...]] = {  # by column: families of words, each used together
    "gender": (
        {"F": ("woman",), "M": ("man",), "X": ("nonbinary",)},
        {"W": ("woman",), "D": ("nonbinary",)},
        {"Female": ("woman",), "Male": ("man",), "Non-binary": ("nonbinary",)},
        {"Nonbinary": ("nonbinary",), "NB": ("nonbinary",), "Non binary": ("nonbinary",), "Enby": ("nonbinary",)},
        {"Women": ("woman",), "Men": ("man",)},
    ),
    "formats": (
        dict.fromkeys(("Telehealth", "Online", "Virtual", "Remote", "Zoom", "Teletherapy", "Video call"), _VIDEO),
        dict.fromkeys(
            ("Office", "Onsite", "On site", "Face to face", "Face-to-face", "In-person", "Clinic"), _IN_PERSON
        ),
        dict.fromkeys(("Either", "Both", "Hybrid", "Any", "No preference", "Flexible", "Video or in person"), _BOTH),
        {"Telephone": ("phone",), "Call": ("phone",), "Groups": ("group",)},
    ),
    "priority": (
        dict.fromkeys(("High", "Emergency", "Crisis", "Immediate", "ASAP"), ("urgent",)),
        dict.fromkeys(("Medium", "Moderate", "Elevated"), ("soon",)),
        dict.fromkeys(("Low", "Normal", "Standard", "Non-urgent", "Not urgent"), ("routine",)),
    ),
    "rater": (
        dict.fromkeys(("Patient", "Self", "Service user", "Participant"), ("client",)),
        dict.fromkeys(("Clinician", "Provider", "Counselor", "Counsellor", "Staff"), ("therapist",)),
        dict.fromkeys(("Rater", "Independent", "Supervisor"), ("observer",)),
    ),
}
YES_NO_COLUMNS = ("lgbtq", "lgbtq_affirming", "dropped_out")
OWN_WORDS: dict[str, tuple[str, ...]] = {  # codes that need no translation, as further evidence of what a column is
    "gender": ("woman", "man", "nonbinary"),
    "formats": ("video", "in person", "phone", "group"),
    "languages": (
        *("english", "spanish", "french", "mandarin", "german", "portuguese", "arabic", "hindi", "russian", "korean"),
        *("italian", "vietnamese", "tagalog", "cantonese", "japanese", "polish", "turkish", "chinese", "farsi"),
    ),
    "religion": (
        *(
            "christian",
            "catholic",
            "protestant",
            "muslim",
            "jewish",
            "hindu",
            "buddhist",
            "atheist",
            "agnostic",
            "none",
        ),
        *("sikh", "spiritual", "other", "mormon", "orthodox"),
    ),
    "race_ethnicity": (
        *(
            "white",
            "black",
            "asian",
            "hispanic",
            "latino",
            "latina",
            "latinx",
            "multiracial",
            "native american",
            "other",
        ),
        *("african american", "caucasian", "pacific islander", "mixed", "indigenous", "middle eastern"),
    ),
}
STRENGTH_WORDS: dict[str, str] = {  # words in the brackets of a wish
    **dict.fromkeys(("must", "required", "require", "essential", "only", "needed", "need", "mandatory"), "must"),
    **dict.fromkeys(("prefer", "preferred", "would like", "nice to have", "ideally", "if possible", "wish"), "prefer"),
    **dict.fromkeys(("avoid", "rather not", "prefer not", "not preferred", "if possible not"), "avoid"),
    **dict.fromkeys(("never", "not", "no", "must not", "exclude", "excluded", "refused"), "never"),
}
NUMBER_WORDS: dict[str, dict[str, int]] = {  # words in columns of numbers, by column
    "open_slots": {"full": 0, "closed": 0, "no openings": 0, "not accepting": 0},
}
REFUSAL_WORDS = (  # answers that give no answer, besides those in `missing_words`
    *("declined", "declined to answer", "refused", "refused to answer", "prefer not to say", "prefer not to answer"),
    *("did not answer", "no response", "skipped", "blank", "pending", "not asked", "rather not say", "don't know"),
)
MISSING_NUMBERS = (-1, -9, -99, -999, 77, 88, 98, 99, 777, 888, 998, 999, 9999)  # what forms often write for no answer
